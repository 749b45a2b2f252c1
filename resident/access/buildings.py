"""Buildings, their homes and who holds them: tenures, households, handovers, papers of agreements."""

from functools import lru_cache

from sqlalchemy import Select, or_, select

from ..homes.building import Building, Unit
from ..identity import Viewer
from ..people.agreement import AgreementFile
from ..people.handover import Handover
from ..people.invitation import Invitation
from ..people.tenure import Holding, Party, Tenure
from .reaching import (
    homes_with,
    reach,
    within,
)


def visible_units(viewer: Viewer, ability: str = "register") -> Select:
    """Units that a post reaches: select(Unit) joined to Building."""
    return select(Unit).join(Building).where(reach(viewer, ability, Building.organisation_id, Building.id))


def visible_buildings(viewer: Viewer, ability: str) -> Select:
    return select(Building).where(reach(viewer, ability, Building.organisation_id, Building.id))


def building_choices(viewer: Viewer, ability: str, most: int) -> Select:
    """(id, address, organisation_id) of the first of visible_buildings(), in order. Each list of the desk asks: made once for
    each reach."""
    return _choices(tuple((duty.organisation.id, duty.buildings) for duty in viewer.duties_for(ability)), most)


@lru_cache(maxsize=512)
def _choices(places: tuple, most: int) -> Select:
    chosen = select(Building.id, Building.address, Building.organisation_id).where(
        within(places, Building.organisation_id, Building.id)
    )
    return chosen.order_by(Building.organisation_id, Building.code).limit(most)


def visible_tenures(viewer: Viewer, ability: str = "register") -> Select:
    """Those that hold, held or will hold a unit which the viewer's posts cover."""
    held = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).join(Building, Building.id == Unit.building_id)
    return select(Tenure).where(Tenure.id.in_(held.where(reach(viewer, ability, Building.organisation_id, Building.id))))


def visible_handovers(viewer: Viewer, at_desk: bool = False) -> Select:
    """At the desk those of units that a post covers; at home those of one's own tenure, leaving or coming, once signed."""
    if at_desk:
        return select(Handover).where(Handover.unit_id.in_(visible_units(viewer, "tenures").with_only_columns(Unit.id)))
    tenures = [home.tenure_id for home in viewer.homes]
    return select(Handover).where(or_(Handover.leaving_id.in_(tenures), Handover.coming_id.in_(tenures)))


def visible_agreement_files(viewer: Viewer, at_desk: bool = False) -> Select:
    """Papers of the agreements of one's homes; at the desk of the tenures that a post covers."""
    own = AgreementFile.tenure_id.in_([home.tenure_id for home in homes_with(viewer, "agreement")])
    covered_ones = AgreementFile.tenure_id.in_(visible_tenures(viewer).with_only_columns(Tenure.id)) if at_desk else own
    return select(AgreementFile).where(AgreementFile.removed_at.is_(None), covered_ones)


def _households(viewer: Viewer) -> list[int]:
    return [home.tenure_id for home in homes_with(viewer, "household")]


def visible_parties(viewer: Viewer) -> Select:
    """Parts in the households whose people the viewer changes, and the viewer's own."""
    own = Party.id.in_([home.party_id for home in viewer.homes])
    return select(Party).where(or_(Party.tenure_id.in_(_households(viewer)), own))


def visible_invitations(viewer: Viewer) -> Select:
    return select(Invitation).where(Invitation.tenure_id.in_(_households(viewer)))
