"""What is read remotely each day stands in the history once a month, with the use of the month."""

from datetime import date, timedelta

from resident.metering import history
from resident.metering.meter import Meter, Register
from tests.metering.counters import YEAR, reading


def test_daily_readings_are_shown_by_month_and_others_as_they_are(home):
    with home.db.writing() as session:
        session.get_one(Meter, session.get_one(Register, home.cold).meter_id).remote = True
        for n in range(1, 21):
            reading(session, home.cold, date(YEAR, 1, 31) + timedelta(days=n), str(466 + n), source="remote")
        reading(session, home.cold, date(YEAR, 2, 20), "485", source="remote", counts=False)
    with home.db.reading() as session:
        lines = [line for line in history.history(session, home.unit, YEAR) if line.register_id == home.cold]
    assert [(line.day, line.source, line.use) for line in lines] == [
        (date(YEAR, 2, 20), "remote", 20_000_000), (date(YEAR, 1, 31), "import", 6_000_000)
    ]  # fmt: skip
