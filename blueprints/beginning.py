"""Beginning a real installation from the shell: `flask organisation add`, `flask login add`, `flask post add`."""

import click
from flask import Blueprint
from flask.cli import AppGroup

from resident.errors import ResidentError
from resident.homes import founding
from resident.homes.organisation import LEGAL_FORMS, by_slug
from resident.people import credential, staffing
from resident.people.person import by_login_name
from resident.people.post import ROLES

from ._shell import reached

bp = Blueprint("beginning", __name__, cli_group=None)
organisation = AppGroup("organisation", help="Organisations of this installation.")
login = AppGroup("login", help="Sign-ins.")
post = AppGroup("post", help="Posts of staff.")
for group in (organisation, login, post):
    bp.cli.add_command(group)


@organisation.command("add")
@click.option("--slug", required=True, help="Short name, used in commands: small letters, digits and hyphens.")
@click.option("--name", required=True)
@click.option("--country", required=True, help="Two letters: FI, EE, PL, RU …")
@click.option("--legal-form", required=True, type=click.Choice(LEGAL_FORMS))
@click.option("--languages", required=True, help='Codes of the languages that it serves, its default first: "fi sv en".')
@click.option("--tz", required=True, help="Time zone, such as Europe/Helsinki.")
@click.option("--currency", required=True, help="Three letters: EUR, PLN, RUB …")
def add_organisation(**given):
    """Add an organisation."""
    with telling(), reached().writing() as session:
        row = founding.found(session, **given)
    click.echo(f"{row.name} is added as {row.slug}. Next: flask login add, flask post add, flask import.")


@login.command("add")
@click.argument("name")
@click.option("--language", help="Language of the pages; the browser's unless said otherwise.")
@click.option("--operator", is_flag=True, help="Runs the machine: sees figures of the installation, nobody's data.")
def add_login(name: str, language: str | None, operator: bool):
    """Add a sign-in and print its start password, once."""
    password = staffing.start_password()
    secret = credential.hashed(password)
    with telling(), reached().writing() as session:
        staffing.add_login(session, name, secret, language=language, operator=operator)
    click.echo(f"Username: {name}\nStart password: {password}\nIt is shown this once and kept nowhere.")


@post.command("add")
@click.option("--organisation", "slug", required=True)
@click.option("--login", "login_name", required=True, help="Username of whoever gets the post.")
@click.option("--name", required=True, help="Name of the person.")
@click.option("--role", required=True, type=click.Choice(ROLES))
def add_post(slug: str, login_name: str, name: str, role: str):
    """Give somebody a post in an organisation, from today on."""
    with telling(), reached().writing() as session:
        found, who = by_slug(session, slug), by_login_name(session, login_name)
        if found is None or who is None:
            raise click.ClickException(f"There is no {'organisation ' + slug if found is None else 'username ' + login_name}.")
        staffing.appoint(session, found, who, name, role)
    click.echo(f"{name} is {role} of {found.name} from today on.")


class telling:
    """A refusal of the domain as a line on stderr."""

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, ResidentError):
            facts = ", ".join(f"{name} {value}" for name, value in error.facts.items())
            raise click.ClickException(f"{type(error).__name__}: {facts}") from None
