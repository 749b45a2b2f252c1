"""Pages about a billing account with ten years of monthly entries beside one with a single year, on SQLite. The bar is 1.15.

Both show as much: a year, or a page of the statement. A month has an invoice, three payments and a fee.
"""

import tempfile
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import update

from app import create_app
from resident import clock, schema
from resident.money.booking import Booking, book_all, refresh
from resident.money.interest import DAY
from resident.month import months_on
from resident.people.tenure import Holding, Party, Tenure
from resident.settings import load
from tests.cast import LONG_AGO, Cast
from tests.client import Client
from tests.invoices.books import account, invoice
from tests.invoices.many import measured

YEARS, BAR = 10, 1.15


def _month(session, cast, to: int, first: date) -> None:
    invoice(cast, session, to, first, first + timedelta(days=14), 50_000)
    paid = [Booking(to, "payment", -16_700, first + n * DAY, f"bench:{to}:{first}:{n}") for n in (5, 9, 12)]
    book_all(session, [*paid, Booking(to, "fee", 100, first + 3 * DAY, f"bench:{to}:{first}:fee", due=first + 14 * DAY)])


def _fill(db, cast: Cast, tenure: int, number: str, months: int) -> int:
    with db.writing() as session:
        for thing in (Tenure, Holding, Party):
            session.execute(
                update(thing).where((thing.id if thing is Tenure else thing.tenure_id) == tenure).values(first=LONG_AGO)
            )
        to = account(cast, session, tenure, number=number)
        today = clock.today("Europe/Helsinki")
        for back in range(months, 0, -1):
            _month(session, cast, to, months_on(today, -back))
        refresh(session, [to])
    return to


def run() -> bool:
    good = True
    with tempfile.TemporaryDirectory(prefix="resident-ledger-") as made:
        app = create_app(load({"RESIDENT_DATA_DIR": str(Path(made))}))
        db = app.extensions["resident.db"]
        schema.upgrade(db)
        cast = Cast(db)
        young, old = _fill(db, cast, cast.tenure_a2, "1002", 12), _fill(db, cast, cast.tenure_a1, "1001", 12 * YEARS)
        near, far, office = Client(app, "neighbour"), Client(app, "tenant"), Client(app, "office")
        pages = [(name, (near, url), (far, url)) for name, url in PAGES.items()]
        pages.append(("statement", (office, f"/desk/accounts/{young}"), (office, f"/desk/accounts/{old}")))
        for name, one, ten in pages:
            short, long = measured(lambda who: who[0].get(who[1]), one, ten)
            good &= long / short <= BAR
            print(f"ledger    {name:10} {YEARS} years take {long / short:4.2f} × one year, bar ≤ {BAR}")
    return good


PAGES = {
    "invoices": "/invoices",
    "account": "/invoices/account",
    "interest": "/invoices/interest",
    "what if": "/invoices/what-if?amount=100",
}
