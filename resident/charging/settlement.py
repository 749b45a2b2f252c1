"""Settlements of advances (S6): over a range of months of a building, what was used against what was asked in advance. The range
is the settlement's own and goes across periods."""

from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, Row, Select, String, cast, func, select
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from ..db import Base, Json, Key, Money, UTCTime
from ..homes.building import Unit
from ..money.account import Account
from ..money.invoice import Invoice, Series

STATES = ("allocated", "confirmed")
# Homes on one page of a settlement.
ROWS = 100


class SettlementRun(Base):
    """first, last: names of the building's periods ("2026-01") that it begins and ends with."""

    __tablename__ = "settlement_run"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        CheckConstraint("last >= first", name="months"),
        Index(None, "building_id", "first"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    first: Mapped[str] = mapped_column(String(10))
    last: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="allocated")
    # What suppliers wanted in these months, to be divided; minor units.
    cost: Mapped[int] = mapped_column(Money, default=0)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[object] = mapped_column(UTCTime)


class SettlementPart(Base):
    """One account's part of a settlement; tenure_id None: the vacant homes. charged and advances in minor units, total is charged
    less advances: below zero it is given back."""

    __tablename__ = "settlement_part"
    __table_args__ = (
        CheckConstraint("total = charged - advances", name="total"),
        Index(None, "run_id", "position"),
        Index(None, "invoice_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("settlement_run.id"))
    tenure_id: Mapped[int | None] = mapped_column(ForeignKey("tenure.id"))
    account_kind: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    position: Mapped[int]
    charged: Mapped[int] = mapped_column(Money)
    advances: Mapped[int] = mapped_column(Money)
    total: Mapped[int] = mapped_column(Money)
    # Lines of the invoice to be: the columns of charging/line.py Line, days as "2026-01-31".
    lines: Mapped[list] = mapped_column(Json)
    # Month by month, for each charge: [{"charge", "name", "measure", "months": [{"name", "quantity", "charged", "advance"}]}];
    # quantity in millionths, None where the key is no quantity that a month has.
    months: Mapped[list] = mapped_column(Json)
    # When confirmed; the last one, when it was taken back since.
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))


def parts(session: Session, run_id: int, *, text: str = "", after: int = 0) -> tuple[Sequence[Row], int | None]:
    """(part, number of its home) in their order, a page of those whose number begins with text, after a position; and the last
    position when more follow."""
    listed = (
        select(SettlementPart, Unit.number)
        .outerjoin(Unit, Unit.id == SettlementPart.unit_id)
        .where(SettlementPart.run_id == run_id, SettlementPart.position > after)
        .order_by(SettlementPart.position)
        .limit(ROWS + 1)
        .options(defer(SettlementPart.months))
    )
    if text:
        listed = listed.where(func.lower(Unit.number).startswith(text.lower(), autoescape=True))
    rows = session.execute(listed).all()
    return rows[:ROWS], rows[ROWS - 1][0].position if len(rows) > ROWS else None


def sums(session: Session, run_id: int) -> Row:
    """(charged, advances, total) of all parts."""
    columns = (SettlementPart.charged, SettlementPart.advances, SettlementPart.total)
    return session.execute(
        select(*(cast(func.coalesce(func.sum(one), 0), Money) for one in columns)).where(SettlementPart.run_id == run_id)
    ).one()


def of_month(session: Session, building_id: int, name: str) -> SettlementRun | None:
    """The building's settlement that has a month, whatever its state."""
    own = SettlementRun.building_id == building_id, SettlementRun.first <= name, SettlementRun.last >= name
    return session.scalar(select(SettlementRun).where(*own).limit(1))


def settled_part(session: Session, invoice_id: int) -> Row | None:
    """(part, run) that an invoice was made of."""
    rows = select(SettlementPart, SettlementRun).join(SettlementRun, SettlementRun.id == SettlementPart.run_id)
    return session.execute(rows.where(SettlementPart.invoice_id == invoice_id)).one_or_none()


def own_settlements(session: Session, visible: Select, tenure_id: int) -> Sequence[Row]:
    """(invoice, its year, prefix, number of the account, run) of a tenure's settlements, the newest first. visible:
    access.visible_invoices, joined to Account."""
    return session.execute(
        visible.join(SettlementPart, SettlementPart.invoice_id == Invoice.id)
        .join(SettlementRun, SettlementRun.id == SettlementPart.run_id)
        .outerjoin(Series, Series.id == Invoice.series_id)
        .where(Account.tenure_id == tenure_id, Invoice.voided_at.is_(None))
        .add_columns(Series.year, Series.prefix, Account.number, SettlementRun)
        .order_by(SettlementRun.last.desc(), Invoice.id.desc())
    ).all()
