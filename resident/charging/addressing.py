"""Whom an invoice is made out to (rule 28): the primary holder of its days, as they and the home are called on the day of issue."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import Controller, home_label
from ..people.person import Person
from ..people.tenure import Party


@dataclass(frozen=True, slots=True)
class Addressee:
    """snapshot: as Invoice.addressee; language: the invoice's, one that the organisation serves."""

    snapshot: dict
    language: str


def addressees(
    session: Session, creditor: Controller, wanted: Collection[tuple[int | None, int | None]], day: date
) -> dict[tuple[int | None, int | None], Addressee]:
    """By (tenure, unit): whoever is its primary on a day, or was last before it, or will be first. Of vacant homes (no tenure) the
    creditor."""
    primaries = _primaries(session, {tenure for tenure, _ in wanted if tenure}, day)
    places = _places(session, creditor, {unit for _, unit in wanted if unit})
    served = creditor.languages.split()
    found = {}
    for tenure, unit in wanted:
        home, address = places.get(unit if tenure else -(unit or 0), (None, None))
        person = primaries.get(tenure)
        snapshot = {"name": person.name if person else creditor.name, "address": address, "home": home}
        snapshot["person_id"] = person.id if person else None
        if person and person.vat_number:
            snapshot["vat_number"] = person.vat_number
        wish = next((one for one in (person.invoice_language, person.language) if one in served), None) if person else None
        found[tenure, unit] = Addressee(snapshot, wish or served[0])
    return found


def seller_vat(session: Session, creditor: Controller) -> str | None:
    """The creditor's own VAT number as it is now: invoices keep it (rule 30)."""
    return session.scalar(select(Organisation.vat_number).where(Organisation.id == creditor.id))


def _primaries(session: Session, tenures: Iterable[int], day: date) -> dict[int, Person]:
    rows = session.execute(
        select(Party.tenure_id, Party.first, Person)
        .join(Person, Person.id == Party.person_id)
        .where(Party.role == "primary", Party.tenure_id.in_(list(tenures)))
        .order_by(Party.tenure_id, Party.first, Party.id)
    )
    parties = defaultdict(list)
    for tenure, first, person in rows:
        parties[tenure].append((first, person))
    return {
        tenure: next((person for first, person in reversed(held) if first <= day), held[0][1]) for tenure, held in parties.items()
    }


def _places(session: Session, creditor: Controller, units: Iterable[int]) -> dict[int, tuple[str, str]]:
    """By unit: (the home as its country writes it, the same with postcode and town); by −unit: the same of its building."""
    rows = session.execute(
        select(Unit.id, Unit.number, Building.address, Building.postcode, Building.city)
        .join(Building, Building.id == Unit.building_id)
        .where(Unit.id.in_(list(units)))
    )
    found = {}
    for id, number, address, postcode, city in rows:
        town = " ".join(part for part in (postcode, city) if part)
        for key, home in ((id, home_label(creditor.country, address, number)), (-id, address)):
            found[key] = home, f"{home}, {town}" if town else home
    return found
