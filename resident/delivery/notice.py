"""Notices to the outside: "something waits for you", with a link and nothing personal (rule 48).

The order to send one is a job, written in the transaction of its cause; the worker renders and sends it. The address
and the wish are looked up again at sending: whoever has unsubscribed or left meanwhile gets nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock, jobs
from ..homes.organisation import Organisation
from ..jobs import Job
from ..people import representation
from ..people.person import BEFORE_LASTS, Login, Person

# What can wait: an answer in a thread, a change or comment in a case, a reading window, an invoice; a browser in which
# somebody signed in for the first time; readings that came from a phone or a machine and are not booked; a meter whose
# verification ends; water that flows through whole nights; a month's consumption; a payment in the portal that was paid;
# rent or an advance that changes; something to be paid soon, or not paid in time.
KINDS = (
    "message", "case", "window", "invoice", "device", "slip", "verification", "leak", "consumption", "payment", "amount",
    "payment_due", "payment_late",
)  # fmt: skip
# What is told whether it was wanted or not, because somebody else may be at work: a second factor added, removed or
# bypassed by a recovery code; a password changed or reset; a start letter for somebody who is in already; a strong
# identification added to a sign-in that was there (S08, S10).
WARNINGS = ("factor", "password", "letter", "address", "identity")


@dataclass(frozen=True, slots=True)
class Notice:
    """All that a mail about it is made from. path begins with a slash."""

    # Of the order; with more than one mail to an order, its number beside it.
    job_id: int | str
    to: str
    organisation: str
    kind: str
    path: str
    language: str
    # What else its words need: {"links": [(whose, path), …]}.
    facts: dict = field(default_factory=dict)


def tell(session: Session, person_id: int, kind: str, url_path: str, *, acting: bool = True) -> Job | None:
    """Order a notice in this transaction to a person and to those who act for them today, each by their own wish and address.

    The person's own order; None when they want none or have no address. acting=False: nobody else, as for work at the desk.
    kind: one of KINDS.
    """
    if kind not in KINDS or not url_path.startswith("/"):
        raise ValueError(kind, url_path)
    told, own = set(), None
    for id in (person_id, *(representation.acting_for(session, person_id) if acting else ())):
        row = session.execute(_reader(id, kind)).first()
        if row is None or row.email.casefold() in told:
            continue
        told.add(row.email.casefold())
        order = {"person_id": id, "kind": kind, "path": url_path, "language": _language(row)}
        job = jobs.add(session, "mail", order if id == person_id else order | {"of": person_id})
        own = job if id == person_id else own
    return own


def warn(session: Session, login_id: int, kind: str, url_path: str) -> None:
    """Order a warning to every address of a login in this transaction. kind: one of WARNINGS."""
    if kind not in WARNINGS or not url_path.startswith("/"):
        raise ValueError(kind, url_path)
    _to_login(session, login_id, kind, url_path)
    if kind in ("letter", "password", "factor"):
        _to_old_addresses(session, login_id, kind, url_path)


def _to_old_addresses(session: Session, login_id: int, kind: str, url_path: str) -> None:
    """Whoever changed an address lately may be somebody else: who had the one before is told too (S08)."""
    lately = Person.email_changed_at > clock.now() - BEFORE_LASTS
    for person_id in session.scalars(select(Person.id).where(Person.login_id == login_id, lately).order_by(Person.id)).all():
        if row := session.execute(_reader(person_id, kind, before=True)).first():
            order = {"person_id": person_id, "kind": kind, "path": url_path, "language": _language(row), "before": True}
            jobs.add(session, "mail", order)


def tell_login(session: Session, login_id: int, kind: str, url_path: str) -> None:
    """Order a notice to every address of a login at which mails are wanted, in this transaction. kind: one of KINDS."""
    if kind not in KINDS or not url_path.startswith("/"):
        raise ValueError(kind, url_path)
    _to_login(session, login_id, kind, url_path)


def _to_login(session: Session, login_id: int, kind: str, url_path: str) -> None:
    told = set()
    for person_id in session.scalars(select(Person.id).where(Person.login_id == login_id).order_by(Person.id)).all():
        row = session.execute(_reader(person_id, kind)).first()
        if row and row.email.casefold() not in told:
            told.add(row.email.casefold())
            jobs.add(session, "mail", {"person_id": person_id, "kind": kind, "path": url_path, "language": _language(row)})


def of(session: Session, job: Job) -> Notice | None:
    """The notice that a job orders; None when the person no longer wants it, or no longer acts for whom it was about."""
    order = job.payload
    if "of" in order and order["person_id"] not in representation.acting_for(session, order["of"]):
        return None
    row = session.execute(_reader(order["person_id"], order["kind"], order.get("before", False))).first()
    if row is None:
        return None
    return Notice(job.id, row.email, row.organisation, order["kind"], order["path"], order["language"])


def _reader(person_id: int, kind: str, before: bool = False):
    """before: at the address that the person had before the one of today."""
    address = Person.email_before if before else Person.email
    there = (address.is_not(None), address != "", Login.disabled_at.is_(None))
    wanted = there if kind in WARNINGS else (Person.notify_email, *there)
    if kind == "consumption":
        wanted = (Person.consumption_mail, *wanted)
    return (
        select(
            address.label("email"),
            Person.language,
            Login.language.label("chosen"),
            Organisation.name.label("organisation"),
            Organisation.languages,
        )
        .join(Organisation, Organisation.id == Person.organisation_id)
        .join(Login, Login.id == Person.login_id)
        .where(Person.id == person_id, *wanted)
    )


def _language(row) -> str:
    """What the person chose in the portal, else what the register says, else the organisation's first."""
    return row.chosen or row.language or row.languages.split()[0]


# (notice) -> (subject, text), in the notice's language; the edge has the words.
Render = Callable[[Notice], tuple[str, str]]
