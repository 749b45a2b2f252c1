"""Readings from paper sheets, at the desk (B14): a staircase or the whole house on one page, in the order of the sheets.

A sheet's number, typed or read by a scanner, leads to its home; Enter goes on to the next field. Without script the number is
a button's work, which brings the page back at that home with everything typed.
"""

from datetime import date

from flask import Blueprint, g, request, url_for

from resident.metering import paper, roster, sheet
from resident.metering.roster import Sought
from resident.metering.sheet import Written
from resident.metering.submission import Typed
from resident.metering.window import TAKES_READINGS

from .. import _counters
from .._days import Days
from .._gate import staff
from .._locale import _, ngettext
from .._web import commit, done, first_sending, page, refused, remember, require, session
from . import _sheet, _window

bp = Blueprint("desk_paper", __name__, url_prefix="/desk/windows/<int:id>/papers/entry")
PAGE = ("desk/paper/index.html", "desk/paper/_sheet.html")
MOST_HOMES = 2000


@bp.context_processor
def words():
    return {"words": _counters, "told": _sheet.told, "short": paper.short}


@bp.get("")
@staff("readings")
def index(id):
    return page(*PAGE, **_facts(id))


@bp.post("")
@staff("readings")
def enter(id):
    if "go" in request.form:
        return _led(id)
    typed, (day, errors) = _sheet.typed(), _sheet.typed_day()
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _facts(id)
    require(facts["editable"])
    days, wrong = _days(facts)
    if errors or wrong:
        return refused(*PAGE, **facts | {"errors": errors | wrong, "typed": typed})
    written = _written(facts, typed, day, days)
    if not written.saved and not written.left:
        nothing = {"short": _("Nothing was typed. Write the new readings in the list and save again.")}
        return refused(*PAGE, **facts | {"errors": nothing, "typed": typed})
    to = url_for(".index", id=id, staircase=facts["staircase"] or None)
    if written.saved:
        remember(to)
        commit()
    if written.left:
        return refused(*PAGE, **_left(id, written, typed))
    return done(None, to=to, say=_saved(written))


def _written(facts: dict, typed: dict[int, Typed], day: date, days: dict[int, date]) -> Written:
    """Each home's readings under its own day, else under the day of all; those of a supplier's medium only."""
    by, whole = g.viewer.as_staff(facts["duty"]), Written({}, {})
    home_of = {row.register_id: unit_id for unit_id, rows in facts["counters"].items() for row in rows}
    groups: dict[date, dict[int, Typed]] = {}
    for register_id, said in typed.items():
        if register_id in home_of:
            groups.setdefault(days.get(home_of[register_id], day), {})[register_id] = said
    for own, some in sorted(groups.items()):
        given = facts["period"], facts["duty"].organisation, some, own
        part = sheet.write(session, *given, by=by, media=facts["media"], via="paper")
        whole.saved.update(part.saved)
        whole.left.update(part.left)
    return whole


def _led(id: int):
    """The page again, with everything typed, at the home of the sheet whose number was typed."""
    facts = _facts(id) | {"typed": _sheet.typed()}
    unit_id = paper.of_short(request.form.get("short", "")[:40])
    if unit_id not in facts["counters"]:
        wrong = _("There is no sheet with this number here. Check the number, or choose all staircases.")
        return refused(*PAGE, **facts | {"errors": {"short": wrong}})
    return page(*PAGE, **facts | {"at": unit_id})


def _left(id: int, written: Written, typed: dict) -> dict:
    """The page with what was not stored, and what is said of it."""
    facts = _facts(id)
    numbers = {row.register_id: home.number for home in facts["homes"] for row in facts["counters"][home.id]}
    errors = {
        f"r{one}": f"{numbers[one]}, {_counters.counter(said.counter)}: {_sheet.told(said)}" for one, said in written.left.items()
    }
    saved = _saved(written) if written.saved else None
    return facts | {"errors": errors, "verdicts": written.left, "typed": typed, "saved": saved}


def _saved(written: Written) -> str:
    return ngettext("Saved %(n)d reading.", "Saved %(n)d readings.", written.readings)


def _days(facts: dict) -> tuple[dict[int, date], dict[str, str]]:
    """The days of single homes, d7 for home 7; what is not right about them."""
    read, numbers = Days(), {f"d{home.id}": home.number for home in facts["homes"]}
    found = {home.id: day for home in facts["homes"] if (day := read.optional(f"d{home.id}"))}
    return found, {field: f"{numbers[field]}: {told}" for field, told in read.errors.items()}


def _facts(id: int) -> dict:
    facts = _window.place(id, "readings")
    facts |= _window.staircase(facts["building"])
    window, period, media = facts["window"], facts["period"], facts["media"]
    homes = roster.homes(session, period, Sought(staircase=facts["staircase"] or None, media=media), rows=MOST_HOMES)
    counters = {}
    for row in roster.counters(session, period, [home.id for home in homes], window.last, media):
        if not row.remote:
            counters.setdefault(row.unit_id, []).append(row)
    for rows in counters.values():
        rows.sort(key=paper.in_order)
    rules = {"organisation": facts["duty"].organisation, "today": facts["today"], "window": window}
    return facts | {
        "title": _("Readings from paper"), "homes": [home for home in homes if home.id in counters], "counters": counters,
        "editable": period.state in TAKES_READINGS,
        "day": request.form.get("day") or _sheet.proposed_day(session, rules).isoformat(),
        "verdicts": {}, "typed": {}, "saved": None, "at": None, "given": request.form,
    }  # fmt: skip
