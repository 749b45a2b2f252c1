"""Papers for readings and readings from papers (B14): a code per home, no name and no earlier value; bulk entry by sheet."""

import re
from datetime import date

import pytest
from sqlalchemy import select, update

from resident.metering import paper
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod
from resident.people.person import Person
from resident.people.tenure import Tenure
from tests.client import fields
from tests.invoices.test_pdf import read as pages
from tests.metering.counters import YEAR, move_to
from tests.paying import decoding


@pytest.fixture
def at(house, db) -> str:
    with db.reading() as session:
        id = session.scalar(select(ReadingWindow.id).where(ReadingWindow.period_id == house.period))
    return f"/desk/windows/{id}/papers"


def text_of(answer) -> str:
    assert answer.mimetype == "application/pdf" and answer.headers["Cache-Control"] == "no-store"
    return "\n".join(pages(answer.data))


def sheets(db, house, **given):
    with db.reading() as session:
        return paper.sheets(session, session.get_one(BillingPeriod, house.period), house.organisation, **given)


# ---- On paper --------------------------------------------------------------------------------------------------------


def test_a_sheet_has_the_homes_meters_in_its_language_and_neither_name_nor_value(desk, house, at, db):
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == house.cast.neighbour).values(language="sv"))
    text = text_of(desk("office").get(f"{at}/sheets"))
    for there in ("Pihlajakuja 6 A 1", "c-a1", "h-a1", "Pihlajakuja 6 B 10", "c-b10", "Kylmä vesi", "Kallvatten"):
        assert there in text, there
    for secret in ("Virta", "Salo", "466", "244", "00466"):
        assert secret not in text, secret
    for unit in (house.cast.unit_a1, house.cast.unit_b10):
        assert paper.short(unit) in text


def test_the_code_on_a_sheet_opens_its_home(desk, house, at, client):
    link = decoding.on_paper(desk("office").get(f"{at}/sheets?staircase=B").data)["QRCode"].decode()
    answer = client().get(link[link.index("/e/") :]).text
    assert "Pihlajakuja 6 B 10" in answer and "Salo" not in answer and "00244" not in answer


def test_a_staircase_and_those_who_have_not_sent(desk, house, at, db):
    house.send({house.cold_a1: ("472", "", None), house.hot_a1: ("248", "", None)})
    assert [sheet.number for sheet in sheets(db, house)] == ["A 1", "A 2", "B 10"]
    assert [sheet.number for sheet in sheets(db, house, whose="missing")] == ["A 2", "B 10"]
    assert [sheet.number for sheet in sheets(db, house, staircase="A")] == ["A 1", "A 2"]
    with db.writing() as session:
        session.execute(update(Person).where(Person.id == house.cast.neighbour).values(notify_email=True))
    assert [sheet.number for sheet in sheets(db, house, whose="unreached", ways=["mail"])] == ["B 10"]
    # Without a mail server nobody is reached by mail: paper for both.
    assert [sheet.number for sheet in sheets(db, house, whose="unreached")] == ["A 2", "B 10"]
    assert "Pihlajakuja 6 A 1" not in text_of(desk("office").get(f"{at}/letters?whose=missing"))


def test_a_home_that_nobody_holds_gets_boxes_and_no_code(house, db):
    with db.writing() as session:
        session.execute(update(Tenure).where(Tenure.id == house.cast.tenure_b10).values(last=date(YEAR, 2, 20)))
    assert [sheet.link is not None for sheet in sheets(db, house)] == [True, True, False]


def test_letters_are_a_page_each_to_nobody_by_name(desk, house, at):
    answer = desk("office").get(f"{at}/letters?whose=all")
    assert len(pages(answer.data)) == 3 and "Virta" not in text_of(answer)


def test_a_poster_for_the_staircase_in_all_languages(desk, house, at):
    text = text_of(desk("office").get(f"{at}/poster?staircase=A"))
    assert "Pihlajakuja 6" in text and "Koivukallion" in text
    assert len(re.findall(r"(?m)^3\.", text)) >= 1


def test_papers_are_for_posts_that_see_all_readings_of_the_house(desk, house, at):
    for login, status in (
        ("office", 200),
        ("council", 200),
        ("accountant", 200),
        ("provider", 403),
        ("board", 404),
        ("tenant", 404),
    ):
        for path in ("", "/sheets", "/letters", "/poster"):
            assert desk(login).http.get(at + path).status_code == status, (login, path)


def test_nothing_is_printed_when_the_window_is_over(desk, house, at):
    move_to(YEAR, 3, 6)
    desk("office").get(f"{at}/sheets", 403)
    assert "there is nothing to print" in desk("office").get(at).text


# ---- The number of a sheet -------------------------------------------------------------------------------------------


def test_a_slip_of_the_fingers_leads_nowhere():
    for unit in (1, 7, 46, 160, 98_765):
        number = paper.short(unit)
        assert paper.of_short(number) == unit == paper.of_short(f" {number[:1]} {number[1:]} ")
        wrong = {number[:place] + digit + number[place + 1 :] for place in range(len(number)) for digit in "0123456789"} - {number}
        assert {paper.of_short(one) for one in wrong} == {None}
    for nothing in ("", "5", "x", "12a", "١٢", "9" * 40):
        assert paper.of_short(nothing) is None


# ---- From paper ------------------------------------------------------------------------------------------------------


def test_the_whole_house_stands_on_one_page_in_the_order_of_the_sheets(desk, house, at):
    text = desk("office").get(f"{at}/entry").text
    order = re.findall(r'name="r(\d+)"', text)
    assert order == [str(one) for one in (house.cold_a1, house.hot_a1, house.cold_a2, house.hot_a2, house.cold_b10)]
    assert re.findall(r'name="r(\d+)"', desk("office").get(f"{at}/entry?staircase=B").text) == [str(house.cold_b10)]


def test_readings_are_booked_as_from_paper_under_their_own_days(desk, house, at, db):
    office = desk("office")
    given = {f"r{house.cold_a1}": "472,5", f"r{house.hot_a2}": "248", f"d{house.cast.unit_a2}": f"{YEAR}-02-26"}
    office.post(f"{at}/entry", 303, **office.form(f"{at}/entry") | given | {"day": f"{YEAR}-02-27"})
    rows = {row.register_id: (row.value, row.day, row.via, row.source) for row in house.rows()}
    assert rows == {
        house.cold_a1: (472_500_000, date(YEAR, 2, 27), "paper", "office"),
        house.hot_a2: (248_000_000, date(YEAR, 2, 26), "paper", "office"),
    }


def test_what_is_not_right_is_told_at_its_field_and_the_rest_is_saved(desk, house, at):
    office = desk("office")
    given = {f"r{house.cold_a1}": "472", f"r{house.cold_a2}": "12", f"r{house.cold_b10}": "x", "day": f"{YEAR}-02-27"}
    answer = office.post(f"{at}/entry", 422, **office.form(f"{at}/entry") | given)
    kept = fields(answer.text)
    assert "Saved 1 reading." in answer.text and (kept[f"r{house.cold_a2}"], kept[f"r{house.cold_b10}"]) == ("12", "x")
    assert f'href="#r{house.cold_b10}"' in answer.text and len(house.rows()) == 1
    # The last value stands beside what is to be looked at again, and nowhere else.
    assert answer.text.count("before 466.000") == 2 and "before" not in office.get(f"{at}/entry").text
    again = kept | {f"r{house.cold_b10}": "", f"w{house.cold_a2}": "shows"}
    office.post(f"{at}/entry", 303, **again)
    assert len(house.rows()) == 2


@pytest.mark.parametrize("wrong", [{"day": "soon"}, {"d": "soon"}, {}])
def test_a_day_that_is_none_and_an_empty_page_store_nothing(desk, house, at, wrong):
    office = desk("office")
    form = office.form(f"{at}/entry") | ({f"r{house.cold_a1}": "472"} if wrong else {})
    wrong = {f"d{house.cast.unit_a1}" if name == "d" else name: value for name, value in wrong.items()}
    answer = office.post(f"{at}/entry", 422, **form | wrong)
    assert house.rows() == [] and "errors-title" in answer.text


def test_without_a_script_the_number_leads_to_its_home_with_everything_typed(desk, house, at):
    office = desk("office")
    form = office.form(f"{at}/entry") | {f"r{house.cold_a1}": "472", "go": "yes", "short": paper.short(house.cast.unit_b10)}
    answer = office.post(f"{at}/entry", 200, **form)
    assert fields(answer.text)[f"r{house.cold_a1}"] == "472" and house.rows() == []
    assert re.search(rf'name="r{house.cold_b10}"[^>]* autofocus', answer.text)
    wrong = office.post(f"{at}/entry", 422, **form | {"short": "123"})
    assert 'href="#short"' in wrong.text and fields(wrong.text)[f"r{house.cold_a1}"] == "472"


def test_a_supplier_enters_its_own_medium_and_the_same_form_counts_once(desk, house, at, db):
    provider = desk("provider")
    form = provider.form(f"{at}/entry")
    assert f"r{house.hot_a1}" not in form and f"r{house.cold_a1}" in form
    form |= {f"r{house.cold_a1}": "472", f"r{house.hot_a1}": "248"}
    for _turn in range(2):
        provider.post(f"{at}/entry", 303, **form)
    assert [(row.register_id, row.source) for row in house.rows()] == [(house.cold_a1, "provider")]
