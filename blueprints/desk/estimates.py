"""Estimates at the desk: what a period lacks, what the ladder makes of it, stored and taken back (rule 11)."""

from datetime import date

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import Row

from resident.metering import estimating, roster
from resident.metering.window import TAKES_READINGS

from .. import _counters
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._messages import contact
from .._web import done, first_sending, page, refused, remember, session
from . import _period

bp = Blueprint("desk_estimates", __name__, url_prefix="/desk/estimates")
PAGE, PART = "desk/estimates/index.html", "desk/estimates/_list.html"
# More registers than this are not ticked on one page.
MOST = 20_000


@bp.context_processor
def words():
    return {"words": _counters, "why": _why}


@bp.get("")
@staff("windows")
def index():
    return page(PAGE, PART, **_listed())


@bp.post("")
@staff("windows")
def store():
    if again := first_sending(g.viewer.login_id):
        return again
    return _act(_stored, _("No estimate is chosen. Tick the meters that you want estimated."))


@bp.post("/withdrawal")
@staff("windows")
def withdraw():
    if again := first_sending(g.viewer.login_id):
        return again
    return _act(_withdrawn, _("No estimate is chosen. Tick those that you want to take back."))


def _act(verb, nothing: str):
    facts = _place()
    period, chosen = facts.get("period") or abort(404), _chosen()
    by = g.viewer.as_staff(facts["duty"])
    try:
        count, said = verb(period, facts, chosen, by)
    except (estimating.NotOver, estimating.CostsShared) as error:
        return _refused(_told(error))
    if not count:
        return _refused(nothing)
    to = url_for(".index", building=facts["building"].id, period=period.name)
    remember(to)
    return done(None, to=to, say=said)


def _stored(period, facts: dict, chosen: set[int], by) -> tuple[int, str]:
    stored = estimating.estimate(session, period, facts["organisation"], chosen, by=by, media=facts["media"])
    return len(stored), ngettext("Saved %(n)d estimate.", "Saved %(n)d estimates.", len(stored))


def _withdrawn(period, facts: dict, chosen: set[int], by) -> tuple[int, str]:
    count = estimating.undo(session, period, facts["organisation"], chosen, by=by)
    said = ngettext("Took %(n)d estimate back.", "Took %(n)d estimates back.", count)
    left = len(chosen) - count
    if not left:
        return count, said
    return count, said + " " + ngettext(
        "%(n)d stays, because a later estimate stands on it.", "%(n)d stay, because later estimates stand on them.", left
    )


def _chosen() -> set[int]:
    """Registers that were ticked."""
    given = request.form.getlist("register")[:MOST]
    return {int(one) for one in given if one.isascii() and one.isdecimal() and len(one) <= 18}


def _refused(sentence: str):
    session.rollback()
    return refused(PAGE, PART, status=409, **_listed() | {"errors": {"estimates": sentence}})


# ---- What the page shows ---------------------------------------------------------------------------------------------


def _place() -> dict:
    return _period.place(session, "windows", _proposed)


def _proposed(rows: list[Row], today: date) -> Row | None:
    """The newest period whose window is over and that takes readings, else the present one."""
    over = [row for row in rows if row.ReadingWindow and row.ReadingWindow.last < today]
    open_ones = [row for row in over if row.BillingPeriod.state in TAKES_READINGS]
    return next(iter(open_ones), None) or roster.current(rows, today)


def _listed() -> dict:
    facts = _place() | {"title": _("Estimates")}
    period = facts.get("period")
    if not period:
        return facts
    lacking = estimating.lacking(session, period, facts["organisation"], facts["media"])
    try:
        estimating.may_estimate(session, period, facts["organisation"].today)
        obstacle = None
    except (estimating.NotOver, estimating.CostsShared) as error:
        obstacle = _told(error)
    return facts | {
        "obstacle": obstacle,
        "possible": [one for one in lacking if one.estimate],
        "impossible": [one for one in lacking if not one.estimate],
        "stored": estimating.shown(session, period, facts["media"]),
        "takes": period.state in TAKES_READINGS,
    }


def _told(error) -> str:
    if isinstance(error, estimating.NotOver):
        return _(
            "Readings can still be sent until %(day)s. What is missing then can be estimated from the day after.",
            day=fmt().date(error.last),
        )
    return _(
        "The costs of %(month)s have already been shared out, so its estimates stay as they are. If one is wrong, the next true "
        "reading settles it. Questions: %(contact)s",
        month=fmt().month(error.name),
        contact=contact(),
    )


def _why(name: str) -> str:
    """Why a meter gets no estimate."""
    return {
        "remote": _("It is read remotely, and there are values of this period."),
        "expired": _("Its verification has expired, and by the settings such meters are not estimated."),
        "new": _("It was installed on the last day of use or later."),
        "read": _("There is a reading of the last day of use already."),
        "no_rung": _("No step of the ladder fits: enter a reading, or add a norm or the number of occupants."),
    }[name]
