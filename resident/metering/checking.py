"""What is said of values before they are stored: good, in question, or refused at its box (rules 5, 6, 9, 13, 16).

A question is never a wall: whoever answers it has the reading stored, with the answer as its reason.
"""

from dataclasses import dataclass, replace
from datetime import date

from . import crossed, usual, value, window
from .counter import Counter, Form

# What may be answered to each question, in the order in which it is offered. Staff may say of a lower value that the
# counter shows it; a resident may too, but then it waits for staff (rule 5).
HIGH = ("more", "leak", "meter_changed")
LOW = ("less", "unknown", "meter_changed")
NONE = ("away", "unused", "stopped", "meter_changed")
LOWER = ("rollover", "meter_changed", "shows")
CROSSED = ("hot_more", "crossed")
# "unasked" is nobody's answer: by a link on paper no question is asked, which would tell what was before (rule 43).
WAITS = ("shows", "meter_changed", "unasked")
# Answers that the desk hears of, although the reading counts: something may be broken.
NOTED = ("leak", "unknown", "stopped", "hot_more", "crossed")
# Two counters of a home were read at the same time when it was so few days apart.
TOGETHER = 5


@dataclass(frozen=True, slots=True)
class Typed:
    """What came from the form for one register, as it was typed. answer: to the question, one of those above."""

    black: str = ""
    red: str = ""
    answer: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one register's value. kind: good | question | refused.

    why, when refused: a BadValue's why | future | too_early | before_installed | before_last | closed (see reason);
    when in question: lower | high | low | none | crossed. answer is set when a question was answered; then kind is good.
    """

    counter: Counter
    typed: Typed
    kind: str
    value: int | None = None
    use: int | None = None
    why: str | None = None
    reason: window.Reason | None = None
    # Beside high, low and none; in the last case its days are all those without use.
    far: usual.Unusual | None = None
    # Beside crossed.
    pair: crossed.Pair | None = None
    choices: tuple[str, ...] = ()
    answer: str | None = None
    # The organisation's, beside a refused day.
    today: date | None = None

    @property
    def waits(self) -> bool:
        """Stored for staff, does not count until accepted."""
        return self.answer in WAITS


def check(given: Form, typed: dict[int, Typed], day: date) -> list[Verdict]:
    """A verdict for each register with something typed, in the form's order. Stores nothing; asks no database."""
    verdicts = []
    for counter in given.counters:
        said = look(given, counter, typed.get(counter.register_id, Typed()), day)
        if said:
            verdicts.append(said)
    return _hot_beside_cold(given, verdicts, day)


def look(given: Form, counter: Counter, typed: Typed, day: date) -> Verdict | None:
    """The verdict of one register alone, as long as somebody types; None when nothing stands in its fields."""
    return _verdict(given, counter, typed, day) if typed.black.strip() or typed.red.strip() else None


def _verdict(given: Form, counter: Counter, typed: Typed, day: date) -> Verdict:
    reason = given.closed(counter)
    if reason:
        return Verdict(counter, typed, "refused", why="closed", reason=reason)
    try:
        found = value.parse(typed.black, typed.red, counter.digits, counter.decimals)
    except value.BadValue as bad:
        return Verdict(counter, typed, "refused", why=bad.why)
    why = _bad_day(given, counter, day)
    if why:
        return Verdict(counter, typed, "refused", value=found, why=why, today=given.today)
    return _questioned(given, counter, typed, found, day)


def _bad_day(given: Form, counter: Counter, day: date) -> str | None:
    """Rule 16. A second reading of the same day replaces the first only when no period has used that one."""
    if day > given.today:
        return "future"
    if day < given.earliest:
        return "too_early"
    if day < counter.installed:
        return "before_installed"
    last = counter.last
    if last and (day < last.day or (day == last.day and last.period_id is not None)):
        return "before_last"
    return None


def _questioned(given: Form, counter: Counter, typed: Typed, found: int, day: date) -> Verdict:
    used = counter.use(found)
    good = Verdict(counter, typed, "good", found, used)
    if counter.floor <= found < counter.last_value:
        return good
    if found < counter.last_value:
        rolls = usual.rollover_plausible(counter.last_value, found, counter.digits)
        rolled = typed.answer == "rollover" and rolls
        return _asked(given, replace(good, use=counter.use(found, rolled), why="lower"), LOWER if rolls else LOWER[1:])
    far = given.far(counter, used, day)
    if used == 0:
        idle = usual.idle_too_long(counter.past, counter.days(day), far is not None)
        expected = usual.Unusual(False, 0, (counter.rate or 0) * idle, idle)
        return _asked(given, replace(good, why="none", far=expected), NONE) if idle else good
    if far is None:
        return good
    return _asked(given, replace(good, why="high" if far.high else "low", far=far), HIGH if far.high else LOW)


def _asked(given: Form, said: Verdict, choices: tuple[str, ...]) -> Verdict:
    """In question until one of the choices is answered. Staff record a change of meter instead: their word counts at once,
    and the value is not the old meter's. Who may know nothing of earlier readings is not asked: where the value itself is in
    doubt, staff decide."""
    if given.blind:
        return replace(said, answer="unasked" if said.why in ("lower", "high", "low") else None)
    choices = tuple(choice for choice in choices if choice != "meter_changed" or not given.staff)
    answer = said.typed.answer if said.typed.answer in choices else None
    return replace(said, kind="good" if answer else "question", choices=choices, answer=answer)


def _hot_beside_cold(given: Form, verdicts: list[Verdict], day: date) -> list[Verdict]:
    """Ask about hot water above cold, when nothing else is asked about either: at the hot counter that used most."""
    water = [said for said in verdicts if said.counter.medium in (crossed.HOT, crossed.COLD)]
    if not water or any(said.why for said in water):
        return verdicts
    pair = _pair(given, {said.counter.register_id: said for said in water}, day)
    if pair is None:
        return verdicts
    at = max(water, key=_weight)
    asked = _asked(given, replace(at, why="crossed", pair=pair), CROSSED)
    return [asked if said is at else said for said in verdicts]


def _weight(said: Verdict) -> tuple[bool, int]:
    return said.counter.medium == crossed.HOT, said.use


def _pair(given: Form, said: dict[int, Verdict], day: date) -> crossed.Pair | None:
    """Hot above cold since the same day, with each counter of both read; None otherwise."""
    counters = {medium: [each for each in given.counters if each.medium == medium] for medium in (crossed.HOT, crossed.COLD)}
    spans = {medium: [_span(each, said.get(each.register_id), day) for each in counters[medium]] for medium in counters}
    every = [*spans[crossed.HOT], *spans[crossed.COLD]]
    if not spans[crossed.HOT] or not spans[crossed.COLD] or None in every:
        return None
    if (
        len({first for first, _, _ in every}) > 1
        or (max(last for _, last, _ in every) - min(last for _, last, _ in every)).days > TOGETHER
    ):
        return None
    hot, cold = (sum(used for _, _, used in spans[medium]) for medium in (crossed.HOT, crossed.COLD))
    if not crossed.above(hot, cold):
        return None
    earlier = crossed.in_a_row(*([each.past for each in counters[medium]] for medium in (crossed.HOT, crossed.COLD)))
    return crossed.Pair(hot, cold, earlier + 1)


def _span(counter: Counter, said: Verdict | None, day: date) -> tuple[date, date, int] | None:
    """(day before, day, use) of what is typed now, else of what was sent for this period."""
    first, sent = counter.since, counter.current
    if said:
        return first, day, said.use
    return (first, sent.day, counter.use(sent.value, sent.rolled_over)) if sent else None
