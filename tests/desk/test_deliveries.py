"""Invoices on their way: who gets which by which way, a file to print that goes on where it was killed, mails sent once."""

from datetime import date
from io import BytesIO
from uuid import uuid4

import pikepdf
import pytest
from sqlalchemy import select

from blueprints._mail_words import renderer
from resident.access import Actor
from resident.charging import delivering, mailing, printing, scene, separate
from resident.charging.charge import ChargeType
from resident.jobs import Job
from resident.money.invoice import InvoiceDelivery
from resident.money.period import BillingPeriod
from resident.people.person import Person, search_key
from resident.people.tenure import Party, Tenure
from tests.charging.house import House


@pytest.fixture
def month(db, cast):
    """July of three homes, confirmed: on paper, by mail to two addresses with the PDF, and in the portal alone."""
    with db.writing() as session:
        house = House(session, cast)
        ways = {
            "Aino": {"invoice_paper": True},
            "Bo": {
                "invoice_email": True,
                "email": "bo@example.org",
                "invoice_addresses": "office@example.org",
                "invoice_attached": True,
            },
            "Cecilia": {},
        }
        house.charge("CARE", "tariff", "equal")
        house.price("CARE", "10")
        for number, (name, way) in enumerate(ways.items(), 1):
            house.home(str(number))
            house.hold(name, str(number), **way)
        house.period("2026-07")
        house.bill("2026-07")
        return house.periods["2026-07"].id


def rows(db) -> list[InvoiceDelivery]:
    with db.reading() as session:
        return session.scalars(select(InvoiceDelivery).order_by(InvoiceDelivery.id)).all()


def job(db, kind) -> Job:
    with db.reading() as session:
        return session.scalar(select(Job).where(Job.kind == kind))


def test_a_print_run_goes_on_where_it_was_killed_and_is_recorded(db, month, desk, app, settings):
    client, url = desk("office"), f"/desk/billing/{month}"
    page = client.get(f"{url}/deliveries").text
    assert "Make a file of 1 invoice" in page and "can no longer be taken back" in page
    for _ in range(2):
        client.post(f"{url}/prints", 303, once=uuid4().hex)
    assert [(row.way, row.copy, row.delivered_at) for row in rows(db)] == [("paper", False, None)]
    drawn, papers = [], renderer(app).papers

    def dies(sheets, notes):
        drawn.append(len(sheets))
        if len(drawn) == 1:
            raise OSError("killed")
        return papers(sheets, notes)

    with pytest.raises(OSError, match="killed"):
        printing.carry_out(db, settings.data_dir, job(db, "print_run"), dies)
    assert rows(db)[0].delivered_at is None
    printing.carry_out(db, settings.data_dir, job(db, "print_run"), dies)
    assert rows(db)[0].delivered_at is not None
    listed = client.get(f"{url}/deliveries", htmx=True).text
    assert "Save PDF" in listed
    octets = client.get(f"{url}/prints/1").data
    with pikepdf.Pdf.open(BytesIO(octets)) as made:
        assert len(made.pages) == 1
    assert "1 invoice has been delivered" in client.get(url).text


def test_a_mail_carries_what_its_reader_chose_and_is_ordered_once(db, month, desk):
    with db.writing() as session:
        period = session.get(BillingPeriod, month)
        creditor = scene.controller(session, period.building_id)
        by = Actor(None, None, creditor.id, "office", "office")
        assert [delivering.order_mails(session, period, creditor, by=by) for _ in range(2)] == [1, 0]
    (row,) = rows(db)
    with db.reading() as session:
        letter = mailing.letter(session, row.id)
    assert letter.to == ("bo@example.org", "office@example.org") and letter.paper.id == row.invoice_id
    with db.writing() as session:
        session.get(Person, row.person_id).invoice_email = False
        assert mailing.letter(session, row.id) is None


def test_an_address_that_cannot_be_reached_keeps_no_other_from_the_invoice(db, month, app):
    with db.writing() as session:
        period = session.get(BillingPeriod, month)
        creditor = scene.controller(session, period.building_id)
        delivering.order_mails(session, period, creditor, by=Actor(None, None, creditor.id, "office", "office"))
    with db.reading() as session:
        first, second = session.scalars(select(Job).where(Job.kind == delivering.KIND).order_by(Job.id)).all()
    sent = []

    def post(told, papers):
        sent.append((told.to, len(papers)))
        return "no mail can go to this address" if told.to.startswith("office") else None

    assert mailing.carry_out(db, second, renderer(app), post) == "no mail can go to this address"
    assert rows(db)[0].delivered_at is None
    assert mailing.carry_out(db, first, renderer(app), post) is None
    assert rows(db)[0].delivered_at is not None
    assert sent == [("office@example.org", 1), ("bo@example.org", 1)]


def test_who_gets_a_copy_asked_for_it_and_may_see_invoices(db, month, cast):
    """A co-owner who wants paper gets a copy; an occupant without the right to see invoices none, whatever was chosen."""
    with db.writing() as session:
        period = session.get(BillingPeriod, month)
        creditor = scene.controller(session, period.building_id)
        tenure = session.scalar(select(Party).join(Person, Person.id == Party.person_id).where(Person.name == "Cecilia"))
        for name, role in (("Dan", "co_owner"), ("Eva", "occupant")):
            person = Person(organisation_id=cast.koivu, name=name, search_key=search_key(name), invoice_paper=True)
            session.add(person)
            session.flush()
            session.add(Party(tenure_id=tenure.tenure_id, person_id=person.id, role=role, first=tenure.first))
        session.flush()
        plan = delivering.plan(session, period, creditor)
        names = dict(session.execute(select(Person.id, Person.name)).all())
    assert [(names[one.person_id], one.copy) for one in plan.to_print] == [("Aino", False), ("Dan", True)]
    assert (plan.portal, len(plan.to_mail)) == (0, 1)


def test_what_is_invoiced_beside_a_period_is_delivered_with_its_month(db, month):
    with db.writing() as session:
        period = session.get(BillingPeriod, month)
        creditor = scene.controller(session, period.building_id)
        own = select(Tenure).join(Party, Party.tenure_id == Tenure.id).join(Person, Person.id == Party.person_id)
        tenure = session.scalar(own.where(Person.name == "Aino"))
        charge = session.scalar(select(ChargeType).where(ChargeType.code == "CARE"))
        by = Actor(None, None, creditor.id, "office", "office")
        given = {"by": by, "unit_price": 1_000_000, "due": date(2026, 8, 10)}
        july, _ = (separate.invoice(session, tenure, charge, issued=date(2026, of, 20), **given) for of in (7, 6))
        assert july.id in [one.invoice_id for one in delivering.plan(session, period, creditor).to_print]
        assert len(delivering.plan(session, period, creditor).to_print) == 2


def test_whoever_left_gets_their_last_invoice(db, month):
    with db.writing() as session:
        period = session.get(BillingPeriod, month)
        creditor = scene.controller(session, period.building_id)
        party = session.scalar(select(Party).join(Person, Person.id == Party.person_id).where(Person.name == "Aino"))
        party.last = period.bill_last
        session.flush()
        assert [one.person_id for one in delivering.plan(session, period, creditor).to_print] == [party.person_id]


def test_a_copy_of_what_is_made_out_to_somebody_under_non_disclosure_is_hidden_too(db, month, cast):
    with db.writing() as session:
        period = session.get(BillingPeriod, month)
        creditor = scene.controller(session, period.building_id)
        party = session.scalar(select(Party).join(Person, Person.id == Party.person_id).where(Person.name == "Cecilia"))
        session.get(Person, party.person_id).non_disclosure = True
        dan = Person(organisation_id=cast.koivu, name="Dan", search_key="dan", invoice_paper=True)
        session.add(dan)
        session.flush()
        session.add(Party(tenure_id=party.tenure_id, person_id=dan.id, role="co_owner", first=party.first))
        session.flush()
        shown = delivering.plan(session, period, creditor, undisclosed=False)
        assert dan.id not in [one.person_id for one in shown.to_print] and shown.hidden == 1
        assert dan.id in [one.person_id for one in delivering.plan(session, period, creditor).to_print]


def test_residents_choose_how_their_invoices_come(db, cast, desk):
    client = desk("tenant")
    client.post("/details/choices/invoice_attached", 303, wanted="yes")
    assert "no e-mail address" in client.post("/details/invoice-addresses", 422, addresses="me@example.org nobody").text
    client.post("/details/invoice-addresses", 303, addresses="me@example.org, you@example.org")
    with db.reading() as session:
        person = session.get(Person, cast.tenant)
    assert person.invoice_attached and person.invoice_addresses == "me@example.org you@example.org"
    assert "me@example.org you@example.org" in client.get("/details").text
