"""The shell: serve, worker, migrate, demo, import, rebuild, check. Flask finds app.py; each command says what it did."""

import click
import waitress
from flask import Blueprint, current_app

from resident import schema
from resident.errors import ResidentError

from ._web import database

bp = Blueprint("commands", __name__, cli_group=None)


@bp.cli.command()
def serve():
    """Serve the portal (waitress, settings M1 and M2)."""
    settings = current_app.extensions["resident.settings"]
    waitress.serve(
        current_app._get_current_object(),
        host=settings.host,
        port=settings.port,
        threads=4,
        connection_limit=1000,
        channel_timeout=20,
        cleanup_interval=5,
        asyncore_use_poll=True,
        max_request_body_size=27_000_000,
        max_request_header_size=32_768,
        ident=None,
        url_scheme="https" if settings.https else "http",
    )


@bp.cli.command()
def migrate():
    """Bring the database's schema to this version."""
    schema.upgrade(database())
    click.echo(f"Schema at {schema.state(database())[0]}.")


@bp.cli.command()
@click.argument("message")
def migration(message: str):
    """Write a new migration from what the tables have that this database has not (for developers)."""
    schema.revision(database(), message)


def failing(error: ResidentError):
    raise click.ClickException(f"{type(error).__name__}: {error.facts}")
