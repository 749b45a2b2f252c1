"""Days that are typed: what is taken, and what is said of what is not."""

from datetime import date

import pytest

from blueprints._days import Days, day, span

# No database is asked: one is enough.
ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def typed(app):
    """typed(day="…") is the form of a request; the sentences are English."""
    return lambda **form: app.test_request_context("/", method="POST", data=form, headers={"Cookie": "lang=en"})


@ONE
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-25", date(2026, 11, 25)),
        (" 2026-1-5 ", date(2026, 1, 5)),
        ("25.11.2026", date(2026, 11, 25)),
        ("5. 1. 2026", date(2026, 1, 5)),
        ("2028-02-29", date(2028, 2, 29)),
        ("", None),
    ],
)
def test_a_day_is_taken_as_a_field_sends_it_and_as_it_is_written_by_hand(typed, text, found):
    with typed(day=text):
        days = Days()
        assert days.optional("day") == found and days.errors == {}
    assert day({"day": text}, "day") == found


@ONE
@pytest.mark.parametrize("text", ["2026-02-29", "20261125", "2026-W48-3", "11/25/2026", "0026-11-25", "tomorrow", "٢٠٢٦-١١-٢٥"])
def test_what_is_no_day_gets_a_sentence_at_its_field(typed, text):
    with typed(day=text):
        days = Days()
        assert days.wanted("day") is None
        assert days.errors == {"day": "Write the day as year, month and day, for example 2026-11-25."}
    with pytest.raises(ValueError):
        day({"day": text}, "day")


@ONE
def test_a_day_that_is_missing_and_one_past_the_end_of_its_month(typed):
    with typed(last="2026-02-31"):
        days = Days()
        assert days.wanted("first", "Choose the first day.") is None and days.errors == {"first": "Choose the first day."}
        assert days.within_month("last") == date(2026, 2, 28)
        assert days.within_month("first") is None and "first" in days.errors


def test_a_span_is_two_days():
    assert span("2026-11-25/2026-11-30") == (date(2026, 11, 25), date(2026, 11, 30))
    for text in ("2026-11-25", "2026-11-25/", "a/b", "1/2/3"):
        with pytest.raises(ValueError):
            span(text)
