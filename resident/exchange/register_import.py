"""One register import at the desk, tried or applied, as the organisation's staff look back at it."""

from pathlib import Path

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UTCTime
from .outcome import Count, Outcome

STATES = ("running", "tried", "applied", "refused", "stopped")


class RegisterImport(Base):
    """sheets: what became of each sheet's rows (outcome.Count). sent and stored: the workbook that came, and the one given
    back, in the data folder. A row is "running" from when it was sent; it waits until begun_at is set.
    """

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
    sent: Mapped[str | None] = mapped_column(String(60))
    stored: Mapped[str | None] = mapped_column(String(60))
    # Of the remarks in the workbook given back.
    language: Mapped[str | None] = mapped_column(String(5))
    # [step, sheet, rows] of the work that goes on; journal.STEPS.
    progress: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    # [name, facts] of what the workbook as a whole was refused for, or of what stopped it; journal.WHY.
    why: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    at: Mapped[object] = mapped_column(UTCTime)
    begun_at: Mapped[object | None] = mapped_column(UTCTime)
    ended_at: Mapped[object | None] = mapped_column(UTCTime)

    @property
    def outcome(self) -> Outcome:
        return Outcome([Count(**count) for count in self.sheets])

    @property
    def shown_state(self) -> str:
        """One of STATES, or "waiting"."""
        return "waiting" if self.state == "running" and self.begun_at is None else self.state

    @property
    def under_way(self) -> bool:
        return self.state == "running"

    def appliable(self, folder: Path) -> bool:
        """A trial run in which all was well, whose workbook is still here."""
        good = self.state == "tried" and self.trial and self.sent and not self.outcome.errors
        return bool(good and (folder / self.sent).is_file())

    def file(self, folder: Path) -> Path | None:
        """The workbook given back, while it is kept."""
        path = folder / self.stored if self.stored else None
        return path if path and path.is_file() else None
