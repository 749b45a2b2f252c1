"""A resident pays a part of what is due on a provider's page and comes back, with and without JavaScript; the code on the screen
reads in the light and in the dark."""

import re
import shutil

import pytest

from bench.served import portal
from tests.journeys.conftest import DESKTOP, PHONE, Served
from tests.journeys.steps import until
from tests.paying import standin
from tests.paying.decoding import in_picture

pytestmark = pytest.mark.parametrize("script", [True, False], indirect=True, ids=["script", "plain"], scope="module")


@pytest.fixture(scope="module")
def vendors():
    with standin.served() as found:
        yield found


@pytest.fixture(scope="module")
def served(loaded, script, vendors, tmp_path_factory):
    """A portal of the module's own with the demo and the three providers."""
    folder = tmp_path_factory.mktemp("paying")
    shutil.copytree(loaded, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESIDENT_PAYMENTS", vendors.configuration("koivukallio"))
        with portal(folder) as (port, _):
            yield Served(port, folder, {})


def balance(page) -> int:
    """Minor units, in whatever language the page writes them."""
    page.goto("/invoices")
    return int(re.sub(r"[^0-9]", "", page.locator("main .big").first.inner_text()))


def test_a_part_is_paid_and_booked_once(visit, vendors, picture, script):
    page = visit("fi-tenant")
    before = balance(page)
    page.locator('main a[href="/invoices/pay"]').click()
    page.fill('input[name="sum"]', "10,05")
    page.locator("main form .btn").first.click()
    page.locator('main form button[value="paytrail"]').wait_for()
    picture(page, f"pay-plan-{'script' if script else 'plain'}")
    page.locator('main form button[value="paytrail"]').click()
    page.wait_for_url(f"{vendors.address}/**")
    page.click("#paid")
    page.wait_for_url("**/invoices/pay/*")
    assert page.locator("#payment .tag.done").count() == 1
    assert re.search(r"M-\d{4}-0001", page.locator("#payment").inner_text())
    picture(page, f"pay-paid-{'script' if script else 'plain'}")
    # The same way back once more.
    page.goto(vendors.last.back())
    assert page.locator("#payment .tag.done").count() == 1
    assert balance(page) == before - 1005
    page.goto("/invoices/pay")
    assert page.locator('main a[href^="/invoices/pay/"] .tag.done').count() == 1


def test_one_that_fails_is_said_calmly_and_leads_on(visit, vendors):
    page = visit("fi-tenant")
    before = balance(page)
    page.goto("/invoices/pay")
    page.locator('main input[name="item"]').first.check()
    page.locator("main form .btn").first.click()
    page.locator('main form button[value="stripe"]').click()
    page.wait_for_url(f"{vendors.address}/**")
    vendors.last.state = "expired"
    page.goto(vendors.last.back())
    assert page.locator("#payment .tag.no").count() == 1
    page.locator('#payment a.btn[href="/invoices/pay"]').click()
    page.locator('main input[name="sum"]').wait_for()
    assert balance(page) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_code_on_the_screen_reads(visit, picture, script, theme, size):
    page = visit("fi-tenant", theme=theme, size=size)
    page.goto("/invoices")
    page.locator('main a[href^="/invoices/"]:has(.tag.wait), main a[href^="/invoices/"]:has(.tag.no)').first.click()
    code = page.locator(".qr")
    code.scroll_into_view_if_needed()
    until(page, "() => document.querySelector('.qr img').complete")
    read = in_picture(code.screenshot(scale="css"))["QRCode"].decode()
    assert read.startswith("BCD\n001\n1\nSCT\n") and "ReqdExctnDt/" in read
    barcode = page.locator(".copy.long b").inner_text()
    assert re.fullmatch(r"4\d{53}", barcode) and barcode[1:17] == re.search(r"FI(\d{16})", read)[1]
    assert page.locator(".copy.long [data-copy]").is_visible() == script
    if script and theme == "dark":
        picture(page, f"invoice-code-{size['width']}")
