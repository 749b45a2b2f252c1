"""A portal with the demo in a temporary folder, served by waitress as in production, with a bare hello beside it."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from resident.demo import PASSWORD
from resident.people import totp

ROOT = Path(__file__).parent.parent


@contextlib.contextmanager
def portal(folder: Path | None = None, trusted_proxy: str = "", database: str = ""):
    """Yields (port, process id). The demo is loaded unless a database is given or the folder holds one already."""
    with tempfile.TemporaryDirectory(prefix="resident-bench-") as made:
        data = folder or Path(made)
        port = _free_port()
        environ = os.environ | {"RESIDENT_DATA_DIR": str(data), "RESIDENT_PORT": str(port)}
        environ |= {"RESIDENT_TRUSTED_PROXY": trusted_proxy} if trusted_proxy else {}
        environ |= {"RESIDENT_DATABASE_URL": database} if database else {}
        if not database and not (data / "resident.db").exists():
            for command in ("migrate", "demo"):
                subprocess.run([sys.executable, "-m", "flask", command], cwd=ROOT, env=environ, check=True, capture_output=True)
        server = subprocess.Popen([sys.executable, "-m", "bench.beside"], cwd=ROOT, env=environ)
        try:
            _wait(port)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(port: int) -> None:
    for _ in range(1200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("the portal did not start")


class Browser:
    """One kept connection with cookies."""

    def __init__(self, port: int, encoding: str = "br"):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Accept-Encoding": encoding, "Accept-Language": "en"}
        self.cookies = {}

    def fetch(self, path: str, body: dict | None = None, **headers):
        """(status, body bytes as they came over the wire, headers)."""
        sent = self.headers | headers
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("GET" if body is None else "POST", path, urlencode(body) if body is not None else None, sent)
        answer = self.connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, content, answer.headers

    def sign_in(self, name: str) -> None:
        self._post_form("/sign-in", username=name, password=PASSWORD)
        if self.fetch("/second-factor")[0] == 200:
            self._post_form("/second-factor", code=totp.code(totp.PUBLISHED))

    def _post_form(self, path: str, **fields) -> None:
        _, page, _ = self.fetch(path, **{"Accept-Encoding": "identity"})
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()
        status, *_ = self.fetch(path, {"csrf_token": token, **fields})
        assert status == 303, f"{path} was not passed: {status}"
