"""The form of a price and of degree days: what was typed into them, what is said of it, and prices in words."""

from collections.abc import Iterable
from datetime import date

from flask import abort, request

from resident.metering import pricing
from resident.metering.price import MediumPrice

from .. import _days, _typed
from .._locale import _, fmt

LONGEST_MIX = 200


def in_force(rows: Iterable[MediumPrice], today: date) -> list[MediumPrice]:
    """Of prices, the latest first, those that hold today: one for each medium and place."""
    found = {}
    for row in rows:
        if row.first <= today:
            found.setdefault((row.medium, row.building_id), row)
    return list(found.values())


def per(row: MediumPrice, currency: str, media: dict) -> str:
    """ "4.25 € for 1 m³, 3.00 € a month" """
    measure = fmt().measure(media[row.medium][1].measure)
    price = _("%(price)s %(currency)s for 1 %(measure)s", price=fmt().price(row.price), currency=currency, measure=measure)
    if not row.monthly:
        return price
    return _("%(price)s, and %(monthly)s %(currency)s a month", price=price, monthly=fmt().price(row.monthly), currency=currency)


def shown(row: MediumPrice, languages: list[str]) -> dict[str, str]:
    """The form's fields for a price."""
    about, number = row.about, _typed.written
    fields = {"first": row.first.isoformat(), "price": number(row.price), "monthly": number(row.monthly) if row.monthly else ""}
    fields["taxes"] = number(about["taxes"] * 100) if "taxes" in about else ""
    fields["emissions"] = number(about["emissions"]) if "emissions" in about else ""
    return fields | {f"mix-{code}": about.get("mix", {}).get(code, "") for code in languages}


class Typed:
    """What was typed: building_id, medium, first, terms, past; errors by field. row: the price being changed."""

    def __init__(self, facts: dict, row: MediumPrice | None = None):
        form = request.form
        self.errors: dict[str, str] = {}
        self.medium = row.medium if row else form.get("medium", "")
        if self.medium not in facts["media"]:
            self.errors["medium"] = _("Choose what the price is for.")
        self.building_id = row.building_id if row else _typed.whole(form, "building")
        if row is None and self.building_id not in (None, *facts["buildings"]):
            abort(404)
        self.past = bool(form.get("past"))
        self.first = self._day()
        about = self._about(facts["organisation"].languages.split())
        price = self._amount("price", _("The price is missing. Write it in figures, for example 4.25."))
        self.terms = pricing.Terms(price or 0, self._amount("monthly") or 0, about)

    def _day(self) -> date | None:
        return _days.among(self.errors, "first", missing=_("Choose the day from which the price holds."))

    def _amount(self, name: str, missing: str | None = None) -> int | None:
        return _typed.number(self.errors, name, whole=7, missing=missing)

    def _about(self, languages: list[str]) -> dict:
        about = {}
        taxes = self._amount("taxes")
        if taxes is not None and taxes > 100 * 1_000_000:
            self.errors["taxes"] = _("Taxes are a share of the price, at most one hundred per cent.")
        elif taxes is not None:
            # Per cent in millionths, kept as millionths of the price.
            about["taxes"] = taxes // 100
        emissions = self._amount("emissions")
        if emissions is not None:
            about["emissions"] = emissions
        mix = {code: _typed.line(f"mix-{code}") for code in languages}
        long = _("This can have at most %(n)d characters. Shorten it.", n=LONGEST_MIX)
        self.errors |= {f"mix-{code}": long for code, text in mix.items() if len(text) > LONGEST_MIX}
        mix = {code: text for code, text in mix.items() if text}
        return about | ({"mix": mix} if mix else {})


# ---- Degree days -----------------------------------------------------------------------------------------------------


def degree_days(there: dict[str, int]) -> dict[str, int | None]:
    """Months with their values as pasted or typed into the table; an emptied month is removed. BadDegreeDays."""
    found: dict[str, int | None] = {}
    wrong = []
    for month in there:
        if f"m-{month}" in request.form:
            try:
                found[month] = _typed.quantity(request.form, f"m-{month}", whole=4)
            except ValueError:
                wrong.append((month, "value"))
    if wrong:
        raise pricing.BadDegreeDays(lines=wrong)
    return found | pricing.read_lines(_pasted())


def _pasted() -> str:
    """What stands in the field, and what a chosen file holds."""
    file = request.files.get("file")
    held = file.stream.read(200_000).decode("utf-8-sig", "replace") if file and file.filename else ""
    return request.form.get("lines", "")[:200_000] + "\n" + held


def line(number, why: str) -> str:
    """What is said of a line that cannot be read. number: of the line, or the month of the table."""
    return {
        "month": _("Line %(line)s: the month is missing. Write it as 2026-11 or 11/2026, then the value.", line=number),
        "value": _("Line %(line)s: the value is a number such as 412 or 412.5.", line=number),
        "twice": _("Line %(line)s: this month stands in the list already.", line=number),
        "many": _("There are too many lines. Paste at most 600."),
    }[why]
