"""The Estonian association: readings with a question, an occupant's rights, the board that sees who has submitted."""

import re

import pytest

from .steps import check, drums, enter, id_of, own, speaks, value

pytestmark = pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")


def test_a_good_reading_is_saved_an_unusual_one_is_corrected_and_both_have_receipts(visit):
    page = visit("ee-owner", language="et")
    page.locator('main .btn[href="/readings"]').click()
    page.wait_for_url("**/readings")
    good, odd = drums(page)[:2]
    page.fill(f"#m{good['id']}", value(good))
    page.fill(f"#m{odd['id']}", value(odd, 300))
    check(page)
    speaks(page, "et", "Check and confirm", "Nothing has been sent yet.", "Readings to be sent")
    assert page.locator(f"#why{odd['id']}").count() == 1 and page.locator(f"#why{good['id']}").count() == 0
    asked = page.locator(".note.warn").inner_text()
    assert "300" in asked and asked.count("m³") >= 2, f"both figures: {asked}"

    page.locator('form[action="/readings"] button[name="do"][value="good"]').click()
    page.locator("#done").wait_for()
    first = _receipt(page)
    own(page, f"/readings?m{odd['id']}=").click()
    page.wait_for_url(re.compile(r"/readings\?m"))
    assert page.input_value(f"#m{odd['id']}") == value(odd, 300), "what was typed is still there"
    page.fill(f"#m{odd['id']}", value(odd))
    check(page)
    assert page.locator(".note.warn").count() == 0
    page.locator('form[action="/readings"] .acts .btn').first.click()
    page.locator("#done").wait_for()
    speaks(page, "et", "Readings received", "What next?")
    second = _receipt(page)
    assert second != first
    page.goto("/readings/history")
    history = page.locator("#history").inner_text()
    assert first in history and second in history


def _receipt(page) -> str:
    """The receipt's number, which is also where a page loaded anew shows it."""
    number = re.search(r"N-\d{4}-\d+", page.locator("#done").inner_text())[0]
    page.goto(f"/readings/receipts/{id_of(page)}{page.url[page.url.find('?') :] if '?' in page.url else ''}")
    assert number in page.locator("#done").inner_text()
    return number


def test_a_lower_value_waits_for_the_board(visit):
    page = visit("ee-coowner", language="et")
    page.goto("/readings")
    drum = drums(page)[2]
    page.fill(f"#m{drum['id']}", value(drum, -1))
    check(page)
    page.locator('form[action="/readings"] .acts .btn').first.click()
    page.locator(".errors").wait_for()
    page.locator(f'[name="why{drum["id"]}"][value="shows"]').check()
    page.locator('form[action="/readings"] .acts .btn').first.click()
    page.locator("#done").wait_for()
    assert page.locator(".tag.wait").count() == 1
    board = visit("ee-board", language="et")
    board.goto("/desk/readings/questions")
    assert board.locator("article", has_text="18").count() >= 1


def test_an_occupant_reads_invoices_and_types_readings_and_changes_nothing_else(visit):
    page = visit("ee-occupant", language="et")
    page.goto("/invoices")
    speaks(page, "et", "Invoices", "To pay")
    page.locator('#year .rows a[href^="/invoices/"]').first.click()
    page.wait_for_url(re.compile(r"/invoices/\d+$"))
    page.goto("/readings")
    assert page.locator('form[action="/readings/check"] input').count() > 2
    page.goto("/details")
    names = page.locator("main form input:not([type=hidden]), main form select").evaluate_all("all => all.map(one => one.name)")
    assert not {"name", "rights", "party", "occupants", "area"} & set(names)
    assert page.locator('a[href^="/desk"]').count() == 0
    assert page.goto("/desk/homes").status == 404


def test_the_board_enters_for_a_home_and_its_resident_sees_that_it_counts(visit):
    board = visit("ee-board", language="et")
    board.goto("/desk/readings")
    assert board.locator("#progress progress").count() == 3, "staircase by staircase"
    own_home = board.locator('#sheet tr:has(th a:text-is("5")) th a')
    address = own_home.get_attribute("href")
    enter(board, address, 0, 3)
    speaks(board, "et", "Readings", "Save readings")

    page = visit("ee-board", language="et")
    page.goto("/readings")
    used = page.locator(".meter .tag.done").count()
    assert used >= 1, "what the board entered stands as sent"
    assert page.locator("form[action='/readings/check']").count() == 1, "and the last accepted one counts: the form stays open"
    drum = drums(page)[0]
    page.fill(f"#m{drum['id']}", value(drum))
    check(page)
    page.locator('form[action="/readings"] .acts .btn').first.click()
    page.locator("#done").wait_for()
    page.goto("/readings/history")
    assert page.locator("#history tr .tag.shut").count() >= 1, "the board's entry is replaced"
