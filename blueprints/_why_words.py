"""Why an invoice is higher or lower than an earlier one, in words (B3): the parts of the change, sentences, a picture, a table."""

from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup, escape

from resident.charging.earlier import COMPARED, Earlier, compared, earlier
from resident.charging.explaining import Change, summed
from resident.db import SCALE
from resident.money.sheet import Sheet

from . import _locale
from ._locale import Np_, _, fmt
from ._web import session

# Sentences about what mattered most.
MOST = 5
# Lines that have a step of their own in the picture.
DRAWN = 6
# Pixels: a step of the picture, its bar, and where the bar stands below the step's words.
STEP, BAR, BELOW = 46, 16, 22

_PARTS = {
    # Translators: parts of the change of an invoice, before sums. Quantity: what was used, or how much of it there was.
    "use": Np_("change", "Quantity"),
    "price": Np_("change", "Prices"),
    "share": Np_("change", "Your share of the building’s costs"),
    "cost": Np_("change", "The building’s costs"),
    "vat": Np_("change", "VAT"),
    "new": Np_("change", "New on the invoice"),
    "gone": Np_("change", "No longer on the invoice"),
    "other": Np_("change", "Other changes"),
    "rounding": Np_("change", "Rounding"),
}


class Row(NamedTuple):
    """A line in the table; why: what its difference is made of, where it is made of several things or can be told."""

    text: str
    was: str
    now: str
    difference: str
    why: str


class Why(NamedTuple):
    """others: (words, address, is it the one shown) of what it can be held against."""

    month: str
    before: Earlier
    total: str
    difference: str
    finding: str
    parts: list[tuple[str, str]]
    sentences: list[str]
    picture: Markup
    rows: list[Row]
    others: list[tuple[str, str, bool]]


def asked(sheet: Sheet) -> bool:
    """Is it an invoice that can be held against an earlier one?"""
    return sheet.kind in COMPARED and not sheet.void


def why(sheet: Sheet, visible, wanted: str, address: str) -> Why | None:
    """None when there is no earlier invoice to hold it against. visible: access.visible_invoices; address: of the page."""
    found = earlier(session, visible, sheet)
    if not found:
        return None
    name = wanted if wanted in found else next(iter(found))
    before, write = found[name], fmt()
    lines = compared(session, before, sheet)
    parts = summed(lines)
    difference = sheet.total - before.total
    finding = _finding(difference, write.month(before.month), sheet.currency)
    named = [(_locale.pgettext(*_PARTS[part]), amount) for part, amount in parts.items()]
    return Why(
        month=write.month(before.month),
        before=before,
        total=signed(difference, sheet.currency),
        difference=signed(difference),
        finding=finding,
        parts=[(words, signed(amount, sheet.currency)) for words, amount in named],
        sentences=_sentences(lines, sheet.currency),
        picture=_picture(sheet, difference, _steps(lines), finding),
        rows=[_row(line) for line in lines],
        others=[(write.month(one.month), f"{address}?with={key}", key == name) for key, one in found.items()],
    )


def signed(minor: int, currency: str | None = None) -> str:
    """A difference: always with its sign."""
    figure = fmt().money(minor, currency) if currency else fmt().amount(minor)
    return f"+{figure}" if minor > 0 else figure


def _finding(difference: int, month: str, currency: str) -> str:
    amount = fmt().money(abs(difference), currency)
    if difference > 0:
        return _("This invoice is %(amount)s higher than the one for %(month)s.", amount=amount, month=month)
    if difference < 0:
        return _("This invoice is %(amount)s lower than the one for %(month)s.", amount=amount, month=month)
    return _("This invoice comes to the same sum as the one for %(month)s.", month=month)


# ---- Sentences -------------------------------------------------------------------------------------------------------


def _sentences(lines: list[Change], currency: str) -> list[str]:
    """What mattered most first; then which lines are estimates."""
    told = [(line, part, amount) for line in lines for part, amount in line.parts.items() if part != "rounding"]
    told.sort(key=lambda one: -abs(one[2]))
    said = [_said(line, part, signed(amount, currency), currency) for line, part, amount in told[:MOST]]
    guessed = [line.text for line in lines if line.now_estimated]
    if guessed:
        said.append(_("Estimated this time: %(lines)s. The next true reading sets that right.", lines=", ".join(guessed)))
    settled = [line.text for line in lines if line.was_estimated and not line.now_estimated]
    if settled:
        said.append(_("Estimated the time before, read this time: %(lines)s.", lines=", ".join(settled)))
    return said


def _said(line: Change, part: str, amount: str, currency: str) -> str:
    about = {"line": line.text, "amount": amount}
    if part in ("use", "price", "share", "cost"):
        about |= dict(zip(("was", "now"), _figures(line, part, currency), strict=True))
    # Translators: amount carries its sign, + or −.
    return {
        "use": lambda: _("%(line)s: %(now)s instead of %(was)s makes %(amount)s.", **about),
        "price": lambda: _("%(line)s: the price went from %(was)s to %(now)s, which makes %(amount)s.", **about),
        "share": lambda: _("%(line)s: your share of the building’s cost went from %(was)s to %(now)s: %(amount)s.", **about),
        "cost": lambda: _("%(line)s: the building’s cost went from %(was)s to %(now)s; for you that makes %(amount)s.", **about),
        "vat": lambda: _("%(line)s: the VAT on it makes %(amount)s.", **about),
        "new": lambda: _("%(line)s is new on this invoice: %(amount)s.", **about),
        "gone": lambda: _("%(line)s is no longer on the invoice: %(amount)s.", **about),
        "other": lambda: _("%(line)s: %(amount)s. The invoices do not say how it was worked out.", **about),
    }[part]()  # fmt: skip


def _figures(line: Change, part: str, currency: str) -> tuple[str, str]:
    before, after, write = line.before, line.after, fmt()
    if part == "use":
        return tuple(write.quantity(_scaled(one.amount), one.measure) for one in (before, after))
    if part == "price":
        return tuple(_price(one.rate, one.measure, currency) for one in (before, after))
    if part == "cost":
        return tuple(write.money(int(one.rate), currency) for one in (before, after))
    return tuple(write.percent(_scaled(one.amount, 10_000)) for one in (before, after))


def _price(rate: Fraction, measure: str | None, currency: str) -> str:
    # A mean of several prices has no end of decimals.
    price = _scaled(rate / 100)
    price = price if price % 100 == 0 else (price + 50) // 100 * 100
    return fmt().unit_price(price, currency, measure) if measure else fmt().money(round(rate), currency)


def _scaled(value: Fraction, scale: int = SCALE) -> int:
    return round(value * scale)


# ---- Table and picture -----------------------------------------------------------------------------------------------


def _row(line: Change) -> Row:
    write = fmt()
    named = [
        # Translators: a part of a line's change and its sum, "Prices +4.17".
        _("%(part)s %(amount)s", part=_locale.pgettext(*_PARTS[part]), amount=signed(amount))
        for part, amount in line.parts.items()
    ]
    shown = ["" if sum_ is None else write.amount(sum_) for sum_ in (line.was, line.now)]
    return Row(line.text, *shown, signed(line.change) if line.change else "", " · ".join(named))


def _steps(lines: list[Change]) -> list[tuple[str, int]]:
    """What each line adds or takes away, the largest first; the small ones together."""
    changed = sorted((line for line in lines if line.change), key=lambda line: -abs(line.change))
    steps = [(line.text, line.change) for line in changed[:DRAWN]]
    if rest := sum(line.change for line in changed[DRAWN:]):
        steps.append((_("Other lines together"), rest))
    return steps


def _picture(sheet: Sheet, difference: int, changed: list[tuple[str, int]], finding: str) -> Markup:
    """From nothing to the difference, step by step: a bar each, that begins where the one above it ended."""
    steps, at = [], 0
    for words, amount in changed:
        steps.append((words, at, at + amount, "was", signed(amount, sheet.currency)))
        at += amount
    steps.append((_("Difference"), 0, difference, "now", signed(difference, sheet.currency)))
    least = min(0, *(min(begins, ends) for _, begins, ends, *_ in steps))
    most = max(1, *(max(begins, ends) for _, begins, ends, *_ in steps))
    drawn = [
        f'<svg class="chart" height="{len(steps) * STEP}" role="img" aria-labelledby="why-t" aria-describedby="why-d">',
        f'<title id="why-t">{escape(_("What makes the difference"))}</title><desc id="why-d">{escape(finding)} ',
        escape("; ".join(f"{words} {figure}" for words, *_, figure in steps)),
        "</desc>",
    ]
    for place, (words, begins, ends, look, figure) in enumerate(steps):
        strong = ' class="strong"' if place == len(steps) - 1 else ""
        y = place * STEP + BELOW - 7
        drawn.append(f'<text{strong} y="{y}">{escape(words)}</text>')
        drawn.append(f'<text{strong} x="100%" y="{y}" text-anchor="end">{escape(figure)}</text>')
        left, broad = _span(begins, ends, least, most)
        drawn.append(f'<rect class="{look}" x="{left}" y="{place * STEP + BELOW}" width="{broad}" height="{BAR}"/>')
    return Markup("".join([*drawn, "</svg>"]))


def _span(begins: int, ends: int, least: int, most: int) -> tuple[str, str]:
    """Where a bar stands, in per cent of the width; what is there at all can be seen."""
    over = most - least
    left = (min(begins, ends) - least) * 10_000 // over
    broad = max(abs(ends - begins) * 10_000 // over, 40)
    return tuple(f"{one // 100}.{one % 100:02d}%" for one in (min(left, 10_000 - broad), broad))
