"""A home is sold on the 14th of a month, through the handover itself: what each side pays (rule 24, B9)."""

from datetime import date

import pytest

from resident.access import Actor
from resident.charging import correcting
from resident.money.invoice import number_text
from resident.people import moving, tenancy
from resident.people.person import Person
from resident.people.tenure import Tenure
from tests.charging.house import millionths, minor

MARCH, DAY, TODAY = "2026-03", date(2026, 3, 14), date(2026, 3, 15)


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


def test_days_that_are_billed_already_are_corrected_before_they_change_hands(sold):
    sold.allocate(MARCH)
    with pytest.raises(tenancy.DaysShared) as refused, sold.session.begin_nested():
        hand_over(sold, None)
    assert (refused.value.name, refused.value.last, refused.value.end) == (MARCH, date(2026, 3, 31), True)
    sold.confirm(MARCH)
    # The invoice of a month that is wholly the buyer's stands in the way as long as its lines do, and no longer.
    sold.period("2026-04", behind=True)
    sold.cost("2026-04", "HEAT", "620.00")
    sold.bill("2026-04")
    invoices = [sold.invoices(month, "Kask")[0] for month in (MARCH, "2026-04")]
    with pytest.raises(tenancy.WouldOrphan) as refused, sold.session.begin_nested():
        hand_over(sold, None)
    told = {(one.kind, one.name) for one in refused.value.things}
    assert told == {("invoice", number_text(one.issued.year, one.number, None)) for one in invoices}
    for line in [line for invoice in invoices for line in sold.lines(invoice)]:
        correcting.correct(sold.session, line, "Sold on the 14th", amount=-100, by=sold.by)
    hand_over(sold, None)


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
