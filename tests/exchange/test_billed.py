"""A workbook that changes what is billed already: days and facts are corrected as the desk corrects them, drafts are in the way."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select

from resident.charging import allocating, charges, confirming, correcting, costs
from resident.charging.correction import Correction
from resident.homes.building import Building, UnitFact
from resident.money.account import Account
from resident.money.invoice import Invoice, InvoiceLine
from resident.money.period import BillingPeriod
from resident.people.tenure import Tenure
from tests.exchange import books

MONTH = "2026-03"


@pytest.fixture
def billed(house):
    """March, care at 3.10 a m²: A 1 (54.5 m²) is vacant, A 2 (31 m²) is Otto's. house.step("confirm") and so on."""
    sheets = books.register(invoices=None, lines=None, payments=None, readings=None)
    vacant = sheets | {"tenures": sheets["tenures"][1:], "parties": sheets["parties"][1:]}
    house.load(vacant)
    assert not house.troubles
    with house.db.writing() as session:
        care = charges.add(
            session, house.id, by=None, code="CARE", name={"fi": "Hoito"}, basis="tariff", key="area", first=date(2020, 1, 1)
        )
        charges.put_price(session, care, 3_100_000, date(2020, 1, 1), by=None)
        building = session.scalar(select(Building.id).where(Building.organisation_id == house.id))
        days = {"use_first": date(2026, 3, 1), "use_last": date(2026, 3, 31)}
        session.add(
            BillingPeriod(
                building_id=building, name=MONTH, state="open", bill_first=days["use_first"], bill_last=days["use_last"], **days
            )
        )
    house.sheets = sheets

    def step(verb):
        with house.db.writing() as session:
            verb(session, session.scalar(select(BillingPeriod)), by=None)

    house.step = step
    return house


def tenant(house, first: date, last: date | None = None) -> dict:
    """The workbook with A 1 let from a day on."""
    tenures = [row.copy() for row in house.sheets["tenures"]]
    tenures[0] |= {"first": first, "tenure_kind": "ownership"}
    tenures[1]["last"] = last
    return house.sheets | {"tenures": tenures}


def test_who_is_imported_into_billed_days_pays_for_them(billed):
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    billed.load(tenant(billed, date(2026, 3, 15)))
    assert not billed.troubles
    with billed.db.reading() as session:
        made = session.execute(select(Correction.moved, Correction.tenure_id, Correction.amount).order_by(Correction.amount)).all()
        saar = session.scalar(select(Tenure.id).where(Tenure.external_key == "T1"))
    # 54.5 × 3.10 is 168.95, 17 of 31 days of it.
    assert made == [("from", None, -9265), ("to", saar, 9265)]
    billed.load(tenant(billed, date(2026, 3, 15)))
    with billed.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Correction)) == 2


def test_drafts_are_thrown_away_before_their_days_are_imported(billed):
    billed.step(allocating.allocate)
    billed.load(tenant(billed, date(2026, 3, 15)))
    assert billed.troubles == [("tenures", 2, "DaysShared")]
    billed.load(tenant(billed, date(2026, 4, 1), last=date(2026, 3, 20)))
    assert billed.troubles == [("tenures", 3, "DaysShared")]
    billed.load(tenant(billed, date(2026, 4, 1)))
    assert not billed.troubles


def test_an_end_within_billed_days_gives_them_back_and_the_next_holder_takes_them(billed):
    """Otto's 31 m² at 3.10: 11 of 31 days of 96.10."""
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    ends = tenant(billed, date(2026, 4, 1), last=date(2026, 3, 20))
    billed.load(ends, dry=True)
    assert billed.outcome.moved == [("Kastanjakuja 1 A 2", "2026-03-21", None)] and corrections(billed) == []
    for _again in range(2):
        billed.load(ends)
        assert not billed.troubles
        assert corrections(billed) == [("from", -3410), ("to", 3410)]


def test_an_end_that_cuts_off_what_the_tenure_does_not_hold_is_refused_until_it_is_corrected(billed):
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    with billed.db.writing() as session:
        line = session.scalar(select(InvoiceLine).join(Invoice).join(Account).where(Account.tenure_id.is_not(None)))
        line.unit_id, line_id = None, line.id
    ends = tenant(billed, date(2026, 4, 1), last=date(2026, 3, 20))
    billed.load(ends)
    assert billed.troubles == [("tenures", 3, "WouldOrphan")]
    with billed.db.writing() as session:
        correcting.correct(session, session.get_one(InvoiceLine, line_id), "Sold", amount=-100, by=None)
    billed.load(ends)
    assert not billed.troubles


def corrections(house) -> list[tuple]:
    with house.db.reading() as session:
        return [tuple(row) for row in session.execute(select(Correction.moved, Correction.amount).order_by(Correction.amount))]


def area(house, value: float, first: date | None = None) -> dict:
    """The workbook with another area of A 1, which is vacant, from a day on."""
    units = [row.copy() for row in house.sheets["units"]]
    units[0] |= {"area": value, "facts_from": first}
    return house.sheets | {"units": units, "tenures": house.sheets["tenures"][1:], "parties": house.sheets["parties"][1:]}


def areas(house) -> list[tuple[date, int]]:
    with house.db.reading() as session:
        rows = select(UnitFact.first, UnitFact.value).where(UnitFact.kind == "area").order_by(UnitFact.first, UnitFact.value)
        return [tuple(row) for row in session.execute(rows)]


def test_facts_that_a_month_is_billed_by_are_corrected(billed):
    """From 54.5 to 60 m² at 3.10; then to 70 m² on the last day of the month."""
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    billed.load(area(billed, 60), dry=True)
    assert billed.outcome.corrected == [("Kastanjakuja 1", MONTH, MONTH, 1, 1705, "EUR")] and corrections(billed) == []
    for _again in range(2):
        billed.load(area(billed, 60))
        assert not billed.troubles and corrections(billed) == [(None, 1705)]
    billed.load(area(billed, 70, date(2026, 3, 31)))
    assert corrections(billed) == [(None, 100), (None, 1705)]
    with billed.db.reading() as session:
        assert set(session.scalars(select(Correction.text))) == {"Hoito, 1.3.2026–31.3.2026"}
    # The same value from another day corrects nothing, nor does one from the next month on.
    for value, first in ((70, date(2026, 4, 10)), (50, date(2026, 5, 1))):
        billed.load(area(billed, value, first))
        assert not billed.troubles and len(corrections(billed)) == 2


def test_areas_of_several_homes_divide_a_cost_anew_once(billed):
    """100.00 by 54.5 and 31 m² is 63.74 and 36.26; by 60 and 40 m² it is 60.00 and 40.00."""
    with billed.db.writing() as session:
        heat = charges.add(
            session, billed.id, by=None, code="HEAT", name={"fi": "Lämpö"}, basis="cost", key="area", first=date(2020, 1, 1)
        )
        costs.enter(session, session.scalar(select(BillingPeriod)), heat, 10000, by=None)
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    both = area(billed, 60)
    both["units"][1] = both["units"][1] | {"area": 40}
    billed.load(both)
    assert corrections(billed) == [(None, -374), (None, 374), (None, 1705), (None, 2790)]


def test_drafts_that_stand_on_facts_are_thrown_away_first(billed):
    was = areas(billed)
    billed.step(allocating.allocate)
    billed.load(area(billed, 60))
    assert billed.troubles == [("units", 2, "FactInDrafts")]
    assert areas(billed) == was
    units = [billed.sheets["units"][0] | {"occupants": 3}, billed.sheets["units"][1]]
    billed.load(area(billed, 60) | {"units": [row | {"area": None} for row in units]})
    assert not billed.troubles


def test_whoever_has_no_line_of_a_divided_cost_is_corrected_at_the_desk(billed):
    """A 1 has no area, so that nobody was billed for it."""
    with billed.db.writing() as session:
        heat = charges.add(
            session, billed.id, by=None, code="HEAT", name={"fi": "Lämpö"}, basis="cost", key="area", first=date(2020, 1, 1)
        )
        costs.enter(session, session.scalar(select(BillingPeriod)), heat, 10000, by=None)
        session.execute(delete(UnitFact).where(UnitFact.kind == "area", UnitFact.value == 54_500_000))
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    billed.load(area(billed, 60))
    assert billed.troubles == [("units", 2, "FactBilled")]
