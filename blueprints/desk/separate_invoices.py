"""An invoice of one charge by itself, at the desk (rule 27): a key, a damage, a service that somebody ordered."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.charging import delivering, invoicing, issuing, separate
from resident.charging.charge import ChargeType
from resident.db import SCALE, lasts
from resident.errors import ResidentError
from resident.people.tenure import Tenure

from .. import _billing_words, _charge_words, _days, _delivery_words, _terms, _typed
from .._gate import staff
from .._locale import _
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session, settings

bp = Blueprint("desk_separate_invoices", __name__, url_prefix="/desk/separate-invoices")
PAGE = "desk/corrections/separate.html"


@bp.get("/<int:id>")
@staff("billing")
def new(id):
    return page(PAGE, **_shown(id))


@bp.post("/<int:id>")
@staff("billing")
def create(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _shown(id)
    errors: dict[str, str] = {}
    charge = next((one for one in facts["charges"] if one.id == _typed.whole(request.form, "charge")), None)
    if charge is None:
        errors["charge"] = _("Choose what the invoice is for.")
    given = {"quantity": _quantity(errors), "unit_price": _typed.number(errors, "price", whole=7)}
    given["due"] = _days.among(errors, "due", wanted=False)
    text = _typed.line("text")[:100]
    if errors:
        return _refused(id, errors)
    try:
        made = separate.invoice(session, facts["tenure"], charge, by=facts["by"], text=text, **given)
    except ResidentError as error:
        field = "due" if isinstance(error, invoicing.DueBeforeIssue) else "price"
        return _refused(id, {field: _billing_words.told(error)})
    sent = delivering.at_once(session, made, mails=bool(settings().smtp_url), by=facts["by"])
    to = url_for("desk_invoices.show", id=made.id)
    remember(to)
    return done(None, to=to, say=" ".join([_("The invoice is made and booked."), *_delivery_words.sent(sent)]))


def _quantity(errors: dict) -> int:
    """One where nothing is written."""
    value = _typed.number(errors, "quantity", whole=7, zero=False)
    return SCALE if value is None else value


def _shown(id: int) -> dict:
    tenure = one_or_404(access.visible_tenures(g.viewer, "billing").where(Tenure.id == id))
    unit = issuing.main_unit(session, id)
    duty = g.viewer.duty("billing", tenure.organisation_id, unit.building_id if unit else None)
    require(duty is not None)
    types = select(ChargeType).where(ChargeType.organisation_id == tenure.organisation_id, ChargeType.billed == "separate")
    types = types.where(lasts(ChargeType, duty.organisation.today))
    return {
        "title": _("Separate invoice"),
        "tenure": tenure,
        "unit": unit,
        "kind": _terms.tenure(tenure.kind),
        "by": g.viewer.as_staff(duty),
        "organisation": duty.organisation,
        "currency": duty.organisation.currency,
        "due": invoicing.due_by_setting(session, duty.organisation, duty.organisation.today),
        "charges": list(session.scalars(types.order_by(ChargeType.position, ChargeType.code))),
        "called": _charge_words.called,
        "typed": {},
    }


def _refused(id: int, errors: dict):
    close()
    return refused(PAGE, **_shown(id) | {"errors": errors, "typed": request.form.to_dict()})
