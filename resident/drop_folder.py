"""Folders into which other systems put files, and the one where files lie until they are read: those and the ones that were sent.

A file that was found is moved before it is entered, so that of two workers one has it; it goes back beside where it lay, into a
folder that says how it ended, where whoever put it there sees it.
"""

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from . import clock

# A file is whole when nothing was written to it for so many seconds.
STILL = 60
# Whoever moved a file and has not entered it after so many seconds is dead.
LEFT = 300
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
# How the name of a file begins that lies until it is read.
_SENT, _FOUND = "sent-", "found-"


def whole_files(place: Path) -> list[Path]:
    """Files of a folder that nobody writes to any more, the oldest first. Nothing that leads elsewhere is followed."""
    if not place.is_dir():
        return []
    latest, found = time.time() - STILL, []
    for path in place.iterdir():
        if path.is_symlink() or not path.is_file() or path.name.startswith(".") or path.name.endswith(_UNFINISHED):
            continue
        told = path.stat()
        if told.st_mtime <= latest and told.st_ctime <= latest:
            found.append((told.st_mtime, path))
    return [path for _, path in sorted(found)]


def for_sent(folder: Path) -> Path:
    """Where a file is put that somebody sends."""
    return folder / f"{_SENT}{secrets.token_hex(12)}"


def take(place: Path, folder: Path, *mark: int) -> Iterator[tuple[Path, str]]:
    """Move what is whole in a place into folder: (where it lies, its name). mark: numbers that say whose it is."""
    for path in whole_files(place):
        kept = folder / "-".join([f"{_FOUND}{mark[0]}", *map(str, mark[1:]), secrets.token_hex(12)])
        # Two workers may look at once: who moves it has it.
        try:
            shutil.move(path, kept)
        except OSError:
            continue
        yield kept, path.name


def left(folder: Path, entered: set[str]) -> Iterator[tuple[Path, list[int]]]:
    """Files that a process moved, and died before it could enter them, each with its mark. Their own names are lost."""
    before = time.time() - LEFT
    for path in folder.glob(f"{_FOUND}*"):
        if path.name not in entered and path.stat().st_ctime < before:
            yield path, [int(number) for number in path.name.removeprefix(_FOUND).split("-")[:-1]]


def put_away(kept: Path, place: Path, name: str, id: int) -> None:
    """What was sent goes; what was found goes to a place under its own name, or with its id where there is one of that name."""
    if kept.name.startswith(_SENT):
        kept.unlink(missing_ok=True)
        return
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / name
    shutil.move(kept, place / f"{id}-{name}" if path.exists() else path)


def sweep(places: Iterable[Path], waiting: set[str], kept: Callable[[Path], timedelta]) -> int:
    """Remove files that lie there longer than they are kept; how many. waiting: names of those that are to be read still."""
    now, removed = clock.now(), 0
    for path in (path for place in places for path in place.iterdir()):
        if path.is_file() and path.name not in waiting and path.stat().st_mtime < (now - kept(path)).timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def digest(path: Path) -> str:
    """SHA-256 of a file, by which one that comes again is known."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
