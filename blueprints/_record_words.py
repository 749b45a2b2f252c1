"""What is stored about a person, in words: each group of kinds, how long it stays and why."""

from typing import NamedTuple

from ._locale import _, ngettext


class Group(NamedTuple):
    """what: (name, number of rows), those that there are."""

    title: str
    what: list[tuple[str, int]]
    kept: str


def groups(counts: dict[str, int], years: int) -> list[Group]:
    """The groups in which something is stored. counts: record.counts()."""
    found = [Group(title, _there(kinds, counts), kept) for title, kinds, kept in _every(years)]
    return [group for group in found if group.what]


def _there(kinds: dict[str, str], counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(word, counts[kind]) for kind, word in kinds.items() if counts[kind]]


def _every(years: int) -> tuple:
    """[(title, {kind: word}, how long and why)] in the order of the page."""
    return _you(), _sign_in(), _homes(), _money(years), _talk()


def _you() -> tuple:
    return (
        _("You"),
        {
            "person": _("Name and contact details"),
            "consents": _("Consents given and withdrawn"),
            "identity_checks": _("Checks of your identity"),
            "personal_codes": _("Personal code, as a hash only"),
            "posts": _("Positions"),
            "representations": _("Representations"),
        },
        _("Until the data are erased: so that you can be reached and can sign in."),
    )


def _sign_in() -> tuple:
    return (
        _("Your sign-in"),
        {
            "login": _("Username, and a password that cannot be read back"),
            "identities": _("Strong identification"),
            "factors": _("Second sign-in steps and passkeys"),
            "recovery_codes": _("Recovery codes, as hashes only"),
            "devices": _("Devices that were used"),
            "sessions": _("Times signed in"),
            "start_letters": _("Start letters"),
            "links": _("Links of one use"),
        },
        _("Times signed in: 90 days after the last use. The rest until the sign-in is closed for good."),
    )


def _homes() -> tuple:
    return (
        _("Your homes"),
        {
            "homes": _("Homes and your part in them"),
            "invitations": _("Invitations"),
            "agreement_terms": _("Terms of agreements"),
            "agreement_files": _("Papers of agreements"),
            "handovers": _("Handovers"),
        },
        _("For the time of the tenure, and until the data are erased: so that rights and duties can be proved."),
    )


def _money(years: int) -> tuple:
    return (
        _("Readings and money"),
        {
            "readings": _("Readings that you entered"),
            "slips": _("Readings that came later, as they were typed"),
            "device_keys": _("Keys of machines, as hashes only"),
            "invoices": _("Invoices in your name"),
            "rents": _("Rents and advances of your homes"),
            "memberships": _("Memberships that go with your homes"),
            "account_entries": _("Entries on your billing accounts"),
            "payment_references": _("Payment references"),
            "online_payments": _("Payments that you made in the portal"),
            "bank_payments": _("Payments as your bank told them"),
            "payer_accounts": _("Bank accounts that payments came from"),
        },
        ngettext(
            "Invoices stay for %(n)d year after the year in which they were made, also after an erasure: bookkeeping laws "
            "ask for it. Entries and readings stay without your name.",
            "Invoices stay for %(n)d years after the year in which they were made, also after an erasure: bookkeeping laws "
            "ask for it. Entries and readings stay without your name.",
            years,
        ),
    )


def _talk() -> tuple:
    return (
        _("Messages and faults"),
        {
            "messages": _("Messages"),
            "messages_as_staff": _("Messages that you wrote in a position"),
            "faults": _("Faults that you reported"),
            "fault_history": _("Comments and changes of faults"),
            "files": _("Files"),
            "imports": _("Imports that you made"),
        },
        _("Until the data are erased: so that what was agreed can be looked up. The numbers stay, the words do not."),
    )


def against(what: list[str]) -> list[str]:
    """What stands against an erasure, a sentence each."""
    return [
        {
            "tenure": _("A home is still held, or will be: it has to end first."),
            "money": _("The balance of the billing account is not zero: it has to be settled first."),
            "case": _("A fault is not closed yet."),
            "post": _("A position is held, or will be: it has to end first."),
            "acts": _("Somebody is represented: this has to end first."),
        }[name]
        for name in what
    ]


def kept(counts: dict[str, int]) -> str:
    """What stays after an erasure, in one line."""
    return ", ".join(
        text
        for n, text in (
            (counts.get("invoices", 0), ngettext("%(n)d invoice", "%(n)d invoices", counts.get("invoices", 0))),
            (counts.get("entries", 0), ngettext("%(n)d entry", "%(n)d entries", counts.get("entries", 0))),
            (counts.get("readings", 0), ngettext("%(n)d reading", "%(n)d readings", counts.get("readings", 0))),
        )
        if n
    )
