"""Providers of payment pages, as the installation's configuration names them (docs/paying.md).

One TOML text, RESIDENT_PAYMENTS. A wrong value is refused by its name when the portal starts; without it nothing is offered.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from ..provider_list import providers, refuse
from ..settings import LOOPBACK
from .montonio import Montonio
from .paytrail import Paytrail
from .provider import PaymentProvider
from .stripe import Stripe

SETTING = "RESIDENT_PAYMENTS"


@dataclass(frozen=True)
class Kind:
    """needs: what has to be given; may: what can be. origins: where a browser is led to from a form of ours."""

    name: str
    make: Callable[..., PaymentProvider]
    needs: tuple[str, ...]
    currencies: tuple[str, ...]
    origins: tuple[str, ...]
    may: tuple[str, ...] = ()


KINDS = {
    "paytrail": Kind("Paytrail", Paytrail, ("account", "secret"), ("EUR",), ("https://pay.paytrail.com", "https://services.paytrail.com")),
    "stripe": Kind("Stripe", Stripe, ("secret", "webhook_secret"), ("EUR", "PLN"), ("https://checkout.stripe.com",)),
    "montonio": Kind(
        "Montonio",
        Montonio,
        ("access_key", "secret"),
        ("EUR", "PLN"),
        ("https://gateway.montonio.com", "https://sandbox-gateway.montonio.com"),
        ("country",),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Configured:
    """One provider of some creditors, known by their slugs: the contract, and the money, are theirs."""

    id: str
    kind: str
    name: str
    creditors: tuple[str, ...]
    driver: PaymentProvider
    origins: tuple[str, ...]

    def serves(self, slug: str, currency: str) -> bool:
        return slug in self.creditors and currency in KINDS[self.kind].currencies


@lru_cache(maxsize=8)
def parse(text: str, folder: Path) -> dict[str, Configured]:
    """By id. folder: where the files that the text names lie. BadSetting(name, why)."""
    return providers(SETTING, text, folder, _provider)[0]


_refuse = partial(refuse, SETTING)


def _provider(id: str, given: dict) -> Configured:
    kind = KINDS.get(code := given.pop("kind", None))
    if kind is None:
        _refuse(f"{id}.kind", f"it is one of {', '.join(KINDS)}")
    creditors, origins = (_texts(id, name, given.pop(name, [])) for name in ("creditors", "origins"))
    if not creditors:
        _refuse(f"{id}.creditors", "it names the organisations whose money this is, by their slugs")
    name = given.pop("name", kind.name)
    _check(id, kind, given | {"name": name})
    return Configured(id, code, name, creditors, kind.make(**_addressed(id, given)), (*kind.origins, *_origins(id, origins)))


def _check(id: str, kind: Kind, given: dict) -> None:
    """All that a kind needs, nothing that it does not know, and texts."""
    for known, value in given.items():
        if known not in ("name", "address", *kind.needs, *kind.may):
            _refuse(f"{id}.{known}", "there is no such setting")
        if not isinstance(value, str) or not value:
            _refuse(f"{id}.{known}", "it is a text")
    for needed in kind.needs:
        if needed not in given:
            _refuse(f"{id}.{needed}", "it is missing")


def _texts(id: str, name: str, value) -> tuple[str, ...]:
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        _refuse(f"{id}.{name}", "it is a list of texts")
    return tuple(value)


def _addressed(id: str, given: dict) -> dict:
    """An address of the provider's that is not the usual one: its sandbox, or one on this machine."""
    if "address" in given:
        parts = urlsplit(given["address"])
        if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK)):
            _refuse(f"{id}.address", "it is an address that begins with https://")
        given["address"] = given["address"].rstrip("/")
    return given


def _origins(id: str, origins: tuple[str, ...]) -> tuple[str, ...]:
    """Scheme, host and port, as the content policy writes them; the host may begin with "*."."""
    for one in origins:
        if not re.fullmatch(r"https://(\*\.)?[a-z0-9.-]+(:\d+)?|http://(127\.0\.0\.1|localhost)(:\d+)?", one):
            _refuse(f"{id}.origins", "it is scheme and host, as in https://bank.example")
    return origins
