"""Meters as they are: added, corrected, taken out, with main and sub meters (rules 7, 8, 19)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.errors import Stale
from resident.metering import changing, fitting
from resident.metering.changing import BadChange, Ends
from resident.metering.fitting import BadMeter, Shown
from resident.metering.meter import Meter
from resident.metering.reading import Reading
from resident.metering.submission import Typed
from tests.metering.counters import YEAR, millionths, reading
from tests.metering.fitter import FACTS


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


def test_a_reading_before_a_meters_day_shows_what_to_choose(home, fitter):
    made = fitter.add()
    (register,) = fitter.registers(made)
    with home.db.writing() as session:
        reading(session, register.id, date(YEAR, 2, 20), "1")
    with pytest.raises(BadMeter) as refused:
        fitter.change(made, installed=date(YEAR, 2, 20) + timedelta(days=1))
    assert refused.value.facts["day"] == date(YEAR, 2, 20)


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
