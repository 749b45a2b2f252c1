"""The organisation and the charge type that a page of the desk is about, and what it may change there."""

from flask import abort, g, request
from sqlalchemy import select

from resident import access
from resident.charging.charge import ChargeType
from resident.homes.building import Building

from .. import _charge_words
from .._typed import whole
from .._web import one_or_404, require, session
from . import _organisation


def organisation(id: int | None = None) -> dict:
    """The organisation given, else the one asked for; the buildings that a post covers there. may: does a post change what the
    whole organisation charges?"""
    place = _organisation.place(g.viewer.duties_for("money"), id)
    found = place["organisation"]
    changing = next((one for one in access.whole_duties(g.viewer, "billing") if one.organisation.id == found.id), None)
    return place | {
        "currency": found.currency,
        "languages_here": found.languages.split(),
        "buildings": _organisation.buildings("money", found.id),
        "may": changing is not None,
        "by": g.viewer.as_staff(changing) if changing else None,
        "called": _charge_words.called,
        "typed": {},
    }


def charge(id: int) -> dict:
    """The charge type with its organisation; 404 where the viewer's posts see none of its money."""
    found = one_or_404(access.visible_charges(g.viewer).where(ChargeType.id == id))
    return organisation(found.organisation_id) | {"charge": found, "how": _charge_words.how(found)}


def changing(id: int) -> dict:
    """The same for a change of what the whole organisation charges: 403 for posts of some of its buildings."""
    facts = charge(id)
    require(facts["may"])
    return facts


def charges(organisation_id: int) -> list[ChargeType]:
    found = select(ChargeType).where(ChargeType.organisation_id == organisation_id)
    return list(session.scalars(found.order_by(ChargeType.position, ChargeType.code)))


def building(facts: dict) -> Building:
    """The building of ?building=, else the first; 404 for one that no post covers."""
    asked = whole(request.values, "building")
    if asked is not None and asked not in facts["buildings"]:
        abort(404)
    return session.get_one(Building, asked or next(iter(facts["buildings"]), None) or abort(404))
