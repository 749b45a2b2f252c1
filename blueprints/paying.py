"""Paying in the portal: any sum, what it settles, a provider's page and back; and what providers say in their own name (L7)."""

from flask import Blueprint, abort, g, make_response, request, url_for
from werkzeug.routing import BaseConverter

from resident import access
from resident.errors import NotSaved, TooMany
from resident.money import settling
from resident.money.account import Account
from resident.money.standing import standing_in
from resident.paying import making, payable, polling
from resident.paying.intent import PaymentIntent
from resident.paying.provider import BadSignature
from resident.people import limit

from . import _messages, _money_words, _payments
from ._gate import public, resident
from ._locale import _, fmt
from ._security import csrf
from ._typed import minor, whole
from ._web import close, commit, database, done, first_sending, go, one_or_404, page, refused, remember, session

bp = Blueprint("paying", __name__)
ROWS = 50


class ProviderConverter(BaseConverter):
    regex = "[a-z0-9][a-z0-9-]{0,30}"


@bp.record
def _converter(state):
    state.app.url_map.converters["paid_by"] = ProviderConverter


# ---- What to pay -----------------------------------------------------------------------------------------------------


@bp.get("/invoices/pay")
@resident("invoices")
def index():
    return page("paying/index.html", **_facts())


def _facts(typed=None, errors=None) -> dict:
    home = g.viewer.home
    accounts = payable.accounts(session, home, _payments.configured())
    return {
        "title": _("Pay"),
        "home": home,
        "today": home.organisation.today,
        "money": standing_in(session, home),
        "accounts": [account for account in accounts if account.ways],
        "rows": _own(home),
        "item": _payments.item,
        "tag": _payments.tag,
        "called": _payments.called,
        "typed": typed or {},
        "errors": errors or {},
    }


def _own(home) -> list[PaymentIntent]:
    own = access.visible_intents(g.viewer).where(Account.tenure_id == home.tenure_id)
    return list(session.scalars(own.order_by(PaymentIntent.id.desc()).limit(ROWS)))


@bp.get("/invoices/pay/plan")
@resident("invoices")
def plan():
    """What a sum settles, before anything is paid."""
    account, today = _account(request.args), g.viewer.home.organisation.today
    try:
        amount, wishes = _sum(account, request.args)
    except ValueError:
        return _not_a_sum(account)
    answer = payable.plan(session, account, amount, wishes, today)
    owed = {one.item_id: one for one in account.owed}
    return page(
        "paying/plan.html",
        title=_("What this sum settles"),
        home=g.viewer.home,
        account=account,
        amount=amount,
        wishes=wishes,
        outcomes=[(owed[one.debt.id], one) for one in answer.outcomes],
        credit=answer.credit,
        order=_money_words.orders()[settling.order_of(session, account.creditor_id, account.country)(today)],
        item=_payments.item,
        today=today,
    )


def _account(given) -> payable.Payable:
    """The account asked for, of the chosen home, that can be paid here. 404."""
    asked = whole(given, "account")
    found = payable.accounts(session, g.viewer.home, _payments.configured())
    return next((one for one in found if one.id == asked and one.ways), None) or abort(404)


def _sum(account: payable.Payable, given) -> tuple[int, tuple[int, ...]]:
    """(minor units, ids of the ticked items): what was typed, else the ticked items together. ValueError for what is no sum."""
    ticked = [one for one in account.owed if str(one.item_id) in given.getlist("item")]
    typed = minor(given, "sum")
    amount = sum(one.left for one in ticked) if typed is None else typed
    if not 0 < amount <= account.most:
        raise ValueError(amount)
    named = tuple(one.item_id for one in ticked)
    return amount, payable.wishes(session, account, amount, named, g.viewer.home.organisation.today)


def _not_a_sum(account: payable.Payable):
    most = fmt().money(account.most, account.currency)
    told = _("Choose what to pay, or type a sum such as 120 or 120.50. At most %(most)s can be paid at a time.", most=most)
    typed = {"account": account.id, "sum": request.values.get("sum", "")[:40], "items": request.values.getlist("item")}
    return refused("paying/index.html", **_facts(typed, {f"sum-{account.id}": told}))


@bp.post("/invoices/pay")
@resident("invoices")
def begin():
    again = first_sending(g.viewer.login_id)
    if again:
        return again
    account = _account(request.form)
    way = next((one for one in account.ways if one.id == request.form.get("way")), None) or abort(404)
    try:
        amount, wishes = _sum(account, request.form)
        limit.take_payment(session, g.viewer.login_id)
        intent = making.begin(session, account, way.id, amount, wishes, by=g.viewer.as_resident())
    except ValueError:
        return _not_a_sum(account)
    except TooMany as why:
        return refused("paying/index.html", status=429, **_facts(None, {f"sum-{account.id}": _messages.wait(why.retry_after)}))
    remember(url_for(".show", id=intent.id))
    commit()
    there = _payments.send(intent, account)
    return go(there or url_for(".show", id=intent.id))


# ---- One payment -----------------------------------------------------------------------------------------------------


@bp.get("/invoices/pay/<int:id>")
@resident("invoices")
def show(id):
    intent = one_or_404(access.visible_intents(g.viewer).where(PaymentIntent.id == id))
    return page("paying/payment.html", part="paying/_payment.html", **_shown(intent))


def _shown(intent: PaymentIntent) -> dict:
    return {
        "title": _("Payment of %(amount)s", amount=fmt().money(intent.amount, intent.currency)),
        "intent": intent,
        "tag": _payments.tag(intent.state, intent.trouble),
        "called": _payments.called(intent.provider),
        "tz": g.viewer.home.organisation.tz,
        "in_use": intent.provider in _payments.configured(),
    }


@bp.post("/invoices/pay/<int:id>/check")
@resident("invoices")
def check(id):
    intent = one_or_404(access.visible_intents(g.viewer).where(PaymentIntent.id == id))
    # Whoever asks again and again asks the provider, who asks us to stop.
    limit.take_payment(session, g.viewer.login_id)
    commit()
    polling.check(database(), _payments.configured(), intent.id, intent.provider, intent.provider_ref, by=g.viewer.as_resident())
    intent = one_or_404(access.visible_intents(g.viewer).where(PaymentIntent.id == id))
    say = _("The payment has arrived.") if intent.state == "paid" else _("Asked again. There is no other answer yet.")
    return done("paying/_payment.html", to=url_for(".show", id=id), say=say, **_shown(intent))


# ---- What comes from providers ---------------------------------------------------------------------------------------


@bp.get("/paying/<paid_by:which>/return")
@public
def back(which):
    """A payer's browser comes back. What it brings is believed when it is signed, or asked for; the page then tells the state."""
    provider = _payments.configured().get(which) or abort(404)
    intent_id = _payments.brought_back(provider)
    return go(url_for(".show", id=intent_id) if intent_id else url_for(".index"))


@bp.route("/paying/<paid_by:which>/callback", methods=["GET", "POST"])
@public
@csrf.exempt
def callback(which):
    """A provider's own word: 200 once it is noted and committed, whatever it says and however often."""
    provider = _payments.configured().get(which) or abort(404)
    address, raw = request.remote_addr or "", request.get_data(cache=False)
    close()
    try:
        with database().reading() as own:
            limit.check_payment(own, address)
        event = provider.driver.parse_callback(request.method, request.headers, request.args, raw)
        if event is not None:
            _payments.heard(provider, event)
    except TooMany as why:
        return _said("", 429, {"Retry-After": str(why.retry_after)})
    except BadSignature as why:
        _payments.told(which, why)
        _payments.strange(address)
        return _said("bad signature", 400)
    except NotSaved:
        # They come again.
        return _said("", 503, {"Retry-After": "60"})
    return _said("ok", 200)


def _said(text: str, status: int, headers=None):
    answer = make_response(text, status, headers or {})
    answer.mimetype = "text/plain"
    return answer
