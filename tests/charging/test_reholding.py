"""Days that are billed get another holder: what was billed for them goes along, by corrections that come to nothing together."""

from datetime import date

import pytest
from sqlalchemy import func, select

from resident.access import Actor
from resident.charging import correcting, proving, reholding, settling, settling_up, waiting
from resident.charging.correction import Correction
from resident.money import balances
from resident.moves import tenancy
from resident.people.person import Person
from resident.people.tenure import Tenure
from tests.charging.house import minor

MARCH, APRIL = "2026-03", "2026-04"
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def billed(house):
    """March is confirmed. Home 1 is vacant, home 2 Lepp's with the parking space P1. Care 3.10 a m², parking 31.00, water 5.00."""
    house.home("1"), house.home("2"), house.home("P1", None, None, kind="parking")
    house.hold("Lepp", "2", "P1")
    house.meter("1"), house.meter("2")
    house.charge("CARE", "tariff", "area")
    house.price("CARE", "3.10")
    house.charge("PARK", "tariff", "equal", unit_kinds="parking")
    house.price("PARK", "31.00")
    house.charge("WATER", "tariff", "meter", media="cold_water")
    house.price("WATER", "5.00")
    house.charge("HEAT", "cost", "area")
    house.vat("HEAT", 2400, net=True)
    house.period(MARCH)
    for number in ("1", "2"):
        house.read(number, date(2026, 2, 28), "100")
        house.read(number, LAST, "131", MARCH)
    house.cost(MARCH, "HEAT", "620.00")
    house.bill(MARCH)
    house.period(APRIL)
    house.manager = Actor(house.cast.logins["manager"], house.cast.manager, house.cast.koivu, "manager", "manager")
    return house


def begin(house, number: str, name: str, first: date, last: date | None = None, kind: str = "ownership", **given) -> Tenure:
    person = Person(organisation_id=house.cast.koivu, name=name, search_key=name.casefold(), language="en")
    house.session.add(person)
    house.session.flush()
    unit, by = house.units[number], house.manager
    made = tenancy.begin(house.session, unit, kind, person, signed=first, first=first, last=last, by=by, **given)
    house.tenures[name] = made.id
    return made


def waits(house) -> dict[tuple, int]:
    """(whose, charge): what waits; None for the vacancy account."""
    names, codes = ({id: name for name, id in known.items()} for known in (house.tenures, house.charges))
    found: dict[tuple, int] = {}
    for tenure, line, _kind in waiting.lines(house.session, house.periods[APRIL]):
        key = names.get(tenure), codes[line.charge_type_id]
        found[key] = found.get(key, 0) + line.amount
    return {key: amount for key, amount in found.items() if amount}


def test_a_home_that_had_been_vacant_is_paid_for_by_its_new_holder_from_the_first_day_on(billed):
    billed.read("1", date(2026, 3, 14), "121")
    begin(billed, "1", "Saar", date(2026, 3, 15))
    # 17 of 31 days: care 50 × 3.10 is 155.00, heat 310.00 and 24 %. 10 m³ of 31 by the reading of the 14th.
    own = {"CARE": minor("85.00"), "HEAT": minor("210.80"), "WATER": minor("50.00")}
    assert waits(billed) == {("Saar", code): amount for code, amount in own.items()} | {
        (None, code): -amount for code, amount in own.items()
    }
    texts = billed.session.scalars(select(Correction.text).where(Correction.moved == "to").order_by(Correction.id)).all()
    assert texts[0] == "Care, 15 Mar 2026–31 Mar 2026"
    assert not reholding.rehold(billed.session, billed.units["1"], FIRST, None, by=billed.manager)
    billed.read("1", date(2026, 4, 30), "131", APRIL), billed.read("2", date(2026, 4, 30), "131", APRIL)
    billed.bill(APRIL)
    (invoice,) = billed.invoices(APRIL, "Saar")
    assert sum(line.amount for line in billed.lines(invoice) if line.correction_id) == sum(own.values())
    assert not waits(billed)
    assert not proving.check(billed.session) and not balances.check(billed.session)


def test_a_tenure_that_does_not_come_gives_the_days_back(billed):
    saar = begin(billed, "1", "Saar", date(2026, 3, 15))
    tenancy.undo(billed.session, saar, by=billed.manager)
    assert waits(billed) == {}
    assert billed.session.scalar(select(func.sum(Correction.amount))) == 0


def test_a_parking_space_that_is_let_go_and_taken_by_another(billed):
    lepp = billed.session.get_one(Tenure, billed.tenures["Lepp"])
    tenancy.let_go(billed.session, lepp, billed.units["P1"], date(2026, 3, 10), by=billed.manager)
    assert waits(billed) == {("Lepp", "PARK"): minor("-21.00"), (None, "PARK"): minor("21.00")}
    saar = begin(billed, "1", "Saar", date(2026, 4, 1))
    with pytest.raises(tenancy.BadDays):
        tenancy.hold(billed.session, saar, billed.units["P1"], date(2026, 3, 21), None, by=billed.manager)
    saar = begin(billed, "P1", "Kask", date(2026, 3, 21))
    assert waits(billed) == {
        ("Lepp", "PARK"): minor("-21.00"), (None, "PARK"): minor("10.00"), ("Kask", "PARK"): minor("11.00"),
    }  # fmt: skip


def test_a_unit_that_was_vacant_is_held_from_a_day_that_is_billed(billed):
    lepp = billed.session.get_one(Tenure, billed.tenures["Lepp"])
    tenancy.hold(billed.session, lepp, billed.units["1"], date(2026, 3, 31), None, by=billed.manager)
    found = waits(billed)
    assert found["Lepp", "CARE"] == minor("5.00") == -found[None, "CARE"]


def test_a_buyer_who_is_entered_before_the_seller_ends_takes_the_days_over(billed):
    """What was moved counts as corrected: the seller's end is not held up by it, and moves nothing more."""
    session, lepp = billed.session, billed.session.get_one(Tenure, billed.tenures["Lepp"])
    begin(billed, "2", "Saar", date(2026, 3, 15), after=lepp.id)
    own = {"CARE": minor("85.00"), "HEAT": minor("210.80"), "WATER": minor("85.00")}
    given = {(name, code): sign * amount for name, sign in (("Saar", 1), ("Lepp", -1)) for code, amount in own.items()}
    assert waits(billed) == given
    tenancy.let_go(session, lepp, billed.units["P1"], date(2026, 3, 14), by=billed.manager)
    given |= {("Lepp", "PARK"): minor("-17.00"), (None, "PARK"): minor("17.00")}
    tenancy.change_days(session, lepp, lepp.signed, lepp.first, date(2026, 3, 14), tenancy.mark(lepp), by=billed.manager)
    assert waits(billed) == given
    assert not reholding.rehold(session, billed.units["2"], FIRST, None, by=billed.manager)


def test_what_the_desk_corrected_itself_is_not_given_back_twice(billed):
    lepp = billed.session.get_one(Tenure, billed.tenures["Lepp"])
    for line in billed.lines(*billed.invoices(MARCH, "Lepp")):
        correcting.correct(billed.session, line, "Sold on the 14th", amount=-1000, by=billed.by)
    tenancy.change_days(billed.session, lepp, lepp.signed, lepp.first, date(2026, 3, 14), tenancy.mark(lepp), by=billed.manager)
    begin(billed, "2", "Saar", date(2026, 3, 15))
    found = waits(billed)
    assert (found["Lepp", "CARE"], found["Saar", "CARE"]) == (minor("-10.00"), minor("85.00"))


def test_days_of_drafts_wait_until_these_are_thrown_away(billed):
    for number in ("1", "2"):
        billed.read(number, date(2026, 4, 30), "140", APRIL)
    billed.allocate(APRIL)
    with pytest.raises(tenancy.DaysShared) as refused:
        begin(billed, "1", "Saar", date(2026, 4, 15))
    assert (refused.value.name, refused.value.end) == (APRIL, False)
    lepp = billed.session.get_one(Tenure, billed.tenures["Lepp"])
    with pytest.raises(tenancy.DaysShared) as refused:
        tenancy.let_go(billed.session, lepp, billed.units["P1"], date(2026, 4, 15), by=billed.manager)
    assert (refused.value.last, refused.value.end) == (date(2026, 4, 30), True)


def test_who_lives_beside_an_owner_who_pays_changes_nothing(billed):
    begin(billed, "2", "Tenant", date(2026, 3, 15), kind="lease")
    assert waits(billed) == {}


def test_a_moved_correction_goes_with_its_days_alone(billed):
    begin(billed, "1", "Saar", date(2026, 3, 15))
    made = billed.session.scalars(select(Correction)).first()
    with pytest.raises(correcting.NotCorrectable):
        correcting.withdraw(billed.session, made, by=billed.by)
    assert waiting.moved(billed.session, billed.tenures["Saar"])[0] == 3


def end(house, name: str, last: date, first: date | None = None):
    tenure = house.session.get_one(Tenure, house.tenures[name])
    given = tenure.signed, first or tenure.first, last
    return tenancy.change_days(house.session, tenure, *given, tenancy.mark(tenure), by=house.manager)


def test_a_sale_that_the_office_learns_of_after_the_month_was_billed(billed):
    """The seller's end comes first, the buyer later: the days wait on the vacancy account in between."""
    billed.read("2", date(2026, 3, 14), "121")
    end(billed, "Lepp", date(2026, 3, 14))
    own = {"CARE": minor("85.00"), "HEAT": minor("210.80"), "WATER": minor("50.00")}
    space = {("Lepp", "PARK"): minor("-17.00"), (None, "PARK"): minor("17.00")}
    given = {(name, code): sign * amount for name, sign in ((None, 1), ("Lepp", -1)) for code, amount in own.items()}
    assert waits(billed) == given | space
    begin(billed, "2", "Saar", date(2026, 3, 15))
    given = {(name, code): sign * amount for name, sign in (("Saar", 1), ("Lepp", -1)) for code, amount in own.items()}
    assert waits(billed) == given | space
    end(billed, "Lepp", date(2026, 3, 14), first=date(2020, 1, 2))
    assert waits(billed) == given | space
    assert not proving.check(billed.session) and not balances.check(billed.session)


def test_what_the_seller_read_after_the_sale_divides_the_use_all_the_same(billed):
    """Lepp sold on the 10th, and read 121 on the 20th: 10.5 of the 21 m³ until then are before the sale, and 20.5 after it."""
    seller = billed.session.scalar(select(Person.id).where(Person.name == "Lepp"))
    billed.read("2", date(2026, 3, 20), "121", person_id=seller)
    end(billed, "Lepp", date(2026, 3, 10))
    assert waits(billed)["Lepp", "WATER"] == minor("-102.50") == -waits(billed)[None, "WATER"]


def test_months_that_were_billed_after_the_sale_go_along_too(billed):
    for number in ("1", "2"):
        billed.read(number, date(2026, 4, 30), "161", APRIL)
    billed.bill(APRIL)
    billed.period("2026-05")
    billed.periods[APRIL] = billed.periods["2026-05"]
    end(billed, "Lepp", date(2026, 3, 14))
    found = waits(billed)
    # 17 of 31 days of March and all of April, of 155.00 each.
    assert found["Lepp", "CARE"] == minor("-240.00") == -found[None, "CARE"]


def test_what_all_homes_were_corrected_by_does_not_keep_a_line_with_whoever_left(billed):
    (invoice,) = billed.invoices(MARCH, "Lepp")
    line = next(line for line in billed.lines(invoice) if line.charge_type_id == billed.charges["CARE"])
    found = correcting.Found(line, correcting.worth(line, amount=-100))
    correcting.correct_many(billed.session, billed.periods[MARCH], [found], "Cheaper", "costs_corrected", by=billed.by)
    end(billed, "Lepp", date(2026, 3, 14))
    assert waits(billed)["Lepp", "CARE"] == minor("-86.00")


@pytest.fixture
def agreed(house):
    """March: rent of 620.00 of Tenant's home 1, an advance for heat of 93.00 of Lepp's home 2; home 3 is vacant."""
    house.home("1"), house.home("2"), house.home("3")
    house.hold("Tenant", "1", kind="lease"), house.hold("Lepp", "2")
    house.charge("RENT", "amount", payer="tenant")
    house.charge("HEAT", "cost", "area", billed="settlement")
    house.charge("HEATING", "amount", advance=True, settles_id=house.charges["HEAT"])
    house.vat("HEATING", 2400, net=True)
    house.amount("RENT", "Tenant", "620.00"), house.amount("HEATING", "Lepp", "93.00")
    house.period(MARCH)
    house.bill(MARCH)
    house.period(APRIL)
    house.manager = Actor(house.cast.logins["manager"], house.cast.manager, house.cast.koivu, "manager", "manager")
    return house


def test_a_rent_comes_off_whoever_left_and_is_nobody_s_until_somebody_agrees_on_one(agreed):
    end(agreed, "Tenant", date(2026, 3, 14))
    assert waits(agreed) == {("Tenant", "RENT"): minor("-340.00")}
    begin(agreed, "1", "Next", date(2026, 3, 20), kind="lease")
    assert waits(agreed) == {("Tenant", "RENT"): minor("-340.00")}
    # The day of leaving was wrong once more, then the tenure goes on: nothing is left of it.
    tenancy.undo(agreed.session, agreed.session.get_one(Tenure, agreed.tenures["Next"]), by=agreed.manager)
    end(agreed, "Tenant", date(2026, 3, 20))
    assert waits(agreed) == {("Tenant", "RENT"): minor("-220.00")}
    end(agreed, "Tenant", date(2026, 4, 30))
    assert waits(agreed) == {}


def test_an_advance_goes_with_the_home_to_its_buyer_and_the_settlement_counts_it_so(agreed):
    """93.00 and 24 % is 115.32; 17 of 31 days of it."""
    end(agreed, "Lepp", date(2026, 3, 14))
    assert waits(agreed) == {("Lepp", "HEATING"): minor("-63.24")}
    begin(agreed, "2", "Beside", date(2026, 3, 15), kind="lease")
    begin(agreed, "2", "Saar", date(2026, 3, 15))
    assert waits(agreed) == {("Lepp", "HEATING"): minor("-63.24"), ("Saar", "HEATING"): minor("63.24")}
    assert not reholding.rehold(agreed.session, agreed.units["2"], FIRST, None, by=agreed.manager)
    # Whether an invoice carries it yet or not.
    for bill in (lambda month: None, agreed.bill):
        bill(APRIL)
        asked = settling_up.worked_out(agreed.session, [agreed.periods[MARCH]])[0]
        names = {id: name for name, id in agreed.tenures.items()}
        found = {names[part.tenure_id]: part.advances for part in asked if part.advances}
        assert found == {"Lepp": minor("52.08"), "Saar": minor("63.24")}
    assert not proving.check(agreed.session) and not balances.check(agreed.session)


def test_whoever_agreed_on_a_sum_of_their_own_pays_that_one(agreed):
    """Saar agreed on 62.00 from the 20th on, before anything was billed: 12 of 31 days of it, and 24 %."""
    end(agreed, "Lepp", date(2026, 3, 19))
    agreed.hold("Saar", "2", first=date(2026, 3, 20))
    agreed.amount("HEATING", "Saar", "62.00", date(2026, 3, 20))
    reholding.rehold(agreed.session, agreed.units["2"], date(2026, 3, 20), None, by=agreed.manager)
    assert waits(agreed) == {("Lepp", "HEATING"): minor("-44.64"), ("Saar", "HEATING"): minor("29.76")}


def test_a_rent_that_the_desk_corrected_itself_stays_as_it_is(agreed):
    (line,) = agreed.lines(*agreed.invoices(MARCH, "Tenant"))
    correcting.correct(agreed.session, line, "Left on the 14th", amount=minor("-300.00"), by=agreed.by)
    end(agreed, "Tenant", date(2026, 3, 14))
    assert agreed.session.scalars(select(Correction.amount)).all() == [minor("-300.00")]


def test_who_still_holds_a_parking_space_goes_on_paying_what_was_agreed(agreed):
    agreed.home("P1", None, None, kind="parking")
    lepp = agreed.session.get_one(Tenure, agreed.tenures["Lepp"])
    tenancy.hold(agreed.session, lepp, agreed.units["P1"], lepp.first, None, by=agreed.manager)
    tenancy.let_go(agreed.session, lepp, agreed.units["P1"], date(2026, 3, 10), by=agreed.manager)
    assert waits(agreed) == {}


@pytest.fixture
def lived(house):
    """March: waste 120.00 by occupants, and guarding at 3.10 an occupant with 24 % on top. Homes 1 and 2 with two people each; home
    3, of three, is vacant."""
    for number, people in (("1", "2"), ("2", "2"), ("3", "3")):
        house.home(number, occupants=people)
    house.hold("Kask", "1"), house.hold("Lepp", "2")
    house.charge("WASTE", "cost", "occupants"), house.charge("GUARD", "tariff", "occupants"), house.charge("CARE", "tariff", "area")
    house.price("GUARD", "3.10"), house.price("CARE", "3.10")
    house.vat("GUARD", 2400, net=True)
    house.period(MARCH)
    house.cost(MARCH, "WASTE", "120.00")
    house.bill(MARCH)
    house.period(APRIL)
    house.manager = Actor(house.cast.logins["manager"], house.cast.manager, house.cast.koivu, "manager", "manager")
    return house


def test_whoever_lives_in_a_home_that_was_billed_as_vacant_is_charged_by_occupants(lived):
    """From the 1st on: waste 120.00 by 2, 2 and 3 is 34.29, 34.28 and 51.43; guarding 9.30 and 24 %."""
    saar = begin(lived, "3", "Saar", FIRST)
    own = {("Saar", "WASTE"): minor("51.43"), ("Kask", "WASTE"): minor("-25.72"), ("Lepp", "WASTE"): minor("-25.71")}
    care = {("Saar", "CARE"): minor("155.00"), (None, "CARE"): minor("-155.00")}
    assert waits(lived) == own | care | {("Saar", "GUARD"): minor("11.53")}
    assert not reholding.rehold(lived.session, lived.units["3"], FIRST, None, by=lived.manager)
    assert not reholding.rehold(lived.session, lived.units["1"], FIRST, None, by=lived.manager)
    (line,) = (line for tenure, line, _kind in waiting.lines(lived.session, lived.periods[APRIL]) if line.amount == minor("51.43"))
    assert line.unit_id == lived.units["3"]
    assert waiting.moved(lived.session, lived.tenures["Kask"])[0] == 0
    tenancy.undo(lived.session, saar, by=lived.manager)
    assert waits(lived) == {}


def test_days_are_counted_of_those_that_nobody_was_billed_for(lived):
    """From the 22nd on, 10 of 31 days: 3 × 10 of 4 × 31 + 3 × 10 person days of waste."""
    begin(lived, "3", "Saar", date(2026, 3, 22))
    found = waits(lived)
    assert (found["Saar", "WASTE"], found["Saar", "GUARD"]) == (minor("23.38"), minor("3.72"))
    assert sum(amount for (_who, code), amount in found.items() if code == "WASTE") == 0
    lived.bill(APRIL)
    assert waits(lived) == {}
    assert not proving.check(lived.session) and not balances.check(lived.session)


def test_what_was_asked_in_advance_stays_once_a_settlement_took_it_off(agreed):
    agreed.cost(MARCH, "HEAT", "310.00")
    run = settling.prepare(agreed.session, agreed.building, MARCH, MARCH, by=agreed.by)
    settling.confirm(agreed.session, run, by=agreed.by)
    end(agreed, "Lepp", date(2026, 3, 14))
    # 103.33 of the heat is the home's, 17 of 31 days of it.
    assert waits(agreed) == {("Lepp", "HEAT"): minor("-56.66"), (None, "HEAT"): minor("56.66")}


def test_a_settlement_charges_by_occupants_whoever_turns_out_to_have_lived_there(lived):
    """50.00 of lighting by 2 and 2, and by 3 from the 22nd on: 30 of 154 person days are Saar's."""
    lived.charge("LIGHT", "cost", "occupants", billed="settlement")
    lived.cost(MARCH, "LIGHT", "50.00")
    run = settling.prepare(lived.session, lived.building, MARCH, MARCH, by=lived.by)
    settling.confirm(lived.session, run, by=lived.by)
    begin(lived, "3", "Saar", date(2026, 3, 22))
    found = {who: amount for (who, code), amount in waits(lived).items() if code == "LIGHT"}
    assert found == {"Saar": minor("9.74"), "Kask": minor("-4.87"), "Lepp": minor("-4.87")}
    assert not reholding.rehold(lived.session, lived.units["3"], FIRST, None, by=lived.manager)


def test_who_was_billed_without_a_number_of_people_was_no_vacancy(house):
    """Home 3 had no number when March was billed; it is entered, and March left as it is. Then its owner sells."""
    house.home("1"), house.home("3", occupants=None)
    house.hold("Kask", "1"), house.hold("Lepp", "3")
    house.charge("GUARD", "tariff", "occupants"), house.charge("CARE", "tariff", "area")
    house.price("GUARD", "3.10"), house.price("CARE", "3.10")
    house.period(MARCH)
    house.bill(MARCH)
    house.period(APRIL)
    house.fact("3", "occupants", "3", FIRST)
    house.manager = Actor(house.cast.logins["manager"], house.cast.manager, house.cast.koivu, "manager", "manager")
    end(house, "Lepp", date(2026, 3, 14))
    begin(house, "3", "Saar", date(2026, 3, 15))
    assert waits(house) == {("Lepp", "CARE"): minor("-85.00"), ("Saar", "CARE"): minor("85.00")}
