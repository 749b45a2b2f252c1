"""The demo: four invented organisations. The package itself only tells whether it is there and what its sign-in names are;
loading.py makes it."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ..homes.organisation import Organisation
from ..people import totp

PASSWORD = "kastanja-2026-pihlaja"
# The key of every staff sign-in's authenticator app.
TOTP_SECRET = totp.PUBLISHED
NAMES = (
    "fi-tenant", "fi-occupant", "fi-office", "fi-caretaker",
    "ee-owner", "ee-coowner", "ee-occupant", "ee-board",
    "pl-member", "pl-office",
    "ru-owner", "ru-council", "ru-office", "ru-provider",
    "operator",
)  # fmt: skip


@dataclass(frozen=True)
class SignIns:
    password: str
    secret: str
    names: tuple[str, ...]


def sign_ins(session: Session) -> SignIns | None:
    """The demo's sign-in names and their password and the key for codes, when the demo is what is installed."""
    there = session.scalar(select(exists().where(Organisation.demo.is_(True))))
    return SignIns(PASSWORD, TOTP_SECRET, NAMES) if there else None
