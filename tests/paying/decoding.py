"""Codes read back by readers that are not ours: zxing-cpp reads them, pdfium draws the paper."""

from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image


def on_paper(pdf: bytes) -> dict[str, bytes]:
    """What is read on the pages of a PDF: {"QRCode": octets, "Code128": octets}."""
    found = {}
    for page in pypdfium2.PdfDocument(pdf):
        found |= in_picture(page.render(scale=3, grayscale=True).to_pil())
    return found


def in_picture(picture: Image.Image | bytes) -> dict[str, bytes]:
    image = picture if isinstance(picture, Image.Image) else Image.open(BytesIO(picture))
    return {code.format.name: code.bytes for code in zxingcpp.read_barcodes(image)}
