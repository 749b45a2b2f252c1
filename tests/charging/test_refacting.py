"""A home's area, share or occupants turn out to be different: what is not invoiced follows, what is waits as corrections."""

from datetime import date

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.charging import proving, refacting
from resident.charging.correction import Correction
from resident.charging.refacting import Change
from resident.charging.settlement import SettlementRun
from resident.errors import Stale
from resident.homes.building import Unit, UnitFact
from tests.charging.house import LONG_AGO, millionths, minor

MONTH = "2026-03"


@pytest.fixture
def two(house):
    """March, confirmed: heat 100.00 by area for 50 and 50 m²; care at 2.00 a m²."""
    for number, name in (("1", "Kask"), ("2", "Tamm")):
        house.home(number)
        house.hold(name, number)
    house.charge("HEAT", "cost", "area")
    house.charge("CARE", "tariff", "area")
    house.price("CARE", "2.00")
    house.period(MONTH)
    house.cost(MONTH, "HEAT", "100.00")
    return house


def change(house, number: str, value: str | None, first=LONG_AGO, kind="area", text: str | None = "The area was wrong", seen=None):
    unit = house.session.get_one(Unit, house.units[number])
    facts = [row for rows in refacting.history(house.session, unit.id).values() for row in rows]
    seen = refacting.mark(facts) if seen is None else seen
    wanted = Change(kind, first, None if value is None else millionths(value))
    return refacting.change(house.session, unit, wanted, seen, text, by=house.by)


def waits(house) -> list[int]:
    return house.session.scalars(select(Correction.amount).order_by(Correction.line_id)).all()


def test_what_was_invoiced_by_a_wrong_area_waits_as_corrections_that_come_to_nothing_together(two):
    two.bill(MONTH)
    made = change(two, "1", "75")
    # Heat 60.00 and 40.00 for 50.00 each; care 25 m² more, of home 1 alone.
    assert made == 3
    assert sorted(waits(two)) == [minor("-10.00"), minor("10.00"), minor("50.00")]
    two.period("2026-04")
    drafted = two.drafted("2026-04")
    assert sorted(drafted["Kask", "1", "CARE"]) == [minor("50.00"), minor("150.00")]
    assert (drafted["Kask", "1", "HEAT"], drafted["Tamm", "2", "HEAT"]) == (minor("10.00"), minor("-10.00"))
    two.confirm("2026-04")
    assert not proving.check(two.session)


def test_changing_it_back_takes_the_corrections_back_to_nothing(two):
    two.bill(MONTH)
    change(two, "1", "75")
    change(two, "1", "50")
    assert sum(waits(two)) == 0 and len(waits(two)) == 6


def test_a_value_from_a_day_to_come_touches_nothing_that_was_invoiced(two):
    two.bill(MONTH)
    assert change(two, "1", "75", date(2026, 4, 1)) == 0
    assert waits(two) == []


def test_the_first_value_that_is_known_reaches_back_to_the_days_before_it(two):
    two.home("3", area=None)
    two.hold("Lepp", "3")
    two.fact("3", "area", "10", date(2026, 5, 1))
    two.bill(MONTH)
    change(two, "3", "20", date(2026, 5, 1))
    assert minor("20.00") in waits(two)


def test_days_inside_a_month_count_from_the_day_on(two):
    two.bill(MONTH)
    change(two, "1", "81", date(2026, 3, 22))
    # 10 of 31 days with 31 m² more: 10 m² of the month at 2.00; heat 60 to 50.
    assert minor("20.00") in waits(two) and minor("4.55") in waits(two) and minor("-4.55") in waits(two)


def test_invoices_may_be_left_as_they_are(two):
    two.bill(MONTH)
    assert change(two, "1", "75", text=None) == 0
    assert waits(two) == []


def test_drafts_are_thrown_away_first(two):
    two.allocate(MONTH)
    with pytest.raises(refacting.InDrafts) as refused:
        change(two, "1", "75")
    assert refused.value.name == MONTH
    assert change(two, "1", "3", kind="occupants") == 0


def test_whoever_has_no_line_of_a_divided_cost_keeps_all_its_parts_as_they_are(two):
    two.home("3", area=None)
    two.hold("Lepp", "3")
    two.bill(MONTH)
    unit = two.session.get_one(Unit, two.units["3"])
    (effect,) = refacting.effects(two.session, unit, Change("area", LONG_AGO, millionths("100")))
    assert effect.without == ["HEAT", "CARE"] and effect.found == []


def test_a_value_is_taken_away_and_the_one_before_holds_again(two):
    two.fact("1", "area", "60", date(2026, 3, 1))
    two.bill(MONTH)
    change(two, "1", None, date(2026, 3, 1))
    assert minor("-20.00") in waits(two)
    assert two.session.scalars(select(UnitFact.value).where(UnitFact.unit_id == two.units["1"], UnitFact.kind == "area")).all() == [
        millionths("50")
    ]


def test_a_settlement_that_is_not_confirmed_is_in_the_way(two):
    two.charge("YEAR", "cost", "occupants", billed="settlement")
    two.session.add(
        SettlementRun(building_id=two.building, first="2026-01", last="2026-03", state="allocated", made_at=clock.now())
    )
    two.session.flush()
    with pytest.raises(refacting.InSettlement):
        change(two, "1", "3", date(2026, 2, 1), "occupants")
    assert change(two, "1", "3", date(2026, 4, 1), "occupants") == 0


@pytest.mark.parametrize(
    ("kind", "value", "first", "field"),
    [
        ("occupants", "2.5", LONG_AGO, "value"),
        ("occupants", "31", LONG_AGO, "value"),
        ("rooms", "1.5", LONG_AGO, "value"),
        ("area", "50", date(1899, 12, 31), "first"),
    ],
)
def test_what_cannot_be_is_refused(two, kind, value, first, field):
    with pytest.raises(refacting.BadFact) as refused:
        change(two, "1", value, first, kind)
    assert refused.value.field == field


def test_what_somebody_changed_meanwhile_is_not_overwritten_and_each_change_is_told_once(two):
    with pytest.raises(Stale):
        change(two, "1", "75", seen="other")
    change(two, "1", "3", date(2026, 4, 1), "occupants")
    facts = two.session.scalars(select(AuditEvent.facts).where(AuditEvent.act == "fact_changed")).all()
    assert facts == [{"unit": two.units["1"], "kind": "occupants", "value": 3_000_000, "before": None, "first": "2026-04-01"}]
