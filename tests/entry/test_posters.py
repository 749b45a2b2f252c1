"""The code on a poster (rule 43): proof of standing before the meter, limited tries, and nothing told before."""

import pytest
from sqlalchemy import func, select

from resident import signed
from resident.metering.reading import Receipt
from tests.client import fields
from tests.metering.counters import YEAR, move_to


@pytest.fixture
def poster(app, home) -> str:
    secret = app.extensions["resident.settings"].secret_key
    return "/p/" + signed.sign(secret, "poster", [home.cast.building])


def test_both_numbers_lead_to_the_home_as_by_a_link_on_paper(stranger, home, poster, db):
    assert "Pihlajakuja 6" in stranger.get(poster).text
    to = stranger.post(poster, 303, home="A 1", serial="21-1").headers["Location"]
    shown = stranger.get(to).text
    assert "Pihlajakuja 6 A 1" in shown and "Virta" not in shown and "00466" not in shown
    checked = fields(stranger.post(f"{to}/check", 200, day=f"{YEAR}-02-27", **{f"m{home.cold}": "472"}).text)
    stranger.post(to, 303, once=checked.pop("once"), **checked)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 1


@pytest.mark.parametrize(("number", "serial"), [("a1", "21 1"), (" A 1 ", "211"), ("1", "21-2"), ("A-1", "21_1")])
def test_numbers_are_taken_as_people_write_them(stranger, poster, number, serial):
    stranger.post(poster, 303, home=number, serial=serial)


@pytest.mark.parametrize(
    ("number", "serial"),
    [("A 1", "21-9"), ("A 2", "21-1"), ("A 99", "21-1"), ("", "21-1"), ("A 1", ""), ("%", "%"), ("A 1", "21"), ("B 3", "21-1")],
)
def test_everything_else_is_told_with_one_sentence_and_kept_in_its_fields(stranger, poster, number, serial):
    answer = stranger.post(poster, 422, home=number, serial=serial)
    assert "No home with these numbers was found." in answer.text
    assert (fields(answer.text)["home"], fields(answer.text)["serial"]) == (number, serial)


def test_some_wrong_tries_make_it_wait_also_for_the_right_numbers(stranger, poster):
    for guess in range(10):
        stranger.post(poster, 422, home="A 1", serial=f"9-{guess}")
    answer = stranger.post(poster, 429, home="A 1", serial="21-1")
    assert int(answer.headers["Retry-After"]) > 60 and fields(answer.text)["serial"] == "21-1"


def test_a_home_that_nobody_holds_is_not_found(stranger, home, poster, db):
    from datetime import date

    from sqlalchemy import update

    from resident.people.tenure import Holding

    with db.writing() as session:
        session.execute(update(Holding).where(Holding.tenure_id == home.cast.tenure_a1).values(last=date(YEAR, 2, 26)))
    stranger.post(poster, 422, home="A 1", serial="21-1")


def test_without_an_open_window_it_says_so(stranger, poster, app, home):
    move_to(YEAR, 3, 6)
    for path in (poster, f"{poster}x", "/p/x"):
        answer = stranger.get(path, 404)
        assert "This link cannot be used now." in answer.text
    stranger.post(poster, 404, home="A 1", serial="21-1")
    secret = app.extensions["resident.settings"].secret_key
    for wrong in (["1"], [0], {"a": 1}, [987654]):
        stranger.get("/p/" + signed.sign(secret, "poster", wrong), 404)


def test_nobody_lists_it_or_is_told_its_address(stranger, poster):
    headers = stranger.get(poster).headers
    assert headers["Referrer-Policy"] == "no-referrer" and headers["X-Robots-Tag"].startswith("noindex")
