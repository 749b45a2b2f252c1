"""Booking by hand on a billing account: a form, what it will do, and doing it; taking an entry back; in collection (rule 36)."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.money import booking, by_hand, collecting, rates
from resident.money.account import Account
from resident.money.ledger import Entry, Item, OpenItem

from .. import _invoice_words as invoice_words
from .. import _money_words, _typed
from .._days import among
from .._gate import staff
from .._locale import _, fmt, pgettext
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _accounts, _booking

bp = Blueprint("desk_bookings", __name__, url_prefix="/desk")
REFUSALS = (
    by_hand.FutureDay, by_hand.NeverOwed, by_hand.NoAmount, by_hand.NotEnough, by_hand.OverCap, by_hand.NoOtherAccount,
)  # fmt: skip
FORM, CONFIRM, REVERSAL, RATES = (f"desk/accounts/{name}.html" for name in ("booking", "confirm", "reversal", "rates"))


def _account(id: int) -> tuple[Account, access.Duty]:
    account = one_or_404(select(Account).where(Account.id == id, access.reach_accounts(g.viewer, "billing")))
    return account, _accounts.billing(id)


def _facts(account: Account, duty: access.Duty, kind: str) -> dict:
    names = _booking.names(account)
    if kind not in names:
        abort(404)
    today = duty.organisation.today
    return {
        "title": names[kind],
        "account": account,
        "kind": kind,
        "kinds": invoice_words.kinds(),
        "today": today,
        "stands": by_hand.stand(session, account.id, today),
        "items": _open(account.id) if kind == "payment" else [],
        "others": _others(account) if kind == "transfer" else [],
        "rows": _booking.DEBTS,
    }


def _others(account: Account) -> list[tuple[str, str]]:
    """(number, kind in words) of the tenure's other accounts of the creditor, within the viewer's posts."""
    own = Account.tenure_id == account.tenure_id, Account.creditor_id == account.creditor_id, Account.id != account.id
    rows = select(Account).where(*own, access.reach_accounts(g.viewer, "billing")).order_by(Account.id)
    words = _money_words.accounts()
    return [(one.number or str(one.id), words[one.kind]) for one in session.scalars(rows)]


def _open(account_id: int) -> list:
    """(item, due, open, kind) that a payment may name."""
    rows = select(OpenItem.item_id, OpenItem.due, OpenItem.amount, Entry.kind).join(Item, Item.id == OpenItem.item_id)
    rows = rows.join(Entry, Entry.id == Item.entry_id).where(OpenItem.account_id == account_id)
    return session.execute(rows.order_by(OpenItem.due, OpenItem.item_id)).all()


@bp.get("/accounts/<int:id>/bookings/new")
@staff("billing")
def new(id):
    facts = _facts(*_account(id), request.args.get("kind", "payment"))
    return page(FORM, typed={"day": facts["today"].isoformat(), "up": "yes", "what": "credit"}, **facts)


@bp.post("/accounts/<int:id>/bookings")
@staff("billing")
def create(id):
    account, duty = _account(id)
    facts = _facts(account, duty, request.form.get("kind", ""))
    given = _booking.Typed(facts["kind"], facts["today"])
    if given.item and given.item not in [row.item_id for row in facts["items"]]:
        given.errors["item"] = _("This is not open any more. Choose again.")
    if given.errors:
        return _refused(facts, given.errors)
    if "sure" not in request.form:
        return page(CONFIRM, effect=_booking.effect(account, given), typed=request.form.to_dict(), **facts)
    if again := first_sending(g.viewer.login_id):
        return again
    try:
        _booking.book(session, account, given, request.form["once"], g.viewer.as_staff(duty))
    except REFUSALS as error:
        return _refused(facts, _booking.told(error, account))
    to = url_for("desk_accounts.show", id=id)
    remember(to)
    return done(None, to=to, say=pgettext("of an entry", "Booked."))


def _refused(facts: dict, errors: dict):
    close()
    return refused(FORM, **facts | {"errors": errors, "typed": request.form.to_dict()})


# ---- Taking back -----------------------------------------------------------------------------------------------------


def _entry(id: int) -> tuple[Entry, Account, access.Duty]:
    reached = select(Account.id).where(access.reach_accounts(g.viewer, "billing"))
    entry = one_or_404(select(Entry).where(Entry.id == id, Entry.account_id.in_(reached)))
    return entry, *_account(entry.account_id)


@bp.get("/entries/<int:id>/reversal")
@staff("billing")
def reversal(id):
    entry, account, _duty = _entry(id)
    why = _closed(entry)
    # A payment of the bank or of the portal is undone where it is listed: no page leads here.
    if not why and by_hand.has_source(entry.kind, entry.cause):
        abort(409)
    facts = {"title": _("Take an entry back"), "entry": entry, "account": account, "kinds": invoice_words.kinds()}
    return page(REVERSAL, text="", why=why, **facts)


def _closed(entry: Entry) -> str | None:
    """Why it cannot be taken back."""
    if entry.kind == "invoice" or entry.cause.startswith("invoice:"):
        return _("An invoice is put right by a correction, or by taking its billing period back.")
    if entry.reverses_id is not None:
        return _("This entry takes another one back. Book it anew instead.")
    if session.scalar(select(Entry.id).where(Entry.reverses_id == entry.id)):
        return _("This entry has been taken back already.")
    return None


@bp.post("/entries/<int:id>/reversal")
@staff("billing")
def reverse(id):
    entry, account, duty = _entry(id)
    text = _typed.line("text")[: _booking.LONGEST]
    why = _closed(entry)
    if why or not text:
        facts = {"title": _("Take an entry back"), "entry": entry, "account": account, "kinds": invoice_words.kinds()}
        close()
        return refused(REVERSAL, errors={"text": why or _("Write why it is taken back.")}, text=text, why=why, **facts)
    try:
        by_hand.take_back(session, entry, text, by=g.viewer.as_staff(duty))
    except (by_hand.NotByHand, booking.NotReversible):
        abort(409)
    return done(None, to=url_for("desk_accounts.show", id=account.id), say=pgettext("of an entry", "Taken back."))


# ---- In collection ---------------------------------------------------------------------------------------------------


@bp.post("/accounts/<int:id>/collection")
@staff("billing")
def collect(id):
    account, duty = _account(id)
    reason = _typed.line("reason")[: _booking.LONGEST]
    collecting.mark(session, account, reason, today=duty.organisation.today, by=g.viewer.as_staff(duty))
    return done(None, to=url_for("desk_accounts.show", id=id), say=_("Marked as in collection. Nobody is reminded any more."))


@bp.post("/accounts/<int:id>/collection/end")
@staff("billing")
def end_collection(id):
    account, duty = _account(id)
    collecting.end(session, account, today=duty.organisation.today, by=g.viewer.as_staff(duty))
    return done(None, to=url_for("desk_accounts.show", id=id), say=_("Collection has ended. Reminders are sent again."))


# ---- What was agreed with the holder ---------------------------------------------------------------------------------


@bp.get("/accounts/<int:id>/interest")
@staff("billing")
def holder_rates(id):
    account, duty = _account(id)
    typed = {"first": duty.organisation.today.isoformat()}
    return page(RATES, title=_("Agreed late interest"), account=account, agreed=rates.agreed(session, id), typed=typed)


@bp.post("/accounts/<int:id>/interest")
@staff("billing")
def agree(id):
    account, duty = _account(id)
    errors: dict[str, str] = {}
    first = among(errors, "first")
    rate = _typed.yearly_rate(errors, "rate")
    reason = _typed.line("reason")[: _booking.LONGEST]
    if not errors:
        try:
            rates.agree(session, account, first, rate, reason, by=g.viewer.as_staff(duty))
        except rates.BadRate:
            errors["rate"] = _("Write a rate from 0 to 100 per cent.")
    if errors:
        shown = rates.agreed(session, id)
        close()
        facts = {"title": _("Agreed late interest"), "account": account, "agreed": shown}
        return refused(RATES, typed=request.form.to_dict(), errors=errors, **facts)
    said = _("From %(day)s on the agreed rate holds.", day=fmt().date(first))
    return done(None, to=url_for(".holder_rates", id=id), say=said)
