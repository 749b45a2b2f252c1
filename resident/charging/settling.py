"""A settlement's steps (S6), as a period's: drafts that are looked at, invoices of kind settlement, and back one step at a time."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import partial

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..identity import Controller
from ..money import booking
from ..money.invoice import Invoice, InvoiceDelivery, InvoiceLine, cause_of
from ..money.ledger import Entry
from ..money.period import BillingPeriod, lock_buildings
from . import scene, steps, taking_back
from .accounts import accounts
from .charge import ChargeType, called
from .correction import Correction
from .issuing import Bill, issue_all
from .line import Drafted, Line
from .settlement import SettlementPart, SettlementRun
from .settling_up import Settled, day, worked_out


class NoMonths(ResidentError):
    """The building has no periods from first to last."""


class MonthsOpen(ResidentError):
    """Periods of the range are not confirmed yet, so that their advances are not known: names."""


class SettledAlready(ResidentError):
    """A settlement of the building has some of these months: first, last."""


class NothingToSettle(ResidentError):
    """No charge that is settled has costs or use in these months, and no advance was asked for one."""


def prepare(session: Session, building_id: int, first: str, last: str, *, by) -> SettlementRun:
    """Work out a settlement of the periods first…last and keep it for a look.

    NoMonths, MonthsOpen, SettledAlready, NothingToSettle, allocating.UseUnknown, working.NobodyPays.
    """
    lock_buildings(session, [building_id])
    periods = _periods(session, building_id, first, last)
    parts, cost = worked_out(session, periods)
    if not parts:
        raise NothingToSettle()
    run = SettlementRun(
        building_id=building_id, first=periods[0].name, last=periods[-1].name, state="allocated", cost=cost,
        made_by=getattr(by, "person_id", None), made_at=clock.now(),
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add_all(_stored(run, position, part) for position, part in enumerate(parts, 1))
    _record(session, "settlement_prepared", run, by, parts=len(parts), total=sum(part.charged - part.advances for part in parts))
    return run


def _periods(session: Session, building_id: int, first: str, last: str) -> Sequence[BillingPeriod]:
    own = select(BillingPeriod).where(BillingPeriod.building_id == building_id, BillingPeriod.name.between(first, last))
    periods = session.scalars(own.order_by(BillingPeriod.bill_first)).all()
    if not periods:
        raise NoMonths()
    open_ = [period.name for period in periods if period.state not in ("confirmed", "closed")]
    if open_:
        raise MonthsOpen(names=open_)
    other = session.scalar(
        select(SettlementRun).where(
            SettlementRun.building_id == building_id, SettlementRun.first <= last, SettlementRun.last >= first
        )
    )
    if other:
        raise SettledAlready(first=other.first, last=other.last)
    return periods


def _stored(run: SettlementRun, position: int, part: Settled) -> SettlementPart:
    return SettlementPart(
        run_id=run.id, tenure_id=part.tenure_id, account_kind=part.account_kind, unit_id=part.unit_id, position=position,
        charged=part.charged, advances=part.advances, total=part.charged - part.advances,
        lines=[asdict(line) | {"first": _iso(line.first), "last": _iso(line.last)} for line in part.lines], months=part.months,
    )  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def discard(session: Session, run: SettlementRun, *, by) -> None:
    """Throw a settlement away that is not confirmed. steps.WrongState."""
    _hold(session, run, "allocated", "unallocate")
    _record(session, "settlement_taken_back", run, by)
    session.execute(delete(SettlementPart.__table__).where(SettlementPart.__table__.c.run_id == run.id))
    session.delete(run)
    session.flush()


def confirm(session: Session, run: SettlementRun, *, by, issued: date | None = None, due: date | None = None) -> int:
    """allocated → confirmed: an invoice of kind settlement for each part, below zero as credit; how many.

    steps.WrongState, invoicing.DueBeforeIssue.
    """
    _hold(session, run, "allocated", "confirm")
    creditor = scene.controller(session, run.building_id)
    day_ = issued or creditor.today
    parts = session.scalars(select(SettlementPart).where(SettlementPart.run_id == run.id).order_by(SettlementPart.position)).all()
    wanted = [(part.tenure_id, part.account_kind) for part in parts]
    found = accounts(session, creditor, run.building_id, wanted, day_)
    bills = _bills(session, creditor, parts, found)
    ids = issue_all(session, creditor, "settlement", bills, by=by, month=run.last, issued=issued, due=due)
    given = [{"id": part.id, "invoice_id": id} for part, id in zip(parts, ids, strict=True)]
    if given:
        session.execute(update(SettlementPart), given)
    run.state = "confirmed"
    _record(session, "settlement_confirmed", run, by, invoices=len(parts))
    return len(parts)


def _bills(session: Session, creditor: Controller, parts: Sequence[SettlementPart], found: dict) -> list[Bill]:
    names, served = _names(session, parts), creditor.languages.split()
    bills = []
    for part in parts:
        lines = [Line(**line | {"first": day(line["first"]), "last": day(line["last"])}) for line in part.lines]
        drafted = Drafted(part.tenure_id, part.account_kind, part.unit_id, lines)
        texts = partial(_texts, [names[line.charge_type_id] for line in lines], served)
        bills.append(Bill(found[part.tenure_id, part.account_kind], drafted, texts))
    return bills


def _texts(names: list[tuple[dict, str]], served: list[str], language: str) -> list[str]:
    return [called(*name, language, served) for name in names]


def _names(session: Session, parts: Sequence[SettlementPart]) -> dict[int, tuple[dict, str]]:
    ids = {line["charge_type_id"] for part in parts for line in part.lines}
    rows = session.execute(select(ChargeType.id, ChargeType.name, ChargeType.code).where(ChargeType.id.in_(ids)))
    return {id: (name, code) for id, name, code in rows}


def held_back(session: Session, run: SettlementRun) -> ResidentError | None:
    """What stands against taking a confirmed settlement back, or None."""
    own = _live(run)
    if count := session.scalar(
        select(func.count(InvoiceDelivery.invoice_id.distinct())).where(InvoiceDelivery.invoice_id.in_(own))
    ):
        return taking_back.AlreadyDelivered(invoices=count)
    if count := session.scalar(taking_back.paid(own)):
        return taking_back.AlreadyPaid(invoices=count)
    lines = select(InvoiceLine.id).where(InvoiceLine.invoice_id.in_(own))
    if count := session.scalar(select(func.count()).where(Correction.line_id.in_(lines))):
        return taking_back.AlreadyCorrected(corrections=count)
    return None


def unconfirm(session: Session, run: SettlementRun, *, by) -> int:
    """confirmed → allocated: the invoices become void and keep their numbers, their entries are reversed; how many.

    steps.WrongState, taking_back.AlreadyDelivered, taking_back.AlreadyPaid, taking_back.AlreadyCorrected.
    """
    _hold(session, run, "confirmed", "unconfirm")
    refusal = held_back(session, run)
    if refusal:
        raise refusal
    ids = session.scalars(_live(run)).all()
    entries = session.scalars(select(Entry.id).where(Entry.cause.in_([cause_of(id) for id in ids]))).all()
    session.execute(update(Invoice.__table__).where(Invoice.__table__.c.id.in_(ids)).values(voided_at=clock.now()))
    booking.reverse_all(session, entries, by=by)
    run.state = "allocated"
    _record(session, "settlement_taken_back", run, by, invoices=len(ids))
    return len(ids)


def _live(run: SettlementRun):
    own = select(SettlementPart.invoice_id).where(SettlementPart.run_id == run.id)
    return select(Invoice.id).where(Invoice.id.in_(own), Invoice.voided_at.is_(None))


def _hold(session: Session, run: SettlementRun, state: str, step: str) -> None:
    """Of two who do it at once the second finds it done."""
    lock_buildings(session, [run.building_id])
    session.refresh(run, with_for_update=True)
    if run.state != state:
        raise steps.WrongState(step=step, state=run.state, first=None)


def _record(session: Session, act: str, run: SettlementRun, by, **facts) -> None:
    session.flush()
    audit.record(session, act, by=by, thing=run, facts={"first": run.first, "last": run.last} | facts)
    session.flush()
