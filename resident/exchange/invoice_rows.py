"""Rows of invoices and their lines. A foreign number is kept beside our own series, never in it. What was booked once is
not changed by an import (rule 26): the same again is unchanged, anything else is told.

Both sheets are walked in the order of the invoice number, as one merges two sorted decks of cards.
"""

from datetime import date

from sqlalchemy import select

from ..access import home_label
from ..money import booking
from ..money.invoice import Invoice, InvoiceLine, cause_of
from . import reference
from .person_rows import Parties
from .registering import Registering, chunked
from .staging import day
from .tenure_rows import Tenures

CHUNK = 1000
_LINE = ("text", "quantity", "measure", "unit_price", "amount", "vat_rate", "estimated")


class Invoices:
    def __init__(self, run: Registering, tenures: Tenures, parties: Parties):
        self.run, self.tenures, self.parties = run, tenures, parties
        # Accounts on which something was booked.
        self.touched: set[int] = set()
        self._lines = iter(())
        self._line = None

    def read(self) -> None:
        run = self.run
        self._lines = run.stage.rows("lines", 'invoice, coalesce("position", 1000000000), n')
        self._line = next(self._lines, None)
        if run.writing:
            self._homes = self.tenures.addresses()
        before = None
        for rows in chunked(run.rows("invoices", "invoice, n"), CHUNK):
            self._known = self._there(rows)
            bookings = []
            for row in rows:
                if before is not None and row["invoice"] == before["invoice"]:
                    run.trouble("invoices", row, "invoice", "Doubled", key=row["invoice"], row=before["row"])
                    continue
                before = row
                self._invoice(row, self._lines_of(row["invoice"]), bookings)
            if run.writing:
                run.flush()
                booking.book_all(run.into.session, bookings, booked_day=run.today, by=run.by)
        self._lines_of(None)

    def _there(self, rows: list) -> dict[str, tuple]:
        """number: (id, account, kind, month, issued, due, total, lines) of invoices that are booked."""
        numbers = [row["invoice"] for row in rows]
        columns = (Invoice.id, Invoice.account_id, Invoice.kind, Invoice.month, Invoice.issued, Invoice.due, Invoice.total)
        ours = (Invoice.creditor_id == self.run.organisation.id, Invoice.foreign_number.in_(numbers))
        found = {
            number: (*rest, []) for number, *rest in self.run.session.execute(select(Invoice.foreign_number, *columns).where(*ours))
        }
        by_id = {invoice[0]: invoice[-1] for invoice in found.values()}
        for ids in chunked(by_id, 500):
            lines = select(InvoiceLine.invoice_id, *(getattr(InvoiceLine, name) for name in _LINE)).where(
                InvoiceLine.invoice_id.in_(ids)
            )
            for id, *line in self.run.session.execute(lines.order_by(InvoiceLine.invoice_id, InvoiceLine.position)):
                by_id[id].append(tuple(line))
        return found

    def _lines_of(self, number: str | None) -> list:
        """The lines of an invoice; lines passed on the way belong to no invoice of the workbook. None: pass all the rest."""
        found = []
        while self._line is not None and (number is None or self._line["invoice"] <= number):
            line, self._line = self._line, next(self._lines, None)
            if line["invoice"] == number:
                found.append(line)
            else:
                self.run.trouble("lines", line, "invoice", "Unknown", key=line["invoice"], sheet="invoices")
        return found

    def _invoice(self, row, lines: list, bookings: list) -> None:
        tenure_id = self.tenures.tenure("invoices", row) if not row["bad"] else None
        if tenure_id is None or any(line["bad"] for line in lines):
            return
        account_id = self.tenures.account(tenure_id)
        wanted = (
            account_id, row["invoice_kind"] or "period", row["month"], day(row["issued"]), day(row["due"]), row["total"],
            [_line(line) for line in lines],
        )  # fmt: skip
        known = self._known.get(row["invoice"])
        if known is not None:
            self._compare(row, known, wanted)
        elif self._fits(row, lines):
            self._make(row, lines, tenure_id, wanted, bookings)

    def _compare(self, row, known: tuple, wanted: tuple) -> None:
        """Booked already: the very same, or told."""
        same = known[1:-1] == wanted[:-1] and (known[-1] == wanted[-1] or not self.run.stage.has("lines"))
        if not same:
            self.run.trouble("invoices", row, "invoice", "AlreadyBooked", key=row["invoice"], total=known[6])
            return
        self.run.count("invoices", "unchanged")
        for _ in wanted[-1]:
            self.run.count("lines", "unchanged")

    def _fits(self, row, lines: list) -> bool:
        trouble, total = self.run.trouble, sum(line["amount"] for line in lines)
        positions = [line["position"] for line in lines if line["position"] is not None]
        if not lines:
            trouble("invoices", row, "total", "NoLines", key=row["invoice"])
        elif total != row["total"]:
            trouble("invoices", row, "total", "SumDiffers", total=row["total"], sum=total)
        elif len(positions) != len(set(positions)):
            trouble("invoices", row, "invoice", "PositionsDoubled", key=row["invoice"])
        elif row["due"] < row["issued"]:
            trouble("invoices", row, "due", "DueBeforeIssued")
        elif day(row["issued"]) > self.run.today:
            trouble("invoices", row, "issued", "InTheFuture")
        else:
            return self._speaks(row)
        return False

    def _speaks(self, row) -> bool:
        language = row["invoice_language"]
        if language and language.lower() not in self.run.languages:
            self.run.trouble("invoices", row, "invoice_language", "LanguageNotServed", key=language, languages=self.run.languages)
            return False
        return True

    def _make(self, row, lines: list, tenure_id: int, wanted: tuple, bookings: list) -> None:
        run = self.run
        account_id, kind, month, issued, due, total, _ = wanted
        run.count("invoices", "new")
        for _ in lines:
            run.count("lines", "new")
        if not run.writing:
            return
        id = run.id(Invoice)
        addressee, language = self._addressee(tenure_id, issued)
        run.insert(
            Invoice, id=id, creditor_id=run.organisation.id, account_id=account_id, foreign_number=row["invoice"], kind=kind,
            month=month, issued=issued, due=due, total=total, currency=run.organisation.currency,
            language=(row["invoice_language"] or language).lower(), addressee=addressee,
            reference=self._reference(row["reference"]), estimated=bool(row["estimated"]),
        )  # fmt: skip
        for position, line in enumerate(lines, start=1):
            values = dict(zip(_LINE, _line(line), strict=True))
            run.insert(InvoiceLine, invoice_id=id, position=position, **values)
        self.touched.add(account_id)
        days = {"due": due, "effective_due": run.moved(due)}
        bookings.append(booking.Booking(account_id, "invoice", total, issued, cause_of(id), **days, invoice_id=id))

    def _reference(self, given: str | None) -> str | None:
        return given and (reference.read(given, self.run.organisation.country)[1] or given)

    # Whom an invoice is made out to ----------------------------------------------------------------------------------

    def _addressee(self, tenure_id: int, on: date) -> tuple[dict, str]:
        """The snapshot of rule 28, and the language of the invoice."""
        person_id = self.parties.addressee(tenure_id, on)
        name, language = self.parties.persons.addressed.get(person_id, ("", None))
        number, address, postcode, city = self._homes.get(tenure_id, ("", "", None, None))
        label = home_label(self.run.organisation.country, address, number)
        town = " ".join(part for part in (postcode, city) if part)
        snapshot = {"name": name, "address": f"{label}, {town}" if town else label, "home": label, "person_id": person_id}
        return snapshot, language if language in self.run.languages else self.run.languages[0]


def _line(line) -> tuple:
    return (*(line[name] for name in _LINE[:-1]), bool(line["estimated"]))
