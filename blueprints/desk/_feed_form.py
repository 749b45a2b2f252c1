"""The form that says what the columns of a feed's files mean: what it offers, and what somebody chose."""

from flask import request

from resident.metering import feed_mapping
from resident.metering.feed_file import Row
from resident.metering.feed_mapping import ACROSS, LEFT_OUT, MOST, UNITS, Mapping

from .. import _feed_words, _terms
from .._locale import _, fmt, pgettext
from .._typed import whole

COLUMNS = ("meter", "register", "time", "clock", "value")
_OPTIONAL = ("register", "clock")


def choices(mapping: Mapping, rows: list[Row], organisation) -> dict[str, dict]:
    """By field: {value: word}."""
    columns = _columns(mapping, rows)
    return {
        **{name: ({"": _("None")} if name in (*_OPTIONAL, mapping.across) else {}) | columns for name in COLUMNS},
        "across": _feed_words.across(),
        "order": _feed_words.orders(),
        "zone": _feed_words.zones(organisation.tz),
        "bare": _feed_words.bare(),
        "unit": {unit: fmt().measure(unit) for unit in UNITS},
        "medium": {"": _("All")} | _terms.media(organisation.id),
        "every": _feed_words.cadences(),
        "encoding": _feed_words.encodings(),
        "delimiter": _feed_words.delimiters(),
    }


def _columns(mapping: Mapping, rows: list[Row]) -> dict[str, str]:
    """Columns by their number, with their names and the first value beneath."""
    first = next((row.cells for row in rows if row.line > mapping.skip), [])
    width = min(max([len(mapping.heading), len(first), 1 + max(mapping.columns.values())]), MOST)
    found = {}
    for place in range(width):
        name = mapping.heading[place] if place < len(mapping.heading) else ""
        value = first[place].strip()[:30] if place < len(first) else ""
        words = [word for word in (name, value) if word]
        # Translators: a column of a file by its number, then its name and its first value.
        found[str(place)] = _("%(number)d: %(words)s", number=place + 1, words=" – ".join(words)) if words else str(place + 1)
    return found


def registers(mapping: Mapping, names: list[str]) -> dict[str, str]:
    """What a word of the register's column may mean, or the name of a column."""
    if mapping.across == "meter":
        return {"=": _("The meter of this number or key"), LEFT_OUT: pgettext("of a row", "Leave it out")}
    return {
        "=": _("The register of the same name"),
        "": _("The only register of the meter"),
        **{name: name for name in names if name},
        LEFT_OUT: pgettext("of a row", "Leave it out"),
    }


def shown(mapping: Mapping) -> dict[str, str]:
    """The fields as the mapping says."""
    typed = {name: "" if name not in mapping.columns else str(getattr(mapping, name)) for name in COLUMNS}
    typed |= {name: getattr(mapping, name) for name in ("across", "order", "bare", "unit", "medium", "encoding", "delimiter")}
    fixed = mapping.zone not in feed_mapping.ZONES
    typed |= {"zone": "fixed" if fixed else mapping.zone, "offset": mapping.zone if fixed else "", "every": str(mapping.every)}
    return typed | {"skip": str(mapping.skip)}


def taken(old: Mapping, words: list[str], rows: list[Row]) -> Mapping:
    """What somebody chose. BadMapping(part)."""
    form = request.form
    zone = form.get("offset", "").strip() if form.get("zone") == "fixed" else form.get("zone", "")
    skip = whole(form, "skip")
    heading = next((row.cells for row in rows if row.line == skip), []) if rows else old.heading
    given = {
        "kind": old.kind, "heading": tuple(" ".join(cell.split()) for cell in heading), "zone": zone,
        "skip": -1 if skip is None else skip, "every": whole(form, "every") or 0,
        **{name: form.get(name, "") for name in ("across", "order", "bare", "unit", "medium")},
        **{name: form.get(name, getattr(old, name)) for name in ("encoding", "delimiter")},
        **{name: whole(form, name) for name in COLUMNS},
    }  # fmt: skip
    # What the names of the columns tell has no column of its own.
    given |= {given["across"]: None if given["across"] in _OPTIONAL else 0} if given["across"] in ACROSS else {}
    for name in ("meter", "time", "value"):
        if given[name] is None:
            raise feed_mapping.BadMapping(part=name)
    meant = {word: form.get(f"word-{place}", "=") for place, word in enumerate(words)}
    kept = {word: name for word, name in old.registers.items() if word not in meant}
    given["registers"] = kept | {word: word if name == "=" else name for word, name in meant.items()}
    return feed_mapping.checked(Mapping(**given))


def wrong(part: str) -> str:
    return {
        "zone": _("Write the distance from UTC as +02:00."),
        "skip": _("Write how many lines stand before the first value: 0 to 50."),
        "meter": _("The same column cannot be chosen twice."),
        "register": _("The same column cannot be chosen twice."),
        "time": _("The same column cannot be chosen twice."),
        "clock": _("The same column cannot be chosen twice."),
        "value": _("The same column cannot be chosen twice."),
        "across": _("The names of the columns stand in the last of the lines before the first value. Write how many those are."),
    }.get(part, _("Choose one of these."))
