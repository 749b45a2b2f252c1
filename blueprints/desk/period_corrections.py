"""What turned out to be different after a period was confirmed (rule 26): a cost, or readings. First what each home would get, then
the corrections, which wait for the next period's invoices."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident.charging import overview, recosting, remeasuring
from resident.errors import ResidentError, Stale
from resident.homes.building import Unit
from resident.metering import putting_right

from .. import _billing_words, _charge_words, _counters, _typed
from .._gate import staff
from .._locale import _, ngettext
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _billed, _correction_form

bp = Blueprint("desk_period_corrections", __name__, url_prefix="/desk/billing")
PAGE, COST, READINGS = (f"desk/corrections/{name}.html" for name in ("period", "cost", "readings"))


@bp.get("/<int:id>/corrections")
@staff("billing")
def index(id):
    return page(PAGE, **_shown(id))


@bp.post("/<int:id>/corrections/cost")
@staff("billing")
def cost(id):
    facts = _shown(id)
    given = _correction_form.OfCost(facts["divided"])
    if given.errors:
        return _refused(PAGE, _shown, id, given.errors)
    if "sure" not in request.form:
        return page(COST, **facts | _preview(facts, given))
    if again := first_sending(g.viewer.login_id):
        return again
    figures = given.one.charge.id, given.difference, given.text, request.form.get("seen", "")
    return _made(id, PAGE, _shown, lambda by: recosting.cost_was(session, facts["period"], *figures, by=by))


@bp.get("/<int:id>/corrections/readings")
@staff("billing")
def readings(id):
    return page(READINGS, **_measured(id))


@bp.post("/<int:id>/corrections/readings")
@staff("billing")
def measure(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts, errors = _measured(id), []
    text, seen = _correction_form.text(errors), request.form.get("seen", "")
    if errors:
        return _refused(READINGS, _measured, id, errors)
    return _made(id, READINGS, _measured, lambda by: remeasuring.correct_all(session, facts["period"], text, seen, by=by))


@bp.post("/<int:id>/corrections/readings/<int:unit_id>")
@staff("billing")
def put_right(id, unit_id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _billed.place(id, "billing")
    unit = one_or_404(select(Unit).where(Unit.id == unit_id, Unit.building_id == facts["building"].id))
    rows = putting_right.counters(session, facts["period"], unit.id)
    values, errors = _correction_form.counters(rows)
    note = request.form.get("note", "")
    if not errors:
        try:
            putting_right.put_right(session, facts["period"], unit.id, values, note, by=_billed.actor(facts))
        except putting_right.NotPutRight as error:
            errors = [("counters", _billing_words.told(error))]
    if errors:
        return _refused(READINGS, lambda id: _measured(id, unit.number), id, errors)
    to = url_for(".readings", id=id)
    remember(to)
    return done(None, to=to, say=_("The reading is put right. What it changes stands below."))


def _made(id: int, template: str, shown, verb):
    facts = _billed.place(id, "billing")
    try:
        made = verb(_billed.actor(facts))
    except Stale:
        told = _("Somebody has corrected something here meanwhile. What holds now stands below. Look at it again.")
        return _refused(template, shown, id, [("difference", told)], 409)
    except ResidentError as error:
        return _refused(template, shown, id, [("difference", _billing_words.told(error))])
    to = url_for(".index", id=id)
    remember(to)
    said = ngettext("%(n)d correction waits for the next invoices.", "%(n)d corrections wait for the next invoices.", len(made))
    return done(None, to=to, say=said)


def _shown(id: int) -> dict:
    facts = _billed.place(id, "billing")
    divided = recosting.divided(session, facts["period"])
    return (
        facts
        | _waits(facts)
        | {
            "title": _("Differences found later"),
            "divided": divided,
            "called": _charge_words.called,
            "typed": {"charge": str(divided[0].charge.id)} if len(divided) == 1 else {},
        }
    )


def _waits(facts: dict) -> dict:
    """Which period's invoices carry corrections, and what waits already."""
    count, amount = overview.waiting_of(session, facts["period"])
    return {"carrying": overview.carrying(session, facts["period"]), "waiting": count, "waiting_sum": amount}


def _preview(facts: dict, given: _correction_form.OfCost) -> dict:
    return {
        "title": _("Difference for each home"),
        "one": given.one,
        "difference": given.difference,
        "shares": recosting.shares(given.one, given.difference),
        "numbers": overview.unit_numbers(session, facts["building"].id),
        "sent": given.hidden(),
    }


def _home(facts: dict, number: str) -> dict:
    """The home whose reading was wrong, by its number, with its counters."""
    number = " ".join(number.split())[:20]
    unit = session.scalar(select(Unit).where(Unit.building_id == facts["building"].id, Unit.number == number)) if number else None
    return {"number": number, "unit": unit, "counters": putting_right.counters(session, facts["period"], unit.id) if unit else []}


def _measured(id: int, number: str | None = None) -> dict:
    facts = _billed.place(id, "billing")
    facts |= _home(facts, request.args.get("home", "") if number is None else number)
    found = remeasuring.remeasured(session, facts["period"])
    return (
        facts
        | _waits(facts)
        | {
            "title": _("Readings that were corrected later"),
            "found": found,
            "seen": remeasuring.mark(found),
            "numbers": overview.unit_numbers(session, facts["building"].id),
            "shown_value": _typed.written,
            "words": _counters,
            "typed": {},
        }
    )


def _refused(template: str, shown, id: int, errors: list, status: int = 422):
    close()
    return refused(template, status=status, **shown(id) | {"errors": errors, "typed": request.form.to_dict()})
