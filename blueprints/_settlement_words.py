"""A settlement of advances in words, for residents and the desk (S6)."""

from typing import NamedTuple

from resident.charging.settlement import SettlementPart, SettlementRun
from resident.money.invoice import Invoice, number_text

from ._invoice_words import best
from ._locale import _, fmt, language, pgettext


class Month(NamedTuple):
    """quantity: "" where the month has none."""

    month: str
    quantity: str
    charged: str
    advance: str


class Settled(NamedTuple):
    """One charge over the months; result says in words what comes of it."""

    name: str
    measured: bool
    months: list[Month]
    charged: str
    advance: str
    result: str


def settled(part: SettlementPart, currency: str, served: str) -> list[Settled]:
    """served: languages of the organisation."""
    return [_settled(one, currency, served) for one in part.months]


def _settled(one: dict, currency: str, served: str) -> Settled:
    write = fmt()
    months = [
        Month(
            write.month(month["name"]),
            "" if month["quantity"] is None else write.quantity(month["quantity"], one["measure"]),
            write.amount(month["charged"]),
            write.amount(month["advance"]),
        )
        for month in one["months"]
    ]
    charged, advance = (sum(month[name] for month in one["months"]) for name in ("charged", "advance"))
    return Settled(
        best(one["name"], language(), served)[0],
        any(month.quantity for month in months),
        months,
        write.amount(charged),
        write.amount(advance),
        result(charged - advance, currency),
    )


def result(total: int, currency: str) -> str:
    amount = fmt().money(abs(total), currency)
    if total > 0:
        return _("%(amount)s more was used than asked in advance.", amount=amount)
    if total < 0:
        return _("%(amount)s more was asked in advance than used.", amount=amount)
    return _("What was asked in advance is just what was used.")


class Listed(NamedTuple):
    id: int
    year: str
    span: str
    number: str
    account: str | None
    total: str


def listed(invoice: Invoice, year: int, prefix: str | None, account: str | None, run: SettlementRun) -> Listed:
    number = number_text(year, invoice.number, invoice.foreign_number, prefix or "")
    total = fmt().money(invoice.total, invoice.currency)
    return Listed(invoice.id, run.last[:4], span(run.first, run.last), number, account, total)


def span(first: str, last: str) -> str:
    """The months of a settlement."""
    if first == last:
        return fmt().month(first)
    return pgettext("of months", "%(first)s to %(last)s", first=fmt().month(first), last=fmt().month(last))
