"""Machines with a personal key (B13): the documented interface, literally, and the same rules as for people."""

import json
import re
import subprocess
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from jinja2 import Environment
from sqlalchemy import select, update
from werkzeug.serving import make_server

from resident import clock
from resident.metering.device_key import DeviceKey
from resident.metering.meter import Meter
from resident.metering.reading import Reading
from resident.metering.slip import Slip
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod
from resident.people import limit
from resident.people.person import Login
from resident.people.tenure import Party, Tenure
from tests.client import fields
from tests.metering.counters import YEAR, meter, move_to

DOCS = (Path(__file__).parents[2] / "docs/machines.md").read_text()


def made(client, name: str = "Gateway") -> str:
    """A new key of the tenant, from the page that shows it once."""
    tenant = client("tenant")
    answer = tenant.post("/readings/machines", 200, **fields(tenant.get("/readings/machines").text) | {"name": name})
    return re.search(r'id="key">([^<]+)<', answer.text)[1]


class Machine:
    def __init__(self, app, key: str | None, home):
        self.http, self.key, self.home = app.test_client(), key, home

    def headers(self, **more) -> dict:
        return ({"Authorization": f"Bearer {self.key}"} if self.key else {}) | {"Accept-Language": "en"} | more

    def meters(self, status: int = 200) -> dict:
        answer = self.http.get("/api/v1/meters", headers=self.headers())
        assert answer.status_code == status, answer.text
        return answer.json

    def send(self, status: int, sending: str = "s1", body=None, **values) -> dict:
        rows = [{"id": getattr(self.home, name), "value": value} for name, value in values.items()]
        headers = self.headers(**{"Idempotency-Key": sending} if sending else {})
        answer = self.http.post("/api/v1/readings", json={"readings": rows} | (body or {}), headers=headers)
        assert answer.status_code == status, answer.text
        assert "Set-Cookie" not in answer.headers and "Access-Control-Allow-Origin" not in answer.headers
        self.last = answer
        return answer.json


@pytest.fixture
def machine(app, client, home) -> Machine:
    return Machine(app, made(client), home)


def test_the_key_is_shown_once_and_only_its_hash_is_kept(client, home, db):
    key = made(client)
    tenant = client("tenant")
    assert key not in tenant.get("/readings/machines").text and "Gateway" in tenant.get("/readings/machines").text
    with db.reading() as session:
        row = session.scalars(select(DeviceKey)).one()
    assert key not in repr(vars(row)) and len(row.token_hash) == 64


def test_it_sees_the_homes_registers_and_nothing_else(machine, home):
    (told,) = machine.meters()["homes"]
    assert told["window"] == {"period": f"{YEAR}-03", "first": f"{YEAR}-02-25", "last": f"{YEAR}-03-05"} and told["closed"] is None
    cold, hot = told["meters"]
    assert (cold["id"], cold["unit"], cold["digits"], cold["decimals"]) == (home.cold, "m³", 5, 3)
    assert cold["last"] == {"value": "466.000", "day": f"{YEAR}-01-31"}
    for path in ("/", "/readings", "/invoices", "/details"):
        assert machine.http.get(path, headers=machine.headers()).status_code == 303


def test_good_values_are_booked_once(machine, home, db):
    first = machine.send(201, cold="472.105", hot=248)
    assert first == machine.send(201, cold="472.105", hot=248)
    assert first["state"] == "booked" and first["receipt"] == f"N-{YEAR}-0001"
    assert [home.values(one)[-1][0] for one in (home.cold, home.hot)] == [472.105, 248.0] and len(home.values(home.cold)) == 13
    with db.reading() as session:
        row = session.scalars(select(Reading).where(Reading.via == "device")).first()
        assert row.person_id == home.cast.tenant and session.scalar(select(DeviceKey.used_at)) is not None


def test_another_sending_the_next_day_corrects_the_first(machine, home):
    machine.send(201, "mon", cold="472")
    move_to(YEAR, 2, 28)
    machine.send(201, "tue", cold="472.3")
    assert home.values(home.cold)[-2:] == [(472.0, "accepted", False), (472.3, "accepted", True)]


def test_a_question_is_held_and_what_is_good_is_booked(machine, home, db):
    told = machine.send(202, cold="490", hot="248")
    assert (told["state"], told["why"], told["receipt"]) == ("held", "questioned", f"N-{YEAR}-0001")
    assert told["readings"] == [{"id": home.cold, "state": "held"}, {"id": home.hot, "state": "booked"}]
    assert machine.send(202, cold="490", hot="248") == told
    with db.reading() as session:
        assert session.scalars(select(Slip.device_key_id)).one()


def test_what_is_held_for_an_answer_is_on_the_first_page_until_it_is_given(machine, client, home):
    tenant = client("tenant")
    assert "waits for your answer" not in tenant.get("/").text
    machine.send(202, cold="490")
    assert "waits for your answer" in tenant.get("/").text and "waits for your answer" not in client("neighbour").get("/").text
    machine.send(201, "s2", cold="472")
    assert "waits for your answer" not in tenant.get("/").text


CANNOT_BE = [("NaN", "number"), ("1e999", "number"), ("-5", "negative"), ("4" * 40, "digits"), ("٤٧٢", "number"), ("", "number")]


@pytest.mark.parametrize(("value", "why"), [*CANNOT_BE, (" ", "number")])
def test_what_cannot_be_right_is_refused_and_nothing_is_stored(machine, home, value, why):
    told = machine.send(422, cold=value, hot="248")
    assert (told["error"], [(one["id"], one["why"]) for one in told["readings"]]) == ("refused", [(home.cold, why)])
    assert home.values(home.hot)[-1][0] == 244.0
    # The key of a sending that was refused is still free.
    machine.send(201, cold="472", hot="248")


def test_numbers_never_become_floats(machine, home):
    text = f'{{"readings": [{{"id": {home.cold}, "value": 472.100}}]}}'
    headers = machine.headers(**{"Idempotency-Key": "n"})
    assert machine.http.post("/api/v1/readings", data=text, headers=headers).status_code == 201
    assert home.values(home.cold)[-1][0] == 472.1
    for odd in ("1e2", "NaN", "Infinity"):
        headers |= {"Idempotency-Key": odd}
        answer = machine.http.post("/api/v1/readings", data=text.replace("472.100", odd), headers=headers)
        assert (answer.status_code, answer.json["error"]) == (422, "refused")


def test_a_day_in_the_future_and_one_too_long_ago_are_refused(machine):
    assert machine.send(422, cold="472", body={"day": f"{YEAR}-12-01"})["readings"][0]["why"] == "future"
    assert machine.send(422, cold="472", body={"day": f"{YEAR}-01-01"})["readings"][0]["why"] == "too_early"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda home: update(BillingPeriod).where(BillingPeriod.id == home.period).values(state="allocated"), "allocated"),
        (lambda home: update(ReadingWindow).values(first=date(YEAR, 1, 25), last=date(YEAR, 2, 5)), "over"),
        (lambda home: update(ReadingWindow).values(first=date(YEAR, 3, 25), last=date(YEAR, 4, 5)), "not_open"),
        (lambda home: update(Meter).values(remote=True), "remote"),
    ],
)
def test_a_closed_window_and_a_remote_meter_are_refused_by_name(machine, home, db, change, why):
    with db.writing() as session:
        session.execute(change(home))
    told = machine.send(409, cold="472")
    assert (told["error"], told["why"]) == ("closed", why) and told["message"]
    with db.reading() as session:
        assert session.scalars(select(Slip)).all() == []


def test_a_register_of_another_home_is_unknown(machine, home, db):
    with db.writing() as session:
        (home.theirs,) = meter(session, home.cast, home.cast.unit_a2, serial="99-1")
    assert machine.send(404, theirs="5")["ids"] == [home.theirs]
    assert machine.send(404, cold="472", theirs="5")["ids"] == [home.theirs]
    assert home.values(home.theirs) == [] and home.values(home.cold)[-1][0] == 466.0


def test_without_a_day_it_is_the_day_on_which_it_was_read(machine, home, db):
    """By the clock of the house: half past ten in the evening by UTC is the next day in Helsinki."""
    move_to(YEAR, 2, 28)
    machine.send(201, cold="472", body={"at": f"{YEAR}-02-26T22:30:00Z"})
    with db.reading() as session:
        assert session.scalar(select(Reading.day).order_by(Reading.id.desc()).limit(1)) == date(YEAR, 2, 27)
    told = machine.send(422, "s2", cold="473", body={"at": f"{YEAR}-03-05T10:00:00Z"})
    assert told["readings"][0]["why"] == "future"


def test_what_is_sent_again_after_midnight_is_the_same(machine, home):
    first = machine.send(201, cold="472")
    move_to(YEAR, 2, 28)
    assert machine.send(201, cold="472") == first


def test_one_key_of_a_sending_is_for_one_sending(machine):
    machine.send(201, cold="472")
    assert machine.send(422, cold="473")["error"] == "key_reused"
    assert machine.send(400, sending="", cold="473")["error"] == "malformed"


NO_SENDING = (
    "", "[]", "{}", "null", '{"readings": {}}', '{"readings": []}', "[" * 9000,
    '{"readings": [{"id": 1}]}', '{"readings": [{"id": "x", "value": "1"}]}', '{"readings": [{"id": 1, "value": true}]}',
    '{"readings": [{"id": true, "value": "5"}]}',
    '{"readings": [{"id": 1, "value": "5"}], "day": "soon"}',
    '{"readings": [{"id": 1, "value": "5"}], "at": "2027-02-27T10:00:00"}',
    '{"readings": [{"id": 1, "value": "5"}], "at": "0001-01-01T00:00:00+14:00"}',
    '{"readings": [{"id": 1, "value": "5"}, {"id": 1, "value": "6"}]}',
)  # fmt: skip


@pytest.mark.parametrize("body", NO_SENDING)
def test_what_is_not_the_documented_json_is_malformed(machine, body):
    answer = machine.http.post("/api/v1/readings", data=body, headers=machine.headers(**{"Idempotency-Key": "b"}))
    assert (answer.status_code, answer.json["error"]) == (400, "malformed")


def test_without_a_key_or_with_one_that_is_none(app, home, machine):
    for key in (None, "rk_nobody", "é" * 300):
        stranger = Machine(app, key, home)
        assert stranger.send(401, cold="472")["error"] == "no_key" and stranger.last.headers["WWW-Authenticate"].startswith(
            "Bearer"
        )
        assert stranger.meters(401)["error"] == "no_key"


def _ended(home, session):
    session.execute(update(DeviceKey).values(ended_at=clock.now()))


def _moved_out(home, session):
    yesterday = home.organisation.today - timedelta(days=1)
    session.execute(update(Party).where(Party.id == home.cast.party_tenant).values(last=yesterday))
    session.execute(update(Tenure).where(Tenure.id == home.cast.tenure_a1).values(last=yesterday))


def _lost_the_right(home, session):
    session.execute(update(Party).where(Party.id == home.cast.party_tenant).values(rights=["invoices"]))


def _closed(home, session):
    session.execute(update(Login).where(Login.id == home.cast.logins["tenant"]).values(disabled_at=clock.now()))


@pytest.mark.parametrize(("happens", "status"), [(_ended, 401), (_moved_out, 403), (_lost_the_right, 403), (_closed, 403)])
def test_the_key_ends_with_what_it_stands_on(machine, home, db, happens, status):
    machine.meters()
    with db.writing() as session:
        happens(home, session)
    machine.send(status, cold="472")
    machine.meters(status)


def test_its_owner_ends_it_on_the_page_and_nobody_else_does(machine, client, home, db):
    with db.reading() as session:
        id = session.scalar(select(DeviceKey.id))
    client("occupant").post(f"/readings/machines/{id}/end", 404)
    client("neighbour").post(f"/readings/machines/{id}/end", 404)
    machine.meters()
    client("tenant").post(f"/readings/machines/{id}/end", 303)
    machine.meters(401)


def test_requests_and_wrong_keys_are_bounded(machine, app, home, monkeypatch):
    monkeypatch.setitem(limit.BUCKETS, "machine", (2, timedelta(hours=1)))
    monkeypatch.setitem(limit.BUCKETS, "machine_address", (3, timedelta(minutes=15)))
    machine.send(422, "a", cold="abc")
    machine.send(201, "b", cold="472")
    assert machine.send(429, "c", cold="473")["error"] == "too_many" and int(machine.last.headers["Retry-After"]) > 0
    stranger = Machine(app, "rk_nobody", home)
    for _ in range(3):
        stranger.meters(401)
    stranger.meters(429)


def test_a_cookie_opens_nothing_here_and_a_foreign_page_is_refused(client, home):
    http = client("tenant").http
    assert http.get("/api/v1/meters").status_code == 401
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert http.post("/api/v1/readings", json={}, headers=foreign).status_code == 403


def test_errors_of_the_portal_itself_are_json_too(app):
    answer = app.test_client().post("/api/v1/nothing", json={})
    assert (answer.status_code, answer.json["error"]) == (404, "http_404")
    assert app.test_client().delete("/api/v1/readings").json["error"] == "http_405"


# ---- The documentation, literally --------------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.S)


def run(command: str, **environ) -> dict:
    told = subprocess.run(
        ["bash", "-c", command], env={"PATH": "/usr/bin:/bin", **environ}, capture_output=True, check=True, text=True
    )
    return json.loads(told.stdout)


@pytest.fixture
def address(app):
    """The portal on a port of the machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def test_the_published_commands_work_as_they_stand(machine, home, address, db):
    _setting, listed, sent = blocks("sh")
    given = {"PORTAL": address, "KEY": machine.key, "METER": str(home.cold)}
    assert run(listed, **given)["homes"][0]["meters"][0]["id"] == home.cold
    told = run(sent, **given)
    assert told["state"] == "booked" and home.values(home.cold)[-1][0] == 472.105
    assert set(told) == set(json.loads(blocks("json")[1])) and run(sent, **given) == told
    (line,) = re.findall(r"^0 6 \* \* \* (curl.*)$", DOCS, re.M)
    with db.writing() as session:
        session.execute(update(Slip).values(key="another day"))
    tool = "read-meter() { echo 472.205; }; "
    # As cron does with it.
    run(tool + line.replace("\\%", "%"), **given)
    assert home.values(home.cold)[-1] == (472.205, "accepted", True)


def test_the_published_list_has_the_fields_that_there_are(machine):
    told, documented = machine.meters()["homes"][0], json.loads(blocks("json")[0])["homes"][0]
    assert set(told) == set(documented) and set(told["meters"][0]) == set(documented["meters"][0])


def test_the_example_for_home_assistant_sends_what_is_taken(machine, home):
    example = blocks("yaml")[1]
    value = re.search(r"payload: >-\n\s+(.*)\n", example)[1]
    key = re.search(r'Idempotency-Key: "(.*)"', example)[1]
    assert re.search(r"url: \"https://portal.example.org(.*)\"", example)[1] == "/api/v1/readings" and "method: post" in example
    template = Environment().from_string
    facts = {"meter": home.cold, "value": "472.105", "now": clock.now}
    headers = machine.headers(**{"Idempotency-Key": template(key).render(facts), "Content-Type": "application/json"})
    answer = machine.http.post("/api/v1/readings", data=template(value).render(facts), headers=headers)
    assert answer.status_code == 201 and home.values(home.cold)[-1][0] == 472.105


def test_every_refusal_is_in_the_documentation():
    source = (Path(__file__).parents[2] / "blueprints/api.py").read_text()
    for status, code in re.findall(r'_error\((\d+), "(\w+)"', source):
        assert f"| `{status}` | `{code}` |" in DOCS


def test_what_a_resident_reads_works_as_it_stands(machine, client, home, address):
    tenant = client("tenant")
    assert "/readings/machines/guide" in tenant.get("/readings/machines").text
    said = unescape(re.search(r'<pre id="send">(.*?)</pre>', tenant.get("/readings/machines/guide").text, re.S)[1])
    assert url_of(said) == "/api/v1/readings" and f'"id": {home.cold},' in said
    here = re.sub(r'"http[^"]+"', f'"{address}/api/v1/readings"', said).replace("rk_…", machine.key)
    assert run(here)["state"] == "booked" and home.values(home.cold)[-1][0] == 472.105


def url_of(said: str) -> str:
    return urlsplit(re.search(r'"(http[^"]+)"', said)[1]).path
