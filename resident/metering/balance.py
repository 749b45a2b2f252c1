"""The balance of a building (rule 14): what its main meters let in, less what its homes used, is the common loss.

Everything hangs on a branch: a main meter, or a sub meter that stands behind one (Meter.main_id). A home's meter balances
against the one that it stands behind; without one, against the building's main meters of its medium. Where a building has no
main meter for hot water it is made there, of the cold water that the main meter has measured. Several main meters of one
medium are one branch.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from ..homes.building import Unit
from ..measure import written
from ..money.period import BillingPeriod
from .consumption import Place, courses, spread
from .course import Course, Gauge
from .meter import Meter, Register
from .reading import Reading
from .window import ReadingWindow

MOST_PERIODS = 13


@dataclass(frozen=True, slots=True)
class Line:
    """A branch over the days first…last, in millionths. went_in: through its own meters, None when that is not known;
    behind: through sub meters; homes: used by the homes directly behind it. extended: how many homes were read on most of the
    days only, and the rest taken to be like these; unknown: how many homes were not, and are left out."""

    first: date
    last: date
    went_in: int | None
    behind: int
    homes: int
    extended: int
    unknown: int

    @property
    def loss(self) -> int | None:
        return None if self.went_in is None else self.went_in - self.behind - self.homes

    @property
    def share(self) -> int | None:
        """The loss in hundredths of a per cent of what went in."""
        return self.loss * 10_000 // self.went_in if self.went_in else None


@dataclass(slots=True)
class Branch:
    """A main meter or several of one medium, or a sub meter. meters: (place, serial) of each; homes: ids of the homes behind it,
    those behind sub meters not; lines: one for each of the days asked for."""

    id: int
    medium: str
    measure: str
    main: bool
    meters: list[tuple[str | None, str]]
    homes: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    # Registers of its own, of sub meters directly behind it, and by home of the homes directly behind it.
    own: list[Row] = field(default_factory=list)
    subs: list[Row] = field(default_factory=list)
    rows: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def media(self) -> set[str]:
        """What the homes behind it measure."""
        return {row.medium for rows in self.rows.values() for row in rows}


@dataclass(frozen=True, slots=True)
class Reported:
    """How the homes behind a branch stand in a period: read by somebody or remotely, estimated, not known at all."""

    homes: int
    estimated: int
    missing: int

    @property
    def read(self) -> int:
        return self.homes - self.estimated - self.missing


_ROWS = (
    select(
        Meter.id.label("meter_id"), Meter.unit_id, Meter.medium, Meter.measure, Meter.place, Meter.serial, Meter.main_id,
        Meter.replaces_id, Meter.coefficient, Meter.installed, Meter.removed, Register.id.label("register_id"),
        Register.digits, Register.initial,
    )
    .join(Register, Register.meter_id == Meter.id)
    .outerjoin(Unit, Unit.id == Meter.unit_id)
    .order_by(Meter.id, Register.id)
)  # fmt: skip


def branches(
    session: Session, building_id: int, pieces: Sequence[tuple[date, date]], media: Iterable[str] | None = None
) -> list[Branch]:
    """A building's branches, mains first, with a line for each of the days (first, last) given, in their order. Two SELECTs.

    media: only branches of these; None for all that have a main meter.
    """
    found = _hung(_meters(session, building_id, pieces))
    made = [branch for branch in found if media is None or branch.medium in media]
    wanted = [row for one in made for row in (*one.own, *one.subs, *(each for rows in one.rows.values() for each in rows))]
    asked = list({row.register_id: row for row in wanted}.values())
    known = courses(session, [_place(row) for row in asked], list(pieces))
    of = dict(zip((row.register_id for row in asked), known, strict=True))
    for branch in made:
        branch.lines = _lines(branch, of, pieces)
    return made


def mains(session: Session, building_id: int, first: date, last: date) -> list[Branch]:
    """The branches of the main meters that there were on some of these days, without lines. One SELECT."""
    return [branch for branch in _hung(_meters(session, building_id, [(first, last)])) if branch.main]


def balanced(session: Session, building_id: int, found: list[Branch]) -> list[Branch]:
    """Those that a balance says something of: most homes measure the medium, or sub meters stand behind it. Elsewhere what goes in
    is used in common, not lost."""
    homes = select(func.count()).where(Unit.building_id == building_id, Unit.kind == "home", Unit.last.is_(None))
    most = session.scalar(homes.select_from(Unit))
    return [branch for branch in found if branch.subs or (branch.homes and (not branch.main or 2 * len(branch.homes) >= most))]


def periods(session: Session, building_id: int, until: date) -> list[BillingPeriod]:
    """The building's periods whose use is over on a day, the newest first."""
    over = select(BillingPeriod).where(BillingPeriod.building_id == building_id, BillingPeriod.use_last < until)
    return list(session.scalars(over.order_by(BillingPeriod.use_last.desc()).limit(MOST_PERIODS)))


def collected(session: Session, found: Sequence[BillingPeriod], today: date) -> list[BillingPeriod]:
    """Of periods() those that readings are sent for no longer: before, what homes have not sent yet would pass for a loss."""
    windows = select(ReadingWindow.period_id).where(ReadingWindow.period_id.in_([one.id for one in found]))
    still = set(session.scalars(windows.where(ReadingWindow.last >= today)))
    return [one for one in found if one.id not in still]


def reported(session: Session, branch: Branch, period: BillingPeriod) -> Reported:
    """Of the homes behind a branch: those that were read in the period, that were estimated, that are not known. A home is what
    the worst of its counters is."""
    ids = [row.register_id for rows in branch.rows.values() for row in rows]
    here = or_(Reading.period_id == period.id, Reading.day.between(period.use_first, period.use_last))
    statement = select(Reading.register_id, Reading.source).where(Reading.register_id.in_(ids), Reading.counts, here)
    sources = defaultdict(set)
    for register_id, source in session.execute(statement):
        sources[register_id].add(source == "estimate")
    worst = {
        unit: max((_standing(sources.get(row.register_id)) for row in _there(rows, period)), default=0)
        for unit, rows in branch.rows.items()
    }
    counts = list(worst.values())
    return Reported(len(counts), counts.count(1), counts.count(2))


def _there(rows: list[Row], period: BillingPeriod) -> list[Row]:
    """Registers that are there on the last day of use: what a meter that was taken out showed last was read."""
    last = period.use_last
    return [row for row in rows if row.installed <= last and (row.removed is None or row.removed > last)]


def _standing(estimates: set[bool] | None) -> int:
    if not estimates:
        return 2
    return 0 if False in estimates else 1


# ---- What hangs where ------------------------------------------------------------------------------------------------


def _meters(session: Session, building_id: int, pieces: Sequence[tuple[date, date]]) -> list[Row]:
    """Registers of the building's meters and of its homes' that were there on some of the days."""
    here = or_(Meter.building_id == building_id, Unit.building_id == building_id)
    there = Meter.installed <= pieces[-1][1], or_(Meter.removed.is_(None), Meter.removed >= pieces[0][0])
    return list(session.execute(_ROWS.where(here, *there))) if pieces else []


def _hung(rows: list[Row]) -> list[Branch]:
    """The branches with what hangs on each: mains of a medium together, then sub meters."""
    building = [row for row in rows if row.unit_id is None]
    latest = _latest(rows)
    subs = {latest[row.meter_id] for row in building if row.main_id is not None}
    mains: dict[str, Branch] = {}
    found: dict[int, Branch] = {}
    for row in building:
        now = latest[row.meter_id]
        branch = found.get(now) if now in subs else mains.get(row.medium)
        if branch is None:
            branch = Branch(now, row.medium, row.measure, now not in subs, [])
            if branch.main:
                mains[row.medium] = branch
        found[now] = branch
        branch.own.append(row)
        if row.removed is None and (row.place, row.serial) not in branch.meters:
            branch.meters.append((row.place, row.serial))
    for row in rows:
        _hang(row, found, mains, latest)
    ordered = {id(branch): branch for branch in (*mains.values(), *found.values())}
    return list(ordered.values())


def _hang(row: Row, found: dict[int, Branch], mains: dict[str, Branch], latest: dict[int, int]) -> None:
    behind = found.get(latest.get(row.main_id)) if row.main_id is not None else None
    if row.unit_id is None:
        if behind is not None:
            behind.subs.append(row)
        return
    behind = behind or mains.get(row.medium) or _only_sub(row.medium, found)
    if behind is None and row.medium == "hot_water":
        behind = mains.get("cold_water")
    # What counts in other units cannot be taken from it.
    if behind is not None and written(row.measure, "en") == written(behind.measure, "en"):
        behind.homes.add(row.unit_id)
        behind.rows[row.unit_id].append(row)


def _only_sub(medium: str, found: dict[int, Branch]) -> Branch | None:
    """The one sub meter of a medium that has no main meter: hot water that is measured on its way out of the heater."""
    subs = [branch for branch in found.values() if branch.medium == medium]
    return subs[0] if len(subs) == 1 else None


def _latest(rows: list[Row]) -> dict[int, int]:
    """By meter: the one that stands in its place now. What hung on a meter that was changed hangs on the new one."""
    after = {row.replaces_id: row.meter_id for row in rows if row.replaces_id is not None}
    found = {}
    for row in rows:
        now = row.meter_id
        while now in after:
            now = after[now]
        found[row.meter_id] = now
    return found


# ---- How much --------------------------------------------------------------------------------------------------------


def _place(row: Row) -> Place:
    removed = row.removed.toordinal() if row.removed else None
    gauge = Gauge(row.digits, row.initial, row.coefficient, row.installed.toordinal(), removed)
    return Place(row.unit_id, row.medium, row.measure, row.register_id, gauge)


# (Use of some days, whether it is known of all of them.)
Use = tuple[int, bool]


def _lines(branch: Branch, of: dict[int, Course], pieces: Sequence[tuple[date, date]]) -> list[Line]:
    own, behind = _uses(branch.own, of, pieces, None), _uses(branch.subs, of, pieces)
    homes = zip(*(_uses(rows, of, pieces) for rows in branch.rows.values()), strict=True) if branch.rows else ([] for _ in pieces)
    lines = []
    for (first, last), went_in, subs, uses in zip(pieces, own, behind, homes, strict=True):
        known = [use for use in uses if use is not None]
        let_in = None if went_in is None or (branch.subs and subs is None) else went_in[0]
        extended = sum(whole is False for _, whole in known)
        used = sum(use for use, _ in known)
        lines.append(Line(first, last, let_in, subs[0] if subs else 0, used, extended, len(uses) - len(known)))
    return lines


def _uses(
    rows: list[Row], of: dict[int, Course], pieces: Sequence[tuple[date, date]], absent: Use | None = (0, True)
) -> list[Use | None]:
    """The use of registers together, for each of the pieces. Where it is known of half of the days or more the others are taken
    to be like these; None for less. absent: where there was no register yet, or none any more."""
    if not rows:
        return [None] * len(pieces)
    found = []
    for span in spread([of[row.register_id] for row in rows], list(pieces), "month"):
        days = (span.last - span.first).days + 1
        if not any(row.installed <= span.last and (row.removed is None or row.removed >= span.first) for row in rows):
            found.append(absent)
        elif 2 * span.days < days:
            found.append(None)
        else:
            found.append((span.use * days // span.days, span.days == days))
    return found
