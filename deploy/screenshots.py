"""Pictures for the README, taken of a served demo: .venv/bin/python deploy/screenshots.py [address]

Writes docs/screenshots/*.png, each at most 60 kB. Needs the demo (`make run`) and Chromium (Debian's package or Playwright's).
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from resident.demo import PASSWORD  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 60_000
# Of the browser: it writes date fields in its own language.
LOCALES = {"fi": "fi-FI", "ee": "et-EE", "pl": "pl-PL", "ru": "ru-RU"}
PHONE, DESK = (360, 740), (1280, 860)
# name of the file: (who signs in, where, size of the screen, what to click first or None)
PICTURES = {
    "home-fi": ("fi-tenant", "/", PHONE, None),
    "readings-et": ("ee-owner", "/readings", PHONE, None),
    "invoices-ru": ("ru-owner", "/invoices", PHONE, None),
    "fault-sv": ("fi-occupant", "/faults", PHONE, "main .rows a"),
    "desk-readings-et": ("ee-board", "/desk/readings", DESK, None),
    "desk-faults-pl": ("pl-office", "/desk/faults", DESK, None),
}


def main(address: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, picture in PICTURES.items():
            data = small(taken(browser, address, *picture))
            (FOLDER / f"{name}.png").write_bytes(data)
            sys.stdout.write(f"{name}.png {len(data) / 1000:.0f} kB\n")
        browser.close()


def taken(browser: Browser, address: str, who: str, where: str, size: tuple[int, int], click: str | None) -> bytes:
    """The first screen of a page as somebody signed in sees it, light, in their own language."""
    scale = 2 if size == PHONE else 1
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale, color_scheme="light", locale=LOCALES[who[:2]]
    )
    page = context.new_page()
    sign_in(page, address, who)
    page.goto(address + where)
    if click:
        page.locator(click).first.click()
        page.wait_for_load_state()
    data = page.screenshot()
    context.close()
    return data


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=username]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def small(data: bytes) -> bytes:
    """The picture with as many colours as fit into LARGEST."""
    image = Image.open(BytesIO(data)).convert("RGB")
    for colours in (128, 64, 32, 16):
        out = BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
