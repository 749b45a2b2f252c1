"""Sign-ins and letters from the shell: for an imported person, for everybody of a building, for a lost password."""

import re
import stat

import pytest
from sqlalchemy import func, select, update

from resident.people.letter import StartLetter
from resident.people.person import Login, Person
from tests.client import Client
from tests.invoices.test_pdf import read


@pytest.fixture
def shell(app, cast):
    return lambda *words: app.test_cli_runner().invoke(args=words)


@pytest.fixture
def imported(db, cast):
    """The neighbour as an import leaves them: with a key and no sign-in."""
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == cast.neighbour).values(login_id=None, external_key="P-17"))
    return cast.neighbour


def test_an_imported_person_gets_a_sign_in_from_the_shell_once(app, db, shell, imported):
    words = "login", "add", "--person", "P-17", "--organisation", "koivu"
    told = shell(*words)
    name, password = re.search(r"Username: (.+)\nStart password: (\S+)", told.output).groups()
    assert re.fullmatch(r"\d{3} \d{3} \d{3}", name)
    assert Client(app).post("/sign-in", username=name, password=password).status_code == 303
    assert "has a sign-in already" in shell(*words).output
    assert "There is no person X" in shell("login", "add", "--person", "X", "--organisation", "koivu").output
    assert shell("login", "add").exit_code == 2 and shell("login", "add", "--person", "P-17").exit_code == 2


def test_letters_for_a_building_are_one_file_that_only_its_owner_reads(app, db, cast, shell, imported, tmp_path):
    out = tmp_path / "letters.pdf"
    told = shell("letters", "--organisation", "koivu", "--building", "P6", "--out", str(out))
    assert told.output.startswith(f"1 letters in {out}, "), told.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (sheet,) = read(out.read_bytes())
    assert "Niilo Salo" in sheet and "Pihlajakuja 6 A 2" in sheet
    with db.reading() as session:
        assert session.execute(select(StartLetter.person_id, StartLetter.issued_by_id)).all() == [(imported, None)]
    again = shell("letters", "--organisation", "koivu", "--again", "--out", str(out))
    assert again.exit_code == 1 and "exists" in again.output
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(StartLetter)) == 1
    assert "Nobody needs a letter" in shell("letters", "--organisation", "koivu", "--out", str(tmp_path / "b.pdf")).output


def test_a_lost_password_of_staff_is_renewed_from_the_shell(app, db, cast, shell):
    session_before = Client(app, "office")
    password = re.search(r"Start password: (\S+)", shell("login", "password", "OFFICE").output)[1]
    assert session_before.get("/desk/", 303).headers["Location"].startswith("/sign-in")
    assert Client(app).post("/sign-in", username="office", password=password).status_code == 303
    with db.reading() as session:
        assert session.scalar(select(Login.name).where(Login.id == cast.logins["office"])) == "office"
