"""A served demo and a real Chromium for the journeys. Every page that they open is looked at: policy, errors, width."""

import os

import pytest
from playwright.sync_api import sync_playwright

from bench.served import portal
from resident.demo import PASSWORD
from tests import chromium

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The port of a portal with the demo, served as in production."""
    with portal(tmp_path_factory.mktemp("served")) as (port, _):
        yield port


@pytest.fixture(scope="session")
def browser():
    path = chromium.executable()
    if path is None:
        # Without a browser the journeys prove nothing: CI must not be green then.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(chromium.HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(served, browser, artefacts):
    """visit("fi-tenant", language="fi", script=False) is a page of a signed-in visitor, 360 px wide.

    When the test ends, nothing that a page did may have broken the content policy, thrown, or answered 5xx.
    """
    contexts, troubles = [], []

    def open_page(name=None, *, language="en", script=True, size=PHONE, theme="light"):
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{served}",
            viewport=size,
            locale=language,
            java_script_enabled=script,
            color_scheme=theme,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(said.text) if _is_trouble(said) else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("response", lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
        if name:
            page.goto(f"/sign-in?lang={language}")
            page.fill("#username", name)
            page.fill("#password", PASSWORD)
            page.click("main form .btn:not([data-reveal])")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles, troubles


def _is_trouble(said) -> bool:
    # A refused form answers 422 on purpose; the browser notes every status from 400 on.
    return said.type == "error" and "status of 4" not in said.text


@pytest.fixture
def picture(artefacts):
    """picture(page, "home-fi") keeps a screenshot of the whole page among the artefacts."""
    folder = artefacts / "screenshots"
    folder.mkdir(exist_ok=True)
    return lambda page, name: page.screenshot(path=folder / f"{name}.png", full_page=True)
