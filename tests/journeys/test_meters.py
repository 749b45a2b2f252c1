"""The board of an Estonian association changes a meter step by step, and adds a main meter with a home's meter behind it."""

from datetime import timedelta

import pytest

from resident import clock
from tests.journeys.conftest import DESKTOP


@pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")
def test_the_board_changes_a_meter_and_adds_a_sub_meter(visit, picture, script):
    page = visit("ee-board", language="et", size=DESKTOP)
    page.goto("/desk/meters?medium=cold_water")
    page.click("#meters tbody a >> nth=0")
    shown = page.locator("h1").inner_text()
    page.click('main a[href$="/change"]')
    field = page.locator('main input[inputmode="decimal"]').first
    # Lower than the last reading: asked again, and kept.
    field.fill("1,5")
    page.click("main form .btn:not([name])")
    assert page.locator('main input[inputmode="decimal"]').first.input_value() == "1,5"
    page.locator('main input[inputmode="decimal"]').first.fill("99000")
    page.click("main form .btn:not([name])")
    page.fill("#serial", "E-24-7")
    page.locator('main input[id^="s"][inputmode="decimal"]').first.fill("0")
    page.click("main form .btn:not([name])")
    assert page.locator("#look-over").is_visible()
    picture(page, f"meter-change-et-{'script' if script else 'plain'}")
    page.click("main form .btn:not([name])")
    page.wait_for_url(lambda url: not url.endswith("/change"))
    assert "E-24-7" in page.locator("h1").inner_text() and shown not in page.locator("h1").inner_text()
    changed = page.url

    page.goto("/desk/mains")
    page.click('main a[href*="/desk/meters/new"]')
    page.select_option("#medium", "cold_water")
    page.fill("#serial", "PEA-1")
    page.fill("#measure", "m³")
    # In a month's first days readings are of the month before, when it was there already.
    page.fill("#installed", f"{clock.today('Europe/Tallinn') - timedelta(days=40)}")
    page.click("main form .btn")
    page.wait_for_url(lambda url: not url.endswith("/new") and url.rsplit("/", 1)[-1].isdigit())
    main = page.url.rsplit("/", 1)[-1]
    page.goto(changed + "/details")
    page.select_option("#main-meter", main)
    page.click("main form .btn")
    page.wait_for_url(lambda url: not url.endswith("/details"))
    page.goto(f"/desk/meters/{main}")
    assert page.locator(".rows a", has_text="E-24-7").count() == 1
    picture(page, f"meter-main-et-{'script' if script else 'plain'}")

    page.goto("/desk/mains")
    page.locator("#mains tr", has_text="PEA-1").locator("input.cell").fill("12")
    page.click("#mains .btn")
    page.locator("#mains", has_text="12,000").wait_for()
