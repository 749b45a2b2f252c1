"""Threads and faults with their histories, as if they had been written on their days."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from .. import files
from ..talk.case import Case, CaseEvent
from ..talk.following import subject
from ..talk.thread import Message, Thread
from . import paper, photo
from .estate import Dwelling, Hold, Said, Site, Someone, Step, Talk, Trouble, moved
from .rows import instant, put


def talk_all(session: Session, site: Site, folder: Path) -> None:
    _threads(session, site, folder)
    _cases(session, site, folder)


def _whose(site: Site, key: str | tuple[str, str]) -> tuple[Dwelling, Hold, Someone]:
    dwelling = site.home(key)
    return dwelling, dwelling.hold(site.today), site.person(key)


def _at(site: Site, said: Said | Step | Trouble):
    return instant(site.today - timedelta(days=said.ago), site.tz, said.hour, (said.ago * 17 + said.hour * 7) % 60)


def _keep(session: Session, site: Site, folder: Path, name: str, owner: Someone, **where) -> None:
    """A drawn photo, taken in through the same door as anybody's."""
    prepared = files.prepare(f"{name}.jpg", photo.drawn(name), kinds=("image",))
    files.keep(session, folder, prepared, organisation_id=site.id, login_id=owner.login_id, **where)


def _enclose(session: Session, site: Site, folder: Path, talk: Talk, word: Said, message_id: int) -> None:
    """The answer once more, as a letter on paper."""
    letter = paper.drawn(talk.subject, word.text, site.estate.organisation["name"])
    prepared = files.prepare(f"{talk.subject}.pdf", letter, kinds=("pdf",))
    login = _speaker(site, talk.whose, "me").login_id
    files.keep(session, folder, prepared, organisation_id=site.id, login_id=login, message_id=message_id)


# ---- Threads -------------------------------------------------------------------------------------------------------


def _threads(session: Session, site: Site, folder: Path) -> None:
    talks = sorted(site.estate.talks, key=lambda talk: _at(site, talk.said[0]))
    ids = put(session, Thread, [_thread(site, talk) for talk in talks])
    said = [(_at(site, word), id, talk, word) for id, talk in zip(ids, talks, strict=True) for word in talk.said]
    said.sort(key=lambda row: row[0])
    messages = put(session, Message, [_message(site, *row) for row in said])
    of_thread = {}
    for id, (_, thread_id, talk, word) in zip(messages, said, strict=True):
        of_thread.setdefault(thread_id, []).append((id, word))
        if word.photo:
            _keep(session, site, folder, word.photo, _speaker(site, talk.whose, word.by), message_id=id)
        if talk is site.estate.talks[0] and word is next(said for said in talk.said if said.by != "me"):
            _enclose(session, site, folder, talk, word, id)
    for thread_id, talk in zip(ids, talks, strict=True):
        session.execute(update(Thread).where(Thread.id == thread_id).values(_marks(site, talk, of_thread[thread_id])))


def _thread(site: Site, talk: Talk) -> dict:
    dwelling, hold, person = _whose(site, talk.whose)
    opened = _at(site, talk.said[0])
    return {
        "organisation_id": site.id, "building_id": dwelling.building_id, "unit_id": dwelling.id, "tenure_id": hold.id,
        "person_id": person.id, "addressee": talk.addressee,
        "provider_id": site.supplier_id if talk.addressee == "provider" else None, "subject": talk.subject,
        "number": site.draw("thread", "V", opened.year), "opened_at": opened, "last_at": _at(site, talk.said[-1]),
    }  # fmt: skip


def _speaker(site: Site, whose: str | tuple[str, str], by: str) -> Someone:
    return site.person(whose if by == "me" else by)


def _message(site: Site, at, thread_id: int, talk: Talk, word: Said) -> dict:
    staff = word.by != "me"
    return {
        "thread_id": thread_id, "person_id": _speaker(site, talk.whose, word.by).id, "by_staff": staff,
        "role": word.by if staff else None, "text": word.text, "at": at,
    }  # fmt: skip


def _marks(site: Site, talk: Talk, messages: list[tuple[int, Said]]) -> dict:
    """The newest message, and how far each side has read."""
    last_id, last = messages[-1]
    staff_last = last.by != "me"
    seen = max((id for id, word in messages if (word.by == "me") == staff_last), default=0) if talk.unseen else last_id
    marks = {"last_id": last_id, "last_by_staff": staff_last, "seen_by_resident": last_id, "seen_by_staff": last_id}
    marks["seen_by_resident" if staff_last else "seen_by_staff"] = seen
    if marks["seen_by_staff"]:
        marks["seen_by_staff_at"] = _at(site, last) + timedelta(minutes=20)
    return marks


# ---- Faults --------------------------------------------------------------------------------------------------------


def _cases(session: Session, site: Site, folder: Path) -> None:
    troubles = sorted(site.estate.troubles, key=lambda trouble: _at(site, trouble))
    ids = put(session, Case, [_case(site, trouble) for trouble in troubles])
    rows = [(_at(site, step), id, trouble, step) for id, trouble in zip(ids, troubles, strict=True) for step in _steps(trouble)]
    rows.sort(key=lambda row: row[0])
    of_case = {}
    for event, (_, case_id, trouble, step) in zip(put(session, CaseEvent, [_event(site, *row) for row in rows]), rows, strict=True):
        of_case.setdefault(case_id, []).append((event, step))
        if trouble.photo and step.state == "new":
            _keep(session, site, folder, trouble.photo, site.person(trouble.whose), event_id=event)
    for case_id, trouble in zip(ids, troubles, strict=True):
        session.execute(update(Case).where(Case.id == case_id).values(_seen(trouble, of_case[case_id])))


def _steps(trouble: Trouble) -> tuple[Step, ...]:
    return moved(trouble.ago, trouble.hour, "me", "new"), *trouble.steps


def _case(site: Site, trouble: Trouble) -> dict:
    dwelling, hold, person = _whose(site, trouble.whose)
    steps, opened = _steps(trouble), _at(site, trouble)
    states = [step for step in steps if step.kind == "state"]
    done = next((step for step in reversed(states) if step.state == "done"), None)
    assigned = any(step.kind == "assigned" for step in steps)
    return {
        "organisation_id": site.id, "building_id": dwelling.building_id, "unit_id": None if trouble.common else dwelling.id,
        "tenure_id": hold.id, "person_id": person.id, "number": site.draw("case", "F", opened.year),
        "category": trouble.category, "subject": subject(trouble.text), "place": trouble.place, "text": trouble.text,
        "entry": trouble.entry, "when": trouble.when, "pets": trouble.pets, "state": _state(states[-1]),
        "assignee_id": site.person("caretaker").id if assigned else None,
        "waits_until": None if trouble.waits is None else site.today + timedelta(days=trouble.waits),
        "due": None if trouble.due is None else site.today + timedelta(days=trouble.due),
        "opened_at": opened, "changed_at": _at(site, steps[-1]),
        "done_at": _at(site, done) if done and states[-1].state in ("done", "closed") else None, "version": 1,
    }  # fmt: skip


def _state(last: Step) -> str:
    """A reopened fault is received again."""
    return "received" if last.state == "reopened" else last.state


def _event(site: Site, at, case_id: int, trouble: Trouble, step: Step) -> dict:
    staff = step.by != "me"
    return {
        "case_id": case_id, "person_id": _speaker(site, trouble.whose, step.by).id, "by_staff": staff,
        "role": step.by if staff else None, "kind": step.kind, "state": step.state,
        "text": site.person("caretaker").name.full if step.kind == "assigned" else step.text, "at": at,
    }  # fmt: skip


def _seen(trouble: Trouble, events: list[tuple[int, Step]]) -> dict:
    """The newest line that is meant for the reporter, and how far they have read."""
    meant = [id for id, step in events if step.by != "me" and step.kind in ("state", "comment")]
    if not meant:
        return {"seen_event": 0, "last_event": 0}
    before = meant[-2] if len(meant) > 1 else 0
    return {"last_event": meant[-1], "seen_event": before if trouble.unseen else meant[-1]}
