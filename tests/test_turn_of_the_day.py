"""A whole server under another clock (faketime): access ends with the last day in the organisation's own zone, wherever the
server stands, also when the clocks change and when the year turns; what has an end ends (rule 40, S06, S19, S50)."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from resident import schema
from resident.db import Database
from resident.people.tenure import Tenure
from tests.cast import PASSWORD, Cast
from tests.people.test_letter import issue

ROOT = Path(__file__).parent.parent


@pytest.fixture
def faketime():
    found = shutil.which("faketime")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs faketime: apt-get install faketime")
    return found


@pytest.fixture
def folder(tmp_path, _sqlite_template):
    shutil.copy(_sqlite_template, tmp_path / "resident.db")
    return tmp_path


@contextlib.contextmanager
def served(faketime: str, folder: Path, moment: str):
    """A portal of its own whose clock starts at a moment in UTC; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {
        "RESIDENT_DATA_DIR": str(folder), "RESIDENT_PORT": str(port), "TZ": "UTC", "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    environ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
    command = [faketime, "-f", f"@{moment}", sys.executable, "-m", "flask", "serve"]
    server = subprocess.Popen(command, cwd=ROOT, env=environ, start_new_session=True)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        # faketime has a child that serves, and does not hand signals on.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


class Visitor:
    """A browser without script: cookies and forms."""

    def __init__(self, port: int):
        self.port, self.cookies = port, {}

    def ask(self, path: str, **form) -> tuple[int, str, str]:
        """(status, place, text)"""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept-Language": "en"}
        body = None
        if form:
            token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("/appearance")[2])[1]
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            }
            body = urlencode({"csrf_token": token, **form})
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        link.request("POST" if form else "GET", path, body, headers)
        answer = link.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        link.close()
        return answer.status, answer.headers.get("Location", ""), text

    def sign_in(self, name: str, password: str = PASSWORD) -> int:
        return self.ask("/sign-in", username=name, password=password)[0]


def ends(folder: Path, last: date) -> None:
    """The cast, in which the tenant's tenure ends with a day."""
    db = Database(f"sqlite:///{folder / 'resident.db'}")
    assert schema.state(db)[0]
    cast = Cast(db)
    with db.writing() as session:
        session.get(Tenure, cast.tenure_a1).last = last
        session.get(Tenure, cast.tenure_a1).first = last - timedelta(days=400)
    db.engine.dispose()


# The last minute of the day in Helsinki, in UTC: the two changes of the clocks, the leap day, the turn of the year.
TURNS = {
    "the clocks go forward": (date(2027, 3, 28), "2027-03-28 20:59"),
    "the clocks go back": (date(2027, 10, 31), "2027-10-31 21:59"),
    "the leap day": (date(2028, 2, 29), "2028-02-29 21:59"),
    "the year turns": (date(2026, 12, 31), "2026-12-31 21:59"),
}


@pytest.mark.parametrize("turn", TURNS)
def test_access_ends_with_the_last_minute_of_the_last_day(faketime, folder, turn):
    last, minute = TURNS[turn]
    ends(folder, last)
    with served(faketime, folder, f"{minute}:00") as port:
        tenant, other = Visitor(port), Visitor(port)
        assert tenant.sign_in("tenant") == other.sign_in("neighbour") == 303
        assert tenant.ask("/readings")[0] == 200
    after = datetime.fromisoformat(f"{minute}:00") + timedelta(minutes=1)
    with served(faketime, folder, f"{after:%F %T}") as port:
        tenant.port = other.port = port
        assert tenant.ask("/readings")[0] in (403, 404)
        # The session goes on, and a neighbour's access is untouched.
        assert tenant.ask("/details")[0] == 200
        assert other.ask("/readings")[0] == 200


def test_a_start_letter_and_a_session_end_on_their_days(faketime, folder):
    db = Database(f"sqlite:///{folder / 'resident.db'}")
    cast = Cast(db)
    with db.writing() as session:
        _person, paper = issue(session, cast)
    db.engine.dispose()
    days = {after: f"{paper.issued_on + timedelta(days=after)} 10:00:00" for after in (13, 15, 28)}
    with served(faketime, folder, days[15]) as port:
        assert Visitor(port).sign_in(paper.identifier, paper.password) == 422
    with served(faketime, folder, days[13]) as port:
        holder = Visitor(port)
        assert holder.sign_in(paper.identifier, paper.password) == 303
        assert "/own-password" in holder.ask("/")[1]
    with served(faketime, folder, days[28]) as port:
        holder.port = port
        assert "/sign-in" in holder.ask("/")[1]
