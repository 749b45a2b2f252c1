"""Settlements of advances at the desk (S6): worked out for a building's months, looked at, confirmed, taken back step by step."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident.charging import allocating, invoicing, overview, settlement, settling, steps, taking_back, working
from resident.charging.settlement import SettlementPart, SettlementRun
from resident.errors import ResidentError
from resident.homes.building import Unit
from resident.money.period import BillingPeriod

from .. import _billing_words
from .. import _settlement_words as words
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._typed import whole
from .._web import close, done, first_sending, page, refused, remember, require, session
from . import _settlement
from ._period import house

bp = Blueprint("desk_settlements", __name__, url_prefix="/desk/settlements")
PAGE, PART = "desk/settlements/settlement.html", "desk/settlements/_homes.html"
# Positions are stored in so many bits.
MOST = 2**31 - 1


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
        return refused("desk/settlements/index.html", **facts, errors={"first": _told(error)})
    to = url_for(".show", id=run.id)
    remember(to)
    return done(None, to=to, say=_("The settlement is worked out. Nothing is invoiced yet."))


@bp.get("/<int:id>")
@staff("money")
def show(id):
    return page(PAGE, PART, **_shown(id))


@bp.get("/homes/<int:id>")
@staff("money")
def home(id):
    part = session.get(SettlementPart, id) or abort(404)
    facts = _settlement.place(part.run_id)
    organisation = facts["organisation"]
    return page(
        "desk/settlements/home.html",
        **facts,
        own=part,
        number=session.scalar(select(Unit.number).where(Unit.id == part.unit_id)),
        settled=words.settled(part, organisation.currency, organisation.languages),
        result=words.result(part.total, organisation.currency),
    )


@bp.post("/<int:id>/confirmation")
@staff("billing")
def confirm(id):
    facts = _settlement.place(id, "billing")
    try:
        count = settling.confirm(session, facts["run"], by=facts["by"])
    except ResidentError as error:
        return _not_done(id, error)
    said = ngettext("%(n)s invoice was made.", "%(n)s invoices were made.", count)
    return done(None, to=url_for(".show", id=id), say=said)


@bp.post("/<int:id>/withdrawal")
@staff("billing")
def withdraw(id):
    facts = _settlement.place(id, "billing")
    run, confirmed = facts["run"], facts["run"].state == "confirmed"
    to = url_for(".show", id=id) if confirmed else url_for(".index", building=run.building_id)
    try:
        (settling.unconfirm if confirmed else settling.discard)(session, run, by=facts["by"])
    except ResidentError as error:
        return _not_done(id, error)
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


def _shown(id: int) -> dict:
    """The settlement with a page of its homes; of ?text= those whose number begins so."""
    facts = _settlement.place(id)
    run, building = facts["run"], facts["building"]
    text, after = " ".join(request.args.get("text", "").split())[:20], min(whole(request.args, "after") or 0, MOST)
    rows, following = settlement.parts(session, id, text=text, after=after)
    held = settling.held_back(session, run) if run.state == "confirmed" else None
    last = select(BillingPeriod.id).where(BillingPeriod.building_id == building.id, BillingPeriod.name == run.last)
    return facts | {
        "parts": rows,
        "following": following,
        "after": after,
        "text": text,
        "sums": settlement.sums(session, id),
        "held": _told(held) if held else None,
        # Its invoices are of its last month, and delivered with that month's.
        "delivery": url_for("desk_deliveries.show", id=session.scalar(last)),
        "corrected": overview.corrected(session, run),
        "waiting": overview.waiting_of(session, run),
        "may": g.viewer.duty("billing", building.organisation_id, building.id) is not None,
    }


def _not_done(id: int, error: ResidentError):
    told = _told(error)
    close()
    return refused(PAGE, **_shown(id), errors={"steps": told})


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
    working.NobodyPays: lambda error: _("The cost of %(charge)s cannot be shared out: it applies to no home.", charge=error.code),
    taking_back.AlreadyDelivered: lambda _error: _(
        "Some of these invoices have been delivered already, so confirming cannot be undone."
    ),
    taking_back.AlreadyCorrected: _billing_words.told,
    taking_back.AlreadyPaid: lambda _error: _("Money came for these invoices already, so they are not taken back."),
    steps.WrongState: lambda _error: _("Somebody did this step before you. Look at what stands now."),
    invoicing.DueBeforeIssue: lambda _error: _("An invoice cannot be due before its day."),
}
