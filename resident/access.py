"""The whole policy of seeing: by person, tenure and day; by post, organisation, building and day.

What a viewer may not see does not exist for it: visible_* are the statements that everything else builds on (rule 39).
Who the viewer is and what its posts allow: identity.py. Days are those of the organisation's time zone.
"""

from functools import lru_cache

from sqlalchemy import Select, and_, false, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from . import clock
from .audit import AuditEvent
from .banking.bank_account import BankAccount
from .banking.bank_file import BankCredit, BankCsv, BankFile
from .banking.payout_account import PayoutAccount
from .charging.charge import ChargeType
from .charging.cost import Cost
from .charging.print_run import PrintRun
from .exchange.register_import import RegisterImport
from .files import Attachment
from .homes.building import Building, Unit
from .homes.organisation import Mandate
from .identity import ANSWERS, POSTS, SEES_CONTACTS, SEES_UNDISCLOSED, Actor, Controller, Duty, Home, Viewer, home_label
from .metering.device_key import DeviceKey
from .metering.feed import Feed, FeedRun
from .metering.leak import Leak
from .metering.medium import Medium
from .metering.meter import Meter, Register
from .metering.reading import Reading, Receipt
from .metering.slip import Slip
from .metering.window import ReadingWindow
from .money.account import Account
from .money.invoice import Invoice
from .money.period import BillingPeriod
from .paying.intent import PaymentIntent
from .people.agreement import AgreementFile
from .people.handover import Handover
from .people.invitation import Invitation
from .people.person import Person
from .people.post import Post
from .people.representation import Representation
from .people.tenure import Holding, Party, Tenure
from .privacy.erasure import Erasure
from .privacy.export import DataExport
from .reach import (
    answered_threads,
    common_cases,
    covered,
    covered_accounts,
    desk_cases,
    disclosed_to,
    homes_with,
    media,
    own_cases,
    own_intents,
    own_invoices,
    own_threads,
    reach,
    reach_accounts,
    reach_meters,
    reach_persons,
    reach_prints,
    within,
)
from .talk.case import Case, CaseEvent
from .talk.thread import Message, Thread

__all__ = [
    "ANSWERS", "POSTS", "Actor", "Controller", "Duty", "Home", "Viewer", "home_label",
    "answered_threads", "common_cases", "covered", "covered_accounts", "desk_cases", "disclosed_to", "homes_with", "media",
    "own_cases", "own_intents", "own_invoices", "own_threads", "reach", "reach_accounts", "reach_meters", "reach_persons",
    "reach_prints",
]  # fmt: skip


def whole_duties(viewer: Viewer, ability: str) -> list[Duty]:
    """Posts with an ability for a whole organisation. What is not held to some of its buildings is theirs alone: files of banks and
    of remote readings, workbooks, kinds of meters, what everybody is charged, the audit and who is erased."""
    return [duty for duty in viewer.duties_for(ability) if duty.buildings is None]


def visible_units(viewer: Viewer, ability: str = "register") -> Select:
    """Units that a post reaches: select(Unit) joined to Building."""
    return select(Unit).join(Building).where(reach(viewer, ability, Building.organisation_id, Building.id))


def visible_buildings(viewer: Viewer, ability: str) -> Select:
    return select(Building).where(reach(viewer, ability, Building.organisation_id, Building.id))


def building_choices(viewer: Viewer, ability: str, most: int) -> Select:
    """(id, address, organisation_id) of the first of visible_buildings(), in order. Each list of the desk asks: made once for
    each reach."""
    return _choices(tuple((duty.organisation.id, duty.buildings) for duty in viewer.duties_for(ability)), most)


@lru_cache(maxsize=512)
def _choices(places: tuple, most: int) -> Select:
    chosen = select(Building.id, Building.address, Building.organisation_id).where(
        within(places, Building.organisation_id, Building.id)
    )
    return chosen.order_by(Building.organisation_id, Building.code).limit(most)


def visible_feeds(viewer: Viewer, ability: str = "readings") -> Select:
    """Feeds of remote readings; a supplier sees those that are about its medium only."""
    parts = [false()]
    for duty in whole_duties(viewer, ability):
        own = Feed.mapping["medium"].as_string() == duty.medium if duty.medium else true()
        parts.append(and_(Feed.organisation_id == duty.organisation.id, own))
    return select(Feed).where(or_(*parts))


def visible_feed_runs(viewer: Viewer) -> Select:
    return select(FeedRun).where(FeedRun.feed_id.in_(visible_feeds(viewer).with_only_columns(Feed.id)))


def visible_windows(viewer: Viewer, ability: str = "windows") -> Select:
    joined = select(ReadingWindow).join(BillingPeriod, BillingPeriod.id == ReadingWindow.period_id).join(Building)
    return joined.where(reach(viewer, ability, Building.organisation_id, Building.id))


def visible_leaks(viewer: Viewer) -> Select:
    """Leaks of homes whose meters the viewer's posts reach, joined to Register, Meter, Unit and Building."""
    joined = select(Leak).join(Register, Register.id == Leak.register_id).join(Meter, Meter.id == Register.meter_id)
    return joined.join(Unit, Unit.id == Meter.unit_id).join(Building).where(reach_meters(viewer, "readings"))


def visible_readings(viewer: Viewer) -> Select:
    """Readings of homes, joined to Register, Meter, Unit and Building."""
    joined = select(Reading).join(Register).join(Meter).join(Unit, Unit.id == Meter.unit_id).join(Building)
    return joined.where(reach_meters(viewer, "readings"))


def visible_any_meters(viewer: Viewer, ability: str = "readings") -> Select:
    """Meters of homes and of buildings themselves, joined to Unit (outer) and Building."""
    joined = select(Meter).outerjoin(Unit, Unit.id == Meter.unit_id)
    joined = joined.join(Building, Building.id == func.coalesce(Meter.building_id, Unit.building_id))
    return joined.where(reach_meters(viewer, ability))


def visible_media(viewer: Viewer) -> Select:
    """Media that organisations have added, where the viewer's posts keep the meters of all buildings."""
    return select(Medium).where(covered(whole_duties(viewer, "meters"), Medium.organisation_id, None))


def visible_pending_readings(viewer: Viewer) -> Select:
    """Those that wait for a decision. The state is a literal, so that both databases see that the queue's index fits. Said
    once more by id for SQLite, which else begins with all homes; by that alone PostgreSQL would look at these few last."""
    waits, state = aliased(Reading), literal_column("'pending'")
    few = select(waits.id).where(waits.state == state)
    return visible_readings(viewer).where(Reading.state == state, Reading.id.in_(few))


def visible_cases(viewer: Viewer, at_desk: bool) -> Select:
    """At home: the household's cases and the building's. At the desk: those of desk_cases, also for staff who live there."""
    return select(Case).where(desk_cases(viewer) if at_desk else or_(own_cases(viewer), common_cases(viewer)))


def may_see_reporter(viewer: Viewer, case: Case, undisclosed: bool) -> bool:
    """Name and telephone of who reported: for posts that see contacts, and for whoever does the work unless undisclosed."""
    works = not undisclosed and case.assignee_id in {duty.person_id for duty in viewer.duties}
    return works or may_see_contacts(viewer, case.organisation_id, undisclosed)


def visible_events(viewer: Viewer, at_desk: bool) -> Select:
    """Lines of the history of visible cases: at the desk all; to the household no internal ones; to neighbours staff's only."""
    told = and_(or_(own_cases(viewer), and_(common_cases(viewer), CaseEvent.by_staff)), CaseEvent.kind.in_(("state", "comment")))
    return select(CaseEvent).join(Case, Case.id == CaseEvent.case_id).where(desk_cases(viewer) if at_desk else told)


def visible_persons(viewer: Viewer, ability: str = "register") -> Select:
    return select(Person).where(reach_persons(viewer, Person.organisation_id, Person.id, ability))


def visible_entrants(viewer: Viewer) -> Select:
    """Persons whom the viewer's posts may give a letter; under non-disclosure only for posts that see such persons."""
    shown = or_(Person.non_disclosure.is_(False), disclosed_to(viewer, Person.organisation_id))
    return select(Person).where(reach_persons(viewer, Person.organisation_id, Person.id, "letters"), shown)


def visible_representations(viewer: Viewer) -> Select:
    """Those that the viewer's posts may change."""
    reached = reach_persons(viewer, Representation.organisation_id, Representation.of_person_id, "tenures")
    return select(Representation).where(reached)


def may_see_contacts(viewer: Viewer, organisation_id: int, undisclosed: bool = False) -> bool:
    """May the viewer's posts in this organisation see a person's contact data (rule 43, turvakielto)?"""
    allowed = SEES_UNDISCLOSED if undisclosed else SEES_CONTACTS
    return any(duty.organisation.id == organisation_id and duty.role in allowed for duty in viewer.duties)


def answers_thread(duty: Duty, thread: Thread) -> bool:
    """The same of one duty and one thread."""
    here = duty.organisation.id == thread.organisation_id and (duty.buildings is None or thread.building_id in duty.buildings)
    mine = duty.role != "provider" or duty.employer_id == thread.provider_id
    return here and mine and duty.role in ANSWERS[thread.addressee]


def writing_duties(viewer: Viewer, organisation_id: int, building_id: int) -> list[Duty]:
    """Posts in which the viewer may begin a thread with somebody of a home: that know the register there and answer letters."""
    answering = {role for posts in ANSWERS.values() for role in posts}
    return [
        duty
        for duty in viewer.duties_for("register")
        if duty.role in answering
        and duty.organisation.id == organisation_id
        and (duty.buildings is None or building_id in duty.buildings)
    ]


def visible_threads(viewer: Viewer) -> Select:
    return select(Thread).where(or_(own_threads(viewer), answered_threads(viewer)))


def visible_attachments(viewer: Viewer) -> Select:
    """Files of visible messages, of visible lines of a case's history (those of internal comments for staff only), and of
    readings that a post covers, or whose receipt is one's own."""
    threads = select(Message.id).join(Thread, Thread.id == Message.thread_id)
    messages = threads.where(or_(own_threads(viewer), answered_threads(viewer)))
    events = [visible_events(viewer, at_desk).with_only_columns(CaseEvent.id) for at_desk in (False, True)]
    own = select(Reading.id).where(Reading.receipt_id.in_(visible_receipts(viewer).with_only_columns(Receipt.id)))
    readings = (own, visible_readings(viewer).with_only_columns(Reading.id))
    owned = (Attachment.message_id.in_(messages), *(Attachment.event_id.in_(some) for some in events))
    return select(Attachment).where(or_(*owned, *(Attachment.reading_id.in_(some) for some in readings)))


def visible_agreement_files(viewer: Viewer, at_desk: bool = False) -> Select:
    """Papers of the agreements of one's homes; at the desk of the tenures that a post covers."""
    own = AgreementFile.tenure_id.in_([home.tenure_id for home in homes_with(viewer, "agreement")])
    covered_ones = AgreementFile.tenure_id.in_(visible_tenures(viewer).with_only_columns(Tenure.id)) if at_desk else own
    return select(AgreementFile).where(AgreementFile.removed_at.is_(None), covered_ones)


def visible_bank_accounts(viewer: Viewer) -> Select:
    return select(BankAccount).where(covered(whole_duties(viewer, "money"), BankAccount.organisation_id, None))


def visible_bank_files(viewer: Viewer) -> Select:
    return select(BankFile).where(covered(whole_duties(viewer, "money"), BankFile.organisation_id, None))


def visible_bank_csvs(viewer: Viewer) -> Select:
    return select(BankCsv).where(covered(whole_duties(viewer, "money"), BankCsv.organisation_id, None))


def visible_payout_accounts(viewer: Viewer) -> Select:
    return select(PayoutAccount).where(covered(whole_duties(viewer, "money"), PayoutAccount.organisation_id, None))


def visible_bank_credits(viewer: Viewer) -> Select:
    """Payments that came to bank accounts; joined to BankAccount."""
    joined = select(BankCredit).join(BankAccount, BankAccount.id == BankCredit.bank_account_id)
    return joined.where(covered(whole_duties(viewer, "money"), BankAccount.organisation_id, None))


def visible_periods(viewer: Viewer, ability: str = "money") -> Select:
    """Billing periods of the buildings that a post covers, joined to Building."""
    joined = select(BillingPeriod).join(Building, Building.id == BillingPeriod.building_id)
    return joined.where(reach(viewer, ability, Building.organisation_id, Building.id))


def visible_costs(viewer: Viewer, ability: str = "money") -> Select:
    """Costs of such periods."""
    return select(Cost).where(Cost.period_id.in_(visible_periods(viewer, ability).with_only_columns(BillingPeriod.id)))


def visible_charges(viewer: Viewer) -> Select:
    """Charge types of the organisations whose money the viewer's posts see, be it that of some buildings."""
    return select(ChargeType).where(ChargeType.organisation_id.in_({duty.organisation.id for duty in viewer.duties_for("money")}))


def visible_invoices(viewer: Viewer, at_desk: bool = False) -> Select:
    """Joined to Account: at the desk those of the accounts that a post covers, else those of one's homes, of one's days."""
    own = [own_invoices(home.tenure_id, home.papers_from, home.papers_until) for home in homes_with(viewer, "invoices")]
    joined = select(Invoice).join(Account, Account.id == Invoice.account_id)
    return joined.where(reach_accounts(viewer) if at_desk else or_(false(), *own))


def visible_intents(viewer: Viewer, at_desk: bool = False) -> Select:
    """Payments in the portal, joined to Account: at the desk those of the accounts that a post covers, else those of one's
    homes, of one's days."""
    joined = select(PaymentIntent).join(Account, Account.id == PaymentIntent.account_id)
    if at_desk:
        return joined.where(reach_accounts(viewer))
    return joined.where(or_(false(), *(own_intents(home) for home in homes_with(viewer, "invoices"))))


def visible_receipts(viewer: Viewer) -> Select:
    """Receipts for readings of one's homes, from one's own first day in each."""
    begins = ((home.unit_id, clock.begins(home.begins, home.organisation.tz)) for home in homes_with(viewer, "readings"))
    return select(Receipt).where(or_(false(), *(and_(Receipt.unit_id == unit, Receipt.at >= since) for unit, since in begins)))


def own_slips(viewer: Viewer) -> Select:
    """What came for the chosen home without a page, since one's own first day in it, and was not booked at once."""
    home = viewer.home
    since = clock.begins(home.begins, home.organisation.tz)
    # Whoever held the home before may send from their phone long after they left.
    household = Slip.person_id.in_(select(Party.person_id).where(Party.tenure_id == home.tenure_id))
    own = or_(household, Slip.person_id == home.actor_id, and_(Slip.person_id.is_(None), Slip.why != "ended"))
    return select(Slip).where(Slip.unit_id == home.unit_id, Slip.at >= since, Slip.state != "booked", own)


def visible_slips(viewer: Viewer) -> Select:
    """Those of homes where the viewer's posts decide about readings; joined to Unit and Building."""
    joined = select(Slip).join(Unit, Unit.id == Slip.unit_id).join(Building, Building.id == Unit.building_id)
    return joined.where(reach(viewer, "windows", Building.organisation_id, Building.id))


def visible_held_slips(viewer: Viewer) -> Select:
    """Those that wait for a decision. The state is a literal, so that SQLite sees that the queue's index fits."""
    return visible_slips(viewer).where(Slip.state == literal_column("'held'"))


def own_device_keys(viewer: Viewer) -> Select:
    """Live keys of the viewer's parts in homes, whatever their rights are today."""
    mine = DeviceKey.party_id.in_([home.party_id for home in viewer.homes])
    return select(DeviceKey).where(DeviceKey.login_id == viewer.login_id, mine, DeviceKey.ended_at.is_(None))


def visible_imports(viewer: Viewer) -> Select:
    return select(RegisterImport).where(covered(whole_duties(viewer, "import"), RegisterImport.organisation_id, None))


def governing_duties(viewer: Viewer) -> list[Duty]:
    """Posts of an organisation itself, for all of it, that give posts and mandates. A manager under a mandate does not."""
    return [duty for duty in whole_duties(viewer, "posts") if duty.employer_id == duty.organisation.id]


def visible_posts(viewer: Viewer) -> Select:
    return select(Post).where(Post.organisation_id.in_([duty.organisation.id for duty in governing_duties(viewer)]))


def visible_mandates(viewer: Viewer) -> Select:
    """Those that the viewer's organisations give."""
    return select(Mandate).where(Mandate.principal_id.in_([duty.organisation.id for duty in governing_duties(viewer)]))


def _households(viewer: Viewer) -> list[int]:
    return [home.tenure_id for home in homes_with(viewer, "household")]


def visible_parties(viewer: Viewer) -> Select:
    """Parts in the households whose people the viewer changes, and the viewer's own."""
    own = Party.id.in_([home.party_id for home in viewer.homes])
    return select(Party).where(or_(Party.tenure_id.in_(_households(viewer)), own))


def visible_invitations(viewer: Viewer) -> Select:
    return select(Invitation).where(Invitation.tenure_id.in_(_households(viewer)))


def visible_tenures(viewer: Viewer, ability: str = "register") -> Select:
    """Those that hold, held or will hold a unit which the viewer's posts cover."""
    held = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).join(Building, Building.id == Unit.building_id)
    return select(Tenure).where(Tenure.id.in_(held.where(reach(viewer, ability, Building.organisation_id, Building.id))))


def visible_handovers(viewer: Viewer, at_desk: bool = False) -> Select:
    """At the desk those of units that a post covers; at home those of one's own tenure, leaving or coming, once signed."""
    if at_desk:
        return select(Handover).where(Handover.unit_id.in_(visible_units(viewer, "tenures").with_only_columns(Unit.id)))
    tenures = [home.tenure_id for home in viewer.homes]
    return select(Handover).where(or_(Handover.leaving_id.in_(tenures), Handover.coming_id.in_(tenures)))


def own_persons(viewer: Viewer) -> Select:
    """Whom the viewer is in each organisation, for what is stored about them: not where their way in is closed."""
    closed = [organisation.id for organisation in viewer.closed]
    return select(Person).where(
        Person.login_id == viewer.login_id, Person.erased_at.is_(None), Person.organisation_id.not_in(closed)
    )


def visible_copies(viewer: Viewer) -> Select:
    return select(DataExport).where(DataExport.person_id.in_(own_persons(viewer).with_only_columns(Person.id)))


def visible_audit(viewer: Viewer) -> Select:
    return select(AuditEvent).where(covered(whole_duties(viewer, "settings"), AuditEvent.organisation_id, None))


def visible_erasures(viewer: Viewer) -> Select:
    return select(Erasure).where(covered(whole_duties(viewer, "settings"), Erasure.organisation_id, None))


def visible_print_runs(viewer: Viewer) -> Select:
    """Who may not see names with addresses under non-disclosure sees their own alone: another's may hold some."""
    joined = select(PrintRun).outerjoin(BillingPeriod, BillingPeriod.id == PrintRun.period_id).outerjoin(Building)
    disclosed = disclosed_to(viewer, func.coalesce(PrintRun.organisation_id, Building.organisation_id))
    mine = PrintRun.person_id.in_({duty.person_id for duty in viewer.duties_for("billing")})
    return joined.where(reach_prints(viewer), or_(mine, disclosed))
