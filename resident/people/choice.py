"""What a person wants to be written to about, by the channels that they gave their consent to (K5): chosen and changed by
themselves at any time."""

from sqlalchemy.orm import Session

from .. import audit
from .person import BadContact, Person, is_email

# Columns of Person: reminders of readings, the month's consumption (EED 11a); how invoices come beside the portal (K5).
NAMES = ("remind_readings", "consumption_mail", "invoice_paper", "invoice_email", "invoice_attached")


MOST_ADDRESSES = 5


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


def put_addresses(session: Session, person: Person, addresses: list[str], *, by) -> None:
    """Further addresses that invoices by mail go to. BadContact(invoice_addresses, shape | many)."""
    given = list(dict.fromkeys(addresses))
    wanted = " ".join(given) or None
    if len(given) > MOST_ADDRESSES or len(wanted or "") > 400:
        raise BadContact(field="invoice_addresses", why="many")
    if not all(map(is_email, given)):
        raise BadContact(field="invoice_addresses", why="shape")
    if person.invoice_addresses == wanted:
        return
    person.invoice_addresses = wanted
    session.flush()
    facts = {"fields": ["invoice_addresses"]}
    audit.record(session, "person_changed", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)
