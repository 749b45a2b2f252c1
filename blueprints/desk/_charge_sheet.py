"""A sheet of what the homes of a building have of charges – weights, sums, memberships –, many of them changed from one day."""

from collections.abc import Callable, Sequence

from flask import g, request, url_for

from resident.charging.sheets import Part
from resident.homes.building import Building
from resident.homes.setting import digest
from resident.money import roll
from resident.month import months_on

from .._locale import _
from .._typed import key_and_id, whole
from .._web import session


def of(facts: dict, building: Building, read: Callable[[Part], tuple[Sequence, tuple | None]]) -> dict:
    """The facts of _charged.py with a page of the sheet of a building, which read gives. may, by: the post that changes the
    building's charges, if there is one; proposed: the day from which a change usually holds."""
    duty = g.viewer.duty("billing", facts["organisation"].id, building.id)
    text, after = " ".join(request.values.get("text", "").split())[:20], request.values.get("after", "")[:120]
    part = Part(building.id, facts["today"], text, key_and_id(request.values, "after"), whole(request.values, "tenure"))
    rows, following = read(part)
    return facts | {
        "building": building,
        "rows": rows,
        "following": f"{following[1]}:{following[0]}" if following else None,
        "text": text,
        "after": after if part.after else None,
        "tenure": part.tenure_id,
        "seen": digest(rows),
        "may": duty is not None,
        "by": g.viewer.as_staff(duty) if duty else None,
        "proposed": months_on(facts["today"].replace(day=1), 1),
    }


def goes_on(facts: dict) -> bool:
    """Does the form lead to the next page, whether something is typed in this one or not?"""
    return request.form.get("go") == "next" and facts["following"] is not None


def onward(facts: dict, **place) -> str:
    """Where a saved page leads: to the next one where that was asked for, else to the same."""
    after, text = facts["following"] if goes_on(facts) else facts["after"], facts["text"] or None
    return url_for(".index", building=facts["building"].id, text=text, after=after, **place)


def unnamed(facts: dict, rows: Sequence) -> set[int]:
    """Persons of the rows whose names the viewer does not see."""
    return roll.undisclosed(session, g.viewer, facts["organisation"].id, [{"person_id": row.person_id} for row in rows])


def checked(facts: dict, errors: dict[str, str]) -> dict[str, str]:
    """What is wrong with a form: its errors, or only that the sheet is not any more what it was drawn from."""
    if request.form.get("seen") == facts["seen"]:
        return errors
    return {"first": _("Somebody changed this sheet while you were writing. Look at it again, then save anew.")}
