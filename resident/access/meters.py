"""Meters and their readings, however they come: windows, feeds, leaks, receipts, slips, keys of machines."""

from sqlalchemy import Select, and_, false, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

from .. import clock
from ..homes.building import Building, Unit
from ..identity import Viewer
from ..metering.device_key import DeviceKey
from ..metering.feed import Feed, FeedRun
from ..metering.leak import Leak
from ..metering.medium import Medium
from ..metering.meter import Meter, Register
from ..metering.reading import Reading, Receipt
from ..metering.slip import Slip
from ..metering.window import ReadingWindow
from ..money.period import BillingPeriod
from ..people.tenure import Party
from .reaching import (
    covered,
    homes_with,
    reach,
    reach_meters,
    whole_duties,
)


def visible_any_meters(viewer: Viewer, ability: str = "readings") -> Select:
    """Meters of homes and of buildings themselves, joined to Unit (outer) and Building."""
    joined = select(Meter).outerjoin(Unit, Unit.id == Meter.unit_id)
    joined = joined.join(Building, Building.id == func.coalesce(Meter.building_id, Unit.building_id))
    return joined.where(reach_meters(viewer, ability))


def visible_media(viewer: Viewer) -> Select:
    """Media that organisations have added, where the viewer's posts keep the meters of all buildings."""
    return select(Medium).where(covered(whole_duties(viewer, "meters"), Medium.organisation_id, None))


def visible_readings(viewer: Viewer) -> Select:
    """Readings of homes, joined to Register, Meter, Unit and Building."""
    joined = select(Reading).join(Register).join(Meter).join(Unit, Unit.id == Meter.unit_id).join(Building)
    return joined.where(reach_meters(viewer, "readings"))


def visible_pending_readings(viewer: Viewer) -> Select:
    """Those that wait for a decision. The state is a literal, so that both databases see that the queue's index fits. Said
    once more by id for SQLite, which else begins with all homes; by that alone PostgreSQL would look at these few last."""
    waits, state = aliased(Reading), literal_column("'pending'")
    few = select(waits.id).where(waits.state == state)
    return visible_readings(viewer).where(Reading.state == state, Reading.id.in_(few))


def visible_receipts(viewer: Viewer) -> Select:
    """Receipts for readings of one's homes, from one's own first day in each."""
    begins = ((home.unit_id, clock.begins(home.begins, home.organisation.tz)) for home in homes_with(viewer, "readings"))
    return select(Receipt).where(or_(false(), *(and_(Receipt.unit_id == unit, Receipt.at >= since) for unit, since in begins)))


def visible_windows(viewer: Viewer, ability: str = "windows") -> Select:
    joined = select(ReadingWindow).join(BillingPeriod, BillingPeriod.id == ReadingWindow.period_id).join(Building)
    return joined.where(reach(viewer, ability, Building.organisation_id, Building.id))


def visible_feeds(viewer: Viewer, ability: str = "readings") -> Select:
    """Feeds of remote readings; a supplier sees those that are about its medium only."""
    parts = [false()]
    for duty in whole_duties(viewer, ability):
        own = Feed.mapping["medium"].as_string() == duty.medium if duty.medium else true()
        parts.append(and_(Feed.organisation_id == duty.organisation.id, own))
    return select(Feed).where(or_(*parts))


def visible_feed_runs(viewer: Viewer) -> Select:
    return select(FeedRun).where(FeedRun.feed_id.in_(visible_feeds(viewer).with_only_columns(Feed.id)))


def visible_leaks(viewer: Viewer) -> Select:
    """Leaks of homes whose meters the viewer's posts reach, joined to Register, Meter, Unit and Building."""
    joined = select(Leak).join(Register, Register.id == Leak.register_id).join(Meter, Meter.id == Register.meter_id)
    return joined.join(Unit, Unit.id == Meter.unit_id).join(Building).where(reach_meters(viewer, "readings"))


def own_slips(viewer: Viewer) -> Select:
    """What came for the chosen home without a page, since one's own first day in it, and was not booked at once."""
    home = viewer.home
    since = clock.begins(home.begins, home.organisation.tz)
    # Whoever held the home before may send from their phone long after they left.
    household = Slip.person_id.in_(select(Party.person_id).where(Party.tenure_id == home.tenure_id))
    own = or_(household, Slip.person_id == home.actor_id, and_(Slip.person_id.is_(None), Slip.why != "ended"))
    return select(Slip).where(Slip.unit_id == home.unit_id, Slip.at >= since, Slip.state != "booked", own)


def visible_slips(viewer: Viewer) -> Select:
    """Those of homes where the viewer's posts decide about readings; joined to Unit and Building."""
    joined = select(Slip).join(Unit, Unit.id == Slip.unit_id).join(Building, Building.id == Unit.building_id)
    return joined.where(reach(viewer, "windows", Building.organisation_id, Building.id))


def visible_held_slips(viewer: Viewer) -> Select:
    """Those that wait for a decision. The state is a literal, so that SQLite sees that the queue's index fits."""
    return visible_slips(viewer).where(Slip.state == literal_column("'held'"))


def own_device_keys(viewer: Viewer) -> Select:
    """Live keys of the viewer's parts in homes, whatever their rights are today."""
    mine = DeviceKey.party_id.in_([home.party_id for home in viewer.homes])
    return select(DeviceKey).where(DeviceKey.login_id == viewer.login_id, mine, DeviceKey.ended_at.is_(None))
