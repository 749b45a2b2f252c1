"""What visitors of the journeys do again and again. Places are found by address, name and role, never by words."""

import re
import time
from contextlib import suppress
from datetime import date
from io import BytesIO

from PIL import Image
from playwright.sync_api import Error

from blueprints._locale import words


def photo(name: str = "tap.jpg") -> dict:
    """A photo as a telephone takes it, for set_input_files."""
    kept = BytesIO()
    Image.radial_gradient("L").resize((1600, 1200)).convert("RGB").save(kept, "JPEG", quality=80)
    return {"name": name, "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def until(page, condition: str, arg=None) -> None:
    """Waits until a condition holds in the page. Asked from here: where JavaScript is off a page's own clock stands, and a page
    that is just being left cannot answer."""
    for _ in range(400):
        with suppress(Error):
            if page.evaluate(condition, arg):
                return
        time.sleep(0.05)
    raise AssertionError(f"never: {condition}")


def own(page, path: str):
    """The links of the content (not of the menu) whose address matches the pattern."""
    return page.locator(f'main a[href^="{path}"]')


def id_of(page) -> int:
    """The number of the thing whose page this is."""
    return int(re.search(r"/(\d+)(?:[?#]|$)", page.url)[1])


def shows_photo(page) -> bool:
    """Has the last thumbnail been fetched and drawn?"""
    image = page.locator(".shots img").last
    image.scroll_into_view_if_needed()
    source = image.get_attribute("src")
    answer = page.request.get(source)
    return answer.ok and answer.headers["content-type"].startswith("image/") and len(answer.body()) > 500


def pdf(page, link) -> bytes:
    """What a click on a link saves."""
    with page.expect_download() as waiting:
        link.click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"%PDF-"), content[:40]
    return content


def write_thread(page, subject: str, text: str, to: str | None = None, with_photo: bool = False) -> int:
    """Write a message from the list of messages; its number as a key."""
    page.goto("/messages")
    own(page, "/messages/new").click()
    page.wait_for_url("**/messages/new*")
    page.locator(f'[name="to"][value^="{to}"]' if to else '[name="to"]').first.check()
    page.fill("#subject", subject)
    page.fill("#text", text)
    if with_photo:
        page.locator("#files").set_input_files(photo())
    page.locator('form[action="/messages"] .acts button').click()
    page.wait_for_url(re.compile(r"/messages/\d+$"))
    assert page.locator(".msg .said").last.inner_text().strip() == text
    return id_of(page)


def answer_thread(page, url: str, text: str) -> None:
    """Answer in a thread, by either side, and see the answer stand there once."""
    page.goto(url)
    page.fill("#text", text)
    page.locator('form[action$="/answers"] .acts button').click()
    page.locator(".msg .said", has_text=text).wait_for()
    assert page.locator(".msg .said", has_text=text).count() == 1


def see(page, url: str, script: bool) -> None:
    """Open what has something new: it is marked as read by itself with a script, by its button without."""
    page.goto(url)
    form = page.locator('form[action$="/seen"]')
    if not script:
        form.locator("button").click()
    form.wait_for(state="detached")


def report_fault(page, text: str, place: str, where: str = "home") -> int:
    """Report a fault with a photo; its number as a key."""
    page.goto("/faults")
    own(page, "/faults/new").click()
    page.wait_for_url("**/faults/new")
    page.locator(f'[name="where"][value="{where}"]').check()
    page.select_option("#category", "water")
    page.fill("#place", place)
    page.fill("#text", text)
    page.locator("#files").set_input_files(photo())
    page.locator('[name="entry"][value="yes"]').check()
    page.locator('form[action="/faults"] .acts button').click()
    page.wait_for_url(re.compile(r"/faults/\d+$"))
    return id_of(page)


def move(page, act: str) -> None:
    """Take the case whose page this is at the desk to another state."""
    form = page.locator('form[action$="/state"]')
    form.locator(f'[name="act"][value="{act}"]').check()
    before = page.locator(".log > li").count()
    form.locator(".acts button").click()
    page.locator(".log > li").nth(before).wait_for()


def drums(page) -> list[dict]:
    """The open counters of the entry page: key, last value in steps of its last decimal, decimals, and usual use till now."""
    day, found = date.fromisoformat(page.input_value("#day")), []
    for meter in page.locator("fieldset.meter:has(input)").all():
        key, red = meter.get_attribute("id")[1:], meter.locator(".l-was")
        before = meter.locator(f"#m{key}-was").text_content()
        after = red.text_content().strip() if red.count() else ""
        since = re.search(r"(\d+)\.(\d+)\.(\d{4})", before)
        days = (day - date(int(since[3]), int(since[2]), int(since[1]))).days
        measure = re.split(r",", meter.locator(f'label[for="m{key}"]').inner_text())[0].strip()
        said = re.search(r"([\d\s]+(?:,\d)?)\s" + re.escape(measure), meter.locator("small").last.inner_text())
        month = float(re.sub(r"\s", "", said[1]).replace(",", "."))
        last = int(re.search(r"\d+$", before.strip())[0] + after)
        found.append({"id": key, "last": last, "decimals": len(after), "usual": month * days / 30})
    return found


def value(drum: dict, more: float | None = None) -> str:
    """What is typed into the black field for a use of so much more; the usual use when nothing is said."""
    steps = drum["last"] + round((drum["usual"] if more is None else more) * 10 ** drum["decimals"])
    whole, rest = divmod(steps, 10 ** drum["decimals"])
    return f"{whole},{rest:0{drum['decimals']}d}" if drum["decimals"] else str(whole)


def enter(page, address: str, place: int, more: int) -> str:
    """Enter a value for a counter of a home, at the desk: for the one at that place of those that can be typed. The key."""
    page.goto(address)
    field = page.locator("#home tr:has(input.cell) input.cell").nth(place)
    key = field.get_attribute("name")[1:]
    cells = page.locator(f"#home tr:has(#r{key}) td")
    before = re.sub(r"[\u00a0\u202f ]", "", cells.first.inner_text())
    field.fill(str(int(re.match(r"\d+", before)[0]) + more))
    page.locator('form[action^="/desk/readings/homes/"] .acts button').click()
    cells.nth(1).locator("div").wait_for()
    return key


def check(page) -> None:
    """From the entry page on to the check page."""
    page.locator('form[action="/readings/check"] .acts .btn').first.click()
    page.locator('form[action="/readings"]').wait_for()


def speaks(page, language: str, *messages: str) -> None:
    """The page shows these strings of the source in its reader's language, and they are translated."""
    assert page.locator("html").get_attribute("lang") == language
    shown = " ".join(page.locator("body").inner_text().split()).casefold()
    for message in messages:
        said = words(language).text(message)
        assert said != message, f"{message!r} has no {language}"
        assert " ".join(said.split()).casefold() in shown, f"{said!r} is not on {page.url}"
