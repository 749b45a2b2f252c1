"""Readings by a link, on a phone, with and without JavaScript; and copied from paper sheets at the desk with the keyboard."""

import re

import pytest

from bench.link import links
from tests.journeys.conftest import DESKTOP
from tests.journeys.steps import until

pytestmark = pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")


@pytest.mark.parametrize("kind", ["person", "paper"])
def test_readings_are_sent_without_signing_in(served, visit, picture, script, kind):
    path, values = links(served.folder)[kind]
    page = visit(language="en")
    page.goto(path)
    assert page.locator(".drum").count() == len(values) == 4
    assert page.locator(".drum.alone").count() == (4 if kind == "paper" else 0)
    for register_id, value in values.items():
        page.fill(f"#m{register_id}", value)
    picture(page, f"link-{kind}")
    page.locator("#entry .acts .btn").first.click()
    page.locator('input[name="once"]').wait_for(state="attached")
    page.locator("#entry .acts .btn").first.click()
    page.locator("#done").wait_for()
    assert re.search(r"-\d{4}-\d+", page.locator("#done").inner_text())
    assert page.locator("#entry tbody tr").count() == 4 and "/receipt/" in page.url
    page.reload()
    assert page.locator("#done").count() == 1
    page.goto(path[:-3])
    assert page.locator('main a[href^="/sign-in"]').count() == 1
    visit.expected.append("404")


def test_sheets_are_copied_with_the_keyboard(served, visit, script):
    page = visit("ee-board", language="en", size=DESKTOP)
    page.goto("/desk/readings")
    page.locator('main a[href$="/papers"]').first.click()
    page.locator('main a[href$="/papers/entry"]').click()
    row = page.locator("tr[data-sheet]:has(input.cell)").nth(1)
    number, fields = row.get_attribute("data-sheet"), row.locator("input.cell")
    page.fill("#short", number)
    page.press("#short", "Enter")
    until(page, "number => document.activeElement?.closest('tr')?.dataset.sheet === number", number)
    if script:
        for _field in range(fields.count()):
            page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "short"
