"""How invoices went to people, in words: one that was delivered by itself, and what is recorded of any."""

from resident import clock
from resident.charging.delivering import AtOnce, Delivered

from ._locale import _, fmt, ngettext, pgettext


def sent(done: AtOnce) -> list[str]:
    """Sentences; one at least."""
    told = []
    if done.mails:
        told.append(ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", done.mails))
    if done.papers:
        told.append(ngettext("%(n)d paper waits to be printed.", "%(n)d papers wait to be printed.", done.papers))
    if done.unsent:
        told.append(_("This portal sends no mail: no mail server is set."))
    return told or [_("The invoice is in the portal: nobody wants it by mail or on paper.")]


def recorded(one: Delivered, tz: str) -> tuple[str, str, str, str]:
    """(way, to whom and since when, word of the state, class of .tag)"""
    way = _("On paper") if one.way == "paper" else _("By e-mail")
    if one.copy:
        way += " · " + pgettext("of an invoice", "Copy")
    ordered = _("ordered %(day)s", day=fmt().moment(one.ordered_at, tz))
    about = " · ".join((one.name or _("Name not shown"), ordered))
    if one.delivered_at:
        day = fmt().date(clock.day(one.delivered_at, tz))
        return way, about, _("Posted on %(day)s", day=day) if one.way == "paper" else _("Sent on %(day)s", day=day), "done"
    if one.way == "email":
        return way, about, _("On its way"), "wait"
    return way, about, _("To be printed and posted") if one.in_file else _("Waits for a file to print"), "wait"
