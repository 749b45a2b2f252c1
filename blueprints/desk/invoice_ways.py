"""How a person's invoices come, at the desk (K5): what they asked the office for, in one form. They can change it themselves."""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.errors import Stale
from resident.people import choice
from resident.people.person import BadContact, Person

from .. import _contact, _own_contact, _terms
from .._gate import staff
from .._locale import _, languages
from .._web import close, done, one_or_404, page, refused, require, session

bp = Blueprint("desk_invoice_ways", __name__, url_prefix="/desk/people")
PAGE = "desk/register/invoice_ways.html"
WAYS = ("invoice_paper", "invoice_email", "invoice_attached")


@bp.get("/<int:id>/invoices")
@staff("register")
def show(id):
    who = _person(id)
    typed = {name: getattr(who, name) for name in choice.INVOICES}
    return page(PAGE, **_facts(who), typed=typed, version=who.version)


@bp.post("/<int:id>/invoices")
@staff("register")
def change(id):
    who, given = _person(id), _typed()
    given["invoice_addresses"] = given["invoice_addresses"].split()
    by = g.viewer.as_staff(g.viewer.duty("register", who.organisation_id))
    try:
        choice.put_invoices(session, who, given, _contact.version(), by=by)
    except BadContact as error:
        return _refused(id, {error.field: _told(error)}, 422)
    except Stale:
        return _refused(id, {"invoice_paper": _contact.stale()}, 409)
    return done(None, to=url_for("desk_register.person", id=id), say=_("Saved."))


def _typed() -> dict:
    """The form; the addresses as they were typed, commas as spaces."""
    language = request.form.get("invoice_language")
    return {
        **{name: request.form.get(name) == "yes" for name in WAYS},
        "invoice_language": language if language in languages() else None,
        "invoice_addresses": request.form.get("invoice_addresses", "").replace("\0", "").replace(",", " "),
    }


def _told(error: BadContact) -> str:
    if error.field == "invoice_email":
        return _("Mails need an address, and none is known of this person. Save their e-mail address first.")
    return _("One of these is no e-mail address, or there are more than five. Write them with a space between them.")


def _person(id: int) -> Person:
    who = one_or_404(access.visible_persons(g.viewer).where(Person.id == id))
    require(who.erased_at is None and access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=who.non_disclosure))
    return who


def _facts(who: Person) -> dict:
    return {
        "title": _("How invoices come"),
        "who": who,
        "name": _terms.person_name(who.name),
        "ways": _own_contact.invoices(who),
        "offered": {"": _("Not chosen")} | languages(),
    }


def _refused(id: int, errors: dict, status: int):
    """The form with what was typed. After a stale edit it carries the newest version: who saves again has seen what stands now."""
    close()
    who = _person(id)
    version = who.version if status == 409 else _contact.version()
    return refused(PAGE, status=status, **_facts(who), typed=_typed(), version=version, errors=errors)
