"""Faults at the desk: the queue, one case with all its facts, opening one for a resident, and the caretaker's own list."""

from datetime import date

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.errors import Stale
from resident.talk import following, queue
from resident.talk.case import Case
from resident.talk.following import BadDay, Incomplete, MoveNotAllowed, NotAssignable

from .. import _case_desk, _cases
from .._days import Days
from .._gate import staff
from .._locale import _
from .._security import takes_files
from .._typed import plain, whole
from .._uploads import attach, uploads
from .._web import close, commit, done, first_sending, from_htmx, one_or_404, page, refused, remember, require, session

bp = Blueprint("desk_faults", __name__, url_prefix="/desk/faults")
PART = "desk/faults/_case.html"


@bp.get("")
@staff("cases")
def index():
    return page("desk/faults/index.html", part="desk/faults/_queue.html", **_case_desk.queue_page())


@bp.get("/mine")
@staff("own_cases")
def mine():
    return page("desk/faults/mine.html", part="desk/faults/_work.html", **_case_desk.work_page())


@bp.get("/<int:id>")
@staff()
def show(id):
    return page("desk/faults/case.html", part=PART, **_case_desk.case_page(_case(id)))


@bp.post("/<int:id>/state")
@staff()
@takes_files
def move(id):
    form, (photos, refusals) = _typed_move(), uploads("files-state")
    case = _case(id)
    errors = form.pop("errors") | refusals
    if not errors:
        try:
            event = following.move(session, case, **form, version=_version(), by=_by(case))
            attach(photos, case.organisation_id, event_id=event.id)
        except Incomplete:
            errors = {"note": _reason_for(form["act"])}
        except BadDay:
            errors = {"until": _("Choose a day after today, at the most two years ahead.")}
        except (Stale, MoveNotAllowed) as error:
            return _told_stale(id, error, move=form)
    if errors:
        return refused("desk/faults/case.html", part=PART, **_case_desk.case_page(case, move=form, errors=errors))
    return _changed(id, _("The state is changed."))


@bp.post("/<int:id>/assignment")
@staff()
def assign(id):
    case = _case(id)
    person, stranger = _caretaker()
    due, wrong = _day("due")
    errors = {field: sentence for field, sentence in (("person", stranger), ("due", wrong)) if sentence}
    if not errors:
        try:
            duty = _case_desk.duty_for(case)
            following.assign(
                session, case, person, due=due, version=_version(), today=duty.organisation.today, by=g.viewer.as_staff(duty)
            )
        except NotAssignable:
            errors = {"person": _not_here()}
        except BadDay:
            errors = {"due": _("Choose today or a later day, at the most two years ahead.")}
        except (Stale, MoveNotAllowed) as error:
            return _told_stale(id, error, assignment=person)
    if errors:
        facts = _case_desk.case_page(case, assignment=person, due=due, errors=errors)
        return refused("desk/faults/case.html", part=PART, **facts)
    return _changed(id, _("The work is assigned.") if person else _("The work is assigned to nobody."))


@bp.post("/<int:id>/comments")
@staff()
@takes_files
def comment(id):
    kind = request.form.get("kind")
    verb = {"comment": following.comment, "internal": following.comment_inside}.get(kind) or abort(400)
    photos, refusals = uploads(f"files-{kind}")
    text = plain(request.form.get("text", ""))
    errors = _cases.too_long({kind: text}) | refusals
    if not errors and (again := first_sending(g.viewer.login_id)):
        return again
    case = _case(id)
    if not errors:
        try:
            event = verb(session, case, text, by=_by(case))
            attach(photos, case.organisation_id, event_id=event.id)
        except Incomplete:
            errors = {kind: _("Write a comment.")}
    if errors:
        return refused("desk/faults/case.html", part=PART, **_case_desk.case_page(case, texts={kind: text}, errors=errors))
    remember(url_for(".show", id=id))
    return _changed(id, _("Your comment is sent.") if kind == "comment" else _("Your internal comment is saved."))


# ---- A fault reported by telephone, or found on a round ------------------------------------------------------------


@bp.get("/new")
@staff("cases")
def new():
    if request.args.get("unit") or request.args.get("building"):
        return page("desk/faults/new.html", **_case_desk.form_page(_case_desk.target(), _cases.typed()))
    search = plain(request.args.get("q", ""))[:80]
    return page(
        "desk/faults/search.html",
        title=_("Report a fault for a home"),
        search=search,
        homes=session.execute(queue.homes(g.viewer, search)).all() if search else [],
        buildings=_case_desk.buildings(),
        label=access.home_label,
    )


@bp.post("")
@staff("cases")
@takes_files
def create():
    found, (photos, refusals) = _cases.typed(), uploads()
    if again := first_sending(g.viewer.login_id):
        return again
    target = _case_desk.target()
    found["where"] = "home" if target["unit_id"] else "common"
    where, report = _case_desk.where(target), _cases.report(found)
    errors = _cases.wrong(where, report) | _cases.too_long(found) | refusals
    if errors:
        return refused("desk/faults/new.html", part="desk/faults/_form.html", **_case_desk.form_page(target, found, errors))
    case, event = following.open_case(session, where, report, by=g.viewer.as_staff(target["duty"]))
    attach(photos, case.organisation_id, event_id=event.id)
    to = url_for(".show", id=case.id)
    remember(to)
    return done(None, to=to, say=_("The fault report is saved. Its number is %(number)s.", number=case.number))


# ---- What the routes stand on --------------------------------------------------------------------------------------


def _case(id: int) -> Case:
    return one_or_404(access.visible_cases(g.viewer, at_desk=True).where(Case.id == id))


def _by(case: Case) -> access.Actor:
    return g.viewer.as_staff(_case_desk.duty_for(case))


def _version() -> int | None:
    return whole(request.form, "version")


def _caretaker() -> tuple[int | None, str | None]:
    """(person, sentence) of the assignment: nobody is an empty field, not a number that is none."""
    person = whole(request.form, "person")
    return person, _not_here() if person is None and request.form.get("person", "").strip() else None


def _not_here() -> str:
    return _("This person does not look after the building now. Choose another one.")


def _day(name: str) -> tuple[date | None, str | None]:
    """(day, sentence) of a date field."""
    days = Days()
    return days.optional(name), days.errors.get(name)


def _typed_move() -> dict:
    """What the form of a change of state brings: act, text, until, errors."""
    act, text = request.form.get("act", ""), plain(request.form.get("text", ""))
    until, wrong = _day("until")
    errors = _cases.too_long({"note": text})
    if act not in following.MOVES:
        errors["act"] = _("Choose the new state.")
    if act == "wait" and wrong:
        errors["until"] = wrong
    return {"act": act, "text": text, "until": until, "errors": errors}


def _reason_for(act: str) -> str:
    return _("Write why the work waits, or until which day.") if act == "wait" else _("Write why the fault report is declined.")


def _told_stale(id: int, error: Stale | MoveNotAllowed, **kept):
    """What is now, beside what was written: nothing is overwritten (S47). 403 for an act that is not this person's."""
    require(isinstance(error, Stale) or error.why == "state")
    close()
    case, move = _case(id), kept.get("move")
    if move and following.already(session, case, move["act"], by=_by(case), text=move["text"]):
        return _changed(id, _("The state is changed."))
    if _from_list():
        facts = _case_desk.work_page(stale=case, kept=move)
        return refused("desk/faults/mine.html", part="desk/faults/_work.html", status=409, **facts)
    return refused("desk/faults/case.html", part=PART, status=409, **_case_desk.case_page(case, stale=True, **kept))


def _from_list() -> bool:
    """Was the form on the caretaker's own list?"""
    return request.form.get("from") == "mine"


def _changed(id: int, say: str):
    commit()
    if _from_list():
        return done("desk/faults/_work.html", to=url_for(".mine"), say=say, **(_case_desk.work_page() if from_htmx() else {}))
    return done(PART, to=url_for(".show", id=id), say=say, **(_case_desk.case_page(_case(id)) if from_htmx() else {}))
