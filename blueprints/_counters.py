"""The words for meters and readings: media, registers, whose entry it is, how it stands, and why staff cannot enter."""

from resident.metering.ladder import Basis
from resident.metering.window import Reason

from . import _terms
from ._locale import N_, Np_, _, fmt, pgettext

REGISTERS = {"day": Np_("meter register", "Day"), "night": Np_("meter register", "Night")}
# Most languages write them in lower case there: "Electricity, hall, night".
_AFTER_COMMA = {
    "day": Np_("meter register, after a comma", "day"),
    "night": Np_("meter register, after a comma", "night"),
}
SOURCES = {
    "resident": Np_("entered by", "Resident"),
    "council": Np_("entered by", "Council"),
    "office": Np_("entered by", "Management"),
    "provider": Np_("entered by", "Supplier"),
    "import": Np_("entered by", "Import"),
    "remote": Np_("entered by", "Read remotely"),
    "estimate": Np_("entered by", "Estimate"),
}
ANSWERS = {
    # Rungs of the ladder of estimates.
    "last": N_("Use of the last period"),
    "average": N_("Average of earlier months"),
    "norm": N_("Norm by the number of occupants"),
    "between": N_("Between two readings"),
    "rollover": N_("The counter has passed zero"),
    "meter_changed": N_("The meter was changed"),
    "taken_out": N_("The meter was taken out"),
    "shows": N_("The counter shows this"),
    "more": N_("More is used than before"),
    "less": N_("Less is used than before"),
    "leak": N_("Possible leak"),
    "unknown": N_("The reason is not known"),
    "away": N_("Nobody was at home"),
    "unused": N_("It was not in use"),
    "stopped": N_("The counter stands still"),
    "hot_more": N_("More hot water than cold is used"),
    "crossed": N_("The meters may be crossed"),
    "unasked": N_("Sent by a link, where nothing is asked"),
    "handover": N_("Handed over"),
}


def medium(name: str) -> str:
    return _terms.medium_name(name)


def icon(name: str) -> str:
    """The sign of a medium; the counter's for those that an organisation has added."""
    return {"cold_water": "cold", "hot_water": "hot", "heating": "heat", "electricity": "bolt", "gas": "heat"}.get(name, "counter")


def register(name: str, after_comma: bool = False) -> str:
    known = _AFTER_COMMA if after_comma else REGISTERS
    return pgettext(*known[name]) if name in known else name


def counter(row) -> str:
    """ "Cold water, kitchen, night": row has medium, place and name."""
    return ", ".join(part for part in (medium(row.medium), row.place, register(row.name, after_comma=True)) if part)


def source(name: str) -> str:
    """Whose entry a reading is."""
    return pgettext(*SOURCES[name])


def answer(name: str) -> str:
    return _(ANSWERS[name])


def how(line, measure: str | None = None) -> str:
    """How an estimate was worked out, in a sentence; "" for what is none. line has source, note, decimals, and measure where it
    is not given."""
    basis = Basis.read(line.note) if line.source == "estimate" else None
    return worked_out(basis, measure or line.measure, line.decimals) if basis else ""


def kept(row) -> str:
    """The same of a row that is known to be an estimate."""
    basis = Basis.read(row.note)
    return worked_out(basis, row.measure, row.decimals) if basis else ""


def worked_out(basis: Basis, measure: str, decimals: int) -> str:
    words = fmt()
    facts = {
        "use": words.quantity(basis.use, measure, decimals),
        "first": words.date(basis.first),
        "last": words.date(basis.last),
        "days": basis.days,
    }
    if basis.months is not None:
        return _("Estimated by the average month before: %(use)s from %(first)s to %(last)s, in calendar months.", **facts)
    return {
        "last": _("Estimated by the use of the last period: %(use)s from %(first)s to %(last)s; days taken: %(days)d.", **facts),
        "average": _("Estimated by the average before: %(use)s from %(first)s to %(last)s; days taken: %(days)d.", **facts),
        "norm": _("Estimated by the norm for the number of occupants: %(use)s from %(first)s to %(last)s.", **facts),
        "between": _("Estimated between two readings: %(use)s from %(first)s to %(last)s; days taken from it: %(days)d.", **facts),
    }[basis.rung]


def settled() -> str:
    """What is said of use below zero that counts: a true reading after an estimate that was too high."""
    return _("The estimate before was too high. This reading settles it.")


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
        "withdrawn": (pgettext("reading", "Taken back"), "shut"),
    }[name]


def closed(reason: Reason) -> str:
    """Why staff cannot enter (rule 2)."""
    sentences = {
        "allocated": _("The costs of this period have already been shared out, so no more readings can be added to it."),
        "archived": _("The meters of this home are archived. Add a new meter on the page of the home."),
        "no_meter": _("No meter is linked to this home. Add one on the page of the home, or by the register import."),
        "remote": _("This meter is read remotely, so nothing is typed for it."),
    }
    return sentences.get(reason.why, _("There is no billing period that takes readings. Open a reading window first."))
