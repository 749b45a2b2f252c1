"""Similar homes: never fewer than five others, no home in two figures, worked out once, only of months that are over."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from resident.homes.building import Building, Unit, UnitFact, natural
from resident.metering import comparing
from resident.metering.comparing import LEAST, Similar, middle, size_of
from resident.metering.similar import SimilarUse
from tests.metering.counters import meter, move_to, reading

M3 = 1_000_000
TODAY = date(2027, 3, 10)


def street(session, cast, code: str, uses: list[int], occupants=2, medium="cold_water") -> int:
    """A building of koivu with a home for each use, in m³ of February 2027; January has the same."""
    building = Building(organisation_id=cast.koivu, code=code, address=code)
    session.add(building)
    session.flush()
    for place, use in enumerate(uses):
        unit = Unit(building_id=building.id, number=str(place), sort_key=natural(str(place)))
        session.add(unit)
        session.flush()
        session.add(UnitFact(unit_id=unit.id, kind="occupants", value=occupants * M3, first=date(2020, 1, 1)))
        (register,) = meter(session, cast, unit.id, medium, f"{code}-{place}", installed=date(2026, 12, 31))
        reading(session, register, date(2027, 1, 31), f"{use}.000")
        reading(session, register, date(2027, 2, 28), f"{2 * use}.000")
    return building.id


def rows(db):
    with db.reading() as session:
        found = session.scalars(select(SimilarUse).order_by(SimilarUse.building_id, SimilarUse.month))
        return [(row.building_id, row.month, row.size, row.homes, row.wide, row.daily) for row in found]


def work_out(db, cast, today=TODAY):
    with db.writing() as session:
        found = comparing.work_out(session, cast.koivu, "cold_water", today)
        for made in found.values():
            session.add_all(made)
        return sum(map(len, found.values()))


def test_five_homes_are_too_few_and_six_are_enough(db, cast):
    with db.writing() as session:
        street(session, cast, "five", [3, 4, 5, 6, 7])
    assert work_out(db, cast) == 0 and rows(db) == []
    with db.writing() as session:
        street(session, cast, "one", [8])
    work_out(db, cast)
    # Two buildings with too few each: all of their homes together, the same figure in both.
    assert {row[2:] for row in rows(db) if row[1] == "2027-02"} == {("p2", 6, True, 200_000)}
    assert len({row[0] for row in rows(db)}) == 2


def test_a_building_with_enough_stands_by_itself_and_helps_no_other(db, cast):
    with db.writing() as session:
        large = street(session, cast, "large", [14, 14, 14, 28, 28, 28, 28])
        street(session, cast, "small", [3, 3, 3])
    work_out(db, cast)
    assert [row for row in rows(db) if row[1] == "2027-02"] == [(large, "2027-02", "p2", 7, False, 1_000_000)]


def test_homes_of_another_size_or_without_use_or_estimated_do_not_count(db, cast):
    with db.writing() as session:
        building = street(session, cast, "a", [3, 4, 5, 6, 7])
        street(session, cast, "b", [9], occupants=3)
        street(session, cast, "c", [0])
        unit = session.scalar(select(Unit.id).where(Unit.building_id == building).limit(1))
        (late,) = meter(session, cast, unit, "hot_water", "x", installed=date(2026, 12, 31))
        reading(session, late, date(2027, 3, 1), "9.000")
    assert work_out(db, cast) == 0


def test_it_is_worked_out_once_and_stays(db, cast):
    with db.writing() as session:
        street(session, cast, "a", [3, 4, 5, 6, 7, 8])
    assert work_out(db, cast) == 2
    before = rows(db)
    with db.writing() as session:
        street(session, cast, "b", [30, 30, 30, 30, 30, 30])
    assert work_out(db, cast) == 0 and rows(db) == before


def test_a_month_has_to_be_over_and_settled(db, cast):
    with db.writing() as session:
        street(session, cast, "a", [3, 4, 5, 6, 7, 8])
    assert work_out(db, cast, date(2027, 3, 9)) == 1
    assert [row[1] for row in rows(db)] == ["2027-01"]
    assert work_out(db, cast, date(2027, 3, 10)) == 1
    assert [row[1] for row in rows(db)] == ["2027-01", "2027-02"]


def test_all_organisations_and_media_in_one_go(db, cast, later):
    with db.writing() as session:
        street(session, cast, "a", [3, 4, 5, 6, 7, 8])
        street(session, cast, "h", [3, 4, 5, 6, 7], medium="hot_water")
    move_to(2027, 3, 10)
    assert comparing.work_out_all(db) == 2
    assert comparing.work_out_all(db) == 0


def test_a_home_sees_the_figure_of_its_own_size_on_the_months_first_day(db, cast):
    with db.writing() as session:
        building = street(session, cast, "a", [3, 4, 5, 6, 7, 8])
        unit = session.scalar(select(Unit.id).where(Unit.building_id == building).limit(1))
    work_out(db, cast)

    def of_home(first=date(2027, 1, 1), medium="cold_water", building=building):
        with db.reading() as session:
            return comparing.of_home(session, unit, building, medium, first, TODAY)

    assert set(of_home()) == {"2027-01", "2027-02"}
    assert of_home()["2027-02"] == Similar(200_000, 6, False, "p2")
    assert set(of_home(first=date(2027, 2, 1))) == {"2027-02"}
    assert of_home(medium="hot_water") == {} and of_home(building=cast.building) == {}
    with db.writing() as session:
        session.add(UnitFact(unit_id=unit, kind="occupants", value=3 * M3, first=date(2027, 1, 2)))
    assert set(of_home()) == {"2027-01"}


@pytest.mark.parametrize(
    ("medium", "facts", "size"),
    [
        ("cold_water", {"occupants": M3, "area": 40 * M3}, "p1"),
        ("cold_water", {"occupants": 7 * M3}, "p4"),
        ("cold_water", {"occupants": 0, "area": 34_900_000}, "a0"),
        ("cold_water", {"area": 35 * M3}, "a35"),
        ("heating", {"occupants": 2 * M3, "area": 99 * M3, "heated_area": 100 * M3}, "a100"),
        ("heating", {"occupants": 2 * M3}, "p2"),
        ("heating", {}, None),
    ],
)
def test_sizes(medium, facts, size):
    assert size_of(medium, facts) == size


@given(st.lists(st.integers(0, 10**9), min_size=LEAST, max_size=20))
def test_the_middle_is_to_two_figures(values):
    found, ordered = middle(values), sorted(values)
    exact = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert len(str(found).rstrip("0")) <= 3 and abs(found - exact) <= max(1, exact / 20)
