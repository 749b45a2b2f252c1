"""The sheet of a building's readings: which homes it shows, by the filters in the URL, and what was typed into it."""

import re
from datetime import date

from flask import abort, g, request
from sqlalchemy import Row
from sqlalchemy.orm import Session

from resident import access
from resident.db import plain
from resident.homes import setting
from resident.homes.building import Building
from resident.metering import roster, window
from resident.metering.roster import Sought
from resident.metering.submission import Typed, Verdict

from .. import _counters, _terms, _verdicts
from .._days import Days
from .._locale import _, fmt
from .._typed import key_and_id, whole

FILTERS = ("building", "period", "staircase", "state", "medium", "by")
# A sheet has at most this many values; more is not one of ours.
MOST = 4000
MOST_BUILDINGS = 500


def asked() -> dict[str, str]:
    """The filters that are set, as the URL or the form that came with them says."""
    if "asked_of_sheet" not in g:
        values = request.values
        g.asked_of_sheet = {name: value[:40] for name in FILTERS if (value := values.get(name))}
    return g.asked_of_sheet


def place(session: Session) -> dict:
    """The building and the period that the sheet is for, the others to choose from, and what the viewer may do there."""
    chosen = asked()
    buildings, building = _buildings(session, whole(chosen, "building") if "building" in chosen else None)
    if building is None:
        return {"building": None} if "building" not in chosen else abort(404)
    duty = g.viewer.duty("progress", building.organisation_id, building.id)
    rows, write = roster.months(session, building.id), fmt()
    row = roster.current(rows, duty.organisation.today)
    if "period" in chosen:
        row = next((row for row in rows if row.BillingPeriod.name == chosen["period"]), None) or abort(404)
    return {
        "building": building,
        "buildings": [(one.id, one.address) for one in buildings],
        "organisation": duty.organisation,
        "today": duty.organisation.today,
        "period_choices": [(row.BillingPeriod.name, write.month(row.BillingPeriod.name)) for row in rows],
        "period": row.BillingPeriod if row else None,
        "window": row.ReadingWindow if row else None,
        "media_names": _terms.media(building.organisation_id),
        "media": access.media(g.viewer, "progress", building.organisation_id, building.id),
        "enterer": g.viewer.duty("readings", building.organisation_id, building.id),
        "decider": g.viewer.duty("windows", building.organisation_id, building.id),
    }


def _buildings(session: Session, chosen: int | None) -> tuple[list[Row], Row | None]:
    """(id, address, organisation_id) of those to choose from; and of the one that is chosen, or the first."""
    reached = access.building_choices(g.viewer, "progress", MOST_BUILDINGS)
    buildings = plain(session, reached, {}).all()
    found = buildings if chosen is None else [one for one in buildings if one.id == chosen]
    if not found and len(buildings) == MOST_BUILDINGS:
        found = plain(session, reached.where(Building.id == chosen), {}).all()
    return buildings, found[0] if found else None


def sought(facts: dict) -> Sought:
    """The homes that the filters ask for. media: those of the viewer's posts, None for all."""
    chosen, media = asked(), facts["media"]
    medium, state, by = chosen.get("medium"), chosen.get("state"), chosen.get("by")
    if medium in facts["media_names"] and (media is None or medium in media):
        media = [medium]
    return Sought(
        staircase=chosen.get("staircase"),
        state=state if state in roster.STATES else None,
        media=media,
        by=by if by in roster.BY else None,
        after=key_and_id(request.values, "after"),
    )


def sheet(session: Session) -> dict:
    """All that the page shows: place(), the homes with their counters, and the counts of the building."""
    facts = place(session)
    if not facts["building"] or not facts["period"]:
        return facts | {"homes": []}
    period, wanted = facts["period"], sought(facts)
    homes = roster.homes(session, period, wanted)
    last = homes[roster.ROWS - 1] if len(homes) > roster.ROWS else None
    homes = homes[: roster.ROWS]
    units = [home.id for home in homes]
    counters = {}
    for row in roster.counters(session, period, units, _until(facts), wanted.media):
        counters.setdefault(row.unit_id, []).append(row)
    takes = facts["enterer"] is not None and period.state in window.TAKES_READINGS
    progress = roster.staircases(session, period, facts["media"])
    there = {row.medium for rows in counters.values() for row in rows}
    return facts | {
        "homes": homes,
        "counters": counters,
        "columns": [medium for medium in facts["media_names"] if medium in there],
        "names": names(session, facts, units),
        "progress": progress,
        "staircase_choices": [(row.staircase, row.staircase) for row in progress if row.staircase],
        "medium_choices": [
            (name, words) for name, words in facts["media_names"].items() if facts["media"] is None or name in facts["media"]
        ],
        "by_choices": [(name, _counters.source(name)) for name in roster.BY],
        "following": f"{last.id}:{last.sort_key}" if last else None,
        "rule": rules(session, facts)["entry_that_counts"],
        "contacts": access.may_see_contacts(g.viewer, facts["organisation"].id),
        "undisclosed": access.may_see_contacts(g.viewer, facts["organisation"].id, undisclosed=True),
        "values": facts["enterer"] is not None,
        "editable": takes and any(_empty(row) for rows in counters.values() for row in rows),
        "day": proposed_day(session, facts).isoformat(),
    }


def _empty(row) -> bool:
    return row.value is None and row.pending_id is None and not row.remote


def _until(facts: dict) -> date:
    return facts["window"].last if facts["window"] else facts["period"].bill_last


def rules(session: Session, facts: dict) -> dict:
    if "rules" not in facts:
        organisation = facts["organisation"]
        facts["rules"] = setting.in_force(session, organisation.id, organisation.country, facts["today"])
    return facts["rules"]


def proposed_day(session: Session, facts: dict) -> date:
    """The day that a sheet's values bear unless somebody says otherwise: not after the window, when it is over."""
    day = window.default_day(facts["today"], rules(session, facts)["back_date_days"], None)
    return min(day, facts["window"].last) if facts["window"] else day


def names(session: Session, facts: dict, units: list[int]) -> dict[int, str]:
    """By home: in whose name it is held, for posts that may know (rule 43)."""
    organisation_id = facts["organisation"].id
    if not access.may_see_contacts(g.viewer, organisation_id):
        return {}
    undisclosed = access.may_see_contacts(g.viewer, organisation_id, undisclosed=True)
    held = roster.primaries(session, units, facts["today"])
    return {id: ", ".join(row.name for row in rows if undisclosed or not row.non_disclosure) for id, rows in held.items()}


def told(said: Verdict) -> str:
    """What staff are told of a value that was not stored."""
    if said.why == "closed":
        return _counters.closed(said.reason)
    if said.kind != "question":
        return _verdicts.refused(said)
    return _verdicts.question(said)[1] + " " + _("If the meter was changed, record the change in the register instead.")


# ---- What was typed ------------------------------------------------------------------------------------------------


def typed() -> dict[int, Typed]:
    """By register: r7 is the value, w7 the answer to the question, n7 the note."""
    form, values = request.form, {}
    for name in form:
        found = re.fullmatch(r"r(\d{1,18})", name)
        if found and len(values) < MOST:
            number = found[1]
            values[int(number)] = Typed(form[name], "", form.get(f"w{number}") or None, form.get(f"n{number}"))
    return values


def typed_day() -> tuple[date | None, dict[str, str]]:
    """The day of the reading, or what is not right about it, by field."""
    days = Days()
    return days.wanted("day"), days.errors
