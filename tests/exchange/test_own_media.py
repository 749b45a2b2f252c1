"""The register workbook names media that the organisation has added, in any of its languages."""

from datetime import date

from sqlalchemy import select

from resident.exchange import guard
from resident.exchange.importing import Import
from resident.metering import medium
from resident.metering.meter import Meter
from tests.exchange import books

ROW = {"serial": "J-1", "building": "K1", "unit": "A 1", "installed": date(2023, 6, 1)}


def taken(house, tmp_path, name: str):
    with house.db.writing() as session:
        added = medium.add(session, house.organisation, {"fi": "Kauko-jäähdytys", "sv": "Fjärrkyla"}, "MWh", 0, by=None)
        words = medium.words(session, house.id)
    sheets = books.register()
    sheets["meters"].append(ROW | {"medium": name})
    path = books.write(tmp_path / "register.xlsx", sheets)
    with Import(path, tmp_path / "scratch", guard.WEB, media=words) as task:
        task.read()
        task.carry_out(house.db, house.organisation)
        troubles = [trouble for _, trouble in task.troubles()]
    with house.db.reading() as session:
        return added, session.scalar(select(Meter).where(Meter.serial == "J-1")), troubles


def test_a_meter_of_an_own_medium_comes_in_by_its_name_and_counts_in_its_unit(house, tmp_path):
    added, meter, troubles = taken(house, tmp_path, "fjärrkyla")
    assert not troubles and (meter.medium, meter.measure) == (added.code, "MWh")


def test_a_name_that_is_not_known_is_told_with_the_own_ones(house, tmp_path):
    _added, meter, (trouble,) = taken(house, tmp_path, "Höyry")
    assert meter is None and trouble.facts == {"choice": "medium", "own": ["Kauko-jäähdytys", "Fjärrkyla"]}
