"""The balance of a building: main meter less homes, sub meters, who did not report; and what the difference costs (rule 14)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident.metering import balance, common_loss
from resident.metering.meter import Meter, Register
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, meter, period, reading

M3 = 1_000_000
BEFORE, FIRST, LAST = date(YEAR, 1, 31), date(YEAR, 2, 1), date(YEAR, 3, 1) - timedelta(days=1)
FEBRUARY = [(FIRST, LAST)]


class Building:
    """Three homes; a main meter that let 30 m³ in in February."""

    def __init__(self, db, cast):
        self.db, self.cast = db, cast
        with db.writing() as session:
            self.period = period(session, cast.building, f"{YEAR}-03")
        self.main = self.add(None, "cold_water", "M1", "1000", "1030")

    def add(self, unit, medium, serial, before, after, main=None, **given):
        """A meter of a home, or without one of the building, read at both ends of February. Its meter id."""
        with self.db.writing() as session:
            given = {"building_id": None if unit else self.cast.building, "main_id": main} | given
            (register,) = meter(session, self.cast, unit, medium, serial, **given)
            reading(session, register, BEFORE, before)
            if after:
                reading(session, register, LAST, after, self.period, source="office")
            return session.get_one(Register, register).meter_id

    def read(self, meter_id, day, value, **given):
        with self.db.writing() as session:
            register = session.query(Register).filter(Register.meter_id == meter_id).one()
            reading(session, register.id, day, value, **given)

    def branches(self, pieces=FEBRUARY, **given):
        with self.db.reading() as session:
            return balance.branches(session, self.cast.building, pieces, **given)

    def reported(self, branch):
        with self.db.reading() as session:
            return balance.reported(session, branch, session.get_one(BillingPeriod, self.period))


@pytest.fixture
def building(db, cast) -> Building:
    return Building(db, cast)


def homes(building, *uses):
    for unit, use in zip(("a1", "a2", "b10"), uses, strict=False):
        building.add(getattr(building.cast, f"unit_{unit}"), "cold_water", f"c-{unit}", "100", use and str(100 + use))


def test_the_loss_is_what_went_in_less_what_the_homes_used(building):
    homes(building, 8, 9, 10)
    (cold,) = building.branches()
    (line,) = cold.lines
    assert (line.went_in, line.homes, line.loss, line.share) == (30 * M3, 27 * M3, 3 * M3, 1000)
    assert (line.extended, line.unknown) == (0, 0)
    assert building.reported(cold) == balance.Reported(3, 0, 0)


def test_without_a_main_meter_for_hot_water_it_is_made_of_the_cold(building):
    homes(building, 8, 9)
    building.add(building.cast.unit_a1, "hot_water", "h1", "50", "54")
    (cold,) = building.branches()
    assert cold.lines[0].loss == (30 - 17 - 4) * M3
    building.add(None, "hot_water", "M2", "0", "5")
    cold, hot = building.branches()
    assert (cold.lines[0].loss, hot.lines[0].loss) == (13 * M3, 1 * M3)


def test_homes_behind_a_sub_meter_balance_against_it(building):
    homes(building, 8)
    sub = building.add(None, "cold_water", "S1", "0", "20", main=building.main)
    for serial, unit, use in (("s-a2", building.cast.unit_a2, 9), ("s-b10", building.cast.unit_b10, 10)):
        building.add(unit, "cold_water", serial, "0", str(use), main=sub)
    main, behind = building.branches()
    assert (main.main, behind.main) == (True, False)
    assert (main.lines[0].behind, main.lines[0].homes, main.lines[0].loss) == (20 * M3, 8 * M3, 2 * M3)
    assert (behind.lines[0].went_in, behind.lines[0].homes, behind.lines[0].loss) == (20 * M3, 19 * M3, 1 * M3)
    assert (main.homes, behind.homes) == ({building.cast.unit_a1}, {building.cast.unit_a2, building.cast.unit_b10})


def test_hot_water_measured_behind_the_cold_main_is_taken_from_it_once(building):
    homes(building, 8)
    building.add(None, "hot_water", "S2", "0", "12", main=building.main)
    building.add(building.cast.unit_a1, "hot_water", "h1", "0", "11")
    main, hot = building.branches()
    assert (main.lines[0].behind, main.lines[0].homes, main.lines[0].loss) == (12 * M3, 8 * M3, 10 * M3)
    assert (hot.medium, hot.lines[0].loss) == ("hot_water", 1 * M3)


def test_homes_that_used_more_than_went_in_are_told_as_that(building):
    homes(building, 11, 12, 10)
    (cold,) = building.branches()
    assert (cold.lines[0].loss, cold.lines[0].share) == (-3 * M3, -1000)


def test_a_home_that_was_not_read_is_left_out_and_counted(building):
    homes(building, 8, 9, None)
    (cold,) = building.branches()
    assert (cold.lines[0].homes, cold.lines[0].unknown) == (17 * M3, 1)
    assert building.reported(cold) == balance.Reported(3, 0, 1)


def test_an_estimated_home_is_told_apart_from_one_that_is_not_known(building):
    homes(building, 8, None, None)
    with building.db.writing() as session:
        register = session.query(Register).join(Meter).filter(Meter.serial == "c-a2").one()
        reading(session, register.id, LAST, "109", building.period, source="estimate")
    (cold,) = building.branches()
    assert building.reported(cold) == balance.Reported(3, 1, 1)
    assert building.reported(cold).read == 1
    assert cold.lines[0].homes == 17 * M3


def test_last_days_that_nobody_has_read_yet_are_taken_to_be_like_those_before(building):
    """Read at 5 when a half of February was over; before its middle it would not do."""
    homes(building, 8)
    half = (LAST.day + 1) // 2
    id = building.add(building.cast.unit_a2, "cold_water", "c-2", "0", None)
    building.read(id, date(YEAR, 2, half), "5", source="office")
    (line,) = building.branches()[0].lines
    assert (line.homes, line.extended, line.unknown) == (8 * M3 + 5 * M3 * LAST.day // half, 1, 0)
    other = building.add(building.cast.unit_b10, "cold_water", "c-3", "0", None)
    building.read(other, FIRST + timedelta(days=5), "1", source="office")
    assert building.branches()[0].lines[0].unknown == 1


def test_without_a_reading_of_the_main_meter_there_is_no_loss(building):
    homes(building, 8, 9, 10)
    (line,) = building.branches([(LAST + timedelta(days=1), LAST + timedelta(days=31))])[0].lines
    assert (line.went_in, line.loss, line.share) == (None, None, None)


def test_before_the_main_meter_was_there_no_balance_is_told(building):
    """And a home that got its meter later is not missing from the time before."""
    homes(building, 8)
    with building.db.writing() as session:
        for row in session.query(Meter).filter(Meter.serial.in_(("M1", "c-a1"))):
            row.installed = BEFORE
    january = (date(YEAR, 1, 1), BEFORE - timedelta(days=1))
    lines = building.branches([january, *FEBRUARY])[0].lines
    assert [line.loss for line in lines] == [None, 22 * M3]
    assert [(line.homes, line.unknown) for line in lines] == [(0, 0), (8 * M3, 0)]


def test_what_hung_on_a_meter_that_was_changed_hangs_on_the_new_one(building):
    sub = building.add(None, "cold_water", "S1", "0", None, main=building.main)
    homes(building, 3)
    building.add(building.cast.unit_a2, "cold_water", "s-a2", "0", "9", main=sub)
    day = FIRST + timedelta(days=10)
    building.read(sub, day, "4", source="office")
    with building.db.writing() as session:
        session.get_one(Meter, sub).removed = day
        (new,) = meter(
            session, building.cast, None, "cold_water", "S2", building_id=building.cast.building, main_id=building.main,
            replaces_id=sub, installed=day,
        )  # fmt: skip
        reading(session, new, LAST, "6", building.period, source="office")
    main, behind = building.branches()
    assert (behind.lines[0].went_in, behind.lines[0].homes) == (10 * M3, 9 * M3)
    assert main.lines[0].behind == 10 * M3
    assert behind.meters == [(None, "S2")]


def test_several_main_meters_of_a_medium_are_one(building):
    building.add(None, "cold_water", "M2", "0", "7")
    homes(building, 8)
    (cold,) = building.branches()
    assert cold.lines[0].went_in == 37 * M3
    assert [serial for _, serial in cold.meters] == ["M1", "M2"]


def test_meters_that_count_in_other_units_and_other_media_are_left_alone(building):
    building.add(building.cast.unit_a1, "cold_water", "l-1", "0", "900", measure="l")
    building.add(building.cast.unit_a1, "electricity", "e-1", "0", "100")
    (cold,) = building.branches()
    assert cold.lines[0].homes == 0
    assert building.branches(media=["electricity"]) == []


# ---- What it costs ---------------------------------------------------------------------------------------------------


def test_a_loss_at_a_price_in_whole_cents():
    assert common_loss.amount(3 * M3, 4_040_000) == 1212
    assert common_loss.amount(-3 * M3, 4_040_000) == -1212
    assert common_loss.amount(1, 5_000_000) == 0
    assert common_loss.amount(1_000, 5_000_000) == 1
    assert common_loss.amount(0, 4_040_000) == 0


def test_shares_by_area_are_exact_in_total():
    assert common_loss.share(100, [54, 32, 14]) == [54, 32, 14]
    assert common_loss.share(100, [1, 1, 1]) == [34, 33, 33]
    assert common_loss.share(-100, [1, 1, 1]) == [-34, -33, -33]
    assert common_loss.share(7, [0, 0]) == [4, 3]
    assert common_loss.share(5, []) == []


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=60))
def test_shares_add_up_and_are_each_within_a_cent_of_what_is_due(total, weights):
    parts = common_loss.share(total, weights)
    whole = sum(weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        due = total * weight if whole else total
        assert abs(part * (whole or len(weights)) - due) < (whole or len(weights))


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=3), st.integers(0, 40), st.integers(0, 40))
def test_losses_of_all_branches_add_up_to_main_less_all_homes(uses, main, behind):
    """Whatever stands behind the sub meter: its loss and the main meter's are the building's."""
    first = balance.Line(FIRST, LAST, main * M3, behind * M3, sum(use for use, sub in uses if not sub) * M3, 0, 0)
    second = balance.Line(FIRST, LAST, behind * M3, 0, sum(use for use, sub in uses if sub) * M3, 0, 0)
    assert first.loss + second.loss == (main - sum(use for use, _ in uses)) * M3
