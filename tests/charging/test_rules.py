"""Rules 21–30 one by one, each with figures that somebody can work out on paper; rule 26 in test_correcting.py."""

from datetime import date

import pytest
from sqlalchemy import select

from resident.charging import preview, proving, separate
from resident.charging.allocating import UseUnknown
from resident.charging.charge import ChargeType, Membership
from resident.charging.working import NobodyPays
from resident.homes import setting
from resident.metering.estimating import NotOver
from resident.money import balances
from resident.money.account import Account, Reference
from resident.money.invoice import number_text
from resident.people.tenure import Tenure
from tests.charging.house import minor

MONTH = "2026-03"


@pytest.mark.parametrize(
    "key, own, other",
    [
        ("equal", "50.00", "50.00"),
        ("area", "40.00", "60.00"),
        ("heated_area", "50.00", "50.00"),
        ("share", "25.00", "75.00"),
        ("occupants", "25.00", "75.00"),
    ],
)
def test_rule_21_a_cost_is_divided_by_each_key(two, key, own, other):
    two.charge("COST", "cost", key)
    two.cost(MONTH, "COST", "100.00")
    assert two.drafted(MONTH) == {("Kask", "1", "COST"): minor(own), ("Tamm", "2", "COST"): minor(other)}


def test_rule_21_free_weights_and_coefficients(two):
    two.charge("LIFT", "cost", "area")
    two.weight("LIFT", "1", "0")
    two.charge("FREE", "cost", "weights")
    two.weight("FREE", "1", "2.5")
    two.weight("FREE", "2", "7.5")
    two.charge("SHOP", "tariff", "equal")
    two.price("SHOP", "10.00")
    two.weight("SHOP", "2", "1.5")
    two.cost(MONTH, "LIFT", "80.00")
    two.cost(MONTH, "FREE", "10.00")
    assert two.drafted(MONTH) == {
        ("Tamm", "2", "LIFT"): minor("80.00"),
        ("Kask", "1", "FREE"): minor("2.50"),
        ("Tamm", "2", "FREE"): minor("7.50"),
        ("Kask", "1", "SHOP"): minor("10.00"),
        ("Tamm", "2", "SHOP"): minor("15.00"),
    }


def test_rule_21_a_cost_by_use_of_several_media(two):
    two.charge("SEWAGE", "cost", "meter", media="cold_water hot_water")
    for number, cold, hot in (("1", "3", "1"), ("2", "10", "2")):
        for medium, value in (("cold_water", cold), ("hot_water", hot)):
            two.meter(number, medium)
            two.read(number, date(2026, 2, 28), "0", medium=medium)
            two.read(number, date(2026, 3, 31), value, MONTH, medium=medium)
    two.cost(MONTH, "SEWAGE", "32.00")
    assert two.drafted(MONTH) == {("Kask", "1", "SEWAGE"): minor("8.00"), ("Tamm", "2", "SEWAGE"): minor("24.00")}


def test_rule_21_fixed_is_once_a_period_to_whoever_holds_last_and_never_of_a_vacant_home(house):
    house.home("1")
    house.home("2")
    house.hold("Kask", "1", last=date(2026, 3, 10))
    house.hold("Tamm", "1", first=date(2026, 3, 11))
    house.charge("SAUNA", "tariff", "fixed")
    house.price("SAUNA", "14.00")
    house.period(MONTH)
    assert house.drafted(MONTH) == {("Tamm", "1", "SAUNA"): minor("14.00")}


def test_rule_22_a_vacant_home_falls_to_the_vacancy_account_and_a_credit_is_divided_too(two):
    two.home("3", "100", "5")
    two.charge("HEAT", "cost", "area")
    two.charge("WASTE", "cost", "occupants")
    two.cost(MONTH, "HEAT", "-0.05")
    two.cost(MONTH, "WASTE", "8.00")
    # −0.05 by 40, 60, 100: −1, −1.5, −2.5; the odd cent goes to the first of two equal remainders. Nobody lives in home 3.
    assert two.drafted(MONTH) == {
        ("Kask", "1", "HEAT"): -1,
        ("Tamm", "2", "HEAT"): -2,
        (None, "3", "HEAT"): -2,
        ("Kask", "1", "WASTE"): minor("2.00"),
        ("Tamm", "2", "WASTE"): minor("6.00"),
    }
    two.confirm(MONTH)
    vacant = two.invoices(MONTH)[-1]
    # At the desk it bears no home's number: it is of all vacant homes.
    assert preview.preview(two.session, two.periods[MONTH]).homes[-1].number is None
    assert vacant.total == -2 and two.session.get_one(Account, vacant.account_id).building_id == two.building
    assert not balances.check(two.session) and not proving.check(two.session)


def test_rule_22_a_cost_that_nobody_can_bear_is_refused_by_name(two):
    two.charge("FREE", "cost", "weights")
    two.cost(MONTH, "FREE", "1.00")
    with pytest.raises(NobodyPays) as refused:
        two.allocate(MONTH)
    assert refused.value.code == "FREE"


def test_rule_23_a_new_price_divides_a_metered_line_by_the_reading_of_the_day_else_by_days(two):
    two.charge("WATER", "tariff", "meter", media="cold_water")
    two.price("WATER", "5.00")
    two.price("WATER", "6.00", date(2026, 3, 11))
    for number in ("1", "2"):
        two.meter(number)
        two.read(number, date(2026, 2, 28), "0")
        two.read(number, date(2026, 3, 31), "31", MONTH)
    two.read("1", date(2026, 3, 10), "1")
    assert two.drafted(MONTH) == {
        ("Kask", "1", "WATER"): [minor("5.00"), minor("180.00")],
        ("Tamm", "2", "WATER"): [minor("50.00"), minor("126.00")],
    }


def test_rule_24_the_former_holder_pays_for_what_was_used_before_the_handover_in_the_month_after(house):
    """Use of February is billed in March (rule 3): to whoever held the home in February."""
    house.home("1", "40")
    house.meter("1")
    house.hold("Kask", "1", last=date(2026, 2, 14))
    house.hold("Tamm", "1", first=date(2026, 2, 15))
    house.charge("WATER", "tariff", "meter", media="cold_water")
    house.price("WATER", "5.00")
    house.charge("CARE", "tariff", "area")
    house.price("CARE", "1.00")
    house.period(MONTH, behind=True)
    house.read("1", date(2026, 1, 31), "10")
    house.read("1", date(2026, 2, 14), "12")
    house.read("1", date(2026, 2, 28), "15", MONTH)
    assert house.drafted(MONTH) == {
        ("Kask", "1", "WATER"): minor("10.00"),
        ("Tamm", "1", "WATER"): minor("15.00"),
        ("Tamm", "1", "CARE"): minor("40.00"),
    }
    house.confirm(MONTH)
    # Rule 27: nothing but metered lines is an invoice by readings.
    assert [(own.kind, own.addressee["name"]) for own in house.invoices(MONTH)] == [("reading", "Kask"), ("period", "Tamm")]


def test_rule_25_another_number_of_occupants_counts_from_its_day(two):
    two.fact("1", "occupants", "2", date(2026, 3, 17))
    two.charge("WASTE", "tariff", "occupants")
    two.price("WASTE", "31.00")
    # 16 days of one and 15 of two.
    assert two.drafted(MONTH)["Kask", "1", "WASTE"] == minor("46.00")


def test_rule_27_numbers_run_on_through_kinds_and_begin_anew_each_year(two):
    two.charge("SAUNA", "tariff", "fixed")
    two.price("SAUNA", "14.00")
    key = two.charge("KEY", "tariff", "fixed", billed="separate")
    two.price("KEY", "25.00")
    two.bill(MONTH, issued=date(2026, 4, 7))
    tenure = two.session.get_one(Tenure, two.tenures["Kask"])
    charge = two.session.get_one(ChargeType, key)
    made = separate.invoice(two.session, tenure, charge, text="2 pcs", quantity=2_000_000, issued=date(2026, 5, 2), by=two.by)
    assert (made.number, made.kind, made.total) == (3, "separate", minor("50.00"))
    assert two.lines(made)[0].text == "Key: 2 pcs"
    late = separate.invoice(two.session, tenure, charge, issued=date(2027, 1, 4), by=two.by)
    assert (number_text(2027, late.number, None), late.total) == ("2027-0001", minor("25.00"))
    assert not balances.check(two.session) and not proving.check(two.session)


def test_rule_28_an_invoice_is_made_out_to_the_primary_holder_in_the_language_of_their_invoices(two):
    two.home("P1", None, None, kind="parking")
    two.hold("Saar", "P1", language="en", invoice_language="sv")
    two.charge("FEE", "tariff", "equal", unit_kinds="home parking", name={"fi": "Maksu", "sv": "Avgift"})
    two.price("FEE", "10.00")
    two.bill(MONTH)
    (own,) = two.invoices(MONTH, "Saar")
    assert own.addressee["name"] == "Saar" and own.addressee["home"] == "Kastanjakuja 1 P1"
    assert own.addressee["address"] == "Kastanjakuja 1 P1, 00990 Lehtola"
    assert (own.language, [line.text for line in two.lines(own)]) == ("sv", ["Avgift"])
    value = two.session.scalar(select(Reference.value).where(Reference.account_id == own.account_id))
    assert value and own.reference == value


def test_rule_28_parking_is_billed_with_the_home_and_each_line_says_which(two):
    two.home("P1", None, None, kind="parking")
    two.hold("Saar", "P1")
    two.charge("FEE", "tariff", "equal", unit_kinds="home parking")
    two.price("FEE", "10.00")
    two.home("3", "50")
    two.home("P2", None, None, kind="parking")
    two.hold("Lepp", "3", "P2")
    two.bill(MONTH)
    (own,) = two.invoices(MONTH, "Lepp")
    assert [line.text for line in two.lines(own)] == ["Fee", "Fee, P2"]
    assert own.addressee["home"] == "Kastanjakuja 1 3"


def test_rule_30_vat_on_top_of_costs_and_within_prices(two):
    two.charge("HEAT", "cost", "area")
    two.vat("HEAT", 1400, net=True)
    two.charge("CARE", "tariff", "area")
    two.price("CARE", "1.00")
    two.vat("CARE", 2400)
    two.vat("CARE", 2550, first=date(2026, 3, 17))
    two.cost(MONTH, "HEAT", "100.00")
    two.bill(MONTH)
    heat, before, after = two.lines(two.invoices(MONTH, "Kask")[0])
    assert (heat.amount, heat.vat_amount, heat.vat_rate) == (minor("45.60"), minor("5.60"), 1400)
    # 40 m² × 16 and 15 of 31 days: 20.65 and 19.35, with 24 % and 25.5 % within.
    assert [(line.amount, line.vat_amount) for line in (before, after)] == [(2065, 400), (1935, 393)]
    assert not proving.check(two.session)


def test_rule_30_members_and_others_pay_by_prices_of_their_own(two):
    two.charge("CARE", "tariff", "area")
    two.price("CARE", "2.00")
    two.price("CARE", "1.00", membership="member")
    two.price("CARE", "3.00", membership="non_member", building_id=two.building)
    two.session.add(Membership(tenure_id=two.tenures["Tamm"], first=date(2020, 1, 1), member=False))
    two.session.flush()
    assert two.drafted(MONTH) == {("Kask", "1", "CARE"): minor("40.00"), ("Tamm", "2", "CARE"): minor("180.00")}


def test_rule_30_funds_are_accounts_of_their_own_with_invoices_of_their_own(two):
    two.charge("CARE", "tariff", "area")
    two.charge("FUND", "tariff", "area", account_kind="fund")
    two.price("CARE", "1.00")
    two.price("FUND", "0.50")
    two.bill(MONTH)
    own = two.invoices(MONTH, "Kask")
    kinds = [two.session.get_one(Account, invoice.account_id).kind for invoice in own]
    assert sorted(zip(kinds, (invoice.total for invoice in own), strict=True)) == [("fund", 2000), ("running", 4000)]


def test_rule_11_what_nobody_read_is_refused_where_the_ladder_has_no_answer(two):
    setting.put(
        two.session, two.cast.koivu, "estimate_ladder", {"rungs": ["last"], "months": 6, "most": 6, "norms": {}, "expired": False}
    )
    two.charge("WATER", "tariff", "meter", media="cold_water")
    two.price("WATER", "5.00")
    two.meter("1", serial="77-1")
    with pytest.raises(UseUnknown) as refused:
        two.allocate(MONTH)
    assert [(number, serial) for number, _, serial, _ in refused.value.registers] == [("1", "77-1")]


def test_rule_11_nothing_is_estimated_while_people_may_still_read(two):
    two.charge("WATER", "tariff", "meter", media="cold_water")
    two.price("WATER", "5.00")
    two.meter("1")
    two.read("1", date(2026, 10, 31), "7")
    two.read("1", date(2026, 11, 30), "9")
    two.periods[MONTH].state = "closed"
    two.period("2100-01")
    with pytest.raises(NotOver):
        two.allocate("2100-01")
