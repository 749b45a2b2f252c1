"""Reading windows at the desk: which building has one for a period, opening for one building or all, other days, closing."""

import re
from datetime import date, timedelta

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select, tuple_

from resident import access
from resident.errors import ResidentError, Stale
from resident.homes.building import Building
from resident.metering import opening
from resident.metering.window import ReadingWindow
from resident.money import period as periods
from resident.money.period import BillingPeriod
from resident.month import month_name, month_of, months_on

from .._days import Days, span
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._web import done, first_sending, page, refused, remember, session
from . import _window

bp = Blueprint("desk_windows", __name__, url_prefix="/desk/windows")
ROWS = 50
# The field that a refusal belongs to.
FIELDS = {
    opening.LastBeforeFirst: "last",
    opening.WindowsOverlap: "first",
    opening.AlreadyOpened: "where",
    opening.PeriodAllocated: "where",
    opening.NotRunning: "last",
    periods.UseOverlaps: "behind",
}


@bp.get("")
@staff("windows")
def index():
    return page("desk/windows/index.html", part="desk/windows/_list.html", **_listed(), form=None)


@bp.post("")
@staff("windows")
def open():
    form = request.form.to_dict()
    days, errors = _typed_days()
    buildings = _buildings(form.get("where", ""))
    if again := first_sending(g.viewer.login_id):
        return again
    if errors:
        return _refused(form, errors)
    try:
        opened = _open(buildings, form.get("period", ""), *days, behind=form.get("behind") == "1")
    except (ResidentError, ValueError) as error:
        return _refused(form, _told(error))
    to = url_for(".index", period=form["period"])
    remember(to)
    return done(None, to=to, say=_outcome(opened))


def _open(buildings: list[Building], name: str, first: date, last: date, behind: bool) -> opening.Opened:
    duty = g.viewer.duty("windows", buildings[0].organisation_id, buildings[0].id)
    by = g.viewer.as_staff(duty)
    return opening.open_windows(session, [building.id for building in buildings], name, first, last, by=by, behind=behind)


@bp.get("/<int:id>")
@staff("windows")
def show(id):
    return page("desk/windows/window.html", **_shown(id))


@bp.post("/<int:id>")
@staff("windows")
def change(id):
    facts = _shown(id)
    days, errors = _typed_days()
    if errors:
        return _not_changed(facts, errors)
    try:
        opening.change_window(session, facts["window"], *days, by=facts["by"], seen=_seen())
    except ResidentError as error:
        return _not_changed(facts, _told(error))
    return done(None, to=url_for(".index", period=facts["period"].name), say=_("The days of the window are changed."))


@bp.post("/<int:id>/closure")
@staff("windows")
def close(id):
    facts = _shown(id)
    try:
        opening.close_window(session, facts["window"], facts["today"], by=facts["by"])
    except ResidentError as error:
        return _not_changed(facts, _told(error))
    return done(None, to=url_for(".index", period=facts["period"].name), say=_("The window closes at the end of today."))


# ---- What the pages show -------------------------------------------------------------------------------------------


def _listed() -> dict:
    """Buildings that the viewer's posts reach, with their period of the chosen month and its window."""
    today = g.viewer.organisation.today
    name = request.values.get("period") or _month_at_hand(today)
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", name, re.ASCII):
        abort(404)
    statement = (
        select(Building, BillingPeriod, ReadingWindow)
        .outerjoin(BillingPeriod, (BillingPeriod.building_id == Building.id) & (BillingPeriod.name == name))
        .outerjoin(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
        .where(access.reach(g.viewer, "windows", Building.organisation_id, Building.id))
        .order_by(Building.organisation_id, Building.code)
        .limit(ROWS + 1)
    )
    after = request.args.get("after", "")
    if re.fullmatch(r"\d{1,18}:.+", after):
        organisation_id, code = after.split(":", 1)
        statement = statement.where(tuple_(Building.organisation_id, Building.code) > tuple_(int(organisation_id), code))
    rows = session.execute(statement).all()
    last = rows[ROWS - 1].Building if len(rows) > ROWS else None
    proposal = _proposal(_next(rows[0].Building.id) if rows and all(row.ReadingWindow for row in rows) else name)
    return {
        "title": _("Reading windows"),
        "rows": rows[:ROWS],
        "name": name,
        "months": _months(today, name, proposal["period"]),
        "todays": {duty.organisation.id: duty.organisation.today for duty in g.viewer.duties},
        "following": f"{last.organisation_id}:{last.code}" if last else None,
        "choices": _choices(),
        "proposal": proposal,
    }


def _next(building_id: int) -> str:
    """The name of the period after the building's last one with a window."""
    windowed = select(BillingPeriod.name).join(ReadingWindow).where(BillingPeriod.building_id == building_id)
    return _months_on(session.scalar(windowed.order_by(BillingPeriod.name.desc()).limit(1)), 1)


def _months(today: date, *chosen: str) -> list[str]:
    """Names of the periods to choose from: a year back, three months ahead, and the chosen ones."""
    present = month_name(today)
    return sorted({*(_months_on(present, step) for step in range(-12, 4)), *chosen}, reverse=True)


def _months_on(name: str, steps: int) -> str:
    return month_name(months_on(periods.month(name)[0], steps))


def _choices() -> list[tuple[str, str]]:
    """(value, words) for "where": each organisation as a whole, then building by building."""
    reached = access.visible_buildings(g.viewer, "windows").order_by(Building.organisation_id, Building.code).limit(500)
    buildings = session.scalars(reached).all()
    names = {duty.organisation.id: duty.organisation.name for duty in g.viewer.duties}
    whole = {building.organisation_id for building in buildings}
    every = [(f"all{id}", _("All buildings: %(organisation)s", organisation=names[id])) for id in sorted(whole)]
    return every + [(f"b{building.id}", building.address) for building in buildings]


def _proposal(name: str) -> dict:
    """What the form for a new window starts with: as in the period before, where there is one."""
    before = _months_on(name, -1)
    statement = (
        select(BillingPeriod.use_first, BillingPeriod.bill_first, ReadingWindow.first, ReadingWindow.last)
        .join(Building)
        .join(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
        .where(access.reach(g.viewer, "windows", Building.organisation_id, Building.id), BillingPeriod.name == before)
        .limit(1)
    )
    row = session.execute(statement).first()
    behind = row is None or row.use_first < row.bill_first
    month = periods.usual_days(name, behind)["use_first"]
    if row and row.first >= periods.usual_days(before, behind)["use_last"]:
        month = month_of(month)[1] + timedelta(days=1)
    first, last = opening.proposed(month, (row.first, row.last) if row else None)
    return {"behind": "1" if behind else "0", "first": first.isoformat(), "last": last.isoformat(), "where": "", "period": name}


def _month_at_hand(today: date) -> str:
    """The period whose window runs, else of the next one to open; where there is neither, the month that comes."""
    statement = access.visible_windows(g.viewer).where(ReadingWindow.last >= today).with_only_columns(BillingPeriod.name)
    coming = session.scalar(statement.order_by(ReadingWindow.first, BillingPeriod.name).limit(1))
    return coming or month_name(today + timedelta(days=15))


def _shown(id: int) -> dict:
    facts = _window.place(id, "windows")
    window = facts["window"]
    form = {"first": window.first.isoformat(), "last": window.last.isoformat()}
    return facts | {
        "title": _("Reading window: %(building)s", building=facts["building"].address),
        "by": g.viewer.as_staff(facts["duty"]),
        "papers": facts["media"] is None,
        "form": form | {name: request.form[name] for name in form if name in request.form},
        "seen": f"{window.first}/{window.last}",
    }


# ---- What is typed, and what is said -------------------------------------------------------------------------------


def _buildings(where: str) -> list[Building]:
    """The buildings that "where" means, in which the viewer may open windows; 404 when there are none."""
    found = re.fullmatch(r"(all|b)(\d{1,18})", where) or abort(404)
    column = Building.organisation_id if found[1] == "all" else Building.id
    return session.scalars(access.visible_buildings(g.viewer, "windows").where(column == int(found[2]))).all() or abort(404)


def _typed_days() -> tuple[list[date], dict[str, str]]:
    """First and last day as typed, days past a month's end clamped (rule 18), and what is not a day."""
    days = Days()
    return [days.within_month(name) for name in ("first", "last")], days.errors


def _seen() -> tuple[date, date]:
    try:
        return span(request.form["seen"])
    except ValueError:
        abort(400)


def _refused(form: dict, errors: dict):
    return refused("desk/windows/index.html", **_listed() | {"form": form, "errors": errors})


def _not_changed(facts: dict, errors: dict):
    seen = f"{facts['window'].first}/{facts['window'].last}"
    errors = {name if name in ("first", "last") else "first": sentence for name, sentence in errors.items()}
    return refused("desk/windows/window.html", **facts | {"errors": errors, "seen": seen})


def _outcome(opened: opening.Opened) -> str:
    said = ngettext("The window is open in %(n)d building.", "The window is open in %(n)d buildings.", len(opened.windows))
    return " ".join([said, *dict.fromkeys(said for error in opened.left_out[:3] for said in _told(error).values())])


def _told(error: Exception) -> dict[str, str]:
    """{field: sentence} of a refusal."""
    words, facts = fmt(), getattr(error, "facts", {})
    building_id, name = facts.get("building_id"), facts.get("name")
    told = {
        "building": session.scalar(select(Building.address).where(Building.id == building_id)) if building_id else "",
        "period": words.month(name) if name and not isinstance(error, periods.BadPeriodName) else "",
        "first": words.date(facts.get("first")),
        "last": words.date(facts.get("last")),
    }
    return {FIELDS.get(type(error), "first"): _sentence(error, told)}


def _sentence(error: Exception, told: dict) -> str:
    sentences = {
        opening.LastBeforeFirst: _(
            "The last day, %(last)s, is before the first, %(first)s. Choose a last day that is the first or after it.", **told
        ),
        opening.WindowsOverlap: _(
            "%(building)s: the window for %(period)s has some of these days already, from %(first)s to %(last)s. "
            "Choose other days, or change that window first.",
            **told,
        ),
        opening.AlreadyOpened: _(
            "%(building)s: the window for %(period)s is open from %(first)s to %(last)s already. "
            "Choose other days for it in the list.",
            **told,
        ),
        opening.PeriodAllocated: _(
            "%(building)s: the costs for %(period)s have already been shared out, so its window stays as it is. "
            "Put what is missing into the next period.",
            **told,
        ),
        opening.NotRunning: _(
            "The window runs from %(first)s to %(last)s, so there is nothing to close today. Choose other days for it instead.",
            **told,
        ),
        periods.UseOverlaps: _(
            "%(building)s: some of these days of use belong to the period %(period)s already. "
            "Choose the other month of use, or another period.",
            **told,
        ),
        Stale: _("Somebody changed these days while you were looking at them. Check the days below and save again."),
    }
    return sentences.get(type(error), _("Choose a period from the list."))
