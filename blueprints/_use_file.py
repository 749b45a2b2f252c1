"""One's own use as a CSV file: for spreadsheets of any language, with nothing in it that they would take for a formula (S41)."""

import csv
import io

from resident.db import SCALE
from resident.metering.consumption import Span
from resident.metering.own_use import Meters

from . import _terms
from ._locale import _, pgettext

# What a spreadsheet takes for the beginning of a formula.
STARTS = ("=", "+", "-", "@", "\t", "\r")


def written(found: Meters, spans: list[Span], medium: str) -> bytes:
    """A row for each span of which something is known, amounts with a point and six decimals at the most; in UTF-8 with a mark,
    which spreadsheets want to see."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow([_("First day"), _("Last day"), _("Medium"), _("Used"), _("Unit"), _("Known days"), pgettext("use", "estimated")])
    name, measure = plain(_terms.medium_name(medium)), plain(found.of(medium)[0].measure)
    for span in spans:
        if span.days:
            estimated = _("yes") if span.estimated else ""
            rows.writerow([span.first.isoformat(), span.last.isoformat(), name, _decimal(span.use), measure, span.days, estimated])
    return text.getvalue().encode("utf-8-sig")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula; our own imports take the mark off again."""
    return f"'{text}" if text.startswith(STARTS) else text


def _decimal(millionths: int) -> str:
    whole, rest = divmod(abs(millionths), SCALE)
    return f"{'-' if millionths < 0 else ''}{whole}.{rest:06d}".rstrip("0").rstrip(".")
