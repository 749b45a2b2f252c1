"""Corrections at the desk (rule 26): a confirmed line was wrong by so much. It goes onto the next period's invoice, or onto a
credit note at once."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.charging import correcting, delivering, waiting
from resident.charging.correction import Correction
from resident.errors import ResidentError
from resident.money.invoice import Invoice, InvoiceLine

from .. import _billing_words, _charge_words, _delivery_words, _typed
from .. import _invoice_words as invoice_words
from .._gate import staff
from .._locale import _
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session, settings
from . import _accounts, _correction_form

bp = Blueprint("desk_corrections", __name__, url_prefix="/desk/invoices")
PAGE = "desk/corrections/index.html"


@bp.get("/<int:id>/corrections")
@staff("billing")
def index(id):
    return page(PAGE, **_shown(id))


@bp.post("/<int:id>/corrections")
@staff("billing")
def create(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _shown(id)
    errors: dict[str, str] = {}
    line = next((one for one in facts["lines"] if one.id == _typed.whole(request.form, "line")), None)
    if line is None:
        errors["line"] = _("Choose the line that was wrong.")
    wrong, text = _wrong(errors), _correction_form.text(errors)
    if not errors:
        errors = _billing_words.tried("wrong", lambda: correcting.correct(session, line, text, by=facts["by"], **wrong))
    if errors:
        return _refused(id, errors)
    to = url_for(".index", id=id)
    remember(to)
    return done(None, to=to, say=_("Correction saved. It waits for the next period."))


@bp.post("/corrections/<int:correction_id>/removal")
@staff("billing")
def withdraw(correction_id):
    seen = access.visible_invoices(g.viewer, at_desk=True).with_only_columns(Invoice.id)
    lines = select(InvoiceLine.id).where(InvoiceLine.invoice_id.in_(seen))
    correction = one_or_404(select(Correction).where(Correction.id == correction_id, Correction.line_id.in_(lines)))
    facts = _shown(session.get_one(InvoiceLine, correction.line_id).invoice_id)
    errors = _billing_words.tried("line", lambda: correcting.withdraw(session, correction, by=facts["by"]))
    if errors:
        return _refused(facts["invoice"].id, errors, 409)
    return done(None, to=url_for(".index", id=facts["invoice"].id), say=_("Correction withdrawn."))


@bp.post("/<int:id>/credit-notes")
@staff("billing")
def credit(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _shown(id)
    try:
        made = correcting.credit_note(session, facts["invoice"], by=facts["by"])
    except ResidentError as error:
        return _refused(id, {"line": _billing_words.told(error)}, 409)
    sent = delivering.at_once(session, made, mails=bool(settings().smtp_url), by=facts["by"])
    to = url_for("desk_invoices.show", id=made.id)
    remember(to)
    return done(None, to=to, say=" ".join([_("The correction invoice is made and booked."), *_delivery_words.sent(sent)]))


def _wrong(errors: dict) -> dict:
    """By how much the line was wrong: {"quantity": …} or {"amount": …}, signed."""
    by_quantity = request.form.get("by") == "quantity"
    text = request.form.get("wrong", "").strip().replace("\u2212", "-").replace("\u2013", "-")
    try:
        if not by_quantity:
            return {"amount": _typed.amount(text)}
        value = _typed.quantity({"wrong": text.removeprefix("-")}, "wrong")
        return {"quantity": -(value or 0) if text.startswith("-") else value or 0}
    except ValueError:
        errors["wrong"] = _("Write by how much it was wrong in figures, with a minus for what is given back: -12.50.")
        return {}


def _shown(id: int) -> dict:
    invoice = one_or_404(access.visible_invoices(g.viewer, at_desk=True).where(Invoice.id == id))
    duty = _accounts.billing(invoice.account_id)
    require(duty is not None)
    lines = select(InvoiceLine).where(InvoiceLine.invoice_id == id).order_by(InvoiceLine.position)
    # What others owe by a line of this one, for a home of theirs, stands on their page.
    own = Correction.unit_id.is_(None) | (Correction.moved == "from")
    waits = waiting.statement().where(InvoiceLine.invoice_id == id, own).with_only_columns(Correction, InvoiceLine)
    return {
        "title": _("Correct an invoice"),
        "about": invoice_words.title(invoice.kind, invoice.month),
        "invoice": invoice,
        "by": g.viewer.as_staff(duty),
        "lines": list(session.scalars(lines)),
        "waits": session.execute(waits).all(),
        "written": _charge_words.typed,
        "typed": {},
    }


def _refused(id: int, errors: dict, status: int = 422):
    close()
    return refused(PAGE, status=status, **_shown(id) | {"errors": errors, "typed": request.form.to_dict()})
