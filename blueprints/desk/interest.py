"""Late interest at the desk: the rates by day, what posting would do, and posting it (rule 34)."""

from datetime import date

from flask import Blueprint, abort, g, request, url_for

from resident.banking import suggesting
from resident.homes import setting
from resident.money import accruing, posting_run, rates
from resident.money.account import Account
from resident.money.rate import KINDS

from .. import _typed
from .._days import among
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._typed import whole
from .._web import close, done, first_sending, page, refused, remember, require, session
from . import _organisation

bp = Blueprint("desk_interest", __name__, url_prefix="/desk/interest")
PAGE = "desk/interest/index.html"
# Accounts that a preview lists. Its sums are of all, or where many accounts bear interest, of these.
SHOWN = 100


def _place() -> dict:
    """The organisation; the buildings that the post covers; the day until which interest is posted."""
    place = _organisation.place(g.viewer.duties_for("billing"))
    duty, organisation, today = place["duty"], place["organisation"], place["today"]
    buildings = _organisation.buildings("billing", organisation.id)
    building = whole(request.values, "building")
    if building is not None and building not in buildings:
        abort(404)
    table = rates.table(session, organisation.id, organisation.country)
    return place | {
        "buildings": buildings,
        # A post for some buildings posts for one of them at a time.
        "whole": duty.buildings is None,
        "building": building if duty.buildings is None or building else next(iter(buildings), None),
        "table": table[::-1],
        "gaps": rates.gaps(table, organisation.country, today),
        "charged": setting.in_force(session, organisation.id, organisation.country, today)["interest_charged"],
        "title": _("Late interest"),
        "typed": {},
        "preview": None,
    }


@bp.get("")
@staff("billing")
def index():
    facts = _place()
    errors: dict[str, str] = {}
    through = among(errors, "through", wanted=False, given=request.args)
    facts["through"] = through or _month_end(facts["today"])
    if through and through > facts["today"]:
        errors["through"] = _("This day has not come yet. Choose today or an earlier day.")
    if through and not errors:
        facts["preview"] = _preview(facts, through)
    return page(PAGE, **facts | {"errors": errors})


def _month_end(today: date) -> date:
    """The last day of the month before: what is usually posted."""
    return date.fromordinal(today.replace(day=1).toordinal() - 1)


def _preview(facts: dict, through: date) -> dict:
    """Of all accounts, or where these are many, of a page of them: following says where the next one begins."""
    organisation, which = facts["organisation"], [accruing.accounts_of(facts["organisation"].id, facts["building"])]
    following = after = None
    if posting_run.many(session, organisation.id, facts["building"]):
        after = whole(request.args, "after") or 0
        ids = accruing.on_page(session, through, *which, after=after, rows=SHOWN + 1)
        following = ids[SHOWN - 1] if len(ids) > SHOWN else None
        which = [Account.id.in_(ids[:SHOWN])]
    rows = [row for row in accruing.accruals(session, organisation, through, *which) if row.to_post]
    by_account: dict[int, int] = {}
    for row in rows:
        by_account[row.account_id] = by_account.get(row.account_id, 0) + row.to_post
    shown = sorted(by_account, key=lambda id: -abs(by_account[id]))[:SHOWN]
    known = suggesting.described(session, shown, organisation.country)
    return {
        "sums": accruing.posted_of(rows),
        "rows": [(id, known[id][0] or str(id), known[id][1], by_account[id]) for id in shown],
        "after": after,
        "following": following,
    }


@bp.post("/postings")
@staff("billing")
def post():
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _place()
    errors: dict[str, str] = {}
    through = among(errors, "through")
    if errors:
        return _refused(errors)
    try:
        accruing.may_post(session, facts["organisation"], through, facts["today"])
        said = _posted(facts, through)
    except accruing.FutureDay:
        return _refused({"through": _("This day has not come yet. Choose today or an earlier day.")})
    except accruing.NotCharged:
        return _refused({"through": _("Late interest is switched off in the settings for this day.")})
    to = url_for(".index", organisation=facts["organisation"].id)
    remember(to)
    return done(None, to=to, say=said)


def _posted(facts: dict, through: date) -> str:
    """Post it, or leave it to the worker where there is much; what to say of it."""
    organisation, building, by = facts["organisation"], facts["building"], g.viewer.as_staff(facts["duty"])
    if posting_run.many(session, organisation.id, building):
        posting_run.order(session, organisation, building, through, by=by)
        return _("Interest is being posted. The preview shows what is left to do.")
    which = accruing.accounts_of(organisation.id, building)
    posted = accruing.post(session, organisation, through, which, today=facts["today"], by=by)
    said = ngettext("Interest posted: %(n)d entry.", "Interest posted: %(n)d entries.", posted.entries)
    return said if posted.entries else _("There was nothing to post.")


@bp.post("/rates")
@staff("billing")
def add_rate():
    facts = _place()
    require(facts["whole"])
    errors: dict[str, str] = {}
    first = among(errors, "first")
    kind = request.form.get("kind", "rate")
    source = _typed.line("source")[:200]
    rate = _typed.yearly_rate(errors, "rate")
    if not errors and kind in KINDS:
        try:
            rates.add(session, facts["organisation"], kind, first, rate, source, by=g.viewer.as_staff(facts["duty"]))
        except rates.BadRate:
            errors["rate"] = _("Write a rate from 0 to 100 per cent.")
        except rates.RateTaken:
            errors["first"] = _("Another rate begins on this day. Remove that one first, or choose another day.")
    if errors:
        return _refused(errors)
    return done(None, to=url_for(".index", organisation=facts["organisation"].id), say=_("Rate saved."))


@bp.post("/rates/removal")
@staff("billing")
def remove_rate():
    facts = _place()
    require(facts["whole"])
    errors: dict[str, str] = {}
    first = among(errors, "first")
    if errors or request.form.get("kind") not in KINDS:
        return _refused(errors)
    rates.remove(session, facts["organisation"], request.form["kind"], first, by=g.viewer.as_staff(facts["duty"]))
    said = _("The rate from %(day)s was removed.", day=fmt().date(first))
    return done(None, to=url_for(".index", organisation=facts["organisation"].id), say=said)


def _refused(errors: dict):
    close()
    facts = _place()
    return refused(PAGE, **facts | {"errors": errors, "typed": request.form.to_dict(), "through": _month_end(facts["today"])})
