"""What a person wants to be written to about, by the channels that they gave their consent to (K5): chosen and changed by
themselves at any time; how invoices come, also by the desk at their wish."""

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from .. import audit
from ..errors import Stale
from .person import BadContact, Person, is_email

# Columns of Person: reminders of readings, the month's consumption (EED 11a); how invoices come beside the portal (K5).
NAMES = ("remind_readings", "consumption_mail", "invoice_paper", "invoice_email", "invoice_attached")
# All of how invoices come, with their language and the further addresses of mails.
INVOICES = ("invoice_paper", "invoice_email", "invoice_attached", "invoice_language", "invoice_addresses")
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
    wanted = _joined(addresses)
    if person.invoice_addresses == wanted:
        return
    person.invoice_addresses = wanted
    session.flush()
    _changed(session, person, ["invoice_addresses"], by)


def put_invoices(session: Session, person: Person, given: dict, version: int, *, by) -> None:
    """How a person's invoices come, all at once, as the desk writes down what they asked for. given: INVOICES, the addresses as a
    list. Stale as people.change_contact; BadContact(invoice_addresses, shape | many), (invoice_email, missing): no address."""
    if person.version != version:
        raise Stale()
    if given["invoice_email"] and not person.email:
        raise BadContact(field="invoice_email", why="missing")
    wanted = given | {"invoice_addresses": _joined(given["invoice_addresses"])}
    changed = [name for name in INVOICES if getattr(person, name) != wanted[name]]
    if not changed:
        return
    for name in changed:
        setattr(person, name, wanted[name])
    try:
        session.flush()
    except StaleDataError:
        raise Stale() from None
    _changed(session, person, changed, by)


def _joined(addresses: list[str]) -> str | None:
    given = list(dict.fromkeys(addresses))
    wanted = " ".join(given) or None
    if len(given) > MOST_ADDRESSES or len(wanted or "") > 400:
        raise BadContact(field="invoice_addresses", why="many")
    if not all(map(is_email, given)):
        raise BadContact(field="invoice_addresses", why="shape")
    return wanted


def _changed(session: Session, person: Person, fields: list[str], by) -> None:
    facts = {"fields": fields}
    audit.record(session, "person_changed", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)
