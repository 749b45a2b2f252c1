"""A house of four homes with a year of readings and an open window, for the desk's tests of readings."""

from datetime import date

from sqlalchemy import func, select

from resident.metering import submission
from resident.metering.reading import Reading
from tests.metering.counters import YEAR, actor, meter, organisation, period, year_of

NAME = f"{YEAR}-03"


class House:
    """A 1 and A 2 have a cold and a hot meter and a year of readings; B 10 one cold; the window of March is open."""

    def __init__(self, db, cast):
        self.db, self.cast = db, cast
        with db.writing() as session:
            for name, unit in (("a1", cast.unit_a1), ("a2", cast.unit_a2), ("b10", cast.unit_b10)):
                (cold,) = meter(session, cast, unit, "cold_water", f"c-{name}")
                year_of(session, cold, cast.building)
                setattr(self, f"cold_{name}", cold)
            for name, unit in (("a1", cast.unit_a1), ("a2", cast.unit_a2)):
                (hot,) = meter(session, cast, unit, "hot_water", f"h-{name}")
                year_of(session, hot, cast.building, use="4.000", start="200.000")
                setattr(self, f"hot_{name}", hot)
            self.period = period(session, cast.building, NAME, "open", (date(YEAR, 2, 25), date(YEAR, 3, 5)))
            self.organisation = organisation(session, cast.koivu)
        self.url = f"/desk/readings?building={cast.building}&period={NAME}"
        self.tenant = actor(cast, "tenant", cast.tenant, cast.koivu)

    def send(self, values: dict, unit=None, by=None):
        with self.db.writing() as session:
            day = self.organisation.today
            said = {register: submission.Typed(*value) for register, value in values.items()}
            return submission.submit(session, unit or self.cast.unit_a1, self.organisation, said, day, by=by or self.tenant)

    def wait(self) -> int:
        """A lower value that A 1 says the counter shows: its id."""
        self.send({self.cold_a1: ("300.000", "", "shows", "I looked twice")})
        with self.db.reading() as session:
            return session.scalar(select(Reading.id).where(Reading.state == "pending"))

    def rows(self, *where):
        with self.db.reading() as session:
            return session.scalars(select(Reading).where(Reading.period_id == self.period, *where).order_by(Reading.id)).all()

    def count(self, thing) -> int:
        with self.db.reading() as session:
            return session.scalar(select(func.count()).select_from(thing))


def form(client, house, **values) -> dict:
    return client.form(house.url) | {f"r{getattr(house, name)}": value for name, value in values.items()}
