"""VAT numbers at the desk (rule 30): the organisation's as the seller's, a person's as the buyer's."""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.errors import Stale
from resident.homes import vat_number
from resident.homes.organisation import Organisation
from resident.people import person as people
from resident.people.person import Person

from .. import _terms
from .._gate import staff
from .._locale import _
from .._typed import plain
from .._web import close, done, one_or_404, page, refused, require, session
from . import _organisation

bp = Blueprint("desk_vat_numbers", __name__, url_prefix="/desk")
PAGE = "desk/vat_numbers/number.html"
# Numbers whose check holds.
EXAMPLES = {"FI": "FI12345671", "EE": "EE123456780", "PL": "PL1234563218", "RU": "7700000009"}


@bp.get("/settings/vat-number")
@staff("settings")
def seller():
    facts = _seller()
    return page(PAGE, **facts, typed={"number": facts["saved"] or ""})


@bp.post("/settings/vat-number")
@staff("settings")
def change_seller():
    facts = _seller()
    by, seen = g.viewer.as_staff(facts["duty"]), request.form.get("seen") or None
    errors, status = _tried(lambda text: vat_number.change(session, facts["organisation"], text, seen, by=by))
    if errors:
        return _refused(_seller, errors, status)
    return done(None, to=facts["leads"], say=_("VAT number saved."))


@bp.get("/people/<int:id>/vat-number")
@staff("register")
def buyer(id):
    facts = _buyer(id)
    return page(PAGE, **facts, typed={"number": facts["saved"] or ""})


@bp.post("/people/<int:id>/vat-number")
@staff("register")
def change_buyer(id):
    facts = _buyer(id)
    who, by, seen = facts["who"], g.viewer.as_staff(facts["duty"]), request.form.get("seen") or None
    country = facts["organisation"].country
    errors, status = _tried(lambda text: people.change_vat_number(session, who, text, country, seen, by=by))
    if errors:
        return _refused(lambda: _buyer(id), errors, status)
    return done(None, to=facts["leads"], say=_("VAT number saved."))


def _tried(change) -> tuple[dict[str, str], int]:
    """What is said at the field, and the status, when it was not changed."""
    try:
        change(plain(request.form.get("number", ""))[:40])
    except vat_number.BadVatNumber:
        told = _("This is no VAT number: its length or its check digit does not hold. Compare it with the register.")
        return {"number": told}, 422
    except Stale:
        told = _(
            "Somebody changed the number while you were writing. What is saved now stands on this page. Save again to replace it."
        )
        return {"number": told}, 409
    return {}, 200


def _refused(facts, errors: dict[str, str], status: int):
    """The form again. After a stale edit it is drawn from the number that holds now: who saves again has seen it."""
    close()
    fresh = facts()
    if status != 409:
        fresh["seen"] = request.form.get("seen")
    return refused(PAGE, status=status, **fresh, typed=request.form, errors=errors)


def _seller() -> dict:
    duty = _organisation.of(access.whole_duties(g.viewer, "settings"))
    organisation = session.get_one(Organisation, duty.organisation.id)
    return _facts(organisation, organisation.vat_number) | {
        "duty": duty,
        "lead": _("%(organisation)s as the seller on invoices.", organisation=organisation.name),
        "leads": url_for("desk_settings.index", organisation=organisation.id) + "#vat",
        "above": _("Settings"),
    }


def _buyer(id: int) -> dict:
    who = one_or_404(access.visible_persons(g.viewer).where(Person.id == id))
    undisclosed = who.non_disclosure
    require(who.erased_at is None and access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=undisclosed))
    name = _terms.person_name(who.name)
    return _facts(session.get_one(Organisation, who.organisation_id), who.vat_number) | {
        "duty": g.viewer.duty("register", who.organisation_id),
        "who": who,
        "lead": _("%(name)s as the buyer on invoices.", name=name),
        "leads": url_for("desk_register.person", id=id),
        "above": name,
    }


def _facts(organisation: Organisation, number: str | None) -> dict:
    """saved: the number as it is now; seen: the one that the form was drawn from."""
    example = EXAMPLES[organisation.country]
    return {"title": _("VAT number"), "organisation": organisation, "saved": number, "seen": number, "example": example}
