"""Octets with `Accept-Encoding: br` of what is refused: 6 kB a page and 2 kB a part for residents, 8 kB at the desk."""

import re

import pytest

from bench.wire import DESK_LIST, FRAGMENT, PAGE, REFUSED
from tests.client import Client
from tests.test_hot_pages import demo  # noqa: F401


def measured(client: Client, path: str, given: dict, htmx: bool) -> tuple[int, int, str]:
    """(status, octets, Content-Encoding) of what a form gets back."""
    headers = {"Accept-Encoding": "br", **({"HX-Request": "true"} if htmx else {})}
    answer = client.http.post(path, data={"csrf_token": client.token(), "once": "wire", **given}, headers=headers)
    return answer.status_code, len(answer.data), answer.headers.get("Content-Encoding")


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(("name", "path", "given"), REFUSED)
def test_a_refused_form_is_compressed_and_keeps_the_bars(demo, name, path, given, htmx):  # noqa: F811
    from resident.demo import PASSWORD

    client = Client(demo, name, PASSWORD, language=None)
    status, octets, coding = measured(client, path.format(**_things(client)), given, htmx)
    assert (status, coding) == (422, "br")
    assert octets <= (DESK_LIST if path.startswith("/desk") else FRAGMENT if htmx else PAGE)


def _things(client: Client) -> dict[str, str]:
    """Numbers of the first thing of each kind that the client may open."""
    found = {}
    for kind, area in (("thread", "/messages"), ("case", "/faults"), ("desk_case", "/desk/faults")):
        shown = client.http.get(area).text
        if link := re.search(rf'href="{area}/(\d+)"', shown):
            found[kind] = link[1]
    return found


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/faults/987654", 404), ("get", "/readings/house/9", 404)])
def test_an_error_page_is_compressed(demo, method, path, status):  # noqa: F811
    from resident.demo import PASSWORD

    answer = getattr(Client(demo, "fi-tenant", PASSWORD).http, method)(path, headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (status, "br") and len(answer.data) <= PAGE
