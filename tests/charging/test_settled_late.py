"""A settlement is confirmed; then a cost, a reading, a home's area turn out different (rule 26). Figures worked out on paper."""

from collections import defaultdict
from datetime import date

import pytest
from sqlalchemy import func, select

from resident.charging import correcting, proving, recosting, refacting, reholding, remeasuring, settling, taking_back, waiting
from resident.charging.correction import Correction
from resident.charging.refacting import Change
from resident.errors import Stale
from resident.homes.building import Unit
from resident.metering import putting_right
from resident.money import balances
from resident.money.invoice import Invoice, InvoiceLine
from resident.moves import tenancy
from resident.people.tenure import Tenure
from tests.charging.house import LONG_AGO, millionths, minor

JANUARY, FEBRUARY, MARCH = "2026-01", "2026-02", "2026-03"


@pytest.fixture
def settled(house):
    """Two homes of 50 m², Kask and Lepp. Heat 590.00 by area, 24 % on top; gas 100.00 by use; water at 5.00."""
    for number, name in (("1", "Kask"), ("2", "Lepp")):
        house.home(number), house.hold(name, number)
        house.meter(number), house.meter(number, "gas")
    house.charge("HEAT", "cost", "area", billed="settlement")
    house.vat("HEAT", 2400, net=True)
    house.charge("WATER", "tariff", "meter", media="cold_water", billed="settlement")
    house.price("WATER", "5.00")
    house.charge("GAS", "cost", "meter", media="gas", billed="settlement")
    for month, heat, gas in ((JANUARY, "310.00", "60.00"), (FEBRUARY, "280.00", "40.00")):
        house.period(month)
        house.cost(month, "HEAT", heat), house.cost(month, "GAS", gas)
    for number, water, gas in (("1", ("100", "104", "110"), ("0", "30", "60")), ("2", ("200", "203", "205"), ("0", "20", "40"))):
        for month, day, *values in zip((None, JANUARY, FEBRUARY), DAYS, water, gas, strict=True):
            for medium, value in zip(("cold_water", "gas"), values, strict=True):
                house.read(number, day, value, month, medium)
    house.bill(JANUARY), house.bill(FEBRUARY)
    house.run = settling.prepare(house.session, house.building, JANUARY, FEBRUARY, by=house.by)
    settling.confirm(house.session, house.run, by=house.by)
    return house


DAYS = date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)


def waits(house) -> dict[tuple[str, str], int]:
    """By home and charge."""
    numbers, codes = ({id: name for name, id in known.items()} for known in (house.units, house.charges))
    rows = select(InvoiceLine.unit_id, InvoiceLine.charge_type_id, func.sum(Correction.amount))
    rows = rows.join(Correction, Correction.line_id == InvoiceLine.id).group_by(InvoiceLine.unit_id, InvoiceLine.charge_type_id)
    return {(numbers[unit], codes[charge]): amount for unit, charge, amount in house.session.execute(rows) if amount}


def put_right(house, number: str, medium: str, value: str, month: str = FEBRUARY):
    values = {house.registers[number, medium]: millionths(value)}
    putting_right.put_right(house.session, house.periods[month], house.units[number], values, "", by=house.by)


def test_a_cost_that_was_different_is_given_to_the_homes_of_the_settlement_once(settled):
    session, run = settled.session, settled.run
    heat, gas = recosting.divided(session, run)
    assert (heat.entered, gas.entered) == (minor("590.00"), minor("100.00"))
    looked = [(share.was, share.now, share.part, share.worth.amount) for share in recosting.shares(heat, minor("-10.01"))]
    assert looked == [(29500, 28999, -501, -621), (29500, 29000, -500, -620)]
    given = session, run, heat.charge.id, minor("-10.01"), "Heat of the winter", heat.seen
    assert len(recosting.cost_was(*given, by=settled.by)) == 2
    with pytest.raises(Stale):
        recosting.cost_was(*given, by=settled.by)
    assert recosting.divided(session, run)[0].corrected == minor("-10.01")
    with pytest.raises(taking_back.AlreadyCorrected):
        settling.unconfirm(session, run, by=settled.by)
    settled.period(MARCH)
    settled.bill(MARCH)
    assert {invoice.total for invoice in settled.invoices(MARCH)} == {-621, -620}
    assert not proving.check(session) and not balances.check(session)


def test_a_reading_that_was_wrong_corrects_use_at_its_price_and_divides_a_cost_anew(settled):
    session, run = settled.session, settled.run
    assert remeasuring.remeasured(session, run) == []
    # What stood between two months of one holder changes nothing over them together.
    put_right(settled, "1", "cold_water", "105", JANUARY)
    assert remeasuring.remeasured(session, run) == []
    put_right(settled, "1", "cold_water", "108")
    # Kask's gas is 40 like Lepp's: 50.00 each for 60.00 and 40.00.
    put_right(settled, "1", "gas", "40")
    found = remeasuring.remeasured(session, run)
    assert [(one.was, one.worth.amount) for one in found] == [(5000, -1000), (6000, -1000), (4000, 1000)]
    remeasuring.correct_all(session, run, "Read again", remeasuring.mark(found), by=settled.by)
    assert waits(settled) == {("1", "WATER"): -1000, ("1", "GAS"): -1000, ("2", "GAS"): 1000}
    assert remeasuring.remeasured(session, run) == []
    notes = correcting.credit_notes(session, run, by=settled.by)
    assert [(note.kind, note.total, note.month) for note in notes] == [
        ("correction", -2000, FEBRUARY),
        ("correction", 1000, FEBRUARY),
    ]
    with pytest.raises(correcting.NoChange):
        correcting.credit_notes(session, run, by=settled.by)
    assert not proving.check(session) and not balances.check(session)


def test_the_next_settlement_starts_from_the_corrected_reading(settled):
    put_right(settled, "1", "cold_water", "108")
    settled.period(MARCH)
    for number, water, gas in (("1", "112", "61"), ("2", "206", "41")):
        settled.read(number, date(2026, 3, 31), water, MARCH), settled.read(number, date(2026, 3, 31), gas, MARCH, "gas")
    settled.bill(MARCH)
    run = settling.prepare(settled.session, settled.building, MARCH, MARCH, by=settled.by)
    settling.confirm(settled.session, run, by=settled.by)
    lines = select(InvoiceLine.quantity).join(Invoice).where(Invoice.month == MARCH, InvoiceLine.key == "meter")
    assert set(settled.session.scalars(lines)) == {millionths("4"), millionths("1")}


def test_an_area_that_was_different_divides_the_settlement_s_cost_anew(settled):
    session, unit = settled.session, settled.session.get_one(Unit, settled.units["1"])
    recosting.cost_was(session, settled.run, settled.charges["HEAT"], minor("10.00"), "Heat", _seen(settled), by=settled.by)
    before, wanted = waits(settled), Change("area", LONG_AGO, millionths("75"))
    (effect,) = refacting.effects(session, unit, wanted)
    # 600.00 by 75 and 50 m² is 360.00 and 240.00 for 300.00 each, and 24 %.
    assert effect.confirmed == settled.run and effect.of(unit.id) == minor("74.40")
    facts = [row for rows in refacting.history(session, unit.id).values() for row in rows]
    assert refacting.change(session, unit, wanted, refacting.mark(facts), "Measured again", by=settled.by) == 2
    found = {key: amount - before[key] for key, amount in waits(settled).items()}
    assert found == {("1", "HEAT"): minor("74.40"), ("2", "HEAT"): minor("-74.40")}
    assert recosting.divided(session, settled.run)[0].corrected == minor("10.00")
    # From a day of February on: 28 of 59 days, and only of the months that are settled.
    assert refacting.effects(session, unit, Change("area", date(2026, 3, 1), millionths("10"))) == []


def _seen(house) -> str:
    return recosting.divided(house.session, house.run)[0].seen


def test_days_that_change_hands_take_their_part_of_the_settlement_along(settled):
    """Kask sold on 14 February: of heat 14 of 59 days of 365.80; of water and gas half of what February counted."""
    settled.period(MARCH)
    kask = settled.session.get_one(Tenure, settled.tenures["Kask"])
    tenancy.change_days(settled.session, kask, kask.signed, kask.first, date(2026, 2, 14), tenancy.mark(kask), by=settled.by)
    gives = {"HEAT": minor("86.80"), "WATER": minor("15.00"), "GAS": minor("15.00")}
    assert moved(settled, "Kask") == {code: -amount for code, amount in gives.items()}
    assert moved(settled, None) == gives
    settled.hold("Saar", "1", first=date(2026, 2, 15))
    for _again in range(2):
        reholding.rehold(settled.session, settled.units["1"], date(2026, 2, 15), None, by=settled.by)
        assert (moved(settled, "Saar"), moved(settled, None)) == (gives, {})


def moved(house, name: str | None) -> dict[str, int]:
    """By charge: what waits for a tenure."""
    codes, found = {id: code for code, id in house.charges.items()}, defaultdict(int)
    for tenure, line, _kind in waiting.lines(house.session, house.periods[MARCH]):
        if tenure == (house.tenures[name] if name else None):
            found[codes[line.charge_type_id]] += line.amount
    return {code: amount for code, amount in found.items() if amount}


def test_a_settlement_that_is_not_confirmed_is_thrown_away_before_its_days_change_hands(settled):
    settling.unconfirm(settled.session, settled.run, by=settled.by)
    kask = settled.session.get_one(Tenure, settled.tenures["Kask"])
    with pytest.raises(tenancy.DaysShared) as refused:
        tenancy.change_days(settled.session, kask, kask.signed, kask.first, date(2026, 2, 14), tenancy.mark(kask), by=settled.by)
    assert (refused.value.name, refused.value.last) == (FEBRUARY, date(2026, 2, 28))
    settling.discard(settled.session, settled.run, by=settled.by)
    tenancy.change_days(settled.session, kask, kask.signed, kask.first, date(2026, 2, 14), tenancy.mark(kask), by=settled.by)
