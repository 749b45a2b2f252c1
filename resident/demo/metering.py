"""Meters, billing periods with their windows, and two years of readings; what each home used in each month."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ..db import SCALE
from ..metering import ladder, usual
from ..metering.meter import Meter, Register
from ..metering.reading import Reading, Receipt
from ..metering.window import ReadingWindow
from ..money.period import BillingPeriod
from .estate import Counter, Dwelling, Hold, Site
from .month import Month
from .rows import instant, one, put

MONTHS = 24
# Months before the one that is being collected: whole months of use, the day before the first is the opening reading.
SEASON = {1: 104, 2: 102, 6: 97, 7: 82, 8: 94, 12: 106}


@dataclass(slots=True)
class Drum:
    """A register as it turns: its level at the start of each month, and what it gets in that month (millionths)."""

    dwelling: Dwelling
    counter: Counter
    name: str
    digits: int
    decimals: int
    start: int
    months: dict[Month, int]
    first: Month
    id: int = 0
    serial: str = ""
    remote: bool = False
    installed: date | None = None
    removed: date | None = None

    def level(self, day: date) -> int:
        """What it shows at the end of a day: whole last digits, past zero when it has run through."""
        month = Month.of(day)
        before = sum(use for other, use in self.months.items() if other < month)
        value = self.start + before + self.months.get(month, 0) * day.day // month.days
        step = 10 ** (6 - self.decimals)
        return value // step * step % (10**self.digits * SCALE)

    def began(self) -> int:
        """What it showed when it was put in, as if as much had been used before the first reading as after it."""
        usual = sum(self.months.values()) // len(self.months)
        value = max(self.start - usual * (self.first.index - Month.of(self.installed).index), 0)
        step = 10 ** (6 - self.decimals)
        return value // step * step

    @property
    def key(self) -> str:
        return f"{self.counter.medium} {self.name}".strip()


@dataclass(slots=True)
class Log:
    """What the builder of invoices needs: use by (home, month) and medium; where the reading was an estimate."""

    uses: dict[tuple[int, Month], dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    estimated: set[tuple[int, Month]] = field(default_factory=set)
    # By (home, month): (what the register counts, the readings as a line keeps them: money/invoice.py MadeFrom).
    counted: dict[tuple[int, Month], list[tuple[str, dict]]] = field(default_factory=lambda: defaultdict(list))
    periods: dict[tuple[int, Month], int] = field(default_factory=dict)
    drums: list[Drum] = field(default_factory=list)


def read_all(session: Session, site: Site) -> Log:
    log = Log()
    _periods(session, site, log)
    drums = log.drums = _install(session, site)
    visits = _visits(site)
    drafts, receipts = [], []
    for drum in drums:
        drafts += _history(site, drum, visits, log)
    for dwelling in site.dwellings:
        receipts += _receipts(site, dwelling, visits, log)
    _numbered(session, site, receipts, drafts)
    put(session, Reading, drafts)
    _corrected(session, site, drums, log)
    _questioned(session, site, drums, log)
    return log


# ---- Periods and windows -------------------------------------------------------------------------------------------


def _periods(session: Session, site: Site, log: Log) -> None:
    now = site.collected
    rows, windows, keys = [], [], []
    for building_id in site.buildings.values():
        for use in (now.plus(n) for n in range(-MONTHS, 2)):
            billed = site.estate.round.billed(use)
            rows.append(
                {
                    "building_id": building_id, "name": billed.name, "use_first": use.first, "use_last": use.last,
                    "bill_first": billed.first, "bill_last": billed.last, "state": _state(use, now),
                }
            )  # fmt: skip
            keys.append((building_id, use))
    log.periods.update(zip(keys, put(session, BillingPeriod, rows), strict=True))
    opener = next((site.officers[role] for role in ("office", "manager") if role in site.officers), None)
    for (_building, use), id in log.periods.items():
        if use > now:
            continue
        first, last = window_of(site, use)
        opened = instant(first - timedelta(days=2), site.tz, 9, 10)
        windows.append({"period_id": id, "first": first, "last": last, "opened_by": opener and opener.id, "opened_at": opened})
    put(session, ReadingWindow, windows)


def _state(use: Month, now: Month) -> str:
    if use > now:
        return "planned"
    return {0: "open", 1: "confirmed"}.get(now.index - use.index, "closed")


def window_of(site: Site, use: Month) -> tuple[date, date]:
    """The usual days of the month; for the month that is being collected, days around today."""
    if use < site.collected:
        return use.day(site.estate.window[0]), use.day(site.estate.window[1])
    return max(site.today - timedelta(days=5), use.first), site.today + timedelta(days=6)


# ---- Meters --------------------------------------------------------------------------------------------------------


def _install(session: Session, site: Site) -> list[Drum]:
    """Meters with registers for every home; in the second home of each house the cold one was changed nine months ago."""
    meters, drums = [], []
    for n, dwelling in enumerate(site.dwellings):
        for counter in site.estate.counters:
            if site.rng.randrange(100) < counter.share or (counter.share > 30 and dwelling.signs_in):
                meters.append(_meter(site, n, dwelling, counter))
                drums.append([_drum(site, n, dwelling, counter, register) for register in counter.registers])
    for id, row, group in zip(put(session, Meter, meters), meters, drums, strict=True):
        for drum in group:
            drum.remote, drum.installed, drum.serial = row["remote"], row["installed"], row["serial"]
        _register(session, id, group)
    drums += [_changed(session, site, row, group[0]) for row, group in zip(meters, drums, strict=True) if _due_for_change(group[0])]
    return [drum for group in drums for drum in (group if isinstance(group, list) else [group])]


def _meter(site: Site, n: int, dwelling: Dwelling, counter: Counter) -> dict:
    installed = Month.of(site.today).plus(-30 - n % 24).day(3 + n % 20)
    verified = installed.replace(year=installed.year + 6, day=min(installed.day, 28))
    if n % 17 == 6 and counter.medium == "hot_water" and not dwelling.signs_in:
        verified = site.today - timedelta(days=12 + n)
    elif counter.medium == "cold_water" and (n % 17 == 9 or dwelling.signs_in):
        verified = site.today + timedelta(days=24 + n)
    return {
        "organisation_id": site.id, "unit_id": dwelling.id, "medium": counter.medium, "place": counter.place,
        "serial": f"{installed.year % 100}-{site.rng.randint(100000, 999999)}", "measure": counter.measure,
        "installed": installed, "verified_until": verified, "remote": dwelling.house.remote,
    }  # fmt: skip


def _drum(site: Site, n: int, dwelling: Dwelling, counter: Counter, register: tuple[str, int, int]) -> Drum:
    name, least, most = register
    first = site.collected.plus(-MONTHS)
    steady = site.rng.randint(least, most)
    months = {}
    for month in (first.plus(i) for i in range(MONTHS + 2)):
        use = steady * dwelling.occupants * SEASON.get(month.number, 100) * site.rng.randint(88, 112) // 10_000
        months[month] = use * SCALE // 1000
    start = site.rng.randint(60_000, 900_000) * SCALE // 1000
    if n % 29 == 12 and counter.medium == "cold_water":
        start = 10**counter.digits * SCALE - sum(months[first.plus(i)] for i in range(15))
    return Drum(dwelling, counter, name, counter.digits, counter.decimals, start, months, first)


def _register(session: Session, meter_id: int, drums: list[Drum], initial: int | None = None) -> None:
    rows = [
        {
            "meter_id": meter_id, "name": drum.name, "digits": drum.digits, "decimals": drum.decimals,
            "initial": drum.began() if initial is None else initial,
        }
        for drum in drums
    ]  # fmt: skip
    for id, drum in zip(put(session, Register, rows), drums, strict=True):
        drum.id = id


def _due_for_change(drum: Drum) -> bool:
    house = drum.dwelling.house
    second = house.number.format(stair=house.stairs[0].label, n=2)
    return drum.counter.medium == "cold_water" and drum.dwelling.number == second and drum.counter is not None and not drum.remote


def _changed(session: Session, site: Site, row: dict, old: Drum) -> Drum:
    """The old meter goes on a day nine months ago, with its final value; the new one begins at 0.214 (rule 7)."""
    day = site.collected.plus(-9).day(12)
    old.removed = day
    session.query(Meter).filter(Meter.serial == row["serial"], Meter.unit_id == row["unit_id"]).update({"removed": day})
    old_id = session.query(Register.meter_id).filter(Register.id == old.id).scalar()
    fresh = row | {
        "serial": f"{day.year % 100}-{site.rng.randint(100000, 999999)}", "installed": day, "replaces_id": old_id,
        "verified_until": day.replace(year=day.year + 6),
    }  # fmt: skip
    initial = 214_000
    gone = (
        sum(use for month, use in old.months.items() if month < Month.of(day))
        + old.months[Month.of(day)] * 12 // Month.of(day).days
    )
    new = Drum(old.dwelling, old.counter, old.name, old.digits, old.decimals, initial - gone, old.months, old.first)
    new.installed, new.serial = day, fresh["serial"]
    _register(session, one(session, Meter, **fresh), [new], initial)
    return new


# ---- Readings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visit:
    """Who read a home's meters for a month, on which day and at which hour. person: id or None."""

    source: str
    day: date
    hour: int
    person_id: int | None


def _visits(site: Site) -> dict[tuple[int, Month], Visit]:
    """By home and month of use; none for the current month where it is still missing."""
    visits = {}
    for n, dwelling in enumerate(site.dwellings):
        for use in (site.collected.plus(i) for i in range(-MONTHS, 1)):
            visit = _visit(site, n, dwelling, use)
            if visit:
                visits[dwelling.id, use] = visit
    return visits


def _visit(site: Site, n: int, dwelling: Dwelling, use: Month) -> Visit | None:
    first, last = window_of(site, use)
    current = use == site.collected
    if dwelling.house.remote:
        return None if current else Visit("remote", use.last, 23, None)
    if current and (dwelling.signs_in or site.rng.randrange(100) < 26):
        return None
    last = min(last, site.today, use.last)
    first = min(max(first, last - timedelta(days=5)), last)
    day = first + timedelta(days=site.rng.randint(0, (last - first).days))
    hold = dwelling.hold(day)
    source = _source(site, dwelling, current, hold)
    person = hold.people[0].id if source == "resident" else site.officers[source].id if source in site.officers else None
    visit = Visit(source, day, site.rng.randint(8, 21), person)
    # Seven months ago those who are looked at most forgot to read.
    return Visit("estimate", use.last, 9, None) if dwelling.signs_in and use == site.collected.plus(-7) else visit


def _source(site: Site, dwelling: Dwelling, current: bool, hold: Hold | None) -> str:
    staff = next(role for role in ("office", "manager") if role in site.officers)
    drawn = site.rng.randrange(100)
    if hold is None or (drawn < 9 and not current and not dwelling.signs_in):
        return staff
    if drawn < 20 and "council" in site.officers and not dwelling.signs_in:
        return "council"
    return "estimate" if drawn == 99 and not current else "resident"


def _history(site: Site, drum: Drum, visits: dict, log: Log) -> list[dict]:
    """The drum's readings from the opening one to the latest, and its use month by month into the log."""
    drafts = []
    start = drum.first.plus(-1).last if drum.removed or drum.installed < drum.first.first else drum.installed
    last = seen = drum.level(start) if start != drum.installed else 214_000
    if start != drum.installed:
        drafts.append(_draft(site, drum, Visit("import", start, 3, None), None, last, False))
    for use in (site.collected.plus(i) for i in range(-MONTHS, 1)):
        visit = visits.get((drum.dwelling.id, use))
        if drum.removed and Month.of(drum.removed) == use:
            visit = Visit("office", drum.removed, 11, _staff(site))
        if visit is None or visit.day < (drum.installed or start) or (drum.removed and visit.day > drum.removed):
            continue
        value, over = drum.level(visit.day), False
        if visit.source == "estimate":
            value, basis = _estimate(drum, drafts, visit.day, last)
        else:
            # Lower than somebody saw it: it passed zero; lower than an estimate: that was too high (rule 11).
            over, seen = value < min(seen, last), value
        drafts.append(_draft(site, drum, visit, log.periods[drum.dwelling.building_id, use], value, over))
        if visit.source == "estimate":
            drafts[-1] |= {"reason": basis.rung, "note": str(basis)}
        used = value - last + (10**drum.digits * SCALE if over else 0)
        log.uses[drum.dwelling.id, use][drum.key] += used
        log.counted[drum.dwelling.id, use].append((drum.key, _told(drum, use, last, value, used, visit.source)))
        if visit.source == "estimate":
            log.estimated.add((drum.dwelling.id, use))
        last = value
    return drafts


def _told(drum: Drum, use: Month, before: int, value: int, used: int, source: str) -> dict:
    """Of a month, or of the days of it in which the meter was there."""
    first, last = use.plus(-1).last, use.last
    first, last = max(first, drum.installed or first), min(last, drum.removed or last)
    return {
        "register": drum.id, "serial": drum.serial, "medium": drum.counter.medium, "first": first.isoformat(), "from": before,
        "last": last.isoformat(), "to": value, "use": used, "estimated": source == "estimate",
    }  # fmt: skip


def _estimate(drum: Drum, drafts: list[dict], day: date, last: int) -> tuple[int, ladder.Basis]:
    """What the usual ladder makes of the drum's readings before a day."""
    total, before, points = 0, None, []
    for draft in drafts:
        total += 0 if before is None else usual.use(before, draft["value"], drum.digits, draft["rolled_over"])
        before = draft["value"]
        points.append(ladder.Point(draft["day"], total, draft["source"] != "estimate"))
    rules = ladder.Rules(("last", "average"), 6, 6, {})
    made = ladder.climb(
        rules, points, None, day, lambda *_: None, value=last, digits=drum.digits, decimals=drum.decimals
    )  # fmt: skip
    return (made.value, made.basis) if made else (last, ladder.Basis("average", day, day, 0, 0))


def _staff(site: Site) -> int:
    return next(site.officers[role].id for role in ("office", "manager") if role in site.officers)


def _draft(site: Site, drum: Drum, visit: Visit, period_id: int | None, value: int, over: bool) -> dict:
    # The board's manager enters as the office does: a reading's source knows no more kinds.
    source = "office" if visit.source == "manager" else visit.source
    return {
        "register_id": drum.id, "period_id": period_id, "day": visit.day, "value": value, "source": source,
        "rolled_over": over, "person_id": visit.person_id, "at": instant(visit.day, site.tz, visit.hour, drum.id % 60),
        "receipt_id": (drum.dwelling.id, period_id) if source == "resident" else None, "reason": None, "note": None,
    }  # fmt: skip


def _receipts(site: Site, dwelling: Dwelling, visits: dict, log: Log) -> list[dict]:
    rows = []
    for (unit_id, use), visit in visits.items():
        if unit_id == dwelling.id and visit.source == "resident":
            at = instant(visit.day, site.tz, visit.hour, 59)
            rows.append(
                {
                    "organisation_id": site.id, "unit_id": unit_id, "period_id": log.periods[dwelling.building_id, use],
                    "person_id": visit.person_id, "at": at,
                }
            )  # fmt: skip
    return rows


def _numbered(session: Session, site: Site, receipts: list[dict], drafts: list[dict]) -> None:
    """Receipts in the order of their days, and the readings that each of them is for."""
    receipts.sort(key=lambda row: row["at"])
    for row in receipts:
        row["number"] = site.draw("receipt", "N", row["at"].year)
    ids = {(row["unit_id"], row["period_id"]): id for row, id in zip(receipts, put(session, Receipt, receipts), strict=True)}
    for draft in drafts:
        draft["receipt_id"] = ids[draft["receipt_id"]] if draft["receipt_id"] else None


def _corrected(session: Session, site: Site, drums: list[Drum], log: Log) -> None:
    """Five months ago somebody typed two digits the wrong way round; the office put it right the next day (rule 1)."""
    use = site.collected.plus(-5)
    drum = next(drum for drum in drums if not drum.remote and drum.dwelling.signs_in and drum.counter.medium == "cold_water")
    period = log.periods[drum.dwelling.building_id, use]
    right = session.query(Reading).filter(Reading.register_id == drum.id, Reading.period_id == period, Reading.counts).one()
    person = drum.dwelling.hold(right.day).people[0]
    wrong = one(
        session, Reading, register_id=drum.id, period_id=period, day=right.day, value=right.value + 27 * SCALE, source="resident",
        counts=False, person_id=person.id, at=instant(right.day, site.tz, 6, 48), reason="more",
    )  # fmt: skip
    session.query(Reading).filter(Reading.id == right.id).update({"counts": False})
    one(
        session, Reading, register_id=drum.id, period_id=period, day=right.day, value=right.value, source="office",
        counts=True, person_id=_staff(site), at=right.at + timedelta(hours=9), supersedes_id=wrong,
    )  # fmt: skip


def _questioned(session: Session, site: Site, drums: list[Drum], log: Log) -> None:
    """In one home the counter shows less than before: the value waits for staff and does not count (rule 5)."""
    period = {drum.id: log.periods[drum.dwelling.building_id, site.collected] for drum in drums}
    drum = next(
        drum for drum in drums
        if drum.counter.medium == "hot_water" and not drum.remote and not drum.dwelling.signs_in and not drum.removed
        and site.collected in _open_for(drum, log) and drum.dwelling.hold(site.today)
    )  # fmt: skip
    day = min(max(site.today - timedelta(days=1), window_of(site, site.collected)[0]), site.today)
    person = drum.dwelling.hold(day).people[0]
    receipt = one(
        session, Receipt, organisation_id=site.id, number=site.draw("receipt", "N", day.year), unit_id=drum.dwelling.id,
        period_id=period[drum.id], person_id=person.id, at=instant(day, site.tz, 20, 12),
    )  # fmt: skip
    one(
        session, Reading, register_id=drum.id, period_id=period[drum.id], day=day, value=max(0, drum.level(day) - 31 * SCALE),
        source="resident", state="pending", counts=False, reason="shows", person_id=person.id, receipt_id=receipt,
        at=instant(day, site.tz, 20, 12),
    )  # fmt: skip


def _open_for(drum: Drum, log: Log) -> set[Month]:
    """Months of the current period in which the home has no reading yet."""
    current = drum.first.plus(MONTHS)
    return set() if (drum.dwelling.id, current) in log.uses else {current}
