"""A register before a new value is typed: last value, use, what is usual, what a change of meter carries over (rules 6, 7, 11).

Rules on rows alone; how the rows come from the database is tried by test_submission and test_remote_readings.
"""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resident.metering import counter, window
from resident.metering.counter import Counter, Entered, Form
from resident.metering.window import Entry, Turn

M3 = 1_000_000
FIRST = date(2026, 1, 1)
TODAY = date(2027, 2, 27)
MARCH = Turn(3, "2027-03", date(2027, 2, 1), date(2027, 2, 28), "open", date(2027, 2, 25), date(2027, 3, 5))
OPEN = Entry(MARCH, 3, False, None)
SETTINGS = {
    "unusual_factor": 3,
    "unusual_gap": {"cold_water": M3},
    "expired_meter": "refused",
    "entry_that_counts": "staff_closes",
    "back_date_days": 5,
}


def register(*rows: Entered, **given) -> Counter:
    facts = {
        "meter_id": 1, "medium": "cold_water", "serial": "1", "place": None, "measure": "m³", "installed": FIRST, "removed": None,
        "replaces_id": None, "verified_until": None, "remote": False, "coefficient": M3, "register_id": 1, "name": "", "digits": 5,
        "decimals": 3, "initial": 0, "slips": False, "rows": list(rows),
    }  # fmt: skip
    return Counter(**(facts | given))


def row(day: date, value: int, number: int = 1, **given) -> Entered:
    facts = {"rolled_over": False, "period_id": None, "source": "resident", "state": "accepted", "counts": True, "who": "Aino"}
    return Entered(number, day, value, **(facts | given))


def form(*counters: Counter, **given) -> Form:
    facts = {
        "unit_id": 1, "organisation": SimpleNamespace(today=TODAY), "today": TODAY, "staff": False, "entry": OPEN, "reason": None,
        "counters": list(counters), "settings": SETTINGS, "earliest": date.min, "day": TODAY,
    }  # fmt: skip
    return Form(**(facts | given))


def days(*numbers: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in numbers]


# ---- One register --------------------------------------------------------------------------------------------------


def test_without_a_reading_it_stands_where_it_was_installed():
    new = register(initial=7 * M3)
    assert (new.last, new.last_value, new.last_day, new.floor, new.since) == (None, 7 * M3, FIRST, 7 * M3, FIRST)
    assert new.use(9 * M3) == 2 * M3 and new.days(FIRST + timedelta(days=3)) == 3 and new.spans() == []


def test_the_newest_reading_is_the_last_and_use_is_counted_from_it():
    one, two = days(10, 40)
    old = register(row(two, 50 * M3, 2), row(one, 20 * M3))
    assert (old.last.id, old.last_value, old.last_day, old.since) == (2, 50 * M3, two, two)
    assert old.use(53 * M3) == 3 * M3 and old.days(two + timedelta(days=5)) == 5
    assert old.spans() == [(one, two, 30 * M3), (FIRST, one, 20 * M3)]


def test_the_floor_is_the_last_value_that_somebody_saw():
    one, two, three = days(10, 40, 70)
    rows = row(three, 90 * M3, 3, source="estimate"), row(two, 60 * M3, 2, source="estimate"), row(one, 20 * M3)
    assert register(*rows).floor == 20 * M3 and register(*rows[:2], initial=5 * M3).floor == 5 * M3


def test_passing_zero_counts_where_it_was_said():
    one, two = days(10, 40)
    rows = row(two, 5 * M3, 2, rolled_over=True), row(one, 99_990 * M3)
    assert register(*rows).spans()[0] == (one, two, 15 * M3)
    assert register(row(one, 5 * M3, rolled_over=True), initial=99_990 * M3).spans() == [(FIRST, one, 15 * M3)]
    assert register(row(one, 99_990 * M3)).use(5 * M3, True) == 15 * M3
    assert register(row(one, 99_990 * M3)).use(99_995 * M3) == 5 * M3


def test_use_is_the_homes_part_of_a_shared_meter():
    (one,) = days(10)
    assert register(row(one, 20 * M3), coefficient=250_000).use(28 * M3) == 2 * M3
    assert register(row(one, 20 * M3), coefficient=250_000).spans() == [(FIRST, one, 5 * M3)]


@pytest.mark.parametrize(("rows", "spans"), [(12, 12), (13, 12), (14, 13)])
def test_the_span_from_its_installation_is_told_only_where_the_first_reading_is_at_hand(rows, spans):
    made = [row(day, day.toordinal(), day.toordinal()) for day in days(*range(rows, 0, -1))]
    assert len(register(*made).spans()) == spans


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 500 * M3)), min_size=1, max_size=12), st.integers(0, 900 * M3))
def test_spans_follow_one_another_and_their_use_adds_up(steps, initial):
    rows, day, value = [], FIRST, initial
    for number, (later, used) in enumerate(steps):
        day, value = day + timedelta(days=later), value + used
        rows.insert(0, row(day, value, number))
    spans = register(*rows, initial=initial).spans()
    assert sum(used for _, _, used in spans) == value - initial
    assert [first for first, _, _ in spans][:-1] == [last for _, last, _ in spans][1:]
    assert (spans[0][1], spans[-1][0]) == (day, FIRST)


# ---- A change of meter ---------------------------------------------------------------------------------------------


def chain(old_rows, new_rows, period_id=3, **given):
    """(the new register, the old one) with what the change carries over; the new one begins at 7 m³."""
    old = register(*old_rows, removed=days(50)[0], **given)
    new = register(*new_rows, meter_id=2, register_id=2, replaces_id=1, initial=7 * M3, installed=days(50)[0])
    for one in (new, old):
        counter._sort_out(one, Entry(MARCH, period_id, False, None), None)
    counter._follow(new, [new, old], None, TODAY)
    return new, old


def test_use_over_a_change_is_final_less_last_and_now_less_first():
    final, last = row(days(50)[0], 48 * M3, 2), row(days(40)[0], 40 * M3, period_id=2)
    new, _ = chain([final, last], [])
    assert (new.carried, new.carried_from, new.since) == (8 * M3, days(40)[0], days(40)[0])
    assert new.use(9 * M3) == 10 * M3 and new.days(days(60)[0]) == 20


def test_what_another_period_has_used_is_not_carried_and_what_this_one_has_is():
    last = row(days(40)[0], 40 * M3)
    assert chain([row(days(50)[0], 48 * M3, 2, period_id=2), last], [])[0].use(9 * M3) == 2 * M3
    new, old = chain([row(days(50)[0], 48 * M3, 2, period_id=3), last], [])
    assert old.current.id == 2 and new.use(9 * M3) == 10 * M3


def test_once_the_new_meter_was_read_nothing_is_carried():
    final, last = row(days(50)[0], 48 * M3, 2), row(days(40)[0], 40 * M3)
    new, _ = chain([final, last], [row(days(60)[0], 9 * M3, 3)])
    assert (new.carried, new.since) == (0, days(60)[0])
    assert new.past == [(days(50)[0], days(60)[0], 2 * M3), (days(40)[0], days(50)[0], 8 * M3), (FIRST, days(40)[0], 40 * M3)]


def test_an_old_meter_that_was_never_read_carries_all_since_it_was_installed():
    new, _ = chain([row(days(50)[0], 48 * M3)], [], initial=3 * M3)
    assert (new.carried, new.carried_from) == (45 * M3, FIRST)
    assert chain([], [])[0].carried == 0 and chain([], [])[0].since == days(50)[0]


def test_two_changes_in_one_period_are_both_carried():
    first = register(row(days(20)[0], 30 * M3, 2), row(days(10)[0], 25 * M3, period_id=2), removed=days(20)[0])
    second = register(row(days(50)[0], 12 * M3, 3), meter_id=2, register_id=2, replaces_id=1, initial=2 * M3, installed=days(20)[0])
    third = register(meter_id=3, register_id=3, replaces_id=2, initial=M3, installed=days(50)[0])
    counter._follow(third, [first, second, third], None, TODAY)
    assert (third.carried, third.carried_from) == (5 * M3 + 10 * M3, days(10)[0])
    second.rows[0].rolled_over, second.coefficient = True, 500_000
    counter._follow(third, [first, second, third], None, TODAY)
    assert third.carried == 5 * M3 + (100_000 * M3 + 10 * M3) // 2


def test_three_changes_in_one_period_are_carried_as_far_as_another_period_has_used():
    def replaced(number, *rows, **given):
        last = max((each.day for each in rows), default=None)
        facts = {"meter_id": number, "register_id": number, "replaces_id": number - 1, "initial": 0, "removed": last}
        return register(*rows, **(facts | given))

    first = replaced(1, row(days(10)[0], 30 * M3, 1, period_id=2), replaces_id=None)
    second = replaced(2, row(days(20)[0], 4 * M3, 2, period_id=3), installed=days(10)[0])
    third = replaced(3, row(days(30)[0], 5 * M3, 3), installed=days(20)[0])
    fourth = replaced(4, installed=days(30)[0])
    everything = [first, second, third, fourth]
    for one in everything:
        counter._sort_out(one, OPEN, None)
    counter._follow(fourth, everything, None, TODAY)
    assert (fourth.carried, fourth.carried_from) == (9 * M3, days(10)[0])


def test_a_final_value_past_zero_is_carried():
    final, last = row(days(50)[0], 5 * M3, 2, rolled_over=True), row(days(40)[0], 99_990 * M3, period_id=2)
    assert chain([final, last], [])[0].carried == 15 * M3


def test_the_register_of_the_same_name_is_followed_and_no_other():
    night = register(row(days(50)[0], 48 * M3), name="night", register_id=5)
    day = register(row(days(50)[0], 20 * M3), name="day", register_id=6)
    new = register(meter_id=2, register_id=7, replaces_id=1, name="day", installed=days(50)[0])
    counter._follow(new, [night, day, new], None, TODAY)
    assert new.carried == 20 * M3
    lonely = register(meter_id=2, register_id=8, replaces_id=1, name="other")
    counter._follow(lonely, [night, day, lonely], None, TODAY)
    assert (lonely.carried, lonely.carried_from, lonely.past) == (0, None, [])


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_change_of_meter_neither_makes_nor_loses_use(last, before, first, after):
    """Whatever the two counters show, use is what went through the one and then through the other."""
    old = register(row(days(50)[0], last + before, 2), row(days(40)[0], last, period_id=2), digits=9)
    new = register(meter_id=2, register_id=2, replaces_id=1, initial=first, installed=days(50)[0], digits=9)
    counter._follow(new, [new, old], None, TODAY)
    assert new.use(first + after) == before + after


def test_a_resident_is_told_nothing_usual_from_before_their_first_day():
    one, two, three = days(10, 40, 70)
    counted = register(row(three, 60 * M3, 3), row(two, 50 * M3, 2), row(one, 20 * M3))
    counter._follow(counted, [counted], two, three)
    assert counted.past == [(two, three, 10 * M3)] and counted.rate == 10 * M3 // 30
    counter._follow(counted, [counted], None, three)
    assert len(counted.past) == 3 and counted.rate == 30 * M3 // 30


# ---- What belongs to the period at hand ----------------------------------------------------------------------------


def test_what_was_entered_for_the_period_stands_apart_and_what_waits_too():
    one, two, three = days(10, 40, 70)
    rows = [row(three, 70 * M3, 4, period_id=3), row(three, 60 * M3, 3, period_id=3, state="pending", counts=False)]
    rows += [row(two, 50 * M3, 2, state="pending", counts=False, period_id=2), row(one, 20 * M3, 1, period_id=2)]
    found = register(*rows)
    counter._sort_out(found, OPEN, None)
    assert (found.current.id, found.pending.id, [each.id for each in found.rows]) == (4, 3, [1])
    assert (found.period_id, found.corrects) == (3, False)
    late = register(*rows)
    counter._sort_out(late, Entry(MARCH, None, True, None), None)
    assert (late.current, [each.id for each in late.rows], late.period_id) == (None, [4, 1], None)


@pytest.mark.parametrize(
    ("rows", "since", "corrects"),
    [
        ([row(TODAY, M3, period_id=3)], None, True),
        ([row(TODAY, M3, period_id=3)], TODAY, True),
        ([row(TODAY, M3, period_id=3)], TODAY + timedelta(days=1), False),
        ([row(TODAY, M3, period_id=2)], None, False),
        ([row(TODAY, M3, period_id=3, source="office")], None, False),
        ([row(TODAY, M3, period_id=3, state="pending", counts=False)], None, True),
        (
            [row(TODAY, M3, 2, period_id=3, state="pending", counts=False), row(TODAY, M3, period_id=3, source="office")],
            None,
            False,
        ),
        ([row(TODAY, M3, 2, period_id=3, source="office", counts=False), row(TODAY, M3, period_id=3)], None, True),
        ([], None, False),
    ],
)
def test_only_what_the_household_sent_itself_is_corrected(rows, since, corrects):
    over = Entry(MARCH, None, False, window.Reason("over"), MARCH)
    found = register(*rows)
    counter._sort_out(found, over, since)
    assert (found.corrects, found.period_id) == (corrects, 3 if corrects else None)


def test_names_of_others_are_hidden_from_a_resident():
    one, two = days(10, 40)
    found = register(row(two, M3, 2), row(two, M3, 3, source="office"), row(one, M3))
    counter._hide(found, None)
    assert [each.who for each in found.rows] == ["Aino"] * 3
    counter._hide(found, two)
    assert [each.who for each in found.rows] == ["Aino", None, None]


def test_of_daily_readings_the_last_of_each_month_is_kept_and_what_a_period_uses_and_what_waits():
    moments = [date(2027, 2, 3), date(2027, 2, 2), date(2027, 1, 31), date(2027, 1, 30), date(2026, 12, 31), date(2026, 1, 31)]
    rows = [row(day, M3, number) for number, day in enumerate(moments)]
    assert [each.id for each in counter._monthly(rows)] == [0, 2, 4, 5]
    rows[1].period_id, rows[3].counts = 3, False
    assert [each.id for each in counter._monthly(rows)] == [0, 1, 2, 3, 4, 5] and counter._monthly([]) == []
    same_month_of_two_years = [row(date(2027, 1, 31), M3, 1), row(date(2026, 1, 31), M3, 2)]
    assert len(counter._monthly(same_month_of_two_years)) == 2


def test_counters_stand_by_medium_place_and_meter():
    own, hot, bath, cold = (register(medium="oil"), register(medium="hot_water"), register(place="bath"), register())
    assert sorted((own, hot, bath, cold), key=counter._place) == [cold, bath, hot, own]
    several = [
        register(meter_id=2),
        register(register_id=2),
        register(register_id=1),
        register(medium="aaa"),
        register(medium="zzz"),
    ]
    order = sorted(several, key=counter._place)
    assert [(each.medium, each.meter_id, each.register_id) for each in order] == [
        ("cold_water", 1, 1), ("cold_water", 1, 2), ("cold_water", 2, 1), ("aaa", 1, 1), ("zzz", 1, 1),
    ]  # fmt: skip


# ---- Why it cannot be entered --------------------------------------------------------------------------------------


def why(found: Counter, staff: bool = False, **settings):
    reason = counter._reason(found, SETTINGS | settings, staff, TODAY)
    return reason and (reason.why, reason.last, reason.first, reason.source)


def test_remote_expired_and_entered_by_staff_are_closed_to_residents_by_setting():
    expired, entered = register(verified_until=TODAY - timedelta(days=1)), register()
    entered.current = row(TODAY, M3, source="council")
    assert why(register(remote=True)) == ("remote", None, None, None) and why(register(remote=True), staff=True) is None
    assert why(expired) == ("expired", expired.verified_until, None, None) and why(expired, expired_meter="kept") is None
    assert why(register(verified_until=TODAY)) is None and why(register()) is None
    assert why(entered) == ("staff_entered", None, TODAY, "council") and why(entered, entry_that_counts="last_accepted") is None
    entered.current.source = "resident"
    assert why(entered) is None


def test_what_is_open_and_why_the_rest_is_not():
    over = window.Reason("over")
    plain, corrected, remote = register(), register(corrects=True), register(reason=window.Reason("remote"), corrects=True)
    shut = form(plain, corrected, remote, reason=over)
    assert shut.open == [corrected] == shut.corrected and shut.closed(plain) is over and shut.closed(remote).why == "remote"
    opened = form(plain, corrected, remote)
    assert opened.open == [plain, corrected] and opened.corrected == [corrected]


def test_held_slips_are_looked_for_where_there_are_any_or_nobody_knows():
    assert form().slips and form(register(), register(slips=True)).slips and not form(register()).slips


def test_far_from_usual_by_the_settings_of_the_organisation():
    found = register(row(TODAY - timedelta(days=30), 50 * M3), rate=100_000)
    assert form(found).far(found, 12 * M3, TODAY).expected == 3 * M3 and form(found).far(found, 4 * M3, TODAY) is None
    small = register(row(TODAY - timedelta(days=30), 50 * M3), rate=10_000)
    assert form(small).far(small, 1_300_000, TODAY) is None and form(small).far(small, 1_300_001, TODAY).high
    found.medium = "gas"
    assert form(found).far(found, 9 * M3 + 1, TODAY).high and form(found).far(found, 9 * M3, TODAY) is None
    # Of a medium without a least difference, every one is told.
    never = register(row(TODAY - timedelta(days=30), 50 * M3), rate=0, medium="gas")
    assert form(never).far(never, 1, TODAY).high


# ---- The days offered ----------------------------------------------------------------------------------------------


def put(given: Form) -> tuple[date, date]:
    counter._put_days(given)
    return given.earliest, given.day


def test_a_resident_may_go_back_to_the_windows_first_day_and_to_the_day_of_what_was_sent():
    assert put(form(register())) == (date(2027, 2, 25), TODAY)
    sent = register(current=row(date(2027, 2, 20), M3))
    assert put(form(register(), sent)) == (date(2027, 2, 20), TODAY)
    waits = register(pending=row(date(2027, 2, 21), M3))
    assert put(form(waits, register(reason=window.Reason("remote"), current=row(FIRST, M3)))) == (date(2027, 2, 21), TODAY)


def test_in_a_months_first_days_the_month_before_is_proposed_unless_it_was_read():
    first_days = date(2027, 3, 2)
    assert put(form(register(), today=first_days)) == (date(2027, 2, 25), date(2027, 2, 28))
    assert put(form(register(row(date(2027, 2, 28), M3)), today=first_days))[1] == first_days
    assert put(form(register(row(date(2027, 2, 27), M3)), today=first_days))[1] == date(2027, 2, 28)


def test_a_correction_after_the_window_keeps_the_day_of_the_reading():
    over, later = Entry(None, None, False, window.Reason("over"), MARCH), date(2027, 3, 9)
    sent = register(corrects=True, current=row(date(2027, 2, 26), M3))
    other = register(corrects=True, pending=row(date(2027, 2, 27), M3))
    given = {"entry": over, "reason": over.reason, "today": later}
    assert put(form(register(), sent, other, **given)) == (date(2027, 2, 25), date(2027, 2, 27))
    late = Entry(MARCH, None, True, None, MARCH)
    assert put(form(register(), sent, entry=late, today=later)) == (date(2027, 2, 25), later)


def test_where_nothing_can_be_entered_today_is_proposed():
    assert put(form(register(reason=window.Reason("remote")), today=date(2027, 3, 2))) == (date(2027, 2, 25), date(2027, 2, 28))


def test_staff_may_write_any_day():
    assert put(form(register(), staff=True)) == (date.min, TODAY)
