"""What a person wants to be written to about, by the channels that they gave their consent to (K5): chosen and changed by
themselves at any time."""

from sqlalchemy.orm import Session

from .. import audit
from .person import Person

# Columns of Person: reminders of readings, and the month's consumption (EED 11a).
NAMES = ("remind_readings", "consumption_mail")


def put(session: Session, person: Person, name: str, value: bool, *, by) -> bool:
    """Choose; False when it stood so already. ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(name)
    if getattr(person, name) == value:
        return False
    setattr(person, name, value)
    session.flush()
    facts = {"fields": [name], "value": value}
    audit.record(session, "person_changed", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)
    return True
