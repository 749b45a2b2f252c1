"""Readings typed in a cellar without a line (B17): kept when the browser is closed, sent once when the line is back."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest

from bench.served import ROOT, _free_port, _wait
from tests import chromium
from tests.journeys import steps
from tests.journeys.conftest import PHONE, _sign_in
from tests.journeys.test_pages import barriers

ON_PHONE = """() => new Promise((done) => {
  const opening = indexedDB.open("resident", 1);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("slips").objectStore("slips").getAll();
    asked.onsuccess = () => { opening.result.close(); done(asked.result); };
  };
})"""
READY = "async () => (await caches.match('/offline', {ignoreVary: true})) && navigator.serviceWorker.controller"


class Portal:
    """A portal with the demo that can be killed and started again at its address."""

    def __init__(self, folder):
        self.folder, self.port = folder, _free_port()
        # The demo's own.
        self.there = self.ask("select max(id) from slip") or 0
        self.start()

    def start(self):
        environ = os.environ | {"RESIDENT_DATA_DIR": str(self.folder), "RESIDENT_PORT": str(self.port)}
        self.server = subprocess.Popen([sys.executable, "-m", "bench.beside"], cwd=ROOT, env=environ)
        _wait(self.port)

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait(20)

    def ask(self, statement: str, *facts):
        with sqlite3.connect(self.folder / "resident.db") as base:
            return base.execute(statement, facts).fetchone()[0]

    def slips(self) -> int:
        return self.ask("select count(*) from slip where id > ?", self.there)

    def offline_readings(self) -> int:
        return self.ask("select count(*) from reading where via = 'offline' and typed_at < at")


@pytest.fixture
def house(loaded, tmp_path):
    """A portal of the test's own."""
    import shutil

    shutil.copytree(loaded, tmp_path / "var")
    made = Portal(tmp_path / "var")
    yield made
    made.kill()


@pytest.fixture
def phone(browser, house, tmp_path):
    """with phone() as context: a browser whose store outlives it, like a phone in a pocket."""

    @contextmanager
    def opened():
        given = {"viewport": PHONE, "locale": "fi", "base_url": f"http://127.0.0.1:{house.port}"}
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "phone", executable_path=chromium.executable(), args=["--no-sandbox"], **given
        )
        context.set_default_timeout(20_000)
        context.troubles = []
        context.on("console", lambda said: context.troubles.append(said.text) if "Content Security" in said.text else None)
        context.on("weberror", lambda error: context.troubles.append(str(error.error)))
        yield context
        assert not context.troubles
        context.close()

    return opened


def ready(context):
    """A signed-in page of readings, with the shell on the phone; and what the counters may show."""
    page = context.pages[0] if context.pages else context.new_page()
    _sign_in(page, "fi-tenant", "fi")
    page.goto("/readings")
    page.wait_for_function(READY)
    return page, {f"m{drum['id']}": steps.value(drum) for drum in steps.drums(page)}


def keep(context, values: dict, **more):
    """Type the values into the shell, which a page without a line is."""
    page = context.new_page()
    page.goto("/readings")
    page.locator("#sheets form").wait_for()
    for name, text in (values | more).items():
        page.fill(f"#sheets [name={name}]", text)
    page.locator("#sheets form .btn").click()
    page.locator("#kept .tag.wait").wait_for()
    return page


def test_airplane_mode_entry_browser_closed_opened_and_back_on_line_is_sent_once(house, phone, picture):
    with phone() as context:
        _page, values = ready(context)
        context.set_offline(True)
        page = keep(context, values)
        assert barriers(page, "kept on the phone") == []
        page.set_viewport_size(PHONE)
        picture(page, "offline-kept-360")
        (slip,) = page.evaluate(ON_PHONE)
        assert slip["typed"] == values and house.slips() == 0
    with phone() as context:
        page = context.new_page()
        page.goto("/readings")
        page.wait_for_function(f"() => ({ON_PHONE})().then((kept) => kept.length === 0)")
        page.goto("/readings")
        page.wait_for_timeout(500)
        assert house.slips() == 1 and house.offline_readings() == len(values)
        assert house.ask("select count(*) from receipt where id = (select receipt_id from slip where id > ?)", house.there) == 1


def test_a_killed_portal_is_no_line_and_what_was_typed_is_there_after_the_browser_was_closed(house, phone, picture):
    with phone() as context:
        _page, values = ready(context)
        house.kill()
        keep(context, values)
    with phone() as context:
        page = context.new_page()
        page.goto("/")
        page.locator("#kept .tag.wait").wait_for()
        house.start()
        page.locator("[data-send]").click()
        page.locator("#kept .tag.done").wait_for()
        number = house.ask("select number from receipt where id = (select receipt_id from slip where id > ?)", house.there)
        assert number in page.locator("#kept li").inner_text()
        picture(page, "offline-sent-360")
        page.locator("#kept li a").click()
        page.wait_for_url("**/readings/receipts/*")
        assert house.slips() == 1 and house.offline_readings() == len(values) and page.evaluate(ON_PHONE) == []


def test_two_tabs_send_once(house, phone):
    with phone() as context:
        page, values = ready(context)
        answers = []
        context.on("response", lambda answer: answers.append(answer.status) if "/offline/slips" in answer.url else None)
        context.set_offline(True)
        tabs = [keep(context, values), context.new_page()]
        tabs[1].goto("/readings")
        tabs[1].locator("#kept .tag.wait").wait_for()
        context.set_offline(False)
        page.goto("/readings")
        page.wait_for_function(f"() => ({ON_PHONE})().then((kept) => kept.length === 0)")
        page.wait_for_timeout(500)
        assert house.slips() == 1 and house.offline_readings() == len(values)
        assert answers == [200]


def test_the_page_that_was_open_when_the_line_went_keeps_what_is_typed_into_it(house, phone):
    with phone() as context:
        page, values = ready(context)
        context.set_offline(True)
        for name, text in values.items():
            page.fill(f"#{name}", text)
        page.locator('form[action="/readings/check"] .acts .btn').first.click()
        page.locator("#kept .tag.wait").wait_for()
        assert page.locator("#say").inner_text() and len(page.evaluate(ON_PHONE)) == 1
        context.set_offline(False)
        page.locator("#kept .tag.done").wait_for()
        assert house.offline_readings() == len(values)


def test_a_confirmation_whose_answer_was_lost_is_not_sent_twice(house, phone):
    with phone() as context:
        page, values = ready(context)
        for name, text in values.items():
            page.fill(f"#{name}", text)
        steps.check(page)

        # It arrives, and the line breaks before the answer is back.
        def lost(route):
            route.fetch()
            route.abort()

        page.route("**/readings", lost)
        page.locator('form[action="/readings"] .acts .btn').first.click()
        page.locator("#kept .tag.done").wait_for()
        assert house.slips() == 0 and house.ask("select count(*) from reading where via = 'page'") == len(values)
        assert page.evaluate(ON_PHONE) == []


def test_signing_out_warns_of_what_waits_and_then_leaves_nothing_on_the_phone(house, phone):
    with phone() as context:
        page, values = ready(context)
        context.route("**/offline/slips*", lambda route: route.abort())
        context.set_offline(True)
        keep(context, values)
        context.set_offline(False)
        page.goto("/")
        page.wait_for_timeout(500)
        out = page.locator('nav.menu form[action="/sign-out"] button')
        out.click()
        page.locator("#say b").wait_for()
        assert page.url.endswith("/")
        out.click()
        page.wait_for_url("**/sign-in")
        names = page.evaluate("async () => [...(await indexedDB.databases()).map((one) => one.name), ...(await caches.keys())]")
        assert names == [] and house.slips() == 0


def test_when_the_session_was_ended_meanwhile_the_desk_gets_the_values_and_the_phone_says_so(house, phone, picture):
    with phone() as context:
        page, values = ready(context)
        context.set_offline(True)
        page = keep(context, values)
        with sqlite3.connect(house.folder / "resident.db") as base:
            base.execute("update login_session set ended_at = began_at")
        context.set_offline(False)
        page.locator("#kept .tag.got").wait_for()
        assert barriers(page, "the shell without a line") == []
        page.set_viewport_size(PHONE)
        picture(page, "offline-held-360")
        assert (
            house.ask("select state || ' ' || why from slip where id > ?", house.there) == "held signed_out"
            and house.offline_readings() == 0
        )
