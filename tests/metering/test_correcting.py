"""What was sent may be corrected until the costs are shared out, after the window's end too; both values stay (rule 1)."""

from datetime import date

import pytest
from sqlalchemy import select, update

from resident.metering import submission, window
from resident.metering.reading import Reading, Receipt
from resident.metering.submission import Typed, Unanswered
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, period
from tests.metering.counters import move_to as go_to


def of(register: int, text: str, answer: str | None = None) -> dict[int, Typed]:
    return {register: Typed(text, answer=answer)}


def allocate(db, period_id: int) -> None:
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == period_id).values(state="allocated"))


def last(db, register: int) -> Reading:
    with db.reading() as session:
        return session.scalars(select(Reading).where(Reading.register_id == register).order_by(Reading.id.desc()).limit(1)).one()


@pytest.fixture
def sent(home):
    """The cold value is sent in the window, the hot one is not; the window is over."""
    home.submit(of(home.cold, "472"), date(YEAR, 2, 27))
    go_to(YEAR, 3, 9)
    return home


def test_after_the_window_only_what_was_sent_is_open(sent):
    form = sent.form()
    assert form.reason.why == "over" and [row.register_id for row in form.open] == [sent.cold]
    assert form.closed(form.counters[1]).why == "over" and form.corrected == form.open


def test_the_correction_counts_for_the_same_period_and_both_values_stay(sent, db):
    made = sent.submit(of(sent.cold, "471"), date(YEAR, 2, 27))
    assert sent.values(sent.cold)[-2:] == [(472.0, "accepted", False), (471.0, "accepted", True)]
    row = last(db, sent.cold)
    assert (row.period_id, row.supersedes_id is not None) == (sent.period, True)
    with db.reading() as session:
        assert session.get_one(Receipt, made.receipt.id).period_id == sent.period


def test_what_was_not_sent_is_still_refused(sent):
    with pytest.raises(Unanswered) as refusal:
        sent.submit(of(sent.cold, "471") | of(sent.hot, "248"))
    assert [(said.kind, said.reason and said.reason.why) for said in refusal.value.verdicts] == [
        ("good", None),
        ("refused", "over"),
    ]


def test_nothing_is_corrected_once_the_costs_are_shared_out(sent, db):
    allocate(db, sent.period)
    assert sent.form().open == [] and sent.form().reason.why == "allocated"
    with pytest.raises(Unanswered):
        sent.submit(of(sent.cold, "471"))


def test_costs_shared_out_after_the_form_was_read_close_it(sent, db):
    seen = sent.form()
    allocate(db, sent.period)
    with db.writing() as session:
        submission._hold_open(session, seen)
    assert seen.closed(seen.counters[0]).why == "allocated" and seen.open == []


def test_the_day_of_the_reading_is_proposed_and_may_be_kept(sent, home):
    form = sent.form()
    assert (form.day, form.earliest) == (date(YEAR, 2, 27), date(YEAR, 2, 25))
    said = sent.check(of(sent.cold, "471"), date(YEAR, 2, 24))
    assert said[0].why == "too_early"


def test_a_day_before_the_window_that_was_taken_once_may_be_kept(home, db, cast):
    with db.writing() as session:
        april = period(session, cast.building, f"{YEAR}-04", "open", (date(YEAR, 4, 1), date(YEAR, 4, 9)))
    go_to(YEAR, 4, 3)
    home.submit(of(home.cold, "475"), date(YEAR, 3, 31))
    for day in (8, 12):
        go_to(YEAR, 4, day)
        assert home.form().earliest == date(YEAR, 3, 31)
        home.submit(of(home.cold, f"475.{day}"), date(YEAR, 3, 31))
        assert last(db, home.cold).period_id == april


def test_before_the_next_window_opens_too_and_not_once_it_is_open(sent, db, cast):
    with db.writing() as session:
        april = period(session, cast.building, f"{YEAR}-04", "planned", (date(YEAR, 3, 25), date(YEAR, 4, 5)))
    form = sent.form()
    assert (form.reason.why, [row.register_id for row in form.open]) == ("not_open", [sent.cold])
    made = sent.submit(of(sent.cold, "471"), date(YEAR, 2, 27))
    with db.reading() as session:
        assert session.get_one(Receipt, made.receipt.id).period_id == sent.period
    go_to(YEAR, 3, 26)
    sent.submit(of(sent.cold, "478"))
    assert last(db, sent.cold).period_id == april and sent.values(sent.cold)[-2] == (471.0, "accepted", True)


def test_where_late_readings_are_kept_a_correction_stays_in_its_period(sent, db, cast, with_setting):
    with_setting(late_readings="kept")
    with db.writing() as session:
        april = period(session, cast.building, f"{YEAR}-04", "planned")
    sent.submit(of(sent.cold, "471") | of(sent.hot, "248"), date(YEAR, 3, 9))
    assert last(db, sent.cold).period_id == sent.period and last(db, sent.hot).period_id == april
    allocate(db, sent.period)
    form = sent.form()
    assert form.counters[0].period_id == april and not form.corrected


def test_what_waits_for_staff_may_be_corrected_and_is_withdrawn(home, db):
    home.submit(of(home.cold, "460", "shows"), date(YEAR, 2, 27))
    go_to(YEAR, 3, 9)
    home.submit(of(home.cold, "472"), date(YEAR, 2, 27))
    assert home.values(home.cold)[-2:] == [(460.0, "rejected", False), (472.0, "accepted", True)]


def test_what_staff_entered_is_not_the_residents_to_correct(home, cast):
    home.submit(of(home.cold, "472"), date(YEAR, 2, 27))
    home.submit(of(home.cold, "473"), date(YEAR, 2, 27), by=home.office)
    go_to(YEAR, 3, 9)
    assert home.form().open == []


def test_a_new_household_does_not_correct_the_former_ones(sent):
    assert sent.form(since=date(YEAR, 2, 28)).open == [] and sent.form(since=date(YEAR, 2, 27)).open


def test_staff_are_not_bound_by_it(sent):
    form = sent.form(staff=True)
    assert [row.corrects for row in form.counters] == [False, False] and len(form.open) == 2


def test_the_entry_says_which_period_may_be_corrected():
    march = window.Turn(1, "2027-03", date(2027, 2, 1), date(2027, 2, 28), "open", date(2027, 2, 25), date(2027, 3, 5))
    april = window.Turn(2, "2027-04", date(2027, 3, 1), date(2027, 3, 31), "planned", date(2027, 3, 25), date(2027, 4, 5))
    assert window.for_resident([march, april], date(2027, 3, 5), False).correct is None
    assert window.for_resident([march, april], date(2027, 3, 6), False).correct is march
    assert window.for_resident([march], date(2027, 3, 6), True).correct is march
    assert window.for_resident([march._replace(state="allocated")], date(2027, 3, 6), False).correct is None
