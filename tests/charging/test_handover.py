"""A home is sold on the 14th of a month, through the handover itself: what each side pays (rule 24, B9)."""

from datetime import date

import pytest

from resident.access import Actor
from resident.charging import waiting
from resident.moves import moving, tenancy
from resident.people.person import Person
from resident.people.tenure import Tenure
from tests.charging.house import millionths, minor

MARCH, APRIL, DAY, TODAY = "2026-03", "2026-04", date(2026, 3, 14), date(2026, 3, 15)


@pytest.fixture
def sold(house):
    """Home 1 goes from Kask to Saar; home 2 is Lepp's. Water at 5.00, care at 3.10 for a m² and month, heat 620.00 to divide."""
    for number in ("1", "2"):
        house.home(number)
        house.meter(number)
    house.hold("Kask", "1")
    house.hold("Lepp", "2")
    house.charge("WATER", "tariff", "meter", media="cold_water", measure="m3")
    house.price("WATER", "5.00")
    house.charge("CARE", "tariff", "area", measure="m2")
    house.price("CARE", "3.10")
    house.charge("HEAT", "cost", "area")
    house.charge("SEWER", "cost", "meter", media="cold_water")
    house.period("2026-02", "closed")
    house.period(MARCH)
    for number in ("1", "2"):
        house.read(number, date(2026, 2, 28), "100", "2026-02")
        house.read(number, date(2026, 3, 31), "131", MARCH)
    house.cost(MARCH, "HEAT", "620.00")
    house.cost(MARCH, "SEWER", "62.00")
    return house


def hand_over(house, value: str | None) -> None:
    """By the manager; value: what the counter showed on the day, None where nobody read it."""
    session, cast = house.session, house.cast
    by = Actor(cast.logins["manager"], cast.manager, cast.koivu, "manager", "manager")
    leaving = session.get(Tenure, house.tenures["Kask"])
    handover = moving.plan(session, house.units["1"], leaving, DAY, by=by)
    saar = Person(organisation_id=cast.koivu, name="Saar", search_key="saar", language="fi")
    session.add(saar)
    session.flush()
    coming = tenancy.begin(
        session, house.units["1"], "ownership", saar, signed=DAY, first=TODAY, last=None, by=by, after=leaving.id
    )
    house.tenures["Saar"] = coming.id
    moving.await_tenure(session, handover, coming, handover.version, by=by)
    if value:
        values = {house.registers["1", "cold_water"]: millionths(value)}
        moving.put_readings(session, handover, values, TODAY, handover.version, None, by=by)
    moving.carry_out(session, handover, TODAY, handover.version, by=by, without=None if value else "Nobody had the key.")


def paid(house, name: str) -> dict[str, int]:
    """By charge: what a holder's invoice of March says."""
    house.bill(MARCH)
    (invoice,) = house.invoices(MARCH, name)
    codes = {id: code for code, id in house.charges.items()}
    return {codes[line.charge_type_id]: line.amount for line in house.lines(invoice)}


@pytest.mark.parametrize(
    ("value", "name", "water", "sewer"),
    [
        ("121", "Kask", "105.00", "21.00"),
        ("121", "Saar", "50.00", "10.00"),
        (None, "Kask", "70.00", "14.00"),
        (None, "Saar", "85.00", "17.00"),
    ],
)
def test_metered_lines_go_by_the_day_s_reading_and_others_by_days(sold, value, name, water, sewer):
    hand_over(sold, value)
    days = 14 if name == "Kask" else 17
    care, heat = 310 * 50 * days // 31, 62000 * 50 * days // (100 * 31)
    assert paid(sold, name) == {"WATER": minor(water), "CARE": care, "HEAT": heat, "SEWER": minor(sewer)}


def test_days_that_are_billed_already_change_hands_by_corrections_that_come_to_nothing(sold):
    sold.allocate(MARCH)
    with pytest.raises(tenancy.DaysShared) as refused, sold.session.begin_nested():
        hand_over(sold, None)
    assert (refused.value.name, refused.value.last, refused.value.end) == (MARCH, date(2026, 3, 31), True)
    sold.confirm(MARCH)
    (invoice,) = sold.invoices(MARCH, "Kask")
    assert invoice.total == minor("155.00") + minor("155.00") + minor("310.00") + minor("31.00")
    hand_over(sold, None)
    waits = {sold.tenures["Kask"]: 0, sold.tenures["Saar"]: 0, None: 0}
    sold.period(APRIL)
    for tenure, line, _kind in waiting.lines(sold.session, sold.periods[APRIL]):
        waits[tenure] += line.amount
    # 17 of 31 days: the month's readings are closed, nobody's counter was read on the 14th.
    own = minor("85.00") + minor("170.00") + minor("85.00") + minor("17.00")
    assert waits == {sold.tenures["Saar"]: own, sold.tenures["Kask"]: -own, None: 0}


def test_a_sale_that_does_not_come_gives_billed_days_back(sold):
    sold.bill(MARCH)
    leaving = sold.session.get(Tenure, sold.tenures["Kask"])
    by = Actor(sold.cast.logins["manager"], sold.cast.manager, sold.cast.koivu, "manager", "manager")
    handover = moving.plan(sold.session, sold.units["1"], leaving, DAY, by=by)
    sold.period(APRIL)
    assert sum(line.amount for tenure, line, _ in waiting.lines(sold.session, sold.periods[APRIL]) if tenure) < 0
    moving.cancel(sold.session, handover, TODAY, handover.version, by=by)
    waits = [(tenure, line.amount) for tenure, line, _ in waiting.lines(sold.session, sold.periods[APRIL])]
    assert waits and not any(sum(amount for who, amount in waits if who == tenure) for tenure, _ in waits)


def test_both_know_what_the_counter_showed_and_nothing_is_lost(sold):
    hand_over(sold, "121")
    sold.bill(MARCH)
    lines = {name: sold.lines(*sold.invoices(MARCH, name)) for name in ("Kask", "Saar", "Lepp")}
    water = {name: next(line for line in own if line.charge_type_id == sold.charges["WATER"]) for name, own in lines.items()}
    assert (water["Kask"].first, water["Kask"].last, water["Saar"].first) == (date(2026, 3, 1), DAY, TODAY)
    assert water["Kask"].readings[0]["to"] == water["Saar"].readings[0]["from"] == millionths("121")
    assert not water["Kask"].estimated and not water["Saar"].estimated
    heat = sum(line.amount for own in lines.values() for line in own if line.charge_type_id == sold.charges["HEAT"])
    assert heat == minor("620.00")
