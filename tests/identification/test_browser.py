"""The Finnish profile and TARA from end to end in a real browser: first registration, later sign-in, turning back."""

import os
import subprocess
import sys

import pytest

from bench.served import ROOT, _wait
from resident import schema
from resident.db import Database
from resident.people import personal_code
from resident.people.person import Person
from resident.people.personal_code import CodeKey
from tests.cast import Cast
from tests.journeys.conftest import _is_trouble, picture  # noqa: F401 – fixtures
from tests.provider import served

pytestmark = pytest.mark.browser
KEY = "a key of the hashes for this test only"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """The address of a portal, served with a configured provider, whose cast's newcomers are expected by their codes."""
    if not served.installed():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(served.HOW)
    folder, port = tmp_path_factory.mktemp("identification"), served.free_port()
    base = f"http://127.0.0.1:{port}"
    url = f"sqlite:///{folder / 'resident.db'}"
    _people(url)
    with served.provider(folder, base) as provider:
        (folder / "identification.toml").write_text(provider.configuration())
        environ = os.environ | {
            "RESIDENT_DATA_DIR": str(folder), "RESIDENT_DATABASE_URL": url, "RESIDENT_PORT": str(port),
            "RESIDENT_IDENTITY_KEY": KEY,
            "RESIDENT_IDENTIFICATION_FILE": str(folder / "identification.toml"),
        }  # fmt: skip
        server = subprocess.Popen([sys.executable, "-m", "flask", "serve"], cwd=ROOT, env=environ)
        try:
            _wait(port)
            yield base
        finally:
            server.terminate()
            server.wait(20)


def _people(url: str) -> None:
    db = Database(url)
    schema.upgrade(db)
    cast = Cast(db)
    with db.writing() as session:
        for person_id, country, code in (
            (cast.coming, "FI", "070770-905D"),
            (cast.neighbour, "FI", "131052-308T"),
            (cast.coowner, "EE", "60001019906"),
        ):
            person = session.get(Person, person_id)
            person.login_id = None
            personal_code.expect(session, person, country, code, CodeKey(KEY, test_codes=True))
    db.engine.dispose()


@pytest.fixture
def visit(browser, portal):  # noqa: F811 – the fixture of the journeys
    """visit(language="fi") is a page of a stranger; what breaks the content policy or answers 5xx fails the test."""
    contexts, troubles = [], []

    def open_page(language="en", script=True, size=None):
        context = browser.new_context(
            base_url=portal, locale=language, java_script_enabled=script, viewport=size or {"width": 360, "height": 740}
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: troubles.append(said.text) if said.type == "error" and "status of 4" not in said.text else None
        )
        page.on("response", lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles, troubles


def identify(page, which: str, who: str) -> None:
    page.goto("/sign-in")
    page.click(f'button[formaction="/identify/{which}"]')
    page.wait_for_selector(f'button[value="{who}"]')
    page.click(f'button[value="{who}"]')
    page.wait_for_url(lambda url: "/interaction/" not in url and "/auth" not in url)


@pytest.mark.parametrize("script", [True, False], ids=["htmx", "plain"])
def test_the_finnish_profile(visit, picture, script):  # noqa: F811
    who, shown = ("nordea", "Pihlajakuja 6 B 3") if script else ("mari", "Pihlajakuja 6 A 2")
    page = visit("fi", script)
    page.goto("/sign-in?lang=en")
    picture(page, "identification-sign-in")
    page.click('button[formaction="/identify/ftn"]')
    assert "Koivukallion Asunnot" in page.text_content("#sp"), "the broker shows for whom one identifies"
    page.click(f'button[value="{who}"]')
    page.wait_for_url("**/welcome")
    picture(page, "identification-welcome")
    page.fill("#username", f"own.name.{who}")
    page.fill("#password", "a few unrelated words 66")
    page.click('main form[method="post"] .btn:not([data-reveal])')
    page.wait_for_url("**/")
    assert shown in page.text_content("body")
    later = visit("en", script)
    identify(later, "ftn", who)
    assert later.url.endswith("/") and shown in later.text_content("body")
    by_password = visit("en", script)
    by_password.goto("/sign-in")
    by_password.fill("#username", f"own.name.{who}")
    by_password.fill("#password", "a few unrelated words 66")
    by_password.press("#password", "Enter")
    by_password.wait_for_url("**/")


def test_tara(visit, picture):  # noqa: F811
    page = visit("et")
    page.goto("/sign-in?lang=et")
    page.click('button[formaction="/identify/tara"]')
    assert page.text_content("#sp").strip() == "et", "TARA is asked for the reader's language"
    page.click('button[value="cancel"]')
    page.wait_for_url("**/identify/tara/back*")
    picture(page, "identification-cancelled")
    page.click('button[formaction="/identify/tara"]')
    page.click('button[value="mari"]')
    page.wait_for_url("**/welcome")
    page.goto("/")
    assert "Pärnaõue 7" in page.text_content("body")
    later = visit("et")
    identify(later, "tara", "mari")
    assert "Pärnaõue 7" in later.text_content("body")


def test_an_unknown_person(visit, picture):  # noqa: F811
    page = visit("en", size={"width": 1280, "height": 900})
    identify(page, "plain", "stranger")
    assert "do not know you here yet" in page.text_content("h1")
    picture(page, "identification-unknown")
    page.click("details.pop summary")
    page.click('button[value="fi"]')
    assert page.url.endswith("/sign-in")
