"""Homes and people at the desk: search first, then lists, then the page of one home and of one person."""

from datetime import date
from urllib.parse import quote

from flask import Blueprint, g, redirect, request, url_for

from resident import access, audit
from resident.errors import Stale
from resident.homes import register, search, setting
from resident.homes.building import Building, Unit
from resident.homes.organisation import Organisation
from resident.people import letter, representation
from resident.people import person as people
from resident.people.person import Person
from resident.people.post import Post

from .. import _contact, _counters, _money_words, _proof, _terms
from .._gate import staff
from .._locale import _
from .._typed import whole
from .._web import close, database, done, from_htmx, one_or_404, page, refused, require, session
from . import _entry, _organisation, _place

bp = Blueprint("desk_register", __name__, url_prefix="/desk")
# More buildings than this are chosen by searching for the address, not in a list.
LISTED_BUILDINGS = 60


def asked(name: str, most: int) -> str:
    """A text from the address, without NUL, which a database refuses."""
    return request.args.get(name, "").replace("\0", "").strip()[:most]


@bp.get("/search")
@staff("register")
def find():
    text = asked("q", 100)
    found = search.find(session, g.viewer, text) if text else search.Found([], [], [], [])
    if len(found.every) == 1 and not from_htmx():
        return redirect(_leads_to(found.every[0]), 303)
    several = len(_organisation.each(g.viewer.duties)) > 1
    facts = {"q": text, "found": found, "leads_to": _leads_to, "several": several, "most": search.MOST}
    return page("desk/register/search.html", part="desk/register/_found.html", title=_("Search"), **facts)


def _leads_to(hit) -> str:
    """Where a hit leads."""
    if isinstance(hit, search.PersonHit):
        return url_for(".person", id=hit.id)
    if isinstance(hit, search.TalkHit):
        return f"/desk/faults/{hit.id}" if hit.kind == "case" else f"/desk/messages/{hit.id}"
    if hit.via and hit.unit_id is None:
        return f"/desk/meters?serial={quote(hit.via[1])}"
    return url_for(".home", id=hit.unit_id) if hit.unit_id else url_for(".index", building=hit.building_id)


# ---- Homes -----------------------------------------------------------------------------------------------------------


@bp.get("/homes")
@staff("register")
def index():
    covered = register.buildings(session, g.viewer)
    filters = _filters(covered)
    rows, following = register.homes(session, covered, filters, asked("after", 120))
    today = max((duty.organisation.today for duty in g.viewer.duties), default=None)
    return page(
        "desk/register/homes.html",
        part="desk/register/_homes.html",
        title=_("Homes and people"),
        filters=filters,
        rows=[_listed(row, covered[row.building_id]) for row in rows],
        holders=register.holders(session, [row.id for row in rows], today),
        following=following,
        later="after" in request.args,
        buildings=sorted(covered.values(), key=lambda row: row.address)[: LISTED_BUILDINGS + 1],
        most_buildings=LISTED_BUILDINGS,
        staircases=register.staircases(session, filters.building) if filters.building else [],
        kinds=_terms.kinds(),
        hidden_from=lambda person: search.hidden_from(g.viewer, person),
    )


def _filters(covered: dict) -> register.Filters:
    given = request.args
    building = whole(given, "building")
    return register.Filters(
        building=building if building in covered else None,
        staircase=asked("staircase", 20),
        kind=given.get("kind", "") if given.get("kind") in _terms.kinds() else "",
        text=asked("text", 20),
    )


def _listed(row, building) -> tuple:
    return row, access.home_label(building.country, building.address, row.number)


@bp.get("/homes/<int:id>")
@staff("register")
def home(id):
    place = _place.of(one_or_404(access.visible_units(g.viewer).where(Unit.id == id)))
    audit.looked(database(), "home_viewed", place["unit"], place["by"])
    facts = _kept(id, place["organisation"], place["building"], place["today"])
    return page("desk/register/home.html", title=place["home"], **place, **facts, days=register.days, counters=_counters)


def _kept(id: int, organisation: Organisation, building: Building, today: date) -> dict:
    """What the register and the other wings have of a home, as far as the viewer's duties reach."""
    viewer, undisclosed = g.viewer, access.may_see_contacts(g.viewer, organisation.id, undisclosed=True)
    duty = {name: viewer.can(name, organisation.id, building.id) for name in ("money", "cases", "readings", "meters")}
    return {
        "duty": duty,
        "facts": register.facts(session, id),
        "tenures": _tenures(register.parties(session, id)),
        "role_rights": setting.in_force(session, organisation.id, organisation.country, today)["rights"],
        "meters": register.meters(session, id) if duty["readings"] else [],
        "cases": register.open_cases(session, viewer, id),
        "threads": register.threads(session, viewer, id),
        "accounts": register.balance(session, viewer, id, today) if duty["money"] else [],
        "account_kinds": _money_words.accounts(),
        "hidden_from": lambda row: row.non_disclosure and not undisclosed,
    }


def _tenures(rows: list) -> list:
    """[(row that stands for the tenure, its parties)], the newest tenure first."""
    found = {}
    for row in rows:
        found.setdefault(row.tenure_id, (row, []))[1].append(row)
    return list(found.values())


# ---- People ----------------------------------------------------------------------------------------------------------


@bp.get("/people/<int:id>")
@staff("register")
def person(id):
    who = _visible_person(id)
    audit.looked(database(), "person_viewed", who, g.viewer.as_staff(g.viewer.duty("register", who.organisation_id)))
    return page("desk/register/person.html", **_person_facts(who), typed=_contact.of(who), version=who.version)


@bp.post("/people/<int:id>")
@staff("register")
def change(id):
    who = _visible_person(id)
    require(_contacts_open(who))
    # Where the mails go decides who can ask for a new password.
    if (_contact.typed()["email"] or "") != (who.email or "") and letter.is_active(session, who.login_id):
        require(access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=True))
        if not g.viewer.lately_proved:
            return _proof.ask()
    try:
        by = g.viewer.as_staff(g.viewer.duty("register", who.organisation_id))
        people.change_contact(session, who, _contact.typed(), _contact.version(), by=by)
    except people.BadContact as error:
        return _not_changed(id, _contact.refusal(error), 422)
    except Stale:
        return _not_changed(id, {"email": _contact.stale()}, 409)
    return done(None, to=url_for(".person", id=id), say=_("Contact details saved."))


def _not_changed(id: int, errors: dict, status: int):
    """The form again. After a stale edit it carries the newest version: who saves again has seen what stands there now."""
    close()
    facts = _person_facts(_visible_person(id))
    version = facts["who"].version if status == 409 else _contact.version()
    return refused("desk/register/person.html", status=status, **facts, typed=_contact.typed(), version=version, errors=errors)


def _visible_person(id: int) -> Person:
    return one_or_404(access.visible_persons(g.viewer).where(Person.id == id))


def _contacts_open(who: Person) -> bool:
    """Of somebody who was erased there are none."""
    return who.erased_at is None and access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=who.non_disclosure)


def _person_facts(who: Person) -> dict:
    organisation = session.get(Organisation, who.organisation_id)
    return {
        "title": _terms.person_name(who.name),
        "keeps": who.erased_at is None and _organisation.within(access.whole_duties(g.viewer, "settings"), who.organisation_id),
        "who": who,
        "organisation": organisation,
        "open": _contacts_open(who),
        "sign_in_name": register.sign_in_name(session, who.id),
        "homes": register.homes_of(session, who.id),
        "today": _terms.today_of(organisation.id),
        "label": lambda row: access.home_label(organisation.country, row.address, row.number),
        "days": register.days,
        "terms": _terms,
        **_posts(who),
        "entry": _entry.of(session, who) if who.kind == "natural" and g.viewer.can("letters", organisation.id) else None,
        "represented": [(row, other, search.hidden_from(g.viewer, other)) for row, other in representation.about(session, who.id)],
    }


def _posts(who: Person) -> dict:
    governs = _organisation.within(access.governing_duties(g.viewer), who.organisation_id)
    found = access.visible_posts(g.viewer).where(Post.person_id == who.id).order_by(Post.first)
    return {"governs": governs, "posts": session.scalars(found).all() if governs else []}
