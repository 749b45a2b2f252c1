"""What is said of typed values, on a form made of rows alone: every edge of a day, of a question and of hot beside cold."""

from datetime import date, timedelta

import pytest

from resident.metering import checking, window
from resident.metering.checking import Typed
from resident.metering.usual import Unusual
from tests.metering.test_counter import FIRST, M3, MARCH, TODAY, form, register, row

MONTH = TODAY - timedelta(days=30)
# Ten months of 3 m³ each, the last reading a month ago.
PAST = [(TODAY - timedelta(days=30 * (n + 1)), TODAY - timedelta(days=30 * n), 3 * M3) for n in range(1, 11)]


def at(value: int = 50 * M3, **given):
    facts = {"past": PAST, "rate": 100_000, "register_id": 1}
    return register(row(MONTH, value, period_id=2), **(facts | given))


def hot(**given):
    return at(register_id=2, meter_id=2, medium="hot_water", **given)


def said(given, text: str, answer: str | None = None, day: date = TODAY, note: str | None = None):
    (found,) = checking.check(given, {1: Typed(text, "", answer, note)}, day)
    return found


def both(cold, warm, first: str, second: str, day: date = TODAY, **given):
    found = checking.check(form(cold, warm, **given), {1: Typed(first), 2: Typed(second)}, day)
    return [one.why for one in found], [one.pair for one in found if one.pair]


# ---- Read, refused, closed -----------------------------------------------------------------------------------------


def test_a_usual_value_is_good_with_its_use():
    counter = at()
    found = said(form(counter), "53", note="by torch")
    assert (found.kind, found.value, found.use, found.why, found.choices, found.answer) == ("good", 53 * M3, 3 * M3, None, (), None)
    assert found.counter is counter and found.typed == Typed("53", "", None, "by torch") and not found.waits


def test_nothing_typed_is_no_verdict_and_counters_come_in_the_forms_order():
    given = form(at(), hot())
    assert checking.check(given, {1: Typed(" ", " ")}, TODAY) == [] and checking.check(given, {}, TODAY) == []
    found = checking.check(given, {2: Typed("53"), 1: Typed("", "5")}, TODAY)
    assert [(one.counter.register_id, one.kind, one.why) for one in found] == [(1, "refused", "black"), (2, "good", None)]
    assert checking.look(given, given.counters[0], Typed("", " "), TODAY) is None
    assert checking.look(given, given.counters[0], Typed("53"), TODAY).use == 3 * M3


def test_what_only_looks_like_something_is_no_number():
    assert (said(form(at()), "\u00a0\u202f 1").value, said(form(at()), "x").why) == (M3, "number")
    (found,) = checking.check(form(at()), {1: Typed("\t")}, TODAY) or [None]
    assert found is None
    refused = said(form(at()), "x")
    assert (refused.kind, refused.value, refused.use, refused.typed.black) == ("refused", None, None, "x") and refused.counter


def test_a_closed_counter_says_why():
    reason = window.Reason("remote")
    found = said(form(at(reason=reason)), "53")
    assert (found.kind, found.why, found.reason, found.typed.black) == ("refused", "closed", reason, "53")
    over = window.Reason("over")
    assert said(form(at(), reason=over), "53").reason is over and said(form(at(corrects=True), reason=over), "53").kind == "good"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY, None),
        (TODAY + timedelta(days=1), "future"),
        (TODAY - timedelta(days=10), None),
        (TODAY - timedelta(days=11), "too_early"),
    ],
)
def test_a_day_is_neither_to_come_nor_before_the_earliest(day, why):
    found = said(form(at(), earliest=TODAY - timedelta(days=10)), "51", day=day)
    assert (found.why if found.kind == "refused" else None) == why
    if why:
        assert (found.value, found.today, found.typed.black) == (51 * M3, TODAY, "51")


def test_no_day_is_before_the_meter_was_there_nor_before_a_reading_that_counts():
    new = register(installed=TODAY)
    assert said(form(new), "1").kind == "good" and said(form(new), "1", day=TODAY - timedelta(days=1)).why == "before_installed"
    assert said(form(at()), "51", day=MONTH - timedelta(days=1)).why == "before_last"
    assert said(form(at()), "51", day=MONTH).why == "before_last"
    late = register(row(MONTH, 50 * M3))
    assert (
        said(form(late), "51", day=MONTH).kind == "good"
        and said(form(late), "51", day=MONTH - timedelta(days=1)).why == "before_last"
    )


# ---- Questions -----------------------------------------------------------------------------------------------------


def test_lower_than_the_last_is_asked_and_an_answer_is_kept():
    found = said(form(at()), "49")
    assert (found.kind, found.why, found.use, found.choices) == ("question", "lower", -M3, ("meter_changed", "shows"))
    shows = said(form(at()), "49", "shows")
    assert (shows.kind, shows.answer, shows.waits) == ("good", "shows", True)
    assert said(form(at()), "49", "rollover").kind == "question" and said(form(at()), "49", "more").answer is None
    assert said(form(at(), staff=True), "49").choices == ("shows",)


def test_passing_zero_is_offered_where_it_can_be_and_counts_only_when_said():
    near = at(99_998 * M3)
    asked = said(form(near), "1")
    assert (asked.choices, asked.use) == (("rollover", "meter_changed", "shows"), M3 - 99_998 * M3)
    passed = said(form(near), "1", "rollover")
    assert (passed.kind, passed.use, passed.waits) == ("good", 3 * M3, False)
    assert said(form(near), "1", "shows").use == M3 - 99_998 * M3


def test_below_an_estimate_and_not_below_what_was_seen_is_no_question():
    rows = row(MONTH, 50 * M3, 2, source="estimate"), row(MONTH - timedelta(days=30), 45 * M3)
    estimated = register(*rows, past=PAST, rate=100_000)
    assert (said(form(estimated), "45").kind, said(form(estimated), "49,999").why) == ("good", None)
    assert said(form(estimated), "44,999").why == "lower" and said(form(estimated), "45").use == -5 * M3


def test_far_above_and_far_below_are_asked_with_both_figures():
    high, low = said(form(at()), "60"), said(form(at(rate=300_000)), "51")
    assert (high.why, high.choices, high.far) == ("high", ("more", "leak", "meter_changed"), Unusual(True, 10 * M3, 3 * M3, 30))
    assert (low.why, low.choices, low.far) == ("low", ("less", "unknown", "meter_changed"), Unusual(False, M3, 9 * M3, 30))
    assert said(form(at()), "60", "leak").answer == "leak" and not said(form(at()), "60", "leak").waits
    assert said(form(at()), "60", "meter_changed").waits


def test_no_use_for_longer_than_ever_is_asked_with_the_days():
    found = said(form(at()), "50")
    assert (found.why, found.use, found.far) == ("none", 0, Unusual(False, 0, 3 * M3, 30))
    assert said(form(at()), "50", "away").kind == "good" and said(form(at()), "50", "less").kind == "question"
    still = at(past=[(MONTH - timedelta(days=30), MONTH, 0), *PAST])
    assert said(form(still), "50").far == Unusual(False, 0, 6 * M3, 60)
    seldom = at(rate=None, past=[(MONTH - timedelta(days=9), MONTH, 1)])
    assert said(form(seldom), "50", day=MONTH + timedelta(days=14)).far == Unusual(False, 0, 0, 14)
    assert said(form(seldom), "50", day=MONTH + timedelta(days=13)).kind == "good"
    # Far from usual for its days, so it need not be a fortnight.
    thirsty = at(rate=M3)
    assert said(form(thirsty), "50", day=MONTH + timedelta(days=2)).why == "none"
    assert said(form(at(past=[])), "50").kind == "good"


def test_who_may_know_nothing_is_not_asked_and_what_is_in_doubt_waits():
    for text, answer in (("49", "unasked"), ("60", "unasked"), ("50", None)):
        found = said(form(at(), blind=True), text)
        assert (found.kind, found.answer, found.choices, found.waits) == ("good", answer, (), answer is not None)
    assert said(form(at(rate=300_000), blind=True), "51").answer == "unasked"


# ---- Hot beside cold -----------------------------------------------------------------------------------------------


def test_hot_above_cold_is_asked_at_the_hot_counter():
    whys, (pair,) = both(at(), hot(), "52", "54")
    assert whys == [None, "crossed"] and (pair.hot, pair.cold, pair.times) == (4 * M3, 2 * M3, 1)
    found = checking.check(form(at(), hot()), {1: Typed("52"), 2: Typed("54", "", "crossed")}, TODAY)
    assert (found[1].kind, found[1].answer, found[1].choices) == ("good", "crossed", ("hot_more", "crossed"))
    assert both(at(), hot(), "53", "53") == ([None, None], []) and both(at(), hot(), "54", "52") == ([None, None], [])


def test_nothing_is_asked_about_a_pair_of_which_one_is_in_question_refused_or_missing():
    assert both(at(), hot(), "50", "54")[0] == ["none", None]
    assert both(at(), hot(), "x", "54")[0] == ["number", None]
    assert [one.why for one in checking.check(form(at(), hot()), {2: Typed("54")}, TODAY)] == [None]
    assert [one.why for one in checking.check(form(hot()), {2: Typed("54")}, TODAY)] == [None]
    assert [one.why for one in checking.check(form(at()), {1: Typed("53")}, TODAY)] == [None]
    gas = at(medium="gas", register_id=3)
    found = checking.check(form(gas, at(), hot()), {1: Typed("52"), 2: Typed("54"), 3: Typed("x")}, TODAY)
    assert [one.why for one in found] == ["number", None, "crossed"]


@pytest.mark.parametrize(("back", "asked"), [(0, True), (5, True), (6, False)])
def test_what_was_sent_before_stands_beside_it_when_it_is_of_nearly_the_same_day(back, asked):
    sent = row(TODAY - timedelta(days=back), 52 * M3, 9, period_id=3)
    found = checking.check(form(at(current=sent), hot()), {2: Typed("54")}, TODAY)
    assert (found[0].why == "crossed") is asked


def test_use_since_different_days_is_not_compared():
    other = register(row(MONTH - timedelta(days=1), 50 * M3), medium="hot_water", register_id=2, past=PAST, rate=100_000)
    assert both(at(), other, "52", "54")[0] == [None, None]


def test_only_the_cold_value_at_hand_is_asked_there_and_what_passed_zero_counts():
    sent = row(TODAY, 4 * M3, 9, period_id=3, rolled_over=True)
    found = checking.check(form(at(), hot(current=sent, rows=[row(MONTH, 99_999 * M3)])), {1: Typed("52")}, TODAY)
    assert (found[0].why, found[0].pair.hot, found[0].pair.cold) == ("crossed", 5 * M3, 2 * M3)


def test_all_counters_of_a_home_are_added_and_the_one_that_used_most_is_asked():
    bath = at(register_id=3, meter_id=3, medium="hot_water", place="bath")
    found = checking.check(form(at(), hot(), bath), {1: Typed("53"), 2: Typed("52"), 3: Typed("51,5")}, TODAY)
    assert [one.why for one in found] == [None, "crossed", None] and found[1].pair.hot == 3_500_000
    found = checking.check(form(at(), hot(), bath), {1: Typed("53"), 2: Typed("51,5"), 3: Typed("52")}, TODAY)
    assert [one.why for one in found] == [None, None, "crossed"]


def test_how_often_in_a_row_is_told():
    more = [(first, last, 4 * M3) for first, last, _ in PAST]
    (pair,) = both(at(), hot(past=more), "52", "54")[1]
    assert pair.times == 11 and pair.persistent
    (pair,) = both(at(past=more), hot(), "52", "54")[1]
    assert pair.times == 1


def test_the_form_of_these_tests_is_that_of_an_open_window():
    assert form(at()).entry.turn is MARCH and FIRST < MONTH
