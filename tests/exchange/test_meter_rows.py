"""A change of meter that comes by workbook (rule 7), and the places of meters of one medium (rule 8)."""

from datetime import date

from sqlalchemy import select

from resident.db import SCALE
from resident.homes.building import Unit
from resident.metering import submission
from resident.metering.meter import Meter, Register
from tests.exchange import books
from tests.metering.counters import move_to, organisation, period

_COLD = {"medium": "cold_water", "building": "K1", "unit": "A 1"}
OLD = _COLD | {"serial": "21-1", "installed": date(2023, 6, 1), "initial": 100}
CHANGED = [
    OLD | {"removed": date(2025, 11, 10)},
    _COLD | {"serial": "24-7", "installed": date(2025, 11, 10), "initial": 2},
]
READ = [
    {"medium": "cold_water", "serial": "21-1", "day": date(2025, 10, 31), "value": 751.387},
    {"medium": "cold_water", "serial": "21-1", "day": date(2025, 11, 10), "value": 760},
]


def replaced(house) -> dict:
    """serial: the serial of the meter that it replaces."""
    with house.db.reading() as session:
        serials = {row.id: row.serial for row in session.execute(select(Meter.id, Meter.serial))}
        rows = session.execute(select(Meter.serial, Meter.replaces_id).where(Meter.replaces_id.is_not(None)))
        return {serial: serials[old] for serial, old in rows}


def test_a_meter_that_came_on_the_day_on_which_another_went_replaces_it(house):
    sheets = books.register(meters=CHANGED[::-1], readings=READ)
    house.load(sheets)
    assert house.troubles == [] and replaced(house) == {"24-7": "21-1"}
    assert {new + changed for new, changed, _same, _bad in house.load(sheets).values()} <= {0, 1}
    assert replaced(house) == {"24-7": "21-1"}


def test_a_change_of_meter_in_a_later_workbook_is_one_too(house):
    house.load(books.register(meters=[OLD], readings=READ[:1]))
    house.load(books.register(meters=CHANGED, readings=READ))
    assert house.troubles == [] and replaced(house) == {"24-7": "21-1"}


def test_the_old_meters_last_day_may_come_after_the_new_meter(house):
    place = {"place": "kitchen"}
    house.load(books.register(meters=[OLD | place, CHANGED[1] | {"place": "bath"}], readings=READ[:1]))
    assert house.troubles == [] and replaced(house) == {}
    house.load(books.register(meters=[CHANGED[0] | {"place": "bath"}], readings=READ))
    assert house.troubles == [] and replaced(house) == {"24-7": "21-1"}


def test_use_over_an_imported_change_of_meter_is_final_minus_last_plus_now_minus_first(house, later):
    """751.387 on 31 October, final 760 on 10 November, the new one from 2: 3 is 9.613 m³."""
    house.load(books.register(meters=CHANGED, readings=READ))
    assert house.troubles == []
    move_to(2025, 11, 28)
    with house.db.writing() as session:
        unit, building = session.execute(select(Unit.id, Unit.building_id).where(Unit.number == "A 1")).one()
        period(session, building, "2025-12", "open", (date(2025, 11, 25), date(2025, 12, 5)))
        (counter,) = submission.form(session, unit, organisation(session, house.id)).counters
    assert (counter.serial, counter.use(3_000_000)) == ("24-7", 9_613_000)


def test_each_place_of_a_home_has_its_own_change_of_meter(house):
    def at(place, *serials):
        return [row | {"serial": serial, "place": place} for row, serial in zip(CHANGED, serials, strict=True)]

    house.load(books.register(meters=[*at("kitchen", "k1", "k2"), *at("bath", "b1", "b2")], readings=None))
    assert house.troubles == [] and replaced(house) == {"k2": "k1", "b2": "b1"}


def test_two_live_meters_of_one_medium_in_a_home_need_a_place_each(house):
    two = [OLD, OLD | {"serial": "21-2"}]
    for places, bad in (((None, None), [2, 3]), (("Bath", "bath"), [2, 3]), ((None, "bath"), [2]), (("kitchen", "bath"), [])):
        rows = [row | {"place": place} for row, place in zip(two, places, strict=True)]
        house.load(books.register(meters=rows, readings=None), dry=True)
        assert house.troubles == [("meters", row, "PlaceMissing") for row in bad], places
    house.load(books.register(meters=[OLD], readings=None))
    house.load(books.register(meters=[two[1]], readings=None))
    assert house.troubles == [("meters", 2, "PlaceMissing")]


def kept(house) -> tuple:
    """(coefficient, unit, building, feed keys by register) of the only meter."""
    with house.db.reading() as session:
        meter = session.scalars(select(Meter)).one()
        keys = session.execute(select(Register.name, Register.feed_key).where(Register.meter_id == meter.id))
        return meter.coefficient, meter.unit_id is not None, meter.building_id is not None, {name: key for name, key in keys}


def test_coefficient_and_names_in_feeds_come_in_and_an_empty_cell_keeps_them(house):
    both = [OLD | {"register": name, "coefficient": "0,5", "feed_key": f"LoRa  {name}"} for name in ("day", "night")]
    house.load(books.register(meters=both, readings=None))
    assert house.troubles == []
    assert kept(house) == (500_000, True, False, {"day": "LoRa day", "night": "LoRa night"})
    came = house.load(books.register(meters=[OLD | {"register": "day"}, OLD | {"register": "night"}], readings=None))
    assert came["meters"] == (0, 0, 2, 0) and kept(house)[0] == 500_000
    both[1] |= {"feed_key": "A-2"}
    came = house.load(books.register(meters=[row | {"coefficient": 0.25} for row in both], readings=None))
    assert came["meters"] == (0, 2, 0, 0)
    assert kept(house) == (250_000, True, False, {"day": "LoRa day", "night": "A-2"})


def test_one_meter_has_one_coefficient_and_that_is_a_number_above_zero(house):
    both = [OLD | {"register": "day", "coefficient": 1}, OLD | {"register": "night", "coefficient": 0.5}]
    house.load(books.register(meters=both, readings=None), dry=True)
    assert house.troubles == [("meters", 3, "MeterDiffers")]
    for value, trouble in ((0, "Coefficient"), (-1, "Coefficient"), (10_001, "Coefficient"), ("half", "NotANumber"), (10_000, "")):
        house.load(books.register(meters=[OLD | {"coefficient": value}], readings=None), dry=True)
        assert [name for _sheet, _row, name in house.troubles] == ([trouble] if trouble else []), value


def test_a_main_meter_is_the_buildings_own_and_another_has_a_home(house):
    for yes, unit, trouble in (("no", None, "NoHome"), ("yes", "A 1", "MainInHome"), ("no", "A 1", None), (None, None, None)):
        house.load(books.register(meters=[OLD | {"main_meter": yes, "unit": unit}], readings=None), dry=True)
        assert house.troubles == ([("meters", 2, trouble)] if trouble else []), (yes, unit)
    house.load(books.register(meters=[OLD | {"main_meter": "yes", "unit": None}], readings=None))
    assert house.troubles == [] and kept(house) == (SCALE, False, True, {"": None})
