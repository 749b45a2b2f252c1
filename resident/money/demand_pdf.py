"""A formal demand as PDF, one letter of a page or several in a file: text drawn as text. The words come from outside."""

from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from .invoice_pdf import BODY, BOLD, BOTTOM, DRAWING, HEAD, HEIGHT, LEFT, PLAIN, RIGHT, SMALL, TOP, fonts, wrapped

LEAD = 14


class Letter(NamedTuple):
    """What stands on a letter, ready to be written. rows: (what, amount), the last one is their sum."""

    sender: list[str]
    addressee: list[str]
    title: str
    day: str
    said: list[str]
    rows: list[tuple[str, str]]
    payment: list[tuple[str, str]]
    end: str


def draw(letters: Iterable[Letter]) -> bytes:
    """The PDF of some letters, each beginning a page."""
    fonts()
    kept = BytesIO()
    canvas = Canvas(kept, pageCompression=1, invariant=1)
    with DRAWING:
        for letter in letters:
            _Page(canvas).letter(letter)
            canvas.showPage()
        canvas.save()
    return kept.getvalue()


class _Page:
    def __init__(self, canvas: Canvas):
        self.canvas, self.y = canvas, TOP

    def letter(self, letter: Letter) -> None:
        self.text([letter.sender[0]], BOLD, HEAD)
        self.text(letter.sender[1:], PLAIN, SMALL)
        self.y = HEIGHT - 160
        self.text(letter.addressee, PLAIN, BODY)
        self.y = HEIGHT - 280
        self.canvas.setFont(PLAIN, BODY)
        self.canvas.drawRightString(RIGHT, self.y, letter.day)
        self.text([letter.title], BOLD, HEAD + 2)
        self.y -= LEAD
        self.text(letter.said, PLAIN, BODY, gap=4)
        self.y -= LEAD
        for place, (what, amount) in enumerate(letter.rows):
            self.row(what, amount, last=place == len(letter.rows) - 1)
        self.y -= LEAD
        for what, value in letter.payment:
            self.row(what, value)
        self.y -= LEAD
        self.text([letter.end], PLAIN, BODY)

    def text(self, paragraphs: Iterable[str], font: str, size: float, gap: float = 0) -> None:
        for paragraph in paragraphs:
            for line in wrapped(paragraph, font, size, RIGHT - LEFT):
                self.room()
                self.canvas.setFont(font, size)
                self.canvas.drawString(LEFT, self.y, line)
                self.y -= size + 4
            self.y -= gap

    def row(self, what: str, value: str, last: bool = False) -> None:
        self.room()
        font = BOLD if last else PLAIN
        if last:
            self.canvas.line(LEFT, self.y + BODY + 3, RIGHT, self.y + BODY + 3)
        self.canvas.setFont(font, BODY)
        self.canvas.drawRightString(RIGHT, self.y, value)
        for line in wrapped(what, font, BODY, RIGHT - LEFT - 120):
            self.canvas.drawString(LEFT, self.y, line)
            self.y -= LEAD

    def room(self) -> None:
        if self.y < BOTTOM:
            self.canvas.showPage()
            self.y = TOP
