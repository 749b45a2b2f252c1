"""What is charged in the demo: charge types with the names on its invoices' lines, the prices that these were made at, rents, and
the costs of the month that is to be shared out next."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..charging.charge import ChargeType, Tariff, TenureAmount, UnitWeight
from ..charging.cost import Cost
from ..db import SCALE
from .estate import Bill, Charge, Dwelling, Line, Site
from .household import LONG_AGO
from .koivukallio import raised
from .metering import Log
from .meters import MONTHS
from .month import Month
from .rows import instant, one, put

# Months after the one that is being collected whose prices are decided.
AHEAD = 6


def charge_all(session: Session, site: Site, log: Log) -> None:
    charges = site.estate.charges
    ids = put(session, ChargeType, [_type(site, place, charge) for place, charge in enumerate(charges, 1)])
    for id, charge in zip(ids, charges, strict=True):
        for words in site.estate.words.values():
            site.charges[words[charge.word]] = id, charge
    put(session, Tariff, list(_prices(site)))
    put(session, UnitWeight, list(_weights(site)))
    put(session, TenureAmount, list(_rents(site)))
    put(session, Cost, list(_costs(site, log)))
    for id, charge in _by_id(site):
        if charge.settled:
            _settle(session, site, log, id, charge)


def _type(site: Site, place: int, charge: Charge) -> dict:
    last = site.collected.plus(-charge.last).last if charge.last else None
    return {
        "organisation_id": site.id, "code": charge.code, "basis": charge.basis, "key": charge.key, "media": charge.media,
        "registers": [charge.register] if charge.register else None,
        "name": {language: words[charge.word] for language, words in site.estate.words.items()}, "measure": charge.measure,
        "advance": charge.advance, "payer": "tenant" if site.estate.tenure == "lease" else "owner", "position": place * 10,
        "note": charge.note, "first": LONG_AGO, "last": last,
    }  # fmt: skip


def _prices(site: Site) -> Iterator[dict]:
    """A row from each month on in which a line's price is another one than the month before."""
    known: dict[int, int] = {}
    for use in (site.collected.plus(n) for n in range(-MONTHS, AHEAD)):
        for line in site.estate.lines(_bill(site, use)):
            id, charge = site.charges[line.text]
            if charge.basis == "tariff" and known.get(id) != line.price:
                known[id] = line.price
                first = use if charge.key == "meter" else site.estate.round.billed(use)
                yield {"charge_type_id": id, "first": first.first, "price": line.price * SCALE // 100}


def _weights(site: Site) -> Iterator[dict]:
    for id, charge in _by_id(site):
        for dwelling in site.dwellings:
            weight = charge.weigh(dwelling) if charge.weigh else 0
            if weight:
                yield {"charge_type_id": id, "unit_id": dwelling.id, "first": LONG_AGO, "value": weight * SCALE}


def _rents(site: Site) -> Iterator[dict]:
    """Of every tenure, from its first day and from each January on (rule 30)."""
    last = site.estate.round.billed(site.collected).year
    for id in (id for id, charge in _by_id(site) if charge.basis == "amount"):
        for dwelling in site.dwellings:
            for hold in dwelling.holds:
                days = [hold.first, *(Month(year * 12).first for year in range(hold.first.year + 1, last + 1))]
                yield from (
                    {"tenure_id": hold.id, "charge_type_id": id, "first": day, "amount": raised(dwelling.rent, day.year)}
                    for day in days
                )


def _costs(site: Site, log: Log) -> Iterator[dict]:
    """Of the month that is being collected: what its lines would come to at the usual price, from each supplier its part."""
    staff = next(site.officers[role].id for role in ("office", "manager") if role in site.officers)
    use = site.collected
    for building_id in site.buildings.values():
        sums = _sums(site, building_id, use)
        for id, charge in _by_id(site):
            for n, (supplier, part) in enumerate(charge.costs if id in sums else (), 1):
                yield {
                    "period_id": log.periods[building_id, use], "charge_type_id": id, "amount": sums[id] * part // 100,
                    "text": supplier, "document": f"{use.year}-{use.number:02d}{building_id:02d}{n}", "entered_by": staff,
                    "entered_at": instant(site.today - timedelta(days=1), site.tz, 10, 20),
                }  # fmt: skip


def _settle(session: Session, site: Site, log: Log, advance: int, charge: Charge) -> None:
    """What the advances of the last twelve months were for: dearer than asked in winter, cheaper in summer."""
    code, name, supplier = charge.settled
    like = _type(site, len(site.estate.charges) + 1, charge)
    cost = one(
        session, ChargeType, **like | {"code": code, "name": name, "basis": "cost", "advance": False, "billed": "settlement"}
    )
    session.execute(update(ChargeType).where(ChargeType.id == advance).values(settles_id=cost))
    rows = [
        {
            "period_id": log.periods[building_id, use], "charge_type_id": cost, "text": supplier, "document": f"CO/{use.name}",
            "amount": _sums(site, building_id, use)[advance] * (108 if use.number in (1, 2, 3, 11, 12) else 83) // 100,
            "entered_at": instant(use.plus(1).day(9), site.tz, 10, 20),
        }
        for building_id in site.buildings.values()
        for use in (site.collected.plus(n) for n in range(-12, 0))
    ]  # fmt: skip
    put(session, Cost, rows)


def _sums(site: Site, building_id: int, use: Month) -> dict[int, int]:
    """By charge type: what a building's homes are asked for in a month, without their meters."""
    sums: dict[int, int] = {}
    for dwelling in site.dwellings:
        if dwelling.building_id == building_id:
            for line in site.estate.lines(_bill(site, use, dwelling)):
                id = site.charges[line.text][0]
                sums[id] = sums.get(id, 0) + _amount(line)
    return sums


def _by_id(site: Site) -> list[tuple[int, Charge]]:
    return sorted(dict(site.charges.values()).items())


def _bill(site: Site, use: Month, dwelling: Dwelling | None = None) -> Bill:
    """Of a dwelling without its meters; or one that has every line, for its prices."""
    language, billed = next(iter(site.estate.words)), site.estate.round.billed(use)
    if dwelling:
        return Bill(billed, use, language, dwelling.area, dwelling.occupants, dwelling.rent, dwelling.parking, {}, False)
    names = [(counter.medium, name) for counter in site.estate.counters for name, *_ in counter.registers]
    return Bill(billed, use, language, SCALE, 2, 0, True, {f"{medium} {name}".strip(): SCALE for medium, name in names}, False)


def _amount(line: Line) -> int:
    return (line.quantity * line.price * 2 + SCALE) // (2 * SCALE)
