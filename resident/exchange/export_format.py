"""Formats in which readings go out to accountants and providers, mapped once and named (R4)."""

from dataclasses import dataclass, field

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit
from ..db import Base, Json, Key
from ..errors import ResidentError, Stale
from ..homes import setting
from ..homes.organisation import Organisation, lock_organisation

KINDS = ("csv", "xlsx")
# What a column can hold; the words for them are at the edge.
COLUMNS = (
    "building", "address", "home", "staircase", "holder", "medium", "meter", "place", "register", "period",
    "before_day", "before", "day", "value", "use", "measure", "estimated", "source", "remote",
)  # fmt: skip
USUAL = (
    "address",
    "home",
    "medium",
    "meter",
    "place",
    "register",
    "before_day",
    "before",
    "day",
    "value",
    "use",
    "measure",
    "estimated",
)
LONGEST_NAME, LONGEST_HEADING = 80, 60


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


class BadFormat(ResidentError):
    """A format cannot be so: field (name | columns | column-<what>), why (missing | long | taken | none)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A format as it is worked with. columns: (what, heading); day: how days are written, a pattern of strftime; missing: also
    meters without a reading."""

    name: str
    kind: str
    columns: tuple[tuple[str, str], ...]
    delimiter: str = ";"
    decimal: str = ","
    encoding: str = "utf-8-sig"
    day: str = "%Y-%m-%d"
    heading: bool = True
    missing: bool = True
    version: int = field(default=0, compare=False)

    @property
    def options(self) -> dict:
        names = ("delimiter", "decimal", "encoding", "day", "heading", "missing")
        return {name: getattr(self, name) for name in names}


def shape(row: ExportFormat) -> Shape:
    columns = tuple((what, heading) for what, heading in row.columns if what in COLUMNS)
    return Shape(row.name, row.kind, columns, **row.options)


def of(session: Session, organisation_id: int) -> list[ExportFormat]:
    return list(
        session.scalars(select(ExportFormat).where(ExportFormat.organisation_id == organisation_id).order_by(ExportFormat.name))
    )


def mark(row: ExportFormat) -> str:
    """A short mark of what a form was drawn from."""
    return setting.digest([row.name, row.kind, row.columns, row.options])


def add(session: Session, organisation: Organisation, given: Shape, *, by) -> ExportFormat:
    """Keep a format under its name. BadFormat."""
    _check(session, organisation, given, None)
    row = ExportFormat(
        organisation_id=organisation.id, name=given.name, kind=given.kind, columns=[list(one) for one in given.columns],
        options=given.options,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, organisation, row, by)
    return row


def change(session: Session, organisation: Organisation, row: ExportFormat, given: Shape, seen: str, *, by) -> None:
    """BadFormat; Stale when the format is not as it was seen (mark())."""
    _as_seen(session, organisation, row, seen)
    _check(session, organisation, given, row)
    row.name, row.kind, row.options = given.name, given.kind, given.options
    row.columns = [list(one) for one in given.columns]
    session.flush()
    _record(session, organisation, row, by)


def remove(session: Session, organisation: Organisation, row: ExportFormat, seen: str, *, by) -> None:
    _as_seen(session, organisation, row, seen)
    session.delete(row)
    session.flush()
    _record(session, organisation, row, by)


def _as_seen(session: Session, organisation: Organisation, row: ExportFormat, seen: str) -> None:
    lock_organisation(session, organisation.id)
    session.refresh(row)
    if mark(row) != seen:
        raise Stale()


def _check(session: Session, organisation: Organisation, given: Shape, row: ExportFormat | None) -> None:
    lock_organisation(session, organisation.id)
    if not given.name:
        raise BadFormat(field="name", why="missing")
    if len(given.name) > LONGEST_NAME:
        raise BadFormat(field="name", why="long")
    if not given.columns:
        raise BadFormat(field="columns", why="none")
    for what, heading in given.columns:
        if len(heading) > LONGEST_HEADING:
            raise BadFormat(field=f"heading-{what}", why="long")
    same = [one for one in of(session, organisation.id) if one.name.casefold() == given.name.casefold() and one is not row]
    if same:
        raise BadFormat(field="name", why="taken")


def _record(session: Session, organisation: Organisation, row: ExportFormat, by) -> None:
    audit.record(session, "export_format_changed", by=by, organisation_id=organisation.id, thing=row)
    session.flush()
