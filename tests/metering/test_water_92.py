"""A year of hourly counters of 92 real homes, with all their faults, as the file came (see shared/samples/README.md)."""

import csv
import io
import os
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from resident import clock
from resident.homes.building import Building, Unit, natural
from resident.homes.organisation import Organisation
from resident.metering import feeding
from resident.metering.feed import Feed
from resident.metering.feed_mapping import Mapping
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.sample import Sample

SAMPLES = os.environ.get("RESIDENT_TEST_SAMPLES") or Path(__file__).parents[2].parent / "shared/samples"
ZIP = Path(SAMPLES) / "meters/water-92-homes-2016.zip"
MADRID = ZoneInfo("Europe/Madrid")

pytestmark = pytest.mark.skipif(
    not ZIP.is_file(), reason="the folder shared/samples with the file of 92 homes is not beside the project"
)


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    with zipfile.ZipFile(ZIP) as archive, archive.open(archive.namelist()[0]) as file:
        return list(csv.reader(io.TextIOWrapper(file, "utf-8"), delimiter=";"))[1:]


@pytest.fixture(scope="module")
def homes(rows) -> dict[str, list[tuple[datetime, int]]]:
    """By key of the file: (time by the clock of the place, litres) in the order of the file, without rows that are broken."""
    found = defaultdict(list)
    for key, time, value, _ in rows:
        if value.isdigit():
            found[key].append((datetime.strptime(time, "%d/%m/%Y %H:%M:%S"), int(value)))
    return dict(found)


def test_the_clock_of_the_file_is_that_of_spain(homes):
    """Nothing in the hour that is not there in spring, twice as much in the one that is there twice in autumn."""
    hours = Counter((time.date(), time.hour) for samples in homes.values() for time, _ in samples)
    assert hours[date(2016, 3, 27), 1] > 70 and hours[date(2016, 3, 27), 2] == 0 and hours[date(2016, 3, 27), 3] > 70
    assert hours[date(2016, 10, 30), 2] > 2 * 70 > hours[date(2016, 10, 30), 1]
    doubled = Counter(
        time for samples in homes.values() for time, count in Counter(time for time, _ in samples).items() if count > 1
    )
    assert sum(doubled.values()) == 78
    assert {(time.date(), time.hour) for time in doubled} == {(date(2016, 10, 30), 2)}


def instants(samples) -> list[tuple[int, int]]:
    """Counted anew and in another way than the portal does: by the zone's two readings of a time, in the order of the file."""
    found, before = [], None
    for time, value in samples:
        both = [time.replace(tzinfo=MADRID, fold=fold).astimezone(UTC) for fold in (0, 1)]
        at = both[1] if both[0] != both[1] and before is not None and both[0] <= before else both[0]
        found.append((int(at.timestamp()), value))
        before = at
    return found


def longest(values) -> int:
    """Length of the longest row of values that never falls, by a plain table over distinct values (not as the portal does)."""
    places = {value: place for place, value in enumerate(sorted(set(values)), 1)}
    tree = [0] * (len(places) + 1)
    best = 0
    for value in values:
        place, length = places[value], 0
        while place:
            length, place = max(length, tree[place]), place & (place - 1)
        length += 1
        best, place = max(best, length), places[value]
        while place < len(tree):
            tree[place], place = max(tree[place], length), place + (place & -place)
    return best


@pytest.fixture
def feed(db, homes) -> Feed:
    """An organisation with 92 homes, a cold-water meter each, that the file knows by the key of its user."""
    with db.writing() as session:
        organisation = Organisation(
            slug="agua",
            name="Agua",
            legal_form="rental",
            country="FI",
            currency="EUR",
            tz="Europe/Madrid",
            languages="en",
            payee={},
        )
        session.add(organisation)
        session.flush()
        building = Building(organisation_id=organisation.id, code="A", address="A 1")
        session.add(building)
        session.flush()
        for number, key in enumerate(sorted(homes), 1):
            unit = Unit(building_id=building.id, number=str(number), sort_key=natural(None, str(number)), first=date(2015, 1, 1))
            session.add(unit)
            session.flush()
            meter = Meter(
                organisation_id=organisation.id, unit_id=unit.id, medium="cold_water", serial=f"W-{number}", measure="m³",
                installed=date(2015, 1, 1), remote=True,
            )  # fmt: skip
            session.add(meter)
            session.flush()
            session.add(Register(meter_id=meter.id, feed_key=key))
        mapping = Mapping(heading=("user key", "datetime", "meter reading", "diff"), unit="l", zone="organisation", order="dmy")
        made = Feed(organisation_id=organisation.id, name="92", slug="water-92", mapping=mapping.stored(), made_at=clock.now())
        session.add(made)
    return made


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_file_goes_in_as_it_is(db, feed, rows, homes, tmp_path):
    back = []
    outcome = feeding.read(db, feed, ZIP, scratch=tmp_path, back=lambda some: back.extend(some))

    assert outcome.rows == len(rows) == 674_014 + 5
    assert outcome.reasons.pop("Rounded") == 5 == sum(not value.isdigit() for _, _, value, _ in rows)
    by_home = {key: instants(samples) for key, samples in homes.items()}
    pairs = [(one, two) for samples in by_home.values() for one, two in zip(samples, samples[1:], strict=False)]
    assert outcome.backwards == sum(two[1] < one[1] for one, two in pairs) == 203
    assert outcome.gaps == sum(two[0] - one[0] > 3 * 3600 for one, two in pairs) == 13_662
    assert outcome.registers == len(homes) == 92
    # The times that are there twice are two hours: none of them comes back.
    assert len({instant for samples in by_home.values() for instant in [(id(samples), at) for at, _ in samples]}) == 674_014
    assert set(outcome.reasons) == {"Backwards", "Ahead"}
    assert outcome.booked == sum(longest([value for _, value in sorted(samples)]) for samples in by_home.values())
    assert outcome.booked + outcome.failed == outcome.rows
    assert len([name for _, name, _ in back if name]) == outcome.failed

    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sample)) == outcome.booked
        assert session.scalar(select(func.sum(Sample.value))) % 1000 == 0
        days = session.scalar(select(func.count()).select_from(Reading).where(Reading.counts))
    assert days == outcome.readings
    assert days <= len({(key, time.date()) for key, samples in homes.items() for time, _ in samples})
    again = feeding.read(db, feed, ZIP, scratch=tmp_path)
    assert (again.booked, again.known, again.readings, again.failed) == (0, outcome.booked, 0, outcome.failed)
