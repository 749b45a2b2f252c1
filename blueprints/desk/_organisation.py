"""The organisation that a page of the desk is about: one of those in which the viewer has a post for it."""

from collections.abc import Iterable

from flask import abort, g, request

from resident import access
from resident.access import Controller, Duty
from resident.homes.building import Building
from resident.homes.organisation import Organisation

from .._typed import whole
from .._web import require, session


def of(duties: Iterable[Duty], id: int | None = None) -> Duty:
    """The post in the organisation given, else in the one that the address or form asks for, else the first. 403 for whoever
    has none of these posts, 404 for an organisation in which it is none."""
    duties = list(duties)
    require(bool(duties))
    wanted = whole(request.values, "organisation") if id is None else id
    return next((duty for duty in duties if wanted in (None, duty.organisation.id)), None) or abort(404)


def within(duties: Iterable[Duty], id: int) -> bool:
    """Is one of these posts in this organisation?"""
    return any(duty.organisation.id == id for duty in duties)


def each(duties: Iterable[Duty]) -> list[Controller]:
    """The organisations of these posts by name, each once."""
    found = {duty.organisation.id: duty.organisation for duty in duties}
    return sorted(found.values(), key=lambda one: one.name)


def choice(duties: Iterable[Duty]) -> list[Controller]:
    """The same where there is something to choose: none when all are in one organisation."""
    found = each(duties)
    return found if len(found) > 1 else []


def place(duties: list[Duty], id: int | None = None) -> dict:
    """What pages about an organisation show: by which post, its row, its day, the others to choose from."""
    duty = of(duties, id)
    return {
        "duty": duty,
        "organisation": session.get_one(Organisation, duty.organisation.id),
        "today": duty.organisation.today,
        "others": choice(duties),
    }


def buildings(ability: str, organisation_id: int) -> dict[int, str]:
    """Addresses of the buildings there that the viewer's posts with an ability cover, by id."""
    covered = access.visible_buildings(g.viewer, ability).where(Building.organisation_id == organisation_id)
    return dict(session.execute(covered.with_only_columns(Building.id, Building.address).order_by(Building.code)).all())
