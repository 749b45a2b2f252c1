"""What a change of meter, or its end, looks at before it is made, and what it puts down (rule 7)."""

from datetime import date

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.metering import changing
from resident.metering.changing import BadChange, Ends
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.submission import Typed
from resident.money.period import BillingPeriod
from tests.metering.counters import LONG_AGO, YEAR, meter, millionths, period, reading

DAY = date(YEAR, 2, 20)
LAST = date(YEAR, 1, 31)


def of(session, serial="21-1") -> Meter:
    return session.scalars(select(Meter).where(Meter.serial == serial)).one()


def ends(home, final, day=DAY) -> dict | None:
    """Why the meter of cold water cannot end so; None when it can."""
    with home.db.reading() as session:
        try:
            changing.check_end(session, of(session), day, {home.cold: millionths(final)}, home.organisation.today)
        except BadChange as refused:
            return refused.facts
    return None


def change(home, values: dict[int, Ends], serial="21-1", **given) -> dict[str, Register]:
    """The new meter's registers by name."""
    with home.db.writing() as session:
        new = changing.change_meter(
            session, of(session, serial), DAY, "24-7", values, home.organisation.today, by=home.office, **given
        )
        return {one.name: one for one in session.scalars(select(Register).where(Register.meter_id == new.id))}


def test_what_is_archived_does_not_end_again(home):
    with home.db.writing() as session:
        of(session).removed = date(YEAR, 2, 3)
    assert ends(home, "470") == {"why": "removed", "day": date(YEAR, 2, 3)}


def test_a_meter_ends_on_the_day_on_which_it_was_installed_and_not_before(home):
    with home.db.writing() as session:
        of(session, "21-2").installed = DAY
        (new,) = meter(session, home.cast, home.unit, "gas", "9-1", installed=DAY)
        gas = of(session, "9-1")
        changing.check_end(session, gas, DAY, {new: 0}, home.organisation.today)
        with pytest.raises(BadChange) as refused:
            changing.check_end(session, gas, date(YEAR, 2, 19), {new: 0}, home.organisation.today)
    assert refused.value.facts == {"why": "before_installed", "day": DAY}


def test_a_day_in_costs_that_are_shared_out_is_refused_from_the_first_to_the_last_and_in_its_own_building_only(home):
    with home.db.writing() as session:
        session.get_one(BillingPeriod, home.period).state = "allocated"
        period(session, home.cast.building, f"{YEAR}-04")
        period(session, home.cast.building_tamm, f"{YEAR}-03", "allocated")
    assert ends(home, "470", date(YEAR, 2, 1)) == {"why": "allocated", "period": f"{YEAR}-03"}
    assert ends(home, "470", LAST) == {"why": "allocated", "period": f"{YEAR}-02"}
    with home.db.writing() as session:
        session.get_one(BillingPeriod, home.period).state = "open"
    assert ends(home, "470", date(YEAR, 2, 1)) is None
    # Long before the first of them it is about the readings since.
    assert ends(home, "470", LONG_AGO) == {"why": "before_last", "register_id": home.cold, "day": LAST}


def test_nothing_that_counts_is_later_than_the_end(home):
    with home.db.writing() as session:
        reading(session, home.cold, date(YEAR, 2, 21), "469")
        reading(session, home.cold, date(YEAR, 2, 10), "468")
    assert ends(home, "470") == {"why": "before_last", "register_id": home.cold, "day": date(YEAR, 2, 21)}
    assert ends(home, "470", date(YEAR, 2, 21)) is None


def test_the_final_value_is_not_lower_than_what_somebody_saw_but_may_be_than_an_estimate(home):
    with home.db.writing() as session:
        reading(session, home.cold, date(YEAR, 2, 10), "480", source="estimate")
    assert ends(home, "466") is None
    assert ends(home, "465.999") == {"why": "lower", "register_id": home.cold, "last": millionths("466"), "day": LAST}


def test_a_meter_that_was_never_read_ends_no_lower_than_it_began(home):
    with home.db.writing() as session:
        (new,) = meter(session, home.cast, home.unit, "gas", "9-1", initial=millionths("7"))
        gas = of(session, "9-1")
        changing.check_end(session, gas, DAY, {new: millionths("7")}, home.organisation.today)
        with pytest.raises(BadChange) as refused:
            changing.check_end(session, gas, DAY, {new: millionths("6.999")}, home.organisation.today)
    assert refused.value.facts == {"why": "lower", "register_id": new, "last": millionths("7"), "day": None}


def test_each_register_goes_on_under_its_name_and_what_waits_on_each_is_settled(home):
    with home.db.writing() as session:
        day, night = meter(session, home.cast, home.unit, "electricity", "E-1", names=("day", "night"))
        for register in (day, night):
            reading(session, register, LAST, "100")
    home.submit({register: Typed("3", answer="meter_changed") for register in (day, night)})
    values = {day: Ends(millionths("101"), millionths("2"), 5, 3, millionths("2")), night: Ends(millionths("102"), 0, 6, 1)}
    new = change(home, values, "E-1", read=DAY)
    assert {name: (one.digits, one.decimals, one.initial) for name, one in new.items()} == {
        "day": (5, 3, millionths("2")), "night": (6, 1, 0),
    }  # fmt: skip
    # What the new one shows may be what it began with.
    assert (home.values(new["day"].id), home.values(new["night"].id)) == ([(2.0, "accepted", True)], [])
    with home.db.reading() as session:
        waited = select(Reading).where(Reading.register_id.in_((day, night)), ~Reading.counts).order_by(Reading.register_id)
        assert [one.state for one in session.scalars(waited)] == ["accepted", "rejected"]
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "meter_replaced"))
        assert event.facts["settled"] == list(session.scalars(waited.with_only_columns(Reading.id)))


def test_the_final_value_is_put_down_by_whoever_changed_the_meter(home):
    change(home, {home.cold: Ends(millionths("470"), 0, 5, 3)})
    with home.db.reading() as session:
        final = session.scalars(select(Reading).where(Reading.register_id == home.cold).order_by(Reading.id.desc())).first()
    assert (final.day, final.reason, final.source, final.person_id) == (DAY, "meter_changed", "office", home.cast.office)


def test_an_archived_meter_stays_behind_the_one_that_it_stood_behind(home):
    with home.db.writing() as session:
        (main,) = meter(session, home.cast, None, serial="M-1", building_id=home.cast.building)
        old = of(session, "M-1").id
        of(session, "21-1").main_id = of(session, "21-2").main_id = old
        of(session, "21-2").removed = LAST
    change(home, {main: Ends(millionths("5"), 0, 5, 3)}, "M-1")
    with home.db.reading() as session:
        assert (of(session, "21-1").main_id, of(session, "21-2").main_id) == (of(session, "24-7").id, old)


def test_what_is_known_of_a_meter_is_its_own_that_counts_or_waits_for_its_change(home):
    with home.db.writing() as session:
        reading(session, home.cold, date(YEAR - 1, 12, 15), "461")
        reading(session, home.cold, date(YEAR, 2, 26), "999", counts=False)
    home.submit({home.cold: Typed("3", answer="meter_changed"), home.hot: Typed("2", answer="meter_changed")})
    with home.db.reading() as session:
        cold = of(session).id
        assert {register: one.day for register, one in changing.lasts(session, cold).items()} == {home.cold: LAST}
        assert {register: one.value for register, one in changing.waiting(session, cold).items()} == {home.cold: millionths("3")}
