"""A resident's billing account by year, interest in words and numbers, how payments settle, what a sum would (S4, K9, B7)."""

import re
from datetime import date

from flask import Blueprint, abort, g, request, url_for

from resident.homes import setting
from resident.money import own_account, period, settling
from resident.money.account import Account
from resident.money.interest import cut, exact
from resident.money.what_if import together
from resident.month import month_name

from . import _invoice_words as invoice_words
from . import _money_words, _typed
from ._days import among
from ._gate import resident
from ._locale import _, fmt, language, pgettext
from ._typed import day_and_key
from ._web import page, session

bp = Blueprint("reckoning", __name__, url_prefix="/invoices")


def _place(title: str, *, deposits: bool = False) -> dict:
    """What every page shows: the home's billing accounts, and the one asked for, else the first; None: there are none yet."""
    found = own_account.accounts(session, g.viewer.home, deposits=deposits)
    asked = request.args.get("account")
    chosen = [row for row in found if str(row.id) == asked] if asked else found
    if asked and not chosen:
        abort(404)
    return {"title": title, "home": g.viewer.home, "accounts": found, "chosen": chosen[0] if chosen else None}


def _none(place: dict):
    return page("reckoning/none.html", **place)


@bp.get("/account")
@resident("invoices")
def account():
    home = g.viewer.home
    facts = _place(_("Billing account by year"), deposits=True)
    if (chosen := facts["chosen"]) is None:
        return _none(facts)
    offered = own_account.years(session, home, chosen.id)
    year = _year(offered, home.organisation.today)
    rows = own_account.documents(session, home, chosen.id, year, day_and_key(request.args, "before"))
    last = rows[own_account.ROWS - 1] if len(rows) > own_account.ROWS else None
    place = {"account": chosen.id, "year": year}
    note = setting.in_force(session, home.organisation.id, home.organisation.country, home.organisation.today)["balance_note"]
    return page(
        "reckoning/account.html",
        part="reckoning/_account.html",
        **facts,
        kinds=invoice_words.kinds(),
        account_kinds=_money_words.accounts(),
        deposit_kinds=_money_words.deposits(),
        years=offered if year in offered else [year, *offered],
        year=year,
        figures=own_account.year(session, home, chosen.id, year),
        split=own_account.split_today(session, chosen.id, home.organisation.today) if home.papers_until == date.max else None,
        rows=own_account.together(rows[: own_account.ROWS]),
        later="before" in request.args,
        note=invoice_words.best(note, language(), home.organisation.languages),
        following=url_for(".account", **place, before=f"{last.day}:{last.id}") if last else None,
    )


def _year(offered: list[str], today: date) -> str:
    asked = request.args.get("year", "")
    if asked:
        return asked if re.fullmatch(r"(19|20)\d\d", asked) else abort(404)
    return offered[0] if offered else str(today.year)


@bp.get("/interest")
@resident("invoices")
def interest():
    """What was posted in a month, as it was reckoned then; without a month what has accrued until today."""
    home, today = g.viewer.home, g.viewer.home.organisation.today
    facts = _place(_("How late interest was worked out"))
    if (chosen := facts["chosen"]) is None:
        return _none(facts)
    month = request.args.get("month", "")
    if month and not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", month):
        abort(404)
    if month:
        rows = own_account.posted(session, home, chosen.id, month)
        shown = [_reckoned(row, row.kind, row.number, row.due, row.before, row.adds, chosen.currency) for row in rows]
    else:
        rows = own_account.running(session, home, chosen, today)
        shown = [_reckoned(row, row.kind, no, row.effective_due, row.posted, row.to_post, chosen.currency) for row, no in rows]
    # A month without interest is asked for by what it opened with (K10).
    title = _("Balance by month") if month and not shown else facts["title"]
    return page(
        "reckoning/interest.html",
        **facts | {"title": title},
        month=month,
        today=today,
        shown=shown,
        sum=sum(one["adds"] for one in shown),
        split=_opening(chosen.id, month) if month and home.papers_from <= period.month(month)[0] else None,
    )


def _opening(account_id: int, month: str) -> own_account.Split:
    return own_account.split_at(session, account_id, period.month(month)[0])


def _reckoned(row, kind: str, number: str, due: date, before: int, adds: int, currency: str) -> dict:
    """One item's interest, ready to be written."""
    write = fmt()
    return {
        "name": " ".join(filter(None, (invoice_words.kinds()[kind], number))),
        "about": _("%(amount)s, to be paid by %(day)s", amount=write.money(row.amount, currency), day=write.date(due)),
        "lines": [
            (
                f"{write.date(one.first)}–{write.date(one.last)}",
                str(one.days),
                write.amount(one.base),
                _money_words.rate(one.rate, one.parts),
                # Minor units are hundredths, and four decimals are shown.
                write.number(cut(one.amount) * 100, 4),
            )
            for one in row.segments
        ],
        "exact": write.number(cut(exact(row.segments)) * 100, 4),
        "total": row.total,
        "before": before,
        "adds": adds,
    }


@bp.get("/order")
@resident("invoices")
def order():
    home = g.viewer.home
    today = home.organisation.today
    on = settling.order_of(session, home.organisation.id, home.organisation.country)
    return page("reckoning/order.html", title=_("How payments are allocated"), home=home, order=_money_words.order_told(on(today)))


@bp.get("/what-if")
@resident("invoices")
def what_if():
    today = g.viewer.home.organisation.today
    facts = _place(_("What would a payment settle?"))
    if (chosen := facts["chosen"]) is None:
        return _none(facts)
    typed, errors, asked, day = request.args, {}, None, today
    if "amount" in typed:
        amount, day = _asked(errors, today)
        asked = None if errors else _answered(errors, chosen, amount, day)
    return page(
        "reckoning/what_if.html",
        part="reckoning/_what_if.html",
        **facts,
        typed=typed,
        day=day,
        errors=errors,
        rows=_outcomes(asked, chosen) if asked else [],
        credit=asked.answer.credit if asked else 0,
    )


def _answered(errors: dict, account: Account, amount: int, day: date) -> own_account.Asked | None:
    try:
        return own_account.ask(session, g.viewer.home, account, amount, day)
    except own_account.MoreThanOwn as error:
        most = fmt().money(error.most, account.currency)
        errors["amount"] = _("Your part of this account is at most %(sum)s. Write that or less.", sum=most)
        return None


def _asked(errors: dict, today: date) -> tuple[int, date]:
    try:
        amount = _typed.minor(request.args, "amount") or 0
    except ValueError:
        amount = 0
    if not amount:
        errors["amount"] = _("Write the amount in figures, for example 12.50.")
    day = among(errors, "day", wanted=False, given=request.args) or today
    if day < today:
        errors["day"] = _("Choose today or a later day.")
    return amount, day


def _state(one) -> tuple[str, str]:
    """(word, look) of what becomes of one debt."""
    if not one.left:
        return pgettext("of a debt", "Settled"), "done"
    return (_("Paid in part"), "wait") if one.paid else (_("Stays open"), "no")


def _outcomes(asked: own_account.Asked, chosen: Account) -> list[tuple]:
    """(what, when due, sentences, what stays open or "", word, class of .tag, where its reckoning stands or "")."""
    write, kinds, rows, currency = fmt(), invoice_words.kinds(), [], chosen.currency
    for one in together(asked.answer.outcomes):
        kind, number = asked.names[one.debt.id]
        told = []
        if one.paid:
            told.append(_("%(amount)s of the payment goes to it.", amount=write.money(one.paid, currency)))
        if one.stops:
            told.append(_("Late interest stops: from %(day)s on it bears none.", day=write.date(one.stops)))
        if asked.interest.get(one.debt.id, 0) > 0:
            coming = write.money(asked.interest[one.debt.id], currency)
            told.append(_("Late interest until then, not posted yet: %(amount)s.", amount=coming))
        state = _state(one)
        left = write.money(one.left, currency) if one.left else ""
        due = _("to be paid by %(day)s", day=write.date(one.debt.due))
        late = one.debt.nature == "interest"
        reckoning = url_for(".interest", account=chosen.id, month=month_name(one.debt.day)) if late else ""
        rows.append((f"{kinds[kind]} {number}".strip(), due, told, left, *state, reckoning))
    return rows
