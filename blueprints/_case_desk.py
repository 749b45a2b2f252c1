"""What the desk's pages about faults show: the queue, one case, the caretaker's list, the form for somebody else."""

from datetime import timedelta

from flask import abort, g, request
from sqlalchemy import Row, select

from resident import access, clock
from resident.access import Duty
from resident.homes.building import Building, Unit
from resident.people.person import Person
from resident.people.post import caretakers
from resident.talk import following, queue
from resident.talk.case import Case

from . import _cases
from ._locale import _, pgettext
from ._typed import plain, whole
from ._web import one_or_404, session

_BUILDINGS = 300


def duty_for(case: Case) -> Duty:
    """The post in which the viewer deals with a case: the queue's, else the one that it is assigned to."""
    queue_of = g.viewer.duty("cases", case.organisation_id, case.building_id)
    return queue_of or next(
        duty
        for duty in g.viewer.duties
        if duty.person_id == case.assignee_id
        and duty.organisation.id == case.organisation_id
        and "own_cases" in access.POSTS[duty.role]
        and (duty.buildings is None or case.building_id in duty.buildings)
    )


def queue_page() -> dict:
    wanted = _filter()
    after = whole(request.args, "after")
    rows = session.execute(queue.queue(g.viewer, wanted, after)).all()
    oldest = session.scalar(queue.oldest(g.viewer, wanted))
    today = g.viewer.organisation.today
    people = caretakers(queue.organisations(g.viewer), today)
    return {
        "title": _("Faults"),
        "rows": rows[: queue.PAGE],
        "older": rows[queue.PAGE - 1].id if len(rows) > queue.PAGE else None,
        "after": after,
        "oldest": clock.day(oldest, g.viewer.organisation.tz) if oldest else None,
        "today": today,
        "wanted": wanted,
        "groups": _groups(),
        "categories": _cases.categories(),
        "buildings": buildings(),
        "caretakers": session.execute(people).all(),
        "label": access.home_label,
        "day": clock.day,
    }


def _groups() -> dict[str, str]:
    return {
        "open": _("Not done yet"),
        "new": _("New"),
        "waiting": _("On hold"),
        "reopened": pgettext("fault report", "Reopened"),
        "done": _("Done, not closed yet"),
        "closed": _("Closed or declined"),
        "all": _("All"),
    }


def _filter() -> queue.Filter:
    given = request.args
    category, search = given.get("category"), plain(given.get("q", ""))[:80]
    group = given["state"] if given.get("state") in queue.GROUPS else "open"
    return queue.Filter(
        group="all" if queue.is_number(search) else group,
        building=whole(given, "building"),
        category=category if category in _cases.categories() else None,
        assignee=0 if given.get("assignee") == "nobody" else whole(given, "assignee"),
        search=search,
    )


def buildings() -> list:
    statement = access.visible_buildings(g.viewer, "cases").with_only_columns(Building.id, Building.address)
    return session.execute(statement.order_by(Building.address, Building.id).limit(_BUILDINGS)).all()


def work_page(stale: Case | None = None, kept: dict | None = None) -> dict:
    """The caretaker's own list: for today, for later, on hold."""
    rows = session.execute(queue.caretakers_work(g.viewer)).all()
    parts = {"today": [], "later": [], "waiting": []}
    for row in rows:
        later = row.due and row.due > clock.today(row.tz)
        parts["waiting" if row.state == "waiting" else "later" if later else "today"].append(row)
    return {
        "title": _("My work"),
        "parts": [(name, parts[key]) for key, name in (("today", _("Today")), ("later", _("Later")), ("waiting", _("On hold")))],
        "acts": {row.id: [act for act in ("start", "finish") if row.state in following.MOVES[act][0]] for row in rows},
        "entries": _cases.entries(),
        "label": access.home_label,
        "stale": stale,
        "kept": kept or {},
    }


def target() -> dict:
    """The home or building that a report is opened for, with the parties of the home today."""
    unit, building = whole(request.values, "unit"), whole(request.values, "building")
    if unit:
        found = session.execute(
            access.visible_units(g.viewer, "cases").where(Unit.id == unit).add_columns(Building.organisation_id, Building.address)
        ).first() or abort(404)
        unit, organisation_id, address = found
        building_id, number = unit.building_id, unit.number
    else:
        found = one_or_404(access.visible_buildings(g.viewer, "cases").where(Building.id == building))
        unit, organisation_id, building_id, address, number = None, found.organisation_id, found.id, found.address, None
    duty = g.viewer.duty("cases", organisation_id, building_id)
    country, today = duty.organisation.country, duty.organisation.today
    return {
        "duty": duty,
        "building_id": building_id,
        "unit_id": unit.id if unit else None,
        "label": access.home_label(country, address, number) if number else address,
        "parties": session.execute(queue.parties(unit.id, today)).all() if unit else [],
    }


def where(target: dict) -> following.Where:
    """A resident's report when one of the home's parties is named, else staff's own."""
    duty = target["duty"]
    party = next((party for party in target["parties"] if party.person_id == whole(request.form, "person")), None)
    return following.Where(
        organisation_id=duty.organisation.id,
        today=duty.organisation.today,
        building_id=target["building_id"],
        unit_id=target["unit_id"],
        tenure_id=party.tenure_id if party else None,
        person_id=party.person_id if party else duty.person_id,
    )


def form_page(target: dict, found: dict, errors: dict | None = None) -> dict:
    return {
        "title": _("Report a fault"),
        "target": target,
        "person": whole(request.values, "person"),
        "typed": found,
        "categories": _cases.categories(),
        "errors": errors or {},
    }


def case_page(case: Case, *, move=None, assignment=None, due=None, texts=None, errors=None, stale=False) -> dict:
    """Everything that the page of a case shows to staff. move, assignment, due, texts: what was typed and not taken."""
    duty = duty_for(case)
    organisation, acts = duty.organisation, following.allowed(case, g.viewer.as_staff(duty))
    place = _place(case)
    in_queue = g.viewer.can("cases", case.organisation_id, case.building_id)
    people = caretakers([organisation.id], organisation.today, case.building_id)
    return _cases.shown(case, organisation, at_desk=True, errors=errors, stale=stale) | {
        "tz": organisation.tz,
        "where": access.home_label(organisation.country, place.address, place.number) if place.number else place.address,
        "place": place,
        "contacts": access.may_see_reporter(g.viewer, case, place.non_disclosure),
        "acts": {act: name for act, name in _acts().items() if act in acts},
        "in_queue": in_queue,
        "caretakers": session.execute(people).all() if in_queue else [],
        "assignable": in_queue and case.state in queue.OPEN,
        "tomorrow": organisation.today + timedelta(days=1),
        "today": organisation.today,
        "furthest": organisation.today + following.AHEAD,
        "due": due or case.due or "",
        "move": move or {},
        "assigned": case.assignee_id if assignment is None else assignment,
        "texts": texts or {},
    }


def _place(case: Case) -> Row:
    """Where the fault is, and by whom it was reported."""
    return session.execute(
        select(Building.address, Unit.number, Unit.staircase, Person.name, Person.non_disclosure)
        .select_from(Building)
        .join(Person, Person.id == case.person_id)
        .outerjoin(Unit, Unit.id == case.unit_id)
        .where(Building.id == case.building_id)
    ).one()


def _acts() -> dict[str, str]:
    return {
        "receive": _("Mark as received"),
        "start": _("Start the work"),
        "wait": _("Put on hold"),
        "finish": _("Mark as done"),
        "reject": _("Decline"),
        "close": _("Close"),
        "reopen": _("Open again"),
    }
