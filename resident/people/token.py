"""Tokens of links, sessions and browsers: drawn at random, known to their holder alone; the database keeps a hash (S10, S16)."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for an address and a cookie."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """SHA-256 in hexadecimal. For what is random: guessing it is hopeless without a slow hash. Takes any text a client sends."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
