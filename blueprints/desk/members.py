"""Members and non-members at the desk: which tenures of a building pay the prices of members, from which day."""

from flask import Blueprint, abort, g, request

from resident import access
from resident.charging import sheets
from resident.homes.building import Building

from .. import _billing_words, _days, _terms
from .._gate import staff
from .._locale import _, ngettext, pgettext
from .._typed import whole
from .._web import close, done, page, refused, require, session
from . import _charge_sheet, _charged

bp = Blueprint("desk_members", __name__, url_prefix="/desk/members")
PAGE = "desk/charges/members.html"


@bp.get("")
@staff("money")
def index():
    return page(PAGE, **_shown())


@bp.post("")
@staff("billing")
def put():
    facts = _shown()
    require(facts["may"])
    errors: dict[str, str] = {}
    first = _days.among(errors, "first", missing=_("Choose the day from which the changes hold."))
    chosen = {row.tenure_id: request.form.get(f"m{row.tenure_id}") for row in facts["rows"]}
    changes = {id: said == "yes" for id, said in chosen.items() if said in ("yes", "no")}
    if not changes and not errors and not _charge_sheet.goes_on(facts):
        errors["first"] = _("Nothing is chosen. Choose member or non-member for at least one home.")
    errors = _charge_sheet.checked(facts, errors)
    if not errors:
        errors = _billing_words.tried("first", lambda: sheets.put_members(session, changes, first, by=facts["by"]))
    if errors:
        close()
        return refused(PAGE, **_shown() | {"errors": errors, "typed": request.form.to_dict()})
    said = ngettext("%(n)d change saved.", "%(n)d changes saved.", len(changes))
    return done(None, to=_charge_sheet.onward(facts), say=said if changes else None)


def _shown() -> dict:
    facts = _charged.organisation(_organisation())
    building = _charged.building(facts)
    shown = _charge_sheet.of(facts, building, lambda part: sheets.members(session, part))
    return shown | {
        "title": _("Members and non-members"),
        "unnamed": _charge_sheet.unnamed(facts, shown["rows"]),
        "words": {True: pgettext("association", "Member"), False: pgettext("association", "Non-member")},
        "terms": _terms,
    }


def _organisation() -> int | None:
    """That of the building asked for, else the one asked for."""
    asked = whole(request.values, "building")
    if asked is None:
        return whole(request.values, "organisation")
    covered = access.visible_buildings(g.viewer, "money").where(Building.id == asked)
    return session.scalar(covered.with_only_columns(Building.organisation_id).order_by(None)) or abort(404)
