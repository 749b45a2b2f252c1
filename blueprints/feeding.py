"""`flask feed`: a file of remote readings from the shell, of any size."""

import sys
import time
from pathlib import Path

import click
from flask import Blueprint
from sqlalchemy import select

from resident.homes.organisation import by_slug
from resident.metering import feed_file, feed_journal, feed_mapping, feeding
from resident.metering.feed import Feed

from . import _feed_words
from ._shell import ready
from ._web import settings

bp = Blueprint("feeding", __name__, cli_group=None)


class Progress:
    """What is being done, on stderr, where a terminal shows it."""

    def __init__(self):
        self._since, self._live = time.monotonic(), sys.stderr.isatty()

    def __call__(self, step: str, rows: int) -> None:
        if self._live:
            click.echo(f"\r{step:<8}{rows:>12,} {rows / max(time.monotonic() - self._since, 0.1):>9,.0f} /s   ", err=True, nl=False)


@bp.cli.command("feed")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", "feed_slug", required=True, help="Name of the feed's folder, as its page at the desk says.")
@click.option("--organisation", "slug", required=True, help="Short name of the organisation.")
@click.option("--dry-run", is_flag=True, help="Say what would become of the file and book nothing.")
@click.option("--errors", "out", type=click.Path(dir_okay=False, path_type=Path), help="Where the rows that come back go, as CSV.")
def load(file: Path, feed_slug: str, slug: str, dry_run: bool, out: Path | None):
    """Read a file of remote readings: what is good is booked, the rest comes back. The same file twice changes nothing."""
    db = ready()
    with db.reading() as session:
        organisation = by_slug(session, slug)
        if organisation is None:
            raise click.ClickException(f"There is no organisation {slug}. Add it with: flask organisation add")
        feed = session.scalar(select(Feed).where(Feed.organisation_id == organisation.id, Feed.slug == feed_slug))
    if feed is None:
        raise click.ClickException(f"{slug} has no feed {feed_slug}. Set it up at the desk, under Readings.")
    delimiter = feed_mapping.of(feed.mapping).delimiter

    def back(rows) -> None:
        with out.open("w", encoding="utf-8", newline="") as kept:
            kept.writelines(_feed_words.given_back(rows, delimiter, organisation.tz))

    scratch = feed_journal.folder(settings().data_dir)
    try:
        outcome = feeding.read(db, feed, file, scratch=scratch, trial=dry_run, back=back if out else None, progress=Progress())
    except feed_file.FileRefused as error:
        raise click.ClickException(_feed_words.refusal(error.facts)) from None
    for word, number in _feed_words.counts(outcome.stored()):
        click.echo(f"{word:<48}{number:>12,}")
    for name, number in outcome.reasons.items():
        click.echo(f"  {_feed_words.reason(name):<70}{number:>9,}", err=True)
    if dry_run:
        click.echo("Nothing was booked: this was a dry run.")
