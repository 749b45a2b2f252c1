"""Erasing what an organisation stores about a person (rule 38, S58): asked for by them, done by the office.

What bookkeeping must keep stays: invoices as they were made out, entries of the ledger, readings. Numbers of threads and
faults stay, their words do not. Names and addresses on invoices go at the end of their time: retention.py.
"""

from datetime import date

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..banking.bank_file import PayerAccount
from ..errors import ResidentError
from ..files import Attachment
from ..homes import setting
from ..homes.organisation import Organisation
from ..jobs import Job
from ..metering.device_key import DeviceKey
from ..metering.reading import Reading
from ..metering.slip import Slip
from ..money.account import Account
from ..money.invoice import Invoice
from ..money.ledger import AccountTotal, Entry, Item, OpenItem
from ..moves import inviting
from ..once import FormKey
from ..people import address, sign_in
from ..people.agreement import AgreementFile, AgreementTerm
from ..people.consent import Consent
from ..people.credential import Credential
from ..people.device import Device
from ..people.factor import Factor, RecoveryCode
from ..people.handover import Handover
from ..people.identification import Identity, IdentityCheck, PersonalCode
from ..people.invitation import Invitation
from ..people.letter import StartLetter
from ..people.link import Link
from ..people.person import ERASED, Login, Person, PersonWord
from ..people.post import Post
from ..people.representation import Representation
from ..people.sign_in import LoginSession
from ..people.tenure import Party, Tenure
from ..talk.case import Case, CaseEvent
from ..talk.thread import Message, Thread
from .erasure import Erasure
from .export import DataExport
from .record import Whose, own_files, own_invoices, whose

# The kind of the job that removes the files and the last traces in the store's own journal.
KIND = "erasure"


class StandsAgainst(ResidentError):
    """The person cannot be erased now. what: of "tenure", "money", "case", "post", "acts"; see against()."""


class AlreadyErased(ResidentError):
    """It was done before."""


def ask(session: Session, person: Person, *, by) -> Erasure:
    """The person asks for it; the office does it. Asking again changes nothing."""
    row = of(session, person.id)
    if row is not None:
        return row
    row = Erasure(organisation_id=person.organisation_id, person_id=person.id, asked_at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, "erasure_asked", by=by, organisation_id=person.organisation_id, thing=person)
    session.flush()
    return row


def withdraw(session: Session, row: Erasure, *, by) -> None:
    """The person takes the request back. AlreadyErased."""
    if row.erased_at is not None:
        raise AlreadyErased()
    session.delete(row)
    audit.record(session, "erasure_withdrawn", by=by, organisation_id=row.organisation_id, thing=Person(id=row.person_id))
    session.flush()


def of(session: Session, person_id: int) -> Erasure | None:
    return session.scalar(select(Erasure).where(Erasure.person_id == person_id))


# ---- What stands against it ------------------------------------------------------------------------------------------


def against(session: Session, person: Person, today: date) -> list[str]:
    """Why the person cannot be erased: "tenure" in force or to come, "money" open, "case" not closed, a "post", or "acts" for
    somebody, or has somebody who acts for them."""
    mine = whose(session, person)
    party = (Party.person_id == person.id, or_(Party.last.is_(None), Party.last >= today))
    held = select(Party.id).join(Tenure, Tenure.id == Party.tenure_id)
    post = (Post.person_id == person.id, or_(Post.last.is_(None), Post.last >= today))
    acts = or_(Representation.person_id == person.id, Representation.of_person_id == person.id)
    found = {
        "tenure": held.where(*party, or_(Tenure.last.is_(None), Tenure.last >= today)),
        "money": _owed(mine, today),
        "case": select(Case.id).where(Case.person_id == person.id, Case.state.not_in(("closed", "rejected"))),
        "post": select(Post.id).where(*post),
        "acts": select(Representation.id).where(acts, or_(Representation.last.is_(None), Representation.last >= today)),
    }
    return [name for name, statement in found.items() if session.scalar(statement.limit(1)) is not None]


def _owed(mine: Whose, today: date):
    """Invoices in the person's name that are not paid, or an account of a tenure of theirs that ended above or below zero."""
    items = select(OpenItem.account_id).join(Item, Item.id == OpenItem.item_id).join(Invoice, Invoice.id == Item.invoice_id)
    ended = select(AccountTotal.account_id).join(Account, Account.id == AccountTotal.account_id)
    ended = ended.join(Tenure, Tenure.id == Account.tenure_id).join(Party, Party.tenure_id == Tenure.id)
    left = ended.where(Party.person_id == mine.person_id, Party.role == "primary", Tenure.last < today, AccountTotal.amount != 0)
    return items.where(own_invoices(mine)).union_all(left)


# ---- Doing it --------------------------------------------------------------------------------------------------------


def erase(session: Session, person: Person, *, by) -> Erasure:
    """Erase a person. StandsAgainst(what), AlreadyErased. Files are removed by the worker, in the same order of things."""
    session.refresh(person, with_for_update=True)
    if person.erased_at is not None:
        raise AlreadyErased()
    organisation = session.get_one(Organisation, person.organisation_id)
    today = clock.today(organisation.tz)
    if what := against(session, person, today):
        raise StandsAgainst(what=what)
    mine, kept = whose(session, person), Kept(session, person, organisation, today)
    files = _files(session, mine, today)
    _talk(session, mine)
    _machines(session, mine)
    _payers(session, mine, today)
    _home(session, mine, today)
    _ways_in(session, mine)
    _self(session, person)
    jobs.add(session, KIND, files)
    row = of(session, person.id) or Erasure(organisation_id=organisation.id, person_id=person.id)
    row.erased_at, row.by_person_id, row.kept, row.until = clock.now(), by.person_id, kept.counts, kept.until
    row.done_at = None if kept.until else row.erased_at
    session.add(row)
    session.flush()
    audit.record(session, "person_erased", by=by, organisation_id=organisation.id, thing=person, facts={"kept": kept.counts})
    session.flush()
    return row


class Kept:
    """What bookkeeping keeps: counts by kind, and until, the last day of the newest invoice's time (None: nothing)."""

    def __init__(self, session: Session, person: Person, organisation: Organisation, today: date):
        mine = whose(session, person)
        years = setting.in_force(session, organisation.id, organisation.country, today)["retention_years"]
        count, newest = session.execute(select(func.count(Invoice.id), func.max(Invoice.issued)).where(own_invoices(mine))).one()
        accounts = select(Account.id).where(Account.tenure_id.in_(mine.papers), Account.creditor_id == organisation.id)
        entries = session.scalar(select(func.count(Entry.id)).where(Entry.account_id.in_(accounts)))
        readings = session.scalar(select(func.count(Reading.id)).where(Reading.person_id == person.id))
        self.counts = {"invoices": count, "entries": entries, "readings": readings}
        self.until = last_day(newest, years) if newest else None


def last_day(issued: date, years: int) -> date:
    """Until when an invoice is kept: so many whole years after the year that it was made in."""
    return date(issued.year + years, 12, 31)


def _files(session: Session, mine: Whose, today: date) -> dict[str, list[str]]:
    """Forget the files; the names under which their octets lie, for the worker."""
    sent = session.scalars(select(Attachment.stored).where(own_files(mine))).all()
    papers = AgreementFile.tenure_id.in_(_ended(mine, today))
    kept = session.scalars(select(AgreementFile.stored).where(papers)).all()
    copies = session.scalars(select(DataExport.stored).where(DataExport.person_id == mine.person_id)).all()
    _run(session, delete(Attachment).where(own_files(mine)), delete(AgreementFile).where(papers))
    _run(session, delete(DataExport).where(DataExport.person_id == mine.person_id))
    return {"files": [*sent, *kept], "copies": [name for name in copies if name]}


def _ended(mine: Whose, today: date):
    """Tenures of which the person was the primary holder, and which are over: nobody else's agreement."""
    own = (Party.person_id == mine.person_id, Party.role == "primary")
    return select(Tenure.id).join(Party, Party.tenure_id == Tenure.id).where(*own, Tenure.last < today)


def _talk(session: Session, mine: Whose) -> None:
    """The words of the person's threads and faults, whoever wrote them, and what they wrote in others'."""
    threads = select(Thread.id).where(Thread.person_id == mine.person_id)
    cases = select(Case.id).where(Case.person_id == mine.person_id)
    told = CaseEvent.case_id.in_(cases) | ((CaseEvent.person_id == mine.person_id) & ~CaseEvent.by_staff)
    _run(
        session,
        update(Message).where(Message.thread_id.in_(threads)).values(text=ERASED),
        update(Thread).where(Thread.person_id == mine.person_id).values(subject=ERASED),
        update(CaseEvent).where(told, CaseEvent.text.is_not(None)).values(text=ERASED),
        update(Case)
        .where(Case.person_id == mine.person_id)
        .values(subject=ERASED, place=ERASED, text=ERASED, when=None, phone=None, version=Case.version + 1),
        update(Reading)
        .where(Reading.person_id == mine.person_id, or_(Reading.note.is_not(None), Reading.decided_note.is_not(None)))
        .values(note=None, decided_note=None),
    )


def _payers(session: Session, mine: Whose, today: date) -> None:
    """From which bank accounts was paid for tenures that are over. What the bank said of each payment is bookkeeping's, and goes
    at the end of its time (banking/forgetting.py)."""
    accounts = select(Account.id).where(Account.tenure_id.in_(_ended(mine, today)), Account.creditor_id == mine.organisation_id)
    _run(session, delete(PayerAccount).where(PayerAccount.account_id.in_(accounts)))


def _machines(session: Session, mine: Whose) -> None:
    """Keys of the person's parts in homes, and what they sent without a page. Of that, what the desk has still to decide about
    stays as figures without a name; a pasted sentence does not."""
    keys = select(DeviceKey.id).join(Party, Party.id == DeviceKey.party_id).where(Party.person_id == mine.person_id)
    sent = or_(Slip.person_id == mine.person_id, Slip.device_key_id.in_(keys))
    waits = (Slip.state == "held", Slip.why != "refused")
    _run(
        session,
        delete(Slip).where(sent, ~and_(*waits)),
        update(Slip).where(sent).values(person_id=None, device_key_id=None),
        delete(DeviceKey).where(DeviceKey.id.in_(keys)),
    )


def _home(session: Session, mine: Whose, today: date) -> None:
    """Names that somebody gave the person in a home, whom they invited, and the words of agreements that are over."""
    parties = select(Party.id).where(Party.person_id == mine.person_id)
    made = session.execute(select(Invitation.id, Invitation.link_id).where(Invitation.by_person_id == mine.person_id)).all()
    invitations, links = [row.id for row in made], [row.link_id for row in made]
    ended = _ended(mine, today)
    _run(
        session,
        update(Party).where(Party.person_id == mine.person_id).values(called=None),
        update(Invitation).where(Invitation.party_id.in_(parties)).values(called=ERASED),
        delete(Invitation).where(Invitation.id.in_(invitations)),
        delete(Link).where(Link.id.in_(links)),
        delete(Job).where(Job.kind == inviting.JOB, Job.payload["invitation_id"].as_integer().in_(invitations)),
        update(AgreementTerm).where(AgreementTerm.tenure_id.in_(ended)).values(text=None),
        update(Handover).where(Handover.leaving_id.in_(ended)).values(note=None, version=Handover.version + 1),
    )


def _ways_in(session: Session, mine: Whose) -> None:
    """Every session ends (S17). A sign-in that leads into no other organisation goes as well."""
    if not mine.login_id:
        return
    sign_in.end_all(session, mine.login_id, "erased")
    elsewhere = exists().where(Person.login_id == Login.id, Person.id != mine.person_id)
    alone = session.scalar(select(Login.id).where(Login.id == mine.login_id, ~elsewhere, ~Login.operator))
    if alone is None:
        return
    letters = delete(StartLetter).where(StartLetter.login_id == alone)
    things = (Credential, Device, Factor, RecoveryCode, Identity, FormKey, LoginSession)
    _run(session, letters, *(delete(thing).where(thing.login_id == alone) for thing in things))
    free = ~exists().where(Invitation.link_id == Link.id)
    _run(session, delete(Link).where(Link.login_id == alone, free))
    # The row stays: the audit, which is never changed, names it by its number.
    name = f"erased-{alone}"
    gone = {"name": name, "name_key": name, "language": None, "disabled_at": clock.now()}
    _run(session, update(Login).where(Login.id == alone).values(**gone))


# What is taken from the row of somebody who is erased, and what is put out.
_TAKEN = (
    "login_id", "external_key", "email", "email_wanted", "email_confirmed_at", "email_before", "email_changed_at", "phone",
    "vat_number", "language", "invoice_language", "invoice_addresses", "consumption_told",
)  # fmt: skip
_PUT_OUT = (
    "invoice_paper", "invoice_email", "invoice_attached", "notify_email", "notify_sms", "alert_copies", "consumption_mail",
    "delivered_only", "non_disclosure",
)  # fmt: skip


def _self(session: Session, person: Person) -> None:
    own = PersonWord, PersonalCode, IdentityCheck, Consent, StartLetter
    free = ~exists().where(Invitation.link_id == Link.id)
    represented = or_(Representation.person_id == person.id, Representation.of_person_id == person.id)
    orders = (Job.kind.in_(("mail", address.KIND)), Job.payload["person_id"].as_integer() == person.id)
    _run(session, *(delete(thing).where(thing.person_id == person.id) for thing in own))
    _run(session, delete(Link).where(Link.person_id == person.id, free), delete(Representation).where(represented))
    _run(session, delete(Job).where(*orders))
    for name in _TAKEN:
        setattr(person, name, None)
    for name in _PUT_OUT:
        setattr(person, name, False)
    person.name, person.search_key, person.erased_at = ERASED, ERASED, clock.now()
    session.flush()


def _run(session: Session, *statements) -> None:
    for statement in statements:
        session.execute(statement, execution_options={"synchronize_session": False})
