"""Passkeys in a real browser with a virtual authenticator, and codes on a telephone, with and without a script."""

import re
from contextlib import contextmanager

import pytest

from resident.demo import PASSWORD
from resident.people import totp


@contextmanager
def authenticator(page, *, verified: bool = True):
    """A key inside the browser; it goes along to the next page."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    added = wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield wire, added["authenticatorId"]
    wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": added["authenticatorId"]})


def here(served, path: str) -> str:
    """Browsers know no passkeys for bare addresses: the same portal by its name."""
    return f"http://localhost:{served.port}{path}"


def sign_in(page, served, name: str) -> None:
    page.goto(here(served, "/sign-in"))
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("main form:has(#password) .btn:not([data-reveal])")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def add_passkey(page, served, name: str) -> None:
    page.goto(here(served, "/second-factor/new"))
    page.fill("#key-name", name)
    page.click("#passkey")


def sign_out(page) -> None:
    page.locator('form[action="/sign-out"] button').last.click()
    page.wait_for_url("**/sign-in*")


def test_a_resident_adds_a_passkey_and_signs_in_with_nothing_else(visit, served, picture):
    page = visit()
    sign_in(page, served, "fi-tenant")
    with authenticator(page):
        add_passkey(page, served, "My telephone")
        page.wait_for_url("**/details/factors")
        assert page.locator("#held .rows b").all_inner_texts() == ["My telephone"]
        picture(page, "factors-en")
        sign_out(page)
        page.locator("#passkey").wait_for()
        picture(page, "sign-in-passkey-en")
        page.click("#passkey")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(here(served, "/details"))
        assert "fi-tenant" in page.inner_text("main")
        page.goto(here(served, "/details/factors"))
        page.locator("#held .rows form button").click()
        page.locator("#held .empty").wait_for()
        sign_out(page)
        page.click("#passkey")
        page.locator(".errors").wait_for()
        assert page.locator("main form:has(#password)").count() == 1


def test_a_passkey_is_the_second_step_of_staff_and_opens_the_desk_alone(visit, served, picture):
    page = visit()
    sign_in(page, served, "fi-caretaker")
    page.fill("#code", totp.code(totp.PUBLISHED))
    page.click("main form:has(#code) .btn")
    page.wait_for_url(lambda url: "/second-factor" not in url)
    with authenticator(page):
        add_passkey(page, served, "Key ring")
        page.wait_for_url("**/second-factor/new/passkey")
        assert page.locator("ol.mono li").count() == 10
        picture(page, "recovery-codes-en")
        sign_out(page)
        sign_in(page, served, "fi-caretaker")
        assert "/second-factor" in page.url
        page.click("#passkey")
        page.wait_for_url("**/desk/**")
        sign_out(page)
        page.click("#passkey")
        page.wait_for_url("**/desk/**")


def test_a_key_that_does_not_check_its_owner_opens_nothing_by_itself(visit, served):
    page = visit()
    sign_in(page, served, "ee-coowner")
    with authenticator(page) as (wire, key):
        add_passkey(page, served, "Found on the stairs")
        page.wait_for_url("**/details/factors")
        sign_out(page)
        wire.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
        page.click("#passkey")
        page.locator("[data-said]:not([hidden])").wait_for()
        assert "/sign-in" in page.url


def test_a_copied_key_is_noticed_by_its_counter(visit, served):
    page = visit()
    sign_in(page, served, "ee-owner")
    with authenticator(page) as (wire, key):
        add_passkey(page, served, "Telephone")
        page.wait_for_url("**/details/factors")
        (copied,) = wire.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
        for _ in range(2):
            sign_out(page)
            page.click("#passkey")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        sign_out(page)
        wire.send("WebAuthn.removeCredential", {"authenticatorId": key, "credentialId": copied["credentialId"]})
        wire.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": copied})
        page.click("#passkey")
        page.locator(".errors").wait_for()


def test_an_answer_is_taken_once(visit, served):
    """What went over the wire at one sign-in, sent again with the cookie of that moment, opens nothing."""
    page = visit()
    sign_in(page, served, "ee-occupant")
    with authenticator(page):
        add_passkey(page, served, "Telephone")
        page.wait_for_url("**/details/factors")
        sign_out(page)
        kept = {}

        def keep(route):
            kept["body"], kept["cookies"] = route.request.post_data, page.context.cookies()
            route.continue_()

        page.route("**/passkeys/entry", keep)
        page.click("#passkey")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.unroute("**/passkeys/entry")
        page.context.clear_cookies()
        page.context.add_cookies(kept["cookies"])
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = page.request.post(here(served, "/passkeys/entry"), data=kept["body"], headers=headers, max_redirects=0)
        assert answer.status == 422


@pytest.mark.parametrize("script", [True, False], indirect=True)
def test_the_demo_s_staff_find_their_code_on_the_page(visit, served, picture, script):
    page = visit()
    page.goto("/sign-in")
    assert totp.PUBLISHED in page.inner_text("main")
    assert page.locator("#passkey").is_visible() is False
    page.fill("#username", "pl-office")
    page.fill("#password", PASSWORD)
    page.click("main form:has(#password) .btn:not([data-reveal])")
    page.wait_for_url("**/second-factor*")
    picture(page, f"second-step-{'script' if script else 'plain'}")
    page.fill("#code", re.search(r"\d{6}", page.inner_text(".note"))[0])
    page.click("main form:has(#code) .btn")
    page.wait_for_url("**/desk/**")
