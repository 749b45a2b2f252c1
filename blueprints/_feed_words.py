"""The sentences of remote readings: why a row comes back, why a file cannot be read, what a column means."""

from collections.abc import Iterator
from datetime import UTC, datetime

from resident.metering.feed_mapping import ORDERS

from . import _days
from ._locale import _, fmt, ngettext, pgettext


def reason(name: str, facts: dict | None = None, tz: str = "UTC") -> str:
    """One sentence: why a row comes back. Without facts the general one, for a table of how many."""
    facts = facts or {}
    special = {
        "UnknownMeter": lambda: _("No meter is called %(meter)s.", meter=facts["meter"]),
        "OtherValue": lambda: _("There is already a value for this time, %(value)s. It is kept.", value=_shown(facts["value"])),
        "Backwards": lambda: _(
            "Lower than %(value)s at %(time)s. If the meter was changed, enter the change and send this row again.",
            value=_shown(facts["value"]),
            time=_moment(facts["at"], tz),
        ),  # fmt: skip
        "TooManyDigits": lambda: ngettext(
            "The counter has only %(n)d digit before the point.",
            "The counter has only %(n)d digits before the point.",
            facts["digits"],
        ),  # fmt: skip
        "BeforeInstalled": lambda: _("The meter was put in later, on %(day)s.", day=_day(facts["day"])),
        "AfterRemoved": lambda: _("The meter was already taken out on %(day)s.", day=_day(facts["day"])),
        "OtherUnit": lambda: _(
            "The meter counts in %(unit)s, and the unit of the file cannot be converted to it.",
            unit=fmt().measure(facts["measure"]),
        ),  # fmt: skip
        "UnknownRegister": lambda: _("The meter has no register for “%(register)s”.", register=facts["register"]),
    }
    if facts and name in special:
        return special[name]()
    return reasons()[name]


def reasons() -> dict[str, str]:
    return {
        "TooFewCells": _("The row has too few columns."),
        "NoMeter": _("The row does not say which meter."),
        "UnknownMeter": _("No meter has this number or key."),
        "SeveralMeters": _("Several meters have this number. Limit the files to one medium, or give the registers keys."),
        "UnknownRegister": _("The meter has no such register."),
        "WhichRegister": _("The meter has several registers, and the row does not say which."),
        "ReadByHand": _("The meter is read by hand. Mark it as read remotely."),
        "OtherUnit": _("The unit of the file cannot be converted to the unit of the meter."),
        "BeforeInstalled": _("The meter was put in later."),
        "AfterRemoved": _("The meter was already taken out."),
        "NotATime": _("This is not a time as it was agreed."),
        "InGap": _("The clocks went forward: there was no such time."),
        "OtherZone": _("The time says that it is of another time zone than was agreed."),
        "NoOffset": _("The time does not say of which time zone it is."),
        "Future": _("The time lies in the future."),
        "Missing": _("There is no value."),
        "NotAValue": _("This is not a value of a counter."),
        "Rounded": _("The value was rounded, as in 4e+05. Its digits are lost."),
        "Negative": _("A counter cannot show less than zero."),
        "TooFine": _("The value has more decimals than can be kept."),
        "TooManyDigits": _("The value has more digits than the counter."),
        "OtherValue": _("There is already another value for this time. It is kept."),
        "Backwards": _("The counter went backwards."),
        "Ahead": _("The value is higher than all that came after it."),
        "LeftOut": pgettext("of a row", "Left out, as agreed"),
    }


def refusal(facts: dict) -> str:
    """Why nothing of a file can be read."""
    why = facts["why"]
    if why == "nothing":
        return _("No row can be read. Row %(line)d: %(reason)s", line=facts["line"], reason=reason(facts["name"]))
    if why == "columns":
        return _("These columns are not there: %(columns)s. Change what the columns mean, or the file.",
                 columns=", ".join(facts["columns"]))  # fmt: skip
    if why == "large":
        return _("The file is larger than %(limit)s MB. Put it into the watched folder instead.", limit=fmt().size(facts["limit"]))
    return {
        "empty": _("The file is empty."),
        "kind": _("The file is not of the agreed kind (CSV or XLSX)."),
        "bomb": _("The file would become too large when unpacked."),
        "many": _("There must be exactly one file inside."),
        "locked": _("The file is protected by a password."),
    }.get(why, _("The file is damaged, or of a kind that cannot be read."))


def given_back(rows: Iterator, delimiter: str, tz: str) -> Iterator[str]:
    """A CSV of the rows that came back, with the reason after them, so that it can be sent again as it is."""
    yield "\ufeff"
    for row, name, facts in rows:
        last = reason(name, facts, tz) if name else _("What to mend")
        last = f"{facts['column']}: {last}" if facts.get("column") else last
        text = row.raw if row.raw is not None and not _risky(row.cells) else delimiter.join(map(_quoted, row.cells))
        yield f"{text}{delimiter}{_quoted(last)}\r\n"


def _risky(cells: list[str]) -> bool:
    return any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def _quoted(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula stays a text (S41)."""
    cell = f"'{cell}" if _risky([cell]) else cell
    return '"' + cell.replace('"', '""') + '"'


def instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _shown(value: int) -> str:
    return fmt().number(value)


def _moment(at: int, tz: str) -> str:
    return fmt().moment(datetime.fromtimestamp(at, UTC), tz) if at else "–"


def _day(text: str) -> str:
    return fmt().date(_days.read(text))


# ---- What can be chosen ----------------------------------------------------------------------------------------------


def orders() -> dict[str, str]:
    said = {
        "dmy": _("Day, month, year: 30.11.2026 14:05"),
        "mdy": _("Month, day, year: 11/30/2026 2:05 PM"),
        "ymd": _("Year, month, day: 2026-11-30 14:05"),
        "compact": _("Without anything between: 202611301405"),
        "epoch": _("Seconds since 1970: 1796047500"),
        "serial": _("Days as spreadsheets count them: 46356.5868"),
    }
    return {order: said[order] for order in ORDERS}


def across() -> dict[str, str]:
    return {
        "": _("Nothing: a row has one value"),
        "register": _("The register (day, night …)"),
        "meter": _("Number or key of the meter"),
        "time": _("Day and time, or the day alone"),
        "clock": _("Time of day"),
    }


def zones(tz: str) -> dict[str, str]:
    return {
        "organisation": _("Local time, with summer time (%(zone)s)", zone=tz),
        "utc": _("UTC"),
        "value": _("Each time says its own, as in 14:05+02:00"),
        "fixed": _("Always the same distance from UTC, without summer time"),
    }


def bare() -> dict[str, str]:
    return {"end": _("At the end of the day"), "start": _("At the start of the day")}


def cadences() -> dict[str, str]:
    minutes = {seconds: ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) for seconds in (300, 600, 900, 1800)}
    hours = {
        seconds: ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) for seconds in (3600, 7200, 10800, 14400, 21600, 43200)
    }
    days = {86400: _("A day"), 604800: _("A week"), 2592000: _("A month")}
    return {str(seconds): word for seconds, word in {**minutes, **hours, **days}.items()}


def encodings() -> dict[str, str]:
    return {
        "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": _("Windows, Western Europe"), "cp1250": _("Windows, Central Europe"),
        "cp1251": _("Windows, Cyrillic"), "cp1257": _("Windows, Baltic"),
    }  # fmt: skip


def delimiters() -> dict[str, str]:
    return {
        ";": _("Semicolon"), ",": pgettext("sign", "Comma"), "\t": _("Tabulator"), "|": _("Vertical line"),
    }  # fmt: skip


def counts(told: dict) -> list[tuple[str, int]]:
    """What became of a file, line by line, without what did not happen."""
    lines = [
        (_("Rows read"), told.get("rows", 0), True),
        (_("Meters and registers"), told.get("registers", 0), True),
        (_("New values"), told.get("booked", 0), True),
        (_("Known already"), told.get("known", 0), False),
        (_("Left out, as agreed"), told.get("left_out", 0), False),
        (_("Rows returned"), told.get("failed", 0), True),
        (_("Readings of a day made from them"), told.get("readings", 0), False),
        (_("Pauses of more than three times the usual"), told.get("gaps", 0), False),
        (_("Times a counter went backwards"), told.get("backwards", 0), False),
        (_("Values taken back, because they were wrong"), told.get("withdrawn", 0), False),
    ]
    return [(word, number) for word, number, always in lines if number or always]
