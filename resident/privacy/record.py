"""What is stored about one person in one organisation, kind by kind: for their own page and for the copy of it (S57, S58).

Each kind is one statement, so that a page counts and a copy writes the very same rows. Of other people nothing stands in
them but what the person was told: a message from the staff carries their post, not their name.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from ..banking.bank_file import BankCredit, PayerAccount
from ..charging.charge import ChargeType, Membership, TenureAmount
from ..exchange.register_import import RegisterImport
from ..files import Attachment
from ..homes.building import Building, Unit
from ..metering.device_key import DeviceKey
from ..metering.meter import Meter, Register
from ..metering.reading import Reading, Receipt
from ..metering.slip import Slip
from ..money.account import Account, Reference
from ..money.invoice import Invoice, InvoiceLine, Series
from ..money.ledger import Entry
from ..paying.intent import PaymentIntent
from ..people.agreement import AgreementFile, AgreementTerm
from ..people.consent import Consent
from ..people.credential import Credential
from ..people.device import Device
from ..people.factor import Factor, RecoveryCode
from ..people.handover import Handover, HandoverReading
from ..people.identification import Identity, IdentityCheck, PersonalCode
from ..people.invitation import Invitation
from ..people.letter import StartLetter
from ..people.link import Link
from ..people.person import Login, Person, PersonWord
from ..people.post import Post, PostBuilding
from ..people.representation import Representation
from ..people.sign_in import LoginSession
from ..people.tenure import Holding, Party, Tenure
from ..talk.case import Case, CaseEvent
from ..talk.thread import Message, Thread


@dataclass(frozen=True, slots=True)
class Whose:
    """A person in an organisation. login_id 0: none. tenures: those in which they have or had a part; papers: those of them
    whose money and agreement are theirs to see, as the primary or a co-owner; units: what these tenures hold or held."""

    person_id: int
    organisation_id: int
    login_id: int
    tenures: tuple[int, ...]
    papers: tuple[int, ...]
    units: tuple[int, ...]


def whose(session: Session, person: Person) -> Whose:
    rows = session.execute(select(Party.tenure_id, Party.role).where(Party.person_id == person.id)).all()
    tenures = tuple(sorted({row.tenure_id for row in rows}))
    papers = tuple(sorted({row.tenure_id for row in rows if row.role != "occupant"}))
    units = tuple(session.scalars(select(Holding.unit_id).where(Holding.tenure_id.in_(tenures)).distinct()))
    return Whose(person.id, person.organisation_id, person.login_id or 0, tenures, papers, units)


# ---- The kinds -------------------------------------------------------------------------------------------------------

_PERSON = (
    "id", "kind", "external_key", "name", "email", "email_wanted", "email_confirmed_at", "email_before", "email_changed_at",
    "phone", "vat_number", "language", "invoice_language",
    "invoice_paper", "invoice_email", "invoice_attached", "invoice_addresses",
    "notify_email", "notify_sms", "alert_copies", "remind_readings",
    "consumption_mail", "consumption_told", "non_disclosure", "delivered_only",
)  # fmt: skip


def _of(thing, *names: str) -> list:
    return [getattr(thing, name) for name in names]


def _person(of: Whose) -> Select:
    return select(*_of(Person, *_PERSON)).where(Person.id == of.person_id)


def _words(of: Whose) -> Select:
    return select(PersonWord.word).where(PersonWord.person_id == of.person_id).order_by(PersonWord.word)


def _login(of: Whose) -> Select:
    changed = select(func.max(Credential.changed_at)).where(Credential.login_id == Login.id).scalar_subquery()
    columns = (*_of(Login, "name", "language", "created_at"), changed.label("password_changed_at"))
    return select(*columns).where(Login.id == of.login_id)


def _consents(of: Whose) -> Select:
    return select(*_of(Consent, "kind", "given", "at")).where(Consent.person_id == of.person_id).order_by(Consent.id)


def _homes(of: Whose) -> Select:
    columns = (
        Party.id, Party.role, Party.rights, Party.called, Party.first, Party.last, Tenure.kind.label("tenure"),
        Tenure.external_key, Tenure.signed, Tenure.first.label("tenure_first"), Tenure.last.label("tenure_last"),
        Unit.number, Building.address,
    )  # fmt: skip
    joined = select(*columns).join(Tenure, Tenure.id == Party.tenure_id).join(Holding, Holding.tenure_id == Tenure.id)
    joined = joined.join(Unit, Unit.id == Holding.unit_id).join(Building, Building.id == Unit.building_id)
    return joined.where(Party.person_id == of.person_id).order_by(Party.id)


def _representations(of: Whose) -> Select:
    acts = (Representation.person_id == of.person_id).label("acts_for_somebody")
    mine = or_(Representation.person_id == of.person_id, Representation.of_person_id == of.person_id)
    return select(acts, *_of(Representation, "ground", "first", "last")).where(mine).order_by(Representation.id)


def _posts(of: Whose) -> Select:
    joined = select(*_of(Post, "role", "first", "last"), Building.address).where(Post.person_id == of.person_id)
    joined = joined.outerjoin(PostBuilding, PostBuilding.post_id == Post.id)
    return joined.outerjoin(Building, Building.id == PostBuilding.building_id).order_by(Post.id)


def _terms(of: Whose) -> Select:
    names = ("first", "rent", "deposit", "notice_months", "text")
    return select(*_of(AgreementTerm, *names)).where(AgreementTerm.tenure_id.in_(of.papers)).order_by(AgreementTerm.id)


def _papers(of: Whose) -> Select:
    names = ("kind", "title", "name", "stored", "size", "at")
    mine = (AgreementFile.tenure_id.in_(of.papers), AgreementFile.removed_at.is_(None))
    return select(*_of(AgreementFile, *names)).where(*mine).order_by(AgreementFile.id)


def _readings(of: Whose) -> Select:
    """Those that the person entered: by their receipts, which lead to them through an index."""
    columns = (
        Receipt.number.label("receipt"), Meter.medium, Meter.serial, Register.name.label("register"),
        *_of(Reading, "day", "value", "source", "state", "reason", "note", "decided_note", "at"),
    )  # fmt: skip
    joined = select(*columns).join(Receipt, Receipt.id == Reading.receipt_id)
    joined = joined.join(Register, Register.id == Reading.register_id).join(Meter, Meter.id == Register.meter_id)
    return joined.where(_own_receipts(of)).order_by(Reading.id)


def _slips(of: Whose) -> Select:
    """Those of the person's that came without a page, as they were typed."""
    names = ("day", "typed", "via", "state", "why", "decided_note", "typed_at", "at")
    return select(*_of(Slip, *names)).where(Slip.unit_id.in_(of.units), Slip.person_id == of.person_id).order_by(Slip.id)


def _device_keys(of: Whose) -> Select:
    names = ("name", "made_at", "used_at", "ended_at")
    joined = select(*_of(DeviceKey, *names)).join(Party, Party.id == DeviceKey.party_id)
    return joined.where(Party.person_id == of.person_id).order_by(DeviceKey.id)


def _own_receipts(of: Whose):
    return and_(Receipt.unit_id.in_(of.units), Receipt.person_id == of.person_id)


def _handovers(of: Whose) -> Select:
    mine = or_(Handover.leaving_id.in_(of.papers), Handover.coming_id.in_(of.papers))
    return select(*_of(Handover, "day", "state", "keys", "note", "made_at", "done_at")).where(mine).order_by(Handover.id)


def _handover_readings(of: Whose) -> Select:
    joined = select(Handover.day, HandoverReading.value).join(Handover, Handover.id == HandoverReading.handover_id)
    return joined.where(HandoverReading.by_person_id == of.person_id).order_by(HandoverReading.id)


def own_invoices(of: Whose):
    """The SQL condition "made out in this person's name", beside Invoice."""
    accounts = select(Account.id).where(Account.tenure_id.in_(of.papers), Account.creditor_id == of.organisation_id)
    named = Invoice.addressee["person_id"].as_integer()
    return and_(Invoice.account_id.in_(accounts), or_(named == of.person_id, named.is_(None)))


def _invoices(of: Whose) -> Select:
    names = ("foreign_number", "kind", "month", "issued", "due", "total", "currency", "language", "addressee", "reference")
    names += ("seller_vat",)
    joined = select(Invoice.id, Series.year.label("number_year"), Invoice.number, *_of(Invoice, *names, "voided_at"))
    return joined.outerjoin(Series, Series.id == Invoice.series_id).where(own_invoices(of)).order_by(Invoice.id)


def _invoice_lines(of: Whose) -> Select:
    names = ("invoice_id", "position", "text", "quantity", "measure", "unit_price", "amount", "vat_rate", "vat_amount", "estimated")
    names += ("note", "first", "last", "days", "readings")
    joined = select(*_of(InvoiceLine, *names)).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    return joined.where(own_invoices(of)).order_by(InvoiceLine.invoice_id, InvoiceLine.position)


def _amounts(of: Whose) -> Select:
    """Rents and advances of the person's tenures, and what charge they are."""
    columns = (ChargeType.code, *_of(TenureAmount, "first", "amount", "announced"))
    joined = select(*columns).join(ChargeType, ChargeType.id == TenureAmount.charge_type_id)
    own = TenureAmount.tenure_id.in_(of.papers), ChargeType.organisation_id == of.organisation_id
    return joined.where(*own).order_by(TenureAmount.id)


def _memberships(of: Whose) -> Select:
    """Whether the person's tenures are members' of the association."""
    joined = select(*_of(Membership, "first", "member")).join(Tenure, Tenure.id == Membership.tenure_id)
    own = Membership.tenure_id.in_(of.papers), Tenure.organisation_id == of.organisation_id
    return joined.where(*own).order_by(Membership.id)


def _entries(of: Whose) -> Select:
    names = ("kind", "amount", "value_day", "booked_day", "text")
    joined = select(Account.number.label("account"), *_of(Entry, *names)).join(Account, Account.id == Entry.account_id)
    return joined.where(Account.tenure_id.in_(of.papers), Account.creditor_id == of.organisation_id).order_by(Entry.id)


def _references(of: Whose) -> Select:
    joined = select(Account.number.label("account"), *_of(Reference, "scheme", "value", "first", "last"))
    joined = joined.join(Account, Account.id == Reference.account_id)
    return joined.where(Account.tenure_id.in_(of.papers), Account.creditor_id == of.organisation_id).order_by(Reference.id)


def _bank_payments(of: Whose) -> Select:
    """What came to the bank for one's accounts. Who paid may be somebody else, and stays out."""
    names = ("amount", "value_day", "booked_day", "reference", "text")
    joined = select(Account.number.label("account"), *_of(BankCredit, *names)).join(Account, Account.id == BankCredit.account_id)
    return joined.where(Account.tenure_id.in_(of.papers), Account.creditor_id == of.organisation_id).order_by(BankCredit.id)


def _payer_accounts(of: Whose) -> Select:
    joined = select(Account.number.label("account"), *_of(PayerAccount, "number", "at"))
    joined = joined.join(Account, Account.id == PayerAccount.account_id)
    return joined.where(Account.tenure_id.in_(of.papers), Account.creditor_id == of.organisation_id).order_by(PayerAccount.id)


def _threads(of: Whose) -> Select:
    return select(*_of(Thread, "number", "addressee", "subject", "opened_at")).where(Thread.person_id == of.person_id)


def _messages(of: Whose) -> Select:
    """Those of the person's own threads, both ways."""
    columns = (Thread.number.label("thread"), *_of(Message, "id", "by_staff", "role", "text", "at"))
    joined = select(*columns).join(Thread, Thread.id == Message.thread_id)
    return joined.where(Thread.person_id == of.person_id).order_by(Message.id)


def _written(of: Whose) -> Select:
    """What the person wrote in a post, to others."""
    written = (Message.by_staff, Message.person_id == of.person_id)
    columns = (Thread.number.label("thread"), *_of(Message, "role", "text", "at"))
    within = Thread.organisation_id == of.organisation_id
    return select(*columns).join(Thread, Thread.id == Message.thread_id).where(within, *written).order_by(Message.id)


def _cases(of: Whose) -> Select:
    names = ("number", "category", "subject", "place", "text", "entry", "when", "pets", "phone", "state", "opened_at", "done_at")
    return select(*_of(Case, *names)).where(Case.person_id == of.person_id).order_by(Case.id)


def _events(of: Whose) -> Select:
    """The history of the person's faults without what staff tell one another; and what the person wrote in other faults."""
    told = and_(Case.person_id == of.person_id, CaseEvent.kind != "internal")
    own = and_(Case.organisation_id == of.organisation_id, CaseEvent.person_id == of.person_id)
    columns = (Case.number.label("case"), *_of(CaseEvent, "by_staff", "role", "kind", "state", "text", "at"))
    return select(*columns).join(Case, Case.id == CaseEvent.case_id).where(or_(told, own)).order_by(CaseEvent.id)


def own_files(of: Whose):
    """The SQL condition "sent by the person, or to them", beside Attachment."""
    messages = select(Message.id).join(Thread, Thread.id == Message.thread_id).where(Thread.person_id == of.person_id)
    events = select(CaseEvent.id).join(Case, Case.id == CaseEvent.case_id)
    events = events.where(Case.person_id == of.person_id, CaseEvent.kind != "internal")
    sent = and_(Attachment.login_id == of.login_id, Attachment.organisation_id == of.organisation_id)
    return or_(sent, Attachment.message_id.in_(messages), Attachment.event_id.in_(events))


def _files(of: Whose) -> Select:
    return select(*_of(Attachment, "id", "name", "stored", "kind", "size", "at")).where(own_files(of)).order_by(Attachment.id)


def _invitations(of: Whose) -> Select:
    """Made by the person: the name that they gave is another's, and stays out. Of the one they accepted, it is their own."""
    made = select(*_of(Invitation, "role", "rights", "first", "last", "made_at"), literal(None).label("called"))
    accepted = select(*_of(Invitation, "role", "rights", "first", "last", "made_at"), Invitation.called)
    accepted = accepted.join(Party, Party.id == Invitation.party_id).where(Party.person_id == of.person_id)
    return union_all(made.where(Invitation.by_person_id == of.person_id), accepted)


def _of_login(thing, *names: str) -> Callable[[Whose], Select]:
    return lambda of: select(*_of(thing, *names)).where(thing.login_id == of.login_id).order_by(thing.id)


def _of_person(thing, *names: str) -> Callable[[Whose], Select]:
    return lambda of: select(*_of(thing, *names)).where(thing.person_id == of.person_id).order_by(thing.id)


def _links(of: Whose) -> Select:
    mine = or_(Link.person_id == of.person_id, Link.login_id == of.login_id)
    return select(*_of(Link, "kind", "made_at", "expires_at", "used_at", "ended_at")).where(mine).order_by(Link.id)


# name: the statement of its rows. How the page groups them: blueprints/_record_words.py.
KINDS: dict[str, Callable[[Whose], Select]] = {
    "person": _person,
    "search_words": _words,
    "login": _login,
    "consents": _consents,
    "homes": _homes,
    "representations": _representations,
    "posts": _posts,
    "invitations": _invitations,
    "agreement_terms": _terms,
    "agreement_files": _papers,
    "handovers": _handovers,
    "handover_readings": _handover_readings,
    "readings": _readings,
    "slips": _slips,
    "device_keys": _device_keys,
    "invoices": _invoices,
    "invoice_lines": _invoice_lines,
    "rents": _amounts,
    "memberships": _memberships,
    "account_entries": _entries,
    "payment_references": _references,
    "online_payments": _of_person(PaymentIntent, "amount", "currency", "state", "method", "receipt", "made_at", "ended_at"),
    "bank_payments": _bank_payments,
    "payer_accounts": _payer_accounts,
    "threads": _threads,
    "messages": _messages,
    "messages_as_staff": _written,
    "faults": _cases,
    "fault_history": _events,
    "files": _files,
    "identity_checks": _of_person(IdentityCheck, "method", "day", "at"),
    # The code itself is nowhere: only a keyed hash by which it is known again.
    "personal_codes": _of_person(PersonalCode, "country", "at"),
    "start_letters": _of_person(StartLetter, "method", "issued_on", "expires_at", "used_at", "activated_at"),
    "identities": _of_login(Identity, "issuer", "subject", "paired_at", "used_at"),
    "sessions": _of_login(LoginSession, "began_at", "seen_at", "ended_at", "address", "agent", "way"),
    "devices": _of_login(Device, "agent", "first_at", "seen_at"),
    "factors": _of_login(Factor, "kind", "name", "added_at", "used_at"),
    "recovery_codes": _of_login(RecoveryCode, "made_at", "used_at"),
    "links": _links,
    "imports": _of_person(RegisterImport, "name", "trial", "state", "at"),
}


def counts(session: Session, of: Whose) -> dict[str, int]:
    """How many rows there are of each kind, in one SELECT."""
    each = [
        select(literal(name).label("name"), func.count().label("n")).select_from(statement(of).order_by(None).subquery())
        for name, statement in KINDS.items()
    ]
    return {row.name: row.n for row in session.execute(union_all(*each))}


def rows(session: Session, of: Whose, name: str) -> list[dict]:
    return [dict(row._mapping) for row in session.execute(KINDS[name](of))]
