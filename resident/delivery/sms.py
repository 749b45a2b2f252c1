"""Text messages: a message as a value, and the way to send it through a gateway that takes JSON over HTTP (docs/sms.md).

Only the gateway that is configured is ever called: no proxy, no redirect (S44).
"""

import json
import re
import ssl
from base64 import b64encode
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import ResidentError

TIMEOUT = 20
# The international prefix, and what a national number begins with that is left out behind it.
COUNTRIES = {"FI": ("358", "0"), "EE": ("372", ""), "PL": ("48", ""), "RU": ("7", "8")}
# Answers that another try may better.
PASSING = (408, 425, 429)


class NotSent(ResidentError):
    """The gateway or the line failed: status, None when there was no answer. Worth another try."""


class NoNumber(ResidentError):
    """The gateway refuses this message: status. Not worth another try."""


@dataclass(frozen=True, slots=True)
class Sms:
    """id: the same order sent again is the same message, not a second one. to: "+358405550100"."""

    id: str
    to: str
    text: str


def international(phone: str, country: str) -> str | None:
    """A number as the gateway wants it: "040 555 0100" in Finland is +358405550100. None for what is none."""
    digits = re.sub(r"[^0-9+]", "", phone)
    prefix, trunk = COUNTRIES.get(country, ("", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif not digits.startswith("+"):
        digits = f"+{prefix}{digits.removeprefix(trunk) if trunk else digits}" if prefix else ""
    return digits if re.fullmatch(r"\+[1-9][0-9]{6,14}", digits) else None


def send(message: Sms, url: str) -> None:
    """Hand a message to the gateway. NotSent, NoNumber."""
    gateway = urlsplit(url)
    connection = _connected(gateway)
    try:
        connection.request(
            "POST", _path(gateway), json.dumps(asdict(message), ensure_ascii=False).encode(), _headers(gateway, message)
        )
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise NotSent(status=None) from error
    finally:
        connection.close()
    if 400 <= status < 500 and status not in PASSING:
        raise NoNumber(status=status)
    if not 200 <= status < 300:
        raise NotSent(status=status)


def _connected(gateway: SplitResult) -> HTTPConnection:
    if gateway.scheme == "https":
        return HTTPSConnection(gateway.hostname, gateway.port, timeout=TIMEOUT, context=ssl.create_default_context())
    return HTTPConnection(gateway.hostname, gateway.port, timeout=TIMEOUT)


def _path(gateway: SplitResult) -> str:
    return (gateway.path or "/") + (f"?{gateway.query}" if gateway.query else "")


def _headers(gateway: SplitResult, message: Sms) -> dict[str, str]:
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "Idempotency-Key": message.id}
    if gateway.username:
        who = f"{unquote(gateway.username)}:{unquote(gateway.password or '')}"
        headers["Authorization"] = f"Basic {b64encode(who.encode()).decode()}"
    return headers
