"""What the homes of a building weigh in a charge, at the desk: from which day, all of them on one sheet."""

from datetime import date

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident.charging import charges, sheets
from resident.charging.charge import ChargeType
from resident.homes.building import Unit
from resident.homes.setting import digest

from .. import _billing_words, _charge_words, _days, _typed
from .._gate import staff
from .._locale import _, ngettext
from .._web import close, done, page, refused, require, session
from . import _charged

bp = Blueprint("desk_weights", __name__, url_prefix="/desk/charges")
PAGE = "desk/charges/weights.html"


@bp.get("/<int:id>/weights")
@staff("money")
def index(id):
    return page(PAGE, **_shown(id))


@bp.post("/<int:id>/weights")
@staff("billing")
def put(id):
    facts = _shown(id)
    duty = g.viewer.duty("billing", facts["organisation"].id, facts["building"].id)
    require(duty is not None)
    errors: list[tuple[str, str]] = []
    first = _days.among(errors, "first", missing=_("Choose the day from which the weights hold."))
    changed = _changed(facts["rows"], errors)
    if request.form.get("seen") != facts["seen"]:
        errors = [("first", _("Somebody changed this sheet while you were writing. Look at it again, then save anew."))]
    if not errors:
        errors = _billing_words.tried("first", lambda: _put(facts["charge"], changed, first, g.viewer.as_staff(duty)))
    if errors:
        close()
        return refused(PAGE, **_shown(id) | {"errors": errors, "typed": request.form.to_dict()})
    to = url_for(".index", id=id, building=facts["building"].id)
    return done(None, to=to, say=ngettext("%(n)d weight saved.", "%(n)d weights saved.", len(changed)))


def _put(charge: ChargeType, changed: dict[int, int], first: date, by) -> None:
    for unit in session.scalars(select(Unit).where(Unit.id.in_(changed)).order_by(Unit.id)).all():
        charges.put_weight(session, charge, unit, changed[unit.id], first, by=by)


def _changed(rows: list[sheets.OfUnit], errors: list) -> dict[int, int]:
    """By unit: what was typed and is not so already."""
    found = {}
    for row in rows:
        value = _typed.number(errors, f"w{row.unit_id}")
        if value is not None and (row.now is None or value != row.now.value):
            found[row.unit_id] = value
    return found


def _shown(id: int) -> dict:
    facts = _charged.charge(id)
    building = _charged.building(facts)
    rows = sheets.weights(session, facts["charge"], building.id, facts["today"])
    own = facts["charge"].key == "weights"
    return facts | {
        "title": _("Weights: %(charge)s", charge=_charge_words.called(facts["charge"]))
        if own
        else _("Coefficients: %(charge)s", charge=_charge_words.called(facts["charge"])),
        "own": own,
        "building": building,
        "rows": rows,
        "seen": digest(rows),
        "written": _typed.written,
        "may": g.viewer.can("billing", facts["organisation"].id, building.id),
    }
