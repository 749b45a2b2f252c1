"""Readings that wait for a decision, as the desk shows them: one, and the queue."""

from datetime import timedelta

from flask import abort, g, request
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import aliased

from resident import access
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.metering.checking import CROSSED, NOTED
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.metering.usual import YEAR
from resident.metering.window import TAKES_READINGS
from resident.money.period import BillingPeriod
from resident.people.person import Person

from .._locale import _, fmt
from .._typed import whole
from .._web import session

ROWS = 50
_before, _decider, _was = aliased(Reading), aliased(Person), aliased(Reading)
_LAST = (
    select(_before.id)
    .where(_before.register_id == Reading.register_id, _before.counts, _before.day <= Reading.day, _before.id != Reading.id)
    .order_by(_before.day.desc(), _before.id.desc())
    .limit(1)
    .correlate(Reading)
    .scalar_subquery()
)
_COLUMNS = (
    Reading.id, Reading.value, Reading.day, Reading.source, Reading.state, Reading.reason, Reading.note, Reading.at,
    Reading.decided_at, Reading.decided_note,
    _was.value.label("before"), _was.day.label("before_day"), _was.source.label("before_source"),
    Register.name, Register.decimals, Meter.medium, Meter.place, Meter.measure, Meter.serial,
    Meter.id.label("meter_id"), Meter.removed,
    Unit.id.label("unit_id"), Unit.number, Building.id.label("building_id"), Building.address,
    Organisation.id.label("organisation_id"), Organisation.country, Organisation.tz,
    Person.name.label("person"), Person.non_disclosure.label("undisclosed"), _decider.name.label("decider"),
    BillingPeriod.name.label("period"), BillingPeriod.state.label("period_state"),
)  # fmt: skip


def one(id: int) -> Row:
    """A reading that the viewer may see, decided or not; 404 otherwise."""
    statement = _whole(access.visible_readings(g.viewer)).where(Reading.id == id)
    return session.execute(statement).first() or abort(404)


def waiting() -> tuple[list[Row], int | None]:
    """The queue, oldest first, from ?after= on; and the last id when there are more."""
    statement = _whole(access.visible_pending_readings(g.viewer)).order_by(Reading.id).limit(ROWS + 1)
    after = whole(request.args, "after")
    if after is not None:
        statement = statement.where(Reading.id > after)
    rows = session.execute(statement).all()
    return rows[:ROWS], rows[ROWS - 1].id if len(rows) > ROWS else None


def noted() -> list[Row]:
    """Readings that count whose answer says that something may be broken, of periods that still take readings, newest first.
    in_a_year: how often hot water was above cold there within a year."""
    today = max((duty.organisation.today for duty in g.viewer.duties), default=None)
    if today is None:
        return []
    buildings = access.visible_buildings(g.viewer, "readings").with_only_columns(Building.id)
    periods = select(BillingPeriod.id).where(BillingPeriod.building_id.in_(buildings), BillingPeriod.state.in_(TAKES_READINGS))
    statement = _whole(access.visible_readings(g.viewer)).add_columns(_hot_above_cold(today - timedelta(days=YEAR)))
    said = (Reading.period_id.in_(periods), Reading.reason.in_(NOTED), Reading.counts)
    return session.execute(statement.where(*said).order_by(Reading.id.desc()).limit(ROWS)).all()


def _hot_above_cold(since):
    answers = (_before.reason.in_(CROSSED), _before.counts, _before.day > since)
    found = select(func.count(_before.id)).where(_before.register_id == Reading.register_id, *answers)
    return found.correlate(Reading).scalar_subquery().label("in_a_year")


def _whole(statement: Select) -> Select:
    return (
        statement.with_only_columns(*_COLUMNS)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .outerjoin(_was, _was.id == _LAST)
        .outerjoin(Person, Person.id == Reading.person_id)
        .outerjoin(_decider, _decider.id == Reading.decided_by)
        .outerjoin(BillingPeriod, BillingPeriod.id == Reading.period_id)
    )


def who(row: Row) -> str | None:
    """The name of whoever entered it, for posts that may know (rule 43)."""
    return row.person if row.person and access.may_see_contacts(g.viewer, row.organisation_id, bool(row.undisclosed)) else None


def locked(row: Row) -> Reading:
    """The reading, with its home locked as for an entry, so that a decision and an entry do not meet."""
    session.execute(select(Unit.id).where(Unit.id == row.unit_id).with_for_update())
    return session.get_one(Reading, row.id)


def decided(why: str, row: Row) -> str:
    """What is told when a decision comes too late."""
    if why == "allocated":
        return _("The costs of this period have already been shared out, so this reading cannot be accepted. You can reject it.")
    if why == "meter_changed":
        return _("This value is of a new meter. Record the change of meter first; then it counts on the new meter.")
    if why == "below_first":
        return _("This value is lower than the first value of the new meter. Reject it, and enter what the new meter shows.")
    if why == "removed":
        return _("The meter was taken out before the day of this reading, so it cannot be accepted. You can reject it.")
    now = session.execute(_whole(access.visible_readings(g.viewer)).where(Reading.id == row.id)).one()
    facts = {"name": now.decider or "–", "at": fmt().moment(now.decided_at, now.tz) if now.decided_at else "–"}
    if now.state == "accepted":
        return _("This reading is accepted already, by %(name)s, %(at)s. Nothing was changed.", **facts)
    return _("This reading is rejected already, by %(name)s, %(at)s. Nothing was changed.", **facts)
