"""QR codes as pictures inside a page."""

from urllib.parse import quote

from resident import symbol


def data(text: str) -> str:
    """The address of an SVG picture, dark on light whatever the colours of the page."""
    return f"data:image/svg+xml,{quote(symbol.svg(text))}"
