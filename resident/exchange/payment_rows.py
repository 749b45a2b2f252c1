"""Rows of payments. Each leads to an account by its tenure, its account number or its reference, never by a name (rule
31), and is known by its own key, or else by account, day, sum, reference and how many the like came before it."""

from collections import Counter

from sqlalchemy import select

from ..money import booking
from ..money.ledger import Entry
from . import reference
from .registering import Registering, chunked
from .staging import day
from .tenure_rows import Tenures

CHUNK = 1000


class Payments:
    def __init__(self, run: Registering, tenures: Tenures):
        self.run, self.tenures = run, tenures
        self.touched: set[int] = set()
        self._alike: Counter = Counter()

    def read(self) -> None:
        run, before = self.run, None
        for rows in chunked(run.rows("payments", "payment, n"), CHUNK):
            wanted = []
            for row in rows:
                if before is not None and row["payment"] and row["payment"] == before["payment"]:
                    run.trouble("payments", row, "payment", "Doubled", key=row["payment"], row=before["row"])
                    continue
                before = row
                account_id = None if row["bad"] else self._account(row)
                if account_id is not None and self._fits(row):
                    wanted.append((row, account_id, self._cause(row, account_id)))
            self._book(wanted)

    def _account(self, row) -> int | None:
        """Every way that the row gives must lead to the same account."""
        run, tenures, found = self.run, self.tenures, set()
        if row["tenure"]:
            tenure_id = tenures.tenure("payments", row)
            if tenure_id is None:
                return None
            found.add(tenures.account(tenure_id))
        for column, known, value in (
            ("account", tenures.by_number, row["account"]),
            ("reference", tenures.by_reference, row["reference"] and reference.read(row["reference"], run.organisation.country)[1]),
        ):
            if row[column] and value not in known:
                if found and column == "reference":
                    # The payer's own reference, beside a tenure or account that says where it belongs.
                    continue
                run.trouble("payments", row, column, "Unknown", key=row[column], sheet="tenures")
                return None
            if row[column]:
                found.add(known[value])
        if len(found) != 1:
            run.trouble("payments", row, "tenure", "AccountsDiffer" if found else "AccountMissing")
            return None
        return found.pop()

    def _fits(self, row) -> bool:
        if row["amount"] == 0:
            self.run.trouble("payments", row, "amount", "NothingPaid")
        elif day(row["day"]) > self.run.today:
            self.run.trouble("payments", row, "day", "InTheFuture")
        else:
            return True
        return False

    def _cause(self, row, account_id: int) -> str:
        own = self.run.organisation.id
        if row["payment"]:
            return f"payment:{own}:{row['payment']}"
        alike = f"{account_id}:{day(row['day'])}:{row['amount']}:{row['reference'] or ''}"
        self._alike[hash(alike)] += 1
        return f"payment:{own}:~{alike}:{self._alike[hash(alike)]}"

    def _book(self, wanted: list[tuple]) -> None:
        run = self.run
        causes = [cause for _, _, cause in wanted]
        known = {
            cause: rest
            for cause, *rest in run.session.execute(
                select(Entry.cause, Entry.account_id, Entry.amount, Entry.value_day).where(Entry.cause.in_(causes))
            )
        }
        bookings = []
        for row, account_id, cause in wanted:
            # The sheet says what was paid; the ledger counts what is owed.
            values = [account_id, -row["amount"], day(row["day"])]
            if cause not in known:
                run.count("payments", "new")
                bookings.append(booking.Booking(*values[:1], "payment", *values[1:], cause, text=row["text"]))
            elif known[cause] == values:
                run.count("payments", "unchanged")
            else:
                run.trouble(
                    "payments",
                    row,
                    "payment",
                    "PaymentBooked",
                    key=row["payment"],
                    amount=-known[cause][1],
                    day=str(known[cause][2]),
                )
        if run.writing:
            run.flush()
            booking.book_all(run.session, bookings, by=run.by)
            self.touched.update(item.account_id for item in bookings)
