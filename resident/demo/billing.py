"""Accounts with their references, two years of invoices, and the payments that came for them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from ..db import SCALE
from ..homes import setting
from ..money import booking
from ..money.account import Account, Reference
from ..money.invoice import Invoice, InvoiceLine, Series
from ..money.ledger import Entry, Item
from .estate import Bill, Charge, Dwelling, Hold, Line, Site
from .metering import Log
from .meters import MONTHS
from .month import Month, working
from .rows import instant, put

# How accounts pay, of a hundred: on time; late; rounded up, so that credit grows; nothing for some months. "part": late,
# and part of an invoice is overdue.
HABITS = (("punctual", 72), ("late", 13), ("rounding", 9), ("owing", 6))


@dataclass(slots=True)
class Sent:
    """An invoice as the ledger needs it."""

    hold: Hold
    use: Month
    issued: date
    due: date
    total: int
    id: int = 0


@dataclass(slots=True)
class Books:
    entries: list[dict] = field(default_factory=list)
    # In step with entries: what a debit makes an item of, or None.
    items: list[dict | None] = field(default_factory=list)


def bill_all(session: Session, site: Site, log: Log) -> None:
    _accounts(session, site)
    sent = _invoices(session, site, log)
    books = Books()
    for invoice in sent:
        _owe(site, books, invoice.hold, "invoice", invoice.total, invoice.issued, f"invoice:{invoice.id}", invoice.due, invoice.id)
    _payments(site, books, sent)
    _book(session, books)
    booking.refresh(session, [hold.account_id for dwelling in site.dwellings for hold in dwelling.holds])


def _accounts(session: Session, site: Site) -> None:
    holds = [hold for dwelling in site.dwellings for hold in dwelling.holds]
    accounts, references = [], []
    for n, hold in enumerate(holds, 1):
        scheme, hold.reference, number = site.estate.reference(n)
        accounts.append(
            {"creditor_id": site.id, "tenure_id": hold.id, "currency": site.estate.organisation["currency"], "number": number}
        )
        references.append({"creditor_id": site.id, "scheme": scheme, "value": hold.reference, "first": hold.first})
    for id, hold, reference in zip(put(session, Account, accounts), holds, references, strict=True):
        hold.account_id = reference["account_id"] = id
    put(session, Reference, references)


# ---- Invoices ------------------------------------------------------------------------------------------------------


def _invoices(session: Session, site: Site, log: Log) -> list[Sent]:
    """Month by month, so that numbers run in the order of issue and without gaps."""
    rows, lines, sent, numbers = [], [], [], {}
    for use in (site.collected.plus(n) for n in range(-MONTHS, 0)):
        for dwelling in site.dwellings:
            hold = dwelling.hold(site.estate.round.billed(use).first)
            if hold:
                row, own = _invoice(site, dwelling, hold, use, log)
                numbers[row["issued"].year] = row["number"] = numbers.get(row["issued"].year, 0) + 1
                rows.append(row)
                lines.append(own)
                sent.append(Sent(hold, use, row["issued"], row["due"], row["total"]))
    series = {
        year: put(session, Series, [{"creditor_id": site.id, "year": year, "prefix": "", "next": last + 1}])[0]
        for year, last in numbers.items()
    }
    for row in rows:
        row["series_id"] = series[row["issued"].year]
    for id, invoice, own in zip(put(session, Invoice, rows), sent, lines, strict=True):
        invoice.id = id
        for line in own:
            line["invoice_id"] = id
    put(session, InvoiceLine, [line for own in lines for line in own])
    return sent


def _invoice(site: Site, dwelling: Dwelling, hold: Hold, use: Month, log: Log) -> tuple[dict, list[dict]]:
    """One invoice and its lines; water used before the holder came is not theirs."""
    plan, organisation = site.estate.round, site.estate.organisation
    person, estimated = hold.people[0], (dwelling.id, use) in log.estimated
    served = organisation["languages"].split()
    language = person.name.language if person.name.language in served else served[0]
    uses = dict(log.uses[dwelling.id, use]) if hold.first <= use.first else {}
    bill = Bill(
        plan.billed(use), use, language, dwelling.area, dwelling.occupants, dwelling.rent, dwelling.parking, uses, estimated
    )
    made = _Made(site, dwelling, use, log)
    lines = [_line(made, position, line) for position, line in enumerate(site.estate.lines(bill), 1)]
    house = dwelling.house
    row = {
        "creditor_id": site.id, "account_id": hold.account_id, "kind": "period", "month": bill.month.name,
        "period_id": log.periods[dwelling.building_id, use],
        "issued": plan.issued(use), "due": plan.falls_due(use), "total": sum(line["amount"] for line in lines),
        "currency": organisation["currency"], "language": language, "reference": hold.reference, "estimated": estimated,
        "addressee": {
            "name": person.name.full, "address": f"{dwelling.label}, {house.postcode} {house.city}",
            "home": dwelling.label, "person_id": person.id,
        },
    }  # fmt: skip
    return row, lines


@dataclass(frozen=True, slots=True)
class _Made:
    """What the lines of an invoice were made from."""

    site: Site
    dwelling: Dwelling
    use: Month
    log: Log

    def columns(self, line: Line) -> dict:
        """Those of MadeFrom. All days of the month: holders change with months here."""
        id, charge = self.site.charges[line.text]
        metered = charge.key == "meter"
        month = self.use if metered else self.site.estate.round.billed(self.use)
        key = "amount" if charge.basis == "amount" else charge.key
        return {
            "measure": line.measure if charge.basis == "cost" else charge.measure, "charge_type_id": id,
            "unit_id": self.dwelling.id, "key": key, "first": month.first, "last": month.last, "days": month.days,
            "readings": self._readings(charge) if metered else None,
        }  # fmt: skip

    def _readings(self, charge: Charge) -> list[dict]:
        media = charge.media.split()
        counted = self.log.counted[self.dwelling.id, self.use]
        return [told for key, told in counted if told["medium"] in media and key.endswith(charge.register)]


def _line(made: _Made, position: int, line: Line) -> dict:
    """amount = quantity × unit price, rounded half up once; prices come in minor units for one measure."""
    return {
        "position": position, "text": line.text, "quantity": line.quantity, "unit_price": line.price * SCALE // 100,
        "amount": (line.quantity * line.price * 2 + SCALE) // (2 * SCALE), "vat_rate": None, "estimated": line.estimated,
        **made.columns(line),
    }  # fmt: skip


# ---- Payments ------------------------------------------------------------------------------------------------------


def _payments(site: Site, books: Books, sent: list[Sent]) -> None:
    by_hold = {}
    for invoice in sent:
        by_hold.setdefault(invoice.hold.id, []).append(invoice)
    homes = {hold.id: dwelling for dwelling in site.dwellings for hold in dwelling.holds}
    for n, invoices in enumerate(by_hold.values()):
        hold = invoices[0].hold
        habit = site.estate.habits.get(hold.people[0].login or "") or _habit(site, n, hold)
        _PAYS[habit](site, books, invoices, n % 4 == 0 and not homes[hold.id].signs_in)


def _habit(site: Site, n: int, hold: Hold) -> str:
    """Whoever has left has paid, but for one; the first few homes show every habit."""
    drawn = site.rng.randrange(100)
    if hold.last and n % 5:
        return "punctual"
    for habit, share in HABITS:
        if drawn < share:
            return habit
        drawn -= share
    return "punctual"


def _punctual(site: Site, books: Books, invoices: list[Sent], early: bool) -> None:
    for invoice in invoices:
        day = working(invoice.due - timedelta(days=site.rng.randint(1, 6)))
        if invoice is invoices[-1] and early:
            day = invoice.issued + timedelta(days=1)
        elif invoice is invoices[-1] and invoice.due >= site.today:
            continue
        _pay(site, books, invoice.hold, invoice.total, min(day, invoice.due))


def _late(site: Site, books: Books, invoices: list[Sent], early: bool) -> None:
    """Pays one to three weeks after the due day."""
    for invoice in invoices:
        _pay(site, books, invoice.hold, invoice.total, working(invoice.due + timedelta(days=site.rng.randint(6, 20))))


def _part(site: Site, books: Books, invoices: list[Sent], early: bool) -> None:
    """Pays late, and of the invoice before the last only some."""
    _late(site, books, invoices[:-2], early)
    for invoice in invoices[-2:-1]:
        _pay(site, books, invoice.hold, invoice.total * 2 // 5, working(invoice.due + timedelta(days=2)))


def _rounding(site: Site, books: Books, invoices: list[Sent], early: bool) -> None:
    """Pays round sums; what is left over stands as credit."""
    credit = 0
    for invoice in invoices:
        if invoice.due >= site.today and not early:
            continue
        step = 1000 if invoice.total < 100_000 else 50_00
        owed = max(0, invoice.total - credit)
        amount = -(-owed // step) * step
        credit += amount - invoice.total
        if amount:
            day = working(invoice.due - timedelta(days=2))
            _pay(site, books, invoice.hold, amount, day if day < site.today else invoice.issued + timedelta(days=1))


def _owing(site: Site, books: Books, invoices: list[Sent], early: bool) -> None:
    """Has paid nothing, or one part, for the last few months."""
    behind = site.rng.randint(3, 7)
    for invoice in invoices[:-behind]:
        _pay(site, books, invoice.hold, invoice.total, working(invoice.due + timedelta(days=site.rng.randint(0, 9))))
    for invoice in invoices[-behind : 1 - behind]:
        _pay(site, books, invoice.hold, invoice.total // 3, working(invoice.due + timedelta(days=11)))


_PAYS = {"punctual": _punctual, "late": _late, "part": _part, "rounding": _rounding, "owing": _owing}


def _pay(site: Site, books: Books, hold: Hold, amount: int, day: date) -> None:
    if day >= site.today or amount <= 0:
        return
    number = site.numbers["payment", 0] = site.numbers.get(("payment", 0), 0) + 1
    booked = working(day + timedelta(days=1))
    books.entries.append(
        {
            "account_id": hold.account_id, "kind": "payment", "amount": -amount, "value_day": day,
            "booked_day": min(booked, site.today), "cause": f"payment:{site.id}:{day:%y%m%d}-{number:05d}",
            "booked_at": instant(min(booked, site.today), site.tz, 7, 5),
        }
    )  # fmt: skip
    books.items.append(None)


def _owe(
    site: Site, books: Books, hold: Hold, kind: str, amount: int, day: date, cause: str, due: date, invoice_id: int | None = None
) -> None:
    books.entries.append(
        {
            "account_id": hold.account_id, "kind": kind, "amount": amount, "value_day": day, "booked_day": day, "cause": cause,
            "booked_at": instant(day, site.tz, 6, 30),
        }
    )  # fmt: skip
    moves = setting.default("holiday_rule", site.estate.organisation["country"])
    moved = working(due) if moves else due
    books.items.append(
        {"account_id": hold.account_id, "invoice_id": invoice_id, "amount": amount, "due": due, "effective_due": moved}
    )


def _book(session: Session, books: Books) -> None:
    """In the order of the days of booking, as a ledger is."""
    order = sorted(range(len(books.entries)), key=lambda n: (books.entries[n]["booked_day"], n))
    ids = put(session, Entry, [books.entries[n] for n in order])
    items = [{**books.items[n], "entry_id": id} for n, id in zip(order, ids, strict=True) if books.items[n]]
    put(session, Item, items)
