"""What was worked out beforehand goes in as it would have gone in row by row, or not at all."""

import threading
from datetime import date

import pytest
from sqlalchemy import func, select, update

from resident import audit, clock
from resident.exchange import guard, pouring
from resident.exchange.importing import Import
from resident.homes.organisation import Organisation
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money import balances
from resident.money.account import Account
from resident.money.invoice import Invoice
from resident.money.ledger import AccountTotal, Entry, OpenItem, Settlement
from resident.people.person import Person, PersonWord
from tests.exchange import books

MARCH = {
    "invoices": [
        {"invoice": "V-3", "tenure": "T1", "month": "2026-03", "issued": date(2026, 3, 5), "due": date(2026, 3, 20), "total": 650}
    ],
    "lines": [{"invoice": "V-3", "text": "Vuokra", "amount": 650}],
    "payments": [{"payment": "P-3", "reference": "1009", "day": date(2026, 3, 19), "amount": 900}],
}  # fmt: skip


def scalar(db, statement):
    with db.reading() as session:
        return session.scalar(statement)


def test_new_money_on_old_accounts_settles_and_adds_up_as_if_it_had_come_one_by_one(house):
    house.load(books.register())
    settled = scalar(house.db, select(func.count()).select_from(Settlement))
    came = house.load(MARCH)
    assert (came["invoices"], came["payments"]) == ((1, 0, 0, 0), (1, 0, 0, 0))
    with house.db.reading() as session:
        account = session.scalar(select(Invoice.account_id).where(Invoice.foreign_number == "V-3"))
        owed = session.scalar(select(func.sum(Entry.amount)).where(Entry.account_id == account))
        assert session.scalar(select(AccountTotal.amount).where(AccountTotal.account_id == account)) == owed
        rest = session.scalar(select(func.coalesce(func.sum(OpenItem.amount), 0)).where(OpenItem.account_id == account))
        assert rest == max(owed, 0)
        assert session.scalar(select(func.count()).select_from(Settlement)) > settled
        invoice = session.scalar(select(Invoice.id).where(Invoice.foreign_number == "V-3"))
        assert session.scalar(select(Entry.account_id).where(Entry.cause == f"invoice:{invoice}")) == account
        assert list(balances.check(session)) == []
    assert house.load(MARCH)["payments"] == (0, 0, 1, 0)


def test_no_provisional_id_is_left_anywhere(house):
    house.load(books.register())
    with house.db.reading() as session:
        for thing in (Person, Account, Reading, Invoice, Entry, Settlement):
            assert (session.scalar(select(func.max(thing.id))) or 0) < 1000
        assert all(invoice["person_id"] < 1000 for invoice in session.scalars(select(Invoice.addressee)))
        assert not session.scalar(select(Entry.id).where(Entry.cause.contains("10995")))


def test_a_renamed_person_is_found_by_the_new_name_only(house):
    house.load(books.register())
    house.load({"persons": [{"person": "H1", "name": "Liisa Vaahtera"}]})
    found = {
        word: scalar(house.db, select(PersonWord.person_id).where(PersonWord.word == word)) for word in ("vaahtera", "kastanja")
    }
    assert found["vaahtera"] and not found["kastanja"]


class Meanwhile:
    """Does something once, while an import is under way: when it settles, after all was checked."""

    def __init__(self, db, do):
        self.db, self.do, self.times = db, do, 0

    def __call__(self, step, _sheet, _rows):
        if step == "settle":
            self.times += 1
            if self.times == 1:
                with self.db.writing() as session:
                    self.do(session)


def carried(house, tmp_path, sheets, do) -> Meanwhile:
    meanwhile = Meanwhile(house.db, do)
    with Import(books.write(tmp_path / "r.xlsx", sheets), tmp_path / "scratch", guard.WEB, meanwhile) as task:
        task.read()
        house.outcome = task.carry_out(house.db, house.organisation)
    return meanwhile


def counter(session) -> int:
    return session.scalar(select(Register.id).join(Meter).where(Meter.serial == "21-1"))


def sent(day: date, value: int):
    """A resident sends a reading."""

    def send(session):
        session.add(Reading(register_id=counter(session), day=day, value=value, source="resident", at=clock.now()))

    return send


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("value", "good"), [(500_000_000, True), (413_000_000, False)])
def test_a_reading_sent_meanwhile_is_checked_against_and_a_good_one_disturbs_nothing(house, tmp_path, value, good):
    house.load(books.register())
    sheets = books.register()
    sheets["readings"].append({"medium": "cold_water", "serial": "21-1", "day": date(2026, 3, 31), "value": 420})
    carried(house, tmp_path, sheets, sent(date(2026, 4, 1), value))
    assert bool(house.outcome.errors) == (not good), "a contradiction is found when it is checked anew"
    assert scalar(house.db, select(func.count()).select_from(Reading)) == (5 if good else 4)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_person_changed_meanwhile_is_not_overwritten_by_what_was_worked_out_before(house, tmp_path):
    house.load(books.register())

    def change(session):
        session.execute(update(Person).where(Person.external_key == "H1").values(phone="1", version=7))
        audit.record(session, "person_changed", organisation_id=house.id)

    sheets = books.register()
    sheets["persons"][0]["name"] = "Liisa Vaahtera"
    assert carried(house, tmp_path, sheets, change).times == 2, "checked anew"
    with house.db.reading() as session:
        person = session.scalar(select(Person).where(Person.external_key == "H1"))
    assert (person.name, person.version) == ("Liisa Vaahtera", 8)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_happens_to_others_disturbs_nothing(house, tmp_path):
    def change(session):
        other = Organisation(
            slug="other", name="Other", legal_form="rental", country="FI", currency="EUR", tz="Europe/Helsinki", languages="fi",
            payee={},
        )  # fmt: skip
        session.add(other)
        session.flush()
        session.add(Person(organisation_id=other.id, name="Somebody Else", search_key="somebody else", kind="natural"))
        audit.record(session, "person_changed", organisation_id=other.id)

    assert carried(house, tmp_path, books.register(), change).times == 1
    with house.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 3, "and ids do not clash"
        assert list(balances.check(session)) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_when_pouring_fails_nothing_is_in_and_others_can_write(house, tmp_path, monkeypatch):
    """The last step breaks: all that was copied before it goes."""

    def broken(*_):
        raise OSError("pulled the plug")

    monkeypatch.setattr(pouring, "_replace", broken)
    with pytest.raises(OSError, match="plug"):
        house.load(books.register())
    assert scalar(house.db, select(func.count()).select_from(Reading)) == 0
    assert list((tmp_path / "scratch").iterdir()) == []
    monkeypatch.undo()
    assert house.load(books.register())["readings"] == (3, 0, 0, 0)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_while_rows_are_checked_others_write(house, tmp_path):
    """At every step before the last, another thread gets the lock at once."""
    steps, waited = set(), []

    def progress(step, _sheet, _rows):
        if step in steps or step == "write":
            return
        steps.add(step)
        written = threading.Event()

        def write():
            with house.db.writing() as session:
                session.execute(update(Organisation).values(phone=step))
            written.set()

        threading.Thread(target=write).start()
        waited.append(written.wait(2))

    with Import(books.write(tmp_path / "r.xlsx", books.register()), tmp_path / "scratch", guard.WEB, progress) as task:
        task.read()
        task.carry_out(house.db, house.organisation)
    assert {"read", "settle"} <= steps and all(waited)
