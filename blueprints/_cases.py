"""Faults as residents and the desk both show and take them: words, the form of a report, and the history."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import g, request

from resident import access, files
from resident.homes.setting import in_force
from resident.people.person import Person, phone_trouble
from resident.talk.case import Case, CaseEvent
from resident.talk.deadline import last_day_to_answer
from resident.talk.following import Report, Where, lacking
from resident.talk.queue import OPEN

from . import _contact, _terms
from ._locale import _, ngettext, pgettext
from ._typed import plain
from ._web import session

_TEXT = 4000
LONGEST = {
    "place": 120,
    "when": 200,
    "phone": 40,
    **dict.fromkeys(("text", "comment", "internal", "reason", "note"), _TEXT),
}
_HISTORY = 300


def categories() -> dict[str, str]:
    """What a fault can be about, in the order of the form."""
    return {
        "water": pgettext("category of a fault", "Water and drains"),
        "heating": pgettext("category of a fault", "Heating and ventilation"),
        "electricity": pgettext("category of a fault", "Electricity"),
        "doors": pgettext("category of a fault", "Locks and doors"),
        "appliance": pgettext("category of a fault", "Cooker, fridge or other appliance"),
        "lift": pgettext("category of a fault", "Lift"),
        "other": pgettext("category of a fault", "Something else"),
    }


def entries() -> dict[str, str]:
    """Whether staff may enter with the master key, as the facts of a case say it."""
    return {
        "yes": pgettext("master key", "Permission given"),
        "ask": pgettext("master key", "Agree a time first"),
        "no": pgettext("master key", "No permission"),
    }


# ---- A report as it is typed ---------------------------------------------------------------------------------------


def typed(**prefilled) -> dict:
    """The fields of the report form: as sent, else from the address (a page that knows the fault leads here), else empty."""
    given = request.form if request.method == "POST" else request.args
    names = ("category", "place", "text", "entry", "when", "phone")
    found = {name: plain(given.get(name, prefilled.get(name, ""))) for name in names}
    if found["category"] not in categories():
        found["category"] = ""
    return found | {
        "pets": given.get("pets") == "yes",
        "where": "common" if given.get("where", prefilled.get("where")) == "common" else "home",
    }


def report(found: dict) -> Report:
    """What was typed as the domain wants it. In a common area nobody's door is opened."""
    home = found["where"] == "home"
    return Report(
        category=found["category"],
        place=found["place"],
        text=found["text"],
        entry=found["entry"] if home else "yes",
        when=found["when"] or None,
        pets=home and found["pets"],
        phone=found["phone"] or None,
    )


def too_long(found: dict) -> dict[str, str]:
    """field: sentence, for what is longer than its column."""
    return {
        name: ngettext("Write at most %(n)d character here.", "Write at most %(n)d characters here.", most)
        for name, most in LONGEST.items()
        if len(found.get(name) or "") > most
    }


def wrong(where: Where, report: Report) -> dict[str, str]:
    """field: sentence, for what a report lacks or holds that cannot be."""
    fields = lacking(where, report)
    sentences = {
        "category": _("Choose what the fault is about."),
        "place": _("Write where in the building the fault is."),
        "text": _("Describe the fault in a few words."),
        "entry": _("Choose whether we may enter with the master key."),
    }
    if "phone" in fields:
        sentences["phone"] = _contact.phone_refusal(phone_trouble(report.phone))
    return {field: sentence for field, sentence in sentences.items() if field in fields}


# ---- The page of a case --------------------------------------------------------------------------------------------


def shown(case: Case, organisation: access.Controller, *, at_desk: bool, errors: dict | None, stale: bool) -> dict:
    """What the page of a case shows to residents and staff alike."""
    log = history(case, at_desk)
    return {
        "title": case.subject,
        "case": case,
        "log": log,
        "reopened": case.state in OPEN and any(line.state == "reopened" for line in log),
        "last_day": _last_day(case, organisation),
        "categories": categories(),
        "entries": entries(),
        "errors": errors or {},
        "stale": stale,
    }


def _last_day(case: Case, organisation: access.Controller) -> date | None:
    """Until when the resident may say that a fault is not gone; None while it is not done, or never closed by itself."""
    if case.state != "done":
        return None
    days = in_force(session, organisation.id, organisation.country, organisation.today)["close_after_days"]
    return last_day_to_answer(case.done_at, organisation.tz, days)


# ---- The history ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history as somebody may see it. who: name and role, or nobody's."""

    id: int
    kind: str
    state: str | None
    text: str | None
    who: str
    at: datetime
    files: list


def history(case: Case, at_desk: bool) -> list[Line]:
    """Newest first, with what was sent along. Two SELECTs."""
    statement = (
        access.visible_events(g.viewer, at_desk)
        .outerjoin(Person, Person.id == CaseEvent.person_id)
        .where(CaseEvent.case_id == case.id)
        .add_columns(Person.name, Person.non_disclosure)
        .order_by(CaseEvent.id.desc())
        .limit(_HISTORY)
    )
    rows = session.execute(statement).all()
    attached = files.of_events(session, [event.id for event, *_ in rows])
    return [
        Line(
            id=event.id,
            kind=event.kind,
            state=event.state,
            text=event.text,
            who=_who(case, event, name, hidden, at_desk),
            at=event.at,
            files=attached.get(event.id, []),
        )
        for event, name, hidden in rows
    ]


def _who(case: Case, event: CaseEvent, name: str | None, hidden: bool | None, at_desk: bool) -> str:
    if name is None:
        return _("Automatically")
    if event.person_id in {*(home.actor_id for home in g.viewer.homes), *(duty.person_id for duty in g.viewer.duties)}:
        return _("You")
    if event.by_staff:
        return ", ".join(part for part in (name, _terms.post_after_name(event.role)) if part)
    return _("Resident") if (at_desk or hidden) and not access.may_see_reporter(g.viewer, case, hidden) else name
