"""Payouts of payment services at the desk: from which accounts they come, and which payments of residents each covers."""

from flask import Blueprint, abort, g, request, url_for

from resident import access, clock
from resident.banking import payout, payout_account, payout_list, payout_telling
from resident.banking.bank_account import BankAccount
from resident.banking.bank_file import BankCredit
from resident.errors import Stale
from resident.homes.organisation import Organisation

from .. import _payments
from .._days import Days
from .._gate import staff
from .._locale import _
from .._typed import plain
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _organisation, _payout

bp = Blueprint("desk_payouts", __name__, url_prefix="/desk/payouts")
PAGE = "desk/payouts/index.html"
LISTED = 50


@bp.get("")
@staff("money")
def index():
    return page(PAGE, **_shown())


@bp.post("")
@staff("billing")
def tell():
    """A service's account, typed."""
    if again := first_sending(g.viewer.login_id):
        return again
    duty = _organisation.of(access.whole_duties(g.viewer, "billing"))
    organisation = session.get_one(Organisation, duty.organisation.id)
    service, errors = _service(organisation), {}
    if not service:
        errors["provider"] = _("Choose the payment service.")
    else:
        try:
            payout_telling.tell(session, organisation, service, plain(request.form.get("number", "")), by=g.viewer.as_staff(duty))
        except payout_telling.BadPayer as error:
            errors["number"] = _wrong(error.why)
    if errors:
        close()
        return refused(PAGE, **_shown(errors=errors, typed=request.form))
    to = url_for(".index", organisation=organisation.id)
    remember(to)
    return done(None, to=to, say=_("Saved. What comes from this account is set aside from now on."))


@bp.post("/<int:id>")
@staff("billing")
def is_one(id: int):
    """A payment that waits is a payout: its payer's account is the service's."""
    credit, organisation, by = _deciding(id)
    service = _service(organisation) or abort(400)
    try:
        payout_telling.tell_of(session, credit, organisation, service, by=by)
    except Stale:
        close()
        told = _("Somebody has decided about this payment in the meantime. This is how it stands now.")
        return done(None, to=url_for("desk_payments.show", id=id), say=told)
    except payout_telling.BadPayer:
        return done(None, to=url_for("desk_payments.show", id=id), say=_("This bank account is known already, or is your own."))
    return done(None, to=url_for("desk_payments.show", id=id), say=_("Set aside. Nothing was booked."))


@bp.post("/<int:id>/payments")
@staff("billing")
def cover(id: int):
    credit, organisation, by = _deciding(id)
    if credit.why != "payout":
        abort(404)
    days = Days()
    first, last = days.wanted("first"), days.wanted("last")
    if not days.errors:
        try:
            payout.cover(session, credit, organisation, first, last, by=by)
        except payout.BadSpan:
            days.errors["last"] = _("The last day cannot be before the first.")
    if days.errors:
        close()
        return refused("desk/payouts/payments.html", **_of_credit(id), errors=days.errors, typed=request.form)
    return done(None, to=url_for("desk_payments.show", id=id), say=_("Saved."))


@bp.get("/<int:id>/payments")
@staff("billing")
def payments(id: int):
    facts = _of_credit(id)
    tz, found = facts["organisation"].tz, facts["payout"]
    typed = {name: clock.day(found[name], tz).isoformat() if found[name] else "" for name in ("first", "last")}
    return page("desk/payouts/payments.html", **facts, typed=typed)


@bp.post("/accounts/<int:id>/removal")
@staff("billing")
def forget(id: int):
    account = one_or_404(access.visible_payout_accounts(g.viewer).where(payout_account.PayoutAccount.id == id))
    duty = _billing(account.organisation_id)
    payout_telling.forget(session, account, by=g.viewer.as_staff(duty))
    return done(
        None, to=url_for(".index", organisation=account.organisation_id), say=_("Removed. Payouts that were set aside stay so.")
    )


def _service(organisation) -> str | None:
    return next((id for id in _payout.services(organisation) if id == request.form.get("provider")), None)


def _deciding(id: int) -> tuple[BankCredit, Organisation, access.Actor]:
    credit = one_or_404(access.visible_bank_credits(g.viewer).where(BankCredit.id == id))
    organisation = session.get_one(Organisation, session.get_one(BankAccount, credit.bank_account_id).organisation_id)
    return credit, organisation, g.viewer.as_staff(_billing(organisation.id))


def _billing(organisation_id: int) -> access.Duty:
    duties = access.whole_duties(g.viewer, "billing")
    require(_organisation.within(duties, organisation_id))
    return _organisation.of(duties, organisation_id)


def _of_credit(id: int) -> dict:
    credit, organisation, _by = _deciding(id)
    found = _payout.of(credit, organisation, waits=False, may=True)
    if found["payout"] is None:
        abort(404)
    return {"title": _("Payments of a payout"), "credit": credit, "organisation": organisation} | found


def _shown(**given) -> dict:
    organisation = _organisation.of(access.whole_duties(g.viewer, "money")).organisation
    services = _payout.services(organisation)
    return {
        "title": _("Payouts of payment services"),
        "organisation": organisation,
        "others": _organisation.choice(access.whole_duties(g.viewer, "money")),
        "accounts": payout_account.of(session, organisation.id),
        "services": services,
        "called": _payments.called,
        "owed": [(name, *payout_list.owed(session, organisation.id, id)) for id, name in services.items()],
        "payouts": payout_list.listed(session, access.visible_bank_credits(g.viewer), organisation.id, LISTED),
        "twice": payout_list.booked(session, access.visible_bank_credits(g.viewer), organisation.id, LISTED),
        "kept": _payout.kept,
        "may": _organisation.within(access.whole_duties(g.viewer, "billing"), organisation.id),
        "typed": {},
    } | given


def _wrong(why: str) -> str:
    return {
        "missing": _("Write the number of the account."),
        "own": _("This is one of your own accounts. Write the account from which the service pays."),
        "known": _("This account is there already."),
    }[why]
