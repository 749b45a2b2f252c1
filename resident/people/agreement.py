"""The agreement of a tenure: its terms, its document and attachments (L8)."""

import hashlib
from datetime import date
from pathlib import Path

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock, files
from ..db import Base, Key, Money, UTCTime
from ..errors import ResidentError
from ..text import visible
from .tenure import Tenure

KINDS = ("agreement", "attachment")
LONGEST_TITLE, LONGEST_TEXT = 120, 2000
# Minor units: nothing in a home costs a thousand million a month.
MOST_MONEY = 10**11
MOST_MONTHS = 60


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

    @property
    def type(self) -> str:
        return files.TYPES[self.stored.rsplit(".", 1)[1]]


class BadTerm(ResidentError):
    """field: "first" (why "there": terms of that day stand already; "outside": not a day of the tenure), "rent", "deposit",
    "notice_months" (why "range"), "text" (why "long" or "empty": nothing at all is said)."""


class BadTitle(ResidentError):
    """An attachment needs a title of at most LONGEST_TITLE characters: why "empty" or "long"."""


# ---- Terms ---------------------------------------------------------------------------------------------------------


def terms(session: Session, tenure_id: int) -> list[AgreementTerm]:
    """The newest first."""
    rows = select(AgreementTerm).where(AgreementTerm.tenure_id == tenure_id)
    return list(session.scalars(rows.order_by(AgreementTerm.first.desc(), AgreementTerm.id.desc())))


def by_day(rows: list[AgreementTerm], today: date) -> tuple[AgreementTerm | None, list[AgreementTerm], list[AgreementTerm]]:
    """(the terms in force on a day, those to come by their day, those before with the newest first)."""
    begun = [row for row in rows if row.first <= today]
    return begun[0] if begun else None, sorted((row for row in rows if row.first > today), key=lambda row: row.first), begun[1:]


def agreed_deposit(session: Session, tenure_id: int, day: date) -> int | None:
    """The deposit that the terms in force on a day speak of, or those before them; minor units."""
    terms = select(AgreementTerm.deposit).where(AgreementTerm.tenure_id == tenure_id, AgreementTerm.first <= day)
    return session.scalar(terms.where(AgreementTerm.deposit.is_not(None)).order_by(AgreementTerm.first.desc()).limit(1))


def add_term(
    session: Session,
    tenure: Tenure,
    first: date,
    *,
    rent: int | None,
    deposit: int | None,
    notice_months: int | None,
    text: str,
    by,
) -> AgreementTerm:
    """Terms that hold from a day of the tenure on. BadTerm."""
    text = text.strip()
    _check(tenure, first, rent, deposit, notice_months, text)
    # On PostgreSQL two at once meet here; on SQLite only one writes at a time.
    session.execute(select(Tenure.id).where(Tenure.id == tenure.id).with_for_update())
    if any(row.first == first for row in terms(session, tenure.id)):
        raise BadTerm(field="first", why="there")
    row = AgreementTerm(
        tenure_id=tenure.id, first=first, rent=rent, deposit=deposit, notice_months=notice_months, text=text or None
    )
    session.add(row)
    session.flush()
    _record(session, tenure, row, "term_added", by)
    return row


def _check(tenure: Tenure, first: date, rent, deposit, months, text: str) -> None:
    wrong = {
        "first": "outside" if first < tenure.first or (tenure.last is not None and first > tenure.last) else None,
        "rent": _range(rent, MOST_MONEY),
        "deposit": _range(deposit, MOST_MONEY),
        "notice_months": _range(months, MOST_MONTHS),
        "text": "long" if len(text) > LONGEST_TEXT else None,
    }
    if {rent, deposit, months} == {None} and not visible(text):
        wrong["text"] = "empty"
    for field, why in wrong.items():
        if why:
            raise BadTerm(field=field, why=why)


def _range(value: int | None, most: int) -> str | None:
    return "range" if value is not None and not 0 <= value <= most else None


def remove_term(session: Session, tenure: Tenure, row: AgreementTerm, *, by) -> None:
    """Terms that were entered by mistake. The event keeps what they were."""
    facts = {"first": row.first.isoformat(), "rent": row.rent, "deposit": row.deposit, "notice_months": row.notice_months}
    session.delete(row)
    session.flush()
    _record(session, tenure, tenure, "term_removed", by, **facts)


# ---- Files ---------------------------------------------------------------------------------------------------------


def papers(session: Session, tenure_id: int) -> list[AgreementFile]:
    """The agreement before its attachments, the newest first."""
    rows = select(AgreementFile).where(AgreementFile.tenure_id == tenure_id, AgreementFile.removed_at.is_(None))
    return list(session.scalars(rows.order_by(AgreementFile.kind, AgreementFile.id.desc())))


def keep(session: Session, folder: Path, tenure: Tenure, prepared: files.Prepared, kind: str, title: str, *, by) -> AgreementFile:
    """Write the bytes for good, then the row. prepared is from files.prepare(), before the write lock. BadTitle."""
    title = " ".join(title.split()) or (prepared.name.rsplit(".", 1)[0] if kind == "attachment" else "")
    if kind == "attachment" and not visible(title):
        raise BadTitle(why="empty")
    if len(title) > LONGEST_TITLE:
        raise BadTitle(why="long")
    row = AgreementFile(
        organisation_id=tenure.organisation_id, tenure_id=tenure.id, kind=kind, title=title, name=prepared.name,
        stored=files.store(folder, prepared), size=len(prepared.data), sha256=hashlib.sha256(prepared.data).hexdigest(),
        by_person_id=getattr(by, "person_id", None), at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, tenure, row, "file_added", by)
    return row


def remove(session: Session, tenure: Tenure, row: AgreementFile, *, by) -> None:
    """Nobody sees it any more; its bytes go with the next sweep (files.sweep). Twice is once."""
    if row.removed_at is None:
        row.removed_at = clock.now()
        session.flush()
        _record(session, tenure, row, "file_removed", by)


def opened(session: Session, row: AgreementFile, *, by) -> None:
    """Who looked, in a transaction of the caller's own."""
    audit.record(session, "agreement_opened", by=by, organisation_id=row.organisation_id, thing=row)


def _record(session: Session, tenure: Tenure, thing, what: str, by, **facts) -> None:
    facts = {"what": what, "tenure": tenure.id, **facts}
    audit.record(session, "agreement_changed", by=by, organisation_id=tenure.organisation_id, thing=thing, facts=facts)
    session.flush()
