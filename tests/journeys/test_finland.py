"""The Finnish rental company: its tenant in Finnish, an occupant in Swedish, the office and a caretaker on the telephone."""

import re

import pytest

from .steps import answer_thread, id_of, move, own, pdf, photo, report_fault, see, shows_photo, speaks, write_thread

pytestmark = pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")


def test_the_tenant_sees_what_falls_due_opens_the_invoice_and_saves_its_pdf(visit):
    page = visit("fi-tenant", language="fi")
    assert page.locator("#money .big").inner_text().endswith("€")
    page.locator('#money a[href="/invoices"]').click()
    page.wait_for_url("**/invoices")
    speaks(page, "fi", "Invoices", "To pay", "Overdue")
    page.locator('#year .rows a[href^="/invoices/"]').first.click()
    page.wait_for_url(re.compile(r"/invoices/\d+$"))
    key, total = id_of(page), page.locator(".big").inner_text()
    assert re.search(r"\d,\d\d\s€", total)
    assert page.locator("tfoot td").inner_text() in total
    content = pdf(page, page.locator("main a[download]"))
    assert len(content) > 5_000
    opened = page.request.get(page.locator(f'main a[href="/invoices/{key}/pdf"]').get_attribute("href"))
    assert opened.body() == content and opened.headers["content-disposition"].startswith("inline")
    speaks(page, "fi", "Where to pay", "Payment reference")


def test_a_message_with_a_photo_goes_to_the_office_and_its_answer_comes_back_marked_new(visit, script):
    tenant = visit("fi-tenant", language="fi")
    key = write_thread(tenant, "Patteri kolisee", "Patteri kolisee öisin. Kuva ohessa.", with_photo=True)
    assert shows_photo(tenant)
    office = visit("fi-office", language="fi")
    office.goto("/desk/messages?order=newest")
    own(office, f"/desk/messages/{key}").click()
    office.wait_for_url(f"**/desk/messages/{key}")
    assert shows_photo(office)
    answer_thread(office, f"/desk/messages/{key}", "Huoltomies käy huomenna.")
    tenant.goto("/messages")
    line = tenant.locator(f'main li:has(a[href="/messages/{key}"])')
    assert line.locator(".tag.new").count() == 1
    see(tenant, f"/messages/{key}", script)
    tenant.goto("/messages")
    assert line.locator(".tag.new").count() == 0


def test_a_fault_is_reported_received_assigned_done_and_closed(visit):
    tenant = visit("fi-tenant", language="fi")
    key = report_fault(tenant, "Hana tippuu koko ajan.", "Keittiön hana")
    assert shows_photo(tenant)
    assert tenant.locator(".lead .tag").count() == 1

    office = visit("fi-office", language="fi")
    office.goto("/desk/faults")
    own(office, f"/desk/faults/{key}").click()
    office.wait_for_url(f"**/desk/faults/{key}")
    move(office, "receive")
    given = office.locator('form[action$="/assignment"]')
    given.locator("#person").select_option(label="Jari Mäkelä")
    given.locator("button").click()
    office.locator(".log", has_text="Jari Mäkelä").wait_for()

    caretaker = visit("fi-caretaker", language="fi")
    caretaker.goto("/desk/faults/mine")
    job = caretaker.locator(f'article:has(a[href="/desk/faults/{key}"])')
    start = job.locator('form:has([name="act"][value="start"])')
    start.locator("button").click()
    start.wait_for(state="detached")
    job.locator("details summary").click()
    job.locator("textarea").fill("Tiiviste vaihdettu.")
    job.locator('form:has([name="act"][value="finish"]) button').click()
    caretaker.locator(f'form[action="/desk/faults/{key}/state"]').first.wait_for(state="detached")

    tenant.goto(f"/faults/{key}")
    assert tenant.locator(".log", has_text="Tiiviste vaihdettu.").count() == 1
    tenant.locator('form[action$="/closure"] button').click()
    tenant.locator('form[action$="/closure"]').wait_for(state="detached")
    speaks(tenant, "fi", "What has happened", "Details")
    states = [tag.inner_text() for tag in tenant.locator(".log > li > .tag:not(.dot)").all()]
    assert len(states) == 5 and len(set(states)) == 5, states


def test_an_occupant_in_swedish_finds_no_money_anywhere(visit):
    page = visit("fi-occupant", language="sv")
    for path in ("/", "/readings", "/faults", "/messages", "/details"):
        page.goto(path)
        assert page.locator('a[href^="/invoices"]').count() == 0, path
        assert "€" not in page.locator("body").inner_text(), path
    assert page.goto("/invoices").status == 403
    tenant = visit("fi-tenant", language="fi")
    tenant.goto("/invoices")
    address = tenant.locator('#year .rows a[href^="/invoices/"]').first.get_attribute("href")
    for hidden in (address, f"{address}/pdf"):
        assert page.goto(hidden).status == 404
        assert "€" not in page.locator("body").inner_text()


def test_an_occupant_in_swedish_reports_a_fault_and_writes_to_the_office(visit):
    page = visit("fi-occupant", language="sv")
    report_fault(page, "Duschen droppar.", "Duschen")
    speaks(page, "sv", "What has happened", "Details")
    key = write_thread(page, "Nyckel", "Kan jag få en nyckel till?")
    office = visit("fi-office", language="fi")
    answer_thread(office, f"/desk/messages/{key}", "Ja, kom till kontoret.")
    answer_thread(page, f"/messages/{key}", "Tack!")
    speaks(page, "sv", "Your reply", "Send the message")
    page.goto("/messages")
    assert page.locator(f'main a[href="/messages/{key}"]').count() == 1


def test_a_photo_that_is_none_is_refused_and_the_words_are_kept(visit):
    page = visit("fi-occupant", language="sv")
    page.goto("/faults/new")
    page.fill("#text", "Det läcker.")
    page.locator("#files").set_input_files({**photo(), "buffer": b"no photo at all"})
    page.locator('form[action="/faults"] .acts button').click()
    page.locator(".errors").wait_for()
    assert page.input_value("#text") == "Det läcker."
    assert page.locator(".errors a[href='#files']").count() == 1
