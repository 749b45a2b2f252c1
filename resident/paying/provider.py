"""What a provider of payment pages is to the portal: four verbs, and one kind of answer. Which there are: setup.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..errors import ResidentError


class BadSignature(ResidentError):
    """What came in a provider's name does not hold: why, for the log. Nothing of it is believed."""


class ProviderAway(ResidentError):
    """The provider does not answer, or answers what no provider answers: why, for the log."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payment to be made. id: what we call it, also the key by which trying again makes no second one. amount in minor units.
    what: a line that the payer sees; reference: what the payee knows the payer by; back, callback: addresses of ours."""

    id: str
    amount: int
    currency: str
    what: str
    reference: str
    language: str
    email: str
    back: str
    callback: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the payer goes, and what the provider calls the payment."""

    url: str
    provider_ref: str


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """What a provider says of a payment, proved to be its word. id: what we called it. state: pending, paid, failed, expired,
    refunded (it was paid, and all of it went back)."""

    id: str
    provider_ref: str
    amount: int
    currency: str
    state: str
    method: str = ""


class PaymentProvider(Protocol):
    def create(self, wanted: Wanted) -> Redirect:
        """Make the payment at the provider. ProviderAway."""

    def brought(self, args: Mapping[str, str]) -> str | None:
        """What the browser brought back names this payment of theirs, of which nothing is proved yet: parse_return will ask for it.
        None when it is proved by itself. BadSignature."""

    def parse_return(self, args: Mapping[str, str]) -> ProviderEvent:
        """What the payer's browser brought back. BadSignature, ProviderAway."""

    def parse_callback(self, method: str, headers: Mapping[str, str], args: Mapping[str, str], raw: bytes) -> ProviderEvent | None:
        """What the provider itself brought; None for a word about something else. BadSignature."""

    def fetch_status(self, provider_ref: str) -> ProviderEvent:
        """The last word. ProviderAway, BadSignature."""
