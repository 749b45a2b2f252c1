"""A student who is added for ten months, and an owner who sells: the household and the handover in a browser."""

import re
from datetime import timedelta

from resident import clock

from .steps import id_of, own


def day(number: int = 0) -> str:
    return (clock.today("Europe/Tallinn") + timedelta(days=number)).isoformat()


def test_a_student_is_invited_for_ten_months_and_has_just_what_was_ticked(visit):
    page = visit("ee-owner", language="et")
    page.locator('#menu a[href="/household"]').click()
    page.wait_for_url("**/household")
    own(page, "/household/new?role=occupant").click()
    page.fill("#called", "Karl")
    page.locator('[name="way"][value="shown"]').check()
    page.locator('[name="right-invoices"]').uncheck()
    page.fill("#last", day(300))
    page.locator('main form[action^="/household/new"] .acts .btn').click()
    page.locator("img.qr").wait_for()
    link = page.locator(".copy b").inner_text()
    path = link[link.index("/invitation/") :]

    student = visit(language="et")
    student.goto(path)
    assert "Mari" in student.locator("main").inner_text() and "Kask" not in student.locator("main").inner_text()
    student.fill("#new", "vihmane sügisõhtu seitse")
    student.locator('form[action$="/new"] .acts .btn').click()
    student.wait_for_url(re.compile(r":\d+/$"))
    assert re.search(r"\d{3} \d{3} \d{3}", student.locator("#say").inner_text()), "the username that was made"
    places = student.locator("#menu a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert "/readings" in places and "/invoices" not in places
    student.goto("/household")
    assert "Kask" not in student.locator("main").inner_text(), "an occupant sees their own part"
    student.goto(path)
    assert student.locator('form[action*="/invitation/"]').count() == 0, "it was used"

    page.goto("/household")
    row = page.locator("main .rows li", has_text="Karl")
    assert row.count() == 1 and row.locator('a[href*="/household/parts/"]').count() == 1


def test_an_owner_who_sells_writes_the_readings_of_the_day(visit):
    seller, board = visit("ee-owner", language="et"), visit("ee-board", language="et")
    board.goto("/desk/homes?text=18")
    own(board, "/desk/homes/").first.click()
    board.wait_for_url(re.compile(r"/desk/homes/\d+$"))
    own(board, "/desk/handovers/new").click()
    board.locator('form[action^="/desk/handovers/new"] .acts .btn').click()
    board.wait_for_url(re.compile(r"/desk/handovers/\d+$"))
    at, key = board.url, id_of(board)
    board.goto(f"{at}?who=liis saar")
    board.locator('[name="person"]').first.check()
    board.locator('form[action$="/coming"] .acts .btn').click()
    board.wait_for_url(re.compile(r"/desk/handovers/\d+$"))
    assert board.locator('form[action$="/coming"]').count() == 0

    seller.goto("/")
    own(seller, f"/handovers/{key}").click()
    seller.wait_for_url(f"**/handovers/{key}")
    assert "Saar" not in seller.locator("main").inner_text()
    fields = seller.locator('form[action$="/readings"] input[inputmode]')
    for field in fields.all():
        hint = seller.locator(f"#{field.get_attribute('id')}-hint").inner_text()
        field.fill(str(int(re.search(r": ([\d\s\u00a0]+)", hint)[1].replace("\u00a0", "").replace(" ", "")) + 1))
    seller.locator('form[action$="/readings"] .acts .btn').click()
    seller.locator("#say", has_text=re.compile(r"\S")).wait_for()
    seller.goto(f"/handovers/{key}")
    assert seller.locator('form[action$="/readings"]').count() == 1
