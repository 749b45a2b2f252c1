"""A copy of what is stored about a person, as a zip (S58): ordered in the portal, made by the worker, kept for a day."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Key, UTCTime


class DataExport(Base):
    """stored: the random name of the file, once it is ready. language: of its words."""

    __tablename__ = "data_export"
    __table_args__ = (Index(None, "person_id"), Index(None, "asked_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str] = mapped_column(String(5))
    asked_at: Mapped[object] = mapped_column(UTCTime)
    ready_at: Mapped[object | None] = mapped_column(UTCTime)
    stored: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[int | None]
