"""A tenure's billing accounts at the desk: what each holds, and opening one that there is none of yet."""

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.homes.building import Unit
from resident.money import opening
from resident.people import agreement
from resident.people.tenure import MAIN_FIRST, Holding, Tenure

from .. import _money_words
from .._gate import staff
from .._locale import _
from .._web import close, done, first_sending, one_or_404, page, remember, session
from . import _place

bp = Blueprint("desk_tenure_accounts", __name__, url_prefix="/desk/accounts")


@bp.get("/tenures/<int:id>")
@staff("money")
def show(id):
    facts = _shown(id, "money")
    organisation, building = facts["organisation"], facts["building"]
    return page(
        "desk/accounts/tenure.html",
        title=_("Billing accounts"),
        kinds=_money_words.accounts(),
        offered=_money_words.openings(),
        accounts=opening.of_tenure(session, facts["tenure"], access.reach_accounts(g.viewer)),
        agreed=agreement.agreed_deposit(session, id, facts["today"]),
        opens=g.viewer.can("billing", organisation.id, building.id),
        **facts,
    )


@bp.post("/tenures/<int:id>")
@staff("billing")
def create(id):
    facts = _shown(id, "billing")
    kind = request.form.get("kind")
    if kind not in opening.KINDS:
        abort(400)
    if again := first_sending(g.viewer.login_id):
        return again
    try:
        account = opening.open_account(session, facts["tenure"], kind, by=facts["by"])
    except opening.AccountThere as there:
        close()
        return done(None, to=url_for("desk_accounts.show", id=there.account_id), say=_("This account is open already."))
    to = url_for("desk_accounts.show", id=account.id)
    remember(to)
    return done(None, to=to, say=_("The account is open."))


def _shown(id: int, ability: str) -> dict:
    """The tenure and the unit by which the viewer's posts reach it."""
    tenure = one_or_404(access.visible_tenures(g.viewer, ability).where(Tenure.id == id))
    held = access.visible_units(g.viewer, ability).join(Holding, Holding.unit_id == Unit.id).where(Holding.tenure_id == id)
    unit = session.scalar(held.order_by(*MAIN_FIRST).limit(1))
    return {"tenure": tenure, **_place.of(unit, ability)}
