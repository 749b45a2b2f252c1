"""What an invoice says of VAT (rule 30), on the page and on paper: line by line, rate by rate, and whose numbers they are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from resident import format as formats
from resident.charging import vat
from resident.money.sheet import Line, Sheet

from ._locale import Words, language, words


class Rate(NamedTuple):
    """All lines of one rate, in minor units; called: the rate in words."""

    called: str
    net: int
    vat: int
    gross: int


class Vat(NamedTuple):
    """seller, buyer: their numbers, "" where none is known; lines: of each line, its rate; rates come to the invoice's total."""

    seller: str
    buyer: str
    lines: list[str]
    rates: list[Rate]


def of_sheet(sheet: Sheet, of: Words | None = None) -> Vat | None:
    """None where VAT is no matter of the invoice."""
    if not sheet.bears_vat:
        return None
    of = of or words(language())
    lines = _whole(sheet.lines)
    said = [_of_line(line, of) for line in lines]
    return Vat(sheet.seller_vat or "", sheet.addressee.get("vat_number") or "", said, _rates(lines, of))


def _whole(lines: Sequence[Line]) -> list[Line]:
    """Lines of other programs tell a rate and no sum: it is the part of what is to be paid, rounded over all of a rate."""
    places = [place for place, line in enumerate(lines) if line.vat_rate is not None and line.vat_amount is None]
    found = list(lines)
    done = vat.taxed([vat.Priced(lines[place].amount, lines[place].vat_rate) for place in places])
    for place, one in zip(places, done, strict=True):
        found[place] = replace(lines[place], vat_amount=one.vat)
    return found


def heads(of: Words | None = None) -> dict[str, str]:
    """What stands over the figures of VAT."""
    _ = (of or words(language())).text
    return {
        "seller_vat": _("VAT number of the seller"),
        "buyer_vat": _("VAT number of the buyer"),
        "vat_by_rate": _("VAT by rate"),
        "vat_net": _("Without VAT"),
        "vat": _("VAT"),
        "vat_gross": _("With VAT"),
    }


def _rates(lines: Sequence[Line], of: Words) -> list[Rate]:
    percent = formats.of(of.language).percent
    found = vat.totals((line.vat_rate, line.amount, line.vat_amount) for line in lines)
    rates = [Rate(percent(one.rate), one.net, one.vat, one.gross) for one in found]
    without = [line.amount for line in lines if line.vat_rate is None]
    return [*rates, Rate(of.text("No VAT"), sum(without), 0, sum(without))] if without else rates


def _of_line(line: Line, of: Words) -> str:
    _, fmt = of.text, formats.of(of.language)
    if line.vat_rate is None:
        return _("No VAT")
    about = {"rate": fmt.percent(line.vat_rate), "sum": fmt.amount(line.vat_amount or 0)}
    if line.vat_net:
        # Translators: under a line of an invoice: the price is without VAT, which is added to it. "plus VAT 25.5%: 12.40"
        return _("plus VAT %(rate)s: %(sum)s", **about)
    # Translators: under a line of an invoice: the price has VAT in it. "of which VAT 25.5%: 12.40"
    return _("of which VAT %(rate)s: %(sum)s", **about)
