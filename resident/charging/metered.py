"""The registers of a building's homes as a bill sees them: what each counted until which day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from ..homes.building import Unit
from ..metering import consumption, estimating
from ..metering.course import Gauge
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..money.invoice import Invoice, InvoiceLine
from ..money.period import BillingPeriod
from .counted import At, Count, Shown, count

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Device:
    """A register of a home. name: "day", "night", "" for one that has none."""

    register_id: int
    unit_id: int
    medium: str
    name: str
    serial: str
    remote: bool
    gauge: Gauge
    count: Count

    def known(self, last: int) -> bool:
        """Is it known what it showed on a day, or when it was taken out before?"""
        return self.count.until >= min(last, self.gauge.removed or last)

    def ends_rough(self, day: int) -> bool:
        """Does what it showed on a day rest on an estimate or on readings of other days?"""
        removed = self.gauge.removed
        return self.count.at(day).rough and not (removed is not None and removed <= day and self.count.until >= removed)

    def told(self, first: int, last: int) -> dict:
        """As a line keeps it (MadeFrom.readings) of the days first…last."""
        begins: At = self.count.at(first - 1)
        ends: At = self.count.at(last)
        return {
            "register": self.register_id, "serial": self.serial, "medium": self.medium, "name": self.name,
            "first": date.fromordinal(first - 1).isoformat(), "from": begins.value,
            "last": date.fromordinal(last).isoformat(), "to": ends.value,
            "use": ends.total - begins.total, "estimated": self.ends_rough(last),
        }  # fmt: skip


_READINGS = (
    select(Reading.register_id, Reading.day, Reading.value, Reading.rolled_over, Reading.source, BillingPeriod.use_last)
    .join_from(Register, Reading, consumption.WITHIN)
    .outerjoin(BillingPeriod, BillingPeriod.id == Reading.period_id)
    .where(Register.id.in_(consumption.ASKED))
    .order_by(Reading.register_id, Reading.day)
)
_PLACES = (
    select(
        Meter.unit_id, Register.id, Meter.medium, Register.name, Meter.serial, Meter.remote, Register.digits, Register.initial,
        Meter.coefficient, Meter.installed, Meter.removed,
    )
    .join(Register, Register.meter_id == Meter.id)
    .join(Unit, Unit.id == Meter.unit_id)
    .order_by(Meter.unit_id, Meter.medium, Meter.installed, Meter.id, Register.name)
)  # fmt: skip


# By register: day and value that the bill before ended at, where nobody had read on that day.
Anchors = dict[int, tuple[int, int]]


def devices(
    session: Session,
    period: BillingPeriod,
    media: Collection[str],
    days: Iterable[int],
    estimates: Mapping[int, Shown],
    anchors: Anchors,
    unit_id: int | None = None,
) -> dict[int, list[Device]]:
    """By unit: registers of the media that were there on some of the period's days of use. days: those on whose ends what they
    showed will be asked, with the period's own; estimates: by register, of the period's end, not stored yet. unit_id: of one."""
    one = Unit.id == unit_id if unit_id else true()
    rows = session.execute(
        _PLACES.where(one).where(
            Unit.building_id == period.building_id, Meter.medium.in_(sorted(media)), Meter.installed <= period.use_last,
            Meter.removed.is_(None) | (Meter.removed >= period.use_first),
        )
    ).all()  # fmt: skip
    edges = sorted({period.use_first.toordinal() - 1, period.use_last.toordinal(), *days})
    found = defaultdict(list)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        shown = _shown(session, [row[1] for row in chunk], edges)
        for unit, register, medium, name, serial, remote, digits, initial, coefficient, installed, removed in chunk:
            own = shown[register]
            if register in estimates:
                own = sorted([*own, estimates[register]], key=lambda one: one.day)
            gauge = Gauge(digits, initial, coefficient, installed.toordinal(), removed.toordinal() if removed else None)
            made = count(gauge, own, anchors.get(register))
            found[unit].append(Device(register, unit, medium, name, serial, remote, gauge, made))
    return found


def provisional(lacking: Sequence[estimating.Lacking], period: BillingPeriod) -> tuple[dict[int, Shown], list[estimating.Lacking]]:
    """What the ladder says of registers that nobody read in a period (rule 11): (by register, what it has no answer for)."""
    last = period.use_last.toordinal()
    found = {one.row.register_id: Shown(last, one.estimate.value, False, True, last) for one in lacking if one.estimate}
    return found, [one for one in lacking if not one.estimate]


def _shown(session: Session, registers: list[int], edges: list[int]) -> dict[int, list[Shown]]:
    facts = {"registers": registers, "first": date.fromordinal(edges[0]), "last": date.fromordinal(edges[-1])}
    found = defaultdict(list)
    for register, day, value, rolled_over, source, end in session.execute(_READINGS, facts):
        found[register].append(Shown(day.toordinal(), value, rolled_over, source == "estimate", end.toordinal() if end else None))
    return found


def billed_until(session: Session, period: BillingPeriod) -> Anchors:
    """Where the invoices of the building's period before ended."""
    before = select(BillingPeriod.id).where(
        BillingPeriod.building_id == period.building_id, BillingPeriod.use_last < period.use_first
    )
    return ended_at(session, Invoice.period_id == before.order_by(BillingPeriod.use_last.desc()).limit(1).scalar_subquery())


def ended_at(session: Session, which) -> Anchors:
    """Where the lines of some invoices ended that rest on estimates. which: a condition on Invoice."""
    rows = (
        select(InvoiceLine.readings)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(which, Invoice.voided_at.is_(None), InvoiceLine.estimated, InvoiceLine.correction_id.is_(None))
    )
    found: Anchors = {}
    for readings in session.scalars(rows):
        for one in readings or ():
            if one["estimated"]:
                end = date.fromisoformat(one["last"]).toordinal(), one["to"]
                found[one["register"]] = max(found.get(one["register"], end), end)
    return found
