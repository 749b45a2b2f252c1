"""Correcting what was confirmed, and invoices by themselves, at the desk."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from resident.charging.charge import ChargeType
from resident.charging.correction import Correction
from resident.money.invoice import Invoice, InvoiceLine
from resident.people.post import Post, PostBuilding
from tests.charging.house import House


@pytest.fixture
def billed(db, cast):
    """July of one home: 40 m² at 4.20. Its invoice, its line, its tenure, and a charge for keys at 15.00."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="40"), house.hold("Aino", "1")
        house.charge("CARE", "tariff", "area"), house.charge("KEY", "tariff", "fixed", billed="separate")
        house.price("CARE", "4.20"), house.price("KEY", "15")
        house.period("2026-07")
        house.bill("2026-07")
        (made,) = house.invoices("2026-07")
        return {"invoice": made.id, "line": house.lines(made)[0].id, "tenure": house.tenures["Aino"], "key": house.charges["KEY"]}


def correct(client, billed, status=303, **given):
    form = {"line": str(billed["line"]), "by": "quantity", "wrong": "-2", "text": "Measured again"} | given
    return client.post(f"/desk/invoices/{billed['invoice']}/corrections", status, once=uuid4().hex, **form)


def test_a_line_is_corrected_at_its_tariff_and_credited_at_once(db, billed, desk):
    client = desk("accountant")
    page = correct(client, billed, 422, wrong="2 000,555,1", text="").text
    assert 'id="wrong-error"' in page and 'id="text-error"' in page and "2 000,555,1" in page
    correct(client, billed)
    assert "−€8.40" in client.get(f"/desk/invoices/{billed['invoice']}/corrections").text
    client.post(f"/desk/invoices/{billed['invoice']}/credit-notes", 303, once=uuid4().hex)
    with db.reading() as session:
        (note,) = session.scalars(select(Invoice).where(Invoice.kind == "correction"))
        (line,) = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == note.id))
    assert (note.total, line.corrects_id, line.text) == (-840, billed["line"], "Measured again")
    assert "comes to nothing" in client.post(f"/desk/invoices/{billed['invoice']}/credit-notes", 409, once=uuid4().hex).text


def test_a_correction_that_waits_is_withdrawn(db, billed, desk):
    client = desk("accountant")
    correct(client, billed, by="amount", wrong="−3,5")
    with db.reading() as session:
        made = session.scalar(select(Correction))
    assert made.amount == -350
    client.post(f"/desk/invoices/corrections/{made.id}/removal", 303)
    with db.reading() as session:
        assert session.scalar(select(Correction)) is None
    desk("control").get(f"/desk/invoices/{billed['invoice']}/corrections", 404)


def test_a_separate_invoice_is_made_once(db, billed, desk):
    client, key = desk("accountant"), uuid4().hex
    url = f"/desk/separate-invoices/{billed['tenure']}"
    assert "€" in client.get(f"/desk/invoices/{billed['invoice']}").text
    form = {"charge": str(billed["key"]), "quantity": "2", "text": "front door"}
    assert 'id="quantity-error"' in client.post(url, 422, once=uuid4().hex, **form | {"quantity": "two"}).text
    assert 'id="quantity-error"' in client.post(url, 422, once=uuid4().hex, **form | {"quantity": "0"}).text
    for _ in range(2):
        client.post(url, 303, once=key, **form)
    with db.reading() as session:
        (made,) = session.scalars(select(Invoice).where(Invoice.kind == "separate"))
    assert made.total == 3000
    with db.writing() as session:
        session.get(ChargeType, billed["key"]).last = made.issued - timedelta(days=1)
    assert "No charge is billed on separate invoices yet." in client.get(url).text


def test_who_bills_another_building_only_changes_nothing_here(db, billed, desk, cast):
    """Rent control looks at all of koivu; billing is for the building of the cast alone."""
    with db.writing() as session:
        post = Post(person_id=cast.control, organisation_id=cast.koivu, role="office", first=date(2020, 1, 1))
        session.add(post)
        session.flush()
        session.add(PostBuilding(post_id=post.id, building_id=cast.building))
        account = session.get(Invoice, billed["invoice"]).account_id
    client = desk("control")
    correct(client, billed, 403)
    client.post(f"/desk/accounts/{account}/reference", 403)
    assert "Give" not in client.get(f"/desk/accounts/{account}/reference").text
    client.post(f"/desk/separate-invoices/{billed['tenure']}", 404, once=uuid4().hex)
