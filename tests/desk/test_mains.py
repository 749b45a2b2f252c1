"""Readings of a building's own meters at the desk: on their page, and as a group on the sheet of a period."""

from datetime import date

import pytest
from sqlalchemy import select

from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from tests.desk.house import NAME


@pytest.fixture
def main(house, cast) -> int:
    """The register of the house's main meter of cold water; hot water has one read remotely."""
    with house.db.writing() as session:
        for medium, remote in (("cold_water", False), ("hot_water", True)):
            made = Meter(
                organisation_id=cast.koivu, building_id=cast.building, medium=medium, serial=f"M-{medium}", measure="m³",
                installed=date(2015, 1, 1), remote=remote,
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.add(Register(meter_id=made.id, name="", digits=6, decimals=3, initial=100_000_000))
        session.flush()
        return session.scalar(select(Register.id).join(Meter).where(Meter.serial == "M-cold_water"))


def url(house) -> str:
    return f"/desk/mains?building={house.cast.building}&period={NAME}"


def values(house, register: int) -> list:
    with house.db.reading() as session:
        rows = session.scalars(select(Reading).where(Reading.register_id == register).order_by(Reading.id)).all()
        return [(row.value // 1_000_000, row.counts, row.period_id == house.period, row.source) for row in rows]


def test_a_value_is_stored_for_the_period_and_shown_with_its_use(house, main, desk):
    office = desk("office")
    form = office.form(url(house))
    # Nobody types what is read remotely.
    assert [name for name in form if name.startswith("r")] == [f"r{main}"]
    office.post("/desk/mains", 303, **form | {f"r{main}": "161,5"})
    assert values(house, main) == [(161, True, True, "office")]
    assert "61.500" in office.get(url(house)).text
    office.post("/desk/mains", 303, **form | {f"r{main}": "161,5"})
    assert len(values(house, main)) == 1


def test_the_sheet_of_the_period_has_them_as_a_group_of_their_own(house, main, desk):
    office = desk("office")
    text = office.get(house.url).text
    assert "The building’s own meters" in text and f'name="r{main}"' in text and "M-hot_water" in text
    assert "The building’s own meters" not in office.get(house.url + "&staircase=A").text
    # A supplier sees those of its medium.
    supplier = desk("provider").get(house.url).text
    assert "M-cold_water" in supplier and "M-hot_water" not in supplier
    part = office.post("/desk/mains", 200, htmx=True, **office.form(url(house)) | {f"r{main}": "170"}).text
    assert part.count('id="mains"') == 1 and "170.000" in part and "Saved 1 reading" in part


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"r": "90"}, "lower"),
        ({"r": "NaN"}, "Write digits only"),
        ({"r": ""}, "Nothing was typed"),
        ({"day": "soon"}, "Write the day"),
    ],
)
def test_what_cannot_be_is_said_and_kept(house, main, desk, given, words):
    office = desk("office")
    typed = {f"r{main}" if name == "r" else name: value for name, value in given.items()}
    told = office.post("/desk/mains", 422, **office.form(url(house)) | {f"r{main}": "161"} | typed).text
    assert words in told and values(house, main) == []
    assert f'value="{typed.get(f"r{main}", "161")}"' in told


def test_who_may_not_enter_readings_there_is_told_nothing(house, main, desk):
    office = desk("office")
    form = office.form(url(house)) | {f"r{main}": "161"}
    form.pop("csrf_token")
    desk("control").post("/desk/mains", 403, **form)
    desk("board").get(url(house), 404)
    assert values(house, main) == []
