"""What became of an invoice that was delivered by itself, in words."""

from resident.charging.delivering import AtOnce

from ._locale import _, ngettext


def sent(done: AtOnce) -> list[str]:
    """Sentences; one at least."""
    told = []
    if done.mails:
        told.append(ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", done.mails))
    if done.papers:
        told.append(ngettext("%(n)d paper waits to be printed.", "%(n)d papers wait to be printed.", done.papers))
    return told or [_("It is in the portal: nobody wants it by mail or on paper.")]
