"""`flask demo`: loads the four invented organisations into an empty database."""

import click
from flask import Blueprint

from resident import demo

from ._shell import ready
from ._web import settings

bp = Blueprint("demo", __name__, cli_group=None)


@bp.cli.command("demo")
@click.option("--if-empty", is_flag=True, help="Say nothing against a database that is in use.")
def load(if_empty: bool):
    """Load the demo into an empty database: four organisations, all invented."""
    # A serving process has no use for it, nor for the papers that it draws.
    from resident.demo import loading

    given = settings()
    try:
        with ready().writing() as session:
            made = loading.load(session, given, tell=click.echo)
    except loading.NotEmpty:
        if if_empty:
            return
        raise click.ClickException("There are organisations here already. The demo goes into an empty database only.") from None
    click.echo("The demo is loaded." if made else "The demo is there already.")
    click.echo(f"Sign-in names: {' '.join(demo.NAMES)}. The password of all: {demo.PASSWORD}")
    click.echo(f"Staff also type a code; the page shows it. The key for an authenticator app: {demo.TOTP_SECRET}")
