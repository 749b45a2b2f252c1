"""Who acts for whom, entered at the desk: found by name, with the ground and the days."""

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.homes import search
from resident.people import representation as representations
from resident.people.person import Person
from resident.people.representation import Representation

from .. import _terms
from .._days import Days, day
from .._gate import staff
from .._locale import _
from .._typed import whole
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session

bp = Blueprint("desk_representations", __name__, url_prefix="/desk")
PAGE = "desk/representations/new.html"
FIELDS = ("person", "ground", "first", "last")


@bp.get("/people/<int:id>/representation")
@staff("tenures")
def new(id):
    who = _person(id)
    typed = dict.fromkeys(FIELDS, "") | {"first": _terms.today_of(who.organisation_id).isoformat()}
    return page(PAGE, **_facts(who), typed=typed)


@bp.post("/people/<int:id>/representation")
@staff("tenures")
def add(id):
    who = _person(id)
    given, errors = _typed_days()
    if errors:
        return _not_saved(id, errors)
    if again := first_sending(g.viewer.login_id):
        return again
    other = _person(whole(request.form, "person") or 0)
    try:
        representations.add(session, who, other, request.form.get("ground", ""), **given, by=_by(who.organisation_id))
    except representations.BadRepresentation as error:
        return _not_saved(id, {error.field: told(error)})
    to = url_for("desk_register.person", id=id) + "#representation"
    remember(to)
    return done(None, to=to, say=_("It is saved. %(name)s acts from the first day on.", name=other.name))


@bp.post("/representations/<int:id>/end")
@staff("tenures")
def end(id):
    row = one_or_404(access.visible_representations(g.viewer).where(Representation.id == id))
    back = url_for("desk_register.person", id=row.of_person_id) + "#representation"
    today = _terms.today_of(row.organisation_id)
    try:
        last = day(request.form, "last") or today
        representations.end(session, row, last, by=_by(row.organisation_id), today=today)
    except ValueError:
        return done(None, to=back, say=_("Choose the last day from the calendar."))
    except representations.BadRepresentation as error:
        close()
        return done(None, to=back, say=told(error))
    return done(None, to=back, say=_("It is saved."))


# ---- What the routes stand on --------------------------------------------------------------------------------------


def _person(id: int) -> Person:
    who = one_or_404(access.visible_persons(g.viewer, "tenures").where(Person.id == id))
    require(access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=who.non_disclosure))
    return who


def _by(organisation_id: int) -> access.Actor:
    return g.viewer.as_staff(g.viewer.duty("tenures", organisation_id) or abort(404))


def _facts(who: Person) -> dict:
    """With those of the organisation who are called as was asked for, to choose from; a company acts for nobody."""
    asked = request.values.get("q", "").strip()[:100]
    found = search.persons(session, g.viewer, asked, who.organisation_id) if asked else []
    return {
        "title": _("Somebody acts for %(name)s", name=who.name),
        "who": who,
        "q": asked,
        "found": [hit for hit in found if hit.id != who.id and not hit.undisclosed and not hit.legal],
        "grounds": _terms.grounds(),
    }


def _not_saved(id: int, errors: dict):
    close()
    typed = {name: request.form.get(name, "") for name in FIELDS}
    return refused(PAGE, **_facts(_person(id)), typed=typed, errors=errors)


def _typed_days() -> tuple[dict, dict]:
    """(first and last, {field: sentence})."""
    days = Days()
    first = days.wanted("first", _("The first day is missing. Choose the day from which somebody acts."))
    given = {"first": first, "last": days.optional("last")}
    if whole(request.form, "person") is None:
        days.errors["person"] = _("Search for the person who acts, and choose them.")
    return given, days.errors


def told(error: representations.BadRepresentation) -> str:
    return {
        "same": _("This person cannot act here. Choose somebody else of the same organisation."),
        "company": _("A company acts through a person. Choose the person."),
        "there": _("This person acts already on some of these days. End that first, or choose other days."),
        "unknown": _("Choose why this person acts."),
        "order": _("The last day must be between the first day and the one that was set. Choose another."),
        "past": _("The last day can be yesterday at the earliest. Choose another."),
        "ended": _("It has ended already."),
    }[error.why]
