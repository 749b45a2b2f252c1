"""A month at the desk: planned, costs entered, looked at, shared out, confirmed, taken back, closed."""

from datetime import date
from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import func, select

from blueprints._typed import amount
from resident import clock
from resident.charging.charge import ChargeType
from resident.charging.cost import Cost
from resident.money.invoice import Invoice, InvoiceDelivery
from resident.money.period import BillingPeriod
from tests.charging.house import House


@pytest.fixture
def month(db, cast):
    """Two homes of 60 and 40 m² that share heating, and pay 10 € each; July 2026 is open."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="60"), house.home("2", area="40")
        house.hold("Aino", "1"), house.hold("Bo", "2")
        house.charge("HEAT", "cost", "area"), house.charge("FEE", "tariff", "equal")
        house.price("FEE", "10")
        house.period("2026-07")
        return {"id": house.periods["2026-07"].id, "building": house.building, "heat": house.charges["HEAT"]}


def step(client, month, name, seen, status=303, **given):
    return client.post(f"/desk/billing/{month['id']}/steps", status, once=uuid4().hex, step=name, seen=seen, **given)


def costs(client, month, status=303, **given):
    return client.post(f"/desk/billing/{month['id']}/costs", status, once=uuid4().hex, **given)


def state(db, month) -> str:
    with db.reading() as session:
        return session.get(BillingPeriod, month["id"]).state


def invoices(db, month) -> list[Invoice]:
    with db.reading() as session:
        return session.scalars(select(Invoice).where(Invoice.period_id == month["id"]).order_by(Invoice.number)).all()


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12,5", 1250), ("1 234,50", 123450), ("1\u00a0234.5", 123450), ("1\u202f234", 123400), ("-3", -300), ("−0,01", -1), ("0", 0)],
)
def test_sums_are_understood_as_people_write_them(text, minor):
    assert amount(text) == minor


def test_a_line_that_is_no_line_of_a_table_is_said(client, month):
    answer = costs(client("office"), month, 422, lines="HEAT;" + "9" * 200_000)
    assert "at most 200 characters" in answer.text


@pytest.mark.parametrize("text", ["", "1,234,5", "1.234", "12,555", "1e3", "٣", "--1", "+1", "1,", ",5", "EUR 3"])
def test_what_could_be_misread_is_refused(text):
    with pytest.raises(ValueError):
        amount(text)


def test_a_month_from_costs_to_closed_with_one_step_back(db, month, desk):
    client = desk("accountant")
    heat = str(month["heat"])
    costs(client, month, **{"charge-0": heat, "amount-0": "1 000,01", "document-0": "A-1"})
    page = client.get(f"/desk/billing/{month['id']}/homes").text
    assert "Nothing of it is stored" in page and "600.01" in page and "400.00" in page
    assert "homes and charges both come to €1,020.01" in page
    step(client, month, "allocate", "open")
    page = client.get(f"/desk/billing/{month['id']}").text
    year = clock.today("Europe/Helsinki").year
    assert f"{year}-0001 – {year}-0002" in page and "€1,020.01" in page
    step(client, month, "confirm", "allocated", issued="2026-07-05", due="2026-07-20")
    made = invoices(db, month)
    assert [(one.number, one.total, one.due) for one in made] == [(1, 61001, date(2026, 7, 20)), (2, 41000, date(2026, 7, 20))]
    step(client, month, "unconfirm", "confirmed")
    assert state(db, month) == "allocated" and all(one.voided_at for one in invoices(db, month))
    step(client, month, "confirm", "allocated", issued="2026-07-05", due="2026-07-20")
    assert [one.number for one in invoices(db, month) if not one.voided_at] == [3, 4]
    step(client, month, "close", "confirmed")
    assert state(db, month) == "closed"
    assert "Reopen the period" in client.get(f"/desk/billing/{month['id']}").text


def test_a_home_that_was_sold_is_compared_as_a_whole_and_its_holders_are_named(db, cast, desk):
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="60"), house.home("2", area="40")
        house.hold("Aino", "1"), house.hold("Bo", "2", last=date(2026, 8, 10)), house.hold("Cleo", "2", first=date(2026, 8, 11))
        house.charge("HEAT", "cost", "area")
        for name, cost in (("2026-07", "100.00"), ("2026-08", "200.00")):
            house.period(name)
            house.cost(name, "HEAT", cost)
        house.bill("2026-07")
        url = f"/desk/billing/{house.periods['2026-08'].id}/homes"
    page = desk("office").get(url).text
    page = page[page.index("What changed most") : page.index("By home</h2>")]
    for whose, before, now in (("Aino", "60.00", "120.00"), ("Bo, Cleo", "40.00", "80.00")):
        assert f"<small>{whose}</small><small>€{before} before, €{now} now</small>" in page


def test_a_form_that_is_sent_twice_enters_its_costs_once(db, month, desk):
    client, key = desk("accountant"), uuid4().hex
    given = {"charge-0": str(month["heat"]), "amount-0": "5"}
    for _ in range(2):
        client.post(f"/desk/billing/{month['id']}/costs", 303, once=key, **given)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Cost)) == 1


def test_a_step_that_somebody_has_done_meanwhile_is_not_done_again(db, month, desk):
    client = desk("accountant")
    step(client, month, "allocate", "open")
    page = step(client, month, "allocate", "open", 409).text
    assert "Somebody has done a step meanwhile" in page and "Confirm and number the invoices" in page
    assert "First: Confirm and number" in step(client, month, "close", "allocated", 409).text
    assert state(db, month) == "allocated"


def test_what_was_delivered_is_not_taken_back_and_the_page_says_so(db, month, desk):
    client = desk("accountant")
    step(client, month, "allocate", "open")
    assert "due day is before" in step(client, month, "confirm", "allocated", 422, issued="2026-07-05", due="2026-07-01").text
    step(client, month, "confirm", "allocated")
    with db.writing() as session:
        session.add(InvoiceDelivery(invoice_id=invoices(db, month)[0].id, way="paper", ordered_at=clock.now()))
    page = client.get(f"/desk/billing/{month['id']}").text
    assert "1 invoice has been delivered" in page and "Make the invoices void" not in page
    assert "1 invoice has been delivered" in step(client, month, "unconfirm", "confirmed", 409).text
    assert state(db, month) == "confirmed"


def test_costs_are_pasted_from_a_spreadsheet_all_or_none(db, month, desk):
    client = desk("accountant")
    rows = "Charge\tSum\tText\nheat\t12,50\tNovember\tK-1\nHeat\t-2\tBack\tK-2\nWATER\t5\nheat\t1.234,5"
    page = costs(client, month, 422, lines=rows).text
    assert "Line 4: there is no charge “WATER”" in page and "Line 5: This is no sum" in page and "K-2" in page
    with db.reading() as session:
        assert not session.scalars(select(Cost)).all()
    costs(client, month, files={"file": [("\ufeffheat;12,50;Nov;K-1\nheat;-2;;K-2\n".encode(), "costs.csv")]})
    with db.reading() as session:
        assert sorted((one.amount, one.document) for one in session.scalars(select(Cost))) == [(-200, "K-2"), (1250, "K-1")]
    assert "stands in this period already" in costs(client, month, 422, lines="HEAT;1;;K-1").text


def book(*rows) -> tuple[bytes, str]:
    """A workbook of one tab, and its name."""
    made, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(out)
    return out.getvalue(), "costs.xlsx"


def test_a_workbook_of_costs_is_read_as_pasted_rows_are_and_comes_back_with_what_is_wrong(db, month, desk):
    client = desk("accountant")
    wrong = book(
        ["Charge", "Sum", "Text", "Document"], [], ["heat", 0.1 + 0.2, 'He said "so"', 17], ["heat", "=A1", "", ""], ["GAS", 5]
    )
    page = costs(client, month, 422, files={"file": [wrong]}).text
    assert "Line 4: There is a formula here" in page and "Line 5: there is no charge “GAS”" in page and "Line 3" not in page
    # Its rows are in the field, to be mended there and sent again.
    assert "heat\t0.3\t" in page
    with db.reading() as session:
        assert not session.scalars(select(Cost)).all()
    costs(client, month, files={"file": [book(["heat", 0.1 + 0.2, 'He said "so"', 17], ["Heat", "1 200,50"])]})
    with db.reading() as session:
        found = [(one.amount, one.text, one.document) for one in session.scalars(select(Cost).order_by(Cost.amount))]
    assert found == [(30, 'He said "so"', "17"), (120050, None, None)]


@pytest.mark.parametrize(
    ("held", "said"),
    [(b"", "The file is empty"), (b"PK\x03\x04no zip", "not of the agreed kind"), (b"\xd0\xcf\x11\xe0\0", "not of the agreed kind"),
     (b"heat;1\n" * 501, "too many lines"), (b"heat;1;" + b"x" * 300_000, "too many lines")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_at_its_field_and_what_was_typed_stays(db, month, desk, held, said):
    page = costs(desk("accountant"), month, 422, lines="heat;12,50;Typed", files={"file": [(held, "costs.xlsx")]}).text
    assert said in page and "heat;12,50;Typed" in page
    with db.reading() as session:
        assert not session.scalars(select(Cost)).all()


def test_a_cost_is_changed_and_removed_until_it_is_shared_out(db, month, desk):
    client = desk("accountant")
    costs(client, month, **{"charge-0": str(month["heat"]), "amount-0": "5"})
    with db.reading() as session:
        cost = session.scalar(select(Cost.id))
    url = f"/desk/billing/costs/{cost}"
    form = client.form(url)
    client.post(url, 303, **form | {"amount": "7,5"})
    assert "Somebody changed this cost" in client.post(url, 409, **form | {"amount": "9"}).text
    step(client, month, "allocate", "open")
    assert "Throw the drafts away first" in client.post(f"{url}/removal", 409).text
    step(client, month, "unallocate", "allocated")
    client.post(f"{url}/removal", 303)
    with db.reading() as session:
        assert not session.scalars(select(Cost)).all()


def test_the_next_month_is_planned_once(db, month, desk):
    client = desk("accountant")
    for status in (303, 422):
        page = client.post("/desk/billing", status, once=uuid4().hex, building=month["building"], name="2026-08", behind="0")
    assert "The building has a period August 2026 already." in page.text
    for name in ("2026-13-45", "x", ""):
        page = client.post("/desk/billing", 422, once=uuid4().hex, building=month["building"], name=name, behind="0")
        assert "Choose a month from the list." in page.text
    assert "Plan the period" not in desk("control").get(f"/desk/billing?building={month['building']}").text
    listed = client.get(f"/desk/billing?building={month['building']}", htmx=True).text
    assert "August 2026" in listed and "<h1" not in listed


def test_a_cost_that_meets_nobody_says_what_to_do(month, desk, db, cast):
    client = desk("accountant")
    with db.writing() as session:
        house = House.__new__(House)
        house.session, house.cast, house.charges = session, cast, {}
        pool = house.charge("POOL", "cost", "weights")
    costs(client, month, **{"charge-0": str(pool), "amount-0": "5"})
    assert "No home has a basis for POOL" in client.get(f"/desk/billing/{month['id']}/homes").text
    assert "No home has a basis for POOL" in step(client, month, "allocate", "open", 409).text


def test_a_cost_of_settlements_is_entered_until_its_months_are_settled(db, month, desk):
    """The bill for heat comes after the month's invoices are confirmed."""
    with db.writing() as session:
        oil = ChargeType(
            organisation_id=_organisation(session),
            code="OIL",
            name={"fi": "Öljy"},
            basis="cost",
            key="area",
            billed="settlement",
            first=date(2020, 1, 1),
        )
        session.add(oil)
        session.flush()
        oil = str(oil.id)
    client = desk("accountant")
    for name, seen in (("allocate", "open"), ("confirm", "allocated")):
        step(client, month, name, seen)
    assert "can be entered until its months are settled" in client.get(f"/desk/billing/{month['id']}/costs").text
    costs(client, month, **{"charge-0": oil, "amount-0": "90"})
    assert "Choose what the cost is for" in costs(client, month, 422, **{"charge-0": str(month["heat"]), "amount-0": "1"}).text
    # It is no part of what the month came to.
    stands = client.get(f"/desk/billing/{month['id']}").text
    assert "<dt>Costs entered</dt><dd>€0.00</dd>" in stands
    assert "<dt>Costs entered<small>Only in a settlement</small></dt><dd>€90.00</dd>" in stands
    with db.reading() as session:
        cost = session.scalar(select(Cost.id).where(Cost.charge_type_id == int(oil)))
    form = client.form(f"/desk/billing/costs/{cost}")
    client.post(f"/desk/billing/costs/{cost}", 303, **form | {"amount": "80"})
    months = {"building": month["building"], "first": "2026-07", "last": "2026-07"}
    client.post("/desk/settlements", 303, once=uuid4().hex, **months)
    form = client.form(f"/desk/billing/costs/{cost}")
    assert "are settled already" in client.post(f"/desk/billing/costs/{cost}", 409, **form | {"amount": "70"}).text
    with db.reading() as session:
        assert session.get_one(Cost, cost).amount == 8000


def _organisation(session) -> int:
    return session.scalar(select(ChargeType.organisation_id).limit(1))
