"""Before a workbook is opened: what its zip says of itself (S40, M10). A hostile one is refused here, unread.

A 296 kB workbook can take 600 MB once it is opened. The zip's directory tells the sizes beforehand, and the reader
never takes more than it tells.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResidentError

MEGABYTE = 1_000_000


class WorkbookRefused(ResidentError):
    """why: one of REASONS; for "large" size and limit in octets; for "broken" and "formula" nothing more."""


REASONS = ("empty", "large", "kind", "broken", "bomb", "macros", "links", "entities", "locked", "sheets")


@dataclass(frozen=True, slots=True)
class Limits:
    """In octets. inflated: all parts together; whole: parts that are read as one (texts, styles, the list of sheets)."""

    file: int | None
    inflated: int | None
    whole: int
    ratio: int


WEB = Limits(file=25 * MEGABYTE, inflated=400 * MEGABYTE, whole=30 * MEGABYTE, ratio=60)
SHELL = Limits(file=None, inflated=None, whole=150 * MEGABYTE, ratio=60)

# Honest small parts deflate well too: a ratio is judged only above this size.
_SMALL = 3 * MEGABYTE
_MOST_PARTS = 2000
_STREAMED = re.compile(r"xl/worksheets/[^/]+\.xml")
_HEAD = 4096


def check(path: Path, limits: Limits) -> None:
    """WorkbookRefused(why) unless the file may be opened. Reads the zip's directory and the first bytes of its parts."""
    size = path.stat().st_size
    if size == 0:
        raise WorkbookRefused(why="empty")
    if limits.file is not None and size > limits.file:
        raise WorkbookRefused(why="large", size=size, limit=limits.file)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _sizes(parts, limits)
            _names(parts)
            _heads(archive, parts)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise WorkbookRefused(why="kind" if isinstance(error, zipfile.BadZipFile) else "broken") from None


def _sizes(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(parts) > _MOST_PARTS:
        raise WorkbookRefused(why="bomb")
    if limits.inflated is not None and sum(part.file_size for part in parts) > limits.inflated:
        raise WorkbookRefused(why="bomb")
    for part in parts:
        if part.file_size > _SMALL and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise WorkbookRefused(why="bomb")
        if part.file_size > limits.whole and not _STREAMED.fullmatch(part.filename):
            raise WorkbookRefused(why="bomb")


def _names(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if len(names) != len(parts) or any(_outside(name) for name in names):
        raise WorkbookRefused(why="broken")
    if any(part.flag_bits & 0x1 for part in parts):
        raise WorkbookRefused(why="locked")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise WorkbookRefused(why="kind")
    lowered = {name.lower() for name in names}
    if any("vbaproject" in name or "/activex/" in name or "/macrosheets/" in name or "/embeddings/" in name for name in lowered):
        raise WorkbookRefused(why="macros")
    if any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in lowered):
        raise WorkbookRefused(why="links")


def _outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or "\x00" in name or ":" in name


def _heads(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """No part declares entities or a document type, and all are in UTF-8 or ASCII."""
    for part in parts:
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            head = stream.read(_HEAD)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
            raise WorkbookRefused(why="broken")
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise WorkbookRefused(why="entities")
        if part.filename == "[Content_Types].xml" and b"macroEnabled" in head:
            raise WorkbookRefused(why="macros")
