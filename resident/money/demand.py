"""What a debtor hears: the mark "in collection", friendly reminders by mail, and the formal demand on paper (rule 36)."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Money, UTCTime


class CollectionMark(Base):
    """While it holds, nobody is reminded: somebody else collects."""

    __tablename__ = "collection_mark"
    __table_args__ = (CheckConstraint("last is null or last >= first", name="days"), Index(None, "account_id", "first"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    first: Mapped[date]
    last: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200), default="")


class PaymentReminder(Base):
    """A mail about one item to one person: before it falls due, or after it has. Each once."""

    __tablename__ = "payment_reminder"
    __table_args__ = (UniqueConstraint("item_id", "person_id", "kind"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # before | after
    kind: Mapped[str] = mapped_column(String(6))
    at: Mapped[object] = mapped_column(UTCTime)


class Demand(Base):
    """A formal demand, as it was written: what was asked for, by when, of whom.

    facts: {"person_id", "unit_id", "items": [[kind, number, due day, amount]], "fee", "reference"}; amount is the sum asked for.
    Whom it was made out to is an id: the name goes with the person (rule 38).
    """

    __tablename__ = "demand"
    __table_args__ = (Index(None, "account_id", "day"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    day: Mapped[date]
    due: Mapped[date]
    amount: Mapped[int] = mapped_column(Money)
    fee_entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    facts: Mapped[dict] = mapped_column(Json)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[object] = mapped_column(UTCTime)

    @property
    def items(self) -> list[tuple[str, str, date, int]]:
        """(kind, number, due day, amount) of what it asks for."""
        return [(kind, number, date.fromisoformat(due), amount) for kind, number, due, amount in self.facts["items"]]
