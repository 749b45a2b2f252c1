"""A whole month of a small house, worked out by hand: an owner who changes on the 14th, a missing reading, a new number of
occupants, a new price, a rent that is raised; and the month after, with the estimate settled and a correction.

March has 31 days. Home 1 (40 m²) Kask; home 2 (60 m²) Tamm until the 13th, then Saar; home 3 (50 m²) Lepp.
"""

from datetime import date

import pytest
from sqlalchemy import select

from resident.charging import correcting, proving, remeasuring
from resident.metering.reading import Reading
from resident.money import balances
from resident.money.ledger import AccountTotal
from tests.charging.house import minor


@pytest.fixture
def month(house):
    """The house at the end of March: readings are in, costs are entered, nothing is shared out."""
    for number, area, occupants in (("1", "40", "2"), ("2", "60", "1"), ("3", "50", "1")):
        house.home(number, area, occupants)
        house.meter(number)
    house.fact("1", "occupants", "3", date(2026, 3, 11))
    house.hold("Kask", "1", language="sv")
    house.hold("Tamm", "2", last=date(2026, 3, 13))
    house.hold("Saar", "2", first=date(2026, 3, 14))
    house.hold("Lepp", "3")
    house.charge("CARE", "tariff", "area", measure="m2")
    house.price("CARE", "4.20")
    house.price("CARE", "4.50", date(2026, 3, 16))
    house.charge("HEAT", "cost", "area")
    house.charge("WASTE", "cost", "occupants")
    house.charge("WATER", "tariff", "meter", media="cold_water", measure="m3")
    house.price("WATER", "5.10")
    house.charge("ADVANCE", "amount", advance=True)
    house.amount("ADVANCE", "Kask", "45.00")
    house.amount("ADVANCE", "Kask", "60.00", date(2026, 3, 21), announced=date(2026, 2, 1))
    house.amount("ADVANCE", "Saar", "31.00", date(2026, 3, 1))
    house.period("2026-02", "closed")
    house.period("2026-03")
    for number, day, value in (("1", 27, "100"), ("2", 26, "200"), ("3", 28, "300")):
        house.read(number, date(2026, 2, day), value, "2026-02")
    house.read("3", date(2026, 1, 31), "294.4")
    house.read("1", date(2026, 3, 30), "107.5", "2026-03")
    house.read("2", date(2026, 3, 13), "204")
    house.read("2", date(2026, 4, 1), "209", "2026-03")
    house.cost("2026-03", "HEAT", "1100.00")
    house.cost("2026-03", "HEAT", "-100.00")
    house.cost("2026-03", "WASTE", "145.01")
    return house


# What each line comes to, in the order of the charges.
MARCH = {
    # 40 m² × 15 and 16 of 31 days, at 4.20 and 4.50.
    ("Kask", "1", "CARE"): ["81.29", "92.90"],
    # 1000.00 by 40 × 31, 60 × 13, 60 × 18, 50 × 31 of 4650: the odd cents go to the remainders .81 and .67.
    ("Kask", "1", "HEAT"): "266.67",
    # 145.01 by 2 × 10 + 3 × 21 = 83, 13, 18, 31 of 145.
    ("Kask", "1", "WASTE"): "83.01",
    ("Kask", "1", "WATER"): "38.25",
    # 45.00 × 20/31, 60.00 × 11/31.
    ("Kask", "1", "ADVANCE"): ["29.03", "21.29"],
    ("Tamm", "2", "CARE"): "105.68",
    ("Tamm", "2", "HEAT"): "167.74",
    ("Tamm", "2", "WASTE"): "13.00",
    # By the reading of the 13th: 4 m³, and 5 m³ for whoever came.
    ("Tamm", "2", "WATER"): "20.40",
    ("Saar", "2", "CARE"): ["16.26", "139.35"],
    ("Saar", "2", "HEAT"): "232.26",
    ("Saar", "2", "WASTE"): "18.00",
    ("Saar", "2", "WATER"): "25.50",
    ("Saar", "2", "ADVANCE"): "18.00",
    ("Lepp", "3", "CARE"): ["101.61", "116.13"],
    ("Lepp", "3", "HEAT"): "333.33",
    ("Lepp", "3", "WASTE"): "31.00",
    # Nobody read: 5.6 m³ in 28 days of February, so 6.2 in March.
    ("Lepp", "3", "WATER"): "31.62",
}
TOTALS = {"Kask": "612.44", "Tamm": "306.82", "Saar": "449.37", "Lepp": "613.69"}


def cents(amounts) -> int | list[int]:
    return [minor(one) for one in amounts] if isinstance(amounts, list) else minor(amounts)


def test_the_month_as_it_is_worked_out_by_hand(month):
    assert month.drafted("2026-03") == {key: cents(amounts) for key, amounts in MARCH.items()}
    assert month.drafted("2026-03") == {key: cents(amounts) for key, amounts in MARCH.items()}
    assert month.confirm("2026-03", issued=date(2026, 4, 7)) == 4
    invoices = month.invoices("2026-03")
    assert [invoice.number for invoice in invoices] == [1, 2, 3, 4]
    assert [invoice.addressee["name"] for invoice in invoices] == ["Kask", "Tamm", "Saar", "Lepp"]
    assert [invoice.total for invoice in invoices] == [minor(total) for total in TOTALS.values()]
    assert {(invoice.issued, invoice.due, invoice.month) for invoice in invoices} == {
        (date(2026, 4, 7), date(2026, 4, 21), "2026-03")
    }
    assert [invoice.estimated for invoice in invoices] == [False, False, False, True]
    assert not balances.check(month.session) and not proving.check(month.session)


def test_the_month_after_settles_the_estimate_and_corrects_a_reading(month):
    month.bill("2026-03", issued=date(2026, 4, 7))
    (own,) = month.invoices("2026-03", "Kask")
    water = next(line for line in month.lines(own) if line.text == "Water")
    # Home 1 had been read wrongly: 106.5, not 107.5.
    own_readings = select(Reading).where(Reading.register_id == month.registers["1", "cold_water"])
    wrong = month.session.scalar(own_readings.order_by(Reading.id.desc()))
    wrong.counts = False
    month.session.flush()
    month.read("1", date(2026, 3, 30), "106.5", "2026-03", supersedes_id=wrong.id)
    (found,) = remeasuring.remeasured(month.session, month.periods["2026-03"])
    assert (found.line.id, found.quantity, found.readings[0]["to"]) == (water.id, -1_000_000, 106_500_000)
    march = month.session, month.periods["2026-03"]
    given = *march, "Reading of March corrected", remeasuring.mark([found])
    assert [one.amount for one in remeasuring.correct_all(*given, by=month.by)] == [minor("-5.10")] == [found.worth.amount]
    assert not remeasuring.remeasured(*march)
    with pytest.raises(correcting.NoChange):
        remeasuring.correct_all(*given, by=month.by)
    month.period("2026-04")
    for number, value in (("1", "110.5"), ("2", "214"), ("3", "304.2")):
        month.read(number, date(2026, 4, 30), value, "2026-04")
    month.cost("2026-04", "HEAT", "0.01")
    drafts = month.drafted("2026-04")
    # 110.5 − 106.5 = 4 m³, and one that was too many in March, at the price of March.
    assert drafts["Kask", "1", "WATER"] == [minor("20.40"), minor("-5.10")]
    # 304.2 − 306.2: what was estimated too high comes off.
    assert drafts["Lepp", "3", "WATER"] == minor("-10.20")
    month.confirm("2026-04", issued=date(2026, 5, 6))
    (april,) = month.invoices("2026-04", "Kask")
    line = month.lines(april)[-2]
    assert (line.text, line.corrects_id, line.quantity) == ("Reading of March corrected", water.id, -1_000_000)
    assert not balances.check(month.session) and not proving.check(month.session)
    total = month.session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == april.account_id))
    assert total == own.total + april.total
