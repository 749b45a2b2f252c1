from datetime import date, timedelta

import pytest

from resident.metering.leak import Leak
from resident.metering.meter import Meter, Register
from resident.metering.price import MediumPrice
from resident.metering.similar import SimilarUse
from tests.metering.conftest import home, with_setting
from tests.metering.counters import LONG_AGO, YEAR, meter, reading

M3 = 1_000_000
__all__ = ["home", "remote", "tenant", "with_setting"]


@pytest.fixture
def tenant(home, client):
    """Whoever lives in tests/metering's home: 6 m³ of cold and 4 of hot water in each month from January of the year before
    YEAR through its January."""
    with home.db.writing() as session:
        for day, value in ((date(YEAR - 2, 12, 31), "388.000"), (date(YEAR - 1, 1, 31), "394.000")):
            reading(session, home.cold, day, value)
    return client("tenant")


@pytest.fixture
def remote(home, cast, tenant):
    """The home's cold water is read remotely from 1 February of the year before on, up to 26 February of YEAR: 200 l a day,
    and in February 100 l more each day than on the one before; with a price, similar homes and a possible leak."""
    with home.db.writing() as session:
        register = session.get_one(Register, home.cold)
        old = session.get_one(Meter, register.meter_id)
        old.removed = date(YEAR - 1, 1, 31)
        (made,) = meter(session, cast, home.unit, "cold_water", "21-R", installed=date(YEAR - 1, 1, 31), remote=True, initial=0)
        value, day = 0, date(YEAR - 1, 2, 1)
        while day < date(YEAR, 2, 27):
            value += 200_000 if day.month != 2 else 100_000 * day.day
            reading(session, made, day, f"{value // M3}.{value % M3:06d}", source="remote")
            day += timedelta(days=1)
        session.add(
            MediumPrice(organisation_id=cast.koivu, medium="cold_water", first=LONG_AGO, price=4_500_000, monthly=2 * M3, about={})
        )
        for month in (f"{YEAR - 1}-12", f"{YEAR}-01"):
            session.add(
                SimilarUse(
                    building_id=cast.building, medium="cold_water", month=month, size="a50", daily=250_000, homes=8, wide=False
                )
            )
        session.add(Leak(register_id=made, first_night=date(YEAR, 2, 20), last_night=date(YEAR, 2, 26), flow=12_000))
    return made
