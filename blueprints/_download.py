"""How a file is named to a browser."""

from urllib.parse import quote


def disposition(name: str, download: bool) -> str:
    """One clean header: a plain name for old readers, the whole one after RFC 5987 (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"{'attachment' if download else 'inline'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
