"""Changing what is charged, by the desk: charge types, their prices, VAT and weights, and tenures' rents and advances.

What is dated holds from its day until the next row's day. Days that are shared out already are never touched: DaysBilled.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError
from ..homes.building import Building, Unit
from ..homes.organisation import lock_organisation
from ..metering.window import TAKES_READINGS
from ..money.invoice import InvoiceLine
from ..money.period import BillingPeriod
from ..people.tenure import Holding, Tenure
from .charge import BASES, BILLED, KEYS, MEMBERSHIPS, PAYERS, ChargeType, Membership, Tariff, TenureAmount, VatRate
from .draft import DraftLine

# What a charge type is made of, beside its organisation.
FIELDS = (
    "code", "name", "basis", "key", "media", "registers", "measure", "account_kind", "advance", "settles_id", "billed",
    "unit_kinds", "payer", "position", "note", "first", "last",
)  # fmt: skip
# What lines were worked out by: not changed once there are some.
FIXED = ("basis", "key", "account_kind")


class CodeTaken(ResidentError):
    """The organisation has a charge type of this code: code."""


class BadCharge(ResidentError):
    """A charge type cannot be so: field, why (missing | unknown | together: what does not go with what)."""


class ChargeUsed(ResidentError):
    """Invoices were made by the charge type, so this of it stays: fields. End it and make another."""


class DaysBilled(ResidentError):
    """The day is in a period whose costs are shared out: name (the period's), first (the first day that is free)."""


class BadPrice(ResidentError):
    """A price, rate, weight or sum cannot be so: why (below | above)."""


def add(session: Session, organisation_id: int, *, by, **given) -> ChargeType:
    """given: FIELDS. CodeTaken, BadCharge."""
    lock_organisation(session, organisation_id)
    made = ChargeType(organisation_id=organisation_id, **given)
    _fit(session, made)
    session.add(made)
    session.flush()
    audit.record(session, "charge_changed", by=by, organisation_id=organisation_id, thing=made, facts={"code": made.code})
    session.flush()
    return made


def change(session: Session, charge: ChargeType, *, by, **given) -> None:
    """given: those of FIELDS that change. CodeTaken, BadCharge, ChargeUsed."""
    lock_organisation(session, charge.organisation_id)
    changed = [name for name, value in given.items() if getattr(charge, name) != value]
    stays = [name for name in changed if name in FIXED]
    if stays and used(session, charge):
        raise ChargeUsed(fields=stays)
    with session.no_autoflush:
        for name in changed:
            setattr(charge, name, given[name])
        _fit(session, charge)
    session.flush()
    if changed:
        facts = {"code": charge.code, "fields": changed}
        audit.record(session, "charge_changed", by=by, organisation_id=charge.organisation_id, thing=charge, facts=facts)
        session.flush()


def used(session: Session, charge: ChargeType) -> bool:
    """Is there a line, or a draft of one, that it made?"""
    found = (select(table.id).where(table.charge_type_id == charge.id).exists() for table in (DraftLine, InvoiceLine))
    return any(session.scalar(select(one)) for one in found)


def _fit(session: Session, charge: ChargeType) -> None:
    same = select(ChargeType.id).where(ChargeType.organisation_id == charge.organisation_id, ChargeType.code == charge.code)
    if session.scalar(same.where(ChargeType.id != (charge.id or 0))):
        raise CodeTaken(code=charge.code)
    if not charge.code or not any((charge.name or {}).values()):
        raise BadCharge(field="name" if charge.code else "code", why="missing")
    for field, known in (("basis", BASES), ("key", KEYS), ("billed", BILLED), ("payer", PAYERS)):
        value = getattr(charge, field)
        if value is not None and value not in known:
            raise BadCharge(field=field, why="unknown")
    if charge.basis == "cost" and charge.key in (None, "fixed"):
        raise BadCharge(field="key", why="together")
    if charge.metered and not charge.media:
        raise BadCharge(field="media", why="missing")
    charge.registers = sorted(set(charge.registers or ())) or None
    if charge.last and charge.last < charge.first:
        raise BadCharge(field="last", why="together")


# ---- Dated rows ------------------------------------------------------------------------------------------------------


def put_price(
    session: Session, charge: ChargeType, price: int, first: date, *, by, building_id: int | None = None, membership: str = "all"
) -> Tariff:
    """A price in millionths of the major unit from a day on; on the same day it takes the place of the one before.

    DaysBilled, BadPrice.
    """
    if membership not in MEMBERSHIPS:
        raise BadPrice(why="unknown")
    free(session, charge.organisation_id, first, building_id)
    which = {"charge_type_id": charge.id, "building_id": building_id, "membership": membership, "first": first}
    return _put(session, Tariff, which, {"price": price}, "tariff_changed", charge.organisation_id, by, charge)


def remove_price(session: Session, charge: ChargeType, tariff: Tariff, *, by) -> None:
    """DaysBilled."""
    free(session, charge.organisation_id, tariff.first, tariff.building_id)
    session.delete(tariff)
    facts = {"code": charge.code, "first": tariff.first.isoformat(), "removed": True}
    audit.record(session, "tariff_changed", by=by, organisation_id=charge.organisation_id, thing=charge, facts=facts)
    session.flush()


def put_vat(session: Session, charge: ChargeType, rate: int | None, net: bool, first: date, *, by) -> VatRate:
    """VAT in hundredths of a per cent from a day on, None for none (rule 30). DaysBilled, BadPrice."""
    if rate is not None and not 0 <= rate <= 10_000:
        raise BadPrice(why="below" if rate < 0 else "above")
    free(session, charge.organisation_id, first, None)
    which = {"charge_type_id": charge.id, "first": first}
    return _put(session, VatRate, which, {"rate": rate, "net": net}, "tariff_changed", charge.organisation_id, by, charge)


def put_amount(
    session: Session, charge: ChargeType, tenure: Tenure, amount: int, first: date, *, by, announced: date | None = None
) -> TenureAmount:
    """A tenure's rent or advance, in minor units a month, from a day on (rule 30); zero ends it. announced: the day on which the
    holder was told. DaysBilled."""
    free(session, charge.organisation_id, first, _building(session, tenure))
    which = {"charge_type_id": charge.id, "tenure_id": tenure.id, "first": first}
    values = {"amount": amount, "announced": announced}
    return _put(session, TenureAmount, which, values, "amount_changed", charge.organisation_id, by, tenure)


def put_member(session: Session, tenure: Tenure, member: bool, first: date, *, by) -> Membership:
    """Whether the tenure's holder is a member from a day on, so that it pays members' prices. DaysBilled."""
    free(session, tenure.organisation_id, first, _building(session, tenure))
    which = {"tenure_id": tenure.id, "first": first}
    return _put(session, Membership, which, {"member": member}, "membership_changed", tenure.organisation_id, by, tenure)


def _building(session: Session, tenure: Tenure) -> int | None:
    held = select(Unit.building_id).join(Holding, Holding.unit_id == Unit.id).where(Holding.tenure_id == tenure.id)
    return session.scalar(held.limit(1))


def _put(session: Session, table, which: dict, values: dict, act: str, organisation_id: int, by, thing):
    lock_organisation(session, organisation_id)
    row = session.scalar(select(table).filter_by(**which))
    if row is None:
        row = table(**which, **values)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    facts = {"what": table.__tablename__, "first": which["first"].isoformat()}
    audit.record(session, act, by=by, organisation_id=organisation_id, thing=thing, facts=facts)
    session.flush()
    return row


def free(session: Session, organisation_id: int, first: date, building_id: int | None) -> None:
    """A day from which nothing is shared out yet, in a building or in all: else DaysBilled."""
    shared = select(BillingPeriod.name, BillingPeriod.bill_last).join(Building, Building.id == BillingPeriod.building_id)
    shared = shared.where(Building.organisation_id == organisation_id, BillingPeriod.state.not_in(TAKES_READINGS))
    if building_id is not None:
        shared = shared.where(BillingPeriod.building_id == building_id)
    row = session.execute(shared.where(BillingPeriod.bill_last >= first).order_by(BillingPeriod.bill_last.desc()).limit(1)).first()
    if row is not None:
        raise DaysBilled(name=row.name, first=date.fromordinal(row.bill_last.toordinal() + 1))
