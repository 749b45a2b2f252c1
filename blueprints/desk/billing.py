"""Billing periods at the desk: a building's list and the next one to plan; of each what the next step does, and the steps."""

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.charging import allocating, confirming, delivering, invoicing, outlook, overview, steps, taking_back
from resident.errors import ResidentError
from resident.homes import setting
from resident.money import period as periods
from resident.money.invoice import number_text
from resident.month import month_name, months_on

from .. import _billing_words as words
from .._charge_words import called
from .._days import Days
from .._gate import staff
from .._locale import _, fmt
from .._web import close, done, first_sending, page, refused, remember, session, settings
from . import _billed, _period

bp = Blueprint("desk_billing", __name__, url_prefix="/desk/billing")
PAGE, PART, PERIOD = "desk/billing/index.html", "desk/billing/_list.html", "desk/billing/period.html"
# Periods that may be planned at once: so many months from the building's last one on.
AHEAD = 12


@bp.get("")
@staff("money")
def index():
    return page(PAGE, PART, **_listed())


@bp.post("")
@staff("billing")
def plan():
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _period.house(session, "billing")
    building = facts["building"] or abort(404)
    by, name = g.viewer.as_staff(facts["duty"]), request.form.get("name", "")
    try:
        made = periods.plan(session, building.id, name, by=by, behind=request.form.get("behind") == "1")
    except ResidentError as error:
        field = "behind" if isinstance(error, periods.UseOverlaps) else "name"
        close()
        return refused(PAGE, PART, **_listed() | {"errors": {field: words.told(error)}, "typed": request.form.to_dict()})
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("The period is planned."))


def _listed() -> dict:
    facts = _period.house(session, "money") | {"title": _("Billing"), "typed": {}}
    building = facts["building"]
    if building is None:
        return facts
    before = request.args.get("before", "")[:10]
    rows = overview.periods(session, building.id, before)
    return facts | {
        "currency": facts["organisation"].currency,
        "rows": [(period, tally, words.state(period.state)) for period, tally in rows[: overview.ROWS]],
        "following": rows[overview.ROWS - 1][0].name if len(rows) > overview.ROWS else None,
        "later": bool(before),
        "may": g.viewer.can("billing", building.organisation_id, building.id),
        "proposal": _proposal(facts),
    }


def _proposal(facts: dict) -> dict:
    """The months that can be planned next, and whether they bill the use of the month before: as the last one did."""
    organisation, last = facts["organisation"], overview.last(session, facts["building"].id)
    if last is None:
        first, behind = organisation.today, _settings(organisation)["billed_behind"]
    else:
        first, behind = months_on(last.bill_first, 1), last.use_first < last.bill_first
    return {"names": [month_name(months_on(first.replace(day=1), step)) for step in range(AHEAD)], "behind": "1" if behind else "0"}


def _settings(organisation: access.Controller) -> dict:
    return setting.in_force(session, organisation.id, organisation.country, organisation.today)


# ---- One period ------------------------------------------------------------------------------------------------------


@bp.get("/<int:id>")
@staff("money")
def show(id):
    return page(PERIOD, **_shown(id))


@bp.post("/<int:id>/steps")
@staff("billing")
def step(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts, name = _billed.place(id, "billing"), request.form.get("step", "")
    if name not in steps.FROM:
        abort(400)
    if request.form.get("seen") != facts["period"].state:
        return _not_done(id, {"step": _("Somebody has done a step meanwhile. Look at what stands here now.")})
    days = Days()
    given = {field: days.optional(field) for field in ("issued", "due")} if name == "confirm" else {}
    if days.errors:
        return _not_done(id, days.errors, 422)
    try:
        count = _do(name, facts, given)
    except ResidentError as error:
        field = "due" if isinstance(error, invoicing.DueBeforeIssue) else "step"
        return _not_done(id, {field: words.told(error)}, 422 if field == "due" else 409)
    to = url_for(".show", id=id)
    remember(to)
    return done(None, to=to, say=words.done(name, count))


def _do(name: str, facts: dict, given: dict) -> int:
    """Do a step; how many drafts or invoices it was about."""
    period, by = facts["period"], _billed.actor(facts)
    if name == "allocate":
        return len(allocating.allocate(session, period, by=by).drafts)
    if name == "confirm":
        return confirming.confirm(session, period, by=by, **given)
    if name == "unconfirm":
        return taking_back.unconfirm(session, period, by=by)
    verbs = {"open": steps.open_, "close": steps.close, "unopen": steps.unopen, "unallocate": steps.unallocate}
    (verbs | {"reopen": steps.reopen})[name](session, period, by=by)
    return 0


def _shown(id: int) -> dict:
    facts = _billed.place(id)
    period, organisation = facts["period"], facts["organisation"]
    view = outlook.outlook(session, period)
    return facts | {
        "title": fmt().month(period.name),
        "next": _seen(view.next, view.next_refused),
        "back": _seen(view.back, view.back_refused),
        "costs": overview.costs(session, period),
        "uncosted": [called(one) for one in overview.uncosted(session, period, organisation.id)],
        "waiting": overview.corrections(session, period) if period.state in ("planned", "open") else 0,
        "confirmation": _confirmation(facts) if view.next == "confirm" else None,
        "undelivered": _undelivered(facts) if view.next == "close" and facts["may"] else [],
        "numbers": _numbers(*facts["tally"].numbers) if facts["tally"].numbers else "",
    }


def _seen(name: str | None, refusal: ResidentError | None) -> dict | None:
    """A step, its words, and the sentence that stands against it."""
    return {"name": name, "words": words.step(name), "refused": words.told(refusal) if refusal else None} if name else None


def _undelivered(facts: dict) -> list[tuple[str, int]]:
    """(way, how many) of what whoever asks can still send or print."""
    sees = access.may_see_contacts(g.viewer, facts["organisation"].id, undisclosed=True)
    plan = delivering.plan(session, facts["period"], facts["organisation"], undisclosed=sees)
    ways = [(_("By e-mail"), len(plan.to_mail) if settings().smtp_url else 0), (_("On paper"), len(plan.to_print))]
    return [way for way in ways if way[1]]


def _confirmation(facts: dict) -> dict:
    """What confirming would give: the numbers, day of issue and due day."""
    organisation = facts["organisation"]
    first = overview.coming_number(session, organisation.id, organisation.today.year)
    count = facts["tally"].count
    due = invoicing.due_by_setting(session, organisation, organisation.today)
    typed = {"issued": organisation.today.isoformat(), "due": due.isoformat()}
    typed |= {name: request.form[name] for name in typed if name in request.form}
    numbers = _numbers(organisation.today.year, first, first + count - 1) if count else ""
    return {"numbers": numbers, "typed": typed, "due": due}


def _numbers(year: int, first: int, last: int) -> str:
    ends = [number_text(year, number, None) for number in dict.fromkeys((first, last))]
    return " – ".join(ends)


def _not_done(id: int, errors: dict, status: int = 409):
    close()
    return refused(PERIOD, status=status, **_shown(id) | {"errors": errors})
