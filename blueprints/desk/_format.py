"""Formats of exports in words, and the form that makes one."""

import re

from flask import request

from resident.exchange import export_format, reading_export
from resident.exchange.export_format import Shape

from .. import _counters, _typed
from .._locale import _, fmt, pgettext


def columns() -> dict[str, str]:
    """What a column can hold, as its usual heading."""
    return {
        "building": _("Building code"),
        "address": _("Address"),
        "home": _("Home"),
        "staircase": _("Staircase"),
        "holder": _("Holder"),
        "medium": _("Medium"),
        "meter": _("Meter number"),
        "place": _("Place of the meter"),
        "register": pgettext("of a meter", "Register"),
        "period": _("Billing period"),
        "before_day": _("Day of the reading before"),
        "before": _("Reading before"),
        "day": _("Day"),
        "value": _("Reading"),
        "use": _("Usage"),
        "measure": _("Unit of measure"),
        "estimated": _("Estimated"),
        "source": _("Entered by"),
        "remote": _("Read remotely"),
    }


def choices() -> dict[str, dict[str, str]]:
    """The options of a format, in words."""
    return {
        "kind": {"csv": _("CSV, plain text"), "xlsx": _("XLSX, a spreadsheet")},
        "delimiter": {";": _("Semicolon ;"), ",": _("Comma ,"), "\t": _("Tab")},
        "decimal": {",": _("Comma: 12,5"), ".": _("Point: 12.5")},
        "encoding": {
            "utf-8-sig": _("UTF-8, as spreadsheets expect it"), "utf-8": _("UTF-8 without a mark"),
            "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251", "iso8859-15": "ISO 8859-15",
        },
        "day": {"%Y-%m-%d": "2026-11-30", "%d.%m.%Y": "30.11.2026", "%d/%m/%Y": "30/11/2026", "%Y%m%d": "20261130"},
    }  # fmt: skip


def usual(kind: str) -> Shape:
    """What everybody has without mapping anything: in the reader's language."""
    words = columns()
    name = _("Usual columns, CSV") if kind == "csv" else _("Usual columns, XLSX")
    decimal = fmt().point
    shown = tuple((what, words[what]) for what in export_format.USUAL)
    return Shape(name, kind, shown, delimiter=";" if decimal == "," else ",", decimal=decimal)


def words() -> reading_export.Words:
    language = fmt()
    return reading_export.Words(
        medium=_counters.medium,
        register=_counters.register,
        source=_counters.source,
        measure=language.measure,
        # Translators: whether a reading was estimated, in a column of a file.
        yes=pgettext("estimated", "yes"),
        no=pgettext("estimated", "no"),
    )


def drawn(shape: Shape) -> dict[str, str]:
    """The form's fields for a format."""
    fields = {"name": shape.name, "kind": shape.kind, "delimiter": shape.delimiter, "decimal": shape.decimal}
    fields |= {"encoding": shape.encoding, "day": shape.day}
    fields |= {name: "yes" for name in ("heading", "missing") if getattr(shape, name)}
    for place, (what, heading) in enumerate(shape.columns, 1):
        fields |= {f"place-{what}": str(place), f"heading-{what}": heading}
    return fields


def typed() -> tuple[Shape, dict[str, str]]:
    """(the format that the form holds, what is wrong with it by field)."""
    form, errors, placed, usual_words = request.form, {}, [], columns()
    for what in export_format.COLUMNS:
        text = form.get(f"place-{what}", "").strip()
        heading = _typed.line(f"heading-{what}") or usual_words[what]
        if re.fullmatch(r"[0-9]{1,3}", text):
            placed.append((int(text), len(placed), (what, heading)))
        elif text:
            errors[f"place-{what}"] = _("Write the place of the column as a number, or leave it empty.")
    chosen = {name: form.get(name) if form.get(name) in words else next(iter(words)) for name, words in choices().items()}
    shape = Shape(
        _typed.line("name"),
        chosen["kind"],
        tuple(column for _place, _count, column in sorted(placed)),
        *(chosen[name] for name in ("delimiter", "decimal", "encoding", "day")),
        heading=bool(form.get("heading")),
        missing=bool(form.get("missing")),
    )
    return shape, errors


def told(error: export_format.BadFormat) -> dict[str, str]:
    """{field: sentence} of a refusal."""
    sentences = {
        ("name", "missing"): _("The format needs a name, for example the accountant’s program."),
        ("name", "long"): _("This is too long. Shorten it."),
        ("name", "taken"): _("There is a format of this name already. Choose another name."),
        ("columns", "none"): _("No column is chosen. Give at least one column a place."),
    }
    sentence = sentences.get((error.field, error.why), _("This is too long. Shorten it."))
    return {"place-address" if error.field == "columns" else error.field: sentence}
