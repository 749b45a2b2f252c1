"""Meters as they are: added, corrected, taken out, with main and sub meters (rules 7, 8, 19)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.errors import Stale
from resident.homes.building import Building, Unit
from resident.metering import changing, fitting, history, main_reading
from resident.metering.changing import BadChange, Ends
from resident.metering.fitting import BadMeter, Facts, Shown
from resident.metering.meter import Meter, share_of
from resident.metering.reading import Reading
from resident.metering.submission import NothingToStore, Typed, Unanswered
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, millionths, reading

FACTS = Facts("24-9", "bath", "m³", date(YEAR, 2, 1), None, False, 1_000_000, None, (Shown(None, "", 5, 3, 0),))


class Fitter:
    """Adds and changes meters in the home's house, as the office."""

    def __init__(self, home):
        self.home, self.today = home, home.organisation.today

    def add(self, facts=FACTS, unit=True, medium="cold_water"):
        home = self.home
        with home.db.writing() as session:
            building, own = session.get_one(Building, home.cast.building), session.get_one(Unit, home.unit)
            return fitting.add(session, building, own if unit else None, medium, facts, self.today, by=home.office)

    def change(self, made, seen=None, **given):
        with self.home.db.writing() as session:
            row = session.get_one(Meter, made.id)
            facts = replace(fitting.facts_of(session, row), **given)
            fitting.change(session, row, facts, seen or fitting.mark(session, row), self.today, by=self.home.office)
            return row

    def main(self, serial="M-1", medium="cold_water", **given):
        return self.add(replace(FACTS, serial=serial, place=None, **given), unit=False, medium=medium)

    def registers(self, made):
        with self.home.db.reading() as session:
            return fitting.registers_of(session, made.id)

    def enter(self, values, day=None):
        home = self.home
        with home.db.writing() as session:
            building = session.get_one(Building, home.cast.building)
            said = {register: Typed(value) for register, value in values.items()}
            return main_reading.enter(
                session, building, home.organisation, said, day or self.today, by=home.office, period_id=home.period
            )

    def why(self, **given):
        with pytest.raises(BadMeter) as refused:
            self.add(replace(FACTS, **given))
        return refused.value.facts["field"], refused.value.facts["why"]


@pytest.fixture
def fitter(home) -> Fitter:
    # The home's cold meter has no place in the fixture; two of one medium need one each (rule 8).
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().place = "kitchen"
    return Fitter(home)


def test_a_meter_with_two_registers_is_added_without_the_spaces_around_what_was_typed(home, fitter):
    registers = (Shown(None, " day ", 6, 0, 0), Shown(None, "night", 6, 0, 12_000_000, " K-7 "))
    made = fitter.add(replace(FACTS, serial=" E\u00a0 1 ", place=" ", measure="kWh ", registers=registers), medium="electricity")
    assert (made.serial, made.place, made.measure, made.unit_id, made.building_id) == ("E 1", None, "kWh", home.unit, None)
    shown = [(one.name, one.digits, one.initial, one.feed_key) for one in fitter.registers(made)]
    assert shown == [("day", 6, 0, None), ("night", 6, 12_000_000, "K-7")]
    assert [row.name for row in home.form().counters if row.medium == "electricity"] == ["day", "night"]
    with home.db.reading() as session:
        assert session.scalar(select(AuditEvent.act).where(AuditEvent.thing == "meter")) == "meter_added"


@pytest.mark.parametrize(
    ("given", "field", "why"),
    [
        ({"serial": " "}, "serial", "missing"),
        ({"serial": "x" * 41}, "serial", "long"),
        ({"serial": " 21-1"}, "serial", "taken"),
        ({"installed": date(YEAR, 2, 28)}, "installed", "future"),
        ({"place": None}, "place", "place"),
        ({"place": "KITCHEN"}, "place", "place_taken"),
        ({"coefficient": 0}, "coefficient", "coefficient"),
        ({"main_id": 987}, "main", "main"),
        ({"registers": ()}, "name-1", "registers"),
        ({"registers": (Shown(None, "", 5, 3, 0), Shown(None, "night", 5, 3, 0))}, "name-1", "missing"),
        ({"registers": (Shown(None, "day", 5, 3, 0), Shown(None, "Day", 5, 3, 0))}, "name-2", "doubled"),
        ({"registers": (Shown(None, "", 13, 3, 0),)}, "digits-1", "digits"),
        ({"registers": (Shown(None, "", 5, 7, 0),)}, "decimals-1", "decimals"),
        ({"registers": (Shown(None, "", 2, 3, 100_000_000),)}, "initial-1", "value"),
    ],
)
def test_what_a_meter_cannot_be(fitter, given, field, why):
    assert fitter.why(**given) == (field, why)


def test_the_other_meter_of_the_medium_gets_a_place_first(home, fitter):
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().place = None
    assert fitter.why() == ("place", "other_place")


def test_a_number_is_free_again_when_its_meter_was_taken_out(home, fitter):
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().removed = date(YEAR, 1, 31)
    assert fitter.add(replace(FACTS, serial="21-1", place=None)).id


def test_a_main_meter_is_of_the_same_building_and_medium_and_never_behind_itself(home, fitter):
    main, hot = fitter.main(), fitter.main("M-2", "hot_water")
    between = fitter.main("M-3", main_id=main.id)
    home_meter = fitter.add(replace(FACTS, main_id=between.id))
    with home.db.reading() as session:
        behind = fitting.mains(session, home.cast.building, "cold_water", between.id)
    assert {row.serial for row in behind} == {"M-1", "21-1"}
    for made, main_id, why in ((home_meter, hot.id, "main"), (main, home_meter.id, "cycle"), (main, main.id, "cycle")):
        with pytest.raises(BadMeter) as refused:
            fitter.change(made, main_id=main_id)
        assert (refused.value.facts["field"], refused.value.facts["why"]) == ("main", why)


def test_a_correction_is_told_from_one_made_meanwhile_and_sets_the_reminder_free(home, fitter):
    made = fitter.add(replace(FACTS, verified_until=date(YEAR, 6, 1)))
    with home.db.writing() as session:
        seen = fitting.mark(session, session.get_one(Meter, made.id))
        session.get_one(Meter, made.id).reminded_on = fitter.today
    changed = fitter.change(made, place="bathroom", verified_until=date(YEAR + 5, 6, 1))
    assert (changed.place, changed.reminded_on) == ("bathroom", None)
    with pytest.raises(Stale):
        fitter.change(made, seen=seen, place="hall")
    with home.db.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.act == "meter_changed")).one()
    assert event.facts == {"changed": ["place", "verified_until"]}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"measure": "l"}, "measure"),
        ({"installed": date(YEAR, 1, 5)}, "installed"),
        ({"registers": {"initial": 1_000_000}}, "initial-1"),
        ({"registers": {"digits": 2}}, "digits-1"),
    ],
)
def test_what_was_read_must_still_fit(home, fitter, given, field):
    with home.db.reading() as session:
        cold = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        (register,) = fitting.facts_of(session, cold).registers
    given = {name: (replace(register, **value),) if name == "registers" else value for name, value in given.items()}
    with pytest.raises(BadMeter) as refused:
        fitter.change(cold, **given)
    assert refused.value.facts["field"] == field


def test_registers_change_names_with_each_other_and_none_goes(fitter):
    made = fitter.add(replace(FACTS, registers=(Shown(None, "day", 6, 0, 0), Shown(None, "night", 6, 0, 0))), medium="electricity")
    day, night = (Shown(one.id, one.name, 6, 0, 0) for one in fitter.registers(made))
    fitter.change(made, registers=(replace(day, name="night"), replace(night, name="day")))
    assert [one.name for one in fitter.registers(made)] == ["night", "day"]
    with pytest.raises(BadMeter):
        fitter.change(made, registers=(day,))


# ---- Taken out, and changed ------------------------------------------------------------------------------------------


def take_out(home, serial, finals, day=None):
    with home.db.writing() as session:
        row = session.scalars(select(Meter).where(Meter.serial == serial)).one()
        values = {register: millionths(value) for register, value in finals.items()}
        changing.take_out(session, row, day or date(YEAR, 2, 20), values, home.organisation.today, by=home.office)
        return row


def test_a_meter_that_was_taken_out_keeps_its_final_value_and_the_home_says_archived(home, fitter):
    waits = home.submit({home.cold: Typed("3", answer="meter_changed")})
    take_out(home, "21-1", {home.cold: "470.5"})
    take_out(home, "21-2", {home.hot: "244.000"})
    assert home.values(home.cold)[-2:] == [(3.0, "rejected", False), (470.5, "accepted", True)]
    assert home.form().reason.why == "archived" and waits
    with home.db.reading() as session:
        last = session.scalars(select(Reading).where(Reading.register_id == home.cold).order_by(Reading.id.desc())).first()
        assert (last.reason, last.source, last.day) == ("taken_out", "office", date(YEAR, 2, 20))
        acts = [event.facts["unit"] for event in session.scalars(select(AuditEvent).where(AuditEvent.act == "meter_removed"))]
    assert acts == [home.unit, home.unit]


@pytest.mark.parametrize(
    ("value", "day", "why"),
    [
        ("465", None, "lower"),
        ("470", date(YEAR, 2, 28), "future"),
        ("470", date(YEAR, 1, 20), "allocated"),
        ("470", date(2014, 1, 1), "before_installed"),
    ],
)
def test_when_a_meter_cannot_be_taken_out(home, value, day, why):
    with pytest.raises(BadChange) as refused:
        take_out(home, "21-1", {home.cold: value}, day)
    assert refused.value.why == why
    # The same is told beforehand, and then nothing is stored.
    with home.db.reading() as session, pytest.raises(BadChange) as told:
        row = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        changing.check_end(session, row, day or date(YEAR, 2, 20), {home.cold: millionths(value)}, home.organisation.today)
    assert told.value.facts == refused.value.facts


def test_a_meter_that_could_end_is_left_alone_until_it_does(home):
    before = home.values(home.cold)
    with home.db.reading() as session:
        row = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        changing.check_end(session, row, date(YEAR, 2, 20), {home.cold: millionths("470")}, home.organisation.today)
        assert row.removed is None and not session.dirty and not session.new
    assert home.values(home.cold) == before


def test_what_waits_on_another_meter_waits_on_when_one_is_taken_out(home):
    home.submit({home.cold: Typed("3", answer="meter_changed"), home.hot: Typed("2", answer="meter_changed")})
    take_out(home, "21-1", {home.cold: "470.5"})
    assert home.values(home.hot)[-1] == (2.0, "pending", False)
    with home.db.reading() as session:
        rejected = select(Reading).where(Reading.register_id == home.cold, Reading.state == "rejected")
        (one,) = session.scalars(rejected)
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "meter_removed"))
        assert (one.decided_by, one.decided_at is not None) == (home.cast.office, True)
        assert event.facts == {"unit": home.unit, "day": date(YEAR, 2, 20).isoformat(), "rejected": [one.id], "behind": []}
        assert (event.person_id, event.organisation_id) == (home.cast.office, home.cast.koivu)


def test_what_stood_behind_a_meter_stands_behind_what_comes_next(home, fitter):
    first = fitter.main()
    second = fitter.main("M-2", main_id=first.id)
    behind = fitter.add(replace(FACTS, main_id=second.id))
    (register,) = fitter.registers(second)
    with home.db.writing() as session:
        row = session.get_one(Meter, second.id)
        ends = {register.id: Ends(millionths("5"), millionths("2"), 6, 3, millionths("4"))}
        new = changing.change_meter(
            session, row, date(YEAR, 2, 20), "M-3", ends, fitter.today, by=home.office, read=fitter.today,
            verified_until=date(YEAR + 5, 1, 1), remote=True,
        )  # fmt: skip
        assert (new.building_id, new.main_id, new.verified_until, new.remote) == (
            home.cast.building, first.id, date(YEAR + 5, 1, 1), True,
        )  # fmt: skip
    with home.db.reading() as session:
        assert session.get_one(Meter, behind.id).main_id == new.id
        (taken,) = fitting.registers_of(session, new.id)
        # What the new main meter shows belongs to the period that takes readings.
        assert session.scalar(select(Reading.period_id).where(Reading.register_id == taken.id)) == home.period
    take_out(home, "M-3", {taken.id: "4"}, fitter.today)
    with home.db.reading() as session:
        assert session.get_one(Meter, behind.id).main_id == first.id


CHANGED = date(YEAR, 2, 20)


def change(home, serial="24-7", *, final="470", first="2", now=None, **given) -> int:
    """Changes the meter of cold water; the new one's number."""
    with home.db.writing() as session:
        old = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        ends = {home.cold: Ends(millionths(final), millionths(first), 6, 2, None if now is None else millionths(now))}
        return changing.change_meter(session, old, CHANGED, serial, ends, home.organisation.today, by=home.office, **given).id


def test_a_change_settles_what_waits_for_it_alone_and_says_what_it_did(home):
    home.submit({home.cold: Typed("3", answer="meter_changed"), home.hot: Typed("2", answer="meter_changed")})
    new = change(home, now="3", read=CHANGED)
    with home.db.reading() as session:
        (register,) = fitting.registers_of(session, new)
        assert (register.name, register.digits, register.decimals, register.initial) == ("", 6, 2, millionths("2"))
        (settled,) = session.scalars(
            select(Reading).where(Reading.register_id == home.cold, Reading.state == "accepted", ~Reading.counts)
        )
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "meter_replaced"))
        old = session.scalar(select(Meter.id).where(Meter.serial == "21-1"))
        assert (event.thing_id, event.person_id, event.organisation_id) == (new, home.cast.office, home.cast.koivu)
        assert event.facts == {
            "meter_changed": old, "unit": home.unit, "day": CHANGED.isoformat(), "settled": [settled.id]
        }  # fmt: skip
    assert home.values(home.hot)[-1] == (2.0, "pending", False)


def test_what_the_new_meter_shows_is_a_reading_of_whoever_changed_it(home):
    new = change(home, now="3", read=CHANGED)
    with home.db.reading() as session:
        (register,) = fitting.registers_of(session, new)
        shown = session.scalars(select(Reading).where(Reading.register_id == register.id)).one()
        assert (shown.day, shown.value, shown.person_id, shown.source) == (CHANGED, millionths("3"), home.cast.office, "office")


def test_a_final_value_that_was_read_on_that_day_is_there_once(home):
    with home.db.writing() as session:
        reading(session, home.cold, CHANGED, "470")
    before = home.values(home.cold)
    change(home)
    assert home.values(home.cold) == before


def test_a_new_meter_is_read_as_the_old_one_was_unless_said_otherwise(home):
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().remote = True
    new = change(home)
    with home.db.reading() as session:
        assert session.get_one(Meter, new).remote is True


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"now": "3", "read": date(YEAR, 2, 19)}, {"why": "read", "day": CHANGED, "today": date(YEAR, 2, 27)}),
        ({"now": "3", "read": date(YEAR, 2, 28)}, {"why": "read", "day": CHANGED, "today": date(YEAR, 2, 27)}),
        ({"now": "3"}, {"why": "read", "day": CHANGED, "today": date(YEAR, 2, 27)}),
        ({"now": "1", "read": CHANGED}, {"why": "below_first"}),
        ({"serial": "21-1"}, {"why": "taken", "serial": "21-1"}),
    ],
)
def test_when_a_meter_cannot_be_changed(home, given, facts):
    with pytest.raises(BadChange) as refused:
        change(home, **given)
    assert facts.items() <= refused.value.facts.items()
    assert refused.value.why != "below_first" or refused.value.register_id == home.cold


# ---- The building's own meters ---------------------------------------------------------------------------------------


def test_a_main_meter_is_read_for_the_period_and_a_correction_keeps_both_values(home, fitter):
    (register,) = fitter.registers(fitter.main(registers=(Shown(None, "", 6, 3, millionths("10")),)))
    (said,) = fitter.enter({register.id: "61,5"})
    assert said.use == millionths("51.5")
    fitter.enter({register.id: "62"})
    assert home.values(register.id) == [(61.5, "accepted", False), (62.0, "accepted", True)]
    with home.db.reading() as session:
        rows = session.scalars(select(Reading).where(Reading.register_id == register.id).order_by(Reading.id)).all()
        assert [row.period_id for row in rows] == [home.period] * 2 and rows[1].supersedes_id == rows[0].id
        assert {event.thing for event in session.scalars(select(AuditEvent).where(AuditEvent.act == "readings_entered"))} == {
            "building"
        }


def test_a_main_meters_value_is_asked_about_and_nothing_is_stored_until_answered(home, fitter):
    (register,) = fitter.registers(fitter.main(registers=(Shown(None, "", 6, 3, millionths("100")),)))
    (other,) = fitter.registers(fitter.main("M-2"))
    with pytest.raises(Unanswered) as refused:
        fitter.enter({register.id: "99", other.id: "5"})
    assert [said.why for said in refused.value.facts["verdicts"]] == ["lower", None]
    assert home.values(other.id) == []
    with pytest.raises(NothingToStore):
        # A home's meter is not entered here, nor one read remotely.
        fitter.enter({home.cold: "470"})


def test_no_value_joins_a_period_whose_costs_are_shared_out(home, fitter):
    (register,) = fitter.registers(fitter.main())
    with home.db.writing() as session:
        session.get_one(BillingPeriod, home.period).state = "allocated"
    with pytest.raises(Unanswered) as refused:
        fitter.enter({register.id: "5"})
    assert refused.value.facts["verdicts"][0].reason.why == "allocated"


# ---- One meter for two homes -----------------------------------------------------------------------------------------


def test_the_parts_of_a_shared_meter_add_up_to_the_share_of_the_whole():
    third, values = 333_333, [0, 1, 17, 1_000_003, 1_000_004, 7_777_777]
    parts = [share_of(after, third) - share_of(before, third) for before, after in zip(values, values[1:], strict=False)]
    assert sum(parts) == share_of(values[-1], third) == 7_777_777 * 333_333 // 1_000_000


def test_a_home_is_told_its_part_of_a_shared_meter_and_asked_by_it(home):
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().coefficient = 400_000
    cold = home.form().counters[0]
    assert cold.use(cold.last_value + millionths("10")) == millionths("4")
    assert cold.rate == millionths("2.4") // 31
    with home.db.reading() as session:
        lines = [line for line in history.history(session, home.unit, YEAR - 1) if line.register_id == home.cold]
    assert {line.use for line in lines} - {None} == {millionths("2.4")}


def test_use_over_a_change_of_a_shared_meter_counts_both_parts(home, fitter):
    with home.db.writing() as session:
        cold = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        cold.coefficient = 500_000
        ends = {home.cold: Ends(millionths("468"), millionths("1"), 5, 3)}
        changing.change_meter(session, cold, date(YEAR, 2, 10), "24-7", ends, fitter.today, by=home.office)
    new = next(row for row in home.form().counters if row.serial == "24-7")
    assert new.use(millionths("5")) == (millionths("2") + millionths("4")) // 2


def test_a_reading_before_a_meters_day_shows_what_to_choose(home, fitter):
    made = fitter.add()
    (register,) = fitter.registers(made)
    with home.db.writing() as session:
        reading(session, register.id, date(YEAR, 2, 20), "1")
    with pytest.raises(BadMeter) as refused:
        fitter.change(made, installed=date(YEAR, 2, 20) + timedelta(days=1))
    assert refused.value.facts["day"] == date(YEAR, 2, 20)
