"""Formats in which readings go out to accountants and providers, mapped once and named (R4)."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key


class ExportFormat(Base):
    """columns: [[what, heading], …] in their order; options: delimiter, decimal sign, encoding, how days are written."""

    __tablename__ = "export_format"
    __table_args__ = (
        CheckConstraint("kind in ('csv','xlsx')", name="kind"),
        UniqueConstraint("organisation_id", "name"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(4))
    columns: Mapped[list] = mapped_column(Json)
    options: Mapped[dict] = mapped_column(Json, default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
