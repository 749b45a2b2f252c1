"""Every page that somebody can reach: free of barriers, no wider than its window, within the policy, easy to hit.

A page is what GET answers with HTML. The crawl follows links from the home page of everybody: the first who reaches an
address (without its numbers and its query) has it looked at, in a language and a theme that go round.
"""

import re
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe

from resident.demo import PASSWORD

from .steps import check, drums, value

LANGUAGES = ("fi", "sv", "et", "pl", "ru", "en")
THEMES = ("light", "dark")
# Residents first: what they and the desk share is measured as theirs.
VISITORS = (
    "pl-member", "ru-owner", "ee-owner", "fi-tenant", "fi-occupant",
    "fi-office", "operator", "fi-caretaker", "ru-provider", "ru-council", "ee-board",
)  # fmt: skip
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What is right is not told of: telling takes axe longer than finding.
BRIEF = {"resultTypes": ["violations"]}
# Not those inside a sentence: they are as high as its line. A radio button's target is its label, .pick.
SMALL = """() => [...document.querySelectorAll(
    'button, .btn, .go, .back, .rows a, .rows button, .tabs a, input, select, textarea, summary, .pick, .menu a, .bar a, .top > a')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !['radio', 'checkbox'].includes(one.type))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width > 1 && (box.height < 43.9 || box.width < 43.9))
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${Math.round(box.width)} × ${Math.round(box.height)}`)"""
SIZE = "() => [document.documentElement.scrollWidth - document.documentElement.clientWidth, document.documentElement.scrollHeight]"


def barriers(page, where: str, rules: dict = RULES) -> list[str]:
    """What axe finds. The window is as high as the page, so that the bar at its bottom covers nothing."""
    page.set_viewport_size({"width": 360, "height": 800})
    _, height = page.evaluate(SIZE)
    page.set_viewport_size({"width": 360, "height": height + 100})
    page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    told = []
    for found in Axe().run(page, options=rules | BRIEF).response["violations"]:
        nodes = "; ".join(node["html"][:160] for node in found["nodes"][:3])
        told.append(f"{where}: {found['id']} × {len(found['nodes'])}: {nodes}")
    return told


def look(page, where: str, picture=None, name: str = "") -> list[str]:
    """What is wrong with the page that is open."""
    wrong = barriers(page, where)
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        over, _ = page.evaluate(SIZE)
        if over > 0:
            wrong.append(f"{where}: {over} px too wide at {width}")
        if width == 360 and not page.locator("body.desk").count():
            wrong += [f"{where}: small target {one}" for one in page.evaluate(SMALL)]
        if picture and width > 320:
            picture(page, f"{name}-{width}")
    return wrong


def shape(address: str) -> str:
    """An address without its numbers and its query: one of each is looked at."""
    return re.sub(r"/\d+", "/one", address.split("?")[0].split("#")[0])


def links(html: str) -> list[str]:
    found = (link.replace("&amp;", "&") for link in re.findall(r'<a [^>]*?href="(/[^"#]*)', html))
    return [link for link in found if not link.startswith(("/static", "/files"))]


def with_language(address: str, language: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def test_every_page_of_everybody_has_no_barrier_fits_its_window_and_is_easy_to_hit(visit, picture):
    looked, wrong, turn = set(), [], count()
    for name in VISITORS:
        page, met, waiting = visit(name), set(), ["/"]
        while waiting:
            address = waiting.pop(0)
            kind = shape(address)
            if kind in met:
                continue
            met.add(kind)
            answer = page.request.get(address)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            assert answer.status == 200, f"{name} {address}: {answer.status}"
            waiting += links(answer.text())
            if kind not in looked:
                looked.add(kind)
                n = next(turn)
                language, theme = LANGUAGES[n % 6], THEMES[n // 6 % 2]
                page.emulate_media(color_scheme=theme)
                page.goto(with_language(address, language))
                called = kind.strip("/").replace("/", "-") or "home"
                wrong += look(page, f"{name} {address} {language} {theme}", picture, called)
    missing = {
        "/",
        "/readings",
        "/readings/history",
        "/readings/house",
        "/invoices/one",
        "/faults/new",
        "/messages/one",
        "/homes",
    } - looked
    missing |= {"/desk/windows/one", "/desk/faults/one", "/desk/readings/homes/one", "/desk/people/one", "/desk/system"} - looked
    assert not missing and len(looked) > 35, f"nothing led to {missing}; {len(looked)} pages"
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "name, path", [(None, "/sign-in"), ("ru-owner", "/"), ("ru-owner", "/readings"), ("ru-owner", "/invoices")]
)
def test_the_pages_seen_most_have_no_barrier_in_any_language_and_theme(visit, name, path):
    page, wrong = visit(name), []
    for language in LANGUAGES:
        page.emulate_media(color_scheme="light")
        page.goto(with_language(path, language))
        assert page.locator("html").get_attribute("lang") == language
        wrong += look(page, f"{path} {language} light")
        page.emulate_media(color_scheme="dark")
        wrong += barriers(page, f"{path} {language} dark", CONTRAST)
    assert not wrong, "\n".join(wrong)


def _sign_in_refused(page):
    page.goto("/sign-in")
    page.fill("#username", "nobody")
    page.fill("#password", PASSWORD[::-1])
    page.locator("main form:has(#password) .btn:not([data-reveal])").click()


def _readings_refused(page):
    page.goto("/readings")
    page.fill(f"#m{drums(page)[0]['id']}", "x")
    page.locator('form[action="/readings/check"] .acts .btn').first.click()


def _readings_asked(page):
    page.goto("/readings")
    good, low, high = drums(page)[:3]
    page.fill(f"#m{good['id']}", value(good))
    page.fill(f"#m{low['id']}", value(low, -1))
    page.fill(f"#m{high['id']}", value(high, high["usual"] * 50 + 100))
    check(page)


def _readings_unanswered(page):
    _readings_asked(page)
    page.locator('form[action="/readings"] .acts .btn').first.click()


def _receipt_with_rest(page):
    _readings_asked(page)
    page.locator('form[action="/readings"] button[name="do"]').click()


def _empty(path: str, action: str):
    def send(page):
        page.goto(path)
        page.locator(f'form[action="{action}"] .acts button').first.click()

    return send


def _opened(path: str):
    return lambda page: page.goto(path)


# name: (visitor, how to come there, what stands on the page then)
STATES = {
    "sign-in-refused": (None, _sign_in_refused, ".errors"),
    "readings-refused": ("pl-member", _readings_refused, ".errors"),
    "readings-check": ("ru-owner", _readings_asked, ".note.warn fieldset"),
    "readings-unanswered": ("ru-owner", _readings_unanswered, ".errors"),
    "readings-receipt": ("ru-owner", _receipt_with_rest, "#done"),
    "faults-new-refused": ("fi-tenant", _empty("/faults/new", "/faults"), ".errors"),
    "messages-new-refused": ("fi-tenant", _empty("/messages/new", "/messages"), ".errors"),
    "desk-windows-refused": ("fi-office", lambda page: _window_refused(page), ".errors"),
    "desk-readings-refused": ("ee-board", lambda page: _sheet_refused(page), ".errors"),
    "desk-search-nothing": ("fi-office", _opened("/desk/search?q=qqqq"), ".empty"),
    "desk-faults-none": ("fi-office", _opened("/desk/faults?q=qqqq"), ".empty"),
    "forbidden": ("fi-occupant", _opened("/invoices"), "h1"),
    "not-found": ("fi-tenant", _opened("/invoices/987654"), "h1"),
    "not-found-stranger": (None, _opened("/nowhere"), "h1"),
}


def _window_refused(page):
    page.goto("/desk/windows")
    page.fill('form[method="post"] #last', "2001-01-01")
    page.locator('form[action="/desk/windows"][method="post"] .btn').click()


def _sheet_refused(page):
    page.goto("/desk/readings")
    page.locator("#sheet input.cell").first.fill("x")
    page.locator("#sheet .dock button").click()


@pytest.mark.parametrize("name", STATES)
def test_what_bad_input_and_missing_pages_look_like_has_no_barrier_either(visit, picture, name):
    visitor, come, there = STATES[name]
    page = visit(visitor, language=LANGUAGES[list(STATES).index(name) % 6], theme=THEMES[list(STATES).index(name) % 2])
    come(page)
    page.locator(there).first.wait_for()
    wrong = look(page, name, picture, name)
    assert not wrong, "\n".join(wrong)
