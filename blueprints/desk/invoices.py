"""Invoices at the desk: the list by building, month and state; one invoice, its PDF. Opening one is recorded (S57)."""

import re
from datetime import date

from flask import Blueprint, abort, current_app, g, request, url_for

from resident import access, audit
from resident.charging import delivering
from resident.charging.settlement import settled_part
from resident.errors import NotSaved
from resident.homes import register, setting
from resident.money import roll
from resident.money.invoice import Invoice
from resident.money.sheet import Sheet, sheet

from .. import _delivery_words as delivery_words
from .. import _invoice_words as invoice_words
from .. import _vat_words as vat_words
from .. import _why_words as why_words
from .._gate import staff
from .._locale import _
from .._typed import day_and_key, whole
from .._web import database, page, require, session
from . import _organisation

bp = Blueprint("desk_invoices", __name__, url_prefix="/desk/invoices")
MONTHS = 24


@bp.get("")
@staff("money")
def index():
    organisations = {one.id: one for one in _organisation.each(g.viewer.duties_for("money"))}
    covered = [row for row in register.buildings(session, g.viewer).values() if row.organisation_id in organisations]
    filters = _filters(covered)
    today = organisations[filters.organisation].today
    rows, last = roll.page(session, g.viewer, filters, today, day_and_key(request.args, "after"))
    hidden = roll.undisclosed(session, g.viewer, filters.organisation, [row.addressee for row in rows])
    return page(
        "desk/invoices/index.html",
        part="desk/invoices/_list.html",
        title=_("Invoices"),
        filters=filters,
        organisations=list(organisations.values()),
        buildings=sorted((row for row in covered if row.organisation_id == filters.organisation), key=lambda row: row.address),
        months=_months(today, filters.month),
        rows=[(row, *invoice_words.tag(row.state), row.addressee.get("person_id") in hidden) for row in rows],
        following=f"{last[0]}:{last[1]}" if last else None,
        later="after" in request.args,
        interest=g.viewer.can("billing"),
    )


def _filters(covered: list) -> roll.Filters:
    given = request.args
    building = whole(given, "building")
    here = {row.id: row.organisation_id for row in covered}
    organisation = here.get(building) or _organisation.of(g.viewer.duties_for("money")).organisation.id
    month = given.get("month", "")
    return roll.Filters(
        organisation=organisation,
        building=building if building in here else None,
        month=month if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) else "",
        state=given.get("state", "") if given.get("state") in roll.STATES else "",
        text=" ".join(given.get("text", "").split())[:60],
    )


def _months(today: date, chosen: str) -> list[str]:
    count = today.year * 12 + today.month
    months = [f"{(count - back) // 12}-{(count - back) % 12 + 1:02d}" for back in range(MONTHS)]
    return months if chosen in ("", *months) else [*months, chosen]


@bp.get("/<int:id>")
@staff("money")
def show(id):
    invoice, organisation = _opened(id)
    hidden = roll.undisclosed(session, g.viewer, organisation.id, [invoice.addressee])
    return page(
        "desk/invoices/invoice.html",
        title=invoice_words.title(invoice.kind, invoice.month),
        invoice=invoice,
        hidden=bool(hidden),
        tag=(_("Void"), "no") if invoice.void else invoice_words.tag(invoice.state(organisation.today), invoice.paid_on),
        where=invoice_words.copied(invoice),
        vat=vat_words.of_sheet(invoice),
        code=None,
        remarks=(
            *invoice_words.remarks(invoice, setting.invoice_notes(_settings(organisation))),
            *invoice_words.shortened(invoice),
        ),
        paper=url_for(".pdf", id=id),
        deliveries=_deliveries(id, organisation),
        compared=why_words.asked(invoice) and url_for(".why", id=id),
        settled=_settlement(invoice),
    )


def _deliveries(id: int, organisation: access.Controller) -> list[tuple[str, str, str, str]]:
    sees = access.may_see_contacts(g.viewer, organisation.id, undisclosed=True)
    rows = delivering.of_invoice(session, id, undisclosed=sees)
    return [delivery_words.recorded(one, organisation.tz) for one in rows]


@bp.get("/<int:id>/why")
@staff("money")
def why(id):
    invoice, _organisation = _opened(id)
    visible = access.visible_invoices(g.viewer, at_desk=True)
    return page(
        "desk/invoices/why.html",
        part="invoices/_why.html",
        title=_("Why did the sum change?"),
        invoice=invoice,
        called=invoice_words.title(invoice.kind, invoice.month),
        paper=url_for(".show", id=id),
        why=why_words.why(invoice, visible, request.args.get("with", ""), url_for(".why", id=id)),
    )


@bp.get("/<int:id>/pdf")
@staff("money")
def pdf(id):
    invoice, organisation = _opened(id)
    # The paper carries name and address.
    require(not roll.undisclosed(session, g.viewer, organisation.id, [invoice.addressee]))
    settings = _settings(organisation)
    return invoice_words.pdf(invoice, setting.invoice_notes(settings), settings["code_letters"])


def _opened(id: int) -> tuple[Sheet, access.Controller]:
    """The invoice and its creditor. Who looked is written in a transaction of its own; a full disk does not stop reading."""
    invoice = sheet(session, access.visible_invoices(g.viewer, at_desk=True), id) or abort(404)
    duty = g.viewer.duty("money", invoice.creditor["id"])
    try:
        with database().writing() as own:
            audit.record(own, "invoice_opened", by=g.viewer.as_staff(duty), thing=Invoice(id=id))
    except NotSaved:
        current_app.logger.warning("invoice %s was opened and could not be recorded", id)
    return invoice, duty.organisation


def _settlement(invoice: Sheet) -> str | None:
    """The address of the settlement that an invoice is part of."""
    found = invoice.kind == "settlement" and settled_part(session, invoice.id)
    return url_for("desk_settlements.home", id=found[0].id) if found else None


def _settings(organisation: access.Controller) -> dict:
    return setting.in_force(session, organisation.id, organisation.country, organisation.today)
