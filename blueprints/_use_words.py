"""A home's use in words and figures: how much to which decimal, what is found, whom it is compared with."""

from typing import NamedTuple

from resident.db import SCALE
from resident.format import MINUS, NBSP
from resident.measure import written
from resident.metering.comparing import Similar
from resident.metering.consumption import Span
from resident.metering.hours import Hour
from resident.metering.meter import WATER
from resident.metering.own_use import Dripping, Row, Use

from . import _terms
from ._chart import Bar, chart
from ._locale import _, fmt, ngettext, pgettext

# Water of a day or an hour is told in litres.
LITRES = 1000
NOTHING = "–"


class Scale:
    """How amounts of one page are written: all alike. measure: the stored unit or "l"; times: of millionths; decimals."""

    def __init__(self, medium: str, measure: str, step: str, most: int):
        litres = medium in WATER and step in ("day", "hour") and written(measure, "en") == "m³"
        self.measure, self.times = ("l", LITRES) if litres else (measure, 1)
        self.decimals = 0 if litres or most >= 100 * SCALE else 1 if most >= SCALE else 2
        self._fmt = fmt()
        self.name = self._fmt.measure(self.measure)

    def number(self, millionths: int) -> str:
        return self._fmt.number(millionths * self.times, self.decimals)

    def amount(self, millionths: int) -> str:
        return self._fmt.quantity(millionths * self.times, self.measure, self.decimals)

    def axis(self, millionths: int) -> str:
        return self._fmt.number(millionths)


def scale(use: Use) -> Scale:
    return Scale(use.medium, use.measure, use.step, max((row.span.use for row in use.known), default=0))


def a_day(use: Use, millionths: int) -> str:
    """An amount of one day: "255 l"."""
    return Scale(use.medium, use.measure, "day", millionths).amount(millionths)


def drawn(use: Use, scale: Scale, found: list[str]) -> str:
    """The chart of a page about a home's use. found: the sentences of finding()."""
    bars = [
        Bar(
            _short(use.step, row.span),
            row.span.use * scale.times if row.span.days else None,
            row.before.use * scale.times if row.before else None,
            row.span.estimated,
            row.similar * scale.times if row.similar is not None else None,
        )
        for row in use.rows
    ]
    heading = _("%(medium)s, %(measure)s", medium=_terms.medium_name(use.medium), measure=scale.name)
    about = " ".join([*found, _("The figures are in the table below.")])
    return chart("use-chart", heading, about, bars, lambda value: fmt().number(value, scale.decimals), scale.axis)


def busiest(hours: list[Hour], scale: Scale, tz: str) -> list[str]:
    """Sentences about a day's hours: all of it, and the hour with the most."""
    known = [hour for hour in hours if hour.use is not None]
    if not known:
        return []
    most = max(known, key=lambda hour: hour.use)
    whole = scale.amount(sum(hour.use for hour in known))
    told = (
        [_("All day: %(amount)s.", amount=whole)] if len(known) == len(hours) else [_("The known hours: %(amount)s.", amount=whole)]
    )
    if most.use:
        told.append(
            _("Most in the hour from %(time)s: %(amount)s.", time=fmt().time(most.begins, tz), amount=scale.amount(most.use))
        )
    return told


def of_hours(hours: list[Hour], medium: str, scale: Scale, finding: list[str]) -> str:
    """The chart of a day's hours."""
    bars = [
        Bar(
            str(hour.begins.hour) if hour.begins.hour % 3 == 0 else "",
            None if hour.use is None else hour.use * scale.times,
            estimated=hour.estimated,
        )
        for hour in hours
    ]
    heading = _("%(medium)s, %(measure)s", medium=_terms.medium_name(medium), measure=scale.name)
    about = " ".join([*finding, _("The figures are in the table below.")])
    return chart("hours-chart", heading, about, bars, lambda value: fmt().number(value, scale.decimals), scale.axis) if bars else ""


def _short(step: str, span: Span) -> str:
    """The name of a place under the chart."""
    if step == "day":
        return str(span.first.day) if span.first.day in (1, 5, 10, 15, 20, 25, 30) else ""
    if step == "week":
        return str(span.first.isocalendar().week)
    return str(span.first.month if step == "month" else span.first.year)


def namer(step: str):
    """What a row of the table is called: a function of its span, made once a page."""
    said = fmt()
    if step == "day":
        return lambda span: f"{said.short_weekday(span.first)} {said.daymonth(span.first)}"
    if step == "week":
        word = _("Week %(n)s", n="{}")
        return lambda span: word.format(span.first.isocalendar().week)
    return (lambda span: said.month_name(span.first)) if step == "month" else (lambda span: str(span.first.year))


def whole_name(step: str, span: Span) -> str:
    """What it is called where the year is not plain."""
    if step == "day":
        return f"{fmt().weekday(span.first)} {fmt().date(span.first)}"
    if step == "week":
        return _("Week %(n)d, %(year)d", n=span.first.isocalendar().week, year=span.first.isocalendar().year)
    return fmt().month(span.first) if step == "month" else str(span.first.year)


def finding(use: Use, scale: Scale) -> list[str]:
    """Sentences about the newest day, week … of which all is known; none when there is none."""
    if not use.whole:
        return []
    row = use.whole[-1]
    when, amount = capital(whole_name(use.step, row.span)), scale.amount(row.span.use)
    if row.span.estimated:
        told = [_("%(when)s: %(amount)s, estimated.", when=when, amount=amount)]
    else:
        told = [_("%(when)s: %(amount)s.", when=when, amount=amount)]
    if row.before and row.before.known and not row.before.estimated:
        told.append(difference(row.span.use, row.before.use, scale))
    if row.similar is not None:
        told.append(_("The median of similar homes is %(amount)s.", amount=scale.amount(row.similar)))
    return told


def difference(now: int, then: int, scale: Scale) -> str:
    """How much more or less than a year before."""
    gap = scale.amount(abs(now - then))
    if scale.number(now) == scale.number(then):
        return _("That is as much as a year before.")
    if then <= 0:
        return _("A year before it was %(amount)s.", amount=scale.amount(then))
    share = fmt().percent(percent(now, then) * 100)
    if now < then:
        return _("That is %(amount)s or %(share)s less than a year before.", amount=gap, share=share)
    return _("That is %(amount)s or %(share)s more than a year before.", amount=gap, share=share)


def percent(now: int, then: int) -> int:
    """By how many whole per cent two amounts differ, half up."""
    return (abs(now - then) * 200 + then) // (2 * then)


def signed(millionths: int, scale: Scale) -> str:
    """A difference with its sign."""
    text = scale.number(millionths)
    return f"+{text}" if millionths > 0 and scale.number(millionths) != scale.number(0) else text


def change(now: int, then: int, scale: Scale) -> str:
    """A difference with its sign, and in per cent."""
    share = percent(now, then)
    sign = "" if not share else "+" if now > then else MINUS
    return f"{signed(now - then, scale)}{NBSP}{scale.name}, {sign}{fmt().percent(share * 100)}"


def compared(use: Use) -> str:
    """From when to when a year is set beside the one before."""
    rows = [row for row in use.whole if row.before and row.before.known]
    return _("%(first)s to %(last)s", first=fmt().date(rows[0].span.first), last=fmt().date(rows[-1].span.last))


def an_hour(leak: Dripping) -> str:
    return Scale(leak.medium, leak.measure, "hour", leak.flow).amount(leak.flow)


def report(leak: Dripping) -> str:
    """The text of the fault report that a possible leak leads to."""
    return _(
        "The meter has not stood still in any night since %(day)s. %(medium)s, meter %(serial)s: at least %(amount)s in each hour",
        day=fmt().date(leak.first_night),
        medium=_terms.medium_name(leak.medium),
        serial=leak.serial,
        amount=an_hour(leak),
    )


def capital(text: str) -> str:
    """As a sentence begins: the rest stays as it is."""
    return text[:1].upper() + text[1:]


def like(similar: Similar) -> str:
    """Who the similar homes are."""
    where = _("homes of several buildings") if similar.wide else _("homes of your building")
    counted = ngettext("%(n)d home", "%(n)d homes", similar.homes)
    return " · ".join((_size(similar.size), where, counted))


def _size(size: str) -> str:
    if size[0] == "p":
        persons = int(size[1:])
        if persons == 4:
            return _("homes with four people or more")
        return ngettext("homes with %(n)d person", "homes with %(n)d people", persons)
    least = int(size[1:])
    if least == 0:
        return _("homes of less than 35 m²")
    return _("homes of 100 m² and more") if least == 100 else _between(least)


def _between(least: int) -> str:
    most = {35: 50, 50: 65, 65: 80, 80: 100}[least]
    return _("homes of %(least)d m² to less than %(most)d m²", least=least, most=most)


def partly(span: Span) -> str:
    """What is not known of a span, "" when all is."""
    if span.known or not span.days:
        return ""
    return _("%(days)d of %(all)d days", days=span.days, all=(span.last - span.first).days + 1)


class Line(NamedTuple):
    """A row of the table as it is printed; beside each amount the words about it. url: where it is shown in shorter steps."""

    name: str
    url: str | None
    now: str
    about_now: tuple[str, ...]
    before: str
    about_before: tuple[str, ...]
    difference: str


def lines(use: Use, scale: Scale, closer) -> list[Line]:
    """The table, the newest first: rows that have begun. closer: a row's url, or None."""
    name, estimated = namer(use.step), pgettext("use", "estimated")

    def told(span: Span | None) -> tuple[str, tuple[str, ...]]:
        if span is None or not span.days:
            return NOTHING, ()
        about = (estimated,) if span.estimated else ()
        return scale.number(span.use), about if span.known else (*about, partly(span))

    return [
        Line(name(row.span), closer(row), *told(row.span), *told(row.before), _gap(row, scale))
        for row in reversed(use.rows)
        if row.span.first <= use.today and (row.span.days or row.before)
    ]


def _gap(row: Row, scale: Scale) -> str:
    if not (row.span.known and row.before and row.before.known):
        return NOTHING
    return signed(row.span.use - row.before.use, scale)


def steps() -> dict[str, str]:
    return {"day": _("Days"), "week": _("Weeks"), "month": _("Months"), "year": _("Years")}
