"""To whom of a home staff can write: who holds it or lives in it today and may use messages."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..access import Controller
from ..db import lasts
from ..homes.building import Unit
from ..homes.setting import in_force
from ..people.person import Person
from ..people.tenure import Holding, Party, Tenure


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A person in a home, as messaging.open_thread wants to know it; signs_in: is there a login to read with?"""

    organisation: Controller
    building_id: int
    unit_id: int
    tenure_id: int
    tenure_kind: str
    person_id: int
    name: str
    role: str
    non_disclosure: bool
    signs_in: bool


def correspondents(session: Session, organisation: Controller, unit: Unit) -> list[Correspondent]:
    """Two SELECTs."""
    today = organisation.today
    rights = in_force(session, organisation.id, organisation.country, today)["rights"]
    rows = session.execute(
        select(
            Party.tenure_id, Tenure.kind, Party.person_id, Person.name, Party.role, Person.non_disclosure, Person.login_id,
            Party.rights,
        )
        .join(Tenure, Tenure.id == Party.tenure_id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .join(Person, Person.id == Party.person_id)
        .where(Holding.unit_id == unit.id, *(lasts(part, today) for part in (Tenure, Holding, Party)))
        .order_by(Tenure.kind.desc(), Party.id)
    )  # fmt: skip
    return [
        Correspondent(organisation, unit.building_id, unit.id, tenure_id, kind, person_id, name, role, hidden, login_id is not None)
        for tenure_id, kind, person_id, name, role, hidden, login_id, own in rows
        if "talk" in (rights.get(role, []) if own is None else own)
    ]
