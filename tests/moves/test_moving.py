"""A home that changes hands: one day, one set of readings, one access ended and the other begun (B9)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.errors import Stale
from resident.metering.reading import Reading
from resident.moves import moving, proposal, tenancy
from resident.people import residence
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure
from tests.at_once import meanwhile
from tests.metering.counters import actor, meter, millionths, period, reading


def today() -> date:
    return clock.today("Europe/Tallinn")


class Sale:
    """Flat 1 of Pärnaõue 7 is sold to two_homes; its meter showed 400.000 a month ago."""

    def __init__(self, session, cast, day: date | None = None):
        self.session, self.cast, self.day = session, cast, day or today()
        self.by = actor(cast, "board", cast.board, cast.tamm, "manager")
        self.seller = actor(cast, "owner", cast.owner, cast.tamm)
        self.buyer = actor(cast, "two_homes", cast.two_homes_tamm, cast.tamm)
        (self.register,) = meter(session, cast, cast.unit_t1, organisation_id=cast.tamm)
        reading(session, self.register, today() - timedelta(days=30), "400.000")
        self.leaving = session.get(Tenure, cast.tenure_t1)
        self.handover = moving.plan(session, cast.unit_t1, self.leaving, self.day, by=self.by)
        self.coming = tenancy.begin(
            session, cast.unit_t1, "ownership", session.get(Person, cast.two_homes_tamm),
            signed=today() - timedelta(days=1), first=self.day + timedelta(days=1), last=None, by=self.by, after=self.leaving.id,
        )  # fmt: skip
        moving.await_tenure(session, self.handover, self.coming, self.handover.version, by=self.by)

    def typed(self, value: str, side: str | None, by) -> None:
        values = {self.register: millionths(value)}
        moving.put_readings(self.session, self.handover, values, today(), self.handover.version, side, by=by)

    def done(self, without: str | None = None) -> None:
        moving.carry_out(self.session, self.handover, today(), self.handover.version, by=self.by, without=without)


def test_both_sides_confirm_and_access_follows_the_day(db, cast, later):
    with db.writing() as session:
        sale = Sale(session, cast)
        sale.typed("412.386", "leaving", sale.seller)
        with pytest.raises(moving.NotYet) as early:
            sale.done()
        assert early.value.why == "agreed"
        moving.confirm(session, sale.handover, sale.handover.version, "coming", by=sale.buyer)
        sale.done()
        row = session.scalar(select(Reading).where(Reading.day == sale.day))
        assert (row.value, row.source, row.person_id, row.period_id) == (millionths("412.386"), "resident", cast.owner, None)
        assert {*session.scalars(select(Party.last).where(Party.tenure_id == sale.leaving.id))} == {sale.day}
        assert session.scalars(select(AuditEvent.act).where(AuditEvent.thing == "handover").order_by(AuditEvent.id)).all() == [
            "handover_planned", "handover_changed", "handover_changed", "handover_changed", "handover_done",
        ]  # fmt: skip
        assert [home.in_force for home in residence.of_login(session, cast.logins["owner"])] == [True], "the day is still theirs"
    later(days=1)
    with db.reading() as session:
        assert not [home for home in residence.of_login(session, cast.logins["owner"]) if home.in_force]
        buyers = residence.of_login(session, cast.logins["two_homes"])
        assert cast.unit_t1 in {home.unit_id for home in buyers if home.in_force}


def test_a_changed_value_is_confirmed_by_nobody_but_its_writer(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast)
        sale.typed("412.386", "leaving", sale.seller)
        sale.typed("412.387", "coming", sale.buyer)
        assert sale.handover.leaving_agreed_at is None and sale.handover.coming_agreed_at
        sale.typed("412.387", "leaving", sale.seller)
        assert moving.agreed(sale.handover), "the same value confirms it"


def test_staff_confirm_alone_or_say_why_not(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast)
        sale.typed("412.386", None, sale.by)
        sale.done()
        assert session.scalar(select(Reading.source).where(Reading.day == sale.day)) == "office"


def test_without_readings_somebody_says_why(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast)
        with pytest.raises(moving.NotYet) as missing:
            sale.done()
        assert missing.value.why == "readings"
        sale.done(without="The cellar is flooded")
        assert (sale.handover.state, sale.handover.note) == ("done", "The cellar is flooded")
        assert session.scalar(select(Reading.id).where(Reading.day == sale.day)) is None


@pytest.mark.parametrize(("value", "why"), [("399.999", "lower"), ("430.000", "higher")])
def test_a_value_lies_between_its_neighbours(db, cast, value, why):
    with db.writing() as session:
        sale = Sale(session, cast, today() - timedelta(days=5))
        reading(session, sale.register, today(), "420.000")
        with pytest.raises(moving.BadReading) as refused:
            sale.typed(value, None, sale.by)
        assert refused.value.why == why


@pytest.mark.parametrize("ago", [5, 0])
@pytest.mark.parametrize("value", ["410.000", "415.000"])
def test_what_is_read_settles_an_estimate_before_it_and_of_the_day(db, cast, ago, value):
    """Rule 11: the estimate was 415; less than that is no wall, and the day's value is a true one."""
    with db.writing() as session:
        sale = Sale(session, cast)
        reading(session, sale.register, sale.day - timedelta(days=ago), "415.000", source="estimate")
        sale.typed(value, None, sale.by)
        sale.done()
        row = session.scalar(select(Reading).where(Reading.day == sale.day, Reading.counts))
        assert (row.value, row.source) == (millionths(value), "office")


def test_a_reading_of_the_day_takes_the_place_of_the_one_that_is_there(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast)
        there = reading(session, sale.register, sale.day, "410.000", source="resident", person_id=cast.owner)
        sale.typed("409.000", None, sale.by)
        sale.done()
        rows = session.execute(
            select(Reading.id, Reading.value, Reading.supersedes_id).where(Reading.day == sale.day, Reading.counts)
        )
        (row,) = rows.all()
        assert (row.value, row.supersedes_id) == (millionths("409.000"), there)


def test_neither_before_the_day_nor_in_days_whose_costs_are_shared_out(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast, today() + timedelta(days=3))
        for doing in (lambda: sale.typed("412.386", None, sale.by), sale.done):
            with pytest.raises(moving.NotYet) as early:
                doing()
            assert early.value.why == "future"
        moving.move(session, sale.handover, today(), sale.handover.version, by=sale.by)
        assert sale.coming.first == today() + timedelta(days=1)
        following = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
        period(session, cast.building_tamm, f"{following:%Y-%m}", "allocated")
        sale.typed("412.386", None, sale.by)
        with pytest.raises(moving.NotYet) as shared:
            sale.done()
        assert shared.value.why == "allocated"


def test_a_cancelled_one_takes_the_coming_tenure_back(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast)
        moving.cancel(session, sale.handover, today(), sale.handover.version, by=sale.by, undo=True)
        assert sale.leaving.last is None
        assert cast.unit_t1 not in {home.unit_id for home in residence.of_login(session, cast.logins["two_homes"])}
        with pytest.raises(moving.NotPlanned):
            sale.done()
        moving.plan(session, cast.unit_t1, sale.leaving, today(), by=sale.by)


def test_who_writes_second_is_told_and_a_home_has_one_plan_at_a_time(db, cast):
    with db.writing() as session:
        sale = Sale(session, cast)
        seen = sale.handover.version
        sale.typed("412.386", None, sale.by)
        keys = [{"kind": "home", "number": "12", "count": 3, "returned": 2}]
        with pytest.raises(Stale):
            moving.put_keys(session, sale.handover, keys, None, seen, by=sale.by)
        moving.put_keys(session, sale.handover, keys, None, sale.handover.version, by=sale.by)
        assert sale.handover.keys == keys
        with pytest.raises(moving.AlreadyPlanned):
            moving.plan(session, cast.unit_t1, sale.leaving, today(), by=sale.by)
        with pytest.raises(moving.BadDay):
            moving.move(session, sale.handover, date(2000, 1, 1), sale.handover.version, by=sale.by)


def ends_of(session, kind, tenure_id) -> set:
    return {*session.scalars(select(kind.last).where(kind.tenure_id == tenure_id))}


def test_access_ends_with_the_planned_day_although_nothing_was_carried_out(db, cast, later):
    with db.writing() as session:
        sale = Sale(session, cast, today() + timedelta(days=2))
        assert sale.handover.state == "planned" and ends_of(session, Party, sale.leaving.id) == {sale.day}
    later(days=2)
    with db.reading() as session:
        assert [home.in_force for home in residence.of_login(session, cast.logins["owner"])] == [True], "the last day is theirs"
    later(days=3)
    with db.reading() as session:
        assert not [home for home in residence.of_login(session, cast.logins["owner"]) if home.in_force]
        assert session.get(Tenure, sale.leaving.id).last == sale.day


def test_a_moved_or_cancelled_day_leaves_nobody_with_more_than_they_had(db, cast):
    with db.writing() as session:
        summer = today() + timedelta(days=40)
        party = session.get(Party, cast.party_coowner)
        party.last = summer
        session.flush()
        sale = Sale(session, cast, today() + timedelta(days=5))
        assert party.last == sale.leaving.last == sale.day
        moving.move(session, sale.handover, today() + timedelta(days=60), sale.handover.version, by=sale.by)
        assert (party.last, sale.leaving.last) == (summer, today() + timedelta(days=60))
        moving.move(session, sale.handover, today() + timedelta(days=9), sale.handover.version, by=sale.by)
        moving.cancel(session, sale.handover, today(), sale.handover.version, by=sale.by, undo=True)
        assert (party.last, sale.leaving.last) == (summer, None)
        assert ends_of(session, Holding, sale.leaving.id) == {None}


def test_two_who_propose_at_once_both_get_a_day_and_the_last_one_holds(db, cast):
    day, seller = today() + timedelta(days=20), actor(cast, "owner", cast.owner, cast.tamm)

    def propose(session, on):
        proposal.propose(session, cast.unit_t1, session.get(Tenure, cast.tenure_t1), on, today(), by=seller)

    def looked_and_proposed(session):
        seen = proposal.of_tenure(session, cast.tenure_t1)
        propose(session, day + timedelta(days=2))
        assert seen.day == day + timedelta(days=2)

    with db.writing() as session:
        propose(session, day)
    with meanwhile(db, looked_and_proposed) as (session, errors):
        propose(session, day + timedelta(days=1))
    assert errors == []


def test_a_proposed_day_changes_nothing_until_staff_take_it_over(db, cast):
    with db.writing() as session:
        leaving, day = session.get(Tenure, cast.tenure_t1), today() + timedelta(days=20)
        board = actor(cast, "board", cast.board, cast.tamm, "manager")
        seller = actor(cast, "owner", cast.owner, cast.tamm)
        made = proposal.propose(session, cast.unit_t1, leaving, day, today(), by=seller)
        again = proposal.propose(session, cast.unit_t1, leaving, day + timedelta(days=1), today(), by=seller)
        assert again.id == made.id and leaving.last is None and moving.planned_for(session, cast.unit_t1) is None
        with pytest.raises(moving.NotPlanned):
            moving.carry_out(session, made, today(), made.version, by=board, without="no")
        with pytest.raises(moving.BadDay) as past:
            proposal.propose(session, cast.unit_t1, leaving, today() - timedelta(days=1), today(), by=seller)
        assert past.value.why == "past"
        with pytest.raises(Stale):
            proposal.take_over(session, made, made.version + 1, by=board)
        proposal.take_over(session, made, made.version, by=board)
        assert (made.state, leaving.last) == ("planned", day + timedelta(days=1))
        with pytest.raises(moving.AlreadyPlanned):
            proposal.propose(session, cast.unit_t1, leaving, day, today(), by=seller)
        proposal.withdraw(session, leaving.id, by=seller)
        assert made.state == "planned", "what staff have taken over is theirs"
