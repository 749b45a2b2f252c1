"""Billing periods with their windows, and two years of readings; what each home used in each month."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ..db import SCALE
from ..metering import ladder, usual
from ..metering.reading import Reading, Receipt
from ..metering.window import ReadingWindow
from ..money.period import BillingPeriod
from .estate import Dwelling, Hold, Site
from .meters import MONTHS, Drum, install
from .month import Month
from .rows import instant, one, put


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
    drums = log.drums = install(session, site)
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
