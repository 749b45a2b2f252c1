"""Books for the cast: accounts, invoices with lines, payments."""

from datetime import date, timedelta

from sqlalchemy import select, update

from resident.money.account import Account
from resident.money.booking import Booking, book, book_all, refresh
from resident.money.invoice import Invoice, InvoiceLine, Series

SCALE = 1_000_000


def account(cast, session, tenure: int, creditor: int | None = None, **given) -> int:
    creditor = creditor or cast.koivu
    found = session.scalar(select(Account.id).where(Account.tenure_id == tenure, Account.creditor_id == creditor))
    return found or cast.add(session, Account(creditor_id=creditor, tenure_id=tenure, currency="EUR", **given))


def invoice(
    cast,
    session,
    account_id: int,
    issued: date,
    due: date,
    total: int = 61240,
    *,
    creditor=None,
    lines=None,
    moved=None,
    booked=True,
    **given,
) -> int:
    """An invoice of our own series with its lines, booked in the ledger unless booked is False. moved: the last day to pay,
    if not the due day."""
    creditor = creditor or cast.koivu
    series = session.scalar(select(Series).where(Series.creditor_id == creditor, Series.year == issued.year))
    if series is None:
        series = Series(creditor_id=creditor, year=issued.year)
        session.add(series)
        session.flush()
    facts = {
        "creditor_id": creditor, "account_id": account_id, "series_id": series.id, "number": series.next, "kind": "period",
        "month": f"{issued:%Y-%m}", "issued": issued, "due": due, "total": total, "currency": "EUR", "language": "fi",
        "addressee": {"name": "Aino Virta", "home": "Pihlajakuja 6 A 1", "person_id": cast.tenant}, "reference": "1234561",
    }  # fmt: skip
    made = cast.add(session, Invoice(**{**facts, **given}))
    session.execute(update(Series).where(Series.id == series.id).values(next=series.next + 1))
    session.refresh(series)
    for place, line in enumerate(lines or [("Vuokra", None, None, None, total)], 1):
        text, quantity, measure, price, amount = line
        row = InvoiceLine(
            invoice_id=made, position=place, text=text, quantity=quantity, measure=measure, unit_price=price, amount=amount
        )
        session.add(row)
    session.flush()
    if total > 0 and booked:
        book(session, account_id, "invoice", total, issued, f"invoice:{made}", due=due, effective_due=moved, invoice_id=made)
    return made


def pay(session, account_id: int, amount: int, day: date, n: int) -> None:
    book(session, account_id, "payment", -amount, day, f"payment:{account_id}:{n}")


def two_years(cast, db, tenure: int, today: date, unpaid: int = 2) -> list[int]:
    """Twenty-four monthly invoices, the last `unpaid` of them open; the newest is due in nine days."""
    made, books = [], []
    with db.writing() as session:
        to = account(cast, session, tenure, number="1001")
        for back in range(23, -1, -1):
            due = today + timedelta(days=9) - timedelta(days=30 * back)
            issued = due - timedelta(days=20)
            made.append(invoice(cast, session, to, issued, due, booked=False))
            books.append(Booking(to, "invoice", 61240, issued, f"invoice:{made[-1]}", due=due, invoice_id=made[-1]))
            if back >= unpaid:
                books.append(Booking(to, "payment", -61240, due - timedelta(days=1), f"payment:{to}:{back}"))
        book_all(session, books)
        refresh(session, [to])
    return made
