"""Beginning a real installation from the shell: `flask organisation add`, `flask organisation account`, `flask login add`,
`flask post add`, `flask mandate add`."""

import os
from contextlib import suppress

import click
from flask import Blueprint
from flask.cli import AppGroup
from sqlalchemy import select

from resident import clock
from resident.banking import bank_account
from resident.errors import ResidentError
from resident.homes import founding, mandating, setting
from resident.homes.building import Building
from resident.homes.organisation import LEGAL_FORMS, by_slug, give_account
from resident.metering.meter import MEDIA
from resident.people import appointing, credential, identifier, password, second_factor, staffing, staircase
from resident.people.person import Login, Person, by_login_name
from resident.people.post import ROLES

from . import _letters
from ._shell import ready

DAY = click.DateTime(["%Y-%m-%d"])

bp = Blueprint("beginning", __name__, cli_group=None)
organisation = AppGroup("organisation", help="Organisations of this installation.")
login = AppGroup("login", help="Sign-ins.")
post = AppGroup("post", help="Posts of staff.")
mandate = AppGroup("mandate", help="Who works for an organisation: managers, maintenance firms, suppliers.")
for group in (organisation, login, post, mandate):
    bp.cli.add_command(group)


@organisation.command("add")
@click.option("--slug", required=True, help="Short name, used in commands: small letters, digits and hyphens.")
@click.option("--name", required=True)
@click.option("--country", required=True, help="Two letters: FI, EE, PL, RU …")
@click.option("--legal-form", required=True, type=click.Choice(LEGAL_FORMS))
@click.option("--languages", required=True, help='Codes of the languages that it serves, its default first: "fi sv en".')
@click.option("--tz", required=True, help="Time zone, such as Europe/Helsinki.")
@click.option("--currency", required=True, help="Three letters: EUR, PLN, RUB …")
@click.option("--registry-code", help="Its number in the register of companies or associations; stands on invoices.")
def add_organisation(**given):
    """Add an organisation."""
    with telling(), ready().writing() as session:
        row = founding.found(session, **given)
    click.echo(f"{row.name} is added as {row.slug}. Next: flask organisation account, flask login add, flask post add.")


@organisation.command("account")
@click.argument("slug")
@click.option("--iban", default="", help="International account number.")
@click.option("--account", default="", help="Account number where there is no IBAN.")
@click.option("--bic", default="", help="BIC of the bank.")
@click.option("--bank", default="", help="Name of the bank.")
@click.option("--corresp", default="", help="Correspondent account of the bank, in Russia.")
@click.option("--payee", default="", help="Whom the account belongs to; the organisation's name without it.")
def put_account(slug: str, iban: str, account: str, **more):
    """Say where an organisation's money goes: what stands on its invoices, in place of what was said before."""
    if bool(iban) == bool(account):
        raise click.UsageError("Give --iban or --account.")
    with telling(), ready().writing() as session:
        row = _organisation(session, slug)
        give_account(session, row, iban=iban, account=account, **more)
        # Files about it are taken too. Where its check digits do not hold, the desk adds it as it should be.
        with suppress(bank_account.BadNumber):
            bank_account.know(session, row)
        said = row.payee
    click.echo(f"Payments to {said['payee']} go to {said.get('iban') or said['account']}.")


@organisation.command("hosts")
@click.argument("slug")
@click.argument("names", nargs=-1)
def name_hosts(slug: str, names: tuple):
    """Give an organisation host names at which its own sign-in page answers; without names, none. RESIDENT_HOSTS lets them in."""
    with telling(), ready().writing() as session:
        row = _organisation(session, slug)
        setting.give_hosts(session, row, names)
    click.echo(f"{row.name} answers at: {' '.join(names) or 'no host of its own'}.")


@login.command("add")
@click.argument("name", required=False)
@click.option("--language", help="Language of the pages; the browser's unless said otherwise.")
@click.option("--operator", is_flag=True, help="Runs the machine: sees figures of the installation, nobody's data.")
@click.option("--person", "key", help="Key of a person of the register, whose sign-in it is. Without NAME a number is made up.")
@click.option("--organisation", "slug", help="Short name of that person's organisation.")
def add_login(name: str | None, language: str | None, operator: bool, key: str | None, slug: str | None):
    """Add a sign-in and print its start password, once."""
    if (key is None) != (slug is None) or not (name or key):
        raise click.UsageError("Give NAME, or --person and --organisation, or all of them.")
    made = staffing.start_password()
    secret = credential.hashed(made)
    with telling(), ready().writing() as session:
        person = _person(session, _organisation(session, slug), key) if key else None
        name = name or identifier.spare(session)
        row = staffing.add_login(session, name, secret, language=language, operator=operator)
        if person:
            person.login_id = row.id
    click.echo(f"Username: {identifier.shown(name)}\nStart password: {made}\nIt is shown this once and kept nowhere.")


def _person(session, organisation, key: str) -> Person:
    """The person of the register who has no sign-in yet."""
    found = session.scalar(select(Person).where(Person.organisation_id == organisation.id, Person.external_key == key))
    if found is None:
        telling.nothing(f"person {key} of {organisation.name}")
    if found.login_id:
        raise click.ClickException(f"{key} has a sign-in already: {session.get_one(Login, found.login_id).name}.")
    return found


@login.command("password")
@click.argument("name")
def renew_password(name: str):
    """Give a sign-in whose owner has lost the password a new start password, and print it, once."""
    made = staffing.start_password()
    secret = credential.hashed(made)
    with telling(), ready().writing() as session:
        who = by_login_name(session, name) or telling.nothing(f"username {name}")
        password.put(session, who.id, secret)
    click.echo(f"Username: {identifier.shown(who.name)}\nStart password: {made}\nIt is shown this once and kept nowhere.")


@login.command("reset-factors")
@click.argument("name")
def reset_factors(name: str):
    """Take all second factors from a sign-in whose owner has lost them; the next sign-in sets up a new one."""
    with telling(), ready().writing() as session:
        who = by_login_name(session, name)
        if who is None:
            raise click.ClickException(f"There is no username {name}.")
        gone = second_factor.reset(session, who.id)
    click.echo(f"{gone} second factors and all recovery codes of {who.name} are removed; its sessions are ended.")


@bp.cli.command("letters")
@click.option("--organisation", "slug", required=True)
@click.option("--building", "code", help="Code of a building; all buildings without it.")
@click.option(
    "--who", type=click.Choice(staircase.WHO), default="primary", show_default=True, help="Primary holders, or everybody."
)
@click.option("--again", is_flag=True, help="Also replace letters that were not used.")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="The PDF; it must not be there yet.")
def letters(slug: str, code: str | None, who: str, again: bool, out: str):
    """Make start letters for all who have no sign-in, as one PDF to print."""
    db = ready()
    with db.reading() as session:
        found = _organisation(session, slug)
        within = [Building.id == _building(session, found, code)] if code else []
        chosen = staircase.Chosen([], [])
        for id in session.scalars(
            select(Building.id).where(Building.organisation_id == found.id, *within).order_by(Building.address)
        ):
            part = staircase.choose(session, id, "", who, clock.today(found.tz), again=again, undisclosed=True)
            chosen.sent.extend(part.sent)
            chosen.left.extend(part.left)
    if not chosen.sent:
        raise click.ClickException(f"Nobody needs a letter; {len(chosen.left)} people left out.")
    try:
        # Its owner only reads it; whoever had a file there keeps it.
        file = os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None
    to = {row.id: staircase.addressed(row) for row in chosen.sent}
    with file, telling():
        file.write(_letters.pdf(staircase.issue(db, found, to.values()), found))
    click.echo(f"{len(to)} letters in {out}, {len(chosen.left)} people left out. Print it, then delete it.")


@post.command("add")
@click.option("--organisation", "slug", required=True)
@click.option("--login", "login_name", required=True, help="Username of whoever gets the post.")
@click.option("--name", required=True, help="Name of the person.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option(
    "--building", "buildings", multiple=True, help="Code of a building; may be given several times. All buildings without it."
)
@click.option("--first", type=DAY, help="First day; today unless said otherwise.")
@click.option("--last", type=DAY, help="Last day; until further notice unless said otherwise.")
def add_post(slug: str, login_name: str, name: str, role: str, buildings: tuple, first, last):
    """Give somebody a post in an organisation."""
    with telling(), ready().writing() as session:
        found, who = _organisation(session, slug), by_login_name(session, login_name)
        if who is None:
            raise click.ClickException(f"There is no username {login_name}.")
        today = clock.today(found.tz)
        limited = [_building(session, found, code) for code in buildings]
        person = staffing.person_of(session, found, who, name)
        made = appointing.give(session, person, role, _day(first) or today, _day(last), limited, by=None, today=today)
        begins = made.first
    click.echo(f"{name} is {role} of {found.name} from {begins} on.")


@mandate.command("add")
@click.option("--principal", required=True, help="Short name of the organisation that gives the mandate.")
@click.option("--agent", required=True, help="Short name of the organisation that works for it.")
@click.option("--purpose", required=True, type=click.Choice(mandating.PURPOSES))
@click.option("--medium", help=f"What a supplier supplies: {', '.join(MEDIA)}, or the code of an own medium (own-3).")
@click.option("--building", help="Code of a building; all buildings without it.")
@click.option("--first", type=DAY, help="First day; today unless said otherwise.")
@click.option("--last", type=DAY, help="Last day; until further notice unless said otherwise.")
def add_mandate(principal: str, agent: str, purpose: str, medium: str | None, building: str | None, first, last):
    """Let one organisation work for another: its posts then reach the other's homes, as far as the purpose goes."""
    with telling(), ready().writing() as session:
        gives, gets = _organisation(session, principal), _organisation(session, agent)
        limited = _building(session, gives, building) if building else None
        begins = _day(first) or clock.today(gives.tz)
        mandating.give(session, gives, gets, purpose, begins, _day(last), medium=medium, building_id=limited, by=None)
    click.echo(f"{gets.name} works for {gives.name} ({purpose}) from {begins} on.")


def _organisation(session, slug: str):
    return by_slug(session, slug) or telling.nothing(f"organisation {slug}")


def _building(session, organisation, code: str) -> int:
    found = session.scalar(select(Building.id).where(Building.organisation_id == organisation.id, Building.code == code))
    return found or telling.nothing(f"building {code} of {organisation.name}")


def _day(given):
    return given.date() if given else None


# A refusal of the domain as a sentence; any other is told by its name.
SAID = {
    "BadOrganisation": "--{field} cannot be “{value}”. What is asked for: flask organisation add --help",
    "SlugTaken": "There is an organisation {slug} already.",
    "BadAccount": "{iban} is not an IBAN: its check digits do not fit. Look for a wrong digit.",
    "HostTaken": "{host} is another organisation’s.",
    "BadName": "A username cannot be “{value}”: it has 1 to 80 characters.",
    "NameTaken": "There is a username {name} already.",
}


class telling:
    """A refusal of the domain as a line on stderr."""

    @staticmethod
    def nothing(what: str):
        raise click.ClickException(f"There is no {what}.")

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, ResidentError):
            kind, facts = type(error).__name__, error.facts
            plain = f"{kind}: " + ", ".join(f"{name} {value}" for name, value in facts.items())
            shown = {name: str(value).replace("_", "-") if name == "field" else value for name, value in facts.items()}
            raise click.ClickException(SAID[kind].format(**shown) if kind in SAID else plain) from None
