"""A resident's messages: writing to whoever answers for the home, and reading what comes back."""

from flask import Blueprint, abort, g, request, url_for

from resident import access, clock
from resident.access import Home
from resident.talk import inbox, messaging
from resident.talk.addressee import addressees
from resident.talk.thread import Thread

from . import _threads
from ._gate import resident
from ._locale import _
from ._security import takes_files
from ._typed import whole
from ._uploads import attach, uploads
from ._web import done, first_sending, one_or_404, page, refused, remember, session

bp = Blueprint("messages", __name__, url_prefix="/messages")
FORM = "messages/_form.html"


@bp.get("")
@resident("talk")
def index():
    after = whole(request.args, "after")
    rows = session.execute(inbox.own(g.viewer, after)).all()
    return page(
        "messages/index.html",
        title=_("Messages"),
        rows=rows[: inbox.OWN_PAGE],
        older=rows[inbox.OWN_PAGE - 1].last_id if len(rows) > inbox.OWN_PAGE else None,
        several=len({home.unit_id for home in access.homes_with(g.viewer, "talk")}) > 1,
        label=access.home_label,
        addressee=_threads.addressee,
        day=clock.day,
    )


@bp.get("/new")
@resident("talk")
def new():
    return page("messages/new.html", part=FORM, **_form())


@bp.post("")
@resident("talk")
@takes_files
def create():
    prepared, refusals = uploads()
    home = _chosen(whole(request.form, "home"))
    to = next((one for one in addressees(session, home) if one.key == request.form.get("to")), None)
    errors = {"to": _("Choose who the message is for.")} if to is None else {}
    errors |= _threads.unwritten("subject", "text") | refusals
    if errors:
        return refused("messages/new.html", part=FORM, **_form(errors))
    if again := first_sending(g.viewer.login_id):
        return again
    written = _threads.typed("subject"), _threads.typed("text")
    thread, message = messaging.open_thread(session, home, to, *written, by=g.viewer.as_resident(home))
    attach(prepared, thread.organisation_id, message_id=message.id)
    shown = url_for(".show", id=thread.id)
    remember(shown)
    return done(None, to=shown, say=_("Your message is sent. Its number is %(number)s.", number=thread.number))


@bp.get("/<int:id>")
@resident("talk")
def show(id):
    return _SIDE.show(id)


@bp.post("/<int:id>/answers")
@resident("talk")
@takes_files
def answer(id):
    return _SIDE.answer(id)


@bp.post("/<int:id>/seen")
@resident("talk")
def see(id):
    return _SIDE.see(id)


# ---- What the routes stand on --------------------------------------------------------------------------------------


def _thread(id: int) -> Thread:
    return one_or_404(access.visible_threads(g.viewer).where(Thread.id == id, access.own_threads(g.viewer)))


def _home(thread: Thread) -> Home:
    homes = [home for home in access.homes_with(g.viewer, "talk") if home.tenure_id == thread.tenure_id]
    return next((home for home in homes if home.unit_id == thread.unit_id), homes[0])


def _chosen(unit_id: int | None) -> Home:
    """The home that the message is about: the one asked for, else the one that the person is looking at."""
    if unit_id is None:
        return g.viewer.home
    return next((home for home in access.homes_with(g.viewer, "talk") if home.unit_id == unit_id), None) or abort(404)


def _form(errors: dict | None = None) -> dict:
    home = _chosen(whole(request.values, "home"))
    form = home.organisation.legal_form
    found = addressees(session, home)
    return {
        "title": _("Write a message"),
        "home": home,
        "homes": access.homes_with(g.viewer, "talk"),
        "choices": [(one.key, _threads.addressee(one.kind, form, one.name), _threads.hint(one.kind)) for one in found],
        "typed": {name: request.values.get(name, "") for name in ("to", "subject", "text")},
        "errors": errors or {},
    }


def _shown(thread: Thread) -> dict:
    home = _home(thread)
    return {
        "home": home,
        "addressee": _threads.addressee_of(thread, home.organisation),
        "lines": _threads.conversation(thread, at_desk=False),
        "unread": thread.last_by_staff and thread.last_id > thread.seen_by_resident,
    }


_SIDE = _threads.Side("messages", _thread, lambda thread: g.viewer.as_resident(_home(thread)), _shown)
