"""The billing period that a page of the desk is about, with its building and how far it has come."""

from flask import g

from resident import access
from resident.charging import overview
from resident.homes.building import Building
from resident.money.period import BillingPeriod

from .. import _billing_words as words
from .._locale import _, fmt
from .._web import one_or_404, session


def place(id: int, ability: str = "money") -> dict:
    """The period and its building, and the duty by which the viewer has the ability there; 404 without one. may: does a post
    change its money, too?"""
    return of(one_or_404(access.visible_periods(g.viewer, ability).where(BillingPeriod.id == id)), ability)


def of(period: BillingPeriod, ability: str = "money") -> dict:
    building = session.get_one(Building, period.building_id)
    duty = g.viewer.duty(ability, building.organisation_id, building.id)
    return {
        "period": period,
        "building": building,
        "duty": duty,
        "organisation": duty.organisation,
        "currency": duty.organisation.currency,
        "today": duty.organisation.today,
        "may": g.viewer.can("billing", building.organisation_id, building.id),
        "state": words.state(period.state),
        "tally": overview.tally(session, period),
        "about": _("%(building)s, %(month)s", building=building.address, month=fmt().month(period.name)),
    }


def actor(facts: dict) -> access.Actor:
    return g.viewer.as_staff(facts["duty"])
