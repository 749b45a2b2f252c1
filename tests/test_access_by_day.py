"""Who gets which answer at every URL over the life of one tenure: the reviewed table access_by_day.csv.

The tenure is signed on the 5th day, begins on the 20th and ends with the 50th; a bill of its days stays open until it is
paid. Rows: a URL in a state of the tenure; columns: the people. Things in the URLs belong to the tenure. GET and HEAD,
page and fragment; what changes something is tried by access_matrix.csv and by the areas' own tests.
"""

import csv
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from resident import clock
from tests import things
from tests.cast import LONG_AGO
from tests.client import Client
from tests.invoices.books import pay
from tests.test_access_matrix import address, rows, rules

TABLE = Path(__file__).parent / "access_by_day.csv"
# What stands in the table as itself, not as the name of a thing: a slug, a provider's or a setting's name, a token, a number.
NAMED = re.compile(r"|.*-.*|(?!settled_).*_.*|\d+|bank|koivu|en|nobodys-link")
# state of the tenure: days from the first. In two of them, the most open and the most closed, HEAD and fragments are tried too.
STATES = {"before": 0, "signed": 10, "in_force": 30, "ended_with_debt": 60, "ended_settled": 61}
WHOLE = ("in_force", "ended_settled")
PEOPLE = (
    "anonymous", "primary", "co_owner", "occupant", "ex_holder", "neighbour", "representative", "council", "office", "manager",
    "accountant", "control", "caretaker", "provider", "owner", "board", "operator",
)  # fmt: skip


def tenure(cast) -> dict[str, int]:
    """C 20 with its ex-holder, and a tenure to come with a primary, a co-owner and an occupant: ids of the things in it."""
    today = clock.today("Europe/Helsinki")
    world = SimpleNamespace(**vars(cast), add=cast.add)
    with cast.db.writing() as session:
        cast._session = session
        world.unit_a1 = cast.unit(cast.building, "C 20", "C")
        former = cast.tenure(cast.koivu, world.unit_a1, "lease", LONG_AGO, today - timedelta(days=1))
        cast.party(former, cast.person(cast.koivu, "Esko Entinen", cast.login("ex_holder")), "primary", LONG_AGO)
        first, last = today + timedelta(days=20), today + timedelta(days=50)
        world.tenure_a1 = cast.tenure(cast.koivu, world.unit_a1, "lease", first, last, signed=today + timedelta(days=5))
        for role in ("primary", "co_owner", "occupant"):
            name = "lodger_20" if role == "occupant" else role
            person = cast.person(cast.koivu, f"Tuleva {role}", cast.login(name))
            party = cast.party(world.tenure_a1, person, role, first, last)
            if role == "primary":
                world.tenant, world.party_tenant = person, party
        # Acts for the primary from the day after the things are made: see things.py.
        world.neighbour = cast.person(cast.koivu, "Edla Edustaja", cast.login("representative"))
        del cast._session
    world.logins = {**cast.logins, "tenant": cast.logins["primary"]}
    return world


def login(person: str) -> str | None:
    return {"anonymous": None, "occupant": "lodger_20"}.get(person, person)


def asked(app) -> list[tuple[str, str]]:
    """(endpoint, thing) of every URL that is fetched, with the things of access_matrix.csv."""
    there = {endpoint for endpoint, method, _ in rules(app) if method == "GET"}
    return [(row["endpoint"], row["thing"]) for row in rows() if row["method"] == "GET" and row["endpoint"] in there]


def answers(app, ids: dict, person: str, whole: bool) -> dict[tuple[str, str], str]:
    """(endpoint, thing): status for one person on this day. HEAD and the fragment are as closed as the page; that they are as
    open is seen by the two people who open most."""
    client, found = Client(app, login(person)), {}
    for endpoint, thing in asked(app):
        url = address(app, endpoint, thing, ids)
        status = client.http.get(url).status_code
        found[endpoint, thing] = str(status)
        if not whole or (status == 200 and person not in ("primary", "office")):
            continue
        assert client.http.head(url).status_code == status, f"{person} HEAD {url}"
        part = client.http.get(url, headers={"HX-Request": "true"})
        # To htmx an order to go to the sign-in page takes the place of a 303.
        assert part.status_code == status or (status in (302, 303) and "HX-Redirect" in part.headers), f"{person} fragment {url}"
    return found


def life(app, cast, settings):
    """Yields (state, ids) as the days go by."""
    world = tenure(cast)
    # Before there is anything, each thing's number is one that no thing has.
    ids = dict.fromkeys({row["thing"] for row in rows() if not NAMED.fullmatch(row["thing"])}, 987654)
    ids |= {"unit": world.unit_a1, "person": world.tenant, "party": world.party_tenant, "tenure": world.tenure_a1}
    for state, days in STATES.items():
        clock.shift(timedelta(days=days))
        if state == "in_force":
            ids = things.make(world, settings.files_dir)
        if state == "ended_settled":
            with cast.db.writing() as session:
                # The invoice and the settlement of things.py.
                pay(session, ids["account"], 61240 + 900, clock.today("Europe/Helsinki"), 1)
        yield state, ids


def table() -> list[dict]:
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_every_url_has_a_row_for_each_state(app):
    there = {(row["endpoint"], row["thing"], row["state"]) for row in table()}
    wanted = {(endpoint, thing, state) for endpoint, thing in asked(app) for state in STATES}
    assert wanted == there, f"not in the table: {sorted(wanted - there)}; gone: {sorted(there - wanted)}"


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_everybody_gets_what_the_table_says_as_the_days_go_by(person, app, cast, settings, later):
    wanted = {(row["state"], row["endpoint"], row["thing"]): row[person] for row in table()}
    wrong = {}
    for state, ids in life(app, cast, settings):
        for (endpoint, thing), status in answers(app, ids, person, state in WHOLE).items():
            told = wanted[state, endpoint, thing]
            if told != status:
                wrong[state, endpoint, thing] = f"{status}, table {told}"
    assert not wrong
