"""What a command of the shell begins with: a database that answers, or one sentence about why it does not."""

import click
from sqlalchemy.exc import OperationalError

from resident import schema
from resident.db import Database

from ._web import database


def reached() -> Database:
    """The database, once it has answered."""
    found = database()
    try:
        found.engine.connect().close()
    except OperationalError as error:
        raise click.ClickException(f"RESIDENT_DATABASE_URL: the database cannot be used: {_why(error)}") from None
    return found


def ready() -> Database:
    """The database, reached and with the tables of this version: without them a command fails in a hundred lines, and the worker
    goes on doing so."""
    found = reached()
    there, wanted = schema.state(found)
    if there != wanted:
        raise click.ClickException(f"The database’s schema is {there or 'not there yet'}, should be {wanted}. First: flask migrate")
    return found


def _why(error: OperationalError) -> str:
    """The driver's own first line. It names a host; after an @ that one may be the end of a password."""
    lines = str(error.orig).splitlines() or [""]
    if "@" in lines[0]:
        return "its address has an @ too many; write one that belongs to the password as %40"
    return lines[0]
