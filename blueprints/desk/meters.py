"""Meters at the desk: which there are, what is known of each, adding, correcting, changing for a new one, taking out and
back."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.errors import Stale
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.metering import changing, fitting, meter_list, restoring
from resident.metering import medium as media
from resident.metering.meter import Meter, Register

from .. import _counters, _terms
from .._days import read
from .._gate import staff
from .._locale import _
from .._typed import day_and_key, whole
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _change, _meter_form, _organisation

bp = Blueprint("desk_meters", __name__, url_prefix="/desk/meters")
FILTERS = ("building", "medium", "of", "remote", "state", "ends", "serial")
# More buildings than this are chosen by searching for the address, not in a list.
LISTED_BUILDINGS = 500


@bp.context_processor
def words():
    return {"counters": _counters, "terms": _terms, "home_label": access.home_label}


@bp.get("")
@staff("readings")
def index():
    chosen = {name: request.args[name].replace("\0", "").strip()[:40] for name in FILTERS if request.args.get(name, "").strip()}
    filters, ends = _filters(chosen)
    rows, following = meter_list.listed(session, g.viewer, filters, request.args.get("after", "").replace("\0", "")[:200])
    buildings = access.visible_buildings(g.viewer, "readings").order_by(Building.organisation_id, Building.code)
    return page(
        "desk/meters/index.html",
        part="desk/meters/_list.html",
        title=_("Meters"),
        rows=rows,
        following=following,
        chosen=chosen,
        ends=ends,
        later="after" in request.args,
        buildings=session.execute(buildings.with_only_columns(Building.id, Building.address).limit(LISTED_BUILDINGS)).all(),
        media=_media(),
        todays={duty.organisation.id: duty.organisation.today for duty in g.viewer.duties},
        several=len(_organisation.each(g.viewer.duties)) > 1,
    )


def _filters(chosen: dict) -> tuple[meter_list.Filters, str]:
    """What the address asks for, and the day as it was typed; a day that there never was narrows nothing."""
    ends = chosen.get("ends", "")
    try:
        before = read(ends) if ends else None
    except ValueError:
        before, ends = None, ""
    pick = {"of": ("home", "building"), "remote": ("yes", "no"), "state": ("live", "archived")}
    given = {name: chosen[name] for name, choices in pick.items() if chosen.get(name) in choices}
    given |= {name: chosen[name] for name in ("medium", "serial") if name in chosen}
    return meter_list.Filters(building=whole(chosen, "building"), ends=before, **given), ends


def _media() -> dict[str, str]:
    """The media whose meters the viewer's posts reach, in words."""
    duties = g.viewer.duties_for("readings")
    every = {code: word for duty in duties for code, word in _terms.media(duty.organisation.id).items()}
    own = {duty.medium for duty in duties}
    return every if None in own else {code: word for code, word in every.items() if code in own}


@bp.get("/<int:id>")
@staff("readings")
def show(id):
    meter = _meter(id)
    place = _place(meter)
    main, behind = meter_list.main_and_behind(session, meter)
    after = day_and_key(request.args, "after")
    rows, following = meter_list.readings(session, meter, after)
    return page(
        "desk/meters/meter.html",
        part="desk/meters/_readings.html",
        title=_("Meter %(serial)s", serial=meter.serial),
        meter=meter,
        **place,
        registers=fitting.registers_of(session, id),
        lasts=changing.lasts(session, id),
        chain=meter_list.chain(session, id),
        main=main,
        behind=behind,
        rows=rows,
        following=following and f"{following[0].isoformat()}:{following[1]}",
        later=after is not None,
        names=access.may_see_contacts(g.viewer, meter.organisation_id, undisclosed=True),
    )


def _meter(id: int) -> Meter:
    return one_or_404(access.visible_any_meters(g.viewer).where(Meter.id == id))


def _place(meter: Meter) -> dict:
    """Where a meter belongs, and the duties by which the viewer may do something with it."""
    unit = session.get(Unit, meter.unit_id) if meter.unit_id else None
    building = session.get_one(Building, unit.building_id if unit else meter.building_id)
    return _at(building, unit) | {"reader": g.viewer.duty("readings", building.organisation_id, building.id)}


def _at(building: Building, unit: Unit | None) -> dict:
    organisation = session.get_one(Organisation, building.organisation_id)
    duty = g.viewer.duty("meters", organisation.id, building.id)
    shown = duty or g.viewer.duty("readings", organisation.id, building.id)
    return {
        "building": building,
        "unit": unit,
        "organisation": organisation,
        "where": access.home_label(organisation.country, building.address, unit.number) if unit else building.address,
        "duty": duty,
        "today": shown.organisation.today,
    }


# ---- Adding ----------------------------------------------------------------------------------------------------------


@bp.get("/new")
@staff("meters")
def new():
    facts = _adding()
    medium = request.args.get("medium", "")
    measure = facts["known"][medium].measure if medium in facts["known"] else ""
    typed = {"medium": medium, "measure": measure, "installed": facts["today"].isoformat(), "coefficient": "1"}
    typed |= {"digits-1": "5", "decimals-1": "3", "initial-1": "0"}
    return page("desk/meters/form.html", **facts, typed=typed, rows=2)


@bp.post("")
@staff("meters")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    facts, typed = _adding(), _meter_form.Typed()
    if typed.errors:
        return _left(facts, typed.errors)
    by = g.viewer.as_staff(facts["duty"])
    try:
        made = fitting.add(
            session, facts["building"], facts["unit"], request.form.get("medium", ""), typed.facts, facts["today"], by=by
        )
    except fitting.BadMeter as error:
        return _left(facts, _meter_form.told(error))
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("The meter is added."))


def _adding() -> dict:
    """The home, or the building itself, that a meter is added to; and the main meters that it could stand behind."""
    unit = None
    if id := whole(request.values, "unit"):
        unit = one_or_404(access.visible_units(g.viewer, "meters").where(Unit.id == id))
    wanted = unit.building_id if unit else whole(request.values, "building") or 0
    building = one_or_404(access.visible_buildings(g.viewer, "meters").where(Building.id == wanted))
    known = media.known(session, building.organisation_id)
    facts = _at(building, unit) | {"title": _("Add a meter"), "meter": None, "seen": "", "known": known}
    return facts | {"media": _terms.media(building.organisation_id), "mains": _mains(building)}


def _mains(building: Building, meter: Meter | None = None) -> list:
    """(meter, home or none) behind which this one can stand, or of every medium for a new one."""
    found = [meter.medium] if meter else list(media.known(session, building.organisation_id))
    rows = [row for code in found for row in fitting.mains(session, building.id, code, meter.id if meter else None)]
    homes = select(Unit.id, Unit.number).where(Unit.id.in_([row.unit_id for row in rows if row.unit_id]))
    numbers = dict(session.execute(homes).all())
    return [(row, numbers.get(row.unit_id)) for row in rows]


def _left(facts: dict, errors: dict, status: int = 422):
    """The form again with everything typed."""
    rows = _meter_form.rows(request.form)
    return refused("desk/meters/form.html", status=status, **facts, typed=request.form, rows=rows, errors=errors)


# ---- Correcting ------------------------------------------------------------------------------------------------------


@bp.get("/<int:id>/details")
@staff("readings")
def edit(id):
    facts = _editing(id)
    typed = _meter_form.shown(fitting.facts_of(session, facts["meter"]))
    return page("desk/meters/form.html", **facts, typed=typed, rows=_meter_form.rows(typed))


@bp.post("/<int:id>/details")
@staff("readings")
def save(id):
    facts, typed = _editing(id), _meter_form.Typed()
    if typed.errors:
        return _left(facts | {"seen": request.form.get("seen", "")}, typed.errors)
    by = g.viewer.as_staff(facts["duty"])
    try:
        fitting.change(session, facts["meter"], typed.facts, request.form.get("seen", ""), facts["today"], by=by)
    except fitting.BadMeter as error:
        close()
        return _left(_editing(id) | {"seen": request.form.get("seen", "")}, _meter_form.told(error))
    except Stale:
        close()
        told = _("Somebody changed this meter while you were writing. What you typed is here; save again to replace their change.")
        return _left(_editing(id), {"serial": told}, 409)
    return done(None, to=url_for(".show", id=id), say=_("The details of the meter are saved."))


def _editing(id: int) -> dict:
    meter = _meter(id)
    place = _place(meter)
    require(place["duty"] is not None)
    known = media.known(session, meter.organisation_id)
    facts = place | {"title": _("Change the details of a meter"), "meter": meter, "seen": fitting.mark(session, meter)}
    return facts | {"known": known, "media": _terms.media(meter.organisation_id), "mains": _mains(place["building"], meter)}


# ---- A new one in its place, and taking out --------------------------------------------------------------------------


@bp.get("/<int:id>/change")
@staff("readings")
def replacement(id):
    facts = _ending(id)
    return page("desk/meters/change.html", **facts, typed=_change.proposed(facts), step="old")


@bp.post("/<int:id>/change")
@staff("readings")
def replace(id):
    facts = _ending(id)
    flow = _change.Flow(facts)
    if flow.errors or flow.next != "done":
        return flow.answer()
    if again := first_sending(g.viewer.login_id):
        return again
    by = g.viewer.as_staff(facts["duty"])
    try:
        made = flow.record(by)
    except changing.BadChange as error:
        return flow.left(error)
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("The change of meter is recorded."))


@bp.get("/<int:id>/removal")
@staff("readings")
def removal(id):
    facts = _ending(id) | {"title": _("Take a meter out")}
    return page("desk/meters/removal.html", **facts, typed={"day": facts["today"].isoformat()})


@bp.post("/<int:id>/removal")
@staff("readings")
def take_out(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _ending(id) | {"title": _("Take a meter out")}
    typed = _change.Finals(facts["registers"])
    if typed.errors:
        return refused("desk/meters/removal.html", **facts, typed=request.form, errors=typed.errors)
    by = g.viewer.as_staff(facts["duty"])
    try:
        changing.take_out(session, facts["meter"], typed.day, typed.finals, facts["today"], by=by)
    except changing.BadChange as error:
        return refused("desk/meters/removal.html", **facts, typed=request.form, errors=_change.told(error, facts))
    to = url_for(".show", id=id)
    remember(to)
    return done(None, to=to, say=_("The meter is archived."))


@bp.get("/<int:id>/restoration")
@staff("readings")
def restoration(id):
    return page("desk/meters/restoration.html", **_restoring(id))


@bp.post("/<int:id>/restoration")
@staff("readings")
def restore(id):
    facts = _restoring(id)
    by = g.viewer.as_staff(facts["duty"])
    try:
        restoring.take_back(session, facts["meter"], _seen(), by=by)
    except (restoring.NotRestored, Stale):
        close()
        # The page says what is so now, and why.
        told = _("Nothing was changed: the meter is not as it was when you looked.")
        return refused("desk/meters/restoration.html", status=409, **_restoring(id), errors={"meter": told})
    return done(None, to=url_for(".show", id=id), say=_("The meter is in use again."))


def _seen():
    try:
        return read(request.form.get("removed", ""))
    except ValueError:
        raise Stale() from None


def _restoring(id: int) -> dict:
    """The page about an archived meter: what taking it back does, or the sentence why it cannot be."""
    meter = _meter(id)
    place = _place(meter)
    require(place["duty"] is not None)
    facts = place | {"title": _("Take an archived meter back"), "meter": meter, "obstacle": None, "finals": [], "behind": []}
    try:
        restoring.check(session, meter)
    except restoring.NotRestored as error:
        return facts | {"obstacle": _change.not_restored(error)}
    registers = {row.id: row for row in fitting.registers_of(session, id)}
    finals = [(registers[one.register_id], one) for one in restoring.finals(session, meter)]
    return facts | {"finals": finals, "behind": restoring.behind(session, meter)}


def _ending(id: int) -> dict:
    meter = _meter(id)
    place = _place(meter)
    require(place["duty"] is not None)
    registers = session.scalars(select(Register).where(Register.meter_id == id).order_by(Register.id)).all()
    known = {"meter": meter, "registers": registers, "lasts": changing.lasts(session, id), "word": _counters.register}
    behind = meter_list.main_and_behind(session, meter)[1]
    return place | known | {"title": _("Change of meter"), "behind": behind}
