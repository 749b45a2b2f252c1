"""The portal with three providers of payment pages on loopback, a home with open invoices, and a payer."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.money.ledger import Entry
from resident.paying.intent import PaymentIntent
from resident.settings import load
from tests.client import Client
from tests.invoices import books
from tests.paying import standin


@pytest.fixture(scope="session")
def _vendors():
    with standin.served() as found:
        yield found


@pytest.fixture
def vendors(_vendors):
    """The three, without a payment and without a fault before and after."""
    _vendors.clear()
    yield _vendors
    refused, fault = list(_vendors.refused), _vendors.fault
    _vendors.clear()
    assert fault or not refused, refused


@pytest.fixture
def settings(url, tmp_path, vendors):
    return load(
        {
            "RESIDENT_DATA_DIR": str(tmp_path / "var"),
            "RESIDENT_DATABASE_URL": url,
            "RESIDENT_PAYMENTS": vendors.configuration(),
        }
    )


class Payer(Client):
    """Pays what the tenant of Pihlajakuja 6 A 1 owes: two invoices of 612,40, the older one overdue."""

    def __init__(self, app, cast, vendors):
        super().__init__(app, "tenant")
        self.db, self.vendors = cast.db, vendors
        today = clock.today("Europe/Helsinki")
        with cast.db.writing() as session:
            self.account = books.account(cast, session, cast.tenure_a1, number="1001")
            for due in (today - timedelta(days=9), today + timedelta(days=9)):
                books.invoice(cast, session, self.account, due - timedelta(days=20), due)

    def go(self, way: str, amount: str = "100,00", once: str = "k1", status: int = 303, **given):
        """Sets out to pay; the vendor's payment, or the answer when there is none."""
        answer = self.post("/invoices/pay", status, once=once, account=self.account, way=way, sum=amount, **given)
        to_vendor = answer.headers.get("Location", "").startswith(self.vendors.address)
        return self.vendors.last if to_vendor else answer

    def call(self, payment: standin.Payment, status: int = 200, **changed) -> None:
        """The vendor's own word arrives."""
        given = payment.callback(**changed)
        path = given.pop("path") or f"/paying/{payment.vendor}/callback"
        answer = self.app.test_client().open(path, **given)
        assert answer.status_code == status, (answer.status_code, answer.text)

    def come_back(self, payment: standin.Payment, **changed):
        """The browser comes back; the page that it is led to."""
        answer = self.get(standin.query(payment.back(**changed)), 303)
        return self.get(answer.headers["Location"])

    def intents(self) -> list[tuple]:
        with self.db.reading() as session:
            return session.execute(
                select(PaymentIntent.state, PaymentIntent.trouble, PaymentIntent.receipt).order_by(PaymentIntent.id)
            ).all()

    def booked(self) -> list[tuple]:
        """(amount, cause) of the payments in the ledger."""
        with self.db.reading() as session:
            paid = select(Entry.amount, Entry.cause).where(Entry.kind == "payment").order_by(Entry.id)
            return [tuple(row) for row in session.execute(paid)]


@pytest.fixture
def payer(app, cast, vendors):
    return Payer(app, cast, vendors)
