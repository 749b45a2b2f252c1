"""An archived meter taken back: everything as it was, or a reason why not (rules 1, 7, 8)."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from resident.audit import AuditEvent
from resident.errors import Stale
from resident.metering import changing, fitting, restoring
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.restoring import NotRestored
from resident.metering.submission import Typed
from resident.money.period import BillingPeriod
from tests.metering.counters import LONG_AGO, YEAR, meter

DAY = date(YEAR, 2, 20)
M3 = 1_000_000


def of(session, serial: str) -> Meter:
    return session.scalars(select(Meter).where(Meter.serial == serial)).one()


def take_out(home, serial="21-1", final=474 * M3, day=DAY) -> None:
    with home.db.writing() as session:
        one = of(session, serial)
        registers = [row.id for row in fitting.registers_of(session, one.id)]
        changing.take_out(session, one, day, dict.fromkeys(registers, final), home.organisation.today, by=home.office)


def take_back(home, serial="21-1", seen=DAY) -> None:
    with home.db.writing() as session:
        restoring.take_back(session, of(session, serial), seen, by=home.office)


def refusal(home, serial="21-1", seen=DAY) -> str:
    with pytest.raises(NotRestored) as told:
        take_back(home, serial, seen)
    with home.db.reading() as session, pytest.raises(NotRestored) as looked:
        restoring.check(session, of(session, serial))
    assert told.value.why == looked.value.why
    return told.value.why


def state(home) -> tuple:
    """Everything about the meter that counts: days, what is behind it, readings that count or wait."""
    with home.db.reading() as session:
        one = of(session, "21-1")
        readings = select(Reading.day, Reading.value, Reading.counts, Reading.state, Reading.decided_by).where(
            Reading.register_id == home.cold, Reading.counts | (Reading.state == "pending")
        )
        mains = session.execute(select(Meter.serial, Meter.main_id).order_by(Meter.id)).all()
        return one.removed, mains, session.execute(readings.order_by(Reading.day, Reading.id)).all()


def test_taking_out_and_back_changes_nothing_that_counts_and_both_stay_in_the_record(home):
    home.submit({home.cold: Typed("400.000", "", "shows")})
    with home.db.writing() as session:
        behind = Meter(
            organisation_id=home.cast.koivu, unit_id=home.cast.unit_a2, medium="cold_water", serial="S-1", measure="m³",
            installed=LONG_AGO, main_id=of(session, "21-1").id,
        )  # fmt: skip
        session.add(behind)
    before = state(home)
    assert [row.state for row in before[2]].count("pending") == 1
    take_out(home)
    assert state(home) != before and refusal_free(home)
    take_back(home)
    assert state(home) == before
    with home.db.reading() as session:
        final = select(func.count()).where(
            Reading.register_id == home.cold, Reading.value == 474 * M3, Reading.reason == "taken_out"
        )
        assert session.scalar(final) == 1
        facts = session.scalars(select(AuditEvent.facts).where(AuditEvent.act == "meter_restored")).one()
        assert facts["day"] == DAY.isoformat() and len(facts["behind"]) == len(facts["pending"]) == len(facts["finals"]) == 1
    # And out again, on another day: the old final value is in nobody's way.
    take_out(home, day=date(YEAR, 2, 21), final=475 * M3)
    with pytest.raises(Stale):
        take_back(home)
    take_back(home, seen=date(YEAR, 2, 21))
    assert state(home) == before


def refusal_free(home) -> bool:
    with home.db.reading() as session:
        return restoring.check(session, of(session, "21-1")) is None


def test_a_final_value_that_took_anothers_place_gives_it_back(home):
    home.submit({home.cold: Typed("471")})
    with home.db.reading() as session:
        last = changing.lasts(session, of(session, "21-1").id)[home.cold]
    before = state(home)
    take_out(home, day=last.day)
    assert state(home)[2][-1].value == 474 * M3
    take_back(home, seen=last.day)
    assert state(home) == before


def test_what_is_in_use_is_not_taken_back(home):
    assert refusal(home) == "in_use"


def test_a_meter_in_whose_place_another_came_stays_archived(home):
    with home.db.writing() as session:
        ends = {home.cold: changing.Ends(474 * M3, 0, 5, 3)}
        changing.change_meter(session, of(session, "21-1"), DAY, "24-7", ends, home.organisation.today, by=home.office)
    assert refusal(home) == "replaced"


def test_costs_that_were_shared_out_without_it_keep_it_archived(home):
    take_out(home)
    with home.db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"))
    assert refusal(home) == "allocated"
    with home.db.writing() as session:
        session.execute(update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="open"))
    take_back(home)


def test_a_value_that_was_entered_after_the_final_one_keeps_it_archived(home):
    take_out(home)
    with home.db.writing() as session:
        final = session.scalars(select(Reading).where(Reading.register_id == home.cold, Reading.reason == "taken_out")).one()
        final.counts = False
        session.flush()
        for day, counts in ((DAY, True), (date(YEAR, 2, 19), True)):
            made = Reading(register_id=home.cold, day=day, value=473 * M3, source="office", at=final.at, counts=counts)
            made.reason = "taken_out" if day == DAY else None
            session.add(made)
            session.flush()
    assert refusal(home) == "read"


def test_its_number_and_its_place_must_still_be_free(home):
    take_out(home)
    with home.db.writing() as session:
        meter(session, home.cast, home.cast.unit_a2, "cold_water", "21-1")
    with home.db.reading() as session:
        old = session.scalars(select(Meter).where(Meter.serial == "21-1", Meter.removed.is_not(None))).one().id
    with home.db.writing() as session, pytest.raises(NotRestored) as told:
        restoring.take_back(session, session.get_one(Meter, old), DAY, by=home.office)
    assert told.value.why == "taken"
    with home.db.writing() as session:
        session.execute(update(Meter).where(Meter.serial == "21-1", Meter.removed.is_(None)).values(serial="22-2"))
        meter(session, home.cast, home.unit, "cold_water", "23-3")
    assert refusal(home) == "place"
    with home.db.writing() as session:
        session.execute(update(Meter).where(Meter.serial == "23-3").values(place="bath"))
        session.execute(update(Meter).where(Meter.serial == "21-1").values(place="kitchen"))
    take_back(home)


def test_what_an_import_has_archived_can_be_taken_back_with_its_readings(home):
    with home.db.writing() as session:
        session.execute(update(Meter).where(Meter.serial == "21-1").values(removed=DAY))
        count = session.scalar(select(func.count()).select_from(Reading).where(Reading.counts))
    take_back(home)
    with home.db.reading() as session:
        assert of(session, "21-1").removed is None
        assert session.scalar(select(func.count()).select_from(Reading).join(Register).where(Reading.counts)) == count
