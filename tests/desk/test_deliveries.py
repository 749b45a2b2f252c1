"""Invoices on their way: who gets which by which way, a file to print that goes on where it was killed, mails sent once."""

import os
from datetime import date
from io import BytesIO
from uuid import uuid4

import pikepdf
import pytest
from sqlalchemy import select

from blueprints._mail_words import renderer
from resident.access import Actor
from resident.audit import AuditEvent
from resident.charging import delivering, mailing, printing, scene, separate
from resident.charging.charge import ChargeType
from resident.charging.print_run import PrintRun
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
    # Not drawn yet, so not posted either.
    client.post("/desk/prints/1/posting", 303)
    assert rows(db)[0].delivered_at is None
    printing.carry_out(db, settings.data_dir, job(db, "print_run"), dies)
    listed = client.get(f"{url}/deliveries", htmx=True).text
    assert "Save PDF" in listed and "I have printed and posted them" in listed and "Make the file again" not in listed
    octets = client.get("/desk/prints/1").data
    with pikepdf.Pdf.open(BytesIO(octets)) as made:
        assert len(made.pages) == 1
    assert "1 invoice has been delivered" in client.get(url).text
    assert rows(db)[0].delivered_at is None
    client.post("/desk/prints/1/posting", 303)
    assert rows(db)[0].delivered_at is not None
    assert "I have printed" not in client.get(f"{url}/deliveries").text


def test_what_is_still_to_be_delivered_comes_before_closing_the_month(db, month, desk):
    client, url = desk("office"), f"/desk/billing/{month}"
    page = client.get(url).text
    assert page.index("Deliver the invoices") < page.index("<summary>Close the period")
    client.post(f"{url}/prints", 303, once=uuid4().hex)
    # A mail is wanted, and this portal sends none: nothing is left that could be done.
    page = client.get(url).text
    assert "Deliver the invoices" not in page and "<h3>Close the period" in page


def test_a_file_that_is_no_longer_kept_is_made_again_of_the_same_papers(db, month, desk, app, settings):
    client, url = desk("office"), f"/desk/billing/{month}"
    client.post(f"{url}/prints", 303, once=uuid4().hex)
    printing.carry_out(db, settings.data_dir, job(db, "print_run"), renderer(app).papers)
    client.post("/desk/prints/1/posting", 303)
    sent = rows(db)[0].delivered_at
    for path in printing.folder(settings.data_dir).iterdir():
        os.utime(path, (0, 0))
    with db.writing() as session:
        printing.sweep(session, settings.data_dir)
    client.get("/desk/prints/1", 404)
    assert "Make the file again" in client.get(f"{url}/deliveries").text
    client.post("/desk/prints/1/drawing", 303)
    client.post("/desk/prints/1/drawing", 303)
    with db.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "print_run").order_by(Job.id)).all()
    assert len(jobs) == 2
    printing.carry_out(db, settings.data_dir, jobs[1], renderer(app).papers)
    with pikepdf.Pdf.open(BytesIO(client.get("/desk/prints/1").data)) as made:
        assert len(made.pages) == 1
    assert [row.delivered_at for row in rows(db)] == [sent]
    with db.reading() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.thing == "print_run").order_by(AuditEvent.id)).all()
    assert acts == ["invoices_posted", "invoices_reprinted"]


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


def single(session, cast, holder: str, **ways):
    """A separate invoice of somebody, made and delivered: (the invoice, what became of it)."""
    person = session.scalar(select(Person).where(Person.name == holder))
    for name, value in ways.items():
        setattr(person, name, value)
    tenure = session.scalar(select(Tenure).join(Party, Party.tenure_id == Tenure.id).where(Party.person_id == person.id))
    charge = session.scalar(select(ChargeType).where(ChargeType.code == "CARE"))
    by = Actor(None, cast.office, cast.koivu, "office", "office")
    made = separate.invoice(session, tenure, charge, unit_price=1_000_000, by=by)
    return made, delivering.at_once(session, made, mails=True, by=by)


def test_a_separate_invoice_goes_at_once_by_mail_or_waits_for_a_file_of_such_papers(db, cast, month, desk, app, settings):
    with db.writing() as session:
        paper, one = single(session, cast, "Aino")
        _, two = single(session, cast, "Bo")
        _, none = single(session, cast, "Cecilia")
        by = Actor(None, None, cast.koivu, "office", "office")
        assert (one, two, none) == ((0, 1, 0), (1, 0, 0), (0, 0, 0))
        assert delivering.at_once(session, paper, mails=True, by=by) == (0, 0, 0)
        mails = session.scalars(select(Job.payload).where(Job.kind == delivering.KIND)).all()
        assert len(mails) == 2
    client = desk("office")
    assert "Single invoices to print" in client.get("/desk/").text
    shown = client.get("/desk/prints").text
    assert "Aino" in shown and "Bo" not in shown and "Make a file of 1 invoice" in shown
    assert "/desk/prints" in client.get("/desk/invoices").text
    for _again in range(2):
        client.post("/desk/prints", 303, once=uuid4().hex, organisation=cast.koivu)
    with db.reading() as session:
        run = session.scalar(select(PrintRun))
    assert (run.organisation_id, len(run.deliveries)) == (cast.koivu, 1)
    assert "Nothing waits to be printed." in client.get("/desk/prints").text
    printing.carry_out(db, settings.data_dir, job(db, "print_run"), renderer(app).papers)
    with pikepdf.Pdf.open(BytesIO(client.get(f"/desk/prints/{run.id}").data)) as made:
        assert len(made.pages) == 1
    listed = f"/desk/invoices/{paper.id}"
    assert "To be printed and posted" in client.get(listed).text
    client.post(f"/desk/prints/{run.id}/posting", 303)
    assert [row.delivered_at is None for row in rows(db)] == [False, True]
    assert "Posted on" in client.get(listed).text
    # The month does not print it once more.
    assert "Make a file of 1 invoice" in client.get(f"/desk/billing/{month}/deliveries").text


def test_a_mail_that_the_portal_cannot_send_is_left_for_the_month(db, cast, month):
    with db.writing() as session:
        made, _sent = single(session, cast, "Cecilia")
        person = session.scalar(select(Person).where(Person.name == "Cecilia"))
        person.invoice_email, person.email = True, "cecilia@example.org"
        session.flush()
        by = Actor(None, None, cast.koivu, "office", "office")
        assert delivering.at_once(session, made, mails=False, by=by) == (0, 0, 1)
        assert rows_of(session, made) == []
        assert delivering.at_once(session, made, mails=True, by=by) == (1, 0, 0)


def rows_of(session, invoice) -> list:
    return session.scalars(select(InvoiceDelivery).where(InvoiceDelivery.invoice_id == invoice.id)).all()


def test_a_single_paper_for_somebody_under_non_disclosure_is_for_posts_that_see_them(db, cast, month, desk):
    with db.writing() as session:
        single(session, cast, "Aino", non_disclosure=True)
    shown = desk("accountant").get("/desk/prints").text
    assert "Aino" not in shown and "1 more is for somebody whose address you do not see" in shown
    desk("accountant").post("/desk/prints", 303, once="none", organisation=cast.koivu)
    desk("office").post("/desk/prints", 303, once="one", organisation=cast.koivu)
    with db.reading() as session:
        (run,) = session.scalars(select(PrintRun)).all()
    desk("accountant").post(f"/desk/prints/{run.id}/posting", 404)
    desk("board").get("/desk/prints")
    desk("board").post(f"/desk/prints/{run.id}/posting", 404)


def test_a_separate_invoice_made_at_the_desk_says_what_became_of_it(db, cast, month, desk):
    with db.writing() as session:
        charge = session.scalar(select(ChargeType).where(ChargeType.code == "CARE"))
        charge.billed = "separate"
        tenure = session.scalar(select(Party.tenure_id).join(Person, Person.id == Party.person_id).where(Person.name == "Aino"))
    client, url = desk("office"), f"/desk/separate-invoices/{tenure}"
    to = client.post(url, 303, **client.form(url) | {"price": "12", "charge": str(charge.id)}).headers["Location"]
    assert "1 paper waits to be printed." in client.get(to).text


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
