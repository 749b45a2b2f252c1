"""How far a viewer reaches, as conditions of SQL: by post, organisation and building; by medium for a supplier; by right at home.

What the statements of this wing are made of, and part of it: whoever asks takes both from `access`.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import and_, false, or_, select, true
from sqlalchemy.orm import aliased

from .. import clock
from ..charging.print_run import PrintRun
from ..homes.building import Building, Unit
from ..identity import ANSWERS, SEES_UNDISCLOSED, Duty, Home, Viewer
from ..metering.meter import Meter
from ..money.account import Account
from ..money.invoice import Invoice
from ..paying.intent import PaymentIntent
from ..people.person import Person
from ..people.tenure import Holding, Party
from ..talk.case import Case
from ..talk.thread import Thread


def reach(viewer: Viewer, ability: str, organisation_column, building_column):
    """The SQL condition "inside what the viewer's posts cover" for an ability."""
    return covered(viewer.duties_for(ability), organisation_column, building_column)


def covered(duties: Iterable[Duty], organisation_column, building_column):
    """The SQL condition "inside what these duties cover"."""
    return within(((duty.organisation.id, duty.buildings) for duty in duties), organisation_column, building_column)


def within(places: Iterable[tuple[int, frozenset | None]], organisation_column, building_column):
    """The same of (organisation, its buildings or None for all)."""
    parts = []
    for organisation_id, buildings in places:
        part = organisation_column == organisation_id
        parts.append(part if buildings is None else and_(part, building_column.in_(buildings)))
    return or_(*parts) if parts else false()


def homes_with(viewer: Viewer, right: str) -> list[Home]:
    """The viewer's homes in which they hold a right now: in force, or ended and not settled (then "invoices" alone)."""
    return [home for home in viewer.homes if home.may(right)]


def reach_meters(viewer: Viewer, ability: str):
    """The SQL condition "a meter that the viewer's posts cover", beside Meter and Building: a supplier, those of its medium."""
    parts = [false()]
    for duty in viewer.duties_for(ability):
        own = Meter.medium == duty.medium if duty.medium else true()
        parts.append(and_(covered([duty], Building.organisation_id, Building.id), own))
    return or_(*parts)


def media(viewer: Viewer, ability: str, organisation_id: int, building_id: int) -> frozenset | None:
    """Media whose meters the viewer's posts reach in a building: None for all, a supplier's own otherwise."""
    covering = (duty for duty in viewer.duties_for(ability) if duty.organisation.id == organisation_id)
    found = {duty.medium for duty in covering if duty.buildings is None or building_id in duty.buildings}
    return None if None in found else frozenset(found)


def reach_persons(viewer: Viewer, organisation_column, person_column, ability: str = "register"):
    """The SQL condition "a person of the register" that posts with an ability cover; for a post limited to buildings, who holds
    or held something there. A person under non-disclosure is there for the named posts only."""
    held = select(Party.person_id).join(Holding, Holding.tenure_id == Party.tenure_id).join(Unit, Unit.id == Holding.unit_id)
    person = aliased(Person)
    undisclosed = select(person.id).where(person.id == person_column, person.non_disclosure).exists()
    parts = [false()]
    for duty in viewer.duties_for(ability):
        part = [organisation_column == duty.organisation.id]
        if duty.buildings is not None:
            part.append(person_column.in_(held.where(Unit.building_id.in_(duty.buildings))))
        if duty.role not in SEES_UNDISCLOSED:
            part.append(~undisclosed)
        parts.append(and_(*part))
    return or_(*parts)


def disclosed_to(viewer: Viewer, organisation_column):
    """The SQL condition "of an organisation where the viewer's posts see persons under non-disclosure too"."""
    return organisation_column.in_({duty.organisation.id for duty in viewer.duties if duty.role in SEES_UNDISCLOSED})


def own_invoices(tenure, since, until):
    """The SQL condition "of a tenure, issued on these days", beside Account and Invoice. All may be bind parameters."""
    return and_(Account.tenure_id == tenure, Invoice.issued.between(since, until), Invoice.voided_at.is_(None))


def reach_accounts(viewer: Viewer, ability: str = "money"):
    """The SQL condition "an account whose creditor, and building where a post is limited, posts with the ability cover"."""
    return or_(false(), *map(covered_accounts, viewer.duties_for(ability)))


def covered_accounts(duty: Duty):
    """The SQL condition "an account whose creditor, and building where the post is limited, this duty covers"."""
    own = Account.creditor_id == duty.organisation.id
    if duty.buildings is None:
        return own
    held = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).where(Unit.building_id.in_(duty.buildings))
    return and_(own, or_(Account.building_id.in_(duty.buildings), Account.tenure_id.in_(held)))


def reach_prints(viewer: Viewer):
    """The SQL condition "a file of invoices that posts with billing cover", beside PrintRun and (outer) BillingPeriod and
    Building: of a period in its building; of invoices beside periods, one's own, or all by a post for the whole organisation."""
    duties = viewer.duties_for("billing")
    whole = covered([duty for duty in duties if duty.buildings is None], PrintRun.organisation_id, None)
    mine = PrintRun.person_id.in_({duty.person_id for duty in duties})
    own = and_(PrintRun.organisation_id.in_({duty.organisation.id for duty in duties}), mine)
    return or_(covered(duties, Building.organisation_id, Building.id), whole, own)


def own_intents(home: Home):
    """The SQL condition "a payment made in the portal for a home, on one's own days", beside Account."""
    tz, since, until = home.organisation.tz, home.papers_from, home.papers_until
    parts = [Account.tenure_id == home.tenure_id]
    if since.year > 1:
        parts.append(PaymentIntent.made_at >= clock.begins(since, tz))
    if until != date.max:
        # Whoever left a tenure that goes on still pays what was billed to them: their own payments of later days are theirs.
        before = PaymentIntent.made_at < clock.begins(until + timedelta(days=1), tz)
        parts.append(or_(before, PaymentIntent.person_id == home.person_id))
    return and_(*parts)


def own_cases(viewer: Viewer):
    """The SQL condition "reported from a home of one's own", by oneself or by another party of the tenure."""
    return Case.tenure_id.in_([home.tenure_id for home in homes_with(viewer, "talk")])


def common_cases(viewer: Viewer):
    """The SQL condition "in a common area of a building that one lives in". Who reported it stays hidden."""
    return and_(Case.unit_id.is_(None), Case.building_id.in_([home.building_id for home in homes_with(viewer, "talk")]))


def desk_cases(viewer: Viewer):
    """The SQL condition "in a queue that a post covers, or assigned to oneself in a post"."""
    mine = Case.assignee_id.in_([duty.person_id for duty in viewer.duties])
    own = and_(mine, reach(viewer, "own_cases", Case.organisation_id, Case.building_id))
    return or_(reach(viewer, "cases", Case.organisation_id, Case.building_id), own)


def own_threads(viewer: Viewer):
    """The SQL condition "a thread of the viewer's own, of a home in force with the right to talk"."""
    homes = homes_with(viewer, "talk")
    return or_(false(), *(and_(Thread.person_id == home.person_id, Thread.tenure_id == home.tenure_id) for home in homes))


def answered_threads(viewer: Viewer):
    """The SQL condition "a thread to an addressee in whose name one of the viewer's posts answers"."""
    parts = [false()]
    for duty in viewer.duties:
        asked = Thread.addressee.in_([addressee for addressee, posts in ANSWERS.items() if duty.role in posts])
        # A supplier reads what is written to it, not to another supplier of the same organisation.
        mine = Thread.provider_id == duty.employer_id if duty.role == "provider" else true()
        parts.append(and_(covered([duty], Thread.organisation_id, Thread.building_id), asked, mine))
    return or_(*parts)


def whole_duties(viewer: Viewer, ability: str) -> list[Duty]:
    """Posts with an ability for a whole organisation. What is not held to some of its buildings is theirs alone: files of banks and
    of remote readings, workbooks, kinds of meters, what everybody is charged, the audit and who is erased."""
    return [duty for duty in viewer.duties_for(ability) if duty.buildings is None]
