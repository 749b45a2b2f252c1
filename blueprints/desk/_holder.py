"""Choosing who is to hold a home or to have a part in it: somebody of the register, found by name, or somebody new."""

from flask import g, request

from resident import access
from resident.homes import search
from resident.moves import household
from resident.people.person import Person, is_email, words

from .._locale import _
from .._typed import whole
from .._web import session

LONGEST = 120
KINDS = ("natural", "legal")


def kinds() -> dict[str, str]:
    return {"natural": _("A person"), "legal": _("A company, an estate or another body")}


def facts(organisation_id: int) -> dict:
    """What the form shows: ?who= was searched for; found are persons of the organisation."""
    text = request.values.get("who", "").replace("\0", "").strip()[:100]
    hits = search.find(session, g.viewer, text).persons if text else []
    ids = {row.id for row in _own(organisation_id, [hit.id for hit in hits])}
    found = {str(hit.id): _("Name not shown") if hit.undisclosed else hit.name for hit in hits if hit.id in ids}
    return {"who": text, "found": found, "holder_kinds": kinds()}


def _own(organisation_id: int, ids: list[int]) -> list[Person]:
    wanted = access.visible_persons(g.viewer).where(
        Person.organisation_id == organisation_id, Person.id.in_(ids), Person.erased_at.is_(None)
    )
    return list(session.scalars(wanted))


def chosen(organisation_id: int, errors: dict) -> Person | dict | None:
    """A person of the register, or the facts of a new one for entered(); None with an error."""
    person_id = whole(request.form, "person")
    if person_id:
        found = _own(organisation_id, [person_id])
        if not found:
            errors["person"] = _("This person is not in the register of this organisation. Search again.")
        return found[0] if found else None
    name = " ".join(request.form.get("name", "").replace("\0", "").split())[:LONGEST]
    if not words(name):
        errors["name"] = _("Choose somebody who was found, or write the name of somebody new.")
        return None
    kind = request.form.get("kind") if request.form.get("kind") in KINDS else "natural"
    email = request.form.get("email", "").replace("\0", "").strip()[:200] or None
    if email and not is_email(email):
        errors["email"] = _("An e-mail address looks like name@example.org. Check what you typed.")
    return {"name": name, "kind": kind, "email": email}


def entered(organisation_id: int, holder: Person | dict) -> Person:
    """The person themselves, entered in the register when they are new."""
    if isinstance(holder, Person):
        return holder
    return household.new_person(session, organisation_id, holder.pop("name"), **holder)
