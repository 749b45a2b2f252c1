"""The consumption information of a month, as the Energy Efficiency Directive wants it: docs/energy-information.md."""

from datetime import date

from flask import Blueprint, abort, g, request, url_for

from resident.homes import setting
from resident.metering import consumption, energy_information, own_use
from resident.metering.energy_information import Information
from resident.month import month_name, months_on

from . import _days, _terms, _use_words
from ._chart import Bar, chart
from ._gate import resident
from ._locale import _, fmt, language
from ._web import page, session

bp = Blueprint("energy_information", __name__, url_prefix="/consumption/information")
PAGE = ("consumption/information.html", "consumption/_information.html")


@bp.get("")
@resident("readings")
def show():
    home = g.viewer.home
    found = own_use.meters(session, home.unit_id, home.begins)
    _terms.learn_media(home.organisation.id, found.names)
    newest = energy_information.latest(home, found)
    month = _month(newest)
    told = [_part(one) for one in energy_information.of_home(session, home, found, month)]
    rules = setting.in_force(session, home.organisation.id, home.organisation.country, home.organisation.today)
    before, after = months_on(month, -1), months_on(month, 1)
    return page(
        *PAGE,
        title=_("Consumption information"),
        home=home,
        month=month,
        parts=told,
        words=_use_words,
        money=g.viewer.may("invoices"),
        advice=_text(rules["energy_advice"]),
        complaints=_text(rules["energy_complaints"]),
        earlier=url_for(".show", month=month_name(before)) if consumption.after(before, "month") > home.begins else None,
        later=url_for(".show", month=month_name(after)) if after <= newest else None,
    )


def _month(newest: date) -> date:
    """The first day of the month asked for; the newest one when none is. 404 for none that could be, or that is not over."""
    asked = request.args.get("month")
    if not asked:
        return newest
    try:
        found = _days.read(f"{asked}-01")
    except ValueError:
        abort(404)
    return found if found <= months_on(g.viewer.home.organisation.today, -1) else abort(404)


def _text(by_language: dict) -> tuple[str, str] | None:
    """(text, its language): the best one there is (H6)."""
    if not by_language:
        return None
    spoken = language() if by_language.get(language()) else next(iter(by_language))
    return by_language[spoken], spoken


def _part(one: Information) -> dict:
    """What the page shows of a medium."""
    most = max((row.span.use for row in one.rows), default=0)
    scale = _use_words.Scale(one.medium, one.measure, "month", most)
    name = _terms.medium_name(one.medium)
    mix = one.price.about.get("mix") if one.price else None
    return {
        "about": one,
        "name": name,
        "scale": scale,
        "chart": _drawn(one, name, scale),
        "finding": _finding(one, scale),
        "mix": _text(mix) if mix else None,
        "per_unit": one.price.about.get("emissions") if one.price else None,
        "tax_part": one.price.about.get("taxes") if one.price else None,
    }


def _finding(one: Information, scale) -> str:
    then = one.rows[-1].before
    if not (one.span.known and then and then.known):
        return ""
    return _use_words.difference(one.span.use, then.use, scale)


def _drawn(one: Information, name: str, scale) -> str:
    bars = [
        Bar(
            str(row.span.first.month),
            row.span.use if row.span.days else None,
            row.before.use if row.before else None,
            row.span.estimated,
            row.similar,
        )
        for row in one.rows
    ]
    heading = _("%(medium)s, %(measure)s", medium=name, measure=scale.name)
    about = " ".join(part for part in (_finding(one, scale), _("The figures are in the table below.")) if part)
    return chart(f"c-{one.medium}", heading, about, bars, lambda value: fmt().number(value, scale.decimals), scale.axis)
