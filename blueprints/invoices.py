"""A resident's money: what is to be paid, invoices by year and month, balances by month, payments (K8, R7, S3, S4, L6)."""

import re
from typing import NamedTuple

from flask import Blueprint, abort, g, request, url_for
from markupsafe import Markup

from resident import access
from resident.charging.settlement import own_settlements, settled_part
from resident.homes import setting
from resident.money import year as years
from resident.money.sheet import sheet
from resident.money.standing import standing_in

from . import _invoice_words as invoice_words
from . import _payments
from . import _settlement_words as settlement_words
from . import _vat_words as vat_words
from . import _why_words as why_words
from ._gate import resident
from ._locale import _, fmt, language
from ._places import address
from ._typed import day_and_key
from ._web import page, session

bp = Blueprint("invoices", __name__, url_prefix="/invoices")


@bp.get("")
@resident("invoices")
def index():
    home = g.viewer.home
    today = home.organisation.today
    note, offered, newest = years.about(session, home, today)
    year = _year(newest)
    rows = years.invoices(session, home, year, today)
    return page(
        "invoices/index.html",
        part="invoices/_year.html",
        title=_("Invoices"),
        home=home,
        today=today,
        money=standing_in(session, home),
        years=offered if year in offered else [year, *offered],
        year=year,
        bills=invoice_words.bills(rows, address("invoices.index")),
        tables=_tables(years.months(session, home, year)),
        pays=_payments.offered(home.organisation),
        note=invoice_words.best(note, language(), home.organisation.languages),
        under=address("invoices.index"),
    )


def _year(newest: str) -> str:
    asked = request.args.get("year", "")
    if asked:
        return asked if re.fullmatch(r"(19|20)\d\d", asked) else abort(404)
    return newest


class Table(NamedTuple):
    """The balances of one billing account, ready to be written. account: its number, where there are several.

    heads: of the columns of figures, the closing balance last; rows: (month, cells, closing), a cell being
    (its head, class, figure).
    """

    account: str | None
    heads: list[str]
    rows: list[tuple]


def _tables(months: list[years.Month]) -> list[Table]:
    accounts = {}
    for month in months:
        accounts.setdefault(month.account, []).append(month)
    return [_table(number if len(accounts) > 1 else None, rows) for number, rows in accounts.items()]


def _table(account: str | None, months: list[years.Month]) -> Table:
    """The column of other entries stands there only when one of the months has some. Interest leads to its reckoning (K9), and what
    a month opened with to how much of it was late, not due yet, interest (K10)."""
    *heads, other, closing = _("Opening"), _("Invoiced"), _("Received"), _("Interest"), _("Other"), _("Closing")
    shown = [*heads, other] if any(row.other for row in months) else heads
    write, rows = fmt(), []
    for row in months:
        figures = (row.opening, row.invoiced, row.received, row.interest, row.other)
        cells = [(head, "num" if figure else "num nil", write.amount(figure)) for head, figure in zip(shown, figures, strict=False)]
        for place, figure in ((0, row.opening), (3, row.interest)):
            if figure:
                cells[place] = (heads[place], "num", _reckoning(row, cells[place][2]))
        rows.append((write.month(row.month), cells, write.amount(row.closing)))
    return Table(account, [*shown, closing], rows)


def _reckoning(row: years.Month, figure: str) -> Markup:
    return Markup('<a href="{}?account={}&amp;month={}">{}</a>').format(
        address("reckoning.interest"), row.account_id, row.month, figure
    )


@bp.get("/payments")
@resident("invoices")
def payments():
    home = g.viewer.home
    rows = years.payments(session, home, day_and_key(request.args, "before"))
    last = rows[years.PAYMENTS - 1] if len(rows) > years.PAYMENTS else None
    return page(
        "invoices/payments.html",
        part="invoices/_payments.html",
        title=_("Payments received"),
        home=home,
        rows=rows[: years.PAYMENTS],
        later="before" in request.args,
        following=url_for(".payments", before=f"{last.value_day}:{last.id}") if last else None,
    )


@bp.get("/<int:id>")
@resident("invoices")
def show(id):
    invoice = _sheet(id)
    settings = _settings(invoice)
    return page(
        "invoices/invoice.html",
        title=invoice_words.title(invoice.kind, invoice.month),
        invoice=invoice,
        hidden=False,
        tag=invoice_words.tag(invoice.state(g.viewer.home.organisation.today), invoice.paid_on),
        where=invoice_words.copied(invoice),
        vat=vat_words.of_sheet(invoice),
        code=invoice_words.code(invoice, settings["code_letters"]),
        picture=url_for(".code", id=id),
        remarks=invoice_words.remarks(invoice, setting.invoice_notes(settings)),
        paper=url_for(".pdf", id=id),
        compared=why_words.asked(invoice) and url_for(".why", id=id),
        settled=invoice.kind == "settlement" and settled_part(session, id) and url_for(".settlement", id=id),
    )


@bp.get("/<int:id>/why")
@resident("invoices")
def why(id):
    invoice = _sheet(id)
    return page(
        "invoices/why.html",
        part="invoices/_why.html",
        title=_("Why did the sum change?"),
        invoice=invoice,
        called=invoice_words.title(invoice.kind, invoice.month),
        paper=url_for(".show", id=id),
        why=why_words.why(invoice, access.visible_invoices(g.viewer), request.args.get("with", ""), url_for(".why", id=id)),
    )


@bp.get("/<int:id>/pdf")
@resident("invoices")
def pdf(id):
    invoice = _sheet(id)
    settings = _settings(invoice)
    return invoice_words.pdf(invoice, setting.invoice_notes(settings), settings["code_letters"])


@bp.get("/<int:id>/code.svg")
@resident("invoices")
def code(id):
    invoice = _sheet(id)
    return invoice_words.code_picture(invoice, _settings(invoice)["code_letters"])


@bp.get("/<int:id>/settlement")
@resident("invoices")
def settlement(id):
    invoice = _sheet(id)
    part, run = settled_part(session, id) or abort(404)
    return page(
        "invoices/settlement.html",
        title=_("Settlement of advances"),
        invoice=invoice,
        span=settlement_words.span(run.first, run.last),
        result=settlement_words.result(part.total, invoice.currency),
        settled=settlement_words.settled(part, invoice.currency, invoice.creditor["languages"]),
        currency=invoice.currency,
    )


@bp.get("/settlements")
@resident("invoices")
def settlements():
    rows = own_settlements(session, access.visible_invoices(g.viewer), g.viewer.home.tenure_id)
    return page(
        "invoices/settlements.html",
        title=_("Settlements of advances"),
        home=g.viewer.home,
        rows=[settlement_words.listed(*row) for row in rows],
    )


def _sheet(id: int):
    return sheet(session, access.visible_invoices(g.viewer), id) or abort(404)


def _settings(invoice) -> dict:
    creditor = invoice.creditor
    return setting.in_force(session, creditor["id"], creditor["country"], g.viewer.home.organisation.today)
