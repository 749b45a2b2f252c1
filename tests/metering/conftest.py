from datetime import date

import pytest
from sqlalchemy import select

from resident.metering import submission
from resident.metering.meter import Meter
from tests import emptying
from tests.cast import snapshot
from tests.metering import counters
from tests.metering.counters import YEAR, actor, meter, move_to, organisation, period, year_of
from tests.metering.fitter import Fitter

_MADE: dict[tuple, tuple] = {}


class Home:
    """A home with a cold and a hot meter, read through a year, 6 and 4 m³ a month; its window is open, today is 27 February."""

    def __init__(self, db, cast):
        self.db, self.cast, self.unit = db, cast, cast.unit_a1
        # Made reading by reading once a day and kind of database.
        if cast.which in _MADE:
            made, pour = _MADE[cast.which]
            if not db.sqlite:
                emptying.empty(db)
            pour(db)
        else:
            made = self._make(db, cast)
            _MADE[cast.which] = (made, snapshot(db, f"home_{len(_MADE)}"))
        vars(self).update(made)
        self.tenant = actor(cast, "tenant", cast.tenant, cast.koivu)
        self.office = actor(cast, "office", cast.office, cast.koivu, "office")

    def _make(self, db, cast) -> dict:
        with db.writing() as session:
            (cold,) = meter(session, cast, self.unit, "cold_water", "21-1")
            (hot,) = meter(session, cast, self.unit, "hot_water", "21-2")
            year_of(session, cold, cast.building)
            year_of(session, hot, cast.building, use="4.000", start="200.000")
            window = (date(YEAR, 2, 25), date(YEAR, 3, 5))
            made = {"cold": cold, "hot": hot, "period": period(session, cast.building, f"{YEAR}-03", "open", window)}
            return made | {"organisation": organisation(session, cast.koivu)}

    def form(self, **given):
        with self.db.reading() as session:
            return submission.form(session, self.unit, self.organisation, **given)

    def check(self, typed, day=None, **given):
        return submission.check(self.form(**given), typed, day or self.organisation.today)

    def submit(self, typed, day=None, by=None, **given):
        with self.db.writing() as session:
            return submission.submit(
                session, self.unit, self.organisation, typed, day or self.organisation.today, by=by or self.tenant, **given
            )

    def values(self, register):
        with self.db.reading() as session:
            return counters.values_of(session, register)


@pytest.fixture
def home(db, cast, later) -> Home:
    move_to(YEAR, 2, 27)
    return Home(db, cast)


@pytest.fixture
def with_setting(db, cast):
    """with_setting(late_readings="kept") lets settings hold in koivu."""
    from resident.homes import setting

    def put(**values):
        with db.writing() as session:
            for name, value in values.items():
                setting.put(session, cast.koivu, name, value)

    return put


@pytest.fixture
def fitter(home) -> Fitter:
    # The home's cold meter has no place in the fixture; two of one medium need one each (rule 8).
    with home.db.writing() as session:
        session.scalars(select(Meter).where(Meter.serial == "21-1")).one().place = "kitchen"
    return Fitter(home)
