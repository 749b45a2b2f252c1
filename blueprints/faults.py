"""A resident's faults: reporting one, following it to its end, saying whether it is gone."""

from flask import Blueprint, abort, g, make_response, request, url_for

from resident import access, clock
from resident.access import Home
from resident.errors import Stale
from resident.people.person import Person
from resident.talk import following, queue
from resident.talk.case import Case
from resident.talk.following import Incomplete, MoveNotAllowed

from . import _cases
from ._gate import resident
from ._locale import _
from ._security import takes_files
from ._typed import plain, whole
from ._uploads import attach, uploads
from ._web import close, commit, done, first_sending, from_htmx, one_or_404, page, refused, remember, require, session

bp = Blueprint("faults", __name__, url_prefix="/faults")
PART = "faults/_case.html"


@bp.get("")
@resident("talk")
def index():
    after = whole(request.args, "after")
    rows = session.execute(queue.own(g.viewer, after)).all()
    older = rows[queue.OWN_PAGE - 1].id if len(rows) > queue.OWN_PAGE else None
    return page(
        "faults/index.html",
        title=_("Faults"),
        rows=rows[: queue.OWN_PAGE],
        common=session.execute(queue.common(g.viewer)).all() if after is None else [],
        several=len({home.unit_id for home in g.viewer.homes}) > 1,
        label=access.home_label,
        day=clock.day,
        older=older,
    )


@bp.get("/new")
@resident("talk")
def new():
    phone = session.get(Person, g.viewer.home.actor_id).phone or ""
    return page("faults/new.html", **_form(_cases.typed(phone=phone)))


@bp.post("")
@resident("talk")
@takes_files
def create():
    found, (photos, refusals) = _cases.typed(), uploads()
    where, report = _where(found), _cases.report(found)
    errors = _cases.wrong(where, report) | _cases.too_long(found) | refusals
    if errors:
        return refused("faults/new.html", part="faults/_form.html", **_form(found, errors))
    if again := first_sending(g.viewer.login_id):
        return again
    case, event = following.open_case(session, where, report, by=g.viewer.as_resident(_from()))
    attach(photos, case.organisation_id, event_id=event.id)
    to = url_for(".show", id=case.id)
    remember(to)
    return done(None, to=to, say=_("We have received your fault report. Its number is %(number)s.", number=case.number))


@bp.get("/<int:id>")
@resident("talk")
def show(id):
    return page("faults/case.html", part=PART, **_shown(_case(id)))


@bp.post("/<int:id>/comments")
@resident("talk")
@takes_files
def comment(id):
    photos, refusals = uploads()
    text = plain(request.form.get("text", ""))
    errors = _cases.too_long({"comment": text}) | refusals
    if not errors and (again := first_sending(g.viewer.login_id)):
        return again
    case, by = _own(id)
    if not errors:
        try:
            event = following.comment(session, case, text, by=by)
            attach(photos, case.organisation_id, event_id=event.id)
        except Incomplete:
            errors = {"comment": _("Write a comment.")}
    if errors:
        return refused("faults/case.html", part=PART, **_shown(case, text=text, errors=errors))
    remember(url_for(".show", id=id))
    return _changed(id, _("Your comment is sent."))


@bp.post("/<int:id>/closure")
@resident("talk")
def accept(id):
    return _moved(id, "close", _("Thank you. The fault report is closed."))


@bp.post("/<int:id>/reopening")
@resident("talk")
def reopen(id):
    return _moved(id, "reopen", _("The fault report is open again."))


@bp.post("/<int:id>/seen")
@resident("talk")
def see(id):
    case, by = _own(id)
    following.see(session, case, whole(request.form, "event") or 0, by=by)
    if not from_htmx():
        return done(None, to=url_for(".show", id=id))
    commit()
    return make_response("", 200)


# ---- What the routes stand on --------------------------------------------------------------------------------------


def _case(id: int) -> Case:
    return one_or_404(access.visible_cases(g.viewer, at_desk=False).where(Case.id == id))


def _home(case: Case) -> Home:
    """The viewer's home that a case is seen from: the one that it is about, the one it was reported from, a neighbour's."""
    homes = access.homes_with(g.viewer, "talk")
    for same in (
        lambda home: home.tenure_id == case.tenure_id and home.unit_id == case.unit_id,
        lambda home: home.tenure_id == case.tenure_id,
        lambda home: home.building_id == case.building_id,
    ):
        for home in filter(same, homes):
            return home
    return abort(404)


def _own(id: int):
    """(case, actor) of a case of one's own household; 403 for a neighbour's in a common area."""
    case = _case(id)
    home = _home(case)
    require(case.tenure_id == home.tenure_id)
    return case, g.viewer.as_resident(home)


def _from() -> Home:
    """The home that the form was drawn for: another may have been chosen since, in another window."""
    unit = whole(request.form, "home")
    if unit is None:
        return g.viewer.home
    return next((home for home in access.homes_with(g.viewer, "talk") if home.unit_id == unit), None) or abort(404)


def _where(found: dict) -> following.Where:
    home = _from()
    return following.Where(
        organisation_id=home.organisation.id,
        today=home.organisation.today,
        building_id=home.building_id,
        unit_id=home.unit_id if found["where"] == "home" else None,
        tenure_id=home.tenure_id,
        person_id=home.person_id,
    )


def _moved(id: int, act: str, say: str):
    text = plain(request.form.get("text", ""))
    case, by = _own(id)
    errors = _cases.too_long({"reason": text})
    if errors:
        return refused("faults/case.html", part=PART, **_shown(case, reason=text, errors=errors))
    try:
        following.move(session, case, act, by=by, version=whole(request.form, "version"), text=text)
    except (Stale, MoveNotAllowed):
        return _too_late(id, act, by, text, say)
    return _changed(id, say)


def _too_late(id: int, act: str, by: access.Actor, text: str, say: str):
    """Somebody came in between: what is now, and what was written (S47). The same form sent twice is no news."""
    close()
    case = _case(id)
    if following.already(session, case, act, by=by, text=text):
        return _changed(id, say)
    return refused("faults/case.html", part=PART, status=409, **_shown(case, reason=text, stale=True))


def _changed(id: int, say: str):
    commit()
    return done(PART, to=url_for(".show", id=id), say=say, **(_shown(_case(id)) if from_htmx() else {}))


def _form(found: dict, errors: dict | None = None) -> dict:
    return {
        "title": _("Report a fault"),
        "home": _from(),
        "typed": found,
        "categories": _cases.categories(),
        "errors": errors or {},
    }


def _shown(case: Case, *, text: str = "", reason: str = "", errors: dict | None = None, stale: bool = False) -> dict:
    """Everything that the page of a case shows."""
    home = _home(case)
    own = case.tenure_id == home.tenure_id
    return _cases.shown(case, home.organisation, at_desk=False, errors=errors, stale=stale) | {
        "home": home,
        "own": own,
        "unread": case.person_id == home.person_id and case.last_event > case.seen_event,
        "acts": following.allowed(case, g.viewer.as_resident(home)) if own else [],
        "text": text,
        "reason": reason,
    }
