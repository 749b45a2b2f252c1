"""A settlement of two months' advances, worked out by hand: heat is divided, water is measured; home 1 is sold on the way (S6)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from resident.charging import correcting, proving, settling, steps, taking_back
from resident.charging.allocating import UseUnknown
from resident.charging.settlement import SettlementPart
from resident.charging.settling_up import by_month
from resident.metering.reading import Reading
from resident.money import balances, booking
from resident.money.invoice import Invoice, InvoiceLine
from resident.money.ledger import AccountTotal
from tests.charging.house import millionths, minor

JANUARY, FEBRUARY = "2026-01", "2026-02"


@pytest.fixture
def winter(house):
    """Home 1 (50 m²): Kask until 31 January, then Saar; home 2 (50 m²): Lepp. Advances are invoiced for both months."""
    for number in ("1", "2"):
        house.home(number)
        house.meter(number)
    house.hold("Kask", "1", last=date(2026, 1, 31))
    house.hold("Saar", "1", first=date(2026, 2, 1))
    house.hold("Lepp", "2")
    house.charge("HEAT", "cost", "area", billed="settlement")
    house.charge("WATER", "tariff", "meter", media="cold_water", measure="m3", billed="settlement")
    house.price("WATER", "5.00")
    for code, settles in (("HEATING", "HEAT"), ("WATERING", "WATER")):
        house.charge(code, "amount", advance=True, settles_id=house.charges[settles])
    for name in ("Kask", "Saar", "Lepp"):
        house.amount("HEATING", name, "100.00")
        house.amount("WATERING", name, "20.00")
    for month in (JANUARY, FEBRUARY):
        house.period(month)
    for number, values in (("1", ("100", "104", "110")), ("2", ("200", "203", "205"))):
        for day, value in zip((date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)), values, strict=True):
            house.read(number, day, value)
    house.cost(JANUARY, "HEAT", "300.00")
    house.cost(FEBRUARY, "HEAT", "290.00")
    house.bill(JANUARY)
    house.bill(FEBRUARY)
    return house


def prepare(house):
    return settling.prepare(house.session, house.building, JANUARY, FEBRUARY, by=house.by)


def parts(house, run) -> dict[str, SettlementPart]:
    names = {id: name for name, id in house.tenures.items()}
    rows = house.session.scalars(select(SettlementPart).where(SettlementPart.run_id == run.id).order_by(SettlementPart.position))
    return {names[part.tenure_id]: part for part in rows}


def test_use_and_costs_stand_against_the_advances_of_each_holder_and_month(winter):
    found = parts(winter, prepare(winter))
    # 590.00 over 50 m² × 59 days twice: 5.00 a day and home. Water at 5.00.
    assert {name: (part.charged, part.advances, part.total) for name, part in found.items()} == {
        "Kask": (minor("175.00"), minor("120.00"), minor("55.00")),
        "Saar": (minor("170.00"), minor("120.00"), minor("50.00")),
        "Lepp": (minor("320.00"), minor("240.00"), minor("80.00")),
    }
    heat, water = found["Lepp"].months
    assert [(one["name"], one["charged"], one["advance"]) for one in heat["months"]] == [
        (JANUARY, minor("155.00"), minor("100.00")),
        (FEBRUARY, minor("140.00"), minor("100.00")),
    ]
    assert [(one["quantity"], one["charged"]) for one in water["months"]] == [
        (millionths("3"), minor("15.00")),
        (millionths("2"), minor("10.00")),
    ]


def test_it_is_invoiced_once_and_what_was_too_much_is_credit(winter):
    winter.amount("HEATING", "Lepp", "0", date(2026, 3, 1))
    run = prepare(winter)
    lepp = parts(winter, run)["Lepp"]
    assert settling.confirm(winter.session, run, by=winter.by, issued=date(2026, 3, 10)) == 3
    with pytest.raises(steps.WrongState):
        settling.confirm(winter.session, run, by=winter.by)
    with pytest.raises(settling.SettledAlready):
        prepare(winter)
    invoice = winter.session.get(Invoice, lepp.invoice_id)
    assert (invoice.kind, invoice.total, invoice.month) == ("settlement", minor("80.00"), FEBRUARY)
    lines = [(line.text, line.amount) for line in winter.lines(invoice)]
    assert lines == [("Heat", 29500), ("Water", 2500), ("Heating", -20000), ("Watering", -4000)]
    owed = winter.session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == invoice.account_id))
    assert owed == minor("240.00") + minor("80.00")
    assert proving.check(winter.session) == [] and balances.check(winter.session) == []


def test_less_used_than_asked_is_given_back(house):
    house.home("1")
    house.hold("Kask", "1")
    house.charge("HEAT", "cost", "area", billed="settlement")
    house.charge("HEATING", "amount", advance=True, settles_id=house.charges["HEAT"])
    house.amount("HEATING", "Kask", "100.00")
    house.period(JANUARY)
    house.cost(JANUARY, "HEAT", "70.00")
    with pytest.raises(settling.MonthsOpen):
        settling.prepare(house.session, house.building, JANUARY, JANUARY, by=house.by)
    house.bill(JANUARY)
    run = settling.prepare(house.session, house.building, JANUARY, JANUARY, by=house.by)
    settling.confirm(house.session, run, by=house.by)
    (part,) = parts(house, run).values()
    account = house.session.get(Invoice, part.invoice_id).account_id
    assert part.total == minor("-30.00")
    assert house.session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account)) == minor("70.00")


def test_what_nobody_read_at_the_end_is_estimated_marked_and_settled_by_the_next_true_reading(winter):
    """Home 3 is vacant: 20 m³ in January, 18 in February by the ladder (20 × 28 ÷ 31, cut to the counter's last digit)."""
    winter.home("3")
    winter.meter("3")
    winter.read("3", date(2025, 12, 31), "30")
    winter.read("3", date(2026, 1, 31), "50", JANUARY)
    run = prepare(winter)
    part = winter.session.scalars(select(SettlementPart).where(SettlementPart.tenure_id.is_(None))).one()
    water = next(line for line in part.lines if line["charge_type_id"] == winter.charges["WATER"])
    end = water["readings"][0]["to"]
    assert millionths("68") <= end < millionths("68.1") and water["estimated"] and water["readings"][0]["estimated"]
    assert water["quantity"] == end - millionths("30")
    assert winter.session.scalar(select(func.count()).where(Reading.source == "estimate")) == 0
    settling.confirm(winter.session, run, by=winter.by)
    assert winter.session.get_one(Invoice, part.invoice_id).estimated
    winter.period("2026-03")
    # It had stood still since January.
    for number, value in (("1", "110"), ("2", "205"), ("3", "50")):
        winter.read(number, date(2026, 3, 31), value, "2026-03")
    winter.bill("2026-03")
    march = settling.prepare(winter.session, winter.building, "2026-03", "2026-03", by=winter.by)
    vacant = select(SettlementPart).where(SettlementPart.run_id == march.id, SettlementPart.tenure_id.is_(None))
    (line,) = winter.session.scalars(vacant).one().lines
    assert (line["quantity"], line["estimated"]) == (millionths("50") - end, False)


def test_a_register_of_which_the_ladder_knows_nothing_holds_the_settlement_up(winter):
    winter.home("3", occupants=None)
    winter.meter("3", installed=date(2026, 2, 10))
    with pytest.raises(UseUnknown) as refused:
        prepare(winter)
    assert [one.number for one in refused.value.registers] == ["3"]


def test_a_correction_of_an_advance_counts_for_the_month_of_its_line(winter):
    (january,) = winter.invoices(JANUARY, "Lepp")
    line = next(line for line in winter.lines(january) if line.charge_type_id == winter.charges["HEATING"])
    correcting.correct(winter.session, line, "Raised too early", amount=minor("-10.00"), by=winter.by)
    correcting.credit_note(winter.session, january, by=winter.by)
    correcting.correct(winter.session, line, "And a little more", amount=minor("-5.00"), by=winter.by)
    winter.period("2026-03")
    winter.bill("2026-03")
    lepp = parts(winter, prepare(winter))["Lepp"]
    assert lepp.advances == minor("225.00")
    assert [one["advance"] for one in lepp.months[0]["months"]] == [minor("85.00"), minor("100.00")]


def test_it_is_taken_back_step_by_step_until_somebody_paid(winter):
    run = prepare(winter)
    settling.confirm(winter.session, run, by=winter.by)
    assert settling.unconfirm(winter.session, run, by=winter.by) == 3
    own = select(func.count()).where(Invoice.kind == "settlement")
    assert winter.session.scalar(own.where(Invoice.voided_at.is_(None))) == 0 and winter.session.scalar(own) == 3
    assert proving.check(winter.session) == [] and balances.check(winter.session) == []
    settling.confirm(winter.session, run, by=winter.by)
    invoice = winter.session.get(Invoice, parts(winter, run)["Kask"].invoice_id)
    owed = winter.session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == invoice.account_id))
    booking.book(winter.session, invoice.account_id, "payment", -owed, date(2026, 3, 1), "payment:test:1")
    with pytest.raises(taking_back.AlreadyPaid):
        settling.unconfirm(winter.session, run, by=winter.by)
    with pytest.raises(steps.WrongState):
        settling.discard(winter.session, run, by=winter.by)


def test_months_that_are_settled_are_not_taken_back_beneath_it(winter):
    run = prepare(winter)
    with pytest.raises(steps.LaterStands):
        taking_back.unconfirm(winter.session, winter.periods[FEBRUARY], by=winter.by)
    settling.discard(winter.session, run, by=winter.by)
    taking_back.unconfirm(winter.session, winter.periods[FEBRUARY], by=winter.by)


def test_a_settlement_that_divides_more_than_its_costs_is_found(winter):
    run = prepare(winter)
    settling.confirm(winter.session, run, by=winter.by)
    line = winter.session.scalar(select(InvoiceLine).where(InvoiceLine.charge_type_id == winter.charges["HEAT"]).limit(1))
    line.amount += 1
    winter.session.flush()
    assert "settled_cost" in [finding.what for finding in proving.check(winter.session)]


@settings(max_examples=60)
@given(st.integers(-10_000, 10_000), st.lists(st.integers(-5, 50), min_size=1, max_size=12))
def test_the_months_of_a_home_are_its_sum(amount, weights):
    assert sum(by_month(amount, weights)) == amount


def test_a_vacant_home_s_part_is_the_association_s_own(house):
    house.home("1")
    house.home("2")
    house.hold("Kask", "1")
    house.charge("HEAT", "cost", "area", billed="settlement")
    house.period(JANUARY)
    house.cost(JANUARY, "HEAT", "70.01")
    house.bill(JANUARY)
    run = settling.prepare(house.session, house.building, JANUARY, JANUARY, by=house.by)
    assert settling.confirm(house.session, run, by=house.by) == 2
    rows = select(SettlementPart.tenure_id, SettlementPart.total).where(SettlementPart.run_id == run.id)
    assert house.session.execute(rows.order_by(SettlementPart.position)).all() == [(house.tenures["Kask"], 3501), (None, 3500)]
    assert proving.check(house.session) == []
