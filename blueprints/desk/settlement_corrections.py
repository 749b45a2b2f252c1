"""What turned out to be different after a settlement of advances was confirmed (rule 26): a cost, or readings. A home's facts are
corrected on its own page."""

from flask import Blueprint, url_for

from resident.charging import settling_up

from .._gate import staff
from .._locale import _, fmt
from .._web import page, session
from . import _differences, _settlement

bp = Blueprint("desk_settlement_corrections", __name__, url_prefix="/desk/settlements")


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


def _place(id: int) -> dict:
    facts = _settlement.place(id, "billing")
    run, months = facts["run"], settling_up.months(session, facts["run"])
    confirmed = run.state == "confirmed"
    return facts | _differences.about(run, months[-1]) | {
        "period": None,
        "about": _("%(building)s, %(month)s", building=facts["building"].address, month=facts["span"]),
        "state": (_("Invoiced"), "done") if confirmed else (_("To be confirmed"), "wait"),
        "currency": facts["organisation"].currency,
        "ready": confirmed,
        "up": (url_for("desk_settlements.show", id=id), facts["title"]),
        "months": [(url_for("desk_period_corrections.readings", id=one.id), fmt().month(one.name)) for one in months],
    }  # fmt: skip
