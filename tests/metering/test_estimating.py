"""Estimates in the database: what a period lacks, what is stored, how the next true reading settles it, how it is undone."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.homes.building import UnitFact
from resident.metering import estimating, submission
from resident.metering.ladder import Basis, Point
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, meter, move_to, period, reading

M3 = 1_000_000
LAST = date(YEAR, 2, 28) if YEAR % 4 else date(YEAR, 2, 29)


@pytest.fixture
def late(home):
    """The window of March is over: 6 March. The home has sent nothing."""
    move_to(YEAR, 3, 6)
    return home


def lacking(home, period_id=None, **given):
    with home.db.reading() as session:
        return estimating.lacking(session, session.get_one(BillingPeriod, period_id or home.period), home.organisation, **given)


def store(home, registers=None, period_id=None, **given):
    with home.db.writing() as session:
        wanted = registers if registers is not None else [home.cold, home.hot]
        return estimating.estimate(
            session, session.get_one(BillingPeriod, period_id or home.period), home.organisation, wanted, by=home.office, **given
        )


def undo(home, registers):
    with home.db.writing() as session:
        of = session.get_one(BillingPeriod, home.period)
        return estimating.undo(session, of, home.organisation, registers, by=home.office)


def shown(home, period_id=None, **given):
    with home.db.reading() as session:
        return estimating.shown(session, session.get_one(BillingPeriod, period_id or home.period), **given)


def counting(home, register):
    with home.db.reading() as session:
        return session.scalars(select(Reading).where(Reading.register_id == register, Reading.counts).order_by(Reading.day)).all()


def test_what_a_period_lacks_is_estimated_from_the_last_period(late):
    found = {one.row.register_id: one for one in lacking(late)}
    # 6 m³ in the 31 days of January, 28 or 29 days of February.
    days = LAST.day
    assert found[late.cold].estimate.use == 6 * M3 * days // 31 // 1000 * 1000
    assert found[late.cold].estimate.basis == Basis("last", date(YEAR - 1, 12, 31), date(YEAR, 1, 31), 6 * M3, days)
    assert found[late.hot].estimate.value == 244 * M3 + 4 * M3 * days // 31 // 1000 * 1000


def test_an_estimate_is_a_reading_that_says_how_it_came_about(late):
    (one,) = store(late, [late.cold])
    stored = counting(late, late.cold)[-1]
    assert (stored.source, stored.reason, stored.day, stored.period_id) == ("estimate", "last", LAST, late.period)
    assert Basis.read(stored.note) == one.estimate.basis
    assert (stored.person_id, stored.decided_by) == (None, late.cast.office)
    with late.db.reading() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "readings_estimated"))
        assert event.facts == {"period": late.period, "readings": 1, "rungs": {"last": 1}}
        assert (event.thing, event.thing_id, event.person_id) == ("billing_period", late.period, late.cast.office)
        assert event.organisation_id == late.cast.koivu and stored.decided_at == stored.at is not None
    # Twice changes nothing, and the other one is still lacking.
    assert store(late, [late.cold]) == []
    assert [one.row.register_id for one in lacking(late)] == [late.hot]


def test_what_came_in_meanwhile_is_not_lacking(home, later):
    home.submit({home.cold: submission.Typed("472.000")})
    move_to(YEAR, 3, 6)
    assert [one.row.register_id for one in lacking(home)] == [home.hot]
    assert [one.row.register_id for one in store(home)] == [home.hot]


def test_what_was_read_on_the_last_day_of_use_is_not_estimated_whichever_period_it_is_for(late):
    with late.db.writing() as session:
        reading(session, late.cold, LAST, "470.000")
    assert {one.row.register_id: one.why for one in lacking(late)} == {late.cold: "read", late.hot: None}


def test_a_value_that_waits_for_a_decision_is_not_estimated(home):
    home.submit({home.cold: submission.Typed("300.000", answer="shows")})
    assert [one.row.register_id for one in lacking(home)] == [home.hot]


def test_nothing_is_estimated_while_the_window_is_open_or_after_allocation(home):
    with pytest.raises(estimating.NotOver) as told:
        store(home)
    assert told.value.last == date(YEAR, 3, 5)
    move_to(YEAR, 3, 5)
    with pytest.raises(estimating.NotOver):
        store(home)
    move_to(YEAR, 3, 6)
    with home.db.writing() as session:
        session.get_one(BillingPeriod, home.period).state = "allocated"
    with pytest.raises(estimating.CostsShared) as shared:
        store(home)
    assert shared.value.name == f"{YEAR}-03"
    with pytest.raises(estimating.CostsShared) as refused:
        undo(home, [home.cold])
    assert refused.value.name == f"{YEAR}-03"


def test_the_next_true_reading_settles_and_may_give_a_credit(late):
    store(late)
    estimated = counting(late, late.cold)[-1].value
    with late.db.writing() as session:
        april = period(session, late.cast.building, f"{YEAR}-04", "open", (date(YEAR, 3, 25), date(YEAR, 4, 5)))
    move_to(YEAR, 3, 28)
    sent = late.submit({late.cold: submission.Typed("467.500")})
    stored = counting(late, late.cold)
    assert (stored[-1].value, stored[-1].period_id) == (467_500_000, april)
    assert sent.stored[0].use == 467_500_000 - estimated < 0
    # The two periods together are what went through: from 466 to 467.5.
    assert stored[-1].value - stored[-3].value == 1_500_000


def test_several_estimated_periods_are_settled_by_one_reading(late, with_setting):
    with_setting(estimate_ladder={"rungs": ["last", "average"], "months": 6, "most": 2, "expired": False, "norms": {}})
    periods = [late.period]
    store(late)
    with late.db.writing() as session:
        for month in (4, 5):
            periods.append(period(session, late.cast.building, f"{YEAR}-{month:02d}"))
    move_to(YEAR, 5, 10)
    assert {one.estimate.basis.rung for one in store(late, period_id=periods[1])} == {"average"}
    # Two in a row is the most, and there is no norm: the third stays open.
    assert {(one.estimate, one.why) for one in lacking(late, periods[2])} == {(None, "no_rung")}
    sent = late.submit({late.cold: submission.Typed("468.000")}, by=late.office, period_id=periods[2])
    last, *_estimates, before, true = counting(late, late.cold)[-4:]
    assert (last.value, true.value) == (466 * M3, 468 * M3)
    assert sent.stored[0].use == true.value - before.value < 0


def test_less_than_what_somebody_saw_is_still_asked_about(late):
    store(late)
    with late.db.writing() as session:
        period(session, late.cast.building, f"{YEAR}-04", "open", (date(YEAR, 3, 25), date(YEAR, 4, 5)))
    move_to(YEAR, 3, 28)
    (said,) = late.check({late.cold: submission.Typed("465.999")})
    assert (said.kind, said.why) == ("question", "lower")


def test_a_late_true_reading_takes_the_estimates_place_before_allocation(late):
    store(late)
    estimate = counting(late, late.cold)[-1]
    late.submit({late.cold: submission.Typed("470.500")}, date(YEAR, 2, 27), by=late.office, period_id=late.period)
    now = counting(late, late.cold)[-1]
    assert (now.value, now.source, now.supersedes_id) == (470_500_000, "office", estimate.id)
    assert [one for one in late.values(late.cold) if one[0] == estimate.value / M3] == [(estimate.value / M3, "accepted", False)]


def test_the_norm_follows_the_number_of_occupants_and_is_shared_between_counters(late, with_setting):
    norms = {"rungs": ["norm"], "months": 6, "most": 3, "expired": False, "norms": {"cold_water": 3 * M3}}
    with_setting(estimate_ladder=norms)
    with late.db.writing() as session:
        session.add(UnitFact(unit_id=late.unit, kind="occupants", value=2 * M3, first=date(2015, 1, 1)))
        (second,) = meter(session, late.cast, late.unit, "cold_water", "21-9", place="bath")
        reading(session, second, date(YEAR, 1, 31), "10.000")
    found = {one.row.register_id: one for one in lacking(late)}
    assert found[late.cold].estimate.use == found[second].estimate.use == 3 * M3
    # There is no norm for hot water.
    assert found[late.hot].why == "no_rung"


def test_a_shared_meter_turns_by_more_than_the_homes_norm(late, with_setting):
    with_setting(estimate_ladder={"rungs": ["norm"], "months": 6, "most": 3, "expired": False, "norms": {"cold_water": 3 * M3}})
    with late.db.writing() as session:
        session.add(UnitFact(unit_id=late.unit, kind="occupants", value=M3, first=date(2015, 1, 1)))
        session.get_one(Meter, session.get_one(Register, late.cold).meter_id).coefficient = 500_000
    found = {one.row.register_id: one for one in lacking(late)}
    assert found[late.cold].estimate.use == 6 * M3


def test_each_home_s_norm_is_that_of_its_own_occupants_and_counters(late, with_setting):
    with_setting(estimate_ladder={"rungs": ["norm"], "months": 6, "most": 3, "expired": False, "norms": {"cold_water": 3 * M3}})
    with late.db.writing() as session:
        (other,) = meter(session, late.cast, late.cast.unit_a2, "cold_water", "22-1")
        (unknown,) = meter(session, late.cast, late.cast.unit_b3, "cold_water", "23-1")
        for register in (other, unknown):
            reading(session, register, date(YEAR, 1, 31), "10.000")
        for unit, people in ((late.unit, 2), (late.cast.unit_a2, 5)):
            session.add(UnitFact(unit_id=unit, kind="occupants", value=people * M3, first=date(2015, 1, 1)))
    found = {one.row.register_id: one for one in lacking(late)}
    assert {register: found[register].estimate.use for register in (late.cold, other)} == {late.cold: 6 * M3, other: 15 * M3}
    # Its area is known, but no number of people.
    assert found[unknown].why == "no_rung"


@pytest.mark.parametrize(
    ("readings", "ladder_too", "why"), [("refused", False, "expired"), ("refused", True, None), ("accepted", False, None)]
)
def test_an_expired_meter_is_estimated_where_the_organisation_says_so(late, with_setting, readings, ladder_too, why):
    rules = {"rungs": ["last"], "months": 6, "most": 3, "expired": ladder_too, "norms": {}}
    with_setting(estimate_ladder=rules, expired_meter=readings)
    with late.db.writing() as session:
        session.get_one(Meter, session.get_one(Register, late.cold).meter_id).verified_until = LAST - timedelta(days=1)
    found = {one.row.register_id: one.why for one in lacking(late)}
    assert found == {late.cold: why, late.hot: None}


def test_a_remote_register_with_data_is_left_alone_and_one_without_is_not(late):
    with late.db.writing() as session:
        for register in (late.cold, late.hot):
            session.get_one(Meter, session.get_one(Register, register).meter_id).remote = True
        reading(session, late.cold, date(YEAR, 2, 12), "468.000", source="remote")
    found = {one.row.register_id: one for one in lacking(late)}
    assert (found[late.cold].why, found[late.cold].estimate) == ("remote", None)
    assert found[late.hot].estimate.basis.rung == "last"
    assert [one.row.register_id for one in store(late)] == [late.hot]


def test_an_archived_meter_lacks_nothing_and_a_new_one_is_told_apart(late):
    with late.db.writing() as session:
        session.get_one(Meter, session.get_one(Register, late.cold).meter_id).removed = LAST
        (new,) = meter(session, late.cast, late.unit, "cold_water", "21-8", installed=LAST + timedelta(days=2))
    assert {one.row.register_id: one.why for one in lacking(late)} == {new: "new", late.hot: None}


def test_the_use_of_the_meter_before_counts_for_the_new_one(late):
    """Changed on 10 February at 468.000; the new one began at 0.214."""
    day = date(YEAR, 2, 10)
    with late.db.writing() as session:
        old = session.get_one(Meter, session.get_one(Register, late.cold).meter_id)
        old.removed = day
        reading(session, late.cold, day, "468.000", source="office")
        (new,) = meter(session, late.cast, late.unit, "cold_water", "21-7", installed=day, initial=214_000, replaces_id=old.id)
    (one,) = [one for one in lacking(late) if one.row.register_id == new]
    gap = (LAST - day).days
    # From 15 to 31 days before: December's end, and the change. 2 m³ in the ten days of February, 8 in the 41 since.
    assert one.estimate.basis.rung == "last"
    assert one.estimate.basis.last == day
    assert one.estimate.value == 214_000 + one.estimate.use
    first = one.estimate.basis.first
    used = {date(YEAR, 1, 31): 2 * M3, date(YEAR - 1, 12, 31): 8 * M3}[first]
    assert one.estimate.use == used * gap // (day - first).days // 1000 * 1000


def test_the_use_of_all_meters_that_stood_there_before_counts_for_the_new_one(late, with_setting):
    """Changed three times in February, with 1, 1 and 1.5 m³ in between."""
    with_setting(estimate_ladder={"rungs": ["average"], "months": 1, "most": 3, "expired": False, "norms": {}})
    register = late.cold
    with late.db.writing() as session:
        for day, final, initial in ((5, "467.000", 2 * M3), (12, "3.000", 0), (18, "1.500", 1 * M3)):
            day = date(YEAR, 2, day)
            reading(session, register, day, final, source="office")
            old = session.get_one(Meter, session.get_one(Register, register).meter_id)
            old.removed = day
            given = {"installed": day, "initial": initial, "replaces_id": old.id}
            (register,) = meter(session, late.cast, late.unit, "cold_water", f"24-{day.day}", **given)
    (one,) = [one for one in lacking(late) if one.row.register_id == register]
    # From the last reading of January, of the first meter, to the last change.
    basis = one.estimate.basis
    assert (basis.first, basis.last, basis.use) == (date(YEAR, 1, 31), date(YEAR, 2, 18), 3_500_000)
    assert one.estimate.value == 1 * M3 + one.estimate.use > 2 * M3


def test_a_later_reading_that_is_known_draws_a_straight_line(late):
    with late.db.writing() as session:
        reading(session, late.cold, LAST + timedelta(days=4), "470.000", source="office")
    (one,) = [one for one in lacking(late) if one.row.register_id == late.cold]
    assert one.estimate.basis.rung == "between"
    assert one.estimate.use == 4 * M3 * LAST.day // (LAST.day + 4) // 1000 * 1000


@pytest.mark.parametrize(
    ("row", "read", "expired_too", "why"),
    [
        ({}, set(), False, None), ({"remote": True}, set(), False, None),
        ({"remote": True}, {LAST - timedelta(days=9)}, False, "remote"),
        ({}, {LAST - timedelta(days=1)}, False, None), ({}, {LAST}, False, "read"),
        ({"installed": LAST}, set(), False, "new"), ({"installed": LAST - timedelta(days=1)}, set(), False, None),
        ({"verified_until": LAST}, set(), False, None), ({"verified_until": LAST - timedelta(days=1)}, set(), False, "expired"),
        ({"verified_until": LAST - timedelta(days=1)}, set(), True, None),
    ],
)  # fmt: skip
def test_why_a_register_gets_no_estimate(row, read, expired_too, why):
    usual = {"remote": False, "installed": date(2015, 1, 1), "verified_until": None}
    assert estimating._why(SimpleNamespace(use_last=LAST), SimpleNamespace(**usual | row), read, expired_too) == why


def test_a_record_goes_on_over_a_change_of_meter_and_over_zero():
    def row(register, initial):
        return SimpleNamespace(register_id=register, installed=date(2015, 1, register), initial=initial * M3, digits=5)

    def read(day, value, rolled_over=False, source="resident"):
        return SimpleNamespace(day=date(2026, 1, day), value=value * M3, rolled_over=rolled_over, source=source)

    old, new = row(1, 99_990), row(2, 2)
    readings = {1: [read(1, 5, rolled_over=True), read(2, 10, source="estimate")], 2: [read(3, 4)]}
    record = estimating._record([old, new], readings)
    assert record.points == [
        Point(date(2015, 1, 1), 0), Point(date(2026, 1, 1), 15 * M3), Point(date(2026, 1, 2), 20 * M3, False),
        Point(date(2026, 1, 3), 22 * M3),
    ]  # fmt: skip
    assert record.values == {date(2026, 1, 3): 4 * M3}
    assert estimating._record([new], {2: []}) == estimating.Record([Point(date(2015, 1, 2), 0)], {})


def test_what_another_building_lacks_is_not_this_one_s(late):
    with late.db.writing() as session:
        meter(session, late.cast, late.cast.unit_t1, serial="77-1")
    assert [one.row.register_id for one in lacking(late)] == [late.cold, late.hot]


def test_a_value_that_was_set_aside_is_no_measure(late):
    before = lacking(late)
    with late.db.writing() as session:
        reading(session, late.cold, LAST - timedelta(days=9), "900.000", counts=False)
    assert [one.estimate for one in lacking(late)] == [one.estimate for one in before]


def test_a_supplier_estimates_its_medium_only(late):
    assert [one.row.register_id for one in lacking(late, media={"hot_water"})] == [late.hot]
    assert [one.row.register_id for one in store(late, media={"hot_water"})] == [late.hot]


def test_undoing_leaves_the_row_and_opens_the_gap_again(late):
    store(late)
    assert undo(late, [late.cold]) == 1
    assert {one.row.register_id for one in lacking(late)} == {late.cold}
    assert counting(late, late.cold)[-1].source != "estimate"
    with late.db.reading() as session:
        withdrawn = session.scalars(select(Reading).where(Reading.register_id == late.cold, Reading.source == "estimate")).one()
        assert (withdrawn.state, withdrawn.counts, withdrawn.decided_by) == ("rejected", False, late.cast.office)
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "estimates_undone"))
        assert (event.thing, event.thing_id, event.facts) == ("billing_period", late.period, {"period": late.period, "readings": 1})
        assert (event.person_id, event.organisation_id) == (late.cast.office, late.cast.koivu)
    assert undo(late, [late.cold]) == 0
    # And it can be estimated anew.
    assert [one.row.register_id for one in store(late)] == [late.cold]


def test_what_a_later_estimate_stands_on_is_not_undone(late):
    store(late)
    with late.db.writing() as session:
        april = period(session, late.cast.building, f"{YEAR}-04")
    move_to(YEAR, 4, 10)
    store(late, [late.cold], period_id=april)
    assert undo(late, [late.cold, late.hot]) == 1
    assert {one.row.register_id for one in lacking(late)} == {late.hot}
    # Once the later one is taken back nothing stands on the earlier any more.
    with late.db.writing() as session:
        assert estimating.undo(session, session.get_one(BillingPeriod, april), late.organisation, [late.cold], by=late.office) == 1
    assert undo(late, [late.cold]) == 1


def test_what_somebody_read_is_not_undone_and_does_not_keep_an_estimate_from_it(late):
    with late.db.writing() as session:
        reading(session, late.cold, LAST, "471.000", late.period)
    store(late)
    assert [row.register_id for row in shown(late)] == [late.hot]
    with late.db.writing() as session:
        reading(session, late.hot, LAST + timedelta(days=3), "250.000")
    assert undo(late, [late.cold, late.hot]) == 1
    assert (late.values(late.cold)[-1], counting(late, late.cold)[-1].period_id) == ((471.0, "accepted", True), late.period)


def test_what_was_estimated_for_a_period_is_shown_until_it_is_undone(late):
    assert shown(late) == []
    stored = {one.row.register_id: one.estimate for one in store(late)}
    found = shown(late)
    assert [(row.register_id, row.value, row.note) for row in found] == [
        (register, stored[register].value, str(stored[register].basis)) for register in (late.cold, late.hot)
    ]
    assert all(row.decided_at for row in found)
    assert [row.register_id for row in shown(late, media={"hot_water"})] == [late.hot]
    undo(late, [late.hot])
    assert [row.register_id for row in shown(late)] == [late.cold]


def test_what_was_estimated_for_another_period_is_shown_there(late):
    march = {one.row.register_id: one.estimate.value for one in store(late)}
    with late.db.writing() as session:
        april = period(session, late.cast.building, f"{YEAR}-04")
    assert shown(late, april) == []
    move_to(YEAR, 4, 10)
    (one,) = store(late, [late.cold], period_id=april)
    assert {row.register_id: row.value for row in shown(late)} == march
    assert [(row.register_id, row.value) for row in shown(late, april)] == [(late.cold, one.estimate.value)]
