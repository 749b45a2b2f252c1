"""A served demo and a real Chromium for the journeys. Every page that they open is looked at: policy, errors, width."""

import shutil
from collections import namedtuple

import pytest
from playwright.sync_api import expect

from bench.served import portal
from resident.demo import PASSWORD
from resident.people import totp

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
expect.set_options(timeout=20_000)
Served = namedtuple("Served", "port folder cookies")


@pytest.fixture(scope="module")
def script(request):
    """With JavaScript or without. A module that tries both parametrises it, and gets a fresh demo for each."""
    return getattr(request, "param", True)


@pytest.fixture(scope="module")
def served(loaded, script, tmp_path_factory):
    """A portal of the module's own with the demo, served as in production."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    with portal(folder) as (port, _):
        yield Served(port, folder, {})


@pytest.fixture
def visit(served, browser, script):
    """visit("fi-tenant", language="fi") is a page of a signed-in visitor, 360 px wide, with JavaScript as the module says.

    When the test ends, nothing that a page did may have broken the content policy, thrown, or answered 5xx. What a test
    provokes on purpose it names in visit.expected (a part of what is told).
    """
    contexts, troubles = [], []

    def open_page(name=None, *, language="en", script=script, size=PHONE, theme="light"):
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{served.port}",
            viewport=size,
            locale=language,
            java_script_enabled=script,
            color_scheme=theme,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(said.text) if _is_trouble(said) else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("response", lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
        if name and name in served.cookies:
            context.add_cookies(served.cookies[name])
            page.goto("/")
        elif name:
            _sign_in(page, name, language)
            served.cookies[name] = [one for one in context.cookies() if one["name"] != "lang"]
        return page

    open_page.expected = []
    yield open_page
    for context in contexts:
        context.close()
    told = [trouble for trouble in troubles if not any(part in trouble for part in open_page.expected)]
    assert not told, told


def _sign_in(page, name: str, language: str) -> None:
    page.goto(f"/sign-in?lang={language}")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("main form .btn:not([data-reveal])")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    if "/second-factor" in page.url:
        page.fill("#code", totp.code(totp.PUBLISHED))
        page.click('main form[action="/second-factor"]:has(#code) .btn')
        page.wait_for_url(lambda url: "/second-factor" not in url)


def _is_trouble(said) -> bool:
    # A refused form answers 422 on purpose; the browser notes every status from 400 on.
    return said.type == "error" and "status of 4" not in said.text


@pytest.fixture(scope="session")
def picture(artefacts):
    """picture(page, "home-fi") keeps a screenshot of the whole page among the artefacts."""
    folder = artefacts / "screenshots"
    folder.mkdir(exist_ok=True)
    # caret="initial": hiding the caret would write style attributes into the page, which htmx copies and the policy refuses.
    return lambda page, name: page.screenshot(path=folder / f"{name}.jpeg", full_page=True, caret="initial", quality=70)
