"""Water that flows through whole nights: who is told, once, and when it ends."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from resident import clock, jobs
from resident.metering import leak_watch
from resident.metering.leak import Leak
from resident.metering.leak_watch import Spell, follow
from resident.metering.night import Night, night
from resident.metering.sample import Sample
from resident.people.person import Person
from resident.people.tenure import Holding
from tests.metering.counters import YEAR, meter, move_to

M = 1_000_000
FLOWED, STILL, UNKNOWN = Night(True, False, 3000), Night(False, True, 0), Night(False, False, 0)


def samples(uses: dict[int, int], day: date, minute: int = 20, tz: str = "Europe/Helsinki") -> list[tuple[int, int]]:
    """Hourly samples of a night from midnight to six; uses: millionths that flowed before the sample of an hour, 0 elsewhere."""
    begins, value, found = int(clock.begins(day, tz).timestamp()), 0, []
    for hour in range(7):
        value += uses.get(hour, 0)
        found.append((begins + hour * 3600 + minute * 60, value))
    return found


DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("uses", "flowed", "still"),
    [
        (dict.fromkeys(range(7), 5000), True, False),
        (dict.fromkeys(range(7), 1000), True, False),
        (dict.fromkeys(range(7), 999), False, True),
        ({0: 9000, 1: 9000, 2: 9000, 4: 9000}, False, True),
        ({}, False, True),
    ],
)
def test_a_night_flows_when_every_hour_of_it_does(uses, flowed, still):
    told = night(samples(uses, DAY), DAY, "Europe/Helsinki", 1000)
    assert (told.flowed, told.still) == (flowed, still)


def test_a_night_with_a_gap_is_not_known_unless_the_counter_stood_still_beside_it():
    flowing = samples(dict.fromkeys(range(7), 5000), DAY)
    assert night([*flowing[:2], *flowing[4:]], DAY, "Europe/Helsinki", 1000) == Night(False, False, 5000)
    stood = samples({}, DAY)
    assert night([*stood[:2], *stood[4:]], DAY, "Europe/Helsinki", 1000).still
    assert night([], DAY, "Europe/Helsinki", 1000) == Night(False, False, 0)


def test_a_daily_counter_tells_nothing_of_nights():
    rows = [(int(clock.begins(DAY + timedelta(days=n), "Europe/Helsinki").timestamp()), n * M) for n in range(3)]
    assert night(rows, DAY + timedelta(days=1), "Europe/Helsinki", 1000) == Night(False, False, 0)


def spell(*nights, running=None, needed=3):
    days = [(DAY + timedelta(days=place), told) for place, told in enumerate(nights)]
    return [(one.first.day, one.last.day, one.ended and one.ended.day) for one in follow(days, running, needed)]


def test_it_begins_with_so_many_nights_in_a_row():
    assert spell(FLOWED, FLOWED) == []
    assert spell(FLOWED, FLOWED, FLOWED) == [(20, 22, None)]
    assert spell(FLOWED, FLOWED, needed=2) == [(20, 21, None)]
    assert spell(FLOWED, UNKNOWN, FLOWED, FLOWED) == []
    assert spell(FLOWED, STILL, FLOWED, FLOWED) == []


def test_it_ends_with_the_first_night_in_which_the_counter_stood_still():
    assert spell(FLOWED, FLOWED, FLOWED, UNKNOWN, FLOWED, STILL, FLOWED) == [(20, 24, 25)]
    before = Spell(7, DAY - timedelta(days=5), DAY - timedelta(days=1), 2000)
    assert spell(UNKNOWN, UNKNOWN, running=before) == []
    assert spell(STILL, running=before) == [(15, 19, 20)]


class House:
    """A 1 with a cold-water meter that is read hourly; it is ten in the morning of 20 February."""

    def __init__(self, db, cast):
        self.db, self.cast = db, cast
        with db.writing() as session:
            (self.register,) = meter(session, cast, cast.unit_a1, "cold_water", "21-1", remote=True)
            session.execute(update(Person).values(notify_email=True))
            gone = {"first": date(2016, 1, 1), "last": date(2016, 12, 31)}
            session.execute(update(Holding).where(Holding.unit_id == cast.unit_b3).values(gone))
            (self.vacant,) = meter(session, cast, cast.unit_b3, "cold_water", "21-3", remote=True)

    def flows(self, *days: int, still: tuple[int, ...] = (), register: int | None = None) -> None:
        value = 500 * M
        with self.db.writing() as session:
            for day in sorted({*days, *still}):
                for at, used in samples(dict.fromkeys(range(7), 2000) if day in days else {}, date(YEAR, 2, day)):
                    session.add(Sample(register_id=register or self.register, at=at, value=value + day * M + used))

    def leaks(self) -> list[Leak]:
        with self.db.reading() as session:
            return list(session.scalars(select(Leak).order_by(Leak.id)))

    def mails(self) -> list[int]:
        with self.db.reading() as session:
            found = session.scalars(select(jobs.Job).where(jobs.Job.kind == "mail").order_by(jobs.Job.id)).all()
            return [job.payload["person_id"] for job in found if job.payload["kind"] == "leak"]


@pytest.fixture
def house(db, cast, later) -> House:
    move_to(YEAR, 2, 20)
    return House(db, cast)


def test_the_home_is_told_once(house, db, cast):
    house.flows(17, 18)
    assert leak_watch.watch(db) == 0
    house.flows(19, 20)
    assert leak_watch.watch(db) == 1
    (leak,) = house.leaks()
    assert (leak.first_night, leak.last_night, leak.flow, leak.ended_on) == (date(YEAR, 2, 17), date(YEAR, 2, 20), 2000, None)
    assert leak.told_at is not None
    assert sorted(house.mails()) == sorted([cast.tenant, cast.occupant])
    assert leak_watch.watch(db) == 0
    move_to(YEAR, 2, 21)
    house.flows(21)
    assert leak_watch.watch(db) == 0
    assert [leak.last_night.day for leak in house.leaks()] == [21]
    assert len(house.mails()) == 2


def test_it_ends_and_the_same_again_soon_sends_no_second_mail(house, db):
    house.flows(13, 14, 15, still=(16,))
    move_to(YEAR, 2, 15)
    leak_watch.watch(db)
    move_to(YEAR, 2, 16)
    leak_watch.watch(db)
    assert [leak.ended_on for leak in house.leaks()] == [date(YEAR, 2, 16)]
    move_to(YEAR, 2, 20)
    house.flows(17, 18, 19, 20)
    assert leak_watch.watch(db) == 1
    assert [leak.told_at is None for leak in house.leaks()] == [False, True]
    assert len(house.mails()) == 2


def test_one_that_has_ended_when_the_file_comes_is_told_to_the_desk_only(house, db):
    house.flows(15, 16, 17, still=(18, 19, 20))
    leak_watch.watch(db)
    assert [(leak.ended_on, leak.told_at) for leak in house.leaks()] == [(date(YEAR, 2, 18), None)]
    assert house.mails() == []
    assert leak_watch.watch(db) == 0


def test_a_vacant_home_and_one_under_non_disclosure_are_told_to_the_desk_only(house, db, cast):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.occupant).values(non_disclosure=True))
    for register in (house.register, house.vacant):
        house.flows(18, 19, 20, register=register)
    assert leak_watch.watch(db) == 2
    assert [leak.told_at for leak in house.leaks()] == [None, None]
    assert house.mails() == []


def test_whoever_wants_no_mail_gets_none(house, db, cast):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id.in_([cast.tenant, cast.occupant])).values(notify_email=False))
    house.flows(18, 19, 20)
    leak_watch.watch(db)
    assert house.mails() == [] and house.leaks()[0].told_at is None


def test_how_many_nights_and_how_much_is_the_organisations(house, db, with_setting):
    with_setting(leak_nights=2)
    house.flows(19, 20)
    assert leak_watch.watch(db) == 1


def test_less_than_the_least_flow_is_none(house, db, with_setting):
    with_setting(leak_flow=3)
    house.flows(17, 18, 19, 20)
    assert leak_watch.watch(db) == 0


def test_the_home_sees_it_and_can_report_it(house, db, client):
    house.flows(18, 19, 20)
    leak_watch.watch(db)
    page = client("tenant").get("/").text
    assert "Water seems to flow at night" in page and "at least 2 litres" in page
    assert "/faults/new?category=water" in page
    assert "Water seems to flow" not in client("neighbour").get("/").text


def test_the_desk_sees_it(house, db, client):
    house.flows(18, 19, 20)
    leak_watch.watch(db)
    office = client("office")
    assert "Possible leaks" in office.get("/desk/").text
    assert "A 1" in office.get("/desk/leaks").text
    assert "A 1" not in client("board").get("/desk/leaks").text


def test_the_mail_reads_well(house, db, app):
    from blueprints._mail_words import renderer
    from resident.delivery.notice import Notice

    subject, text = renderer(app).mail(Notice(1, "a@example.org", "Koivu", "leak", "/", "en"))
    assert subject == "Water seems to flow in your home at night" and "Pihlajakuja" not in text
