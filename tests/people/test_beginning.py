"""An installation begins from the shell: an organisation, a sign-in with a start password, a post."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app import create_app
from resident.audit import AuditEvent
from resident.homes import founding
from resident.homes.organisation import Organisation
from resident.people import staffing
from resident.people.post import Post, PostBuilding
from tests.client import Client, new_app

FOUND = (
    "organisation", "add", "--slug", "koti", "--name", "Kotila", "--country", "fi", "--legal-form", "rental",
    "--tz", "Europe/Helsinki", "--currency", "eur", "--languages",
)  # fmt: skip


@pytest.fixture
def shell(app):
    """shell("login", "add", "anna") runs the command; the result with its exit code and output."""
    return lambda *words: app.test_cli_runner().invoke(args=words)


def test_the_first_office_user_signs_in_and_sees_the_desk(app, db, shell):
    assert shell(*FOUND, "fi sv").exit_code == 0
    password = re.search(r"Start password: (\S+)", shell("login", "add", "Anna").output)[1]
    assert (
        shell("post", "add", "--organisation", "koti", "--login", "anna", "--name", "Anna Koe", "--role", "office").exit_code == 0
    )
    office = Client(app)
    assert office.post("/sign-in", username="ANNA", password=password).status_code == 303
    assert "Your recovery codes" in office.post("/second-factor/new/app", 200, **new_app(office)).text
    assert "Kotila" in office.get("/desk/imports").text
    with db.reading() as session:
        acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()
        assert acts[:3] == ["organisation_added", "login_added", "post_added"]


def test_a_start_password_holds_64_random_bits_and_none_is_like_another():
    words = {staffing.start_password() for _ in range(200)}
    assert len(words) == 200
    letters = len(staffing._LETTERS)
    assert letters**15 > 2**64 and all(re.fullmatch(r"\w{5}-\w{5}-\w{5}", word) for word in words)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Ä b"),
        ("country", "FIN"),
        ("tz", "Europe/Nowhere"),
        ("currency", "XXY"),
        ("languages", "fi klingonish"),
        ("name", " "),
    ],
)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_organisation_that_cannot_be_so_is_refused_by_its_field(db, field, value):
    good = {
        "slug": "koti", "name": "Kotila", "country": "FI", "legal_form": "rental", "languages": "fi", "tz": "Europe/Helsinki",
        "currency": "EUR",
    }  # fmt: skip
    with db.writing() as session, pytest.raises(founding.BadOrganisation) as refusal:
        founding.found(session, **good | {field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", [["serve"], ["worker"], ["login", "add", "anna"]], ids=lambda command: command[0])
def test_before_the_first_migration_a_command_says_so(settings, tmp_path, command):
    bare = create_app(replace(settings, database_url=f"sqlite:///{tmp_path / 'bare.db'}"))
    said = bare.test_cli_runner().invoke(args=command)
    assert said.exit_code == 1 and "First: flask migrate" in said.output


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_whoever_runs_the_machine_says_where_money_goes(db, shell):
    shell(*FOUND, "fi", "--registry-code", "1234567-8")
    account = ("organisation", "account", "koti")
    assert "is not an IBAN" in shell(*account, "--iban", "FI21 1234 5600 0007 86").output
    assert shell(*account, "--bank", "Pankki").exit_code == 2
    said = shell(*account, "--iban", "fi21 1234 5600 0007 85", "--bic", "nokiffih", "--bank", "Koivulan Pankki")
    assert said.output == "Payments to Kotila go to FI2112345600000785.\n"
    with db.reading() as session:
        row = session.scalars(select(Organisation)).one()
        assert row.payee == {"payee": "Kotila", "iban": "FI2112345600000785", "bic": "NOKIFFIH", "bank": "Koivulan Pankki"}
        assert row.registry_code == "1234567-8"
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "setting_changed"))
        assert event.facts == {"fields": ["payee"]} and event.organisation_id == row.id


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_name_is_given_once(shell):
    assert "--languages cannot be “klingonish”" in shell(*FOUND, "klingonish").output
    shell(*FOUND, "fi")
    assert shell(*FOUND, "fi").exit_code == 1
    assert shell("login", "add", "anna").exit_code == 0
    again = shell("login", "add", "ANNA")
    assert again.exit_code == 1 and "There is a username ANNA already" in again.output
    assert "There is an organisation koti already" in shell(*FOUND, "fi").output
    assert shell("post", "add", "--organisation", "nowhere", "--login", "anna", "--name", "A", "--role", "office").exit_code == 1


def test_a_supplier_and_a_post_for_one_building_begin_from_the_shell(app, db, cast):
    shell = app.test_cli_runner()
    given = ["mandate", "add", "--principal", "tamm", "--agent", "vesi", "--purpose", "supply", "--medium", "hot_water"]
    said = shell.invoke(args=given)
    assert said.exit_code == 0 and "works for" in said.output, said.output
    assert "BadMandate" in shell.invoke(args=given).output
    given = ["post", "add", "--organisation", "koivu", "--login", "neighbour", "--name", "Niilo Salo", "--role", "council"]
    assert shell.invoke(args=[*given, "--building", "P6", "--last", "2099-12-31"]).exit_code == 0
    assert "There is no building X" in shell.invoke(args=[*given, "--building", "X"]).output
    with db.reading() as session:
        post = session.scalars(select(Post).where(Post.person_id == cast.neighbour)).one()
        assert session.scalars(select(PostBuilding.building_id).where(PostBuilding.post_id == post.id)).one() == cast.building
