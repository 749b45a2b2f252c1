"""Messages at the desk: what waits for an answer of the viewer's posts, a thread with the form to answer it, a new one."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access, clock
from resident.access import Duty
from resident.homes.building import Building, Unit
from resident.people.person import Person
from resident.talk import inbox, messaging
from resident.talk.addressee import addressees
from resident.talk.correspondent import Correspondent, correspondents
from resident.talk.thread import Thread

from .. import _terms, _threads
from .._gate import staff
from .._locale import _
from .._security import takes_files
from .._typed import whole
from .._uploads import attach, uploads
from .._web import done, first_sending, one_or_404, page, refused, remember, require, session

bp = Blueprint("desk_messages", __name__, url_prefix="/desk/messages")
_BUILDINGS = 300
_FORM = "desk/messages/_form.html"


@bp.get("")
@staff()
def index():
    require(bool(g.viewer.answers()))
    wanted, after = _filter(), whole(request.args, "after")
    rows = session.execute(inbox.queue(g.viewer, wanted, after)).all()
    return page(
        "desk/messages/index.html",
        part="desk/messages/_queue.html",
        title=_("Messages"),
        rows=[_row(row) for row in rows[: inbox.PAGE]],
        more=rows[inbox.PAGE - 1].last_id if len(rows) > inbox.PAGE else None,
        after=after,
        wanted=wanted,
        addressees={kind: _threads.addressee(kind, g.viewer.organisation.legal_form) for kind in g.viewer.answers()},
        buildings=session.execute(inbox.buildings(g.viewer).limit(_BUILDINGS)).all(),
    )


@bp.get("/<int:id>")
@staff()
def show(id):
    return _SIDE.show(id)


@bp.post("/<int:id>/answers")
@staff()
@takes_files
def answer(id):
    return _SIDE.answer(id)


@bp.post("/<int:id>/seen")
@staff()
def see(id):
    return _SIDE.see(id)


# ---- A thread that staff begin -------------------------------------------------------------------------------------


@bp.get("/homes/<int:id>")
@staff("register")
def new(id):
    return page("desk/messages/new.html", part=_FORM, **_form(_home(id)))


@bp.post("/homes/<int:id>")
@staff("register")
@takes_files
def create(id):
    prepared, refusals = uploads()
    home = _home(id)
    who = next((one for one in home["people"] if one.person_id == whole(request.form, "person")), None)
    offered = _offered(home, who) if who else []
    to = next((one for one, _duty in offered if one.key == request.form.get("as")), None)
    errors = {"person": _("Choose who you write to.")} if who is None else {}
    errors |= {"as": _("Choose in whose name you write.")} if who and to is None else {}
    errors |= _threads.unwritten("subject", "text") | refusals
    if errors:
        return refused("desk/messages/new.html", part=_FORM, **_form(home, errors))
    if again := first_sending(g.viewer.login_id):
        return again
    by = g.viewer.as_staff(dict(offered)[to])
    thread, message = messaging.open_thread(session, who, to, _threads.typed("subject"), _threads.typed("text"), by=by)
    attach(prepared, thread.organisation_id, message_id=message.id)
    shown = url_for(".show", id=thread.id)
    remember(shown)
    return done(None, to=shown, say=_("Your message is sent. Its number is %(number)s.", number=thread.number))


def _home(id: int) -> dict:
    """A home in reach, the posts in which the viewer may write there, and to whom."""
    unit, building = session.execute(access.visible_units(g.viewer).where(Unit.id == id).add_columns(Building)).first() or abort(
        404
    )
    duties = access.writing_duties(g.viewer, building.organisation_id, building.id) or abort(404)
    organisation = duties[0].organisation
    people = correspondents(session, organisation, unit)
    label = access.home_label(organisation.country, building.address, unit.number)
    return {"unit": unit, "label": label, "organisation": organisation, "duties": duties, "people": people}


def _offered(home: dict, who: Correspondent) -> list:
    """[(addressee, duty)] in whose name the viewer may write: of the posts that may, the first for the addressee."""
    found = []
    for one in addressees(session, who):
        order = access.ANSWERS[one.kind]
        able = [duty for duty in home["duties"] if duty.role in order]
        if able:
            found.append((one, min(able, key=lambda duty: order.index(duty.role))))
    return found


def _form(home: dict, errors: dict | None = None) -> dict:
    organisation, people = home["organisation"], home["people"]
    names = {} if not people else dict(_offered(home, people[0]))
    return {
        "title": _("Write a message"),
        "home": home,
        "people": [(one.person_id, _called(one), _terms.role(one.role, one.tenure_kind), one.signs_in) for one in people],
        "names": [(one.key, _threads.addressee(one.kind, organisation.legal_form)) for one in names],
        "typed": {name: request.values.get(name, "") for name in ("person", "as", "subject", "text")},
        "errors": errors or {},
    }


def _called(one: Correspondent) -> str:
    open_to = access.may_see_contacts(g.viewer, one.organisation.id, undisclosed=True)
    return one.name if open_to or not one.non_disclosure else _("Name not shown")


# ---- What the routes stand on --------------------------------------------------------------------------------------


def _filter() -> inbox.Filter:
    given = request.args
    waiting = given.get("show") != "all"
    return inbox.Filter(
        waiting=waiting,
        addressee=given.get("to") if given.get("to") in g.viewer.answers() else None,
        building=whole(given, "building"),
        search=given.get("q", "").strip()[:80],
        newest_first=given.get("order", "oldest" if waiting else "newest") != "oldest",
    )


def _row(row) -> dict:
    """A thread as the queue shows it; neither name nor home of a person whom the viewer must not find."""
    hidden = row.non_disclosure and not access.may_see_contacts(g.viewer, row.organisation_id, undisclosed=True)
    return {
        "id": row.id,
        "subject": row.subject,
        "number": row.number,
        "to": _threads.addressee(row.addressee, row.legal_form, row.provider),
        "name": None if hidden else row.name,
        "home": None if hidden else access.home_label(row.country, row.address, row.home),
        "day": clock.day(row.last_at, row.tz),
        "waiting": not row.last_by_staff,
        "begun": row.last_by_staff and row.opened_at == row.last_at,
        "unread": row.unread,
    }


def _thread(id: int) -> Thread:
    return one_or_404(access.visible_threads(g.viewer).where(Thread.id == id, access.answered_threads(g.viewer)))


def _duty(thread: Thread) -> Duty:
    """The post in which the viewer answers: of those that may, the one that stands first for the addressee."""
    able = [duty for duty in g.viewer.duties if access.answers_thread(duty, thread)]
    order = access.ANSWERS[thread.addressee]
    return min(able, key=lambda duty: order.index(duty.role), default=None) or abort(404)


def _shown(thread: Thread) -> dict:
    duty = _duty(thread)
    place = session.execute(
        select(Building.address, Unit.number, Person.name, Person.non_disclosure, Person.phone, Person.email)
        .select_from(Person)
        .join(Unit, Unit.id == thread.unit_id)
        .join(Building, Building.id == Unit.building_id)
        .where(Person.id == thread.person_id)
    ).one()
    hidden = place.non_disclosure and not access.may_see_contacts(g.viewer, thread.organisation_id, undisclosed=True)
    return {
        "tz": duty.organisation.tz,
        "addressee": _threads.addressee_of(thread, duty.organisation),
        "role": _terms.post(duty.role),
        "place": place,
        "home": None if hidden else access.home_label(duty.organisation.country, place.address, place.number),
        "undisclosed": hidden,
        "contacts": access.may_see_contacts(g.viewer, thread.organisation_id, place.non_disclosure),
        "register": g.viewer.can("register", thread.organisation_id, thread.building_id),
        "lines": _threads.conversation(thread, at_desk=True, hidden=hidden),
        "unread": not thread.last_by_staff and thread.last_id > thread.seen_by_staff,
        "read": thread.last_by_staff and thread.seen_by_resident >= thread.last_id,
    }


_SIDE = _threads.Side("desk/messages", _thread, lambda thread: g.viewer.as_staff(_duty(thread)), _shown)
