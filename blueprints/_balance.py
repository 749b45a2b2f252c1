"""The balance of a building as pages show it: one branch over the latest periods, and what its chosen period comes to."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from resident.access import Controller
from resident.metering import balance, common_loss
from resident.money.period import BillingPeriod

from . import _counters
from ._locale import _, fmt, ngettext


class Shown(NamedTuple):
    """A branch. rows: (period, line), the newest first; line: of the chosen period; cost None where there is none."""

    branch: balance.Branch
    name: str
    rows: list[tuple[BillingPeriod, balance.Line]]
    line: balance.Line
    reported: balance.Reported
    cost: common_loss.Cost | None


def shown(
    session: Session, organisation: Controller, building_id: int, periods: list[BillingPeriod], period: BillingPeriod, media=None
) -> list[Shown]:
    """periods: newest first, the chosen one among them."""
    ordered = sorted(periods, key=lambda one: one.use_first)
    made = []
    found = balance.branches(session, building_id, [(one.use_first, one.use_last) for one in ordered], media)
    for branch in balance.balanced(session, building_id, found):
        rows = list(zip(reversed(ordered), reversed(branch.lines), strict=True))
        line = next(line for one, line in rows if one.id == period.id)
        cost = common_loss.of(session, organisation, building_id, branch, line)
        made.append(Shown(branch, name(branch), rows, line, balance.reported(session, branch, period), cost))
    return made


def name(branch: balance.Branch) -> str:
    """ "Cold water", or "Cold water, sub meter laundry" """
    medium = _counters.medium(branch.medium)
    if branch.main and branch.medium == "cold_water" and "hot_water" in branch.media:
        return _("Water, including the hot water made from it")
    if branch.main:
        return medium
    places = ", ".join(place or serial for place, serial in branch.meters)
    return _("%(medium)s, sub meter %(places)s", medium=medium, places=places)


def finding(one: Shown) -> tuple[str, str]:
    """(what came out, what it may mean) of the chosen period, in sentences."""
    line, words = one.line, fmt()
    if line.went_in is None:
        return _("The main meter was not read for this period, so there is no balance."), ""

    def amount(millionths: int) -> str:
        return words.quantity(millionths, one.branch.measure, 1)

    facts = {"main": amount(line.went_in), "homes": amount(line.homes + line.behind), "loss": amount(abs(line.loss))}
    facts["share"] = words.percent(abs(line.share or 0) // 10 * 10)
    if line.loss < 0:
        return (
            _("The homes used %(loss)s (%(share)s) more than went in: %(homes)s against %(main)s.", **facts),
            _("That cannot be so. Homes may have been read on other days than the main meter, an estimate may be too high, or the "
              "main meter may count too little. If it stays so over several periods, have the main meter checked."),
        )  # fmt: skip
    return (
        _("%(main)s went in, and the homes used %(homes)s. The common loss is %(loss)s, %(share)s.", **facts),
        _("It is what goes into cleaning, the yard and leaks, and what the meters measure too little."),
    )


def telling(one: Shown) -> list[str]:
    """Who did not report, and how far the figures can be trusted."""
    told, homes = [], one.reported.homes
    if one.reported.estimated:
        told.append(
            ngettext(
                "Use is estimated for %(n)d home of %(homes)d.",
                "Use is estimated for %(n)d homes of %(homes)d.",
                one.reported.estimated,
                homes=homes,
            )
        )
    if one.reported.missing:
        told.append(
            ngettext(
                "%(n)d home of %(homes)d has no reading of this period.",
                "%(n)d homes of %(homes)d have no reading of this period.",
                one.reported.missing,
                homes=homes,
            )
        )
    if not told and homes:
        told.append(_("All homes have reported."))
    if one.line.unknown:
        told.append(
            ngettext(
                "The use of %(n)d home is not known and stands in the difference.",
                "The use of %(n)d homes is not known and stands in the difference.",
                one.line.unknown,
            )
        )
    if one.line.extended:
        told.append(
            ngettext(
                "For %(n)d home the last days are taken to be like those before.",
                "For %(n)d homes the last days are taken to be like those before.",
                one.line.extended,
            )
        )
    return told


def price(one: Shown, currency: str) -> str:
    """What the difference costs, in a sentence; "" where that is not known."""
    if one.cost is None:
        return ""
    words, cost = fmt(), one.cost
    facts = {
        "total": words.money(abs(cost.total), currency),
        "least": words.money(min(abs(cost.least), abs(cost.most)), currency),
        "most": words.money(max(abs(cost.least), abs(cost.most)), currency),
        "price": words.price(cost.price),
        "currency": currency,
        "measure": words.measure(one.branch.measure),
    }
    if cost.by == "equal":
        return _("At %(price)s %(currency)s for 1 %(measure)s the difference is %(total)s: %(most)s a home.", **facts)
    return _(
        "At %(price)s %(currency)s for 1 %(measure)s the difference is %(total)s: by area %(least)s to %(most)s a home.", **facts
    )
