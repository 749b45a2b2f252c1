"""What a script adds: parts are swapped, focus and #say follow, the address is kept, and nothing typed is ever lost."""

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from .conftest import DESKTOP
from .steps import check, drums, value, write_thread


def focused(page) -> str:
    """Tag, id and classes of what has the focus."""
    return page.evaluate("(({tagName, id, className}) => `${tagName.toLowerCase()}#${id}.${className}`)(document.activeElement)")


def said(page) -> str:
    """What the live region says, as soon as it says something."""
    region = page.locator("#say")
    region.filter(has_text=re.compile(r"\S")).wait_for()
    assert region.get_attribute("role") == "status"
    return region.inner_text()


def whole_pages(page) -> list[str]:
    """Addresses of the documents that are loaded from now on."""
    loaded = []
    page.on("request", lambda sent: loaded.append(sent.url) if sent.is_navigation_request() else None)
    return loaded


def test_filters_swap_the_list_push_the_address_and_back_brings_the_list_before(visit):
    page = visit("fi-office", language="fi", size=DESKTOP)
    page.goto("/desk/faults")
    before = page.locator("#queue").inner_html()
    loaded = whole_pages(page)
    page.select_option("#state", "closed" if page.locator('#state option[value="closed"]').count() else {"index": 3})
    page.locator("main .filters button").click()
    page.wait_for_url("**/desk/faults?*state=*")
    page.locator("#queue h2[autofocus]").wait_for()
    assert focused(page).startswith("h2")
    assert not loaded, "only the list was fetched"
    assert page.locator("#queue").inner_html() != before
    page.go_back()
    page.wait_for_url(lambda url: "state=" not in url)
    page.locator("#queue h2:not([autofocus])").wait_for()
    titles = page.locator("#queue tbody th a").all_inner_texts()
    assert titles and all(title in before for title in titles)


def test_a_filtered_address_loaded_anew_is_the_whole_page(visit):
    page = visit("fi-office", language="fi")
    page.goto("/desk/messages?show=all&order=newest")
    assert page.locator("main h1").count() == 1 and page.input_value("#order") == "newest"
    page.reload()
    assert page.locator("main h1").count() == 1 and page.input_value("#show") == "all"


def test_years_of_invoices_are_swapped_with_the_focus_on_their_heading(visit):
    page = visit("fi-tenant", language="fi")
    page.goto("/invoices")
    loaded = whole_pages(page)
    last = page.locator("#year nav a").last
    year = last.inner_text()
    last.click()
    page.wait_for_url(f"**/invoices?year={year}")
    page.locator("#year h2:focus").wait_for()
    assert year in page.locator("#year h2").first.inner_text() and not loaded


def test_what_a_payment_would_settle_is_swapped_with_the_focus_on_its_heading_as_often_as_it_is_asked(visit):
    page = visit("fi-tenant", language="fi")
    page.goto("/invoices/what-if")
    loaded = whole_pages(page)
    for amount in ("50", "60"):
        page.fill("#amount", amount)
        page.locator("#what-if .btn").click()
        page.wait_for_url(f"**/what-if?*amount={amount}*")
        page.locator("#what-if h2:focus").wait_for()
        assert f"{amount},00" in page.locator("#what-if .rows li").first.inner_text() and not loaded


def test_readings_go_to_the_check_page_and_the_receipt_takes_the_focus_and_is_said(visit):
    page = visit("ee-owner", language="et")
    page.goto("/readings")
    loaded, drum = whole_pages(page), drums(page)[0]
    page.fill(f"#m{drum['id']}", value(drum))
    expect(page.locator(f"#m{drum['id']}-use")).to_contain_text(re.compile(r"\d"))  # worked out while typing
    check(page)
    assert focused(page).startswith("h1")
    page.locator('form[action="/readings"] .acts .btn').first.click()
    page.locator("#done").wait_for()
    page.wait_for_url(re.compile(r"/readings/receipts/\d+$"))
    assert focused(page).startswith("h1")
    number = re.search(r"N-\d{4}-\d+", said(page))[0]
    assert number in page.locator("#done").inner_text() and not loaded


def test_a_refused_part_shows_the_summary_keeps_what_was_typed_and_its_links_lead_to_the_field(visit):
    page = visit("ee-coowner", language="et")
    page.goto("/readings")
    loaded, (good, bad) = whole_pages(page), drums(page)[:2]
    page.fill(f"#m{good['id']}", value(good))
    page.fill(f"#m{bad['id']}", "x")
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.locator('form[action="/readings/check"] .acts .btn').first.click()
    assert waiting.value.status == 422
    page.locator(".errors").wait_for()
    page.locator(".errors:focus").wait_for()
    assert page.input_value(f"#m{bad['id']}") == "x" and page.input_value(f"#m{good['id']}") == value(good)
    field = page.locator(f"#m{bad['id']}")
    assert field.get_attribute("aria-invalid") == "true" and f"m{bad['id']}-error" in field.get_attribute("aria-describedby")
    page.locator(f'.errors a[href="#m{bad["id"]}"]').click()
    assert focused(page).startswith(f"input#m{bad['id']}") and not loaded


def test_an_answer_takes_the_focus_and_is_said(visit):
    page = visit("fi-tenant", language="fi")
    write_thread(page, "Avain", "Missä on vara-avain?")
    loaded = whole_pages(page)
    page.fill("#text", "Kiitos, löytyi.")
    page.locator('form[action$="/answers"] .acts button').click()
    page.locator(".msg.fresh").wait_for()
    assert "fresh" in focused(page) and said(page) and not loaded
    assert page.input_value("#text") == ""


def test_a_double_click_sends_once(visit, served):
    page = visit("fi-tenant", language="fi")
    page.goto("/messages/new")
    page.locator('[name="to"]').first.check()
    page.fill("#subject", "Kahdesti painettu")
    page.fill("#text", "Lähti vain kerran.")
    page.locator('form[action="/messages"] .acts button').dblclick()
    page.wait_for_url(re.compile(r"/messages/\d+$"))
    page.fill("#text", "Vastaus vain kerran.")
    page.locator('form[action$="/answers"] .acts button').dblclick()
    page.locator(".msg.fresh").wait_for()
    page.reload()
    assert page.locator(".msg .said").all_inner_texts() == ["Lähti vain kerran.", "Vastaus vain kerran."]
    page.goto("/messages")
    assert page.locator("main li", has_text="Kahdesti painettu").count() == 1


@pytest.mark.parametrize("trouble", ["no line", "a gateway's error", "a locked database"])
def test_trouble_leaves_the_form_as_it_is_and_is_said(visit, served, trouble):
    visit.expected += ["503", "502", "ERR_FAILED", "Failed to load", "Failed to fetch"]
    page = visit("fi-occupant", language="sv")
    page.goto("/messages/new")
    page.locator('[name="to"]').first.check()
    page.fill("#subject", "Nyckel")
    page.fill("#text", "Det här får inte försvinna.")
    with _broken(page, served, trouble):
        page.locator('form[action="/messages"] .acts button').click()
        assert said(page)
    assert page.input_value("#text") == "Det här får inte försvinna." and page.input_value("#subject") == "Nyckel"
    button = page.locator('form[action="/messages"] .acts button')
    assert button.is_enabled() and page.locator("main h1").count() == 1
    button.click()
    page.wait_for_url(re.compile(r"/messages/\d+$"))


class _broken:
    """Something between the page and the stored row is broken for a while."""

    def __init__(self, page, served, trouble):
        self.page, self.served, self.trouble = page, served, trouble

    def __enter__(self):
        if self.trouble == "no line":
            self.page.route("**/messages", lambda route: route.abort())
        elif self.trouble == "a gateway's error":
            self.page.route(
                "**/messages", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")
            )
        else:
            self.page.set_default_timeout(30_000)
            self.lock = sqlite3.connect(self.served.folder / "resident.db", isolation_level=None)
            self.lock.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_):
        if self.trouble == "a locked database":
            self.lock.execute("ROLLBACK")
            self.lock.close()
        else:
            self.page.unroute("**/messages")


def test_the_language_of_the_person_is_changed_on_every_page(visit):
    page = visit("ru-council", language="ru")
    page.goto("/messages")
    page.locator("details.pop:has([name=language]) summary").click()
    page.locator('details.pop button[value="en"]').click()
    page.locator('html[lang="en"]').wait_for()
    assert page.url.endswith("/messages")
    page.goto("/invoices")
    assert page.locator("html").get_attribute("lang") == "en"


def test_files_that_no_form_takes_are_told_before_they_are_sent(visit, tmp_path):
    """What is larger than the server reads is cut off on its way, and would look as if there were no line."""
    large = []
    for name in ("one.pdf", "two.pdf"):
        large.append(tmp_path / name)
        with large[-1].open("wb") as file:
            file.truncate(13_000_000)
    page = visit("fi-tenant", language="en")
    page.goto("/messages/new")
    page.set_input_files("#files", large)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator('form[action="/messages"] .acts button').click()
    assert said(page) == page.locator("#files-hint.err").inner_text() and "25" in said(page)
    assert focused(page).startswith("input#files") and page.locator("#files").get_attribute("aria-invalid") == "true"
    assert sent == []
