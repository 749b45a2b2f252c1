"""Slips of readings go a year after they were settled; those that wait for a decision stay (docs/privacy.md)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident import clock
from resident.audit import AuditEvent
from resident.metering.slip import STATES, Slip
from resident.privacy import retention

DAYS = retention.SLIPS.days


@pytest.fixture
def slips(db, cast):
    """Of each state: one that is a day older than is kept, and one that is a day younger; of before, decided a month ago."""
    now, made = clock.now(), {}
    with db.writing() as session:
        for state in STATES:
            for days, decided in ((DAYS + 1, DAYS + 1), (DAYS - 1, DAYS - 1), (DAYS + 1, 30)):
                key = f"{state} {days} {decided}"
                if state in ("booked", "held") and decided == 30:
                    continue
                slip = Slip(
                    key=key, organisation_id=cast.koivu, unit_id=cast.unit_a1, person_id=cast.tenant, via="offline", state=state,
                    why=None if state == "booked" else "questioned", day=(now - timedelta(days=days)).date(), typed={},
                    typed_at=now - timedelta(days=days), at=now - timedelta(days=days),
                )  # fmt: skip
                if state in ("settled", "dismissed"):
                    slip.decided_at = now - timedelta(days=decided)
                made[key] = slip
        session.add_all(made.values())
    return made


def left(db) -> set[str]:
    with db.reading() as session:
        return set(session.scalars(select(Slip.key)))


def test_settled_slips_go_after_a_year_and_what_is_held_stays(db, cast, slips, monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 2)
    gone = {f"{state} {DAYS + 1} {DAYS + 1}" for state in ("booked", "settled", "dismissed")}
    for count in (2, 1, 0):
        with db.writing() as session:
            assert retention.end_slips(session) == count
    assert left(db) == slips.keys() - gone and f"held {DAYS + 1} {DAYS + 1}" in left(db)
    with db.reading() as session:
        events = session.execute(
            select(AuditEvent.organisation_id, AuditEvent.facts).where(AuditEvent.act == "retention_ended")
        ).all()
    assert [(one, facts["slips"]) for one, facts in events] == [(cast.koivu, 2), (cast.koivu, 1)]
