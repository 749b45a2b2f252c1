"""The handover's forms, at the desk and at home: values and keys as typed, and what is said of those that cannot be so."""

from flask import request

from resident.errors import ResidentError
from resident.metering import value
from resident.moves import moving
from resident.moves.moving import AlreadyPlanned, BadDay, BadReading, Line, NotPlanned, NotYet

from . import _tenancy_words, _verdicts
from ._locale import _, fmt, pgettext
from ._messages import contact
from ._typed import counter_value, small, whole

OWN = (AlreadyPlanned, BadDay, BadReading, NotPlanned, NotYet)
REFUSALS = (*OWN, *_tenancy_words.REFUSALS)


def version() -> int:
    return whole(request.form, "version") or 0


# ---- Readings --------------------------------------------------------------------------------------------------------


def typed_of(lines: list[Line]) -> dict[str, str]:
    """What the fields hold at first: v and the register's id."""
    return {f"v{line.register_id}": "" if line.value is None else counter_value(line.value, line.decimals) for line in lines}


def values(lines: list[Line]) -> tuple[dict[int, int], dict[str, str]]:
    """(millionths by register, {field: sentence}) of what was typed; an empty field is a missing value."""
    found, errors = {}, {}
    for line in lines:
        name = f"v{line.register_id}"
        try:
            read = value.parse(request.form.get(name, "")[:60], "", line.digits, line.decimals)
        except value.BadValue as bad:
            errors[name] = _verdicts.unreadable(bad.why, line)
            continue
        if read is None:
            errors[name] = _("Write what the counter showed at the end of the day.")
        else:
            found[line.register_id] = read
    return found, errors


# ---- Keys ------------------------------------------------------------------------------------------------------------


def key_kinds() -> dict[str, str]:
    return {
        "home": pgettext("key", "Home"),
        "entrance": pgettext("key", "Entrance"),
        "mailbox": pgettext("key", "Mailbox"),
        "storage": pgettext("key", "Storage room"),
        "parking": pgettext("key", "Parking"),
        "other": pgettext("key", "Other"),
    }


def keys() -> tuple[list[dict], dict[str, str]]:
    """([{"kind", "number", "count", "returned"}], {field: sentence}); rows without a count and a number are left out."""
    found, errors, given = [], {}, request.form
    for row in range(moving.MOST_KEYS):
        kind, number = given.get(f"kind{row}", ""), " ".join(given.get(f"number{row}", "").replace("\0", "").split())[:40]
        typed = [given.get(f"{name}{row}", "").strip() for name in ("count", "returned")]
        if kind not in moving.KEY_KINDS or not (number or any(typed)):
            continue
        count, returned = (small(text or "0", 0, 99) for text in typed)
        if count is None or returned is None or returned > count:
            errors[f"count{row}"] = _("Write how many keys there are and how many came back, as whole numbers.")
        else:
            found.append({"kind": kind, "number": number, "count": count, "returned": returned})
    return found, errors


# ---- Refusals --------------------------------------------------------------------------------------------------------


def told(error: ResidentError) -> dict[str, str]:
    """{field: sentence} of one of REFUSALS."""
    if not isinstance(error, OWN):
        return _tenancy_words.told(error)
    if isinstance(error, BadReading):
        return {f"v{error.register_id}": _reading(error)}
    if isinstance(error, BadDay):
        return {"day": _day(error)}
    if isinstance(error, NotYet):
        return {"readings": _not_yet(error)}
    if isinstance(error, AlreadyPlanned):
        return {"day": _("A handover of this home is planned already. Open it from the page of the home.")}
    return {"readings": _("This handover is over. Nothing was changed.")}


def _reading(error: BadReading) -> str:
    shown, day = fmt().number(error.value, 3), fmt().date(error.day)
    if error.why == "lower":
        return _("This is lower than the last reading, %(last)s on %(day)s. Check the digits. If they are right, ask: %(contact)s",
                 last=shown, day=day, contact=contact())  # fmt: skip
    return _("This is higher than a later reading, %(next)s on %(day)s. Check the digits. If they are right, ask: %(contact)s",
             next=shown, day=day, contact=contact())  # fmt: skip


def _day(error: BadDay) -> str:
    day = fmt().date(error.day)
    if error.why == "past":
        return _("This day has passed. Choose today, %(day)s, or a later one.", day=day)
    if error.why == "before":
        return _("The tenure that ends began on %(day)s. Choose that day or a later one.", day=day)
    return _("The tenure ended on %(day)s. Choose that day or an earlier one.", day=day)


def _not_yet(error: NotYet) -> str:
    if error.why == "future":
        return _("The day of the handover, %(day)s, has not come yet.", day=fmt().date(error.day))
    return {
        "readings": _("Readings of the day are missing. Write them, or say why it is done without."),
        "agreed": _("The readings are not confirmed by both sides. Confirm them yourself, or say why it is done without."),
        "allocated": _("The costs of the day have already been shared out, so no reading can be added to it. Say why it is done "
                       "without, or undo the sharing first."),
    }[error.why]  # fmt: skip
