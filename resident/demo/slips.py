"""Readings that came from a phone too late, in the demo: one home of each organisation, for the desk to decide about."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import clock
from ..db import SCALE
from ..homes.building import Building, Unit
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from ..metering.slip import Slip
from ..metering.window import TAKES_READINGS, ReadingWindow
from ..money.period import BillingPeriod
from ..people.tenure import Holding, Party
from .estate import Site
from .rows import one


def hold(session: Session, site: Site) -> None:
    """The day after the last window whose costs are shared out, from the organisation's last home with a meter that people read."""
    home = select(Unit.id, Unit.building_id).join(Building, Building.id == Unit.building_id).join(Meter, Meter.unit_id == Unit.id)
    home = home.where(Building.organisation_id == site.id, Meter.remote.is_(False), Meter.removed.is_(None))
    unit_id, building_id = session.execute(home.order_by(Unit.id.desc()).limit(1)).one()
    shared = select(BillingPeriod.id, ReadingWindow.last).join(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id)
    shared = shared.where(BillingPeriod.building_id == building_id, BillingPeriod.state.not_in(TAKES_READINGS))
    period = session.execute(shared.order_by(BillingPeriod.name.desc()).limit(1)).first()
    holder = select(Party.person_id).join(Holding, Holding.tenure_id == Party.tenure_id).where(Holding.unit_id == unit_id)
    person_id = session.scalar(holder.order_by(Party.id.desc()).limit(1))
    values = select(Register.id, func.max(Reading.value)).join(Meter, Meter.id == Register.meter_id)
    values = values.join(Reading, Reading.register_id == Register.id).where(Reading.counts, Meter.unit_id == unit_id)
    values = values.where(Meter.remote.is_(False), Meter.removed.is_(None)).group_by(Register.id).order_by(Register.id)
    typed = {str(id): [str(value // SCALE + 1), "", None] for id, value in session.execute(values)}
    if period is None or person_id is None or not typed:
        return
    came = datetime.combine(period.last + timedelta(days=1), time(6, 40), clock.zone(site.estate.organisation["tz"]))
    one(
        session, Slip, key=f"demo {site.id}", organisation_id=site.id, unit_id=unit_id, period_id=period.id, person_id=person_id,
        via="offline", state="held", why="allocated", day=period.last, typed=typed, typed_at=came - timedelta(hours=11), at=came,
    )  # fmt: skip
