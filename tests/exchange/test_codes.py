"""Personal identity codes in the register workbook: hashed at once, never stored, never given back."""

from copy import deepcopy
from datetime import date

import openpyxl
import pytest
from sqlalchemy import select

from resident import clock
from resident.exchange import guard, workbook
from resident.exchange.codes import Codes
from resident.exchange.importing import Import
from resident.homes.organisation import Organisation
from resident.identity import Actor
from resident.people import personal_code
from resident.people.identification import PersonalCode
from resident.people.person import Login, Person
from resident.people.personal_code import CodeKey
from resident.people.post import Post
from tests.exchange import books

KEY = CodeKey("a key of the hashes for this test only")
CODE = "131052-308T"


def register(**codes) -> dict:
    """The small register with codes: register(H1=…, Otto=…)."""
    sheets = deepcopy(books.REGISTER)
    liisa, otto = sheets["persons"]
    liisa["personal_code"], otto["personal_code"] = codes.get("liisa"), codes.get("otto")
    return {name: sheets[name] for name in ("persons",)}


@pytest.fixture
def load(house, tmp_path):
    """load(sheets or path) imports with a key; (counts of the persons, names of troubles, path of the workbook given back)."""

    def load(sheets, by=None):
        path = sheets if hasattr(sheets, "read_bytes") else books.write(tmp_path / "codes.xlsx", sheets)
        back = tmp_path / "back.xlsx"
        with Import(path, tmp_path / "scratch", guard.WEB, codes=Codes(KEY, "FI")) as task:
            task.read()
            assert CODE.encode() not in task.stage._path.read_bytes()
            outcome = task.carry_out(house.db, house.organisation, by)
            troubles = [trouble.name for _, trouble in task.troubles()]
            workbook.mended(path, task.stage, back, language="en", said=lambda trouble: trouble.name, summary=("Summary", []))
        (count,) = outcome.sheets
        return (count.new, count.changed, count.unchanged, count.errors), troubles, back

    return load


def found(house, code=CODE, country="FI"):
    with house.db.reading() as session:
        person = personal_code.person_with(session, house.id, country, code, KEY)
        return person and person.name


def cells(path) -> list:
    return [cell for row in openpyxl.load_workbook(path)["persons"].values for cell in row]


def test_a_code_is_expected_and_the_same_again_changes_nothing(house, load):
    assert load(register(liisa=CODE, otto="EE: 60001019906"))[0] == (2, 0, 0, 0)
    assert found(house) == "Liisa Kastanja" and found(house, "60001019906", "EE") == "Otto Lehmus"
    assert load(register(liisa=CODE))[0] == (0, 0, 2, 0)
    assert load(register(liisa="131052Y308T"))[0] == (0, 1, 1, 0)
    assert found(house) is None and found(house, "131052Y308T") == "Liisa Kastanja"
    with house.db.reading() as session:
        assert len(session.scalars(select(PersonalCode)).all()) == 2


def test_the_workbook_given_back_holds_marks_which_are_understood(house, load, tmp_path):
    counts, troubles, back = load(register(liisa=CODE, otto="131052-308S"))
    assert counts[3] == 1 and troubles == ["CodeWrong"] and found(house) is None
    given = cells(back)
    assert CODE not in given and "131052-308S" not in given
    assert [cell for cell in given if str(cell).startswith("#FI:")]
    again = back.rename(tmp_path / "again.xlsx")
    assert load(again)[0] == (2, 0, 0, 0)
    assert found(house) == "Liisa Kastanja"


@pytest.mark.parametrize(
    "otto,why",
    [
        (CODE, "CodeTaken"),
        ("070770-905D", "CodeTemporary"),
        ("nonsense", "CodeWrong"),
        (f"#FI:{'0' * 16}:{'0' * 64}", "CodeWrong"),
    ],
)
def test_codes_that_cannot_be_taken(house, load, otto, why):
    assert load(register(liisa=CODE, otto=otto))[1] == [why]
    assert found(house) is None


def test_a_firm_under_a_mandate_imports_no_code_of_who_holds_a_post(house, load):
    load(register())
    with house.db.writing() as session:
        firm = Organisation(
            slug="hoito", name="Hoito", legal_form="manager", country="FI", currency="EUR", tz="Europe/Helsinki",
            languages="fi", payee={},
        )  # fmt: skip
        session.add(firm)
        session.flush()
        agent = Person(organisation_id=firm.id, name="Antti", search_key="antti")
        login = Login(name="antti", name_key="antti", created_at=clock.now())
        session.add_all([agent, login])
        liisa = session.scalar(select(Person).where(Person.name == "Liisa Kastanja"))
        session.add(Post(person_id=liisa.id, organisation_id=house.id, role="council", first=date(2015, 1, 1)))
        session.flush()
        by = {who.id: Actor(login.id, who.id, house.id, "manager", who.name) for who in (agent, liisa)}
    assert load(register(liisa=CODE), by[agent.id])[1] == ["CodeOfAPost"] and found(house) is None
    assert load(register(otto=CODE), by[agent.id])[0] == (0, 1, 1, 0)
    assert load(register(liisa="EE:60001019906"), by[liisa.id])[0] == (0, 1, 1, 0)
    assert load(register(liisa="EE:60001019906"), by[agent.id])[0] == (0, 0, 2, 0)


def test_without_a_key_no_code_is_taken(house):
    house.load(register(liisa=CODE))
    assert house.troubles == [("persons", 2, "CodesNotTaken")]
