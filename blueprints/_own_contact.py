"""One's own contact data and consents, as the page of details changes them (L15, R2)."""

from resident.people import address
from resident.people import consent as consents_
from resident.people import person as people
from resident.people.person import Person

from ._locale import _
from ._web import session, settings


def change(who: Person, typed: dict, version: int, by) -> bool:
    """Change contact data; True when a new e-mail address waits for its link. BadContact, Stale.

    Where no mail is sent at all, a new address holds at once: no link could reach it.
    """
    wanted = typed["email"]
    waits = bool(wanted and wanted != who.email and settings().smtp_url)
    given = typed | {"email": who.email if waits else wanted}
    # The consent has a button of its own; without an address there is nothing to consent to.
    given["notify_email"] = who.notify_email and bool(given["email"])
    people.change_contact(session, who, given, version, by=by)
    if waits:
        address.ask(session, who, wanted, by=by)
    return waits


def kinds() -> dict[str, tuple[str, str]]:
    """kind: (what is consented to, what it is for)."""
    return {
        "email": (_("E-mail when something waits"), _("A short mail with a link, without anything personal.")),
        "sms": (_("Text messages"), _("For what cannot wait, to your telephone.")),
        "alert_copies": (_("Copies of alerts by e-mail"), _("Outages and other alerts of your building, word for word.")),
    }


def choices(who: Person) -> list[dict]:
    """What one may be written to about, and whether there is a way to do it."""
    by_sms = bool(settings().sms_url) and who.notify_sms and who.phone
    way = _("by e-mail") if who.notify_email and who.email else _("by text message") if by_sms else ""
    return [
        {
            "name": "remind_readings",
            "title": _("Reminders to send readings"),
            "why": _("When the reading window opens and before it ends, with a link that needs no sign-in."),
            "wanted": who.remind_readings,
            "way": way,
        },
        {
            "name": "consumption_mail",
            "title": _("Consumption of each month"),
            "why": _("Once a month, when it is known: a mail with a link, without a figure in it."),
            "wanted": who.consumption_mail,
            "way": _("by e-mail") if who.notify_email and who.email else "",
        },
    ]


def invoices(who: Person) -> list[dict]:
    """How one's invoices come, beside the portal (K5)."""
    return [
        {"name": "invoice_paper", "title": _("Invoices on paper"), "why": _("In the letter box."), "wanted": who.invoice_paper},
        {
            "name": "invoice_email",
            "title": _("Invoices by e-mail"),
            "why": _("A mail with a link, each time there is a new invoice."),
            "wanted": who.invoice_email,
        },
        {
            "name": "invoice_attached",
            "title": _("The invoice itself in the mail"),
            "why": _("As a PDF, instead of a link alone. Mail is not secret: whoever reads your mail reads it too."),
            "wanted": who.invoice_attached,
        },
    ]


def consents(who: Person) -> list[dict]:
    """What is consented to and since when, in the order of the page."""
    since = consents_.since(consents_.log(session, who.id))
    return [
        {"kind": kind, "name": name, "why": why, "given": getattr(who, consents_.HOLDS[kind]), "since": since.get(kind)}
        for kind, (name, why) in kinds().items()
    ]


def log(who: Person) -> list[tuple]:
    """(what, given, at), the newest first."""
    words = kinds()
    return [(words[row.kind][0], row.given, row.at) for row in consents_.log(session, who.id)]


def lacking(who: Person, kind: str) -> dict[str, str]:
    """What has to be known before a consent can be given, by field."""
    if kind == "sms":
        return {} if who.phone else {"phone": _("Text messages need a telephone number. Save your number first.")}
    return {} if who.email else {"email": _("Mails need an address. Save your e-mail address first.")}
