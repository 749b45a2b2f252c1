"""QR codes as pictures inside a page."""


def data(text: str) -> str:
    """The address of an SVG picture, dark on light whatever the colours of the page."""
    # Wanted on few pages.
    import segno

    return segno.make(text, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff", omitsize=True)
