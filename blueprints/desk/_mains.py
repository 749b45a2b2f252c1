"""A building's own meters with what was read for a period, and what was typed for them: for their page and for the sheet."""

from flask import g
from sqlalchemy.orm import Session

from resident import access
from resident.metering import main_reading

from . import _sheet


def mains(session: Session, facts: dict) -> dict:
    """What the table of a building's own meters shows. facts: those of _sheet.place()."""
    if not facts.get("building") or not facts.get("period") or facts.get("enterer") is None:
        return {"mains": None}
    building, organisation = facts["building"], facts["organisation"]
    if not main_reading.any_of(session, building.id):
        return {"mains": None}
    media = access.media(g.viewer, "readings", building.organisation_id, building.id)
    rules = _sheet.rules(session, facts)
    form = main_reading.form(session, building.id, organisation, facts["period"].id, media, rules)
    return {"mains": form if form.counters else None, "mains_day": _sheet.proposed_day(session, facts).isoformat()}


def left() -> dict:
    """What is not stored yet: nothing, at first."""
    return {"mains_errors": {}, "mains_said": {}, "mains_typed": {}}
