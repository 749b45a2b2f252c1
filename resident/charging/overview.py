"""How a building's billing periods stand, for the desk's list and for the page of one: what was invoiced, what still lacks."""

from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ..homes.building import Unit
from ..money.invoice import Invoice, Series
from ..money.period import BillingPeriod
from ..money.settling import summed
from . import waiting
from .charge import ChargeType
from .confirmed import Confirmed, corrections_of, invoices_of
from .correction import Correction
from .cost import Cost
from .draft import Draft


class Tally(NamedTuple):
    """Drafts, or invoices that are not void: how many, what they come to, how many are estimated; numbers (year, first, last) of
    invoices of ours."""

    count: int = 0
    total: int = 0
    estimated: int = 0
    numbers: tuple[int, int, int] | None = None


ROWS = 12


def periods(session: Session, building_id: int, before: str = "", rows: int = ROWS) -> list[tuple[BillingPeriod, Tally]]:
    """A building's periods, the latest first, at most one more than `rows`. before: the name that a page begins after."""
    found = select(BillingPeriod).where(BillingPeriod.building_id == building_id)
    if before:
        found = found.where(BillingPeriod.name < before)
    listed = session.scalars(found.order_by(BillingPeriod.name.desc()).limit(rows + 1)).all()
    made = _invoiced(session, [period.id for period in listed]) | _drafted(session, [period.id for period in listed])
    return [(period, made.get(period.id, Tally())) for period in listed]


def tally(session: Session, period: BillingPeriod) -> Tally:
    found = _drafted(session, [period.id]) | _invoiced(session, [period.id])
    return found.get(period.id, Tally())


def _drafted(session: Session, ids: list[int]) -> dict[int, Tally]:
    rows = select(Draft.period_id, func.count(), summed(Draft.total), func.count().filter(Draft.estimated))
    return {id: Tally(*rest) for id, *rest in session.execute(rows.where(Draft.period_id.in_(ids)).group_by(Draft.period_id))}


def _invoiced(session: Session, ids: list[int]) -> dict[int, Tally]:
    live = Invoice.period_id.in_(ids), Invoice.voided_at.is_(None)
    own = func.min(Series.year), func.min(Invoice.number), func.max(Invoice.number)
    rows = select(Invoice.period_id, func.count(), summed(Invoice.total), func.count().filter(Invoice.estimated), *own)
    rows = rows.outerjoin(Series, Series.id == Invoice.series_id).where(*live).group_by(Invoice.period_id)
    return {
        id: Tally(count, total, estimated, (year, first, last) if first is not None else None)
        for id, count, total, estimated, year, first, last in session.execute(rows)
    }


def last(session: Session, building_id: int) -> BillingPeriod | None:
    """The building's latest period."""
    found = select(BillingPeriod).where(BillingPeriod.building_id == building_id)
    return session.scalar(found.order_by(BillingPeriod.name.desc()).limit(1))


def in_use(session: Session, period: BillingPeriod, organisation_id: int) -> list[ChargeType]:
    """Charge types of every period that are in use on any day of this one, in the order of an invoice's lines."""
    goes_on = or_(ChargeType.last.is_(None), ChargeType.last >= min(period.use_first, period.bill_first))
    begun = ChargeType.first <= max(period.use_last, period.bill_last)
    found = select(ChargeType).where(ChargeType.organisation_id == organisation_id, begun, goes_on)
    return list(session.scalars(found.order_by(ChargeType.position, ChargeType.code)))


def costs(session: Session, period: BillingPeriod) -> list[tuple[Cost, ChargeType]]:
    found = select(Cost, ChargeType).join(ChargeType, ChargeType.id == Cost.charge_type_id).where(Cost.period_id == period.id)
    return [tuple(row) for row in session.execute(found.order_by(ChargeType.position, ChargeType.code, Cost.id))]


def uncosted(session: Session, period: BillingPeriod, organisation_id: int) -> list[ChargeType]:
    """Charge types whose cost is divided in each period, for which none was entered in this one."""
    entered = set(session.scalars(select(Cost.charge_type_id).where(Cost.period_id == period.id)))
    types = in_use(session, period, organisation_id)
    return [one for one in types if one.basis == "cost" and one.billed == "period" and one.id not in entered]


def corrections(session: Session, period: BillingPeriod) -> int:
    """How many corrections wait for this period."""
    return sum(1 for _ in waiting.lines(session, period))


def carrying(session: Session, period: BillingPeriod) -> BillingPeriod | None:
    """The building's next period after one that is not confirmed yet: its invoices carry what waits, once they are drafted."""
    later = select(BillingPeriod).where(
        BillingPeriod.building_id == period.building_id,
        BillingPeriod.bill_first > period.bill_first,
        BillingPeriod.state.in_(("planned", "open", "allocated")),
    )
    return session.scalar(later.order_by(BillingPeriod.bill_first).limit(1))


def waiting_of(session: Session, confirmed: Confirmed) -> tuple[int, int]:
    """How many corrections of the period's or settlement's invoices wait for an invoice, and what they come to."""
    sums = waiting.statement().where(invoices_of(confirmed)).order_by(None)
    return tuple(session.execute(sums.with_only_columns(func.count(), summed(Correction.amount))).one())


def corrected(session: Session, confirmed: Confirmed) -> int:
    """What the corrections of its invoices come to, whether an invoice carries them or not."""
    sums = corrections_of(confirmed).where(Correction.moved.is_(None)).order_by(None)
    return session.execute(sums.with_only_columns(summed(Correction.amount))).scalar_one()


def unit_numbers(session: Session, building_id: int) -> dict[int, str]:
    """By unit: what a building's homes and other units are called."""
    return dict(session.execute(select(Unit.id, Unit.number).where(Unit.building_id == building_id)).all())


def coming_number(session: Session, creditor_id: int, year: int) -> int:
    """The number that the creditor's next invoice of a year gets, unless somebody is faster."""
    which = Series.creditor_id == creditor_id, Series.year == year, Series.prefix == ""
    return session.scalar(select(Series.next).where(*which)) or 1
