"""Who reaches what of billing: as access.py does for everything else, by post, organisation and building."""

from sqlalchemy import Select, select

from ..homes.building import Building
from ..identity import POSTS, Duty, Viewer
from ..money.period import BillingPeriod
from ..reach import reach
from .charge import ChargeType
from .cost import Cost


def periods(viewer: Viewer, ability: str = "money") -> Select:
    """Billing periods of the buildings that a post with the ability covers."""
    joined = select(BillingPeriod).join(Building, Building.id == BillingPeriod.building_id)
    return joined.where(reach(viewer, ability, Building.organisation_id, Building.id))


def costs(viewer: Viewer, ability: str = "money") -> Select:
    """Costs of such periods."""
    return select(Cost).where(Cost.period_id.in_(periods(viewer, ability).with_only_columns(BillingPeriod.id)))


def changing(viewer: Viewer) -> list[Duty]:
    """Posts that change what is charged in a whole organisation: not those of some of its buildings."""
    return [duty for duty in viewer.duties if "billing" in POSTS[duty.role] and duty.buildings is None]


def charges(viewer: Viewer) -> Select:
    """Charge types of the organisations whose money the viewer's posts see."""
    seen = {duty.organisation.id for duty in viewer.duties if "money" in POSTS[duty.role]}
    return select(ChargeType).where(ChargeType.organisation_id.in_(seen))
