"""The board of the Estonian association bills a month: a charge, its cost, a look, drafts, invoices, one step back, closed."""

import re
import sqlite3

import pytest

from tests.journeys.conftest import DESKTOP


@pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")
def test_a_month_from_costs_to_closed(visit, picture, script, served):
    _all_is_read(served.folder)
    page = visit("ee-board", language="et", size=DESKTOP)
    page.goto("/desk/charges/new")
    page.fill("#code", "HEAT")
    page.fill("#name-et", "Küte")
    page.select_option("#basis", "cost")
    page.select_option("#key", "area")
    page.fill("#first", "2020-01-01")
    page.locator("main form .btn").last.click()
    page.wait_for_url(re.compile(r"/desk/charges/\d+$"))

    page.goto("/desk/billing")
    page.locator("#periods .rows a:has(.tag.work)").last.click()
    page.wait_for_url(re.compile(r"/desk/billing/\d+$"))
    period = page.url
    page.goto(period + "/costs")
    page.fill("#amount-0", "1.234,5")
    page.locator('main form[action$="/costs"] .btn').last.click()
    page.locator("#amount-0-error").wait_for()
    assert page.input_value("#amount-0") == "1.234,5", "what was typed is kept"
    page.fill("#amount-0", "1 234,50")
    page.locator('main form[action$="/costs"] .btn').last.click()
    page.locator("main tbody tr", has=page.locator("th", has_text="Küte")).filter(has_text="234,50").wait_for()

    page.goto(period + "/homes")
    assert page.locator(".note.ok").count() == 1
    picture(page, f"billing-preview-et-{'script' if script else 'plain'}")
    _step(page, period, "allocate", "got")
    picture(page, f"billing-confirm-et-{'script' if script else 'plain'}")
    _step(page, period, "confirm", "done")
    invoices = page.locator(".kv").last.inner_text()
    _step(page, period, "unconfirm", "got")
    _step(page, period, "confirm", "done")
    assert page.locator(".kv").last.inner_text() != invoices, "void invoices keep their numbers"
    _step(page, period, "close", "shut")
    page.goto("/desk/invoices")
    page.locator("#invoices .rows a").first.click()
    page.locator("#sheet th", has_text="Küte").first.wait_for()


def _all_is_read(folder) -> None:
    """The days of the open windows and of the use that they are for are over, and no reading waits for a decision."""
    with sqlite3.connect(folder / "resident.db") as base:
        base.execute("update reading_window set first = date('now', '-9 days'), last = date('now', '-2 days')")
        base.execute(
            "update billing_period set use_last = max(use_first, min(use_last, date('now', '-2 days'))) where state = 'open'"
        )
        base.execute("update reading set state = 'rejected' where state = 'pending'")


def _step(page, period: str, name: str, look: str) -> None:
    """Press a step's button; the period has the state whose sign this is then."""
    page.goto(period)
    form = f'form:has([name="step"][value="{name}"])'
    # What is still to be delivered comes before closing.
    for folded in page.locator(f"details:has({form}) > summary").all():
        folded.click()
    page.locator(f"{form} .btn").click()
    page.locator(f".lead .tag.{look}").wait_for()
