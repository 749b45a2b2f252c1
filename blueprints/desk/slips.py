"""Readings held for a decision: they came from a phone, a machine or a link, and could not be booked by themselves (B13, B17)."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.homes.building import Building, Unit
from resident.metering import counter, roster, slip_decision, window
from resident.metering.slip import Slip
from resident.metering.submission import NothingToStore, Unanswered
from resident.people.person import Person

from .. import _counters, _slip_words
from .._gate import staff
from .._locale import _
from .._typed import whole
from .._web import close, done, one_or_404, page, refused, session
from . import _sheet

bp = Blueprint("desk_slips", __name__, url_prefix="/desk/slips")
ROWS = 50


@bp.context_processor
def words():
    return {"words": _counters, "slips": _slip_words, "told": _sheet.told, "home_label": access.home_label}


@bp.get("")
@staff("windows")
def index():
    waiting = access.visible_held_slips(g.viewer).add_columns(Unit.number, Building.address)
    after = whole(request.args, "after")
    rows = session.execute(waiting.where(Slip.id > (after or 0)).order_by(Slip.id).limit(ROWS + 1)).all()
    organisations = {duty.organisation.id: duty.organisation for duty in g.viewer.duties}
    following = rows[ROWS - 1].Slip.id if len(rows) > ROWS else None
    facts = {"rows": rows[:ROWS], "following": following, "organisations": organisations}
    return page("desk/slips/index.html", title=_("Readings that came later"), **facts)


@bp.get("/<int:id>")
@staff("windows")
def show(id):
    return page("desk/slips/slip.html", **_slip(_one(id)))


@bp.post("/<int:id>/acceptance")
@staff("windows")
def accept(id):
    slip, (day, errors), typed = _one(id), _sheet.typed_day(), _sheet.typed()
    facts = _slip(slip)
    form, period = facts["form"], facts["period"]
    own = {row.register_id: typed[row.register_id] for row in form.counters if row.register_id in typed}
    if errors or period is None:
        return _left(id, errors or {"period": _("Choose a billing period that takes readings.")}, own)
    by = g.viewer.as_staff(facts["duty"])
    try:
        receipt = slip_decision.accept(session, slip, facts["duty"].organisation, own, day, period.id, by=by)
    except (Unanswered, NothingToStore) as refusal:
        verdicts = {said.counter.register_id: said for said in refusal.verdicts if said.kind != "good"}
        told = {f"r{id}": f"{_counters.counter(said.counter)}: {_sheet.told(said)}" for id, said in verdicts.items()}
        return _left(id, told or {"day": _("Nothing was typed. Write the readings, or dismiss them.")}, own, verdicts)
    except slip_decision.Decided:
        return _too_late(id)
    number = receipt.number
    return done(None, to=url_for(".index"), say=_("The readings are booked. Receipt number: %(number)s", number=number))


@bp.post("/<int:id>/dismissal")
@staff("windows")
def dismiss(id):
    slip = _one(id)
    try:
        slip_decision.dismiss(session, slip, request.form.get("note", ""), by=g.viewer.as_staff(_duty(slip)))
    except slip_decision.Decided:
        return _too_late(id)
    return done(None, to=url_for(".index"), say=_("The readings are dismissed."))


def _one(id: int) -> Slip:
    return one_or_404(access.visible_slips(g.viewer).where(Slip.id == id))


def _duty(slip: Slip) -> access.Duty:
    building_id = session.scalar(select(Unit.building_id).where(Unit.id == slip.unit_id))
    return g.viewer.duty("windows", slip.organisation_id, building_id) or abort(404)


def _too_late(id: int):
    close()
    said = _("Somebody decided about these readings already, or entered them. Nothing was changed.")
    return refused("desk/slips/slip.html", status=409, **_slip(_one(id)) | {"errors": {"slip": said}})


def _left(id: int, errors: dict, typed: dict, verdicts: dict | None = None):
    """The page again with everything typed and what is not right about it."""
    close()
    facts = _slip(_one(id)) | {"errors": errors, "verdicts": verdicts or {}, "day": request.form.get("day", "")}
    facts["values"] |= {id: said.black for id, said in typed.items()}
    return refused("desk/slips/slip.html", **facts)


def _slip(slip: Slip) -> dict:
    """What came, beside what counts now in the period that is chosen, or that it was meant for, or of today."""
    duty, unit = _duty(slip), session.get_one(Unit, slip.unit_id)
    building = session.get_one(Building, unit.building_id)
    rows = [row for row in roster.periods(session, building.id) if row.BillingPeriod.state in window.TAKES_READINGS]
    chosen = request.values.get("period")
    row = next((row for row in rows if chosen in (None, row.BillingPeriod.name) and (chosen or _meant(slip, row))), None)
    row = row or (roster.current(rows, duty.organisation.today) if rows else None)
    period = row.BillingPeriod if row else None
    form = counter.form(session, unit.id, duty.organisation, staff=True, period_id=period.id if period else None)
    form.counters = [each for each in form.counters if str(each.register_id) in slip.typed]
    there = {str(each.register_id) for each in form.counters}
    label = access.home_label(duty.organisation.country, building.address, unit.number)
    return {
        "title": _("Readings that came later: %(home)s", home=label),
        "slip": slip,
        "duty": duty,
        "unit": unit,
        "who": _who(slip),
        "tz": duty.organisation.tz,
        "period": period,
        "periods": [row.BillingPeriod.name for row in rows],
        "form": form,
        "values": {each.register_id: _whole(slip.typed[str(each.register_id)], each.decimals) for each in form.counters},
        "gone": [" ".join(part for part in said[:2] if part) for id, said in slip.typed.items() if id not in there],
        "day": slip.day.isoformat(),
        "verdicts": {},
        "typed": {},
    }


def _meant(slip: Slip, row) -> bool:
    return row.BillingPeriod.id == slip.period_id


def _whole(said: list, decimals: int) -> str:
    """Black and red digits in one field, as the desk types them."""
    black, red = said[0], said[1]
    return f"{black},{red.strip().zfill(decimals)}" if red.strip() else black


def _who(slip: Slip) -> str | None:
    """Who typed it, for posts that may know (rule 43, turvakielto)."""
    person = session.get(Person, slip.person_id) if slip.person_id else None
    seen = person and access.may_see_contacts(g.viewer, slip.organisation_id, person.non_disclosure)
    return person.name if seen else None
