"""The building's own meters are read at the desk: both values of a correction are kept, nothing is stored until answered."""

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.metering.fitting import Shown
from resident.metering.reading import Reading
from resident.metering.submission import NothingToStore, Unanswered
from resident.money.period import BillingPeriod
from tests.metering.counters import millionths


def test_a_main_meter_is_read_for_the_period_and_a_correction_keeps_both_values(home, fitter):
    (register,) = fitter.registers(fitter.main(registers=(Shown(None, "", 6, 3, millionths("10")),)))
    (said,) = fitter.enter({register.id: "61,5"})
    assert said.use == millionths("51.5")
    fitter.enter({register.id: "62"})
    assert home.values(register.id) == [(61.5, "accepted", False), (62.0, "accepted", True)]
    with home.db.reading() as session:
        rows = session.scalars(select(Reading).where(Reading.register_id == register.id).order_by(Reading.id)).all()
        assert [row.period_id for row in rows] == [home.period] * 2 and rows[1].supersedes_id == rows[0].id
        assert {event.thing for event in session.scalars(select(AuditEvent).where(AuditEvent.act == "readings_entered"))} == {
            "building"
        }


def test_a_main_meters_value_is_asked_about_and_nothing_is_stored_until_answered(home, fitter):
    (register,) = fitter.registers(fitter.main(registers=(Shown(None, "", 6, 3, millionths("100")),)))
    (other,) = fitter.registers(fitter.main("M-2"))
    with pytest.raises(Unanswered) as refused:
        fitter.enter({register.id: "99", other.id: "5"})
    assert [said.why for said in refused.value.facts["verdicts"]] == ["lower", None]
    assert home.values(other.id) == []
    with pytest.raises(NothingToStore):
        # A home's meter is not entered here, nor one read remotely.
        fitter.enter({home.cold: "470"})


def test_no_value_joins_a_period_whose_costs_are_shared_out(home, fitter):
    (register,) = fitter.registers(fitter.main())
    with home.db.writing() as session:
        session.get_one(BillingPeriod, home.period).state = "allocated"
    with pytest.raises(Unanswered) as refused:
        fitter.enter({register.id: "5"})
    assert refused.value.facts["verdicts"][0].reason.why == "allocated"
