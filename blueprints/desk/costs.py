"""A period's costs at the desk: several entered at once, pasted or sent as a file; changed until they are shared out."""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.charging import costs, overview
from resident.charging.charge import ChargeType
from resident.charging.cost import Cost
from resident.errors import ResidentError
from resident.homes.setting import digest
from resident.metering.window import TAKES_READINGS
from resident.money.period import BillingPeriod

from .. import _billing_words as words
from .. import _charge_words, _typed
from .._gate import staff
from .._locale import _, ngettext
from .._security import takes_files
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _billed, _cost_file, _cost_rows

bp = Blueprint("desk_costs", __name__, url_prefix="/desk/billing")
PAGE, ONE = "desk/billing/costs.html", "desk/billing/cost.html"


@bp.get("/<int:id>/costs")
@staff("money")
def index(id):
    return page(PAGE, **_shown(_billed.place(id)))


@bp.post("/<int:id>/costs")
@staff("billing")
@takes_files
def enter(id):
    sent, unread = _cost_file.chosen(_cost_rows.MOST)
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _billed.place(id, "billing")
    given = _cost_rows.Typed({one.id: one for one in _taking(facts)}, sent)
    errors = {"file": unread} if unread else given.errors or _entered(facts, given.rows)
    if errors:
        close()
        return refused(
            PAGE, **_shown(_billed.place(id)) | {"errors": errors, "typed": request.form.to_dict() | {"lines": given.lines}}
        )
    to = url_for(".index", id=id)
    remember(to)
    return done(None, to=to, say=ngettext("%(n)d cost saved.", "%(n)d costs saved.", len(given.rows)))


def _entered(facts: dict, rows: list[_cost_rows.Row]) -> dict[str, str]:
    """Enter all of them, or say why one cannot be."""
    by = _billed.actor(facts)
    for row in rows:
        try:
            costs.enter(session, facts["period"], row.charge, row.amount, by=by, text=row.text, document=row.document)
        except ResidentError as error:
            return {row.field: words.told(error)}
    return {}


@bp.get("/costs/<int:cost_id>")
@staff("billing")
def show(cost_id):
    return page(ONE, **_one(cost_id))


@bp.post("/costs/<int:cost_id>")
@staff("billing")
def change(cost_id):
    facts = _one(cost_id)
    by, form = _billed.actor(facts), request.form
    if form.get("seen") != facts["seen"]:
        told = _("Somebody changed this cost while you were writing. What holds now stands above. Save again to replace it.")
        return _not_changed(cost_id, {"amount": told}, 409)
    try:
        amount = _typed.amount(form.get("amount", ""))
    except ValueError:
        return _not_changed(cost_id, {"amount": _typed.no_sum()})
    try:
        costs.change(session, facts["cost"], amount, by=by, text=form.get("text", "")[:200], document=form.get("document", "")[:60])
    except (costs.CostsShared, costs.CostsSettled) as error:
        return _not_changed(cost_id, {"amount": words.told(error)}, 409)
    return done(None, to=url_for(".index", id=facts["period"].id), say=_("Cost saved."))


@bp.post("/costs/<int:cost_id>/removal")
@staff("billing")
def remove(cost_id):
    facts = _one(cost_id)
    try:
        costs.remove(session, facts["cost"], by=_billed.actor(facts))
    except (costs.CostsShared, costs.CostsSettled) as error:
        return _not_changed(cost_id, {"amount": words.told(error)}, 409)
    return done(None, to=url_for(".index", id=facts["period"].id), say=_("Cost removed."))


def _taking(facts: dict) -> list[ChargeType]:
    """Charge types in use whose cost is divided, and not shared out or settled yet."""
    found = [one for one in overview.in_use(session, facts["period"], facts["organisation"].id) if one.basis == "cost"]
    return [one for one in found if costs.closed(session, facts["period"], one) is None]


def _shown(facts: dict) -> dict:
    rows = overview.costs(session, facts["period"])
    taking = _taking(facts)
    return facts | {
        "title": _("Costs of the month"),
        "rows": rows,
        "sums": _sums(rows),
        "taking": taking,
        "changing": {charge.id for _cost, charge in rows} & {charge.id for charge in taking},
        "open": facts["period"].state in TAKES_READINGS,
        "blanks": range(_cost_rows.ROWS),
        "called": _charge_words.called,
        "typed": {},
    }


def _sums(rows: list[tuple[Cost, ChargeType]]) -> list[tuple[ChargeType, int]]:
    found: dict[int, list] = {}
    for cost, charge in rows:
        found.setdefault(charge.id, [charge, 0])[1] += cost.amount
    return [tuple(one) for one in found.values()]


def _one(cost_id: int) -> dict:
    cost = one_or_404(access.visible_costs(g.viewer, "billing").where(Cost.id == cost_id))
    charge = session.get_one(ChargeType, cost.charge_type_id)
    return _billed.of(session.get_one(BillingPeriod, cost.period_id), "billing") | {
        "cost": cost,
        "charge": charge,
        "seen": digest([cost.amount, cost.text, cost.document]),
        "title": _("Cost: %(charge)s", charge=_charge_words.called(charge)),
        "typed": {"amount": _charge_words.typed(cost.amount), "text": cost.text or "", "document": cost.document or ""},
    }


def _not_changed(cost_id: int, errors: dict, status: int = 422):
    close()
    return refused(ONE, status=status, **_one(cost_id) | {"errors": errors, "typed": request.form.to_dict()})
