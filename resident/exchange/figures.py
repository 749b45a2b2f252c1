"""Figures from an accounting program (S7): what it puts into a watched folder – invoices, payments, entries, balances – is
imported as if somebody had sent it at the desk, whole or not at all, and stands in the same journal with what was refused.

Rows are known by organisation, sheet and the program's own key, so that the same file every night books nothing twice.
Workbooks go as they are. CSV files are a sheet each, named by it ("invoices.csv", "Laskut 2026-11.csv"); those that lie there
together are one import, as invoices need their lines.
"""

import csv
import io
import logging
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from ..db import Database
from ..drop_folder import whole_files
from ..homes.organisation import Organisation
from ..identity import Actor
from . import columns, journal
from .workbook import Out

log = logging.getLogger("resident.exchange")
# Where files go that cannot be read, in the watched folder.
FAILED = "failed"
# Of files that are not UTF-8: what programs of the country write.
_LETTERS = {"RU": "cp1251", "PL": "cp1250"}
_DELIMITERS = ";\t,"
# Octets of a CSV file that is taken.
MOST = 30_000_000


def watched(data_dir: Path, slug: str) -> Path:
    """The folder of an organisation."""
    return data_dir / "figures" / slug


def look(db: Database, data_dir: Path) -> int:
    """Order the import of what lies in the watched folders and is whole; how many imports."""
    with db.reading() as session:
        organisations = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    return sum(_look(db, data_dir, organisation) for organisation in organisations)


def _look(db: Database, data_dir: Path, organisation: Organisation) -> int:
    files = whole_files(watched(data_dir, organisation.slug))
    tables = [path for path in files if sheet_of(path) and path.stat().st_size <= MOST]
    wanted = [[path] for path in files if path not in tables] + ([tables] if tables else [])
    done = 0
    for paths in wanted:
        try:
            _take(db, data_dir, organisation, paths, made=paths is tables)
            done += 1
        except (csv.Error, ValueError):
            # It would fail at every look: it goes aside, the others go on.
            log.exception("figures of %s cannot be read: %s", organisation.slug, _names(paths))
            _aside(db, organisation, paths)
        except OSError:
            # The machine's trouble, not the file's: again at the next look.
            log.exception("figures of %s: %s", organisation.slug, _names(paths))
    return done


def _take(db: Database, data_dir: Path, organisation: Organisation, paths: list[Path], *, made: bool) -> None:
    folder = journal.folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sent = folder / f"{secrets.token_hex(12)}.xlsx"
    if made:
        workbook(paths, organisation.country, sent)
    else:
        shutil.copyfile(paths[0], sent)
    with db.writing() as session:
        journal.begin(session, sent, _names(paths), organisation.languages.split()[0], trial=False, by=_import(organisation))
    # After the commit: whoever dies between the two imports the file again, which changes nothing.
    for path in paths:
        path.unlink(missing_ok=True)


def _aside(db: Database, organisation: Organisation, paths: list[Path]) -> None:
    """Into the folder "failed" beside them; the journal says that they were not read."""
    for path in paths:
        try:
            (path.parent / FAILED).mkdir(exist_ok=True)
            path.replace(path.parent / FAILED / path.name)
        except OSError:
            log.exception("figures of %s cannot be put aside: %s", organisation.slug, path.name)
            return
    with db.writing() as session:
        journal.not_read(session, _names(paths), organisation.languages.split()[0], by=_import(organisation))


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _import(organisation: Organisation) -> Actor:
    return Actor(None, None, organisation.id, "import", "")


def sheet_of(path: Path) -> str | None:
    """The sheet that a CSV file is, by its name; None for any other file."""
    if path.suffix.lower() != ".csv":
        return None
    first = path.stem.replace("_", " ").replace("-", " ").split(" ")[0]
    return columns.sheet(path.stem) or columns.sheet(first)


def workbook(paths: Sequence[Path], country: str, to: Path) -> None:
    """CSV files as one workbook, a sheet each; every cell is text, and is read as such."""
    out = Out(to, to.parent)
    try:
        for path in paths:
            tab = out.tab(sheet_of(path) or path.stem)
            for number, row in enumerate(_rows(path, country)):
                for place, cell in enumerate(row):
                    out.put(tab, number, place, cell.strip() or None)
    finally:
        out.close()


def _rows(path: Path, country: str):
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode(_LETTERS.get(country, "cp1252"), "replace")
    first = text.partition("\n")[0]
    return csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
