"""Who gets which answer at every URL: the reviewed table access_matrix.csv, held against the portal.

A cell is the status that the person gets, or "·" where trying would change something (its area's own tests try it);
rows of POST to a single thing say only that outsiders find nothing. A URL without a row fails.
"""

import csv
from pathlib import Path

import pytest

from tests import things
from tests.client import Client

TABLE = Path(__file__).parent / "access_matrix.csv"
PEOPLE = (
    "anonymous", "tenant", "occupant", "neighbour", "former", "coming", "two_homes", "owner", "office", "manager", "accountant",
    "control", "caretaker", "council", "provider", "board", "operator",
)  # fmt: skip
# Which thing the id in a URL means, by the blueprint and, where that is not enough, the endpoint.
THINGS = {
    "readings": "receipt", "invoices": "invoice", "messages": "thread", "faults": "case", "files": "attachment",
    "desk_messages": "thread", "desk_faults": "case", "desk_invoices": "invoice", "desk_imports": "import",
    "desk_windows": "window", "desk_slips": "slip", "device_keys": "machine",
    "desk_prints": "print", "desk_home_facts": "unit", "desk_vat_numbers": "person", "desk_invoice_ways": "person",
    "desk_accounts": "account", "desk_bookings": "account", "desk_bookings.reversal": "entry", "desk_bookings.reverse": "entry",
    "desk_demands": "demand",
    "details": "session", "desk_readings": "reading", "desk_register": "unit",
    "desk_viewing": "party", "desk_sign_ins": "person", "desk_register.person": "person", "desk_register.change": "person",
    "factors": "factor", "desk_factors": "person", "desk_erasures": "person", "record": "copy",
    "desk_meters": "meter", "desk_media": "medium",
    "desk_payments": "credit", "desk_payments.file": "bankfile", "desk_bank_accounts": "bankaccount",
    "desk_bank_csvs": "bankcsv", "desk_payouts": "payout", "desk_payouts.forget": "payoutaccount",
    "desk_feeds": "feed", "desk_feeds.run": "run", "desk_feeds.rows": "run",
}  # fmt: skip


def rows() -> list[dict]:
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def rules(app):
    """(endpoint, method, rule) of everything that the portal answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule.endpoint, method, rule


def address(app, endpoint: str, thing: str, ids: dict[str, int]) -> str:
    """The URL of an endpoint for a thing; "" for pages without one."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    given = {name: ids.get(thing, thing) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(endpoint, **given)


@pytest.fixture
def world(app, cast, settings):
    return app, things.make(cast, settings.files_dir)


def answers(app, ids, person: str, wanted: list[dict]) -> dict[str, str]:
    """What one person gets for each row: key → status."""
    client = Client(app, None if person == "anonymous" else person)
    token, found = client.token(), {}
    for row in wanted:
        url = address(app, row["endpoint"], row["thing"], ids)
        if row["method"] == "GET":
            answer = client.http.get(url)
            head = client.http.head(url)
            assert head.status_code == answer.status_code, f"{person} HEAD {url}: {head.status_code} beside {answer.status_code}"
        else:
            answer = client.http.post(url, data={"csrf_token": token, "once": "matrix", "kind": "comment", "text": "Good day"})
        found[key(row)] = str(answer.status_code)
    return found


def key(row: dict) -> str:
    return f"{row['method']} {row['endpoint']} {row['thing']}"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_url_without_a_row_fails(app):
    there = {(row["endpoint"], row["method"]) for row in rows()}
    wanted = {(endpoint, method) for endpoint, method, _ in rules(app)}
    assert wanted == there, f"not in the table: {sorted(wanted - there)}; gone: {sorted(there - wanted)}"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_gets_what_the_table_says(world, person):
    app, ids = world
    tried = [row for row in rows() if row[person] != "·"]
    found = answers(app, ids, person, tried)
    wrong = {key(row): f"{found[key(row)]}, table {row[person]}" for row in tried if found[key(row)] != row[person]}
    assert not wrong


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("person", ["former", "owner", "board"])
def test_what_is_not_ones_own_answers_like_what_does_not_exist(world, person):
    """A neighbour's thing, an ex-resident's and another organisation's: 404, with the body of a number that is no thing."""
    app, ids = world
    nothing = {name: 987654 for name in ids}
    own, none = (answers(app, which, person, [row for row in rows() if row["thing"] in ids]) for which in (ids, nothing))
    assert own == none
    assert set(own.values()) == {"404"}
