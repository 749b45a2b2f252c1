"""One register import at the desk, tried or applied, as the organisation's staff look back at it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .. import clock
from ..db import Base, Json, Key, UTCTime
from .outcome import Count, Outcome

STATES = ("running", "tried", "applied", "refused", "stopped")
# Longer than any import takes: what still runs then was stopped from outside.
_GIVEN_UP = timedelta(hours=2)


class RegisterImport(Base):
    """sheets: what became of each sheet's rows (outcome.Count). stored: the workbook given back, in the data folder."""

    __tablename__ = "register_import"
    __table_args__ = (
        CheckConstraint(f"state in {STATES}", name="state"),
        Index("ix_register_import_organisation", "organisation_id", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The file as its sender called it, never a path.
    name: Mapped[str] = mapped_column(String(120))
    trial: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(10), default="running")
    sheets: Mapped[list] = mapped_column(Json, default=list)
    stored: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[object] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)

    @property
    def outcome(self) -> Outcome:
        return Outcome([Count(**count) for count in self.sheets])

    @property
    def shown_state(self) -> str:
        return "stopped" if self.state == "running" and self.at + _GIVEN_UP < clock.now() else self.state

    def file(self, folder: Path) -> Path | None:
        """The workbook given back, while it is kept."""
        path = folder / self.stored if self.stored else None
        return path if path and path.is_file() else None
