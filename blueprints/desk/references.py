"""The reference of a billing account at the desk: given when there is none; in Russia also what the state's system gave."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.money import references, referencing
from resident.money.account import Account

from .. import _invoice_words as invoice_words
from .._gate import staff
from .._locale import _
from .._web import done, one_or_404, page, refused, require, session
from . import _accounts

bp = Blueprint("desk_references", __name__, url_prefix="/desk/accounts")


@bp.get("/<int:id>/reference")
@staff("money")
def show(id):
    account, organisation = _account(id)
    return page("desk/references/reference.html", **_facts(account, organisation))


def _account(id: int) -> tuple[Account, access.Controller]:
    account = one_or_404(select(Account).where(Account.id == id, access.reach_accounts(g.viewer)))
    return account, g.viewer.duty("money", account.creditor_id).organisation


def _facts(account: Account, organisation: access.Controller, typed=None, errors=None) -> dict:
    value = referencing.permanent(session, [account.id]).get(account.id)
    return {
        "title": _("Payment reference"),
        "account": account,
        "reference": references.printed(value, organisation.country) if value else "",
        "rf": references.rf(value) if value and organisation.country in ("FI", "EE") else "",
        "state": invoice_words.state_numbers() if organisation.country == "RU" else {},
        "typed": referencing.state_numbers(session, account.id) if typed is None else typed,
        "errors": errors or {},
        "changes": _accounts.billing(account.id) is not None,
    }


@bp.post("/<int:id>/reference")
@staff("billing")
def issue(id):
    account, organisation = _account(id)
    duty = _accounts.billing(id)
    require(duty is not None)
    try:
        referencing.give(session, account, by=g.viewer.as_staff(duty))
    except referencing.NoTemplate:
        told = _("The bank’s template of account numbers is missing, or it has no room for more. It stands in the settings.")
        return refused("desk/references/reference.html", **_facts(account, organisation, errors={"give": told}))
    return done(None, to=url_for(".show", id=id), say=_("The account has a payment reference now."))


@bp.post("/<int:id>/state-numbers")
@staff("billing")
def change(id):
    account, organisation = _account(id)
    duty = _accounts.billing(id)
    require(duty is not None)
    given = {name: "".join(request.form.get(name, "").split())[:40] for name in referencing.STATE}
    try:
        referencing.put_state_numbers(session, account, given, by=g.viewer.as_staff(duty))
    except referencing.BadNumber as why:
        errors = {why.facts["scheme"]: _wrong(**why.facts)}
        return refused("desk/references/reference.html", **_facts(account, organisation, given, errors))
    return done(None, to=url_for(".show", id=id), say=_("The numbers are saved."))


def _wrong(scheme: str, why: str) -> str:
    if why == "taken":
        return _("Another account has this number already.")
    if scheme == "els":
        return _("This number has 10 letters or digits.")
    return _("This number has 10 letters or digits, a hyphen and 2 digits, as in 75da533315-01.")
