"""The words for meters and readings: media, registers, whose entry it is, and what is said of a typed value."""

from resident.metering.submission import Verdict
from resident.metering.window import Reason

from . import _terms
from ._locale import N_, _, fmt, ngettext, pgettext

REGISTERS = {"day": N_("Day"), "night": N_("Night")}
ANSWERS = {
    "rollover": N_("The counter has passed zero"),
    "meter_changed": N_("The meter was changed"),
    "shows": N_("The counter shows this"),
    "more": N_("More is used than before"),
    "less": N_("Less is used than before"),
    "leak": N_("Possible leak"),
    "unknown": N_("The reason is not known"),
}


def medium(name: str) -> str:
    return _terms.media()[name]


def register(name: str) -> str:
    return _(REGISTERS[name]) if name in REGISTERS else name


def counter(row) -> str:
    """ "Cold water, kitchen, night": row has medium, place and name."""
    return ", ".join(part for part in (medium(row.medium), row.place, register(row.name)) if part)


def line(row) -> str:
    """As counter(), for a line of history."""
    return ", ".join(part for part in (medium(row.medium), row.place, register(row.register)) if part)


def source(name: str) -> str:
    """Whose entry a reading is."""
    return {
        "resident": pgettext("entered by", "Resident"),
        "council": pgettext("entered by", "Council"),
        "office": pgettext("entered by", "Office"),
        "provider": pgettext("entered by", "Supplier"),
        "import": pgettext("entered by", "Import"),
        "remote": pgettext("entered by", "Read remotely"),
        "estimate": pgettext("entered by", "Estimate"),
    }[name]


def answer(name: str) -> str:
    return _(ANSWERS[name])


def state(name: str) -> str:
    return {
        "accepted": pgettext("reading", "Accepted"),
        "pending": pgettext("reading", "Waits for a decision"),
        "rejected": pgettext("reading", "Rejected"),
    }[name]


def standing(name: str) -> tuple[str, str]:
    """(word, class of the tag) of a reading in the history."""
    return {
        "counts": (pgettext("reading", "Counts"), "done"),
        "replaced": (pgettext("reading", "Replaced"), "shut"),
        "pending": (pgettext("reading", "Waits for a decision"), "wait"),
        "rejected": (pgettext("reading", "Rejected"), "no"),
    }[name]


def verdict(said: Verdict) -> str:
    """What staff are told of a value that was not stored: what holds, and what to do."""
    if said.why == "closed":
        return closed(said.reason)
    return (_questioned if said.kind == "question" else _refused)(said)


def _refused(said: Verdict) -> str:
    row = said.counter
    sentences = {
        "digits": ngettext(
            "Write at most %(n)d digit before the point.", "Write at most %(n)d digits before the point.", row.digits
        ),
        "decimals": ngettext(
            "Write at most %(n)d digit after the point.", "Write at most %(n)d digits after the point.", row.decimals
        ),
        "negative": _("A reading is never below zero. Write the digits that the counter shows."),
        "future": _("The day of the reading is still to come. Choose today or an earlier day."),
        "before_installed": _("The meter was installed on %(day)s. Choose that day or a later one.", day=fmt().date(row.installed)),
        "before_last": _(
            "There is a reading of %(day)s, and a bill was made from it. Choose a later day.", day=fmt().date(row.last_day)
        ),
    }
    return sentences.get(said.why, _("Write digits with a point or a comma between, for example 412.386."))


def _questioned(said: Verdict) -> str:
    row, words = said.counter, fmt()
    if said.why == "lower":
        return _(
            "%(value)s is lower than the last reading, %(last)s on %(day)s. Check the digits, or choose the reason.",
            value=words.number(said.value, row.decimals),
            last=words.number(row.last_value, row.decimals),
            day=words.date(row.last_day),
        )
    told = {"use": words.quantity(said.far.use, row.measure), "usual": words.quantity(said.far.expected, row.measure, 1)}
    if said.far.high:
        return _("Use would be %(use)s. For these days, %(usual)s is usual. Check the digits, or choose the reason.", **told)
    return _("Use would be only %(use)s. For these days, %(usual)s is usual. Check the digits, or choose the reason.", **told)


def closed(reason: Reason) -> str:
    """Why staff cannot enter (rule 2)."""
    sentences = {
        "allocated": _("The costs of this period have already been shared out, so no more readings can be added to it."),
        "archived": _("The meters of this home are archived. Add a new meter in the register first."),
        "no_meter": _("No meter is linked to this home. Add one in the register first."),
        "remote": _("This meter is read remotely, so nothing is typed for it."),
    }
    return sentences.get(reason.why, _("There is no billing period that takes readings. Open a reading window first."))
