"""A sheet of what the homes of a building have of charges – weights, sums, memberships –, many of them changed from one day."""

from collections.abc import Sequence

from flask import g, request

from resident.homes.building import Building
from resident.homes.setting import digest
from resident.money import roll
from resident.month import months_on

from .._locale import _
from .._web import session


def of(facts: dict, building: Building, rows: Sequence) -> dict:
    """The facts of _charged.py with the sheet of a building. may, by: the post that changes the building's charges, if there is
    one; proposed: the day from which a change usually holds."""
    duty = g.viewer.duty("billing", facts["organisation"].id, building.id)
    return facts | {
        "building": building,
        "rows": rows,
        "seen": digest(rows),
        "may": duty is not None,
        "by": g.viewer.as_staff(duty) if duty else None,
        "proposed": months_on(facts["today"].replace(day=1), 1),
    }


def unnamed(facts: dict, rows: Sequence) -> set[int]:
    """Persons of the rows whose names the viewer does not see."""
    return roll.undisclosed(session, g.viewer, facts["organisation"].id, [{"person_id": row.person_id} for row in rows])


def checked(facts: dict, errors: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is wrong with a form: its errors, or only that the sheet is not any more what it was drawn from."""
    if request.form.get("seen") == facts["seen"]:
        return errors
    return [("first", _("Somebody changed this sheet while you were writing. Look at it again, then save anew."))]
