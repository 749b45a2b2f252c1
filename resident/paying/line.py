"""Requests to providers of payments: short, bounded, to one host, never led elsewhere, and nothing of them in the log."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from .provider import ProviderAway

CONNECT, READ, WHOLE = 5, 10, 20
LARGEST = 256_000


def ask(
    method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str]
) -> tuple[int, dict, Mapping[str, str], bytes]:
    """(status, object in JSON, headers, octets) of an answer with 2xx. Numbers with a point are decimals. ProviderAway."""
    import urllib3

    try:
        answer = _pool().request(
            method,
            url,
            body=body,
            headers=dict(headers) | {"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=urllib3.Timeout(connect=CONNECT, read=READ),
            redirect=False,
            preload_content=False,
        )
        given = _read(answer)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        # What they quote is not passed on.
        raise ProviderAway(why=type(error).__name__) from None
    if not 200 <= answer.status < 300:
        raise ProviderAway(why=f"status {answer.status}")
    return answer.status, _object(given), answer.headers, given


@cache
def _pool():
    """Connections of this process. Only an installation with a provider needs them."""
    import urllib3

    return urllib3.PoolManager(num_pools=8, maxsize=4, retries=False)


def _read(answer) -> bytes:
    ends, found = time.monotonic() + WHOLE, b""
    try:
        for part in answer.stream(16_384):
            found += part
            if len(found) > LARGEST or time.monotonic() > ends:
                raise ValueError("long")
    finally:
        answer.release_conn() if len(found) <= LARGEST else answer.close()
    return found


def _object(given: bytes) -> dict:
    found = objects(given)
    if found is None:
        raise ProviderAway(why="no object in JSON")
    return found


def objects(given: bytes) -> dict | None:
    """The object in JSON, numbers with a point as decimals; None when it is none."""
    try:
        found = json.loads(given, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def whole(value) -> int:
    """An amount in minor units as JSON or a query gives it; −1, which is nobody's amount, for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 15:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def hundredths(value) -> int:
    """An amount in major units, 12, 12.3 or 12.34, in minor ones; −1 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or abs(value) > 10**12:
        return -1
    minor = value * 100
    return int(minor) if minor == int(minor) else -1


def text(value, most: int = 120) -> str:
    """A text that a provider gave, as far as it can be one of ours."""
    return value[:most].replace("\0", "") if isinstance(value, str) else ""
