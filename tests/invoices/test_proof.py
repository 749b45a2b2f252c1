"""The proof of the money: the worker makes it, the desk reads it in words, each organisation its own (B18)."""

from sqlalchemy import select, update

from resident import clock
from resident.access import Actor
from resident.banking import proving
from resident.charging import proof
from resident.money.booking import reverse
from resident.money.ledger import AccountTotal, Entry
from resident.paying.intent import PaymentIntent


def test_it_is_asked_for_made_and_read_with_a_way_to_what_is_wrong(client, cast, db, made):
    control = client("control")
    assert "It has not been checked yet." in control.get("/desk/proof").text
    control.post("/desk/proof", status=303)
    control.post("/desk/proof", status=303)
    assert proof.look(db) == 1 and proof.look(db) == 0
    text = control.get("/desk/proof").text
    assert "Everything holds." in text and text.count("tag done") == 5
    with db.writing() as session:
        account = session.scalar(select(AccountTotal.account_id))
        session.execute(update(AccountTotal).where(AccountTotal.account_id == account).values(amount=AccountTotal.amount + 1))
        proof.ask(session, by=accountant(cast))
    assert proof.look(db) == 1
    text = control.get("/desk/proof").text
    assert "2 things do not hold." in text and f"/desk/accounts/{account}" in text
    assert "Everything holds." in client("board").get("/desk/proof").text, "another organisation's auditor reads of its own"


def accountant(cast) -> Actor:
    return Actor(cast.logins["accountant"], cast.accountant, cast.koivu, "accountant", "accountant")


def test_a_payment_in_the_portal_that_is_booked_otherwise_is_found(cast, db, made, today):
    with db.writing() as session:
        entry = session.scalar(select(Entry).where(Entry.kind == "payment").limit(1))
        about = {"creditor_id": cast.koivu, "account_id": entry.account_id, "provider": "bank", "currency": "EUR", "state": "paid"}
        now = clock.now()
        intent = PaymentIntent(**about, entry_id=entry.id, token="a", amount=-entry.amount, made_at=now, asked_at=now)
        session.add(intent)
        session.flush()
        assert proving.check(session) == []
        intent.amount += 1
        session.flush()
        assert [finding.what for finding in proving.check(session)] == ["portal_payment"]
        intent.amount -= 1
        reverse(session, entry, None)
        assert [finding.what for finding in proving.check(session)] == ["portal_payment"], "it was taken back, and is believed"
