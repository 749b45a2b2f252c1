"""What is asked about a value that can be read: nothing used, hot above cold, and for how long (rules 5, 13)."""

from datetime import date, timedelta

import pytest

from resident.metering.submission import Typed, Unanswered
from tests.metering.counters import YEAR, meter, typed, year_of

DAY = date(2027, 3, 31)
M3 = 1_000_000


def both(home, cold: str, hot: str):
    return {home.cold: Typed(cold), home.hot: Typed(hot)}


def spans(*uses: int, days: int = 30):
    return [(DAY - timedelta(days=days * (n + 1)), DAY - timedelta(days=days * n), use) for n, use in enumerate(uses)]


def test_nothing_used_is_asked_with_the_days_and_what_is_usual(home):
    cold, hot = home.check(both(home, "466", "248"))
    assert (cold.kind, cold.why, cold.far.days, cold.choices) == (
        "question",
        "none",
        27,
        ("away", "unused", "stopped", "meter_changed"),
    )
    assert cold.far.expected == pytest.approx(5_300_000, rel=0.05) and hot.kind == "good"


@pytest.mark.parametrize("answer", ["away", "unused", "stopped"])
def test_equal_is_valid_whatever_the_reason_and_the_reason_is_kept(home, answer):
    with pytest.raises(Unanswered):
        home.submit({home.cold: Typed("466")})
    sent = home.submit({home.cold: Typed("466", answer=answer)})
    assert home.values(home.cold)[-1] == (466.0, "accepted", True) and sent.stored[0].answer == answer


def test_staff_are_asked_too_but_record_a_change_of_meter_elsewhere(home):
    (said,) = home.check({home.cold: Typed("466")}, staff=True)
    assert said.choices == ("away", "unused", "stopped")


def test_hot_above_cold_is_a_question_at_the_hot_counter_with_both_figures(home):
    cold, hot = home.check(both(home, "472", "252"))
    assert (cold.kind, hot.kind, hot.why, hot.choices) == ("good", "question", "crossed", ("hot_more", "crossed"))
    assert (hot.pair.hot, hot.pair.cold, hot.pair.times) == (8 * M3, 6 * M3, 1)
    home.submit({home.cold: Typed("472"), home.hot: Typed("252", answer="crossed")})
    assert home.values(home.hot)[-1] == (252.0, "accepted", True)


@pytest.mark.parametrize(("cold", "hot"), [("472", "250"), ("472", "250.2"), ("472", ""), ("", "252"), ("what", "252")])
def test_no_more_hot_than_cold_or_not_both_is_not_asked_about(home, cold, hot):
    assert [said.why for said in home.check(both(home, cold, hot)) if said.kind == "question"] == []


def test_what_was_sent_before_for_the_period_stands_beside_it(home):
    home.submit({home.cold: Typed("472")})
    (hot,) = home.check({home.hot: Typed("252")})
    assert hot.why == "crossed"
    home.submit({home.hot: Typed("252", answer="hot_more")})
    (cold,) = home.check({home.cold: Typed("471")})
    # Only the cold value is at hand: it is asked there.
    assert cold.why == "crossed" and cold.pair.cold == 5 * M3


def test_another_question_goes_first_and_the_bath_counts_too(home, db):
    cold, hot = home.check(both(home, "469", "264"))
    assert hot.why == "high"
    with db.writing() as session:
        (bath,) = meter(session, home.cast, home.unit, "cold_water", "21-9", place="bath")
        year_of(session, bath, home.cast.building, use="3.000", start="30.000")
    assert [said.why for said in home.check(both(home, "472", "252"))] == [None, None]
    said = home.check({**both(home, "472", "254"), bath: Typed("64")})
    assert [one.why for one in said if one.kind == "question"] == ["crossed"]


def test_hot_above_cold_for_long_is_told_as_crossed_meters(home, db, cast):
    with db.writing() as session:
        (cold,) = meter(session, cast, cast.unit_b10, "cold_water", "10-1")
        (hot,) = meter(session, cast, cast.unit_b10, "hot_water", "10-2")
        year_of(session, cold, cast.building, use="3.000", start="100.000")
        year_of(session, hot, cast.building, use="5.000", start="100.000")
    home.unit = cast.unit_b10
    said = home.check({cold: Typed("136"), hot: Typed("160")})
    assert said[1].why == "crossed" and said[1].pair.persistent and said[1].pair.times == 12
    # A new holder's question rests on nothing of the former's.
    assert home.check({cold: Typed("136"), hot: Typed("160")}, since=date(YEAR, 2, 1))[1].pair.times == 1


def test_a_home_with_a_single_value_typed_is_asked_about_nothing_else(home):
    assert [said.why for said in home.check(typed(**{f"r{home.hot}": "248"}))] == [None]
