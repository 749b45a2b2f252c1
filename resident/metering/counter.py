"""A home's registers with what is known about each before a new value is typed. Three SELECTs and the settings' one."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from ..access import Controller
from ..homes import setting
from . import counter_rows, usual, window
from . import medium as medium_of
from .counter_rows import KEPT
from .meter import medium_order

STAFF_SOURCES = ("office", "council", "provider")


@dataclass(slots=True)
class Entered:
    """A reading that is there: one that counts, or one that waits for staff."""

    id: int
    day: date
    value: int
    rolled_over: bool
    period_id: int | None
    source: str
    state: str
    counts: bool
    # None when whoever reads this may not know the name: an earlier holder's.
    who: str | None
    at: object = None


@dataclass(slots=True)
class Counter:
    """One register of a meter. Values in millionths of measure; use is the home's part of it (rule 19)."""

    meter_id: int
    medium: str
    serial: str
    place: str | None
    measure: str
    installed: date
    removed: date | None
    replaces_id: int | None
    verified_until: date | None
    remote: bool
    coefficient: int
    register_id: int
    name: str
    digits: int
    decimals: int
    initial: int
    # Something of its home came without a page, and is held or was dismissed (slip.py).
    slips: bool
    # What counts, newest first, without what was entered for the period at hand.
    rows: list[Entered] = field(default_factory=list)
    # What counts for the period at hand, and what waits for staff.
    current: Entered | None = None
    pending: Entered | None = None
    # Use of the meter before this one since its last billed reading, and that reading's day (rule 7).
    carried: int = 0
    carried_from: date | None = None
    # What is usual is drawn from these: (first day, last day, use), newest first, the meter's before this one too.
    past: list[tuple[date, date, int]] = field(default_factory=list)
    # The usual use a day.
    rate: int | None = None
    reason: window.Reason | None = None
    # The period that an entry belongs to. corrects: its window is over, and what was sent for it may be corrected.
    period_id: int | None = None
    corrects: bool = False

    @property
    def last(self) -> Entered | None:
        """The last reading that counts, of an earlier period; None for a meter that was never read."""
        return self.rows[0] if self.rows else None

    @property
    def last_value(self) -> int:
        return self.rows[0].value if self.rows else self.initial

    @property
    def last_day(self) -> date:
        return self.rows[0].day if self.rows else self.installed

    @property
    def floor(self) -> int:
        """The last value that somebody saw: an estimate may have been too high, and a true reading settles it (rule 11)."""
        return next((row.value for row in self.rows if row.source != "estimate"), self.initial)

    def use(self, value: int, rolled_over: bool = False) -> int:
        """Use since the last reading that counts, a meter change between them included."""
        return self.carried + self._use(self.last_value, value, rolled_over)

    @property
    def since(self) -> date:
        """The day from which use() counts."""
        return self.carried_from or self.last_day

    def days(self, day: date) -> int:
        """Days of use() up to a day."""
        return (day - self.since).days

    def spans(self) -> list[tuple[date, date, int]]:
        """(first day, last day, use) between readings that count, newest first."""
        pairs = zip(self.rows, self.rows[1:], strict=False)
        spans = [(old.day, new.day, self._use(old.value, new.value, new.rolled_over)) for new, old in pairs]
        if self.rows and len(self.rows) < KEPT - 1:
            oldest = self.rows[-1]
            spans.append((self.installed, oldest.day, self._use(self.initial, oldest.value, oldest.rolled_over)))
        return spans

    def _use(self, before: int, after: int, rolled_over: bool) -> int:
        return usual.use(before, after, self.digits, rolled_over, self.coefficient)


@dataclass(slots=True)
class Form:
    """All that one home's entry needs, or that of a building's own meters. counters: live registers; history goes back KEPT
    readings each."""

    # None: of the building's own meters.
    unit_id: int | None
    organisation: Controller
    today: date
    staff: bool
    entry: window.Entry
    # Why nothing can be entered but corrections; a counter may have a reason of its own.
    reason: window.Reason | None
    counters: list[Counter]
    settings: dict
    # The first day that a reading may bear, and the one proposed.
    earliest: date
    day: date
    # Whoever types may know nothing of earlier readings, so no question is asked (rule 43).
    blind: bool = False

    @property
    def slips(self) -> bool:
        """May something that came without a page be held for the home?"""
        return not self.counters or any(counter.slips for counter in self.counters)

    @property
    def open(self) -> list[Counter]:
        """The registers that may be entered now."""
        return [counter for counter in self.counters if self.closed(counter) is None]

    @property
    def corrected(self) -> list[Counter]:
        """Those of them that may only be corrected: the window is over, the costs are not shared out."""
        return [counter for counter in self.open if counter.corrects]

    def closed(self, counter: Counter) -> window.Reason | None:
        """Why this register cannot be entered now."""
        return counter.reason or (None if counter.corrects else self.reason)

    def far(self, counter: Counter, used: int, day: date) -> usual.Unusual | None:
        """Is this use, up to a day, far from usual by the organisation's settings (rule 13)?"""
        factor, gap = self.settings["unusual_factor"], self.settings["unusual_gap"].get(counter.medium, 0)
        return usual.far(used, counter.days(day), counter.rate, factor, gap)


def form(
    session: Session,
    unit_id: int | None,
    organisation: Controller,
    *,
    staff: bool = False,
    period_id: int | None = None,
    since: date | None = None,
    medium: str | None = None,
    blind: bool = False,
    building_id: int | None = None,
    settings: dict | None = None,
) -> Form:
    """What one home's entry needs, on the organisation's day. Four SELECTs.

    staff: whose entry it is. period_id: staff may name the period. since: a resident's first day in the home; what is
    older belongs to somebody else, so no name and no usual use is drawn from it. medium: a supplier sees its own only.
    blind: for whoever may know nothing of earlier readings. building_id, with unit_id None: the building's own meters.
    settings: those in force today, where they are known already (setting.in_force).
    """
    today = organisation.today
    settings = dict(settings or setting.in_force(session, organisation.id, organisation.country, today))
    place = {"unit_id": unit_id} if building_id is None else {"building_id": building_id}
    entry = _entry(session, place, today, settings, staff, period_id)
    everything = _counters(session, place, today, medium, staff)
    if any(medium_of.own(counter.medium) for counter in everything):
        settings["unusual_gap"] = medium_of.gaps(session, organisation.id) | settings["unusual_gap"]
    live = [counter for counter in everything if counter.removed is None or counter.removed > today]
    for counter in everything:
        _hide(counter, since)
        _sort_out(counter, entry, since)
    for counter in live:
        _follow(counter, everything, since, today)
        counter.reason = _reason(counter, settings, staff, today)
    reason = entry.reason if live else window.Reason("archived" if everything else "no_meter")
    given = Form(unit_id, organisation, today, staff, entry, reason, live, settings, date.min, today, blind)
    _put_days(given)
    return given


def _put_days(given: Form) -> None:
    """The first day that a resident may write, and the one proposed (rule 3). What is corrected may keep its day."""
    entry, back, opened = given.entry, given.settings["back_date_days"], given.open
    corrected = [counter for counter in opened if counter.corrects]
    after = max((counter.last_day for counter in opened), default=None)
    given.day = window.default_day(given.today, back, after)
    if given.staff:
        return
    own = [sent.day for counter in opened if (sent := counter.current or counter.pending)]
    given.earliest = min([window.earliest_day(entry.correct if corrected else entry.turn, given.today, back), *own])
    given.day = max(own) if corrected and len(corrected) == len(opened) else max(given.day, given.earliest)


def _entry(session: Session, place: dict, today: date, settings: dict, staff: bool, period_id: int | None) -> window.Entry:
    rows = window.turns(session, today, **place)
    if not staff:
        return window.for_resident(rows, today, settings["late_readings"] == "kept")
    if period_id is not None and all(turn.period_id != period_id for turn in rows):
        named = window.of_period(session, period_id)
        rows = [named] if named else []
    return window.for_staff(rows, today, period_id)


def _counters(session: Session, place: dict, today: date, medium: str | None, staff: bool) -> list[Counter]:
    meters, readings = counter_rows.read(session, place, today, staff)
    counters = [Counter(*record) for record in meters]
    counters = [counter for counter in counters if medium in (None, counter.medium)]
    counters.sort(key=_place)
    rows = {counter.register_id: counter.rows for counter in counters}
    for register_id, *reading in readings:
        if register_id in rows:
            rows[register_id].append(Entered(*reading))
    for counter in counters:
        if counter.remote:
            counter.rows = _monthly(counter.rows)
    return counters


def _monthly(rows: list[Entered]) -> list[Entered]:
    """The newest, the last of each month before, those of a period, and what waits; newest first."""
    kept = []
    for row in rows:
        same = kept and (row.day.year, row.day.month) == (kept[-1].day.year, kept[-1].day.month)
        if not same or row.period_id is not None or not row.counts:
            kept.append(row)
    return kept


def _place(counter: Counter) -> tuple:
    return *medium_order(counter.medium), counter.place or "", counter.meter_id, counter.register_id


def _hide(counter: Counter, since: date | None) -> None:
    """Names of residents before the present holder's first day, and of staff, stay out of a resident's page."""
    for row in counter.rows:
        if since is not None and (row.day < since or row.source != "resident"):
            row.who = None


def _sort_out(counter: Counter, entry: window.Entry, since: date | None) -> None:
    """Take what belongs to the period at hand, and what waits, out of rows."""
    counter.corrects = entry.correct is not None and _sent_by_home(counter, entry.correct.period_id, since)
    counter.period_id = entry.correct.period_id if counter.corrects else entry.period_id
    counting = [row for row in counter.rows if row.counts]
    waiting = (row for row in counter.rows if row.state == "pending" and row.period_id == counter.period_id)
    counter.pending = next(waiting, None)
    if counter.period_id is not None:
        counter.current = next((row for row in counting if row.period_id == counter.period_id), None)
    counter.rows = [row for row in counting if row is not counter.current]


def _sent_by_home(counter: Counter, period_id: int, since: date | None) -> bool:
    """Is what counts for a period, or else what waits for it, a resident's of the present household?"""
    rows = [row for row in counter.rows if row.period_id == period_id and (since is None or row.day >= since)]
    sent = next((row for row in rows if row.counts), None) or next(iter(rows), None)
    return sent is not None and sent.source == "resident"


def _follow(counter: Counter, everything: list[Counter], since: date | None, today: date) -> None:
    """Add what the meter before this one tells: its use not yet billed, and its part in what is usual."""
    spans = counter.spans()
    before = _replaced(counter, everything)
    if before:
        spans += before.spans()
        if not counter.rows:
            counter.carried, counter.carried_from = _unbilled(before, everything, counter.period_id)
    if since is not None:
        spans = [span for span in spans if span[0] >= since]
    counter.past = spans
    counter.rate = usual.daily(spans, today)


def _replaced(counter: Counter, everything: list[Counter]) -> Counter | None:
    return next((old for old in everything if old.meter_id == counter.replaces_id and old.name == counter.name), None)


def _unbilled(meter: Counter, everything: list[Counter], period_id: int | None) -> tuple[int, date | None]:
    """(use that no other period has, the day from which on) of a meter that was taken out, and of those before it."""
    readings = [*meter.rows, meter.current] if meter.current else meter.rows
    final = max(readings, key=lambda row: (row.day, row.id), default=None)
    if final is None or final.period_id not in (None, period_id):
        return 0, None
    older = next((row for row in meter.rows if row is not final), None)
    if older:
        return meter._use(older.value, final.value, final.rolled_over), older.day
    before = _replaced(meter, everything)
    carried, since = _unbilled(before, everything, period_id) if before else (0, None)
    return meter._use(meter.initial, final.value, final.rolled_over) + carried, since or meter.installed


def _reason(counter: Counter, settings: dict, staff: bool, today: date) -> window.Reason | None:
    """Why a resident cannot enter this register; staff always can (rules 2, 12)."""
    if staff:
        return None
    if counter.remote:
        return window.Reason("remote")
    if settings["expired_meter"] == "refused" and counter.verified_until and counter.verified_until < today:
        return window.Reason("expired", last=counter.verified_until)
    entered = counter.current
    if entered and entered.source in STAFF_SOURCES and settings["entry_that_counts"] == "staff_closes":
        return window.Reason("staff_entered", first=entered.day, source=entered.source)
    return None
