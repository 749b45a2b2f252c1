"""Adds, changes and reads meters of the home's house, as the office."""

from dataclasses import replace
from datetime import date

import pytest

from resident.homes.building import Building, Unit
from resident.metering import fitting, main_reading
from resident.metering.fitting import BadMeter, Facts, Shown
from resident.metering.meter import Meter
from resident.metering.submission import Typed
from tests.metering.counters import YEAR

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
