"""Correcting what was confirmed, and invoices by themselves, at the desk."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from resident.charging import settling
from resident.charging.charge import ChargeType
from resident.charging.correction import Correction
from resident.metering.reading import Reading
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
    assert "<small>Invoice 2026-0001: " in client.get(f"/desk/invoices/{note.id}").text
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
    # More than any database keeps.
    client.post(url, 422, once=uuid4().hex, **form | {"quantity": "999999999", "price": "999999999"})
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


@pytest.fixture
def shared(db, cast):
    """July of two homes, 40 and 60 m²: heat of 100.00 divided with VAT on top of it, water at 5.00 of home 1, read as 107.5."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="40"), house.home("2", area="60")
        house.hold("Aino", "1"), house.hold("Tamm", "2")
        house.charge("HEAT", "cost", "area"), house.charge("WATER", "tariff", "meter", media="cold_water", measure="m3")
        house.vat("HEAT", 1400, net=True), house.price("WATER", "5.00")
        house.period("2026-07")
        house.meter("1")
        house.read("1", date(2026, 6, 30), "100")
        house.read("1", date(2026, 7, 31), "107.5", "2026-07")
        house.cost("2026-07", "HEAT", "100.00")
        house.bill("2026-07")
        house.period("2026-08")
        return {
            "url": f"/desk/billing/{house.periods['2026-07'].id}/corrections", "charge": str(house.charges["HEAT"]),
            "unit": house.units["1"], "register": house.registers["1", "cold_water"], "next": house.periods["2026-08"].id,
        }  # fmt: skip


def amounts(db) -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(Correction.amount).order_by(Correction.id)))


def test_a_cost_that_was_different_is_looked_at_then_given_to_each_home_once(db, shared, desk):
    client, typed = desk("accountant"), {"charge": shared["charge"], "difference": "-10,01", "text": "Heat of July"}
    assert 'id="difference-error"' in client.post(f"{shared['url']}/cost", 422, **typed | {"difference": "0"}).text
    looked = client.post(f"{shared['url']}/cost", **typed).text
    # −10.01 by 40 and 60 is −4.00 and −6.01, and with 14 % on top −4.56 and −6.85.
    assert all(figure in looked for figure in ("−4.00", "−6.01", "−4.56", "−6.85", "−11.41", "€89.99", "proves itself"))
    assert not amounts(db)
    (seen,) = re.findall(r'name="seen" value="(\w+)"', looked)
    sure = typed | {"sure": "yes", "seen": seen, "once": uuid4().hex}
    for _sending in range(2):
        client.post(f"{shared['url']}/cost", 303, **sure)
    assert amounts(db) == [-456, -685]
    # Drawn before the first ones were made: told, and nothing is made.
    assert "meanwhile" in client.post(f"{shared['url']}/cost", 409, **sure | {"once": uuid4().hex}).text
    assert amounts(db) == [-456, -685]
    page = client.get(shared["url"]).text
    assert "corrected by −€10.01 since" in page and "August 2026" in page
    assert "2 corrections of earlier invoices" in client.get(f"/desk/billing/{shared['next']}").text


def test_readings_that_were_corrected_later_are_looked_at_then_corrected_once(db, shared, desk):
    client, url = desk("accountant"), f"{shared['url']}/readings"
    assert "Nothing differs" in client.get(url).text
    assert "comes to nothing" in client.post(url, 422, once=uuid4().hex, text="Read again", seen="").text
    assert "There is no home of this number" in client.get(f"{url}?home=99").text
    assert "Billed: 107.500\u00a0m³ on 31 Jul 2026" in client.get(f"{url}?home=1").text
    home, field = f"{url}/{shared['unit']}", f"r{shared['register']}"
    for typed, said in (("10x", "as the counter shows"), ("99", "100.000\u00a0m³ on 30 Jun"), ("107,5", "at this value already")):
        page = client.post(home, 422, once=uuid4().hex, **{field: typed}).text
        assert said in page and f'value="{typed}"' in page
    client.post(home, 303, once=uuid4().hex, note="Read again", **{field: "106,5"})
    with db.reading() as session:
        kept = select(Reading.value, Reading.counts).where(Reading.register_id == shared["register"]).order_by(Reading.id)
        assert session.execute(kept).all()[1:] == [(107_500_000, False), (106_500_000, True)]
    looked = client.get(url).text
    assert "100 – 106.5" in looked and "−5.00" in looked
    (seen,) = re.findall(r'name="seen" value="(\w+)"', looked)
    typed = {"once": uuid4().hex, "text": "Read again", "seen": seen}
    for _sending in range(2):
        client.post(url, 303, **typed)
    assert amounts(db) == [-500]
    assert "Nothing differs" in client.get(url).text
    desk("control").get(url, 404)


@pytest.fixture
def settled(db, cast):
    """The settlement of July: heat of 100.00 by area of 40 and 60 m², water at 5.00 of home 1, read as 107.5."""
    with db.writing() as session:
        house = House(session, cast)
        house.home("1", area="40"), house.home("2", area="60")
        house.hold("Aino", "1"), house.hold("Tamm", "2")
        house.charge("HEAT", "cost", "area", billed="settlement")
        house.charge("WATER", "tariff", "meter", media="cold_water", measure="m3", billed="settlement")
        house.price("WATER", "5.00")
        house.period("2026-07")
        house.meter("1")
        house.read("1", date(2026, 6, 30), "100"), house.read("1", date(2026, 7, 31), "107.5", "2026-07")
        house.cost("2026-07", "HEAT", "100.00")
        house.bill("2026-07")
        run = settling.prepare(session, house.building, "2026-07", "2026-07", by=house.by)
        settling.confirm(session, run, by=house.by)
        return {
            "run": run.id, "heat": str(house.charges["HEAT"]), "unit": house.units["1"],
            "month": f"/desk/billing/{house.periods['2026-07'].id}/corrections",
            "register": house.registers["1", "cold_water"],
        }  # fmt: skip


def test_what_a_settlement_was_made_from_turns_out_different_and_is_corrected_like_a_month_s(db, settled, desk):
    client, page = desk("accountant"), f"/desk/settlements/{settled['run']}"
    url = f"{page}/corrections"
    assert url in client.get(page).text and url in client.get(settled["month"]).text
    typed = {"charge": settled["heat"], "difference": "-10", "text": "Heat of July"}
    looked = client.post(f"{url}/cost", **typed).text
    assert all(figure in looked for figure in ("40.00", "36.00", "−4.00", "60.00", "54.00", "−6.00", "proves itself"))
    (seen,) = re.findall(r'name="seen" value="(\w+)"', looked)
    client.post(f"{url}/cost", 303, **typed, sure="yes", seen=seen, once=uuid4().hex)
    put_right = f"{settled['month']}/readings/{settled['unit']}"
    client.post(put_right, 303, once=uuid4().hex, **{f"r{settled['register']}": "106,5"})
    looked = client.get(f"{url}/readings").text
    assert f"{settled['month']}/readings#counters" in looked
    assert all(figure in looked for figure in ("100 – 106.5", "37.50", "32.50", "−5.00"))
    (seen,) = re.findall(r'name="seen" value="(\w+)"', looked)
    client.post(f"{url}/readings", 303, once=uuid4().hex, text="Read again", seen=seen)
    assert amounts(db) == [-400, -600, -500]
    shown = client.get(page).text
    assert "Corrected since" in shown and "3 corrections of this settlement wait, −€15.00 together." in shown
    key = uuid4().hex
    for _sending in range(2):
        client.post(f"{url}/invoices", 303, once=key)
    with db.reading() as session:
        notes = select(Invoice.total).where(Invoice.kind == "correction").order_by(Invoice.id)
        assert session.scalars(notes).all() == [-900, -600]
    assert "comes to nothing" in client.post(f"{url}/invoices", 409, once=uuid4().hex).text
    desk("control").get(url, 404)
