"""Text that the portal signs for one purpose and knows again when it comes back: a link on paper, a phone that had no line.

Nothing in it is secret, and what was signed for one purpose is worth nothing for another. Whether it still holds – its days,
the home, the person – is for whoever reads it to ask.
"""

import hashlib

from itsdangerous import BadData, URLSafeSerializer


def sign(secret_key: str, purpose: str, facts: dict | list) -> str:
    """Facts (plain JSON) as text for addresses and headers, with a signature of 256 bits."""
    return _signer(secret_key, purpose).dumps(facts)


def read(secret_key: str, purpose: str, text: str) -> dict | list | None:
    """The facts of a text that sign() made for this purpose; None for every other text."""
    try:
        return _signer(secret_key, purpose).loads(text)
    except (BadData, ValueError):
        return None


def _signer(secret_key: str, purpose: str) -> URLSafeSerializer:
    kind = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret_key, salt=f"resident {purpose}", signer_kwargs=kind)
