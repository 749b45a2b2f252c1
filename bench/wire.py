"""Bytes of bodies on the wire with `Accept-Encoding: br`: the first visit, a resident's pages and fragments, desk lists."""

import re

from blueprints import _static

from .served import Browser, portal

FIRST_VISIT, PAGE, FRAGMENT, DESK_LIST = 30_000, 6_000, 2_000, 8_000
# All script of our own, beside htmx.
SCRIPT = 5_000
RESIDENTS = {
    "fi-tenant": (
        "/",
        "/readings",
        "/invoices",
        "/invoices/payments",
        "/messages",
        "/faults",
        "/faults/new",
        "/messages/new",
        "/homes",
    ),
    "ru-owner": ("/", "/readings", "/invoices", "/messages", "/faults", "/readings/house"),
    "pl-member": ("/", "/readings", "/invoices"),
}
# An object of each kind, found by its link on the list page.
THINGS = {"/invoices": r'href="(/invoices/\d+)"', "/messages": r'href="(/messages/\d+)"', "/faults": r'href="(/faults/\d+)"'}
# Forms that are refused, page and part: who, where ({case}: the first fault on the list), what is sent.
REFUSED = [
    ("fi-tenant", "/readings/check", {}),
    ("ru-owner", "/readings/check", {}),
    ("fi-tenant", "/faults", {"where": "home", "text": " "}),
    ("fi-tenant", "/faults", {"where": "common", "place": "Laundry room", "text": "It drips. " * 20, "phone": "call me"}),
    ("fi-tenant", "/faults/{case}/comments", {"text": " "}),
    ("fi-tenant", "/messages", {"subject": " ", "text": " "}),
    ("ru-owner", "/messages", {"to": "council", "subject": "Собрание", "text": " "}),
    ("fi-tenant", "/messages/{thread}/answers", {"text": " "}),
    ("fi-office", "/desk/faults/{desk_case}/comments", {"kind": "comment", "text": " "}),
]
FRAGMENTS = {"fi-tenant": ("/invoices?year={year}",), "ru-owner": ("/readings/history",)}
DESK = {
    "fi-office": ("/desk/readings", "/desk/faults", "/desk/messages", "/desk/invoices", "/desk/homes"),
    "ru-office": ("/desk/readings", "/desk/faults", "/desk/messages", "/desk/invoices", "/desk/homes"),
}


def first_visit(port: int) -> int:
    """The sign-in page with everything that it loads."""
    browser = Browser(port)
    status, page, _ = browser.fetch("/sign-in", **{"Accept-Encoding": "identity"})
    links = set(re.findall(rb'(?:src|href)="(/static/[^"#]+)', page))
    return sum(len(browser.fetch(path)[1]) for path in ["/sign-in", *(link.decode() for link in links)])


def script(port: int) -> int:
    """Our own scripts as they are served, those that only some pages load and the service worker among them."""
    browser, octets = Browser(port), len(Browser(port).fetch("/sw.js")[1])
    for path in _static.FOLDER.glob("*.js"):
        octets += len(browser.fetch(f"/static/{_static.name(path)}")[1])
    return octets


def sizes(port: int):
    """Yields (kind, who, path, octets, bar)."""
    yield "first visit", "anybody", "/sign-in and what it loads", first_visit(port), FIRST_VISIT
    yield "script", "anybody", "all of our own, beside htmx", script(port), SCRIPT
    for name, paths in RESIDENTS.items():
        browser = Browser(port)
        browser.sign_in(name)
        for path in [*paths, *_things(browser)]:
            status, body, _ = browser.fetch(path)
            assert status == 200, (name, path, status)
            yield "page", name, path, len(body), PAGE
        for path in FRAGMENTS.get(name, ()):
            year = browser.fetch("/invoices")[2]["Date"].split()[3]
            status, body, _ = browser.fetch(path.format(year=year), **{"HX-Request": "true"})
            yield "fragment", name, path, len(body), FRAGMENT
    yield from refused(port)
    for name, paths in DESK.items():
        browser = Browser(port)
        browser.sign_in(name)
        for path in paths:
            status, body, _ = browser.fetch(path)
            assert status == 200, (name, path, status)
            yield "desk list", name, path, len(body), DESK_LIST


def refused(port: int):
    """What a form that cannot be taken gets back, as a page and as a part."""
    browsers = {}
    for name, path, given in REFUSED:
        if name not in browsers:
            browsers[name] = Browser(port)
            browsers[name].sign_in(name)
        browser = browsers[name]
        _, page, _ = browser.fetch("/appearance", **{"Accept-Encoding": "identity"})
        sent = given | {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page.decode())[1], "once": "wire"}
        things = {}
        for kind, area in (("thread", "/messages"), ("case", "/faults"), ("desk_case", "/desk/faults")):
            found = re.search(rf'href="{area}/(\d+)"', browser.fetch(area, **{"Accept-Encoding": "identity"})[1].decode())
            things[kind] = found[1] if found else ""
        where, desk = path.format(**things), path.startswith("/desk")
        for kind, bar, headers in (("422 page", PAGE, {}), ("422 part", FRAGMENT, {"HX-Request": "true"})):
            status, body, _ = browser.fetch(where, sent, **headers)
            assert status == 422, (name, where, status)
            yield kind, name, where, len(body), DESK_LIST if desk else bar


def _things(browser: Browser):
    for where, link in THINGS.items():
        _, page, _ = browser.fetch(where, **{"Accept-Encoding": "identity"})
        if found := re.search(link, page.decode()):
            yield found[1]


def run() -> bool:
    good = True
    with portal() as (port, _):
        for kind, who, path, octets, bar in sizes(port):
            good &= octets <= bar
            mark = " " if octets <= bar else "!"
            print(f"wire    {mark} {kind:12} {who:10} {path:32} {octets:6} B, bar ≤ {bar}")
    return good
