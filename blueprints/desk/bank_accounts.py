"""Bank accounts of an organisation at the desk: added, ended, put on invoices, and what payments to them are looked through for."""

from collections.abc import Callable

from flask import Blueprint, g, request, url_for

from resident import access
from resident.banking import bank_account, matching, pattern
from resident.banking.bank_account import BankAccount
from resident.homes.organisation import Organisation

from .. import _bank_words
from .._days import Days
from .._gate import proved, staff
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
        told=_told(duty.organisation.id),
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
        return _refused(duty, None, days.errors)
    organisation = session.get_one(Organisation, duty.organisation.id)
    try:
        made = bank_account.add(
            session, organisation, plain(typed.get("number", "")), plain(typed.get("bic", "")), plain(typed.get("name", "")), first,
            bank=plain(typed.get("bank", "")), corresp=plain(typed.get("corresp", "")), by=g.viewer.as_staff(duty),
        )  # fmt: skip
    except bank_account.BadNumber as error:
        return _refused(duty, None, _number_wrong(error.why))
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("Added. Files about this account are taken from now on."))


@bp.get("/<int:id>")
@staff("money")
def show(id: int):
    account = _account(id)
    typed = {name: getattr(account, name) for name in ("name", "bank", "corresp", "pattern")}
    typed["last"] = account.last.isoformat() if account.last else ""
    return page(FORM, **_facts(_duty("money", account.organisation_id), account, typed))


@bp.post("/<int:id>")
@staff("billing")
def change(id: int):
    account = _account(id)
    require(_may(account.organisation_id))
    duty, typed, days = _duty("billing", account.organisation_id), request.form, Days()
    last = days.optional("last")
    if days.errors:
        return _refused(duty, account, days.errors)
    try:
        bank_account.change(
            session, account, name=plain(typed.get("name", "")), last=last, trusts_payers="trusts" in typed,
            pattern=plain(typed.get("pattern", "")), bank=plain(typed.get("bank", "")), corresp=plain(typed.get("corresp", "")),
            by=g.viewer.as_staff(duty),
        )  # fmt: skip
    except bank_account.BadDays:
        return _refused(duty, account, {"last": _("The last day cannot be before the first.")})
    except bank_account.OnInvoices:
        told = _("Invoices show this account. Put another one on invoices first, then end this one.")
        return _refused(duty, account, {"last": told})
    except bank_account.BadNumber as error:
        return _refused(duty, account, _number_wrong(error.why))
    except pattern.BadPattern as error:
        return _refused(duty, account, {"pattern": _pattern_wrong(error.why)})
    return done(None, to=url_for(".show", id=id), say=_("Saved."))


@bp.post("/<int:id>/invoices")
@staff("billing")
@proved
def put_on_invoices(id: int):
    account = _account(id)
    require(_may(account.organisation_id))
    duty = _duty("billing", account.organisation_id)
    try:
        bank_account.put_on_invoices(session, account, by=g.viewer.as_staff(duty))
    except bank_account.BadDays:
        typed = {name: getattr(account, name) for name in ("name", "bank", "corresp", "pattern")}
        told = _("This account is not in use today. Choose one that is.")
        close()
        return refused(FORM, **_facts(duty, _account(id), typed, errors={"on-invoices": told}))
    return done(None, to=url_for(".show", id=id), say=_("From now on invoices show this account."))


def _told(organisation_id: int) -> Callable[[BankAccount], bool]:
    """Is an account of the organisation the one that invoices tell?"""
    organisation = session.get_one(Organisation, organisation_id)
    return lambda account: bank_account.on_invoices(organisation, account)


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
        "told": bool(account) and _told(account.organisation_id)(account),
        "may": _may(duty.organisation.id),
        "usual": matching.PERSONAL if duty.organisation.country == "RU" else "",
        "longest": pattern.LONGEST,
    } | given


def _refused(duty: access.Duty, account: BankAccount | None, errors: dict):
    close()
    account = _account(account.id) if account else None
    return refused(FORM, **_facts(duty, account, request.form, errors=errors, trusts="trusts" in request.form))


def _number_wrong(why: str) -> dict[str, str]:
    """{field: sentence}"""
    told = {
        "missing": _("Write the number of the account."),
        "iban": _("The check digits of this account number do not hold. Compare it with the bank’s paper."),
        "russian": _("An account number has twenty digits."),
        "bic": _("This code is not one of a bank, or does not fit the account."),
        "corresp": _("A correspondent account has twenty digits and fits the bank’s code."),
        "taken": _("This account is there already."),
    }[why]
    return {why if why in ("bic", "corresp") else "number": told}


def _pattern_wrong(why: str) -> str:
    return {
        "broken": _("This is not a regular expression."),
        "group": _("Put the part that is the account number in one pair of brackets."),
        "heavy": _("This expression could take too long. Repeat fewer parts, and none inside another."),
    }[why]
