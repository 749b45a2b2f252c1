"""Friendly reminders by mail, and formal demands on paper: two things, neither for accounts in collection."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from blueprints._locale import words
from blueprints.desk import demands
from resident import format as formats
from resident.audit import AuditEvent
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.jobs import Job
from resident.money import by_hand, collecting, demand_run, demanding, payment_reminding
from resident.money.account import Account, Reference
from resident.money.booking import book
from resident.money.demand import Demand
from resident.money.ledger import AccountTotal
from resident.people.person import Person
from tests.invoices.books import account as an_account

TODAY = date(2026, 11, 30)


@pytest.fixture
def account(db, cast):
    with db.writing() as session:
        session.get_one(Person, cast.tenant).notify_email = True
        return an_account(cast, session, cast.tenure_a1, number="1001")


def remind(db, cast, today=TODAY) -> list[tuple[int, str]]:
    """(person, kind) of the mails that it ordered."""
    with db.reading() as session:
        last = session.scalar(select(func.coalesce(func.max(Job.id), 0)))
        koivu = session.get_one(Organisation, cast.koivu)
    payment_reminding.remind(db, koivu, today)
    with db.reading() as session:
        rows = session.scalars(select(Job.payload).where(Job.id > last).order_by(Job.id)).all()
        return [(row["person_id"], row["kind"]) for row in rows]


def test_whoever_pays_is_reminded_once_after_the_due_day_and_never_in_collection(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 1000, date(2026, 11, 1), "rent", due=TODAY - timedelta(days=7))
    assert remind(db, cast, TODAY - timedelta(days=1)) == []
    with db.writing() as session:
        collecting.mark(session, session.get_one(Account, account), "", today=TODAY, by=None)
    assert remind(db, cast) == []
    with db.writing() as session:
        collecting.end(session, session.get_one(Account, account), today=TODAY, by=None)
    assert remind(db, cast) == [(cast.tenant, "payment_late")]
    assert remind(db, cast) == []


def test_many_are_reminded_in_lots_each_once(db, cast, account, monkeypatch):
    monkeypatch.setattr(payment_reminding, "AT_ONCE", 1)
    with db.writing() as session:
        session.get_one(Person, cast.neighbour).notify_email = True
        other = an_account(cast, session, cast.tenure_a2, number="1002")
        for n, to in enumerate((account, account, other)):
            book(session, to, "invoice", 1000, date(2026, 11, 1), f"rent {n}", due=TODAY - timedelta(days=7))
    assert sorted(person for person, _ in remind(db, cast)) == sorted([cast.tenant, cast.neighbour])
    assert remind(db, cast) == []
    with db.reading() as session:
        assert session.scalar(select(func.count()).where(AuditEvent.act == "payment_reminded")) == 2


def test_a_reminder_ahead_is_a_setting_and_credit_needs_none(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 1000, date(2026, 11, 1), "rent", due=TODAY + timedelta(days=3))
    assert remind(db, cast) == []
    with db.writing() as session:
        setting.put(session, cast.koivu, "pay_remind_before", 3)
    assert remind(db, cast, TODAY - timedelta(days=1)) == []
    assert remind(db, cast) == [(cast.tenant, "payment_due")]
    with db.writing() as session:
        book(session, account, "invoice", 1000, date(2026, 11, 2), "more", due=TODAY + timedelta(days=3))
        book(session, account, "payment", -2000, TODAY, "paid")
    assert remind(db, cast) == []


def test_old_debts_are_not_dug_up(db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 1000, date(2020, 1, 1), "old", due=date(2020, 1, 15))
    assert remind(db, cast) == []


def test_a_demand_charges_its_fee_and_keeps_what_it_asked_for(db, cast, account):
    with db.writing() as session:
        row = session.get_one(Account, account)
        with pytest.raises(demanding.NothingOverdue):
            demanding.write(session, row, fee=0, key="none", today=TODAY, by=None)
        book(session, account, "invoice", 50_000, date(2026, 11, 1), "rent", due=date(2026, 11, 10))
        book(session, account, "invoice", 9_000, date(2026, 11, 1), "later", due=date(2026, 12, 10))
        for scheme, value in (("7-3-1", "990019"), ("invoice", "990019017")):
            session.add(Reference(creditor_id=cast.koivu, account_id=account, scheme=scheme, value=value, first=date(2026, 1, 1)))
        session.flush()
        made = demanding.write(session, row, fee=500, key="once", today=TODAY, by=None)
        assert made.facts["reference"] == "990019", "the account's own, not one of a single invoice"
        assert (made.amount, made.due, made.facts["person_id"]) == (50_500, date(2026, 12, 14), cast.tenant)
        assert [item[3] for item in made.facts["items"]] == [50_000]
        assert session.scalar(select(AccountTotal.amount)) == 59_500
        assert [one.demanded for one in demanding.late(session, cast.koivu, TODAY)] == [TODAY]
        collecting.mark(session, row, "", today=TODAY, by=None)
        with pytest.raises(demanding.InCollection):
            demanding.write(session, row, fee=0, key="no", today=TODAY, by=None)


def test_a_fee_over_the_cap_writes_no_letter(db, cast):
    with db.writing() as session:
        row = session.get_one(Account, an_account(cast, session, cast.tenure_t1, cast.tamm, number="7"))
        book(session, row.id, "invoice", 40_000, date(2026, 11, 1), "rent", due=date(2026, 11, 10))
        with pytest.raises(by_hand.OverCap):
            demanding.write(session, row, fee=3_001, key="once", today=TODAY, by=None)
        assert session.scalar(select(func.count()).select_from(Demand)) == 0


def test_the_desk_writes_demands_and_opens_their_paper(client, db, cast, account):
    with db.writing() as session:
        book(session, account, "invoice", 50_000, date(2026, 3, 1), "rent", due=date(2026, 3, 10))
    office = client("office")
    shown = office.get("/desk/demands").text
    assert "1001" in shown and "Pihlajakuja 6 A 1" in shown
    office.post("/desk/demands", 422, once="first-key", fee="5")
    for _again in range(2):
        office.post("/desk/demands", 303, once="second-key", account=str(account), fee="5,00")
    with db.reading() as session:
        (made,) = session.scalars(select(Demand)).all()
    assert "€505.00" in office.get("/desk/demands").text
    paper = office.get(f"/desk/demands/{made.id}/pdf")
    assert paper.mimetype == "application/pdf" and paper.data.startswith(b"%PDF")
    client("board").get(f"/desk/demands/{made.id}/pdf", 404)


@pytest.mark.parametrize(
    ("country", "payee", "account", "reference", "shown"),
    [
        ("FI", {"iban": "FI7944052020036082", "bic": "OKOYFIHH"}, "1001", "1234561", ["FI79 4405", "OKOYFIHH", "12 34561", "1001"]),
        ("PL", {"account": "1" * 26, "bank": "BS"}, "7-01", "73124012341234000000000017", ["73 1240 1234", "BS", "7-01"]),
        ("RU", {"account": "4" * 20, "bic": "049900123"}, "4015001776", "4015001776", ["44444", "049900123", "4015001776"]),
    ],
)
def test_a_demand_says_where_to_pay_as_invoices_do(country, payee, account, reference, shown):
    creditor = Organisation(country=country, name="Payee", payee=payee)
    rows = demands._payment(creditor, account, reference, words("en"), formats.of("en"))
    assert len(rows) == 1 + len(shown)
    assert all(value.startswith(one) for (_what, value), one in zip(rows[1:], shown, strict=True)), rows


def test_many_demands_are_left_to_the_worker_which_writes_each_once(client, db, cast, account, monkeypatch):
    monkeypatch.setattr(demand_run, "AT_ONCE", 2)
    monkeypatch.setattr(demanding, "SHOWN", 2)
    with db.writing() as session:
        whose = (cast.tenure_a2, cast.tenure_former)
        others = [an_account(cast, session, tenure, number=str(2000 + n)) for n, tenure in enumerate(whose)]
        for day, to in enumerate((account, *others), 1):
            book(session, to, "invoice", 50_000, date(2026, 3, day), f"rent {to}", due=date(2026, 3, 10 + day))
    office = client("office")
    first = office.get("/desk/demands").text
    assert "2000" in first and "2001" not in first
    second = office.get(f"/desk/demands?after=2026-03-12:{others[0]}").text
    assert "2001" in second and 'value="1001"' not in second
    office.post("/desk/demands", 303, once="a-key", account=[str(account), *map(str, others)], fee="5")
    with db.writing() as session:
        assert session.scalar(select(func.count()).select_from(Demand)) == 0
        collecting.mark(session, session.get_one(Account, others[1]), "", today=date(2026, 3, 1), by=None)
        job = session.scalar(select(Job).where(Job.kind == demand_run.KIND))
    for _killed_and_begun_anew in range(2):
        assert demand_run.carry_out(db, None, None, job) == "1 refused"
    with db.reading() as session:
        assert sorted(session.scalars(select(Demand.account_id))) == sorted([account, others[0]])
        assert sorted(session.scalars(select(AccountTotal.amount))) == [50_000, 50_500, 50_500]
