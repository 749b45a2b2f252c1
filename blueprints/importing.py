"""`flask import`: the register workbook from the shell, of any size."""

import secrets
import sys
import time
from itertools import islice
from pathlib import Path

import click
from flask import Blueprint

from resident.errors import ResidentError
from resident.exchange import figures, guard, journal, workbook
from resident.exchange.codes import Codes
from resident.exchange.importing import Import
from resident.exchange.outcome import Outcome
from resident.homes.organisation import by_slug
from resident.metering import medium

from . import _providers
from ._import_words import ImportWords
from ._locale import languages
from ._shell import ready
from ._web import database, settings

bp = Blueprint("importing", __name__, cli_group=None)
SHOWN = 20


class Progress:
    """What is being done, on stderr: step, sheet, rows and rows a second. One line on a terminal, else a line a sheet."""

    def __init__(self):
        self._key, self._rows, self._since = None, 0, 0.0
        self._live = sys.stderr.isatty()

    def __call__(self, step: str, sheet: str, rows: int) -> None:
        if (step, sheet) != self._key:
            self.end()
            self._key, self._since = (step, sheet), time.monotonic()
        self._rows = rows
        if self._live:
            click.echo(f"\r{self._line()}", err=True, nl=False)

    def _line(self) -> str:
        step, sheet = self._key
        seconds = time.monotonic() - self._since
        rate = f"{self._rows / seconds:>9,.0f} rows/s" if seconds > 0.05 else ""
        return f"{step:<8}{sheet:<20}{self._rows:>10,} {rate}   "

    def end(self) -> None:
        if self._key:
            click.echo(f"\r{self._line()}" if self._live else self._line(), err=True)


@bp.cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "slug", required=True, help="Short name of the organisation that it goes into.")
@click.option("--dry-run", is_flag=True, help="Check everything and save nothing.")
@click.option("--errors", "out", type=click.Path(dir_okay=False, path_type=Path), help="Where the workbook with remarks goes.")
@click.option("--language", default="en", show_default=True, help="Language of the remarks and of the workbook with them.")
def load(file: Path, slug: str, dry_run: bool, out: Path | None, language: str):
    """Import a register workbook, whole or not at all. On SQLite others wait only while checked rows are copied."""
    if language not in languages():
        raise click.BadParameter(f"{language} is none of {' '.join(languages())}", param_hint="--language")
    with ready().reading() as session:
        organisation = by_slug(session, slug)
        media = medium.words(session, organisation.id) if organisation else {}
    if organisation is None:
        raise click.ClickException(f"There is no organisation {slug}. Add it with: flask organisation add")
    words = ImportWords(language)
    folder = settings().data_dir / "imports"
    file = _workbook(file, organisation.country, folder)
    progress = Progress()
    try:
        codes = Codes(_providers.code_key(), organisation.country)
        with Import(file, folder, guard.SHELL, progress, codes, media) as task:
            outcome = _through(task, organisation, dry_run, progress)
            _tell(task, outcome, words, out)
    except journal.WHOLE as error:
        raise click.ClickException(words.refused(error)) from None
    except ResidentError as error:
        raise click.ClickException(f"{type(error).__name__}: {error.facts}") from None
    if outcome.errors:
        raise click.ClickException("Nothing was saved. Mend these rows and import the workbook again.")
    click.echo("All is well. Nothing was saved: this was a dry run." if dry_run else "Imported.")


def _workbook(file: Path, country: str, folder: Path) -> Path:
    """A CSV file named by its sheet as a workbook in the folder, which is swept; any other file as it is."""
    if not figures.sheet_of(file):
        return file
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = folder / f"{secrets.token_hex(12)}.xlsx"
    figures.workbook([file], country, made)
    return made


def _through(task: Import, organisation, dry_run: bool, progress: Progress) -> Outcome:
    task.read()
    if dry_run:
        with database().reading() as session:
            outcome = task.check(session, organisation)
    else:
        outcome = task.carry_out(database(), organisation)
    progress.end()
    return outcome


def _tell(task: Import, outcome: Outcome, words: ImportWords, out: Path | None) -> None:
    """The summary on stdout, the first remarks on stderr, all of them in the workbook when one was asked for."""
    title, rows = words.summary(outcome)
    for row in rows:
        click.echo(f"{row[0]:<32}" + "".join(f"{cell:>18}" for cell in row[1:]))
    for sheet, trouble in islice(task.troubles(), SHOWN):
        click.echo(f"{sheet} {trouble.row}: {words.said(trouble)}", err=True)
    if out:
        workbook.mended(task.path, task.stage, out, language=words.language, said=words.said, summary=(title, rows))
        click.echo(f"Remarks: {out}")
