"""The name of a folder, made of what people call a thing."""

import re
import unicodedata

MOST = 40


def slug(name: str, taken: set[str], otherwise: str) -> str:
    """Small Latin letters, digits and dashes, not one of those taken. otherwise: where no letter of the name is Latin."""
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[: MOST - 4].strip("-") or otherwise
    return next(slug for number in range(1, 1000) if (slug := base if number == 1 else f"{base}-{number}") not in taken)
