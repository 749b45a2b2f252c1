"""What an entry is drawn from: whose meters, which period, by which settings (rules 2, 3, 13, 43). Registers: test_counter.py."""

from datetime import date, timedelta

from sqlalchemy import update

from resident.metering import counter
from resident.metering.medium import Medium
from resident.metering.meter import Meter
from resident.metering.submission import Typed
from tests.metering.counters import YEAR, meter, move_to, period, reading


def test_staff_name_the_period_that_an_entry_is_for(home):
    with home.db.writing() as session:
        april = period(session, home.cast.building, f"{YEAR}-04", "planned")
        old = period(session, home.cast.building, f"{YEAR - 3}-05", "allocated")
    # Without a name it is the one whose window is open.
    assert home.form(staff=True).entry.period_id == home.period
    assert home.form(staff=True, period_id=april).entry.period_id == april
    # One that is long over is found too, and says why nothing is entered.
    entry = home.form(staff=True, period_id=old).entry
    assert (entry.turn.name, entry.period_id, entry.reason.why) == (f"{YEAR - 3}-05", None, "allocated")
    unknown = home.form(staff=True, period_id=old + 1)
    assert (unknown.entry.turn, unknown.reason.why) == (None, "not_open")


def test_when_it_was_entered_is_for_staff(home):
    assert home.form(staff=True).counters[0].last.at is not None
    assert home.form().counters[0].last.at is None


def test_a_building_s_own_meters_are_none_of_its_homes(home):
    with home.db.writing() as session:
        (main,) = meter(session, home.cast, None, serial="M-1", building_id=home.cast.building)
        reading(session, main, date(YEAR, 1, 31), "5000.000")
    with home.db.reading() as session:
        form = counter.form(session, None, home.organisation, staff=True, building_id=home.cast.building)
    assert [(one.register_id, one.last_value) for one in form.counters] == [(main, 5_000_000_000)]
    assert (form.unit_id, form.entry.period_id, form.reason) == (None, home.period, None)
    assert [one.register_id for one in home.form(staff=True).counters] == [home.cold, home.hot]


def test_the_least_difference_of_an_own_medium_is_its_own_unless_a_setting_says_another(home, with_setting):
    usual = home.form().settings["unusual_gap"]
    with home.db.writing() as session:
        facts = {"names": {"fi": "Höyry"}, "measure": "t", "gap": 7}
        session.add_all(Medium(organisation_id=home.cast.koivu, code=code, **facts) for code in ("own-1", "own-2"))
        session.add(Medium(organisation_id=home.cast.tamm, code="own-3", **facts))
        meter(session, home.cast, home.unit, "own-1", "H-1", measure="t")
    with_setting(unusual_gap=usual | {"own-2": 9})
    assert home.form().settings["unusual_gap"] == usual | {"own-1": 7, "own-2": 9}


def test_a_meter_that_is_taken_out_today_is_not_entered_any_more(home):
    for day, live in ((home.organisation.today, []), (home.organisation.today + timedelta(days=1), [home.cold, home.hot])):
        with home.db.writing() as session:
            session.execute(update(Meter).where(Meter.unit_id == home.unit).values(removed=day))
        form = home.form()
        assert ([one.register_id for one in form.counters], form.reason and form.reason.why) == (live, None if live else "archived")


def test_what_the_household_before_sent_is_not_corrected_by_the_next(home):
    home.submit({home.cold: Typed("472")}, date(YEAR, 2, 26))
    move_to(YEAR, 3, 7)
    assert [one.register_id for one in home.form(since=date(YEAR, 2, 26)).corrected] == [home.cold]
    assert home.form(since=date(YEAR, 2, 27)).corrected == []


def test_who_may_know_nothing_of_earlier_readings_is_drawn_a_blind_form(home):
    today = home.organisation.today
    assert [(form.blind, form.day) for form in (home.form(blind=True), home.form())] == [(True, today), (False, today)]
