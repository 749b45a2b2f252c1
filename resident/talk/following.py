"""Following a fault to its end (rule 44): who may move it from which state to which, and the verbs that do.

Every change is a line of the history. What the reporter has not seen is told by Case.last_event, the newest line that
is meant for them and was not written by themselves.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from .. import audit, clock, number
from ..access import POSTS, Actor
from ..delivery import notice
from ..errors import ResidentError, Stale
from ..homes.organisation import Organisation
from ..people.person import phone_trouble
from ..people.post import caretakers
from ..text import visible
from .case import CATEGORIES, Case, CaseEvent

ENTRY = ("yes", "no", "ask")
SUBJECT = 80
# How far ahead a day may lie: two years.
AHEAD = timedelta(days=731)
_OPEN = ("new", "received", "in_progress", "waiting")

# act: (states from which, state to which, by whom). "resident" is the reporter's household; "desk" a post with the
# ability "cases"; "caretaker" whoever the case is assigned to; "portal" the worker's daily run.
MOVES = {
    "receive": (("new",), "received", ("desk", "caretaker")),
    "start": (("new", "received", "waiting"), "in_progress", ("desk", "caretaker")),
    "wait": (("new", "received", "in_progress"), "waiting", ("desk", "caretaker")),
    "finish": (("received", "in_progress", "waiting"), "done", ("desk", "caretaker")),
    "reject": (_OPEN, "rejected", ("desk",)),
    "close": (("done",), "closed", ("resident", "portal")),
    "reopen": (("done", "closed", "rejected"), "received", ("desk", "resident")),
    "bring_back": (("waiting",), "received", ("portal",)),
}
# What the history says where that is more than the state that the case came to.
_TOLD = {"reopen": "reopened"}
# A refusal is answered with a comment; only the desk takes it back.
_RESIDENT_REOPENS = ("done", "closed")


class MoveNotAllowed(ResidentError):
    """act, state: the case cannot go this way from where it is, or not by this person. why: "state" or "person"."""


class Incomplete(ResidentError):
    """fields: names of what is missing or wrong."""


class NotAssignable(ResidentError):
    """The person holds no caretaker's post that covers the building today."""


class BadDay(ResidentError):
    """field: "until", a day after today, or "due", today or later; at the most two years ahead."""


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody tells about a fault. entry: one of ENTRY; place: "" when the home is place enough."""

    category: str
    place: str
    text: str
    entry: str
    when: str | None = None
    pets: bool = False
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Organisation, its calendar day, building; the home (None: a common area), and whose report it is."""

    organisation_id: int
    today: date
    building_id: int
    unit_id: int | None
    # None when staff report in their own name: they then accept the result themselves.
    tenure_id: int | None
    person_id: int


def open_case(session: Session, where: Where, report: Report, *, by: Actor) -> tuple[Case, CaseEvent]:
    """A new fault with its number, and the first line of its history. Incomplete(fields)."""
    fields = lacking(where, report)
    if fields:
        raise Incomplete(fields=fields)
    now = clock.now()
    case = Case(
        organisation_id=where.organisation_id, building_id=where.building_id, unit_id=where.unit_id,
        tenure_id=where.tenure_id, person_id=where.person_id,
        number=number.draw(session, where.organisation_id, "case", where.today.year),
        category=report.category, subject=subject(report.text), place=report.place.strip()[:120], text=report.text.strip(),
        entry=report.entry, when=report.when, pets=report.pets, phone=report.phone, opened_at=now, changed_at=now,
    )  # fmt: skip
    session.add(case)
    session.flush()
    event = _tell(session, case, "state", by=by, state="new")
    audit.record(session, "case_opened", by=by, thing=case)
    session.flush()
    return case, event


def lacking(where: Where, report: Report) -> list[str]:
    """Names of the fields of a report that are missing or hold what they cannot."""
    good = {
        "category": report.category in CATEGORIES,
        # A home is place enough, "the building" is not.
        "place": where.unit_id is not None or visible(report.place),
        "text": visible(report.text),
        "entry": report.entry in ENTRY,
        "phone": not report.phone or phone_trouble(report.phone) is None,
    }
    return [field for field, holds in good.items() if not holds]


def subject(text: str) -> str:
    """What a list shows: the first line or sentence, cut at a word."""
    first = next((line for line in text.strip().splitlines() if line.strip()), "").strip()
    for stop in (". ", "! ", "? "):
        first = first.split(stop)[0]
    first = first.rstrip(" .")
    if len(first) <= SUBJECT:
        return first
    return first[:SUBJECT].rsplit(" ", 1)[0].rstrip(" ,;:–-") + " …"


# ---- Comments ------------------------------------------------------------------------------------------------------


def comment(session: Session, case: Case, text: str, *, by: Actor) -> CaseEvent:
    """To the other side: from the household to staff, or from staff to whoever may read the case. Incomplete."""
    return _comment(session, case, "comment", text, by)


def comment_inside(session: Session, case: Case, text: str, *, by: Actor) -> CaseEvent:
    """For staff alone; nothing that a resident can reach shows that it is there. Incomplete, MoveNotAllowed."""
    if not by.staff:
        raise MoveNotAllowed(act="comment_inside", state=case.state, why="person")
    return _comment(session, case, "internal", text, by)


def _comment(session: Session, case: Case, kind: str, text: str, by: Actor) -> CaseEvent:
    if not visible(text):
        raise Incomplete(fields=["text"])
    event = _tell(session, case, kind, by=by, text=text)
    audit.record(session, "case_comment", by=by, thing=case, facts={"kind": kind})
    session.flush()
    return event


# ---- Moves ---------------------------------------------------------------------------------------------------------


def sides(case: Case, by: Actor | None) -> set[str]:
    """In which of the parts of MOVES somebody acts; None is the portal itself."""
    if by is None:
        return {"portal"}
    if not by.staff:
        return {"resident"}
    found = set()
    if "cases" in POSTS[by.role]:
        # Nobody lives where staff found the fault by themselves: the desk accepts the result.
        found = {"desk"} if case.tenure_id else {"desk", "resident"}
    if case.assignee_id == by.person_id:
        found.add("caretaker")
    return found


def allowed(case: Case, by: Actor | None) -> list[str]:
    """The acts that are open to somebody now, in the order of MOVES."""
    return [act for act in MOVES if _refusal(case, act, by) is None]


def _refusal(case: Case, act: str, by: Actor | None) -> str | None:
    states, _, parts = MOVES[act]
    own = sides(case, by)
    if not own.intersection(parts):
        return "person"
    if case.state not in states or (act == "reopen" and own == {"resident"} and case.state not in _RESIDENT_REOPENS):
        return "state"
    return None


def move(
    session: Session,
    case: Case,
    act: str,
    *,
    by: Actor | None,
    version: int | None = None,
    text: str = "",
    until: date | None = None,
) -> CaseEvent:
    """Take a case to its next state (see MOVES). version: what the form was drawn from.

    Stale when somebody moved or assigned it since, MoveNotAllowed(act, state, why), Incomplete(fields): a refusal wants
    a reason, waiting a day or a reason. BadDay.
    """
    if version is not None and version != case.version:
        raise Stale()
    why = _refusal(case, act, by)
    if why:
        raise MoveNotAllowed(act=act, state=case.state, why=why)
    if (act == "reject" and not visible(text)) or (act == "wait" and not until and not visible(text)):
        raise Incomplete(fields=["text"])
    if act == "wait" and until:
        today = clock.today(session.get(Organisation, case.organisation_id).tz)
        _ahead("until", until, today + timedelta(days=1), today)
    case.state, case.changed_at = MOVES[act][1], clock.now()
    case.waits_until = until if act == "wait" else None
    case.done_at = case.changed_at if act == "finish" else case.done_at if act == "close" else None
    _flush(session)
    event = _tell(session, case, "state", by=by, state=_TOLD.get(act, case.state), text=text)
    audit.record(session, "case_state", by=by, organisation_id=case.organisation_id, thing=case, facts={"act": act})
    session.flush()
    return event


def already(session: Session, case: Case, act: str, *, by: Actor, text: str = "") -> bool:
    """Is the newest change this very one, by the same person? Then a form was sent twice, and nobody came in between."""
    newest = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.kind == "state").order_by(CaseEvent.id.desc()).limit(1)
    last = session.scalar(newest)
    state = MOVES[act][1]
    same = (last.person_id, last.state, last.text) == (by.person_id, _TOLD.get(act, state), text.strip() or None)
    return same and case.state == state


def assign(
    session: Session,
    case: Case,
    person_id: int | None,
    *,
    by: Actor,
    today: date,
    version: int | None = None,
    due: date | None = None,
) -> CaseEvent:
    """Give the work to a caretaker, by a day if need be, or to nobody. Stale, MoveNotAllowed, NotAssignable, BadDay."""
    if version is not None and version != case.version:
        raise Stale()
    if "desk" not in sides(case, by) or case.state not in _OPEN:
        raise MoveNotAllowed(act="assign", state=case.state, why="state" if "desk" in sides(case, by) else "person")
    names = {row.person_id: row.name for row in session.execute(caretakers([case.organisation_id], today, case.building_id))}
    if person_id is not None and person_id not in names:
        raise NotAssignable()
    # A day that was promised before, and is past by now, may stay.
    if due and due != case.due:
        _ahead("due", due, today, today)
    case.assignee_id, case.due, case.changed_at = person_id, due if person_id else None, clock.now()
    _flush(session)
    event = _tell(session, case, "assigned", by=by, text=names.get(person_id))
    audit.record(session, "case_assigned", by=by, thing=case, facts={"person": person_id})
    if person_id not in (None, by.person_id):
        notice.tell(session, person_id, "case", _at_desk(case), acting=False)
    session.flush()
    return event


def _ahead(field: str, day: date, first: date, today: date) -> None:
    if not first <= day <= today + AHEAD:
        raise BadDay(field=field)


def see(session: Session, case: Case, event_id: int, *, by: Actor) -> None:
    """The reporter has read the history up to a line. Another's mark, or one that is there already, changes nothing."""
    seen = min(event_id, case.last_event)
    if not by.stands_for(case.person_id) or seen <= case.seen_event:
        return
    _quietly(session, case, seen_event=seen)
    audit.record(session, "case_seen", by=by, thing=case)
    session.flush()


# ---- Writing -------------------------------------------------------------------------------------------------------


def _tell(
    session: Session, case: Case, kind: str, *, by: Actor | None, state: str | None = None, text: str | None = ""
) -> CaseEvent:
    """One line of the history, the reporter's mark, and the notices."""
    now = clock.now()
    event = CaseEvent(
        case_id=case.id, person_id=by.person_id if by else None, by_staff=by is None or by.staff,
        role=by.role if by and by.staff else None, kind=kind, state=state, text=(text or "").strip() or None, at=now,
    )  # fmt: skip
    session.add(event)
    session.flush()
    if by is not None and by.stands_for(case.person_id):
        # Whoever answers has read what they answer.
        _quietly(session, case, seen_event=case.last_event)
    elif kind in ("state", "comment"):
        _quietly(session, case, last_event=event.id, changed_at=now)
    _notify(session, case, kind, by)
    return event


def _notify(session: Session, case: Case, kind: str, by: Actor | None) -> None:
    """Staff's words and the portal's go to the reporter, the household's to whoever does the work."""
    if kind not in ("state", "comment"):
        return
    if by is None or by.staff:
        if by is None or by.person_id != case.person_id:
            at_home = case.tenure_id is not None
            path = f"/faults/{case.id}" if at_home else _at_desk(case)
            notice.tell(session, case.person_id, "case", path, acting=at_home)
    elif case.assignee_id:
        notice.tell(session, case.assignee_id, "case", _at_desk(case), acting=False)


def _at_desk(case: Case) -> str:
    return f"/desk/faults/{case.id}"


def _quietly(session: Session, case: Case, **values) -> None:
    """Marks move without a new version: a comment does not outdate the form that changes the state."""
    session.execute(update(Case).where(Case.id == case.id).values(**values))


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError:
        raise Stale() from None


def locked(session: Session, *conditions) -> list[Case]:
    """Cases for a run of the worker; those that somebody is changing at this moment wait for the next one."""
    statement = select(Case).where(*conditions).order_by(Case.id).with_for_update(skip_locked=True)
    return list(session.scalars(statement))
