"""Rows of payments, and of other entries. Each leads to an account by its tenure, its account number or its reference, never by a
name (rule 31), and is known by its own key, or else by account, day, sum, reference and how many the like came before it."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from ..money import booking
from ..money.ledger import Entry
from . import reference
from .registering import Registering, chunked
from .staging import day
from .tenure_rows import Tenures

CHUNK = 1000


class Payments:
    SHEET, KEY, BOOKED, SIGN = "payments", "payment", "PaymentBooked", -1

    def __init__(self, run: Registering, tenures: Tenures):
        self.run, self.tenures = run, tenures
        self.touched: set[int] = set()
        self._alike: Counter = Counter()

    def read(self) -> None:
        run, before = self.run, None
        for rows in chunked(run.rows(self.SHEET, f"{self.KEY}, n"), CHUNK):
            wanted = []
            for row in rows:
                if before is not None and row[self.KEY] and row[self.KEY] == before[self.KEY]:
                    run.trouble(self.SHEET, row, self.KEY, "Doubled", key=row[self.KEY], row=before["row"])
                    continue
                before = row
                account_id = None if row["bad"] else self._account(row)
                if account_id is not None and self._fits(row):
                    wanted.append((row, account_id, self._cause(row, account_id)))
            self._book(wanted)

    def _account(self, row) -> int | None:
        """The account that a row leads to; None when it leads to none or to several, or to one that is in trouble itself."""
        found = set(self._ways(row))
        if found & {None, 0}:
            return None
        if len(found) != 1:
            self.run.trouble(self.SHEET, row, "tenure", "AccountsDiffer" if found else "AccountMissing")
            return None
        return found.pop()

    def _ways(self, row) -> Iterator[int | None]:
        """The account by every way that the row gives; None for a way that leads nowhere, which the row is then told."""
        tenures, country = self.tenures, self.run.organisation.country
        if row["tenure"]:
            tenure_id = tenures.tenure(self.SHEET, row)
            yield tenures.account(tenure_id) if tenure_id else None
        if row["account"]:
            yield self._known(row, "account", tenures.by_number.get(row["account"]))
        if row["reference"]:
            id = tenures.by_reference.get(reference.read(row["reference"], country)[1])
            # Beside a tenure or an account a reference that is not known is the payer's own.
            if id is not None or not (row["tenure"] or row["account"]):
                yield self._known(row, "reference", id)

    def _known(self, row, column: str, id: int | None) -> int | None:
        if id is None:
            self.run.trouble(self.SHEET, row, column, "Unknown", key=row[column], sheet="tenures")
        return id

    def _fits(self, row) -> bool:
        if row["amount"] == 0:
            self.run.trouble(self.SHEET, row, "amount", "NothingPaid")
        elif day(row["day"]) > self.run.today:
            self.run.trouble(self.SHEET, row, "day", "InTheFuture")
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
            made = self._booking(row, account_id, cause)
            values = [made.account_id, made.amount, made.value_day]
            if cause not in known:
                run.count(self.SHEET, "new")
                bookings.append(made)
            elif known[cause] == values:
                run.count(self.SHEET, "unchanged")
            else:
                told = {"amount": self.SIGN * known[cause][1], "day": str(known[cause][2])}
                run.trouble(self.SHEET, row, self.KEY, self.BOOKED, key=row[self.KEY], **told)
        if run.writing:
            run.flush()
            booking.book_all(run.into.session, bookings, booked_day=run.today, by=run.by)
            self.touched.update(item.account_id for item in bookings)

    def _booking(self, row, account_id: int, cause: str) -> booking.Booking:
        """The sheet says what was paid; the ledger counts what is owed."""
        return booking.Booking(account_id, "payment", -row["amount"], day(row["day"]), cause, text=row["text"])


class Entries(Payments):
    """What an accounting program has booked beside invoices and payments: opening balances, interest, fees, refunds … Above zero is
    owed by the holder. The entry's own key makes it one, however often it comes."""

    SHEET, KEY, BOOKED, SIGN = "entries", "entry", "EntryBooked", 1

    def _cause(self, row, account_id: int) -> str:
        return f"entry:{self.run.organisation.id}:{row['entry']}"

    def _booking(self, row, account_id: int, cause: str) -> booking.Booking:
        due = day(row["due"]) if row["due"] and row["amount"] > 0 else None
        days = {"due": due, "effective_due": self.run.moved(due or day(row["day"]))}
        return booking.Booking(account_id, row["entry_kind"], row["amount"], day(row["day"]), cause, **days, text=row["text"])
