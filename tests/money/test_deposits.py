"""Accounts opened by hand, and what a deposit is: received, given back and moved, never owed, in no other balance."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.money import by_hand, opening
from resident.money.account import Account, Reference
from resident.money.ledger import AccountTotal
from resident.moves import orphan
from resident.people.agreement import AgreementTerm
from resident.people.tenure import Tenure
from tests.invoices.books import account as an_account

TODAY = clock.today("Europe/Helsinki")


def test_an_account_is_opened_once_with_its_reference_and_an_event(db, cast):
    with db.writing() as session:
        tenure = session.get_one(Tenure, cast.tenure_a1)
        made = opening.open_account(session, tenure, "deposit", by=None)
        assert session.scalar(select(Reference.scheme).where(Reference.account_id == made.id)) == "7-3-1"
        with pytest.raises(opening.AccountThere) as refused:
            opening.open_account(session, tenure, "deposit", by=None)
        assert refused.value.account_id == made.id
        events = session.execute(select(AuditEvent.thing_id, AuditEvent.facts).where(AuditEvent.act == "account_opened")).all()
        assert events == [(made.id, {"kind": "deposit", "tenure_id": tenure.id})]


def test_nothing_is_owed_on_a_deposit(db, cast):
    with db.writing() as session:
        running = session.get_one(Account, an_account(cast, session, cast.tenure_a1, number="1001"))
        deposit = opening.open_account(session, session.get_one(Tenure, cast.tenure_a1), "deposit", by=None)
        given = {"today": TODAY, "by": None}
        by_hand.correct(session, running, 5_000, TODAY, up=True, text="Damage", key="owed", **given)
        owing = [
            lambda: by_hand.correct(session, deposit, 1, TODAY, up=True, text="x", key="a", **given),
            lambda: by_hand.charge_fee(session, deposit, 1, TODAY, key="b", **given),
            lambda: by_hand.open_with(session, deposit, TODAY, [(1, TODAY)], key="c", **given),
            lambda: by_hand.write_off(session, deposit, 1, TODAY, key="d", **given),
            lambda: by_hand.transfer(session, running, deposit.number, 1, TODAY, debt=True, key="e", **given),
        ]
        for verb in owing:
            with pytest.raises(by_hand.NeverOwed):
                verb()
        # Kept for the damage: credit that goes where the debt is.
        by_hand.receive(session, deposit, 80_000, TODAY, key="f", **given)
        by_hand.transfer(session, deposit, "1001", 5_000, TODAY, debt=False, key="g", **given)
        totals = dict(session.execute(select(AccountTotal.account_id, AccountTotal.amount)).all())
        assert (totals[deposit.id], totals[running.id]) == (-75_000, 0)


def test_a_deposit_received_ahead_does_not_hold_a_tenures_days(db, cast):
    with db.writing() as session:
        tenure = session.get_one(Tenure, cast.tenure_a1)
        deposit = opening.open_account(session, tenure, "deposit", by=None)
        by_hand.receive(session, deposit, 1, tenure.first, key="k", today=TODAY, by=None)
        assert orphan.of_tenure(session, tenure, tenure.first + timedelta(days=1), None) == []


def test_the_desk_opens_a_deposit_and_books_it_and_the_resident_sees_it_apart(client, db, cast):
    office = client("office")
    page = f"/desk/accounts/tenures/{cast.tenure_a1}"
    with db.writing() as session:
        for first, agreed in ((date(2024, 1, 1), 90_000), (date(2025, 1, 1), None)):
            session.add(AgreementTerm(tenure_id=cast.tenure_a1, first=first, deposit=agreed, rent=1))
    assert "agreed: €900.00" in office.get(page).text
    assert page in office.get(f"/desk/homes/{cast.unit_a1}").text
    assert "No billing account." in office.get(page).text
    for _again in range(2):
        to = office.post(page, 303, once="open-it", kind="deposit").headers["Location"]
    shown = office.get(to).text
    assert "Book a deposit received" in shown and "Write a debt off" not in shown and "in collection" not in shown
    office.get(f"{to}/bookings/new?kind=fee", 404)
    for key, kind, amount in (("one", "payment", "900"), ("two", "refund", "150,50")):
        given = {"kind": kind, "amount": amount, "day": TODAY.isoformat(), "text": "Bank"}
        office.post(f"{to}/bookings", 303, once=key, sure="yes", **given)
    assert "Open it" in office.get(page).text and "€749.50" in office.get(page).text
    tenant = client("tenant")
    seen = tenant.get("/invoices/account").text
    assert "Deposit held" in seen and "€749.50" in seen and "Deposit returned" in seen
    assert "749" not in tenant.get("/invoices").text


def test_whoever_only_looks_opens_nothing_and_others_find_nothing(client, cast, db):
    page = f"/desk/accounts/tenures/{cast.tenure_a1}"
    assert "Open it" not in client("control").get(page).text
    client("control").post(page, 404, once="k", kind="deposit")
    for name in ("tenant", "caretaker", "board"):
        client(name).get(page, 404)
    client("accountant").post(page, 400, once="k", kind="other")
    client("accountant").post(page, 303, once="k", kind="fund")
    with db.reading() as session:
        assert session.scalars(select(Account.kind)).all() == ["fund"]


def test_a_deposit_that_was_not_returned_is_read_after_the_tenure(client, db, cast):
    with db.writing() as session:
        deposit = opening.open_account(session, session.get_one(Tenure, cast.tenure_former), "deposit", by=None)
        by_hand.receive(session, deposit, 70_000, date(2016, 1, 4), key="k", today=TODAY, by=None)
    assert "€700.00" in client("former").get("/invoices/account?year=2016").text
