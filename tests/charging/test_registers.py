"""A metered charge takes the registers that it names: electricity by day at one price, by night at another."""

from datetime import date

import pytest
from sqlalchemy import select

from resident.charging import coverage, preview, settling
from resident.charging.charge import ChargeType
from resident.metering.reading import Reading
from resident.money.invoice import Invoice
from tests.charging.house import millionths, minor

MONTH = "2026-03"
FIRST, LAST = date(2026, 2, 28), date(2026, 3, 31)


def taking(registers, key="meter", media="electricity cold_water") -> ChargeType:
    return ChargeType(basis="tariff", key=key, media=media, registers=registers)


def test_a_charge_takes_all_registers_of_its_media_or_those_that_it_names():
    assert taking(None).takes("electricity", "night") and taking(None).takes("cold_water", "")
    assert not taking(None).takes("gas", "")
    assert taking(["night"]).takes("electricity", "night") and not taking(["night"]).takes("electricity", "day")
    assert not taking(["night"]).takes("electricity", "") and taking(["", "day"]).takes("electricity", "")
    assert not taking(None, key="area").takes("electricity", "")


@pytest.fixture
def powered(house):
    """Home 1: 100 kWh by day and 40 by night; home 2 has a counter without names. Day 0.20, night 0.10; the unnamed pays day."""
    house.home("1"), house.home("2")
    house.hold("Kask", "1"), house.hold("Tamm", "2")
    house.meter("1", "electricity", names=("day", "night"))
    house.meter("2", "electricity")
    for name, price, registers in (("DAY", "0.20", ["", "day"]), ("NIGHT", "0.10", ["night"])):
        house.charge(name, "tariff", "meter", media="electricity", measure="kWh", registers=registers)
        house.price(name, price)
    house.period(MONTH)
    for number, name, ends in (("1", "day", ("1000", "1100")), ("1", "night", ("500", "540")), ("2", "", ("0", "10"))):
        house.read(number, FIRST, ends[0], medium="electricity", name=name)
        house.read(number, LAST, ends[1], MONTH, medium="electricity", name=name)
    return house


def test_each_register_at_its_own_price(powered):
    seen = preview.preview(powered.session, powered.periods[MONTH])
    assert [(home.number, home.total) for home in seen.homes] == [("1", minor("24.00")), ("2", minor("2.00"))]
    assert powered.drafted(MONTH) == {
        ("Kask", "1", "DAY"): minor("20.00"),
        ("Kask", "1", "NIGHT"): minor("4.00"),
        ("Tamm", "2", "DAY"): minor("2.00"),
    }
    powered.confirm(MONTH)
    day, night = powered.lines(powered.invoices(MONTH, "Kask")[0])
    assert [(line.quantity, [one["name"] for one in line.readings]) for line in (day, night)] == [
        (millionths("100"), ["day"]), (millionths("40"), ["night"]),
    ]  # fmt: skip


def test_a_register_that_no_charge_takes_is_not_waited_for(powered):
    powered.period("2026-04")
    powered.read("1", date(2026, 4, 30), "1150", "2026-04", medium="electricity", name="day")
    powered.read("2", date(2026, 4, 30), "10", "2026-04", medium="electricity")
    powered.bill(MONTH)
    powered.session.get_one(ChargeType, powered.charges["NIGHT"]).last = LAST
    assert powered.drafted("2026-04") == {("Kask", "1", "DAY"): minor("10.00")}
    lacking = coverage.coverage(powered.session, powered.cast.koivu, date(2026, 4, 1))
    found = {one.name: [charge.code for charge in one.charges] for one in lacking if one.medium == "electricity"}
    assert found == {"": ["DAY"], "day": ["DAY"], "night": []}


def test_what_nobody_read_is_estimated_where_a_charge_takes_it(powered):
    powered.bill(MONTH)
    powered.session.get_one(ChargeType, powered.charges["DAY"]).last = LAST
    powered.period("2026-04")
    (drafted,) = powered.allocate("2026-04").drafts
    assert [(line.charge_type_id, line.estimated) for line in drafted.lines] == [(powered.charges["NIGHT"], True)]
    estimated = select(Reading.register_id).where(Reading.source == "estimate")
    assert powered.session.scalars(estimated).all() == [powered.registers["1", "electricity", "night"]]


def test_a_settlement_takes_the_same_registers(powered):
    for code in ("DAY", "NIGHT"):
        powered.session.get_one(ChargeType, powered.charges[code]).billed = "settlement"
    powered.charge("FEE", "tariff", "equal")
    powered.price("FEE", "1.00")
    powered.bill(MONTH)
    run = settling.prepare(powered.session, powered.building, MONTH, MONTH, by=powered.by)
    assert run.cost == 0
    settling.confirm(powered.session, run, by=powered.by)
    made = select(Invoice.total).where(Invoice.kind == "settlement").order_by(Invoice.number)
    assert powered.session.scalars(made).all() == [minor("24.00"), minor("2.00")]
