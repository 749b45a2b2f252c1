"""Entries and invoices out, for an accounting program: a month's file as CSV or a workbook (S7)."""

import os
import tempfile
from pathlib import Path

from flask import Blueprint, Response, abort, g, request, send_file, stream_with_context
from sqlalchemy import func, select

from resident import access, audit
from resident.exchange import money_export
from resident.exchange.money_export import COLUMNS, Wanted
from resident.homes.organisation import Organisation
from resident.money.invoice import Invoice
from resident.month import month_name, months_on

from .. import _download
from .._gate import staff
from .._locale import _, fmt, pgettext
from .._web import commit, database, page, session
from . import _organisation

bp = Blueprint("desk_figures", __name__, url_prefix="/desk/figures")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Months that can be chosen.
MONTHS = 36


@bp.get("")
@staff("money")
def index():
    duties = g.viewer.duties_for("money")
    organisation = _organisation.of(duties).organisation
    return page(
        "desk/figures/index.html",
        title=_("Figures for an accounting program"),
        organisation=organisation,
        others=_organisation.choice(duties),
        months=_months(organisation),
        kinds=_kinds(),
    )


@bp.post("/file")
@staff("money")
def download():
    duty, form = _organisation.of(g.viewer.duties_for("money")), request.form
    organisation = duty.organisation
    what, month, kind = form.get("what"), form.get("month", ""), form.get("kind")
    if what not in COLUMNS or kind not in ("csv", "xlsx") or month not in _months(organisation):
        abort(404)
    wanted = Wanted(what, organisation.id, month, access.reach_accounts(g.viewer))
    by = g.viewer.as_staff(duty)
    own = session.get_one(Organisation, organisation.id)
    audit.record(session, "figures_exported", by=by, organisation_id=own.id, thing=own, facts={"what": what, "month": month})
    commit()
    name = f"{_kinds()[what]}-{month}.{kind}"
    return _headed(_csv(wanted) if kind == "csv" else _xlsx(wanted), name)


def _months(organisation: access.Controller) -> list[str]:
    """From this month back to the first invoice's, the newest first."""
    first = session.scalar(select(func.min(Invoice.issued)).where(Invoice.creditor_id == organisation.id)) or organisation.today
    back = (months_on(organisation.today, -count) for count in range(MONTHS))
    return [month_name(day) for day in back if month_name(day) >= month_name(first)]


def _kinds() -> dict[str, str]:
    return {"entries": _("Entries of billing accounts"), "invoices": _("Invoices with their lines")}


def _heads(what: str) -> list[str]:
    words = {
        "entry": _("Entry"), "account": _("Billing account"), "tenure": _("Tenure"), "entry_kind": _("Kind of entry"),
        "day": _("Value day"), "booked": _("Booked on"), "amount": _("Amount"), "currency": _("Currency"), "invoice": _("Invoice"),
        "text": pgettext("column", "Text"), "reverses": _("Takes back entry"), "invoice_kind": _("Kind of invoice"),
        "month": _("Month"), "issued": _("Date of invoice"), "due": _("Due date"), "payer": _("Payer"), "home": _("Home"),
        "reference": _("Payment reference"), "quantity": _("Quantity"), "measure": _("Measure"), "unit_price": _("Unit price"),
        "vat_rate": _("VAT rate in per cent"), "vat_amount": _("Of which VAT"),
    }  # fmt: skip
    return [words[column] for column in COLUMNS[what]]


def _csv(wanted: Wanted) -> Response:
    """Piece by piece, from a session of its own that only reads."""
    heads, point = _heads(wanted.what), fmt().point

    @stream_with_context
    def pieces():
        with database().reading() as looking:
            yield from money_export.csv_parts(looking, wanted, heads, point)

    answer = Response(pieces(), mimetype="text/csv")
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    return answer


def _xlsx(wanted: Wanted) -> Response:
    with tempfile.TemporaryDirectory() as folder, database().reading() as looking:
        path = Path(folder) / "figures.xlsx"
        money_export.write_xlsx(looking, wanted, _heads(wanted.what), path, fmt().month(wanted.month))
        # The open file outlives its name.
        return send_file(os.fdopen(os.open(path, os.O_RDONLY), "rb"), XLSX)


def _headed(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = _download.disposition(name, download=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
