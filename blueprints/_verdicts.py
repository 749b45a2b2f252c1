"""What a resident is told about entering readings: why it is not possible, what is refused, what is asked (rules 2, 5, 13)."""

from datetime import timedelta

from resident.metering.counter import Counter
from resident.metering.submission import Verdict
from resident.metering.window import Reason

from . import _counters
from ._locale import N_, _, fmt, ngettext
from ._messages import contact

# Answers that may follow a question: (label, what it means). Which are offered is the domain's to say.
ANSWERS = {
    "more": (N_("Yes, we used more"), N_("Guests, renovation, filling a pool …")),
    "leak": (N_("Yes, but I do not know why"), N_("It may be a leak. We prepare a fault report for you to look over.")),
    "less": (N_("Yes, we used less"), N_("We were away, or somebody moved out …")),
    "unknown": (N_("Yes, but I do not know why"), N_("The meter may have stopped. We look into it.")),
    "away": (N_("Yes, nobody was at home"), N_("The home stood empty all that time.")),
    "unused": (N_("Yes, it was not in use"), N_("A tap was closed, or heating was off.")),
    "stopped": (N_("Yes, the counter stands still"), N_("It does not move although something is used. We look into it.")),
    "hot_more": (N_("Yes, we used more hot water than cold"), N_("The reading is stored as it is.")),
    "crossed": (N_("Yes, and the meters may be mixed up"), N_("Their pipes or their labels may be crossed. We look into it.")),
    "rollover": (N_("The counter has passed zero"), N_("It came to its end and started again from zero.")),
    "meter_changed": (N_("The meter was changed"), N_("We compare it with our records. The reading counts after that.")),
    "shows": (N_("The counter shows this"), N_("We look at it. The reading counts after we have accepted it.")),
}


def choices(said: Verdict) -> list[tuple[str, str, str]]:
    return [(name, _(ANSWERS[name][0]), _(ANSWERS[name][1])) for name in said.choices]


def shown(row: Counter, millionths: int) -> str:
    """A value with all decimals of its register."""
    return fmt().number(millionths, row.decimals)


def leak(line) -> str:
    """The text of the fault report that an unexplained use leads to."""
    used = fmt().quantity(line.use, line.measure, line.decimals)
    return _(
        "The meter shows much more use than usual, and we do not know why. %(counter)s, meter %(serial)s: %(use)s until %(day)s",
        counter=_counters.counter(line),
        serial=line.serial,
        use=used,
        day=fmt().date(line.day),
    )


def closed(reason: Reason) -> tuple[str, str]:
    """(what holds, what to do and whom to ask)"""
    return _holds(reason), _(_TODO[reason.why], contact=contact())


_TODO = {
    "no_meter": N_("If there is a meter in the home, ask: %(contact)s"),
    "archived": N_("If there is a new meter in the home, ask: %(contact)s"),
    "not_open": N_("If you are moving out or the meter is being changed, ask: %(contact)s"),
    "over": N_("To have a reading added, ask: %(contact)s"),
    "allocated": N_("If the invoice looks wrong, ask: %(contact)s"),
    "staff_entered": N_("That reading counts. If it looks wrong, ask: %(contact)s"),
    "remote": N_("If the reading looks wrong, ask: %(contact)s"),
    "expired": N_("To have the meter verified or changed, ask: %(contact)s"),
}


_HOLDS = {
    "no_meter": N_("No meter is linked to this home."),
    "archived": N_("The meters of this home are out of use."),
    "not_open": N_("The reading window has not been opened yet."),
    "remote": N_("This meter is read remotely. There is nothing to type."),
}


def _holds(reason: Reason) -> str:
    words = fmt()
    if reason.why == "not_open" and reason.first:
        first, last = words.long(reason.first), words.long(reason.last)
        return _("You can send readings from %(first)s to %(last)s.", first=first, last=last)
    if reason.why == "staff_entered":
        who, day = _counters.source(reason.source), words.date(reason.first)
        # Translators: in brackets whose entry it is, as "Council", and the day.
        return _("This reading has been entered for you (%(who)s, %(day)s).", who=who, day=day)
    if reason.why == "allocated":
        # Translators: in brackets a month and its year, "November 2026".
        month = words.month(reason.period)
        return _("Costs are already shared out (%(month)s), so no more readings can be added.", month=month)
    if reason.why == "over":
        return _("The reading window closed on %(day)s.", day=words.long(reason.last) if reason.last else "")
    if reason.why == "expired":
        day = words.date(reason.last)
        return _("The verification of this meter expired on %(day)s, so its readings are not accepted.", day=day)
    return _(_HOLDS[reason.why])


def refused(said: Verdict) -> str:
    """The sentence at a field whose value cannot be taken."""
    if said.why == "closed":
        return " ".join(closed(said.reason))
    if said.why in ("future", "too_early", "before_installed", "before_last"):
        return _bad_day(said)
    return unreadable(said.why, said.counter)


def unreadable(why: str, row) -> str:
    """The sentence at a value that is none of a counter's: why is a BadValue's, row has digits and decimals."""
    if why in ("digits", "decimals"):
        return _too_many(why, row)
    return {
        "negative": _("A reading is never below zero. Write the digits that the counter shows."),
        "black": _("Write the black digits too. The red ones are only the part after the point."),
        "twice": _("Write the part after the point once: either in the black field or in the red one."),
    }.get(why) or _(
        "Write digits only, with a point or a comma between: %(example)s", example=fmt().number(412_386_000, row.decimals)
    )


def _bad_day(said: Verdict) -> str:
    if said.why == "before_last":
        return _before_last(said)
    return {
        "future": _("The day of the reading is still to come. Choose today or an earlier day."),
        "too_early": _(
            "The day of the reading is before the reading window. Choose a later day. To have an older reading added, "
            "ask: %(contact)s",
            contact=contact(),
        ),
        "before_installed": _(
            "This meter was installed on %(day)s. Choose that day or a later one. If that day is wrong, ask: %(contact)s",
            day=fmt().date(said.counter.installed),
            contact=contact(),
        ),
    }[said.why]


def _before_last(said: Verdict) -> str:
    """A later day may be still to come; then there is none to choose."""
    row, words = said.counter, fmt()
    facts = {"day": words.date(row.last_day), "contact": contact()}
    if row.last_day < said.today:
        return _("There is already a reading of %(day)s. Choose a later day. If it looks wrong, ask: %(contact)s", **facts)
    facts["next"] = words.date(row.last_day + timedelta(days=1))
    return _(
        "There is already a reading of %(day)s, and it counts. The next one can be dated %(next)s or later. "
        "If it looks wrong, ask: %(contact)s",
        **facts,
    )


def _too_many(why: str, row) -> str:
    if why == "decimals" and not row.decimals:
        return _("This counter has no digits after the point. Write the whole number that it shows.")
    if why == "decimals":
        return ngettext(
            "This counter has %(n)d digit after the point. Check the digits and write the reading again.",
            "This counter has %(n)d digits after the point. Check the digits and write the reading again.",
            row.decimals,
        )
    return ngettext(
        "This counter has %(n)d digit before the point. Check the digits and write the reading again.",
        "This counter has %(n)d digits before the point. Check the digits and write the reading again.",
        row.digits,
    )


def question(said: Verdict) -> tuple[str, str]:
    """(the question, its reason with both figures)"""
    row = said.counter
    asked = _("Is this reading right? %(counter)s: %(value)s", counter=_counters.counter(row), value=shown(row, said.value))
    return asked, {"lower": _lower, "none": _none, "crossed": _crossed, "high": _high, "low": _low}[said.why](said)


def _lower(said: Verdict) -> str:
    row, words = said.counter, fmt()
    last, day = words.quantity(row.last_value, row.measure, row.decimals), words.long(row.last_day)
    return _("This reading is lower than the last one, %(last)s on %(day)s.", last=last, day=day)


def _none(said: Verdict) -> str:
    return ngettext(
        "Nothing would have been used in %(n)d day. Usual for that time is %(usual)s.",
        "Nothing would have been used in %(n)d days. Usual for that time is %(usual)s.",
        said.far.days,
        usual=_figures(said)[1],
    )


def _crossed(said: Verdict) -> str:
    row, words, pair = said.counter, fmt(), said.pair
    hot, cold = (words.quantity(used, row.measure, row.decimals) for used in (pair.hot, pair.cold))
    told = _(
        "More hot water than cold would have been used: hot %(hot)s, cold %(cold)s. Look whether each reading is in its own box.",
        hot=hot,
        cold=cold,
    )
    return f"{told} {_again(pair.times)}" if pair.persistent else told


def _again(times: int) -> str:
    return ngettext(
        "This has happened %(n)d time in a row, so the meters may be crossed.",
        "This has happened %(n)d times in a row, so the meters may be crossed.",
        times,
    )


def _high(said: Verdict) -> str:
    used, expected = _figures(said)
    return ngettext(
        "Use would be %(use)s in %(n)d day. Usual for that time is %(usual)s, so this is much more.",
        "Use would be %(use)s in %(n)d days. Usual for that time is %(usual)s, so this is much more.",
        said.far.days,
        use=used,
        usual=expected,
    )


def _low(said: Verdict) -> str:
    used, expected = _figures(said)
    return ngettext(
        "Use would be %(use)s in %(n)d day. Usual for that time is %(usual)s, so this is much less.",
        "Use would be %(use)s in %(n)d days. Usual for that time is %(usual)s, so this is much less.",
        said.far.days,
        use=used,
        usual=expected,
    )


def _figures(said: Verdict) -> tuple[str, str]:
    """(use, what would be usual)"""
    row, words = said.counter, fmt()
    return tuple(words.quantity(figure, row.measure, row.decimals) for figure in (said.far.use, said.far.expected))


def unanswered(said: Verdict) -> str:
    return _("Choose an answer, or correct the reading. Meter: %(counter)s", counter=_counters.counter(said.counter))
