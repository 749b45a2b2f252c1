"""A copy of what is stored about a person, as a zip (S58): ordered in the portal, made by the worker, kept for a day."""

import json
import os
import re
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock, files, jobs
from ..audit import AuditEvent
from ..db import SCALE, Base, Database, Key, UTCTime
from ..errors import ResidentError
from ..homes import setting
from ..homes.organisation import Organisation
from ..money.account import Account
from ..money.invoice import Invoice
from ..money.sheet import Sheet, sheet
from ..people.person import Person
from . import record, trace

KIND = "export"
# How long a copy waits to be fetched, and how long one may be under way before another may be ordered.
KEPT, PATIENCE = timedelta(days=1), timedelta(minutes=30)


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

    @property
    def last_at(self) -> datetime:
        """When it is removed."""
        return self.asked_at + KEPT


class NotKept(ResidentError):
    """The copy was removed at the end of its day, or is not ready yet."""


def ask(session: Session, person: Person, language: str, *, by) -> DataExport:
    """Order a copy. While one is under way there is no second one."""
    row = latest(session, person.id)
    if row is not None and row.ready_at is None and row.asked_at + PATIENCE > clock.now():
        return row
    row = DataExport(organisation_id=person.organisation_id, person_id=person.id, language=language, asked_at=clock.now())
    session.add(row)
    session.flush()
    jobs.add(session, KIND, {"export_id": row.id})
    audit.record(session, "data_exported", by=by, organisation_id=person.organisation_id, thing=person)
    session.flush()
    return row


def latest(session: Session, person_id: int) -> DataExport | None:
    """The newest copy of a person that is still kept, ready or under way."""
    rows = select(DataExport).where(DataExport.person_id == person_id, DataExport.asked_at > clock.now() - KEPT)
    return session.scalar(rows.order_by(DataExport.id.desc()).limit(1))


def folder(data_dir: Path) -> Path:
    return data_dir / "copies"


def place(data_dir: Path, row: DataExport) -> Path:
    """Where the copy is. NotKept."""
    path = folder(data_dir) / (row.stored or "-")
    if row.asked_at + KEPT <= clock.now() or not path.is_file():
        raise NotKept()
    return path


# ---- By the worker ---------------------------------------------------------------------------------------------------


# (invoice, the organisation's balance note) -> (name of the file, PDF), in the invoice's language; the edge has the words.
Paper = Callable[[Sheet, tuple], tuple[str, bytes]]


def carry_out(db: Database, data_dir: Path, job: jobs.Job, readme: str, paper: Paper) -> str | None:
    """Make the copy that a job orders. readme: the text of its README.txt."""
    with db.reading() as session:
        row = session.get(DataExport, job.payload["export_id"])
        person = session.get(Person, row.person_id) if row else None
        if row is None or row.ready_at is not None or person.erased_at is not None:
            return "not wanted any more"
        stored = f"{secrets.token_hex(16)}.zip"
        size = _write(session, data_dir, stored, person, readme, paper)
    with db.writing() as session:
        row = session.get(DataExport, row.id)
        if row is None:
            remove(data_dir, [stored])
            return "not wanted any more"
        row.stored, row.size, row.ready_at = stored, size, clock.now()
    return None


def language_of(db: Database, job: jobs.Job) -> str:
    """The language that a copy was ordered in; English when the order is gone."""
    with db.reading() as session:
        return session.scalar(select(DataExport.language).where(DataExport.id == job.payload["export_id"])) or "en"


def sweep(session: Session, data_dir: Path) -> None:
    """Remove copies whose day is over, and files that no copy names."""
    session.execute(delete(DataExport).where(DataExport.asked_at <= clock.now() - KEPT))
    known = set(session.scalars(select(DataExport.stored)))
    oldest = clock.now().timestamp() - files.ORPHAN_SECONDS
    for path in folder(data_dir).glob("*"):
        if path.name not in known and (path.suffix == ".zip" or path.stat().st_mtime < oldest):
            path.unlink(missing_ok=True)


def remove(data_dir: Path, names: Iterable[str]) -> None:
    """Remove copies by their file names; one that is gone already is no trouble."""
    for name in names:
        (folder(data_dir) / name).unlink(missing_ok=True)


def _write(session: Session, data_dir: Path, stored: str, person: Person, readme: str, paper: Paper) -> int:
    """The zip, file after file, never two of them in memory; octets."""
    target = folder(data_dir) / stored
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.with_suffix(".part")
    mine = record.whose(session, person)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", readme)
            for name in record.KINDS:
                rows = record.rows(session, mine, name)
                if name in ("files", "agreement_files"):
                    rows = [_with_file(archive, data_dir / "files", name, row) for row in rows]
                elif name == "invoices":
                    rows = list(_with_papers(session, archive, mine, rows, paper))
                if rows:
                    archive.writestr(f"data/{name}.json", text(rows))
            archive.writestr("data/audit.json", text(_events(session, mine)))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(target)
    return target.stat().st_size


def _with_file(archive: zipfile.ZipFile, kept: Path, kind: str, row: dict) -> dict:
    """The row, with the name under which the file itself lies in the copy. Its random name here tells nobody anything."""
    stored = row.pop("stored")
    path = files.path(kept, files.Attachment(stored=stored))
    called = re.sub(r"[^\w.() -]", "_", row["name"])
    name = f"{kind}/{len(archive.namelist())}-{called}"
    if not path.is_file():
        return row
    # Photos and PDFs are packed already.
    archive.write(path, name, zipfile.ZIP_STORED)
    return row | {"file": name}


def _with_papers(session: Session, archive: zipfile.ZipFile, mine: record.Whose, rows: list[dict], paper: Paper) -> Iterator[dict]:
    """The rows, with the name under which each invoice lies in the copy as PDF, as the person could save it in the portal."""
    own = select(Invoice).join(Account, Account.id == Invoice.account_id).where(record.own_invoices(mine))
    organisation = session.get_one(Organisation, mine.organisation_id)
    today = clock.today(organisation.tz)
    notes = setting.invoice_notes(setting.in_force(session, organisation.id, organisation.country, today))
    for row in rows:
        called, octets = paper(sheet(session, own, row["id"]), notes)
        name = f"invoices/{row['id']}-{called}"
        archive.writestr(name, octets, zipfile.ZIP_STORED)
        yield row | {"file": name}


def _events(session: Session, mine: record.Whose) -> list[dict]:
    """Who looked and who changed, the newest first; staff by name and post, other residents not by name."""
    found = list(session.scalars(trace.about(session, mine).order_by(AuditEvent.id.desc())))
    names, posts = trace.names(session, found), trace.posts(session, found)
    return [
        {
            "at": event.at,
            "act": event.act,
            "by": _by(event, mine, names, posts),
            "thing": event.thing,
            "thing_id": event.thing_id,
        }
        for event in found
    ]


def _by(event: AuditEvent, mine: record.Whose, names: dict, posts: dict) -> dict | str:
    if event.login_id == mine.login_id:
        return "you"
    if event.id in posts:
        role, organisation = posts[event.id]
        return {"name": names[event.person_id], "post": role, "organisation": organisation}
    return "another resident of the home" if event.person_id else "the portal"


# ---- JSON ------------------------------------------------------------------------------------------------------------

_MONEY = {"amount", "total", "rent", "deposit"}
_MILLIONTHS = {"value", "quantity", "unit_price"}


def text(rows: list[dict]) -> str:
    """Rows as JSON that people can read: days and instants after ISO 8601, sums and quantities as decimal texts."""
    return json.dumps([{name: _plain(name, value) for name, value in row.items()} for row in rows], ensure_ascii=False, indent=2)


def _plain(name: str, value):
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and name in _MONEY:
        return str((Decimal(value) / 100).quantize(Decimal("0.01")))
    if isinstance(value, int) and not isinstance(value, bool) and name in _MILLIONTHS:
        return format((Decimal(value) / SCALE).normalize(), "f")
    return value
