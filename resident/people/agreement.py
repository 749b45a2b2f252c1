"""The agreement of a tenure: its terms, its document and attachments (L8)."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, Money, UTCTime


class AgreementTerm(Base):
    """Terms that hold from a day: what the page shows beside the tenure's own days. Money in minor units a month."""

    __tablename__ = "agreement_term"
    __table_args__ = (Index(None, "tenure_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    first: Mapped[date]
    rent: Mapped[int | None] = mapped_column(Money)
    deposit: Mapped[int | None] = mapped_column(Money)
    notice_months: Mapped[int | None]
    text: Mapped[str | None] = mapped_column(String(2000))


class AgreementFile(Base):
    """The document itself, or an attachment to it. Stored as files.Attachment is; stored: its random name."""

    __tablename__ = "agreement_file"
    __table_args__ = (CheckConstraint("kind in ('agreement','attachment')", name="kind"), Index(None, "tenure_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120))
    stored: Mapped[str] = mapped_column(String(40), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[object] = mapped_column(UTCTime)
    removed_at: Mapped[object | None] = mapped_column(UTCTime)
