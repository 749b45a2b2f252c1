"""Members and non-members at the desk: which tenures of a building pay the prices of members, from which day."""

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.charging import sheets
from resident.errors import ResidentError
from resident.homes.building import Building
from resident.homes.setting import digest
from resident.money import roll
from resident.month import months_on

from .. import _billing_words, _days, _terms
from .._gate import staff
from .._locale import _, ngettext, pgettext
from .._typed import whole
from .._web import close, done, page, refused, require, session
from . import _charged

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
    duty = g.viewer.duty("billing", facts["organisation"].id, facts["building"].id)
    require(duty is not None)
    errors: list[tuple[str, str]] = []
    first = _days.among(errors, "first", missing=_("Choose the day from which the changes hold."))
    chosen = {row.tenure_id: request.form.get(f"m{row.tenure_id}") for row in facts["rows"]}
    changes = {id: said == "yes" for id, said in chosen.items() if said in ("yes", "no")}
    if not changes and not errors:
        errors.append(("first", _("Nothing is chosen. Choose member or non-member for at least one home.")))
    if request.form.get("seen") != facts["seen"]:
        errors = [("first", _("Somebody changed this sheet while you were writing. Look at it again, then save anew."))]
    if errors:
        return _refused(errors)
    try:
        sheets.put_members(session, changes, first, by=g.viewer.as_staff(duty))
    except ResidentError as error:
        return _refused([("first", _billing_words.told(error))])
    said = ngettext("%(n)d change saved.", "%(n)d changes saved.", len(changes))
    return done(None, to=url_for(".index", building=facts["building"].id), say=said)


def _shown() -> dict:
    facts = _charged.organisation(_organisation())
    building = _charged.building(facts)
    rows = sheets.members(session, building.id, facts["today"])
    return facts | {
        "title": _("Members and non-members"),
        "building": building,
        "rows": rows,
        "unnamed": roll.undisclosed(session, g.viewer, facts["organisation"].id, [{"person_id": row.person_id} for row in rows]),
        "seen": digest(rows),
        "proposed": months_on(facts["today"].replace(day=1), 1),
        "may": g.viewer.can("billing", facts["organisation"].id, building.id),
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


def _refused(errors: list):
    close()
    return refused(PAGE, **_shown() | {"errors": errors, "typed": request.form.to_dict()})
