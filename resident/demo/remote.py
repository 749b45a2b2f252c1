"""Remote reading in the demo: the newer house of the Finnish company sends its water by the hour.

The file of the night before last gave some rows back, last night's went in as a whole; and in one home water runs all night.
"""

import hashlib
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from .. import clock
from ..db import SCALE
from ..metering import feed_journal
from ..metering.feed import Feed, FeedRun
from ..metering.feed_file import Row
from ..metering.feed_mapping import Mapping
from ..metering.feeding import Outcome
from ..metering.leak import Leak
from ..metering.meter import WATER, Meter, Register
from ..metering.reading import Reading
from ..metering.sample import Sample
from .estate import Site
from .metering import Log
from .meters import Drum
from .month import Month
from .rows import instant, one, put

# Days of hourly values: of the house, and of the home where water runs.
DAYS, LEAKING = 2, 9
_HEADING = ("Mittari", "Aika", "Lukema")
# Use of a day, hour by hour: nobody draws water from one to five, unless something leaks.
_STILL = (12, 0, 0, 0, 0, 0, 38, 96, 84, 40, 30, 28, 34, 32, 30, 34, 46, 62, 84, 96, 92, 76, 52, 34)
_RUNS = tuple(max(part, 24) for part in _STILL)


def send(session: Session, site: Site, log: Log, folder: Path) -> None:
    """folder: the data folder of the portal."""
    drums = [drum for drum in log.drums if drum.remote and drum.counter.medium in WATER and not drum.removed]
    if not drums:
        return
    leaking = _leaking(site, drums)
    samples, readings = [], []
    for drum in drums:
        shape, days = (_RUNS, LEAKING) if drum is leaking else (_STILL, DAYS)
        for back in range(days, 0, -1):
            day = site.today - timedelta(days=back)
            samples += _hours(site, drum, day, shape)
            if not (day == Month.of(day).last and Month.of(day) < site.collected):
                readings.append(_reading(site, drum, day))
    session.execute(insert(Sample), samples)
    put(session, Reading, readings)
    _files(session, site, len(drums), folder)
    _leak(session, site, leaking)


def _leaking(site: Site, drums: list[Drum]) -> Drum:
    """The home that uses most cold water of those that nobody signs in to."""
    lived_in = [drum for drum in drums if not drum.dwelling.signs_in and drum.dwelling.hold(site.today)]
    return max((drum for drum in lived_in if drum.counter.medium == "cold_water"), key=lambda drum: drum.level(site.today))


def _hours(site: Site, drum: Drum, day: date, shape: tuple) -> list[dict]:
    """What the counter showed at the end of each hour of a day, by the clock of the place; the last in the minute before the
    next day."""
    begins, ends = clock.seconds(day, site.tz), clock.seconds(day + timedelta(days=1), site.tz)
    since, until = drum.level(day - timedelta(days=1)), drum.level(day)
    hours = [shape[n % 24] for n in range((ends - begins) // 3600)]
    rows, passed = [], 0
    for hour, part in enumerate(hours):
        passed += part
        at = min(begins + (hour + 1) * 3600, ends - 60)
        rows.append({"register_id": drum.id, "at": at, "value": since + (until - since) * passed // sum(hours)})
    return rows


def _reading(site: Site, drum: Drum, day: date) -> dict:
    return {
        "register_id": drum.id, "period_id": None, "day": day, "value": drum.level(day), "source": "remote", "person_id": None,
        "at": instant(day + timedelta(days=1), site.tz, 3, 12), "via": "feed",
    }  # fmt: skip


def _files(session: Session, site: Site, registers: int, folder: Path) -> None:
    mapping = Mapping(heading=_HEADING, order="ymd", zone="organisation")
    feed = one(
        session, Feed, organisation_id=site.id, name="Etäluenta, vesi", slug="etaluenta-vesi", mapping=mapping.stored(),
        active=True, made_at=instant(site.today - timedelta(days=400), site.tz, 10, 5), version=2,
    )  # fmt: skip
    back = _given_back(session, site)
    failed = f"{hashlib.sha256(site.estate.organisation['slug'].encode()).hexdigest()[:24]}.jsonl.gz"
    feed_journal.keep_failed(feed_journal.folder(folder) / failed, iter(back))
    names = [name for _row, name, _facts in back if name]
    for ago, reasons in ((2, {name: names.count(name) for name in names}), (1, {})):
        day = site.today - timedelta(days=ago)
        lost = sum(reasons.values())
        rows = registers * 24 + lost
        told = Outcome(rows, registers, registers * 24, failed=lost, readings=registers, reasons=reasons)
        told.first, told.last = clock.seconds(day, site.tz) + 3600, clock.seconds(day + timedelta(days=1), site.tz) - 60
        arrived = instant(day + timedelta(days=1), site.tz, 3, 10)
        name = f"vesi-{day.isoformat()}.csv"
        one(
            session, FeedRun, feed_id=feed, file_name=name, failed=failed if lost else None, size=rows * 41,
            sha256=hashlib.sha256(name.encode()).hexdigest(), state="done", counts=told.stored(), at=arrived, begun_at=arrived,
            ended_at=arrived,
        )  # fmt: skip


def _given_back(session: Session, site: Site) -> list[tuple[Row, str, dict]]:
    """The heading, and rows with the names of their reasons: a meter that nobody knows, one that is read by hand."""
    by_hand = select(Meter.serial).join(Register, Register.meter_id == Meter.id)
    by_hand = by_hand.where(Meter.organisation_id == site.id, Meter.medium == "cold_water", Meter.remote.is_(False))
    serial = session.scalar(by_hand.where(Meter.removed.is_(None)).order_by(Meter.id).limit(1))
    day = (site.today - timedelta(days=2)).isoformat()
    rows = [("19-000417", "UnknownMeter", "214.882"), ("19-000417", "UnknownMeter", "214.905"), (serial, "ReadByHand", "88.104")]
    rows = [((meter, f"{day} {7 + n}:00", value), name, {"meter": meter}) for n, (meter, name, value) in enumerate(rows)]
    every = [(_HEADING, "", {}), *rows]
    return [(Row(line, list(cells), ";".join(cells)), name, facts) for line, (cells, name, facts) in enumerate(every, start=1)]


def _leak(session: Session, site: Site, drum: Drum) -> None:
    first, last = site.today - timedelta(days=LEAKING - 2), site.today - timedelta(days=1)
    hour = min(drum.level(last) - drum.level(last - timedelta(days=1)), SCALE) * min(_RUNS) // sum(_RUNS)
    told = instant(first + timedelta(days=2), site.tz, 8, 20)
    one(session, Leak, register_id=drum.id, first_night=first, last_night=last, flow=hour, told_at=told)
