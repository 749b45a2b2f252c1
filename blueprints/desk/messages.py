"""Messages at the desk: what waits for an answer of the viewer's posts, and a thread with the form to answer it."""

from flask import Blueprint, abort, g, request
from sqlalchemy import select

from resident import access, clock
from resident.access import Duty
from resident.homes.building import Building, Unit
from resident.people.person import Person
from resident.talk import inbox
from resident.talk.thread import Thread

from .. import _terms, _threads
from .._gate import staff
from .._locale import _
from .._security import takes_files
from .._typed import whole
from .._web import one_or_404, page, require, session

bp = Blueprint("desk_messages", __name__, url_prefix="/desk/messages")
_BUILDINGS = 300


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
