"""The Polish co-operative: a member with two homes and their charges, the office that searches, answers and opens a window."""

import re

import pytest

from .steps import answer_thread, own, pdf, speaks, write_thread

pytestmark = pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")


def _other_home(page) -> str:
    """Look at the other home; its label."""
    page.goto("/homes")
    row = page.locator('main li:has(button[name="party_id"])')
    label = row.locator("b").inner_text()
    row.locator("button").click()
    page.wait_for_url("**/")
    return label


def test_a_member_switches_between_two_homes_and_their_charges(visit):
    page = visit("pl-member", language="pl")
    page.goto("/homes")
    speaks(page, "pl", "My homes", "Shown now")
    labels, accounts = set(), set()
    for _ in range(2):
        labels.add(_other_home(page))
        page.goto("/invoices")
        accounts.add(page.locator("main .lead").inner_text())
        assert any(label in page.locator("main .lead").inner_text() for label in labels)
    assert len(labels) == len(accounts) == 2


def test_a_member_sees_charges_by_year_and_month_and_saves_a_pdf(visit):
    page = visit("pl-member", language="pl")
    page.goto("/invoices")
    years = page.locator("#year nav a")
    assert years.count() >= 2
    last = years.last.inner_text()
    years.last.click()
    page.wait_for_url(f"**/invoices?year={last}")
    page.locator("#year h2", has_text=last).first.wait_for()
    assert page.locator("#year table tbody tr").count() >= 1, "balance by month"
    page.locator('#year .rows a[href^="/invoices/"]').first.click()
    page.wait_for_url(re.compile(r"/invoices/\d+$"))
    speaks(page, "pl", "What it is for", "Amount due", "Where to pay")
    assert page.locator("table tbody tr").count() >= 5
    assert len(pdf(page, page.locator("main a[download]"))) > 5_000


def test_the_office_finds_a_home_and_a_person(visit):
    page = visit("pl-member", language="pl")
    page.goto("/homes")
    label = page.locator("main li b").first.inner_text()
    office = visit("pl-office", language="pl")
    for text, place in ((label, "/desk/homes/"), ("wronska", "/desk/people/")):
        office.goto("/desk/")
        office.fill(".top .find input", text)
        office.press(".top .find input", "Enter")
        office.wait_for_url(re.compile(r"/desk/(search|homes/\d|people/\d)"))
        if "/desk/search" in office.url:
            own(office, place).first.click()
        office.wait_for_url(re.compile(place + r"\d+"))
    assert "Wrońska" in office.locator("main").inner_text()


def test_the_office_reads_and_answers_a_message(visit):
    page = visit("pl-member", language="pl")
    key = write_thread(page, "Klucz do piwnicy", "Kto ma klucz do piwnicy?")
    office = visit("pl-office", language="pl")
    office.goto("/desk/messages")
    office.select_option("#order", "newest")
    office.locator("main .filters button").click()
    office.wait_for_url("**/desk/messages?*order=newest*")
    own(office, f"/desk/messages/{key}").click()
    office.wait_for_url(f"**/desk/messages/{key}")
    answer_thread(office, f"/desk/messages/{key}", "Klucz jest u dozorcy.")
    speaks(office, "pl", "Your answer", "Send the answer")
    page.goto("/")
    assert own(page, f"/messages/{key}").count() == 1, "the answer waits on the home page"
    page.goto(f"/messages/{key}")
    assert page.locator(".msg", has_text="Klucz jest u dozorcy.").locator("small", has_text=re.compile(r"\w")).count() >= 1


def test_the_office_opens_a_window_and_is_told_when_there_is_one(visit):
    office = visit("pl-office", language="pl")
    office.goto("/desk/windows")
    form = office.locator('form[action="/desk/windows"][method="post"]')
    period = form.locator("#new-period").input_value()
    first, last = form.locator("#first").input_value(), form.locator("#last").input_value()
    form.locator(".btn").click()
    office.wait_for_url(f"**/desk/windows?period={period}")
    opened = own(office, "/desk/windows/").count()
    assert opened >= 1
    speaks(office, "pl", "Reading windows", "Open a window")
    office.select_option("#new-period", period)
    office.fill("#first", first)
    office.fill("#last", last)
    office.locator('form[action="/desk/windows"][method="post"] .btn').click()
    office.locator(".errors").wait_for()
    assert office.input_value("#first") == first and office.input_value("#new-period") == period
