"""Payments that residents make in the portal, at the desk: how far each came; the provider can be asked again."""

from dataclasses import dataclass

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.paying import desk_list, polling
from resident.paying.intent import PaymentIntent

from .. import _payments
from .._gate import staff
from .._locale import _, fmt, pgettext
from .._typed import whole
from .._web import close, database, done, one_or_404, page, session
from . import _accounts

bp = Blueprint("desk_online_payments", __name__, url_prefix="/desk/online-payments")


@dataclass(frozen=True, slots=True)
class Shown:
    """A row in words. checks: whether whoever looks may ask the provider again."""

    intent: PaymentIntent
    begun: str
    home: str
    service: str
    word: str
    look: str
    why: str
    checks: bool


@bp.get("")
@staff("money")
def index():
    state = request.args.get("state", "")
    if state not in desk_list.STATES:
        abort(404)
    before = whole(request.args, "before")
    rows, following = desk_list.page(session, g.viewer, state, before)
    checked = _accounts.billed(row.intent.account_id for row in rows)
    return page(
        "desk/online_payments/index.html",
        part="desk/online_payments/_list.html",
        title=_("Payments in the portal"),
        states=_states(),
        state=state,
        rows=[_shown(row, checked) for row in rows],
        following=following,
        later=before is not None,
    )


def _states() -> dict[str, str]:
    return {
        "": pgettext("payments", "All"),
        "waiting": pgettext("payments", "Waiting"),
        "trouble": pgettext("payments", "To look into"),
        "paid": pgettext("payments", "Paid"),
        "ended": pgettext("payments", "Not paid"),
    }


def _shown(row: desk_list.Row, checked: set[int]) -> Shown:
    intent = row.intent
    word, look = _payments.tag(intent.state, intent.trouble)
    open_ = intent.state != "paid" and intent.provider in _payments.configured()
    return Shown(
        intent, fmt().moment(intent.made_at, row.tz), row.home, _payments.called(intent.provider), word, look,
        _why(intent), open_ and intent.account_id in checked,
    )  # fmt: skip


def _why(intent: PaymentIntent) -> str:
    return {
        "amount": _("The service tells of another sum. Compare with its own list before anything is booked by hand."),
        "other": _("The service tells of another payment under this number."),
    }.get(intent.trouble, "")


@bp.post("/<int:id>/check")
@staff("billing")
def check(id):
    intent = one_or_404(access.visible_intents(g.viewer, at_desk=True).where(PaymentIntent.id == id))
    duty = _accounts.billing(intent.account_id) or abort(403)
    close()
    by = g.viewer.as_staff(duty)
    paid = polling.check(database(), _payments.configured(), intent.id, intent.provider, intent.provider_ref, by=by)
    say = _("The payment has arrived.") if paid else _("Asked again. There is no other answer yet.")
    return done(None, to=url_for(".index"), say=say)
