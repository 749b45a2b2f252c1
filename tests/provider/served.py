"""The acceptance provider (server.mjs, npm oidc-provider): started by the suite, and visited as a browser would."""

import contextlib
import http.cookiejar
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from joserfc.jwk import RSAKey

HERE = Path(__file__).parent
HOW = "Node 20 or newer is missing. On Debian or Ubuntu: apt-get install nodejs npm"
SP_KID, ENC_KID = "resident-sig-1", "resident-enc-1"


class Provider:
    """A running provider; keys: files of ours and its, for the portal's configuration."""

    def __init__(self, port: int, folder: Path):
        self.port, self.folder = port, folder
        self.issuer = f"http://127.0.0.1:{port}"

    def fault(self, name: str) -> None:
        """Switch a fault on; "none" switches it off."""
        urllib.request.urlopen(urllib.request.Request(f"{self.issuer}/fault/{name}", b"")).close()

    def identify(self, address: str, who: str) -> str:
        """Where the browser is sent back to, after somebody followed an address and said who they are."""
        visitor = _Visitor()
        page, url = visitor.fetch(address)
        action = re.search(r'action="([^"]+)"', page)[1]
        return visitor.fetch(self.issuer + action, urlencode({"who": who}).encode())[1]

    def configuration(self) -> str:
        """The TOML of the portal: the three profiles at this provider."""
        return f"""
test_codes = true

[[provider]]
id = "plain"
name = {{ en = "Any bank", fi = "Mikä tahansa pankki" }}
issuer = "{self.issuer}"
client_id = "plain"
client_secret = "plain secret, known to all"
scope = "openid profile personal_identity_code"
country = "FI"
code_claim = "personal_identity_code"
acr = ["substantial", "high"]
second_factor = ["high"]

[[provider]]
id = "ftn"
profile = "ftn"
issuer = "{self.issuer}"
client_id = "ftn"
authorization_endpoint = "{self.issuer}/auth"
token_endpoint = "{self.issuer}/token"
signed_jwks_uri = "{self.issuer}/signed-keys"
entity_keys_file = "{self.folder / "entity.json"}"
signing_kid = "{SP_KID}"
signing_key_file = "{self.folder / "signing.pem"}"
decryption_key_file = "{self.folder / "decryption.pem"}"
scope = "openid profile personal_identity_code weak"
extra = {{ ftn_spname = "Koivukallion Asunnot" }}

[[provider]]
id = "tara"
profile = "tara"
issuer = "{self.issuer}"
client_id = "tara"
client_secret = "tara secret, known to all"
"""


class _Visitor:
    """Follows redirects within the provider and stops at the first that leads elsewhere."""

    def __init__(self):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_given):
                return None

        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(Stay, jar, urllib.request.ProxyHandler({}))

    def fetch(self, url: str, body: bytes | None = None) -> tuple[str, str]:
        """(text, address) of the page where it ends."""
        home = url.split("/", 3)[2]
        for _ in range(8):
            try:
                with self.opener.open(url, body, timeout=10) as answer:
                    return answer.read().decode(), url
            except urllib.error.HTTPError as answer:
                if answer.code not in (302, 303):
                    raise AssertionError(f"{url}: {answer.code} {answer.read().decode()[:2000]}") from None
                url, body = urllib.request.urljoin(url, answer.headers["Location"]), None
                if url.split("/", 3)[2] != home:
                    return "", url
        raise AssertionError(f"too many redirects: {url}")


def installed() -> bool:
    """Brings the provider by npm, without install scripts, where it is not there yet. False without Node 20."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().lstrip("v").split(".")[0]) < 20:
        return False
    if not (HERE / "node_modules/oidc-provider").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True)
    return True


@contextlib.contextmanager
def provider(folder: Path, *bases: str):
    """A Provider whose clients come from portals at these addresses. folder: for the keys."""
    port = free_port()
    signing, decryption = (RSAKey.generate_key(2048, private=True) for _ in range(2))
    (folder / "signing.pem").write_bytes(signing.as_pem(private=True))
    (folder / "decryption.pem").write_bytes(decryption.as_pem(private=True))
    public = [
        signing.as_dict(private=False) | {"kid": SP_KID, "use": "sig", "alg": "RS256"},
        decryption.as_dict(private=False) | {"kid": ENC_KID, "use": "enc", "alg": "RSA-OAEP-256"},
    ]
    given = {
        "port": port,
        "redirects": {id: [f"{base}/identify/{id}/back" for base in bases] for id in ("plain", "ftn", "tara")},
        "keys": {"keys": public},
        "decryption": decryption.as_dict(private=True) | {"alg": "RSA-OAEP-256"},
    }
    server = subprocess.Popen(
        ["node", "server.mjs"],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "provider.log").open("w"),
    )
    server.stdin.write(json.dumps(given).encode())
    server.stdin.close()
    try:
        found = Provider(port, folder)
        _wait(server, port, folder)
        with urllib.request.urlopen(f"{found.issuer}/entity") as answer:
            (folder / "entity.json").write_bytes(answer.read())
        yield found
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server, port: int, folder: Path) -> None:
    for _ in range(400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError("the provider did not start: " + (folder / "provider.log").read_text()[-2000:])
