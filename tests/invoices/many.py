"""Very many invoices, and how long a page of the desk's list takes wherever it stands."""

from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from sqlalchemy import insert, select

from resident.money import balances
from resident.money.account import Account
from resident.money.booking import Booking, book_all
from resident.money.invoice import Invoice
from resident.people.tenure import Tenure

CHUNK = 5000


def fill(db, organisation: int, count: int) -> None:
    """So many invoices of one organisation, over a hundred accounts, by Core; every tenth is open."""
    with db.writing() as session:
        tenures = [{"organisation_id": organisation, "kind": "lease", "first": date(2000, 1, 1)} for _ in range(100)]
        first = session.scalar(select(Tenure.id).order_by(Tenure.id.desc()).limit(1)) or 0
        session.execute(insert(Tenure.__table__), tenures)
        ids = session.scalars(select(Tenure.id).where(Tenure.id > first)).all()
        session.execute(
            insert(Account.__table__),
            [{"creditor_id": organisation, "tenure_id": id, "kind": "running", "currency": "EUR"} for id in ids],
        )
        accounts = session.scalars(select(Account.id).where(Account.tenure_id.in_(ids))).all()
        for start in range(0, count, CHUNK):
            session.execute(insert(Invoice.__table__), [_invoice(organisation, accounts, n) for n in range(start, start + CHUNK)])
        rows = select(Invoice.id, Invoice.account_id, Invoice.issued, Invoice.due).where(Invoice.foreign_number.like("M%"))
        booked = (
            Booking(account, "invoice", 61240, issued, f"many:{id}", due=due, invoice_id=id)
            for id, account, issued, due in session.execute(rows).all()
        )
        book_all(session, booked)
        balances.rebuild(session)


def _invoice(organisation: int, accounts: list[int], n: int) -> dict:
    issued = date(2001, 1, 1) + timedelta(days=n // 12)
    return {
        "creditor_id": organisation, "account_id": accounts[n % len(accounts)], "foreign_number": f"M{n}", "kind": "period",
        "month": f"{issued:%Y-%m}", "issued": issued, "due": issued + timedelta(days=14), "total": 61240, "currency": "EUR",
        "language": "fi", "addressee": {"name": f"Asukas {n}", "home": f"Pihlajakuja 6 A {n % 100}"}, "estimated": False,
    }  # fmt: skip


def key_at(db, organisation: int, place: int) -> str:
    """The value of ?after= that leads to the page behind so many rows."""
    rows = select(Invoice.issued, Invoice.id).where(Invoice.creditor_id == organisation)
    with db.reading() as session:
        issued, id = session.execute(rows.order_by(Invoice.issued.desc(), Invoice.id.desc()).offset(place - 1).limit(1)).one()
    return f"{issued}:{id}"


def measured(get: Callable[[str], object], near: str, far: str, rounds: int = 21) -> tuple[float, float]:
    """Median seconds of two addresses, asked for in turn."""
    times = {near: [], far: []}
    for _ in range(rounds):
        for url, taken in times.items():
            begun = perf_counter()
            get(url)
            taken.append(perf_counter() - begun)
    return median(times[near]), median(times[far])
