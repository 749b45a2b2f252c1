"""A billing account at the desk: how it stands, what is open, every entry with the balance after it."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.money import by_hand, collecting, statement
from resident.money.account import Account
from resident.money.standing import standing_of_account

from .. import _invoice_words as invoice_words
from .. import _money_words
from .._gate import staff
from .._locale import _
from .._typed import day_and_key
from .._web import one_or_404, page, session
from . import _accounts, _booking

bp = Blueprint("desk_accounts", __name__, url_prefix="/desk/accounts")


@bp.get("/<int:id>")
@staff("money")
def show(id):
    account = one_or_404(select(Account).where(Account.id == id, access.reach_accounts(g.viewer)))
    today = g.viewer.duty("money", account.creditor_id).organisation.today
    billing = g.viewer.can("billing", account.creditor_id)
    rows = statement.entries(session, id, day_and_key(request.args, "before"))
    last = rows[statement.ROWS - 1] if len(rows) > statement.ROWS else None
    return page(
        "desk/accounts/account.html",
        part="desk/accounts/_entries.html",
        title=_("Billing account %(number)s", number=account.number or id),
        account=account,
        home=_accounts.home(account),
        today=today,
        money=standing_of_account(session, id, today),
        items=statement.together(statement.open_items(session, id)),
        names=_booking.names(account) if billing else {},
        called=_money_words.accounts()[account.kind],
        mark=collecting.marked(session, id, today),
        billing=billing,
        rows=rows[: statement.ROWS],
        has_source=by_hand.has_source,
        payments=_accounts.payments(account, rows),
        kinds=invoice_words.kinds(),
        later="before" in request.args,
        following=url_for(".show", id=id, before=f"{last.value_day}:{last.id}") if last else None,
    )
