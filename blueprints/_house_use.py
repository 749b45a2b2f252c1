"""A building's use as its pages show it, at home and at the desk: chart, sentence and table of one medium and year."""

from datetime import date

from flask import abort, request
from sqlalchemy.orm import Session

from resident.access import Controller
from resident.metering import house_use
from resident.metering.house_use import Month, Through

from . import _chart, _terms
from ._locale import _, fmt
from ._typed import whole
from ._use_words import capital, percent


class Shown:
    """What the page says of one medium."""

    def __init__(self, through: Through, months: list[Month], year: int):
        self.through, self.months, self.year = through, months, year
        self.unit = _("m³ a day") if through.daily else fmt().measure(through.measure)
        amounts = [house_use.amount(through, one.now) for one in months if one.now.days]
        self.decimals = 1 if through.daily or max(amounts, default=0) < 100_000_000 else 0

    def amount(self, span) -> int:
        return house_use.amount(self.through, span)

    def number(self, millionths: int) -> str:
        return fmt().number(millionths, self.decimals)

    def written(self, millionths: int) -> str:
        if self.through.daily:
            return _("%(amount)s m³ a day", amount=self.number(millionths))
        return fmt().quantity(millionths, self.through.measure, self.decimals)

    @property
    def chart(self):
        bars = [
            _chart.Bar(
                str(one.now.first.month),
                self.amount(one.now) if one.now.days else None,
                self.amount(one.before) if one.before else None,
                one.now.estimated,
            )
            for one in self.months
        ]
        title = _("%(medium)s of the building, %(unit)s", medium=_terms.medium_name(self.through.medium), unit=self.unit)
        about = f"{self.finding} {_('The figures are in the table below.')}"
        return _chart.chart("house-chart", title, about, bars, self.number, lambda tick: fmt().number(tick))

    @property
    def newest(self) -> Month | None:
        return next((one for one in reversed(self.months) if one.now.known), None)

    @property
    def finding(self) -> str:
        """What the newest whole month says, in a sentence or two."""
        one = self.newest
        if one is None:
            return _("No full month of this year is known yet.")
        now = self.amount(one.now)
        said = _("%(month)s: %(amount)s.", month=capital(fmt().month(one.now.first)), amount=self.written(now))
        if one.before is None or not one.before.known or self.amount(one.before) <= 0:
            return said
        return f"{said} {self._beside(one, now, self.amount(one.before))}"

    def _beside(self, one: Month, now: int, before: int) -> str:
        share = fmt().percent(percent(now, before) * 100)
        if percent(now, before) == 0:
            told = _("That is as much as a year before.")
        elif now < before:
            told = _("That is %(share)s less than a year before.", share=share)
        else:
            told = _("That is %(share)s more than a year before.", share=share)
        return f"{told} {self._weather(one, now, before)}".strip()

    def _weather(self, one: Month, now: int, before: int) -> str:
        """Heating beside last year as if both months had been as cold (EED annex VIIa)."""
        cold, colder = one.degrees
        if not cold or not colder:
            return ""
        likely = before * cold // colder
        share = fmt().percent(percent(now, likely) * 100) if likely > 0 else ""
        if not share or percent(now, likely) == 0:
            return _("Corrected for the weather, it is the same.")
        if now < likely:
            return _("Corrected for the weather, it is %(share)s less.", share=share)
        return _("Corrected for the weather, it is %(share)s more.", share=share)


def shown(session: Session, organisation: Controller, building_id: int, media=None) -> tuple[list[Through], Shown | None]:
    """(media with main meters, the one asked for in ?medium= and ?year=). media: those of the viewer's posts, None for all."""
    today = organisation.today
    found = [one for one in house_use.media(session, building_id, today) if media is None or one.medium in media]
    asked, year = request.args.get("medium"), whole(request.args, "year") or today.year
    through = next((one for one in found if one.medium == asked), None) if asked else next(iter(found), None)
    if (asked and through is None) or not 2000 <= year <= today.year:
        abort(404)
    if through is None:
        return found, None
    months = house_use.of_year(session, organisation.id, building_id, through, year, today)
    if not any(one.now.days or one.before for one in months) and "year" not in request.args:
        months, year = house_use.of_year(session, organisation.id, building_id, through, year - 1, date(year - 1, 12, 31)), year - 1
    return found, Shown(through, months, year)
