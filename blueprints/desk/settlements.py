"""Settlements of advances at the desk (S6): worked out for a building's months, looked at, confirmed, taken back step by step."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.charging import allocating, confirming, settling, steps, taking_back, working
from resident.charging.settlement import SettlementPart, SettlementRun
from resident.errors import ResidentError
from resident.homes.building import Building, Unit
from resident.money.period import BillingPeriod

from .. import _billing_words
from .. import _settlement_words as words
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._web import done, first_sending, one_or_404, page, refused, remember, require, session
from ._period import house

bp = Blueprint("desk_settlements", __name__, url_prefix="/desk/settlements")


@bp.get("")
@staff("money")
def index():
    return page("desk/settlements/index.html", **_listed())


@bp.post("")
@staff("billing")
def prepare():
    facts = _listed()
    require(facts["may"])
    if again := first_sending(g.viewer.login_id):
        return again
    building, form = facts["building"], request.form
    by = g.viewer.as_staff(g.viewer.duty("billing", building.organisation_id, building.id))
    try:
        run = settling.prepare(session, building.id, form.get("first", ""), form.get("last", ""), by=by)
    except ResidentError as error:
        return refused("desk/settlements/index.html", **facts, errors=[("first", _told(error))])
    to = url_for(".show", id=run.id)
    remember(to)
    return done(None, to=to, say=_("The settlement is worked out. Nothing is invoiced yet."))


@bp.get("/<int:id>")
@staff("money")
def show(id):
    return page("desk/settlements/settlement.html", **_shown(id))


@bp.get("/homes/<int:id>")
@staff("money")
def home(id):
    part = session.get(SettlementPart, id) or abort(404)
    facts = _shown(part.run_id)
    own = next(row for row in facts["parts"] if row[0].id == id)
    organisation = facts["organisation"]
    settled = words.settled(own[0], organisation.currency, organisation.languages)
    result = words.result(own[0].total, organisation.currency)
    return page("desk/settlements/home.html", **facts, own=own, settled=settled, result=result)


@bp.post("/<int:id>/confirmation")
@staff("billing")
def confirm(id):
    facts = _shown(id, "billing")
    try:
        count = settling.confirm(session, facts["run"], by=facts["by"])
    except ResidentError as error:
        return refused("desk/settlements/settlement.html", **facts, errors=[("steps", _told(error))])
    said = ngettext("%(n)s invoice was made.", "%(n)s invoices were made.", count)
    return done(None, to=url_for(".show", id=id), say=said)


@bp.post("/<int:id>/withdrawal")
@staff("billing")
def withdraw(id):
    facts = _shown(id, "billing")
    run, confirmed = facts["run"], facts["run"].state == "confirmed"
    to = url_for(".show", id=id) if confirmed else url_for(".index", building=run.building_id)
    try:
        (settling.unconfirm if confirmed else settling.discard)(session, run, by=facts["by"])
    except ResidentError as error:
        return refused("desk/settlements/settlement.html", **facts, errors=[("steps", _told(error))])
    said = _("The invoices of the settlement are void.") if confirmed else _("The settlement is thrown away.")
    return done(None, to=to, say=said)


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _listed() -> dict:
    facts = house(session, "money") | {
        "title": _("Settlements of advances"),
        "runs": [],
        "months": [],
        "may": False,
        "typed": {name: request.values.get(name, "") for name in ("first", "last")},
    }
    building = facts["building"]
    if building is None:
        return facts
    own = select(SettlementRun).where(SettlementRun.building_id == building.id).order_by(SettlementRun.last.desc())
    names = select(BillingPeriod.name).where(BillingPeriod.building_id == building.id).order_by(BillingPeriod.name.desc()).limit(60)
    return facts | {
        "runs": [(run, words.span(run.first, run.last)) for run in session.scalars(own)],
        "months": session.scalars(names).all(),
        "may": g.viewer.duty("billing", building.organisation_id, building.id) is not None,
    }


def _shown(id: int, ability: str = "money") -> dict:
    """404 for one that the ability does not reach."""
    reached = access.visible_buildings(g.viewer, ability).with_only_columns(Building.id)
    run = one_or_404(select(SettlementRun).where(SettlementRun.id == id, SettlementRun.building_id.in_(reached)))
    building = session.get_one(Building, run.building_id)
    duty = g.viewer.duty(ability, building.organisation_id, building.id)
    parts = session.execute(
        select(SettlementPart, Unit.number)
        .outerjoin(Unit, Unit.id == SettlementPart.unit_id)
        .where(SettlementPart.run_id == id)
        .order_by(SettlementPart.position)
    ).all()
    sums = [sum(getattr(part, name) for part, _number in parts) for name in ("charged", "advances", "total")]
    return {
        "title": _("Settlement of advances"),
        "run": run,
        "span": words.span(run.first, run.last),
        "building": building,
        "organisation": duty.organisation,
        "parts": parts,
        "sums": sums,
        "held": settling.held_back(session, run) and _told(settling.held_back(session, run)),
        "may": g.viewer.duty("billing", building.organisation_id, building.id) is not None,
        "by": g.viewer.as_staff(duty),
    }


def _told(error: ResidentError) -> str:
    """What stands against it, in words; what nobody expected is raised on."""
    for kind, say in _TOLD.items():
        if isinstance(error, kind):
            return say(error)
    raise error


def _open(error: settling.MonthsOpen) -> str:
    months = ", ".join(fmt().month(name) for name in error.names)
    return _("These periods are not confirmed yet, so their advances are not known: %(months)s.", months=months)


def _settled(error: settling.SettledAlready) -> str:
    return _("Some of these months are settled already: %(months)s.", months=words.span(error.first, error.last))


_TOLD = {
    allocating.UseUnknown: _billing_words.told,
    settling.NoMonths: lambda _error: _(
        "The building has no billing periods in these months. The first month comes before the last."
    ),
    settling.MonthsOpen: _open,
    settling.SettledAlready: _settled,
    settling.NothingToSettle: lambda _error: _(
        "In these months there is nothing to settle: no costs, no use and no advances of a charge that is settled."
    ),
    working.NobodyPays: lambda error: _("The cost of %(charge)s meets no home that it could be divided by.", charge=error.code),
    taking_back.AlreadyDelivered: lambda _error: _("Somebody has these invoices already, so they are not taken back."),
    taking_back.AlreadyPaid: lambda _error: _("Money came for these invoices already, so they are not taken back."),
    steps.WrongState: lambda _error: _("Somebody did this step before you. Look at what stands now."),
    confirming.DueBeforeIssue: lambda _error: _("An invoice cannot be due before its day."),
}
