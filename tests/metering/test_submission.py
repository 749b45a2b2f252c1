"""Readings sent in by residents and staff: what is good, asked about, refused, stored, superseded (rules 1 to 10, 16)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from resident import access, audit, clock
from resident.metering import submission
from resident.metering.meter import Meter
from resident.metering.reading import Reading, Receipt
from resident.metering.submission import NothingToStore, Typed, Unanswered
from resident.money.period import BillingPeriod
from tests.metering.counters import YEAR, actor, meter, move_to, period, reading, typed, year_of


def answered(home, register, text, answer, note=None):
    return {register: Typed(black=text, answer=answer, note=note)}


def only(verdicts):
    assert len(verdicts) == 1
    return verdicts[0]


def test_the_form_knows_the_last_value_its_day_and_what_is_usual(home):
    cold, hot = home.form().counters
    assert (cold.last.value, cold.last.day) == (466_000_000, date(YEAR, 1, 31))
    assert (hot.medium, hot.last.value) == ("hot_water", 244_000_000)
    assert cold.rate * 30 == pytest.approx(6_000_000, rel=0.05)
    assert home.form().reason is None


def test_the_form_takes_four_selects_however_long_the_history(home, db):
    from sqlalchemy import event

    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    home.form()
    assert len([sql for sql in seen if sql.lstrip().upper().startswith("SELECT")]) == 4


def test_a_good_value_is_stored_with_a_receipt_and_one_event(home, db):
    sent = home.submit(typed(**{f"r{home.cold}": "472,1", f"r{home.hot}": "248"}))
    assert sent.receipt.number == f"N-{YEAR}-0001" and len(sent.stored) == 2
    assert home.values(home.cold)[-1] == (472.1, "accepted", True)
    with db.reading() as session:
        acts = session.scalars(select(audit.AuditEvent.act)).all()
        row = session.scalars(select(Reading).where(Reading.receipt_id == sent.receipt.id)).first()
    assert acts == ["readings_submitted"]
    assert (row.person_id, row.source, row.period_id) == (home.cast.tenant, "resident", home.period)


def test_it_says_how_it_came_in_and_when_it_was_typed_also_without_a_person(home, db):
    typed_at = clock.now() - timedelta(hours=7)
    nobody = access.Actor(None, None, home.cast.koivu, "resident", "")
    sent = home.submit(typed(**{f"r{home.cold}": "472"}), by=nobody, via="link", typed_at=typed_at)
    plain = home.submit(typed(**{f"r{home.hot}": "248"}))
    with db.reading() as session:
        first, second = session.scalars(select(Reading).where(Reading.receipt_id.is_not(None)).order_by(Reading.id)).all()
        event = session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.id)).first()
    assert (first.via, first.typed_at, first.person_id, first.source) == ("link", typed_at, None, "resident")
    assert (sent.receipt.person_id, event.facts["via"], event.login_id, event.person_id) == (None, "link", None, None)
    assert (second.via, second.typed_at, plain.receipt.person_id) == ("page", None, home.cast.tenant)


def test_checking_stores_nothing(home, db):
    home.check(typed(**{f"r{home.cold}": "472"}))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 0


def test_equal_is_always_valid(home):
    (verdict,) = home.check(typed(**{f"r{home.cold}": "466"}), date(YEAR, 2, 27))
    # Nothing used at all for longer than ever is a question, never a refusal.
    assert (verdict.kind, verdict.why, verdict.use, verdict.far.days) == ("question", "none", 0, 27)


def test_a_correction_supersedes_and_both_stay(home, db):
    home.submit(typed(**{f"r{home.cold}": "472"}), date(YEAR, 2, 26))
    home.submit(typed(**{f"r{home.cold}": "471"}), date(YEAR, 2, 27))
    assert home.values(home.cold)[-2:] == [(472.0, "accepted", False), (471.0, "accepted", True)]
    with db.reading() as session:
        first, second = session.scalars(select(Reading).where(Reading.register_id == home.cold).order_by(Reading.id)).all()[-2:]
    assert second.supersedes_id == first.id


def test_far_from_usual_is_a_question_with_both_figures(home):
    verdict = only(home.check(typed(**{f"r{home.cold}": "490"}), date(YEAR, 2, 27)))
    assert (verdict.kind, verdict.why, verdict.far.use, verdict.far.days) == ("question", "high", 24_000_000, 27)
    assert verdict.far.expected == pytest.approx(5_400_000, rel=0.05)
    assert "rollover" not in verdict.choices
    with pytest.raises(Unanswered):
        home.submit(typed(**{f"r{home.cold}": "490"}))


def test_an_answered_question_is_stored_with_its_answer_and_counts(home, db):
    home.submit(answered(home, home.cold, "490", "leak"))
    assert home.values(home.cold)[-1] == (490.0, "accepted", True)
    with db.reading() as session:
        assert session.scalar(select(Reading.reason).order_by(Reading.id.desc())) == "leak"


def test_an_answer_that_was_not_offered_is_no_answer(home):
    with pytest.raises(Unanswered):
        home.submit(answered(home, home.cold, "490", "rollover"))
    with pytest.raises(Unanswered):
        home.submit(answered(home, home.cold, "400", "rollover"))


def test_a_lower_value_waits_for_staff_and_does_not_count_until_accepted(home, db):
    home.submit(answered(home, home.cold, "460", "shows"))
    assert home.values(home.cold)[-1] == (460.0, "pending", False)
    assert home.form().counters[0].pending.value == 460_000_000
    with db.writing() as session:
        waiting = session.scalars(select(Reading).where(Reading.state == "pending")).one()
        submission.accept(session, waiting, by=home.office)
    assert home.values(home.cold)[-1] == (460.0, "accepted", True)


def test_accepting_takes_the_place_of_what_counted(home, db):
    home.submit(typed(**{f"r{home.cold}": "472"}))
    home.submit(answered(home, home.cold, "460", "shows"))
    assert home.values(home.cold)[-2:] == [(472.0, "accepted", True), (460.0, "pending", False)]
    with db.writing() as session:
        submission.accept(session, session.scalars(select(Reading).where(Reading.state == "pending")).one(), by=home.office)
    assert home.values(home.cold)[-2:] == [(472.0, "accepted", False), (460.0, "accepted", True)]


def test_a_rejected_reading_stays_with_the_note_and_is_decided_once(home, db):
    home.submit(answered(home, home.cold, "460", "meter_changed"))
    with db.writing() as session:
        waiting = session.scalars(select(Reading).where(Reading.state == "pending")).one()
        submission.reject(session, waiting, by=home.office, note="We came and looked.")
    assert home.values(home.cold)[-1] == (460.0, "rejected", False)
    with db.writing() as session:
        rejected = session.scalars(select(Reading).where(Reading.state == "rejected")).one()
        assert (rejected.decided_note, rejected.decided_by) == ("We came and looked.", home.cast.office)
        with pytest.raises(submission.Decided):
            submission.accept(session, rejected, by=home.office)


def test_a_waiting_reading_cannot_be_accepted_into_costs_that_are_shared_out(home, db):
    home.submit(answered(home, home.cold, "460", "shows"))
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    with db.writing() as session, pytest.raises(submission.Decided) as refusal:
        submission.accept(session, session.scalars(select(Reading).where(Reading.state == "pending")).one(), by=home.office)
    assert refusal.value.why == "allocated"


def test_sending_again_withdraws_what_waits(home):
    home.submit(answered(home, home.cold, "460", "shows"))
    home.submit(typed(**{f"r{home.cold}": "472"}))
    assert home.values(home.cold)[-2:] == [(460.0, "rejected", False), (472.0, "accepted", True)]


def test_a_counter_passes_zero_only_when_somebody_says_so(home, db, cast):
    with db.writing() as session:
        (gas,) = meter(session, cast, home.unit, "gas", "9-9", digits=4)
        reading(session, gas, date(YEAR, 1, 31), "9990", None)
    verdict = only(home.check(typed(**{f"r{gas}": "5"})))
    assert (verdict.kind, verdict.why, verdict.choices[0]) == ("question", "lower", "rollover")
    assert only(home.check(answered(home, gas, "5", "rollover"))).use == 15_000_000
    home.submit(answered(home, gas, "5", "rollover"))
    with db.reading() as session:
        assert session.scalars(select(Reading).where(Reading.register_id == gas, Reading.rolled_over)).one().counts


def test_save_these_and_correct_that(home):
    values = {home.cold: Typed(black="472"), home.hot: Typed(black="no idea")}
    with pytest.raises(Unanswered):
        home.submit(values)
    sent = home.submit(values, partial=True)
    assert [verdict.counter.register_id for verdict in sent.stored] == [home.cold]
    assert [(verdict.kind, verdict.why) for verdict in sent.left] == [("refused", "number")]
    assert home.values(home.hot)[-1] == (244.0, "accepted", True)


def test_nothing_good_stores_nothing(home):
    with pytest.raises(NothingToStore):
        home.submit({home.cold: Typed(black="x")}, partial=True)
    with pytest.raises(NothingToStore):
        home.submit({home.cold: Typed(black=" ")})


@pytest.mark.parametrize(
    ("day", "why"),
    [(date(YEAR, 2, 28), "future"), (date(YEAR, 2, 24), "too_early"), (date(YEAR, 2, 25), None), (date(YEAR, 2, 27), None)],
)
def test_the_day_is_neither_in_the_future_nor_before_the_window(home, day, why):
    assert only(home.check(typed(**{f"r{home.cold}": "472"}), day)).why == why


def test_in_the_first_days_of_the_month_the_day_before_it_is_proposed_and_kept(home):
    move_to(YEAR, 3, 2)
    assert home.form().day == (date(YEAR, 3, 1) - timedelta(days=1))
    move_to(YEAR, 2, 26)
    assert home.form().day == date(YEAR, 2, 26)


def test_staff_may_not_date_before_the_last_reading_nor_before_installation(home, db, cast):
    verdict = only(home.check(typed(**{f"r{home.cold}": "472"}), date(YEAR, 1, 31), staff=True))
    assert (verdict.kind, verdict.why) == ("refused", "before_last")
    with db.writing() as session:
        (new,) = meter(session, cast, home.unit, "gas", "1-1", installed=date(YEAR, 2, 20))
    assert only(home.check(typed(**{f"r{new}": "1"}), date(YEAR, 2, 19), staff=True)).why == "before_installed"


def test_a_true_reading_settles_an_estimate_that_was_too_high(home, db, cast):
    with db.writing() as session:
        reading(session, home.cold, date(YEAR, 2, 10), "480", None, source="estimate")
    assert only(home.check(typed(**{f"r{home.cold}": "471"}))).kind == "good"
    verdict = only(home.check(typed(**{f"r{home.cold}": "465"})))
    assert (verdict.kind, verdict.why) == ("question", "lower")


# Reasons why entry is not possible (rule 2) -------------------------------------------------------------------------


def why(form):
    return form.reason.why if form.reason else None


def test_no_meter_linked(home, db, cast):
    home.unit = cast.unit_a2
    assert why(home.form()) == "no_meter"


def test_meter_archived(home, db):
    with db.writing() as session:
        session.execute(update(Meter).where(Meter.unit_id == home.unit).values(removed=date(YEAR, 2, 1)))
    assert why(home.form()) == "archived"


def test_window_not_open_yet_over_and_costs_shared_out(home, db, with_setting):
    move_to(YEAR, 2, 24)
    form = home.form()
    assert (why(form), form.reason.first, form.reason.last) == ("not_open", date(YEAR, 2, 25), date(YEAR, 3, 5))
    move_to(YEAR, 3, 6)
    assert why(home.form()) == "over"
    with db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    assert why(home.form()) == "allocated"
    move_to(YEAR, 3, 1)
    assert why(home.form()) == "allocated"
    with pytest.raises(Unanswered) as refusal:
        home.submit(typed(**{f"r{home.cold}": "472"}), date(YEAR, 3, 1))
    assert refusal.value.verdicts[0].reason.period == f"{YEAR}-03"


def test_remote_and_expired_meters_are_view_only_for_residents_and_open_to_staff(home, db, with_setting):
    with db.writing() as session:
        session.execute(update(Meter).where(Meter.serial == "21-1").values(remote=True))
        session.execute(update(Meter).where(Meter.serial == "21-2").values(verified_until=date(YEAR, 2, 1)))
    assert [counter.reason and counter.reason.why for counter in home.form().counters] == ["remote", None]
    with_setting(expired_meter="refused")
    assert [counter.reason and counter.reason.why for counter in home.form().counters] == ["remote", "expired"]
    assert [counter.reason for counter in home.form(staff=True).counters] == [None, None]
    with pytest.raises(Unanswered):
        home.submit(typed(**{f"r{home.cold}": "472"}))
    assert home.submit(typed(**{f"r{home.cold}": "472"}), by=home.office).receipt


def test_staff_entry_closes_the_residents_by_setting_and_both_stay(home, with_setting):
    home.submit(typed(**{f"r{home.cold}": "472"}))
    home.submit(typed(**{f"r{home.cold}": "473"}), by=home.office)
    assert home.form().counters[0].reason is None
    with_setting(entry_that_counts="staff_closes")
    reason = home.form().counters[0].reason
    assert (reason.why, reason.source) == ("staff_entered", "office")
    with pytest.raises(Unanswered):
        home.submit(typed(**{f"r{home.cold}": "474"}))
    assert home.values(home.cold)[-2:] == [(472.0, "accepted", False), (473.0, "accepted", True)]
    assert home.form().counters[1].reason is None


def test_last_accepted_counts_lets_the_resident_enter_after_staff(home):
    home.submit(typed(**{f"r{home.cold}": "473"}), by=home.office)
    home.submit(typed(**{f"r{home.cold}": "474"}))
    assert home.values(home.cold)[-2:] == [(473.0, "accepted", False), (474.0, "accepted", True)]


# Staff --------------------------------------------------------------------------------------------------------------


def test_staff_enter_after_the_window_and_record_a_lower_value_with_a_reason_at_once(home):
    move_to(YEAR, 3, 9)
    with pytest.raises(Unanswered):
        home.submit(typed(**{f"r{home.cold}": "460"}), by=home.office)
    home.submit(answered(home, home.cold, "460", "shows", note="Read on the spot"), by=home.office)
    assert home.values(home.cold)[-1] == (460.0, "accepted", True)


def test_council_and_provider_are_named_as_the_source(home, db, cast):
    home.submit(typed(**{f"r{home.cold}": "472"}), by=actor(cast, "council", cast.council, cast.koivu, "council"))
    provider = actor(cast, "provider", cast.provider, cast.koivu, "provider")
    with pytest.raises(NothingToStore):
        home.submit(typed(**{f"r{home.hot}": "248"}), by=provider, medium="cold_water")
    home.submit(typed(**{f"r{home.cold}": "472"}), by=provider, medium="cold_water")
    with db.reading() as session:
        assert session.scalars(select(Reading.source).order_by(Reading.id)).all()[-2:] == ["council", "provider"]


# Late readings (rule 4) ---------------------------------------------------------------------------------------------


def test_a_late_reading_is_refused_or_kept_for_the_next_bill(home, db, cast, with_setting):
    with db.writing() as session:
        april = period(session, cast.building, f"{YEAR}-04", "planned")
    move_to(YEAR, 3, 9)
    assert why(home.form()) == "over"
    with_setting(late_readings="kept")
    assert home.form().entry.late
    sent = home.submit(typed(**{f"r{home.cold}": "473"}))
    with db.reading() as session:
        row = session.scalars(select(Reading).where(Reading.receipt_id == sent.receipt.id)).one()
    assert (row.period_id, row.counts) == (april, True)


def test_a_late_reading_without_a_next_period_counts_and_belongs_to_none_yet(home, db, with_setting):
    with_setting(late_readings="kept")
    move_to(YEAR, 3, 9)
    sent = home.submit(typed(**{f"r{home.cold}": "473"}))
    home.submit(typed(**{f"r{home.cold}": "473,5"}))
    with db.reading() as session:
        row = session.scalars(select(Reading).where(Reading.receipt_id == sent.receipt.id)).one()
    assert (row.period_id, row.state) == (None, "accepted")
    assert home.values(home.cold)[-2:] == [(473.0, "accepted", False), (473.5, "accepted", True)]


# Change of meter (rule 7), several registers (rule 10) --------------------------------------------------------------


def test_use_over_a_change_of_meter_is_final_minus_last_plus_now_minus_first(home, db, cast):
    day = date(YEAR, 2, 10)
    with db.writing() as session:
        old = session.scalars(select(Meter).where(Meter.serial == "21-1")).one()
        old.removed = day
        reading(session, home.cold, day, "468", None)
        (new,) = meter(session, cast, home.unit, "cold_water", "24-1", installed=day, initial=900_000_000, replaces_id=old.id)
    counter = home.form().counters[0]
    assert (counter.register_id, counter.last_value, counter.last_day) == (new, 900_000_000, day)
    verdict = only(home.check(typed(**{f"r{new}": "903,5"}), date(YEAR, 2, 27)))
    assert (verdict.kind, verdict.use, verdict.counter.days(date(YEAR, 2, 27))) == ("good", 5_500_000, 27)


def test_several_registers_are_entered_each_by_name(home, db, cast):
    with db.writing() as session:
        day, night = meter(session, cast, home.unit, "electricity", "E-1", names=("day", "night"), digits=6, decimals=0)
    assert [counter.name for counter in home.form().counters[-2:]] == ["day", "night"]
    home.submit(typed(**{f"r{day}": "8 214", f"r{night}": "4100"}))
    assert home.values(day) == [(8214.0, "accepted", True)] and home.values(night) == [(4100.0, "accepted", True)]


# Whose is whose -----------------------------------------------------------------------------------------------------


def test_a_new_holder_sees_no_name_and_no_usual_use_of_the_one_before(home, db, cast):
    with db.writing() as session:
        (gas,) = meter(session, cast, home.unit, "gas", "5-5")
        year_of(session, gas, cast.building, source="resident", person_id=cast.former)
    known, new = home.form().counters[-1], home.form(since=date(YEAR, 2, 1)).counters[-1]
    assert known.last.who == "Frans Entinen" and known.rate
    assert new.last.who is None and new.rate is None and new.last_value == known.last_value
