"""Attachments: rows here, bytes in the data folder under random names, served only through a check of rights.

A file is decoded and written anew by a process of its own (decoder.py) before the write lock is taken. Its bytes are
written, synced and renamed before the row is committed; a file without a row is swept (S38, S51, rule 50).
"""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .db import Base, Key, UTCTime
from .errors import NotSaved, ResidentError

# Octets of one file, files of one form, octets that one login keeps here in all.
LIMIT, AT_ONCE, QUOTA = 12_000_000, 4, 200_000_000
REASONS = ("empty", "kind", "broken", "pixels", "locked", "pages", "heavy", "quota", "many")
TYPES = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
ORPHAN_SECONDS = 3600
_DECODER = Path(__file__).with_name("decoder.py")
_PATIENCE = 30
# Two files are decoded at once; the rest wait here, not in memory.
_turns = threading.BoundedSemaphore(2)


class FileTooLarge(ResidentError):
    """name, size, limit in octets. Nothing of the file was read."""


class FileRefused(ResidentError):
    """name, why: one of REASONS."""


_OWNERS = ("message_id", "event_id", "reading_id")
_ONE_OWNER = " + ".join(f"case when {name} is null then 0 else 1 end" for name in _OWNERS) + " = 1"


class Attachment(Base):
    """Belongs to one message, one event of a case or one reading. name is what the sender called it, never a path."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("kind in ('image','pdf')", name="kind"),
        CheckConstraint(_ONE_OWNER, name="owner"),
        Index(None, "message_id"),
        Index(None, "event_id"),
        Index(None, "reading_id"),
        Index(None, "login_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("case_event.id"))
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    kind: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(120))
    stored: Mapped[str] = mapped_column(String(40), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    at: Mapped[object] = mapped_column(UTCTime)

    @property
    def type(self) -> str:
        return TYPES[self.stored.rsplit(".", 1)[1]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was decoded and written anew. small is the thumbnail of an image, empty for a PDF."""

    name: str
    kind: str
    extension: str
    data: bytes
    small: bytes
    width: int | None
    height: int | None


def prepare(name: str, stream, *, kinds: Iterable[str] = ("image", "pdf")) -> Prepared:
    """Decode what somebody sends, before the write lock. FileTooLarge or FileRefused when it cannot be taken.

    Judges by the bytes, never by the name. An image comes back upright, without metadata, at most 1600 px wide or high;
    a PDF without anything that runs.
    """
    size = _size(stream)
    if size > LIMIT:
        raise FileTooLarge(name=clean(name, ""), size=size, limit=LIMIT)
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise FileTooLarge(name=clean(name, ""), size=len(data), limit=LIMIT)
    kind = _kind(data)
    if not data or kind not in kinds:
        raise FileRefused(name=clean(name, ""), why="kind" if data else "empty")
    facts, big, small = _decoded(kind, data)
    if "refused" in facts:
        raise FileRefused(name=clean(name, ""), why=facts["refused"])
    if len(big) > LIMIT:
        raise FileRefused(name=clean(name, ""), why="heavy")
    extension = facts["extension"]
    return Prepared(clean(name, extension), kind, extension, big, small, facts["width"], facts["height"])


def _size(stream) -> int:
    """Octets that wait in a stream that can be wound; 0 when it cannot."""
    try:
        start = stream.tell()
        end = stream.seek(0, os.SEEK_END)
        stream.seek(start)
    except (AttributeError, OSError):
        return 0
    return end - start


def _kind(data: bytes) -> str | None:
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "image"
    return None


def _decoded(kind: str, data: bytes) -> tuple[dict, bytes, bytes]:
    """What decoder.py says; "heavy" when it ran out of time or memory, so that its death is no error of ours."""
    command = [sys.executable, "-I", str(_DECODER), kind]
    try:
        with _turns:
            ran = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_PATIENCE, env={})
        head, _, rest = ran.stdout.partition(b"\n")
        facts = json.loads(head)
    except (subprocess.TimeoutExpired, ValueError):
        return {"refused": "heavy"}, b"", b""
    return facts, rest[: facts["size"]], rest[facts["size"] :]


def clean(name: str, extension: str) -> str:
    """A name that may be shown and sent: no path, no control or direction characters, the extension of its content."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Zs becomes a space, C (control, format, surrogate) goes: "photo\u202egpj.exe" must not read as a photo.
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or not unicodedata.category(c).startswith("C"))
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not extension:
        return name[:80]
    stem = name.rsplit(".", 1)[0] if "." in name else name
    return f"{stem.strip(' .')[:100] or 'file'}.{extension}"


def keep(
    session: Session, folder: Path, prepared: Prepared, *, organisation_id: int, login_id: int,
    message_id: int | None = None, event_id: int | None = None, reading_id: int | None = None,
) -> Attachment:  # fmt: skip
    """Write the bytes for good, then the row. FileRefused(why="quota") when the login keeps too much here already."""
    if room(session, login_id) < len(prepared.data):
        raise FileRefused(name=prepared.name, why="quota")
    attachment = Attachment(
        organisation_id=organisation_id, message_id=message_id, event_id=event_id, reading_id=reading_id, login_id=login_id,
        kind=prepared.kind, name=prepared.name, stored=store(folder, prepared),
        size=len(prepared.data), sha256=hashlib.sha256(prepared.data).hexdigest(),
        width=prepared.width, height=prepared.height, at=clock.now(),
    )  # fmt: skip
    session.add(attachment)
    session.flush()
    return attachment


def store(folder: Path, prepared: Prepared) -> str:
    """Write the bytes for good, before the row that keeps them from being swept; the random name under which they are."""
    stored = f"{secrets.token_hex(16)}.{prepared.extension}"
    _write(_place(folder, stored), prepared.data)
    if prepared.small:
        _write(_place(folder, stored, small=True), prepared.small)
    return stored


def room(session: Session, login_id: int) -> int:
    """Octets that a login may still keep here."""
    return QUOTA - (session.scalar(select(func.sum(Attachment.size)).where(Attachment.login_id == login_id)) or 0)


def path(folder: Path, attachment, small: bool = False) -> Path:
    """Where the bytes are, or those of the thumbnail. attachment: anything with .stored."""
    return _place(folder, attachment.stored, small)


def _place(folder: Path, stored: str, small: bool = False) -> Path:
    stem, extension = stored.rsplit(".", 1)
    return folder / stem[:2] / (f"{stem}.small.{extension}" if small else stored)


def remove(folder: Path, stored: str) -> None:
    """The octets of a file whose row is gone, and of its thumbnail."""
    for small in (False, True):
        _place(folder, stored, small).unlink(missing_ok=True)


def _write(target: Path, data: bytes) -> None:
    """Bytes that survive a kill: a temporary file, synced, renamed, and its folder synced (S51)."""
    temporary = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise NotSaved(why="full") from error
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(session: Session, folder: Path) -> int:
    """Remove files without a row that are older than an hour. Returns how many."""
    removed, oldest = 0, time.time() - ORPHAN_SECONDS
    for shelf in sorted(folder.glob("??")):
        old = [file for file in shelf.iterdir() if file.stat().st_mtime < oldest]
        owners = {file: file.name.removeprefix(".").removesuffix(".part").replace(".small.", ".") for file in old}
        known = _known(session, set(owners.values()))
        for file in old:
            if file.name.startswith(".") or owners[file] not in known:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def _known(session: Session, stored: set[str]) -> set[str]:
    """Names that a row keeps: attachments, and papers of agreements that were not removed."""
    from .people.agreement import AgreementFile  # stands on this file

    papers = select(AgreementFile.stored).where(AgreementFile.removed_at.is_(None), AgreementFile.stored.in_(stored))
    return {*session.scalars(select(Attachment.stored).where(Attachment.stored.in_(stored))), *session.scalars(papers)}


def of_messages(session: Session, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Attachments by message, in one SELECT."""
    return _by(session, Attachment.message_id, ids)


def of_events(session: Session, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Attachments by event of a case, in one SELECT."""
    return _by(session, Attachment.event_id, ids)


def of_readings(session: Session, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """Photos by reading, in one SELECT."""
    return _by(session, Attachment.reading_id, ids)


def _by(session: Session, owner, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    found = {}
    for attachment in session.scalars(select(Attachment).where(owner.in_(list(ids))).order_by(Attachment.id)):
        found.setdefault(getattr(attachment, owner.key), []).append(attachment)
    return found
