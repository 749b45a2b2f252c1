"""Every reading of a home by year and medium, with who entered it, what replaced it and what waits (S5, rule 1)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, bindparam, extract, func, or_, select
from sqlalchemy.orm import Session, aliased

from .. import files
from ..identity import Home
from ..people.person import Person
from ..people.representation import Representation
from ..people.tenure import Party
from . import usual
from .meter import Meter, Register
from .reading import Reading, Receipt


@dataclass(slots=True)
class Line:
    """A reading as history shows it. use is since the reading before it that counts, the home's part
    of it (rule 19); None when there is none."""

    id: int
    meter_id: int
    medium: str
    serial: str
    place: str | None
    measure: str
    coefficient: int
    register_id: int
    name: str
    digits: int
    decimals: int
    day: date
    value: int
    rolled_over: bool
    source: str
    state: str
    counts: bool
    reason: str | None
    note: str | None
    decided_note: str | None
    at: object
    receipt_id: int | None
    receipt: str | None
    who: str | None
    period_id: int | None
    person_id: int | None
    # Under non-disclosure: who is for the named posts and for themselves.
    undisclosed: bool | None
    use: int | None = None
    photos: list = field(default_factory=list)

    @property
    def standing(self) -> str:
        """counts | replaced | pending | rejected | withdrawn (an estimate that was taken back)."""
        if self.counts:
            return "counts"
        if self.source == "estimate" and self.state == "rejected":
            return "withdrawn"
        return "replaced" if self.state == "accepted" else self.state


_COLUMNS = (
    Reading.id,
    Meter.id,
    Meter.medium,
    Meter.serial,
    Meter.place,
    Meter.measure,
    Meter.coefficient,
    Register.id,
    Register.name,
    Register.digits,
    Register.decimals,
    Reading.day,
    Reading.value,
    Reading.rolled_over,
    Reading.source,
    Reading.state,
    Reading.counts,
    Reading.reason,
    Reading.note,
    Reading.decided_note,
    Reading.at,
    Reading.receipt_id,
    Receipt.number,
    Person.name,
    Reading.period_id,
    Reading.person_id,
    Person.non_disclosure,
)
_later = aliased(Reading)
_NEXT = (
    select(func.min(_later.day))
    .where(_later.register_id == Reading.register_id, _later.counts, _later.day > Reading.day)
    .correlate(Reading)
    .scalar_subquery()
)
# Of what is read remotely day by day: the last of each month, and what a period has used.
_TOLD = or_(
    Reading.source != "remote",
    and_(
        Reading.counts,
        or_(Reading.period_id.is_not(None), _NEXT.is_(None), extract("month", _NEXT) != extract("month", Reading.day)),
    ),
)
_LINES = (
    select(*_COLUMNS)
    .select_from(Meter)
    .join(Register, Register.meter_id == Meter.id)
    .join(Reading, Reading.register_id == Register.id)
    .outerjoin(Receipt, Receipt.id == Reading.receipt_id)
    .outerjoin(Person, Person.id == Reading.person_id)
    .where(Meter.unit_id == bindparam("unit"), Reading.day >= bindparam("first"), Reading.day <= bindparam("last"), _TOLD)
    .order_by(Reading.day.desc(), Reading.id.desc())
)
_YEARS = (
    select(Meter.medium, func.min(extract("year", Reading.day)), func.max(extract("year", Reading.day)))
    .select_from(Meter)
    .join(Register, Register.meter_id == Meter.id)
    .join(Reading, Reading.register_id == Register.id)
    .where(Meter.unit_id == bindparam("unit"), Reading.day >= bindparam("first"))
    .group_by(Meter.medium)
)


_older = aliased(Reading)
_BEFORE = (
    select(_older.value)
    .where(_older.register_id == Reading.register_id, _older.counts, _older.day < Reading.day)
    .order_by(_older.day.desc())
    .limit(1)
    .correlate(Reading)
    .scalar_subquery()
)
_OF_RECEIPT = (
    select(*_COLUMNS, func.coalesce(_BEFORE, Register.initial))
    .select_from(Reading)
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .outerjoin(Receipt, Receipt.id == Reading.receipt_id)
    .outerjoin(Person, Person.id == Reading.person_id)
    .where(Reading.receipt_id == bindparam("receipt"))
    .order_by(Reading.id)
)


def history(
    session: Session,
    unit_id: int,
    year: int,
    *,
    medium: str | None = None,
    since: date | None = None,
    names: bool = False,
    homes: Iterable[Home] = (),
) -> list[Line]:
    """A year's readings of a home, newest first, the replaced and the waiting ones too; what is read remotely by month.

    since: a resident's first day in the home; nothing older is shown. names: also of staff, of persons under non-disclosure and
    of whoever held the home before; else who is None for them. homes: those of the reader.
    """
    first = max(date(year - 1, 1, 1), since or date.min)
    lines = [Line(*row) for row in session.execute(_LINES, {"unit": unit_id, "first": first, "last": date(year, 12, 31)})]
    if medium:
        lines = [line for line in lines if line.medium == medium]
    lines = _by_month(lines)
    _put_use(lines)
    if not names:
        _hide_names(session, lines, homes)
        for line in lines:
            line.who = line.who if line.source == "resident" else None
    return [line for line in lines if line.day.year == year]


def _hide_names(session: Session, lines: list[Line], homes: Iterable[Home]) -> None:
    """A reading is the home's, and stays when somebody else holds it: who sent it, and what they noted, is for those who held the
    home with them."""
    own = {person for home in homes for person in (home.person_id, home.actor_id)}
    others = {line.person_id for line in lines if line.source == "resident"} - own - {None}
    known = own | (_fellows(session, {home.tenure_id for home in homes}) if others else set())
    for line in lines:
        if line.source == "resident" and line.person_id not in known:
            line.who = line.note = None
        elif line.undisclosed and line.person_id not in own:
            line.who = None


def _fellows(session: Session, tenures: set[int]) -> set[int]:
    """Whoever is or was a party of the tenures, and who represents them."""
    parties = select(Party.person_id).where(Party.tenure_id.in_(tenures))
    acting = select(Representation.person_id).where(Representation.of_person_id.in_(parties))
    return set(session.scalars(parties.union(acting)))


def _by_month(lines: list[Line]) -> list[Line]:
    """Of what is read remotely each day, the last of each month; lines are newest first. Everything else as it is."""
    kept, seen = [], set()
    for line in lines:
        month = (line.register_id, line.day.year, line.day.month)
        if line.source != "remote" or (line.counts and month not in seen):
            kept.append(line)
        if line.source == "remote" and line.counts:
            seen.add(month)
    return kept


def _put_use(lines: list[Line]) -> None:
    """Use between readings that count, each register by itself; lines are newest first."""
    before: dict[int, Line] = {}
    for line in reversed(lines):
        last = before.get(line.register_id)
        if last:
            line.use = usual.use(last.value, line.value, line.digits, line.rolled_over, line.coefficient)
        if line.counts:
            before[line.register_id] = line


def put_photos(session: Session, lines: list[Line]) -> list[Line]:
    """The lines, each with the photos of its counter. One SELECT."""
    found = files.of_readings(session, [line.id for line in lines]) if lines else {}
    for line in lines:
        line.photos = found.get(line.id, [])
    return lines


def of_receipt(session: Session, receipt_id: int, homes: Iterable[Home] = ()) -> list[Line]:
    """What a receipt was given for, with use since the reading that counted before. who as in history()."""
    lines = []
    for *columns, before in session.execute(_OF_RECEIPT, {"receipt": receipt_id}):
        line = Line(*columns)
        line.use = usual.use(before, line.value, line.digits, line.rolled_over, line.coefficient)
        lines.append(line)
    _hide_names(session, lines, homes)
    return lines


def media(session: Session, unit_id: int, *, since: date | None = None) -> tuple[list[str], list[int]]:
    """(media, years newest first) of which the home has readings."""
    rows = session.execute(_YEARS, {"unit": unit_id, "first": since or date(1900, 1, 1)}).all()
    if not rows:
        return [], []
    years = range(int(max(row[2] for row in rows)), int(min(row[1] for row in rows)) - 1, -1)
    return [row[0] for row in rows], list(years)
