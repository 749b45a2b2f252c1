"""One meter for two homes: each home is told its part, and the parts add up (rule 19)."""

from datetime import date

from sqlalchemy import select

from resident.metering import changing, history
from resident.metering.changing import Ends
from resident.metering.meter import Meter, share_of
from tests.metering.counters import YEAR, millionths


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
