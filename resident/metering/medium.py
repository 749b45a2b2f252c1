"""Media that are measured: those that everybody has (meter.MEDIA), and those that an organisation adds: cooling, steam …"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import ForeignKey, Row, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit
from ..db import Base, Json, Key, Quantity, plain
from ..errors import ResidentError, Stale
from ..homes import setting
from ..homes.organisation import Organisation, lock_organisation
from .meter import MEDIA

LONGEST_NAME = 40
LONGEST_MEASURE = 10
_OWN = "own-"


class Medium(Base):
    """code is what Meter.medium says: "own-" and the row's number, so that it never meets a name of meter.MEDIA nor another
    organisation's medium."""

    __tablename__ = "medium"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(20))
    # By language: {"fi": "Jäähdytys", …}; the best one there is shown (H6).
    names: Mapped[dict] = mapped_column(Json)
    measure: Mapped[str] = mapped_column(String(10))
    # The least difference that can be far from usual, in millionths of measure, per billing period (rule 13); a setting of
    # the organisation may say another.
    gap: Mapped[int] = mapped_column(Quantity, default=0)


class BadMedium(ResidentError):
    """A medium cannot be so: field ("name-<language>" | measure | gap), why (missing | long | taken)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A medium as an organisation has it. names: by language, {} for those that everybody has (the edge knows their words);
    gap: in millionths of measure, where no setting says another."""

    code: str
    measure: str
    gap: int
    names: dict


def own(code: str) -> bool:
    """Is it a medium that an organisation has added?"""
    return code.startswith(_OWN)


def known(session: Session, organisation_id: int) -> dict[str, Measured]:
    """By code, those that everybody has first, then the organisation's own in the order in which they were added. One SELECT."""
    usual = setting.default("unusual_gap", "")
    found = {code: Measured(code, measure, usual.get(code, 0), {}) for code, measure in MEDIA.items()}
    for row in of(session, [organisation_id]):
        found[row.code] = Measured(row.code, row.measure, row.gap, row.names)
    return found


# Every page of the desk about meters asks this: the plain table, without the ORM's part.
_medium = Medium.__table__
_OF = select(_medium).where(_medium.c.organisation_id.in_(bindparam("organisations", expanding=True))).order_by(_medium.c.id)


def of(session: Session, organisation_ids: Collection[int]) -> list[Row]:
    """What these organisations have added, in the order in which they did: each with a Medium's columns."""
    return plain(session, _OF, {"organisations": list(organisation_ids)}).all()


def beside(session: Session, code: str) -> list[Medium]:
    """The medium of this code with all that its organisation has added."""
    whose = select(Medium.organisation_id).where(Medium.code == code).scalar_subquery()
    return list(session.scalars(select(Medium).where(Medium.organisation_id == whose).order_by(Medium.id)))


def words(session: Session, organisation_id: int) -> dict[str, str]:
    """Name in any language, or code: code, of the organisation's own media. As a workbook or a file may call them."""
    rows = of(session, [organisation_id])
    return {name: row.code for row in rows for name in (row.code, *row.names.values())}


def gaps(session: Session, organisation_id: int) -> dict[str, int]:
    """By code of the organisation's own media: the least difference that can be far from usual."""
    return dict(session.execute(select(Medium.code, Medium.gap).where(Medium.organisation_id == organisation_id)).all())


def best(names: dict, language: str) -> str:
    """The name in a language, else in the first one that there is."""
    return names.get(language) or next(iter(names.values()))


def add(session: Session, organisation: Organisation, names: dict[str, str], measure: str, gap: int, *, by) -> Medium:
    """Let an organisation measure one more medium. names: by language; the organisation's first language is wanted. BadMedium."""
    names, measure = _checked(session, organisation, names, measure, None)
    row = Medium(organisation_id=organisation.id, code=_OWN + uuid4().hex[:12], names=names, measure=measure, gap=gap)
    session.add(row)
    session.flush()
    row.code = f"{_OWN}{row.id}"
    audit.record(session, "medium_added", by=by, organisation_id=organisation.id, thing=row)
    session.flush()
    return row


def change(
    session: Session, organisation: Organisation, row: Medium, names: dict[str, str], measure: str, gap: int, seen: str, *, by
) -> None:
    """Give a medium other names, unit or gap. Meters that are there keep the unit that they count in. BadMedium; Stale when
    it is not as it was seen (mark())."""
    session.refresh(row, with_for_update=True)
    if mark(row) != seen:
        raise Stale()
    row.names, row.measure = _checked(session, organisation, names, measure, row)
    row.gap = gap
    audit.record(session, "medium_changed", by=by, organisation_id=organisation.id, thing=row)
    session.flush()


def mark(row: Medium) -> str:
    """A short mark of what a form was drawn from."""
    return setting.digest([row.names, row.measure, row.gap])


def _checked(session: Session, organisation: Organisation, names: dict, measure: str, row: Medium | None) -> tuple[dict, str]:
    lock_organisation(session, organisation.id)
    tidy = {language: " ".join(names.get(language, "").split()) for language in organisation.languages.split()}
    measure, first = "".join(measure.split()), next(iter(tidy))
    if not tidy[first]:
        raise BadMedium(field=f"name-{first}", why="missing")
    if not measure:
        raise BadMedium(field="measure", why="missing")
    if len(measure) > LONGEST_MEASURE:
        raise BadMedium(field="measure", why="long")
    others = [other for other in of(session, [organisation.id]) if row is None or other.id != row.id]
    for language, name in tidy.items():
        if len(name) > LONGEST_NAME:
            raise BadMedium(field=f"name-{language}", why="long")
        if name and any(name.casefold() == other.names.get(language, "").casefold() for other in others):
            raise BadMedium(field=f"name-{language}", why="taken")
    return {language: name for language, name in tidy.items() if name}, measure
