"""What turned out to be different after a period was confirmed (rule 26): a cost, or readings, which are put right here too."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident.charging import settlement
from resident.homes.building import Unit
from resident.metering import putting_right

from .. import _billing_words, _settlement_words
from .._gate import staff
from .._locale import _, fmt
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _billed, _correction_form, _differences

bp = Blueprint("desk_period_corrections", __name__, url_prefix="/desk/billing")


@bp.get("/<int:id>/corrections")
@staff("billing")
def index(id):
    return page(_differences.PAGE, **_differences.shown(_place(id)))


@bp.post("/<int:id>/corrections/cost")
@staff("billing")
def cost(id):
    return _differences.cost(_place, id)


@bp.post("/<int:id>/corrections/invoices")
@staff("billing")
def invoice(id):
    return _differences.invoice(_place, id)


@bp.get("/<int:id>/corrections/readings")
@staff("billing")
def readings(id):
    return page(_differences.READINGS, **_differences.measured(_place(id)))


@bp.post("/<int:id>/corrections/readings")
@staff("billing")
def measure(id):
    return _differences.measure(_place, id)


@bp.post("/<int:id>/corrections/readings/<int:unit_id>")
@staff("billing")
def put_right(id, unit_id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _place(id)
    unit = one_or_404(select(Unit).where(Unit.id == unit_id, Unit.building_id == facts["building"].id))
    rows = putting_right.counters(session, facts["period"], unit.id)
    values, errors = _correction_form.counters(rows)
    if not errors:
        note, by = request.form.get("note", ""), facts["by"]
        verb = lambda: putting_right.put_right(session, facts["period"], unit.id, values, note, by=by)  # noqa: E731
        errors = _billing_words.tried("counters", verb)
    if errors:
        close()
        again = _differences.measured(_place(id, unit.number)) | {"errors": errors, "typed": request.form.to_dict()}
        return refused(_differences.READINGS, **again)
    to = url_for(".readings", id=id)
    remember(to)
    return done(None, to=to, say=_("The reading is put right. What it changes stands below."))


def _place(id: int, number: str | None = None) -> dict:
    """number: of the home whose counters stand on the page, else ?home=."""
    facts = _billed.place(id, "billing")
    period, run = facts["period"], settlement.of_month(session, facts["building"].id, facts["period"].name)
    return (
        facts
        | _differences.about(period, period)
        | _home(facts, request.args.get("home", "") if number is None else number)
        | {
            "run": None,
            "by": g.viewer.as_staff(facts["duty"]),
            "ready": period.state in ("confirmed", "closed"),
            "up": (url_for("desk_billing.show", id=id), fmt().month(period.name)),
            "settled": run and (run, _settlement_words.span(run.first, run.last)),
        }
    )


def _home(facts: dict, number: str) -> dict:
    """The home whose reading was wrong, by its number, with its counters."""
    number = " ".join(number.split())[:20]
    unit = session.scalar(select(Unit).where(Unit.building_id == facts["building"].id, Unit.number == number)) if number else None
    return {"number": number, "unit": unit, "counters": putting_right.counters(session, facts["period"], unit.id) if unit else []}
