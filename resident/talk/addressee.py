"""To whom the people of a home can write: the addressees for whom somebody holds a post that answers."""

from dataclasses import dataclass

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from ..access import ANSWERS, Home
from ..db import lasts
from ..homes.organisation import Mandate, Organisation
from ..people.post import Post, PostBuilding
from .correspondent import Correspondent

MANAGES = ("office", "manager", "accountant", "rent_control")


@dataclass(frozen=True, slots=True)
class Addressee:
    """kind: one of thread.ADDRESSEES. provider_id and name only for a supplier: an organisation may have several."""

    kind: str
    provider_id: int | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """What a form sends: "council", "provider-12"."""
        return f"{self.kind}-{self.provider_id}" if self.provider_id else self.kind


def _mandated(purpose: str) -> Select:
    """Agents that work for the organisation in the building on the day."""
    return select(Mandate.agent_id).where(
        Mandate.principal_id == bindparam("organisation"),
        Mandate.purpose == purpose,
        or_(Mandate.building_id.is_(None), Mandate.building_id == bindparam("building")),
        lasts(Mandate, bindparam("day")),
    )


_LIMITED = exists().where(PostBuilding.post_id == Post.id)
_HERE = exists().where(PostBuilding.post_id == Post.id, PostBuilding.building_id == bindparam("building"))
_ROLES = (
    select(Post.role)
    .where(
        lasts(Post, bindparam("day")),
        or_(
            (Post.organisation_id == bindparam("organisation")) & (Post.role != "provider") & or_(~_LIMITED, _HERE),
            Post.organisation_id.in_(_mandated("manage")) & Post.role.in_(MANAGES),
        ),
    )
    .distinct()
)
_PROVIDERS = (
    select(Organisation.id, Organisation.name)
    .where(
        Organisation.id.in_(_mandated("supply")),
        exists().where(Post.organisation_id == Organisation.id, Post.role == "provider", lasts(Post, bindparam("day"))),
    )
    .order_by(Organisation.name, Organisation.id)
)


def addressees(session: Session, home: Home | Correspondent) -> list[Addressee]:
    """Who answers for a home, in the order of ANSWERS, suppliers last. Rent control is for leases, unless
    somebody holds that very post.
    """
    facts = {"organisation": home.organisation.id, "building": home.building_id, "day": home.organisation.today}
    roles = set(session.scalars(_ROLES, facts))
    found = [Addressee(kind) for kind, posts in ANSWERS.items() if kind != "provider" and roles.intersection(posts)]
    if home.tenure_kind != "lease" and "rent_control" not in roles:
        found = [one for one in found if one.kind != "rent_control"]
    return found + [Addressee("provider", id, name) for id, name in session.execute(_PROVIDERS, facts)]
