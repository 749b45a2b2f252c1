"""Homes by day: before signing, signed, in force, ended with something open, settled; for oneself and for others."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from resident import clock
from resident.audit import AuditEvent
from resident.homes import setting
from resident.money.invoice import Invoice
from resident.people import representation, residence
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure
from resident.talk.case import Case
from tests.invoices.books import account, invoice, pay


@pytest.fixture
def today():
    return clock.today("Europe/Helsinki")


@pytest.fixture
def moved_out(db, cast, today):
    """tenant's tenure of A 1 ended yesterday; an invoice of ten days ago is open."""
    with db.writing() as session:
        session.execute(update(Tenure).where(Tenure.id == cast.tenure_a1).values(last=today - timedelta(days=1)))
        to = account(cast, session, cast.tenure_a1, number="1001")
        return invoice(cast, session, to, today - timedelta(days=10), today + timedelta(days=9))


def states(db, login):
    with db.reading() as session:
        return [(home.state, sorted(home.rights)) for home in residence.of_login(session, login)]


def settle(db, invoice_id, today):
    with db.writing() as session:
        bill = session.get(Invoice, invoice_id)
        pay(session, bill.account_id, bill.total, today, 1)


def test_a_home_opens_on_its_first_day_and_shuts_after_its_last(db, cast, today, later):
    assert states(db, cast.logins["coming"]) == [("coming", ["agreement", "household", "invoices", "readings", "talk"])]
    later(days=20)
    assert [state for state, _ in states(db, cast.logins["coming"])] == ["in_force"]
    with db.writing() as session:
        session.execute(update(Party).where(Party.id == cast.party_coming).values(last=today + timedelta(days=30)))
    later(days=30)
    assert [state for state, _ in states(db, cast.logins["coming"])] == ["in_force"]
    later(days=31)
    assert states(db, cast.logins["coming"]) == []


def test_who_joins_a_tenure_that_runs_is_registered_before_the_first_day(db, cast, today):
    with db.writing() as session:
        session.execute(update(Tenure).where(Tenure.id == cast.tenure_a1).values(signed=None))
        session.execute(update(Party).where(Party.id == cast.party_occupant).values(first=today + timedelta(days=3)))
    assert [state for state, _ in states(db, cast.logins["occupant"])] == ["coming"]


def test_after_the_tenure_only_money_is_left_until_it_is_settled(db, cast, moved_out, today):
    assert states(db, cast.logins["tenant"]) == [("after", ["invoices"])]
    assert states(db, cast.logins["occupant"]) == [], "an occupant had no right to the money"
    settle(db, moved_out, today)
    assert states(db, cast.logins["tenant"]) == []


def test_the_room_after_a_tenure_reads_and_pays_and_nothing_else(client, moved_out):
    tenant = client("tenant")
    home = tenant.get("/").text
    assert "ended on" in home and "/readings" not in home and "/faults" not in home
    assert str(moved_out) in tenant.get("/invoices").text
    tenant.get(f"/invoices/{moved_out}")
    tenant.get("/invoices/payments")
    for url in ("/readings", "/faults", "/messages", "/faults/new", "/agreement"):
        assert tenant.get(url, status=None).status_code in (403, 404), url


def test_who_left_a_tenure_that_goes_on_sees_what_was_billed_until_then(db, cast, client, today):
    with db.writing() as session:
        to = account(cast, session, cast.tenure_t1, cast.tamm, number="2001")
        mine = invoice(cast, session, to, today - timedelta(days=30), today - timedelta(days=5), creditor=cast.tamm)
        later_one = invoice(cast, session, to, today - timedelta(days=2), today + timedelta(days=20), creditor=cast.tamm)
        session.execute(update(Party).where(Party.id == cast.party_coowner).values(last=today - timedelta(days=10)))
    coowner = client("coowner")
    coowner.get(f"/invoices/{mine}")
    coowner.get(f"/invoices/{later_one}", status=404)
    assert f"/invoices/{later_one}" not in coowner.get("/invoices").text
    settle(db, mine, today)
    assert states(db, cast.logins["coowner"]) == [], "the later invoice is not theirs"


def test_a_settled_former_holder_finds_nothing_and_reads_whom_to_ask(client):
    former = client("former")
    text = former.get("/").text
    assert "There is no home in your name" in text and "010 555 0140" in text
    for url in ("/readings", "/invoices", "/messages", "/faults", "/homes", "/agreement"):
        former.get(url, status=404)


def test_who_moved_inside_the_house_has_the_new_home_first_and_the_old_one_beside(db, cast, client, moved_out, today):
    with db.writing() as session:
        session.add(Party(tenure_id=cast.tenure_a2, person_id=cast.tenant, role="co_owner", first=today - timedelta(days=1)))
    assert sorted(state for state, _ in states(db, cast.logins["tenant"])) == ["after", "in_force"]
    tenant = client("tenant")
    assert "A 2" in tenant.get("/").text.split("<h1>")[1].split("</h1>")[0]
    assert "A 1" in tenant.get("/homes").text


# ---- Rights --------------------------------------------------------------------------------------------------------


def test_a_partys_own_rights_go_before_its_roles_and_the_setting_before_the_country(db, cast, today):
    assert dict.fromkeys(["readings", "talk"]).keys() == set(states(db, cast.logins["occupant"])[0][1])
    with db.writing() as session:
        setting.put(session, cast.koivu, "rights", {"primary": ["invoices"], "occupant": ["readings", "invoices"]})
        setting.put(session, cast.koivu, "rights", {"occupant": []}, today + timedelta(days=1))
    assert states(db, cast.logins["occupant"]) == [("in_force", ["invoices", "readings"])]
    with db.writing() as session:
        session.execute(update(Party).where(Party.id == cast.party_occupant).values(rights=["talk"]))
    assert states(db, cast.logins["occupant"]) == [("in_force", ["talk"])]
    assert "invoices" in states(db, cast.logins["lodger"])[0][1], "in Estonia an occupant reads invoices"


def test_a_letter_to_the_home_opens_less_until_the_identity_was_checked(db, cast, client):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(delivered_only=True))
    assert states(db, cast.logins["tenant"]) == [("in_force", ["readings", "talk"])]
    tenant = client("tenant")
    assert "Some things open after an identity check" in tenant.get("/").text
    tenant.get("/invoices", status=403)
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.tenant).values(delivered_only=False))
    assert "identity check" not in tenant.get("/").text
    tenant.get("/invoices")


# ---- Acting for others ---------------------------------------------------------------------------------------------


@pytest.fixture
def company(db, cast, today):
    """Koivu Oy, a company, holds B 10 beside two_homes; neighbour acts for it."""
    with db.writing() as session:
        cast._session = session
        cast.company = cast.person(cast.koivu, "Salon Kioski Oy", kind="legal")
        cast.party_company = cast.party(cast.tenure_b10, cast.company, "primary", today - timedelta(days=100))
        row = representation.add(
            session,
            session.get(Person, cast.company),
            session.get(Person, cast.neighbour),
            "company",
            today - timedelta(days=50),
            by=None,
        )
        return row.id


def test_who_represents_has_the_homes_of_whom_they_represent_until_the_last_day(db, cast, client, company, today, later):
    neighbour = client("neighbour")
    listed = neighbour.get("/homes").text
    assert "B 10" in listed and "Salon Kioski Oy" in listed
    with db.writing() as session:
        representation.end(session, session.get(representation.Representation, company), today, by=None, today=today)
    assert "B 10" in neighbour.get("/homes").text
    later(days=1)
    assert "B 10" not in neighbour.get("/").text
    assert len(states(db, cast.logins["neighbour"])) == 1


def test_what_is_done_for_another_is_the_representatives_act_and_the_others_thing(db, cast, client, company):
    neighbour = client("neighbour")
    neighbour.post("/homes/choice", status=303, party_id=cast.party_company)
    assert "For Salon Kioski Oy" in neighbour.get("/").text
    form = neighbour.form("/faults/new") | {"category": "water", "text": "The tap drips", "entry": "yes", "where": "home"}
    neighbour.post("/faults", status=303, **form)
    with db.reading() as session:
        case = session.scalars(select(Case)).one()
        assert (case.person_id, case.tenure_id) == (cast.company, cast.tenure_b10)
        act = session.scalars(select(AuditEvent).where(AuditEvent.act == "case_opened")).one()
        assert (act.person_id, act.login_id) == (cast.neighbour, cast.logins["neighbour"])
    neighbour.get(f"/faults/{case.id}")
    # Their own details stay theirs.
    assert "Niilo Salo" in neighbour.get("/details").text


def test_a_company_has_no_sign_in_and_does_not_act_for_others(db, cast, company, today):
    from resident.people import identifier
    from resident.people.person import NoSignIn

    with db.writing() as session:
        firm, tenant = session.get(Person, cast.company), session.get(Person, cast.tenant)
        with pytest.raises(NoSignIn):
            identifier.give(session, firm)
        for of, who, ground, first, last, field in (
            (tenant, firm, "proxy", today, None, "person"),
            (tenant, tenant, "proxy", today, None, "person"),
            (tenant, session.get(Person, cast.owner), "proxy", today, None, "person"),
            (firm, session.get(Person, cast.neighbour), "proxy", today, None, "person"),
            (tenant, session.get(Person, cast.neighbour), "friend", today, None, "ground"),
            (tenant, session.get(Person, cast.neighbour), "proxy", today, today - timedelta(days=1), "last"),
        ):
            with pytest.raises(representation.BadRepresentation) as refused:
                representation.add(session, of, who, ground, first, last, by=None)
            assert refused.value.field == field


def test_a_holding_that_was_given_back_does_not_double_the_home(db, cast, today):
    with db.writing() as session:
        session.add(Holding(tenure_id=cast.tenure_a1, unit_id=cast.unit_b3, first=date(2020, 1, 1), last=today - timedelta(days=1)))
        to = account(cast, session, cast.tenure_a1, number="1001")
        invoice(cast, session, to, today - timedelta(days=10), today + timedelta(days=9))
    assert [state for state, _ in states(db, cast.logins["tenant"])] == ["in_force"]
