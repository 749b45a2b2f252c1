"""Kinds of meters that an organisation adds to those that everybody has: cooling, steam …"""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.errors import Stale
from resident.homes.organisation import Organisation
from resident.metering import medium as media
from resident.metering.medium import LONGEST_MEASURE, LONGEST_NAME, BadMedium, Medium

from .. import _counters, _terms
from .._gate import staff
from .._locale import _, fmt, languages, ngettext
from .._typed import quantity
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _organisation

bp = Blueprint("desk_media", __name__, url_prefix="/desk/media")


@bp.get("")
@staff("meters")
def index():
    return page("desk/media/index.html", **_facts(), typed={"gap": "0"}, counters=_counters)


@bp.post("")
@staff("meters")
def create():
    duty = _organisation.of(access.whole_duties(g.viewer, "meters"))
    if again := first_sending(g.viewer.login_id):
        return again
    organisation = session.get_one(Organisation, duty.organisation.id)
    try:
        media.add(session, organisation, *_typed(organisation), by=g.viewer.as_staff(duty))
    except BadMedium as error:
        close()
        return refused("desk/media/index.html", **_facts(), counters=_counters, typed=request.form, errors=_told(error))
    to = url_for(".index", organisation=organisation.id)
    remember(to)
    return done(None, to=to, say=_("The kind of meter is added."))


@bp.get("/<int:id>")
@staff("meters")
def show(id):
    facts = _one(id)
    return page("desk/media/medium.html", **facts, typed=_shown(facts["row"]))


@bp.post("/<int:id>")
@staff("meters")
def save(id):
    facts = _one(id)
    organisation, seen = facts["organisation"], request.form.get("seen", "")
    try:
        media.change(session, organisation, facts["row"], *_typed(organisation), seen, by=g.viewer.as_staff(facts["duty"]))
    except BadMedium as error:
        close()
        return refused("desk/media/medium.html", **_one(id) | {"seen": seen}, typed=request.form, errors=_told(error))
    except Stale:
        close()
        told = _("Somebody changed this while you were writing. What you typed is here; save again to replace their change.")
        field = f"name-{organisation.languages.split()[0]}"
        return refused("desk/media/medium.html", status=409, **_one(id), typed=request.form, errors={field: told})
    return done(None, to=url_for(".index", organisation=organisation.id), say=_("The kind of meter is saved."))


def _facts(organisation_id: int | None = None) -> dict:
    place = _organisation.place(access.whole_duties(g.viewer, "meters"), organisation_id)
    organisation = place["organisation"]
    return place | {
        "title": _("Kinds of meters"),
        "known": media.known(session, organisation.id),
        "names": _terms.media(organisation.id),
        "own": {row.code: row.id for row in media.of(session, [organisation.id])},
        "spoken": {code: languages().get(code, code) for code in organisation.languages.split()},
        "most": {"name": LONGEST_NAME, "measure": LONGEST_MEASURE},
    }


def _one(id: int) -> dict:
    row = one_or_404(access.visible_media(g.viewer).where(Medium.id == id))
    return _facts(row.organisation_id) | {"title": _terms.medium_name(row.code), "row": row, "seen": media.mark(row)}


def _shown(row: Medium) -> dict[str, str]:
    names = {f"name-{language}": name for language, name in row.names.items()}
    return names | {"measure": row.measure, "gap": fmt().number(row.gap)}


def _typed(organisation: Organisation) -> tuple[dict[str, str], str, int]:
    """Names by language, unit and least difference in millionths. BadMedium."""
    names = {code: request.form.get(f"name-{code}", "").replace("\0", "")[:200] for code in organisation.languages.split()}
    try:
        gap = quantity(request.form, "gap", whole=6, decimals=3) or 0
    except ValueError:
        raise BadMedium(field="gap", why="number") from None
    return names, request.form.get("measure", "").replace("\0", "")[:200], gap


def _told(error: BadMedium) -> dict[str, str]:
    return {error.facts["field"]: _sentence(error.facts["field"], error.facts["why"])}


def _sentence(field: str, why: str) -> str:
    if why == "long":
        most = LONGEST_MEASURE if field == "measure" else LONGEST_NAME
        return ngettext("Write at most %(n)d character.", "Write at most %(n)d characters.", most)
    if why == "missing":
        unit = _("Write the unit in which the meters count, such as kWh.")
        return unit if field == "measure" else _("Write the name in this language; the others may stay empty.")
    if why == "number":
        return _("The least difference is a number such as 1 or 2.5. Write it in figures.")
    return _("There is a kind of meter of this name already. Choose another name.")
