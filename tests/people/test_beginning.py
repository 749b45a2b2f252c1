"""An installation begins from the shell: an organisation, a sign-in with a start password, a post."""

import re

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.homes import founding
from resident.people import staffing
from tests.client import Client

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
def test_a_name_is_given_once(shell):
    shell(*FOUND, "fi")
    assert shell(*FOUND, "fi").exit_code == 1
    assert shell("login", "add", "anna").exit_code == 0
    again = shell("login", "add", "ANNA")
    assert again.exit_code == 1 and "NameTaken" in again.output
    assert shell("post", "add", "--organisation", "nowhere", "--login", "anna", "--name", "A", "--role", "office").exit_code == 1
