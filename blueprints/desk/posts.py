"""Posts and mandates at the desk: who does what in the organisation, from which day to which, and who works for it."""

from datetime import date

from flask import Blueprint, g, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import aliased

from resident import access
from resident.errors import ResidentError, Stale
from resident.homes import mandating
from resident.homes.building import Building
from resident.homes.organisation import Mandate, Organisation
from resident.people import appointing
from resident.people.person import Person
from resident.people.post import ROLES, Post

from .. import _terms
from .._days import Days
from .._gate import proved, staff
from .._locale import _
from .._typed import whole
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _organisation

bp = Blueprint("desk_posts", __name__, url_prefix="/desk/posts")


@bp.get("")
@staff("posts")
def index():
    duty = _duty()
    agent = aliased(Organisation)
    today = duty.organisation.today
    mandates = access.visible_mandates(g.viewer).where(Mandate.principal_id == duty.organisation.id)
    mandates = mandates.join(agent, agent.id == Mandate.agent_id).outerjoin(Building, Building.id == Mandate.building_id)
    posts = access.visible_posts(g.viewer).where(Post.organisation_id == duty.organisation.id)
    rows = session.execute(
        posts.join(Person, Person.id == Post.person_id).add_columns(Person).order_by(Person.search_key, Post.first)
    )
    return page(
        "desk/posts/index.html",
        title=_("Positions and mandates"),
        organisation=duty.organisation,
        others=_organisation.choice(access.governing_duties(g.viewer)),
        posts=[(post, who, appointing.limits(session, post)) for post, who in rows],
        mandates=session.execute(mandates.add_columns(agent.name, Building.address).order_by(Mandate.first.desc())).all(),
        buildings=dict(_buildings(duty)),
        today=today,
        terms=_terms,
    )


# ---- Posts -----------------------------------------------------------------------------------------------------------


@bp.get("/new")
@staff("posts")
@proved
def new():
    return page("desk/posts/post.html", **_giving(_person()), typed={"first": _duty().organisation.today.isoformat()})


@bp.post("")
@staff("posts")
@proved
def give():
    who = _person()
    facts = _giving(who)
    first, last, errors = _days()
    if again := first_sending(g.viewer.login_id):
        return again
    if errors:
        return _not_given(who, errors)
    try:
        appointing.give(
            session,
            who,
            request.form.get("role", ""),
            first,
            last,
            _chosen(facts["buildings"]),
            by=facts["by"],
            today=facts["today"],
        )
    except appointing.BadPost as error:
        return _not_given(who, _told(error))
    to = url_for("desk_register.person", id=who.id)
    remember(to)
    return done(None, to=to, say=_("The position is given."))


@bp.get("/<int:id>")
@staff("posts")
@proved
def show(id):
    facts = _changing(id)
    return page("desk/posts/post.html", **facts, typed=_typed_of(facts))


@bp.post("/<int:id>")
@staff("posts")
@proved
def change(id):
    facts = _changing(id)
    _first, last, errors = _days(begun=facts["post"].first)
    if errors:
        return _not_changed(id, errors)
    try:
        seen, today = request.form.get("seen", ""), facts["today"]
        appointing.change(session, facts["post"], last, _chosen(facts["buildings"]), seen, by=facts["by"], today=today)
    except appointing.BadPost as error:
        return _not_changed(id, _told(error))
    except Stale:
        return _not_changed(
            id, {"last": _("Somebody changed this position while you were looking at it. Check it and save again.")}, 409
        )
    return done(None, to=url_for(".index", organisation=facts["organisation"].id), say=_("The position is changed."))


# ---- Mandates --------------------------------------------------------------------------------------------------------


@bp.get("/mandates/new")
@staff("posts")
@proved
def new_mandate():
    duty = _duty()
    typed = {"first": duty.organisation.today.isoformat(), "purpose": "manage"}
    return page("desk/posts/mandate.html", **_mandating(duty), typed=typed)


@bp.post("/mandates")
@staff("posts")
@proved
def give_mandate():
    duty = _duty()
    first, last, errors = _days()
    if again := first_sending(g.viewer.login_id):
        return again
    if errors:
        return _mandate_refused(duty, errors)
    given = request.form
    try:
        mandating.give(
            session,
            session.get_one(Organisation, duty.organisation.id),
            mandating.agent_called(session, given.get("agent", "")[:60]),
            given.get("purpose", ""),
            first,
            last,
            medium=(given.get("medium") or None) if given.get("purpose") == "supply" else None,
            building_id=whole(given, "building"),
            by=g.viewer.as_staff(duty),
        )
    except mandating.BadMandate as error:
        return _mandate_refused(duty, _told(error))
    to = url_for(".index", organisation=duty.organisation.id) + "#mandates"
    remember(to)
    return done(None, to=to, say=_("The mandate is given."))


@bp.get("/mandates/<int:id>")
@staff("posts")
@proved
def show_mandate(id):
    facts = _mandate(id)
    last = facts["mandate"].last
    return page("desk/posts/mandate.html", **facts, typed={"last": last.isoformat() if last else ""})


@bp.post("/mandates/<int:id>")
@staff("posts")
@proved
def end_mandate(id):
    facts = _mandate(id)
    mandate = facts["mandate"]
    _first, last, errors = _days(begun=mandate.first)
    if errors:
        return refused("desk/posts/mandate.html", **facts, typed=request.form, errors=errors)
    try:
        mandating.end(session, mandate, last, Days().optional("seen"), by=facts["by"], today=facts["today"])
    except mandating.BadMandate as error:
        return _mandate_left(id, _told(error))
    except Stale:
        return _mandate_left(
            id, {"last": _("Somebody changed this mandate while you were looking at it. Check it and save again.")}, 409
        )
    return done(None, to=url_for(".index", organisation=facts["organisation"].id) + "#mandates", say=_("The mandate is changed."))


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _duty(organisation_id: int | None = None) -> access.Duty:
    return _organisation.of(access.governing_duties(g.viewer), organisation_id)


def _person() -> Person:
    """The person who is to get a post: of the register of an organisation that the viewer governs."""
    governed = [duty.organisation.id for duty in access.governing_duties(g.viewer)]
    reached = access.visible_persons(g.viewer).where(Person.id == (whole(request.values, "person") or 0))
    return one_or_404(reached.where(Person.organisation_id.in_(governed)))


def _giving(who: Person) -> dict:
    return {**_ground(_duty(who.organisation_id)), "title": _("Give a position"), "who": who, "post": None, "seen": ""}


def _changing(id: int) -> dict:
    post = one_or_404(access.visible_posts(g.viewer).where(Post.id == id))
    who = session.get_one(Person, post.person_id)
    title, seen = _terms.post(post.role), appointing.mark(session, post)
    return {**_ground(_duty(post.organisation_id)), "title": title, "who": who, "post": post, "seen": seen}


def _ground(duty) -> dict:
    return {
        "organisation": duty.organisation,
        "today": duty.organisation.today,
        "by": g.viewer.as_staff(duty),
        "buildings": _buildings(duty),
        "roles": {role: _terms.post(role) for role in ROLES},
    }


def _mandating(duty) -> dict:
    purposes = {"manage": _("Management"), "maintain": _("Maintenance"), "supply": _("Supply of a medium")}
    media = _terms.media(duty.organisation.id)
    return {**_ground(duty), "title": _("Give a mandate"), "mandate": None, "purposes": purposes, "media": media}


def _mandate(id: int) -> dict:
    mandate = one_or_404(access.visible_mandates(g.viewer).where(Mandate.id == id))
    agent = session.scalar(select(Organisation.name).where(Organisation.id == mandate.agent_id))
    return {**_mandating(_duty(mandate.principal_id)), "title": agent, "mandate": mandate}


def _buildings(duty) -> list[tuple[int, str]]:
    found = select(Building.id, Building.address).where(Building.organisation_id == duty.organisation.id)
    return [tuple(row) for row in session.execute(found.order_by(Building.address, Building.id))]


def _typed_of(facts: dict) -> dict:
    post = facts["post"]
    limits = appointing.limits(session, post)
    return {"last": post.last.isoformat() if post.last else "", **{f"building-{id}": "yes" for id in limits}}


# ---- What is typed, and what is said ---------------------------------------------------------------------------------


def _days(begun: date | None = None) -> tuple[date | None, date | None, dict[str, str]]:
    """(first, last, {field: sentence}). begun: the first day of what stands already."""
    days = Days()
    first = begun or days.wanted("first", _("Choose the first day."))
    return first, days.optional("last"), days.errors


def _chosen(buildings: list) -> list[int]:
    return [id for id, _address in buildings if request.form.get(f"building-{id}")]


def _not_given(who: Person, errors: dict):
    id = who.id
    close()
    return refused("desk/posts/post.html", **_giving(session.get_one(Person, id)), typed=request.form, errors=errors)


def _not_changed(id: int, errors: dict, status: int = 422):
    close()
    facts = _changing(id)
    if status != 409:
        facts["seen"] = request.form.get("seen", "")
    return refused("desk/posts/post.html", status=status, **facts, typed=request.form, errors=errors)


def _mandate_refused(duty, errors: dict):
    close()
    return refused("desk/posts/mandate.html", **_mandating(duty), typed=request.form, errors=errors)


def _mandate_left(id: int, errors: dict, status: int = 422):
    close()
    return refused("desk/posts/mandate.html", status=status, **_mandate(id), typed=request.form, errors=errors)


def _told(error: ResidentError) -> dict[str, str]:
    why, field = error.facts["why"], error.facts["field"]
    sentences = {
        "role": _("Choose a position from the list."),
        "legal": _("A position is held by a human. Choose the person who acts for the company."),
        "days": _("The last day is before the first. Choose a last day that is the first or after it."),
        "past": _("The last day has passed. Choose today or a later day."),
        "buildings": _("Choose buildings from the list."),
        "twice": _("The same is already given for some of these days. Change or end that one first."),
        "last": _("Nobody else could give positions after that day. Give somebody such a position first, without a last day."),
        "agent": _("We do not know an organisation by that. Write its short name or its registry code exactly."),
        "self": _("An organisation needs no mandate from itself. Give its people positions instead."),
        "purpose": _("Choose what the mandate is for."),
        "medium": _("Choose the medium that is supplied."),
        "building": _("Choose a building from the list."),
    }
    return {field: sentences[why]}
