"""Prices of media at the desk, and degree days by month: from which day, for the organisation or one building (L12, EED)."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.errors import Stale
from resident.homes.setting import digest
from resident.metering import pricing
from resident.metering.price import MediumPrice

from .. import _setting_words
from .._gate import staff
from .._locale import _, fmt
from .._security import takes_files
from .._typed import whole, written
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _organisation, _price

bp = Blueprint("desk_prices", __name__, url_prefix="/desk/prices")
FORM, DEGREES = "desk/prices/price.html", "desk/prices/degrees.html"


def _place() -> dict:
    """The organisation whose prices these are; its buildings that the post covers."""
    place = _organisation.place(g.viewer.duties_for("settings"))
    organisation = place["organisation"]
    return place | {
        "buildings": _organisation.buildings("settings", organisation.id),
        "media": _setting_words.measured(organisation.id),
        "per": lambda row: _price.per(row, organisation.currency, _setting_words.measured(organisation.id)),
        "whole": _organisation.within(access.whole_duties(g.viewer, "settings"), organisation.id),
    }


def _covered(facts: dict, building_id: int | None) -> None:
    """403 for posts of some buildings where what is changed holds in all of them."""
    require(building_id is not None or facts["whole"])


def _visible(facts: dict):
    """Prices of the organisation, and of the buildings that the post covers."""
    here = MediumPrice.building_id.is_(None) | MediumPrice.building_id.in_(facts["buildings"])
    return select(MediumPrice).where(MediumPrice.organisation_id == facts["organisation"].id, here)


@bp.get("")
@staff("settings")
def index():
    facts = _place()
    rows = [row for row in pricing.prices(session, facts["organisation"].id) if row.building_id in (None, *facts["buildings"])]
    groups = {code: [row for row in rows if row.medium == code] for code in facts["media"]}
    now = {row.id for row in _price.in_force(rows, facts["today"])}
    return page("desk/prices/index.html", title=_("Prices and degree days"), groups=groups, now=now, **facts)


@bp.get("/new")
@staff("settings")
def new():
    facts = _place()
    typed = {"first": facts["today"].isoformat(), "medium": request.args.get("medium", "")}
    return page(FORM, title=_("New price"), row=None, typed=typed, **facts)


@bp.post("")
@staff("settings")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _place()
    given = _price.Typed(facts)
    _covered(facts, given.building_id)
    if given.errors:
        return _refused(facts, None, given.errors)
    try:
        made = pricing.add(
            session, facts["organisation"], given.building_id, given.medium, given.first, given.terms,
            today=facts["today"], by=g.viewer.as_staff(facts["duty"]), past=given.past,
        )  # fmt: skip
    except (pricing.PastPrice, pricing.DayTaken) as error:
        return _refused(facts, None, _told(error))
    to = url_for(".index", organisation=facts["organisation"].id) + f"#{made.medium}"
    remember(to)
    return done(None, to=to, say=_("Price saved."))


@bp.get("/<int:id>")
@staff("settings")
def show(id: int):
    facts = _place()
    row = one_or_404(_visible(facts).where(MediumPrice.id == id))
    _covered(facts, row.building_id)
    typed = _price.shown(row, facts["organisation"].languages.split())
    return page(FORM, title=_("Change a price"), row=row, typed=typed, seen=pricing.mark(row), **facts)


@bp.post("/<int:id>")
@staff("settings")
def change(id: int):
    facts = _place()
    row = one_or_404(_visible(facts).where(MediumPrice.id == id))
    _covered(facts, row.building_id)
    given = _price.Typed(facts, row)
    if given.errors:
        return _refused(facts, row, given.errors)
    return _changed(facts, row, lambda how: pricing.change(session, facts["organisation"], row, given.first, given.terms, **how))


@bp.post("/<int:id>/removal")
@staff("settings")
def remove(id: int):
    facts = _place()
    row = one_or_404(_visible(facts).where(MediumPrice.id == id))
    _covered(facts, row.building_id)
    return _changed(facts, row, lambda how: pricing.remove(session, facts["organisation"], row, **how))


def _changed(facts: dict, row: MediumPrice, verb):
    how = {"seen": request.form.get("seen", ""), "today": facts["today"], "by": g.viewer.as_staff(facts["duty"])}
    try:
        verb(how | {"past": bool(request.form.get("past"))})
    except (pricing.PastPrice, pricing.DayTaken) as error:
        return _refused(facts, row, _told(error))
    except Stale:
        told = _("Somebody changed this price while you were writing. What holds now stands above. Save again to replace it.")
        return _refused(facts, row, {"first": told}, 409)
    return done(None, to=url_for(".index", organisation=facts["organisation"].id), say=_("Price saved."))


def _told(error) -> dict[str, str]:
    if isinstance(error, pricing.DayTaken):
        day = fmt().date(error.first)
        return {"first": _("Another price of this medium begins on %(day)s. Change that one, or choose another day.", day=day)}
    said = _(
        "These days have passed, and people may have seen costs that rest on the old price. Tick that you want to change "
        "them, or choose a day from today on."
    )
    return {"past": said}


def _refused(facts: dict, row: MediumPrice | None, errors: dict, status: int = 422):
    """The form with all that was typed; after a stale edit with the mark of what holds now."""
    close()
    facts = _place()
    row = session.get(MediumPrice, row.id) if row else None
    seen = pricing.mark(row) if row and status == 409 else request.form.get("seen", "")
    title = _("Change a price") if row else _("New price")
    typed = request.form.to_dict()
    return refused(FORM, status=status, **facts | {"errors": errors, "title": title, "row": row, "typed": typed, "seen": seen})


# ---- Degree days -----------------------------------------------------------------------------------------------------


@bp.get("/degree-days")
@staff("settings")
def degrees():
    return page(DEGREES, **_degrees(_place()))


@bp.post("/degree-days")
@staff("settings")
@takes_files
def put_degrees():
    facts = _place()
    shown = _degrees(facts)
    _covered(facts, shown["building_id"])
    try:
        values = _price.degree_days(shown["values"])
        by = g.viewer.as_staff(facts["duty"])
        seen = request.form.get("seen", "")
        pricing.put_degree_days(session, facts["organisation"], shown["building_id"], values, seen, by=by)
    except pricing.BadDegreeDays as error:
        return _not_put(shown, {"lines": " ".join(_price.line(number, why) for number, why in error.lines[:10])})
    except Stale:
        told = _("Somebody changed these months while you were writing. What holds now stands on this page. Save again.")
        return _not_put(shown, {"lines": told}, 409)
    to = url_for(".degrees", organisation=facts["organisation"].id, building=shown["building_id"])
    return done(None, to=to, say=_("Degree days saved."))


def _degrees(facts: dict) -> dict:
    building_id = whole(request.values, "building")
    if building_id is not None and building_id not in facts["buildings"]:
        abort(404)
    values = pricing.degree_days(session, facts["organisation"].id, building_id)
    months = sorted(values, reverse=True)
    years = sorted({int(month[:4]) for month in months}, reverse=True)
    named = {"building_id": building_id, "values": values, "seen": digest(values), "months": months, "years": years}
    return facts | named | {"title": _("Degree days"), "typed": "", "written": written}


def _not_put(shown: dict, errors: dict, status: int = 422):
    seen = shown["seen"] if status == 409 else request.form.get("seen", "")
    facts = shown | {"errors": errors, "typed": request.form.get("lines", "")[:20_000], "seen": seen}
    return refused(DEGREES, status=status, **facts)
