"""Bank accounts of an organisation at the desk: added, ended, and what payments to them are looked through for."""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.banking import bank_account, matching, pattern
from resident.banking.bank_account import BankAccount
from resident.homes.organisation import Organisation

from .. import _bank_words
from .._days import Days
from .._gate import staff
from .._locale import _
from .._typed import plain
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _organisation

bp = Blueprint("desk_bank_accounts", __name__, url_prefix="/desk/bank-accounts")
FORM = "desk/bank_accounts/account.html"


@bp.get("")
@staff("money")
def index():
    duty = _duty("money")
    return page(
        "desk/bank_accounts/index.html",
        title=_("Bank accounts"),
        organisation=duty.organisation,
        others=_organisation.choice(access.whole_duties(g.viewer, "money")),
        accounts=bank_account.of(session, duty.organisation.id),
        today=duty.organisation.today,
        may=_may(duty.organisation.id),
        words=_bank_words,
    )


@bp.get("/new")
@staff("billing")
def new():
    duty = _duty("billing")
    return page(FORM, **_facts(duty, None, {"first": duty.organisation.today.isoformat()}))


@bp.post("")
@staff("billing")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    duty, typed, days = _duty("billing"), request.form, Days()
    first = days.wanted("first")
    if days.errors:
        return _refused(duty, None, list(days.errors.items()))
    organisation = session.get_one(Organisation, duty.organisation.id)
    try:
        made = bank_account.add(
            session, organisation, plain(typed.get("number", "")), plain(typed.get("bic", "")), plain(typed.get("name", "")), first,
            by=g.viewer.as_staff(duty),
        )  # fmt: skip
    except bank_account.BadNumber as error:
        return _refused(duty, None, [("bic" if error.why == "bic" else "number", _number_wrong(error.why))])
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("Added. Files about this account are taken from now on."))


@bp.get("/<int:id>")
@staff("money")
def show(id: int):
    account = _account(id)
    typed = {"name": account.name, "last": account.last.isoformat() if account.last else "", "pattern": account.pattern}
    return page(FORM, **_facts(_duty("money", account.organisation_id), account, typed))


@bp.post("/<int:id>")
@staff("billing")
def change(id: int):
    account = _account(id)
    require(_may(account.organisation_id))
    duty, typed, days = _duty("billing", account.organisation_id), request.form, Days()
    last = days.optional("last")
    if days.errors:
        return _refused(duty, account, list(days.errors.items()))
    try:
        bank_account.change(
            session, account, name=plain(typed.get("name", "")), last=last, trusts_payers="trusts" in typed,
            pattern=plain(typed.get("pattern", "")), by=g.viewer.as_staff(duty),
        )  # fmt: skip
    except bank_account.BadDays:
        return _refused(duty, account, [("last", _("The last day cannot be before the first."))])
    except pattern.BadPattern as error:
        return _refused(duty, account, [("pattern", _pattern_wrong(error.why))])
    return done(None, to=url_for(".show", id=id), say=_("Saved."))


def _account(id: int) -> BankAccount:
    return one_or_404(access.visible_bank_accounts(g.viewer).where(BankAccount.id == id))


def _duty(ability: str, organisation_id: int | None = None) -> access.Duty:
    return _organisation.of(access.whole_duties(g.viewer, ability), organisation_id)


def _may(organisation_id: int) -> bool:
    return _organisation.within(access.whole_duties(g.viewer, "billing"), organisation_id)


def _facts(duty: access.Duty, account: BankAccount | None, typed, **given) -> dict:
    return {
        "title": _("Bank account") if account else _("New bank account"),
        "organisation": duty.organisation,
        "account": account,
        "typed": typed,
        "trusts": account.trusts_payers if account else False,
        "may": _may(duty.organisation.id),
        "usual": matching.PERSONAL if duty.organisation.country == "RU" else "",
        "longest": pattern.LONGEST,
        "errors": [],
    } | given


def _refused(duty: access.Duty, account: BankAccount | None, errors: list):
    close()
    account = _account(account.id) if account else None
    return refused(FORM, **_facts(duty, account, request.form, errors=errors, trusts="trusts" in request.form))


def _number_wrong(why: str) -> str:
    return {
        "missing": _("Write the number of the account."),
        "iban": _("The check digits of this account number do not hold. Compare it with the bank’s paper."),
        "russian": _("An account number has twenty digits."),
        "bic": _("This code is not one of a bank, or does not fit the account."),
        "taken": _("This account is there already."),
    }[why]


def _pattern_wrong(why: str) -> str:
    return {
        "broken": _("This is not a regular expression."),
        "group": _("Put the part that is the account number in one pair of brackets."),
        "heavy": _("This expression could take too long. Repeat fewer parts, and none inside another."),
    }[why]
