"""The form of a person's contact data: at the desk and among one's own details."""

from flask import request

from resident.people import person as people
from resident.people.person import BadContact, Person

from ._locale import _, languages
from ._typed import whole


def of(person: Person) -> dict:
    return {name: getattr(person, name) for name in people.CONTACT}


def typed() -> dict:
    """What the form holds, as people.change_contact wants it."""
    given = {name: " ".join(request.form.get(name, "").replace("\x00", "").split()) or None for name in ("email", "phone")}
    for name in ("language", "invoice_language"):
        given[name] = request.form.get(name) if request.form.get(name) in languages() else None
    return given | {"notify_email": request.form.get("notify_email") == "yes"}


def version() -> int:
    return whole(request.form, "version") or 0


def refusal(error: BadContact) -> dict[str, str]:
    """{id of the field: sentence}"""
    if error.field == "phone":
        return {"phone": phone_refusal(error.why)}
    sentence = {
        ("email", "shape"): _("An e-mail address looks like name@example.org. Check what you typed."),
        ("email", "missing"): _("Notifications by e-mail need an address. Write the address, or clear the tick."),
    }[error.field, error.why]
    return {error.field: sentence}


def phone_refusal(why: str) -> str:
    """The sentence for a reason of people.phone_trouble."""
    return {
        "shape": _("A telephone number has only digits, spaces and + ( ) -. Check what you typed."),
        "short": _("This is too short for a telephone number. Write all of it, with the area code."),
        "long": _("This is too long for a telephone number. Write one number only."),
    }[why]


def stale() -> str:
    return _(
        "Somebody changed these details while you were writing. What is saved now stands on this page. Save again to replace it."
    )
