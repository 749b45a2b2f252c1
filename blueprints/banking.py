"""`flask bank`: a bank's file from the shell, of any size."""

from pathlib import Path

import click
from flask import Blueprint
from sqlalchemy import select

from resident.banking import journal
from resident.banking.bank_file import BankCsv, BankFile
from resident.homes.organisation import by_slug

from . import _bank_words
from ._shell import ready

bp = Blueprint("banking", __name__, cli_group=None)


@bp.cli.command("bank")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", "slug", required=True, help="Short name of the organisation.")
@click.option("--csv", "csv_slug", default="", help="Name of the folder of a CSV that was named at the desk, as its page says.")
def load(file: Path, slug: str, csv_slug: str):
    """Read a bank's file: payments are booked by their references, the rest waits at the desk. Twice changes nothing."""
    db = ready()
    with db.reading() as session:
        organisation = by_slug(session, slug)
        if organisation is None:
            raise click.ClickException(f"There is no organisation {slug}. Add it with: flask organisation add")
        named = select(BankCsv.id).where(BankCsv.organisation_id == organisation.id, BankCsv.slug == csv_slug)
        csv_id = session.scalar(named) if csv_slug else None
    if csv_slug and csv_id is None:
        raise click.ClickException(f"{slug} has no CSV {csv_slug}. Name it at the desk, under Payments in.")
    with db.writing() as session:
        row = journal.enter(session, organisation.id, file, file.name, csv_id=csv_id, by=None)
    try:
        state = journal.read(journal.Task(db, row, organisation, None), file)
    except BaseException:
        with db.writing() as session:
            session.get_one(BankFile, row.id).state = "stopped"
        raise
    with db.reading() as session:
        row = session.get_one(BankFile, row.id)
    if state == "refused":
        raise click.ClickException(_bank_words.refusal(row.why, organisation.currency))
    for word, number, amount in _bank_words.counts(row.counts, organisation.currency):
        click.echo(f"{word:<48}{number:>12}  {amount}")
