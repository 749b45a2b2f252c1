"""What a home uses: by day, week, month and year, beside last year and similar homes, what it costs, and the same as a file."""

from datetime import date

from flask import Blueprint, abort, g, make_response, request, url_for

from resident.access import Home
from resident.metering import hours, own_use
from resident.metering.own_use import STEPS, Meters, Use

from . import _days, _download, _terms, _use_file, _use_words
from ._gate import resident
from ._locale import _, fmt
from ._web import page, session

bp = Blueprint("consumption", __name__, url_prefix="/consumption")
PAGE = ("consumption/index.html", "consumption/_use.html")


@bp.get("")
@resident("readings")
def index():
    home, found = _found()
    medium = _medium(found)
    use = own_use.of_home(session, home, found, medium, _step(), _at(found, medium)) if medium else None
    return page(*PAGE, **_shown(found, use))


@bp.get("/hours")
@resident("readings")
def of_hours():
    """The hours of a day, where the home's meters tell them."""
    home, found = _found()
    medium = _medium(found)
    day = max(_at(found, medium), home.begins) if medium else None
    if medium not in found.remote:
        abort(404)
    shown = hours.of_day(session, found.of(medium), day, home.organisation.tz)
    return page("consumption/hours.html", "consumption/_hours.html", **_of_hours(found, medium, day, shown))


@bp.get("/file")
@resident("readings")
def download():
    """One's own use as CSV, each day where days are known, else each month."""
    home, found = _found()
    medium = _medium(found) or abort(404)
    step = "day" if medium in found.remote else "month"
    answer = make_response(_use_file.written(found, own_use.all_of(session, home, found, medium, step), medium))
    answer.mimetype = "text/csv"
    name = f"{_('Consumption')} {_terms.medium_name(medium)}.csv"
    answer.headers["Content-Disposition"] = _download.disposition(name, download=True)
    return answer


def _found() -> tuple[Home, Meters]:
    home = g.viewer.home
    found = own_use.meters(session, home.unit_id, home.begins)
    _terms.learn_media(home.organisation.id, found.names)
    return home, found


def _medium(found: Meters) -> str | None:
    """The medium asked for, or the first; None when the home has no meter."""
    asked = request.args.get("medium")
    if asked and asked not in found.media:
        abort(404)
    return asked or next(iter(found.media), None)


def _step() -> str:
    asked = request.args.get("step")
    return asked if asked in STEPS else "month"


def _at(found: Meters, medium: str) -> date:
    """The day that the page is about: that of the last reading when none is said, or none that could be."""
    today = g.viewer.home.organisation.today
    try:
        asked = _days.day(request.args, "at") or date.min
    except ValueError:
        asked = date.min
    return min(asked, today) if 1990 < asked.year <= today.year else found.read.get(medium, today)


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _shown(found: Meters, use: Use | None) -> dict:
    facts = {"title": _("Consumption"), "home": g.viewer.home, "words": _use_words, "use": use}
    if use is None:
        return facts
    scale = _use_words.scale(use)
    finding, lines = _use_words.finding(use, scale), _use_words.lines(use, scale, _closer(found, use))
    return facts | {
        "scale": scale,
        "tabs": [(medium, _terms.medium_name(medium), _index(medium=medium, step=use.step)) for medium in found.media],
        "steps": [(step, name, _url(use, step=step)) for step, name in _use_words.steps().items()],
        "chart": _use_words.drawn(use, scale, finding),
        "finding": finding,
        "leaks": [leak for leak in found.leaks if leak.medium == use.medium],
        "earlier": _url(use, at=use.first - own_use.DAY) if use.step != "year" else None,
        "later": _url(use, at=_later(use)) if use.step != "year" and use.last < use.today else None,
        "money": g.viewer.may("invoices"),
        "heading": _heading(use),
        "years": (_years(use, 0), _years(use, 1)),
        "lines": lines,
        "compared": any(row.before for row in use.rows),
        "beside": any(line.before != _use_words.NOTHING for line in lines),
        "liked": any(row.similar is not None for row in use.rows),
        "estimated": any(row.span.estimated for row in use.known),
        "file": url_for(".download", medium=use.medium),
    }


def _of_hours(found: Meters, medium: str, day: date, shown: list[hours.Hour]) -> dict:
    scale = _use_words.Scale(medium, found.of(medium)[0].measure, "hour", max((hour.use or 0 for hour in shown), default=0))
    beside = (day - own_use.DAY, day + own_use.DAY)
    home = g.viewer.home
    finding = _use_words.busiest(shown, scale, home.organisation.tz)
    return {
        "title": _("Consumption by the hour"),
        "finding": finding,
        "home": home,
        "day": day,
        "hours": shown,
        "scale": scale,
        "medium": _terms.medium_name(medium),
        "chart": _use_words.of_hours(shown, medium, scale, finding),
        "back": _index(medium=medium, step="day", at=day),
        "earlier": _hours(medium=medium, at=beside[0]) if beside[0] >= home.begins else None,
        "later": _hours(medium=medium, at=beside[1]) if beside[1] <= home.organisation.today else None,
    }


def _closer(found: Meters, use: Use):
    """Where a row is shown in shorter steps, as a function of it; None where those would tell nothing more."""
    if use.step == "year":
        base = _index(medium=use.medium, step="month", at="")
    elif use.medium not in found.remote:
        return lambda row: None
    elif use.step == "day":
        base = _hours(medium=use.medium, at="")
    else:
        base = _index(medium=use.medium, step="day", at="")
    return lambda row: f"{base}{min(row.span.last, use.today)}" if row.span.days else None


def _later(use: Use) -> date:
    """A day of the page after this one."""
    return min(use.last + (own_use.WEEKS * own_use.WEEK if use.step == "week" else own_use.DAY), use.today)


def _heading(use: Use) -> str:
    """What the chart and the table are of."""
    if use.step == "day":
        return fmt().month(use.first)
    if use.step == "month":
        return str(use.first.year)
    return _("%(first)s to %(last)s", first=fmt().date(use.first), last=fmt().date(use.last))


def _years(use: Use, back: int) -> str:
    """The year or years that a page is about, or those before."""
    return "–".join(dict.fromkeys(str(day.year - back) for day in (use.first, use.last)))


def _url(use: Use, **change) -> str:
    return _index(**({"medium": use.medium, "step": use.step, "at": use.at} | change))


def _index(**asked) -> str:
    """The page's address, without the router: it stands on the page twenty times. Nothing in it has to be quoted."""
    return f"{request.script_root}{bp.url_prefix}?{_query(asked)}"


def _hours(**asked) -> str:
    return f"{request.script_root}{bp.url_prefix}/hours?{_query(asked)}"


def _query(asked: dict) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.items())
