"""What the homes of a building weigh in a charge, at the desk: from which day, many of them on one sheet."""

from flask import Blueprint, request

from resident.charging import sheets

from .. import _billing_words, _charge_words, _days, _typed
from .._gate import staff
from .._locale import _, ngettext
from .._web import close, done, page, refused, require, session
from . import _charge_sheet, _charged

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
    require(facts["may"])
    errors: dict[str, str] = {}
    first = _days.among(errors, "first", missing=_("Choose the day from which the weights hold."))
    changed = _changed(facts["rows"], errors)
    errors = _charge_sheet.checked(facts, errors)
    if not errors:
        errors = _billing_words.tried("first", lambda: sheets.put_weights(session, facts["charge"], changed, first, by=facts["by"]))
    if errors:
        close()
        return refused(PAGE, **_shown(id) | {"errors": errors, "typed": request.form.to_dict()})
    return done(
        None, to=_charge_sheet.onward(facts, id=id), say=ngettext("%(n)d weight saved.", "%(n)d weights saved.", len(changed))
    )


def _changed(rows: list[sheets.OfUnit], errors: dict) -> dict[int, int]:
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
    own, called = facts["charge"].key == "weights", _charge_words.called(facts["charge"])
    title = _("Weights: %(charge)s", charge=called) if own else _("Coefficients: %(charge)s", charge=called)
    return _charge_sheet.of(facts, building, lambda part: sheets.weights(session, facts["charge"], part)) | {
        "title": title,
        "own": own,
    }
