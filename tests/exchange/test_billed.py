"""Tenures of a workbook whose days are billed already: what was billed goes along, drafts and ends that cut it off are refused."""

from datetime import date

import pytest
from sqlalchemy import func, select

from resident import clock
from resident.charging import allocating, charges, confirming
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


def test_an_end_that_cuts_billed_days_off_is_refused_until_they_are_corrected(billed):
    billed.step(allocating.allocate)
    billed.step(confirming.confirm)
    ends = tenant(billed, date(2026, 4, 1), last=date(2026, 3, 20))
    billed.load(ends)
    assert billed.troubles == [("tenures", 3, "WouldOrphan")]
    with billed.db.writing() as session:
        own = select(InvoiceLine.id).join(Invoice).join(Account).where(Account.tenure_id.is_not(None))
        line = session.scalars(own).one()
        session.add(Correction(line_id=line, amount=-100, text="Sold", made_at=clock.now()))
    billed.load(ends)
    assert not billed.troubles


def area(house, value: float, first: date | None = None) -> dict:
    """The workbook with another area of A 1, which is vacant, from a day on."""
    units = [row.copy() for row in house.sheets["units"]]
    units[0] |= {"area": value, "facts_from": first}
    return house.sheets | {"units": units, "tenures": house.sheets["tenures"][1:], "parties": house.sheets["parties"][1:]}


def areas(house) -> list[tuple[date, int]]:
    with house.db.reading() as session:
        rows = select(UnitFact.first, UnitFact.value).where(UnitFact.kind == "area").order_by(UnitFact.first, UnitFact.value)
        return [tuple(row) for row in session.execute(rows)]


@pytest.mark.parametrize("confirmed", [False, True])
def test_facts_that_a_month_is_billed_by_are_not_changed_by_a_workbook(billed, confirmed):
    billed.step(allocating.allocate)
    if confirmed:
        billed.step(confirming.confirm)
    was = areas(billed)
    billed.load(area(billed, 60))
    assert billed.troubles == [("units", 2, "FactBilled")]
    billed.load(area(billed, 60, date(2026, 3, 31)))
    assert billed.troubles == [("units", 2, "FactBilled")]
    assert areas(billed) == was
    # The same again changes nothing, nor does the same value from another day. After the month it is free, and so are facts that
    # bill nothing.
    for value, first in ((54.5, None), (54.5, date(2026, 3, 10)), (60, date(2026, 4, 1))):
        billed.load(area(billed, value, first))
        assert not billed.troubles
    units = [billed.sheets["units"][0] | {"occupants": 3}, billed.sheets["units"][1]]
    billed.load(area(billed, 60) | {"units": [row | {"area": None} for row in units]})
    assert not billed.troubles
    assert (date(2026, 4, 1), 60_000_000) in areas(billed)
