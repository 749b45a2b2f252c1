"""Reading sheets, letters with a link and posters as PDF, black on white, with codes that a telephone and a desk's scanner read.

Nothing in the data is read as markup. The words come from outside (sentences live at the edge).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .. import symbol
from ..money.invoice_pdf import BOLD, DRAWING, PLAIN, fonts, wrapped

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 20 * mm, WIDTH - 20 * mm, 12 * mm, 10 * mm
SMALL, BODY, HEAD, BIG = 8, 10, 13, 30
GREY = 0.35
# The height of a box for a digit, of a counter's row, and of the code of a link; where the boxes of a counter begin.
BOX, ROW, CODE, BOXES = 7 * mm, 13 * mm, 32 * mm, 58 * mm
# The first fold of a letter; its window begins 45 mm from the top, 20 mm from the left.
FOLD, ADDRESS = 105 * mm, 57 * mm


@dataclass(frozen=True, slots=True)
class Block:
    """One home's part of a paper, every word ready. boxes: (name, serial, measure, digits, decimals); link: the address of its
    code, "" for none; address: lines in the window of an envelope; words: see draw()."""

    home: str
    short: str
    boxes: list[tuple[str, str, str, int, int]]
    link: str
    address: tuple[str, ...]
    words: Mapping[str, str]


def draw(blocks: list[Block], sender: str, contact: str, *, letters: bool = False) -> bytes:
    """Sheets, several a page with a line to cut along; letters: a page each, with an address and a text above the boxes.

    words of a block: title, number, day, scan, paper, ask; of a letter also intro."""
    fonts()
    out = BytesIO()
    with DRAWING:
        page = _Page(Canvas(out, pagesize=A4, pageCompression=1), sender, contact)
        for block in blocks:
            page.letter(block) if letters else page.sheet(block)
        page.end()
    return out.getvalue()


def poster(title: str, house: str, steps: list[tuple[str, ...]], link: str, sender: str, contact: str) -> bytes:
    """A page for the staircase. steps: the same steps in each language."""
    fonts()
    out = BytesIO()
    with DRAWING:
        page = _Page(Canvas(out, pagesize=A4, pageCompression=1), sender, contact)
        page.poster(title, house, steps, link)
        page.end()
    return out.getvalue()


class _Page:
    """Pages walked down from the top; y is the distance from the top edge."""

    def __init__(self, canvas: Canvas, sender: str, contact: str):
        self.canvas, self.sender, self.contact, self.y = canvas, sender, contact, TOP
        for set_ in (canvas.setTitle, canvas.setAuthor):
            set_(sender)
        canvas.setCreator("Resident")

    def end(self) -> None:
        if self.y > TOP or self.canvas.getPageNumber() == 1:
            self.canvas.showPage()
        self.canvas.save()

    def turn(self) -> None:
        self.canvas.showPage()
        self.y = TOP

    # ---- A home ------------------------------------------------------------------------------------------------------

    def sheet(self, block: Block) -> None:
        height = self.height(block)
        if self.y > TOP and self.y + height > HEIGHT - BOTTOM:
            self.turn()
        self.home(block)
        self.y += 4 * mm
        self.canvas.setDash(1, 3)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(8 * mm, HEIGHT - self.y, WIDTH - 8 * mm, HEIGHT - self.y)
        self.canvas.setDash()
        self.y += 4 * mm

    def height(self, block: Block) -> float:
        return 26 * mm + max(len(block.boxes) * ROW, CODE + 13 * mm) + 9 * mm

    def letter(self, block: Block) -> None:
        self.text(self.sender, BOLD, HEAD)
        self.y = ADDRESS
        for line in block.address:
            self.text(line, width=80 * mm)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(5 * mm, HEIGHT - FOLD, 9 * mm, HEIGHT - FOLD)
        self.y = FOLD - 6 * mm
        self.text(block.words["intro"])
        self.y += 4 * mm
        self.home(block)
        self.turn()

    def home(self, block: Block) -> None:
        top, words = self.y, block.words
        self.text(words["title"], size=SMALL, grey=True)
        self.text(block.home, BOLD, HEAD, width=110 * mm)
        self.short(block, top)
        self.y += 4 * mm
        self.put(LEFT, self.y + 5 * mm, words["day"])
        self.cells(LEFT + 72 * mm, self.y, (2, 2, 4))
        self.y += BOX + 5 * mm
        beside = self.y
        for box in block.boxes:
            self.counter(*box)
        if block.link:
            self.code(block.link, RIGHT - CODE, beside, CODE)
            below = self.y
            self.y = beside + CODE
            self.text(words["scan"], size=SMALL, x=RIGHT - CODE, width=CODE)
            self.y = max(below, self.y)
        self.y += 1 * mm
        self.text(f"{words['paper']} {words['ask']} {self.contact}", size=SMALL, grey=True)

    def short(self, block: Block, top: float) -> None:
        """The number of the sheet, and the same as bars for a scanner."""
        bars = Code128(block.short, barHeight=8 * mm, barWidth=0.33 * mm, quiet=False)
        bars.drawOn(self.canvas, RIGHT - bars.width, HEIGHT - top - 10 * mm)
        self.put(RIGHT, top + 14 * mm, f"{block.words['number']} {block.short}", BOLD, right=True)

    def counter(self, name: str, serial: str, measure: str, digits: int, decimals: int) -> None:
        top, self.y = self.y, self.y - 1 * mm
        self.text(name, BOLD, width=BOXES - 3 * mm)
        self.text(serial, size=SMALL, grey=True, width=BOXES - 3 * mm)
        beneath, self.y = self.y, top
        across = self.cells(LEFT + BOXES, self.y, (digits,))
        if decimals:
            self.put(across + 0.6 * mm, self.y + BOX - 0.6 * mm, ",", BOLD, HEAD)
            self.canvas.setStrokeColorRGB(0.64, 0.13, 0.11)
            across = self.cells(across + 3 * mm, self.y, (decimals,))
            self.canvas.setStrokeGray(0)
        self.put(across + 1.5 * mm, self.y + BOX - 1.5 * mm, measure, size=SMALL)
        self.y = max(top + ROW, beneath + 2 * mm)

    def cells(self, x: float, y: float, groups: tuple[int, ...]) -> float:
        """Empty boxes, a gap between groups; where they end."""
        self.canvas.setLineWidth(0.9)
        for place, group in enumerate(groups):
            x += 2 * mm if place else 0
            for _each in range(group):
                self.canvas.rect(x, HEIGHT - y - BOX, 5.6 * mm, BOX)
                x += 5.6 * mm
        return x

    # ---- A house -----------------------------------------------------------------------------------------------------

    def poster(self, title: str, house: str, steps: list[tuple[str, ...]], link: str) -> None:
        self.y = 22 * mm
        self.text(house, size=HEAD + 3)
        self.text(title, BOLD, BIG)
        self.y += 6 * mm
        size = 78 * mm
        self.code(link, (WIDTH - size) / 2, self.y, size)
        self.y += size + 6 * mm
        for told in steps:
            for number, step in enumerate(told, 1):
                self.put(LEFT, self.y + (BODY + 1) * 1.4, f"{number}.", size=BODY + 1)
                self.text(step, size=BODY + 1, x=LEFT + 7 * mm)
            self.y += 4 * mm
        self.text(f"{self.sender} · {self.contact}", size=BODY, grey=True)

    # ---- Pieces ------------------------------------------------------------------------------------------------------

    def code(self, link: str, x: float, y: float, size: float) -> None:
        symbol.draw(self.canvas, symbol.square(link), x, HEIGHT - y - size, size)

    def text(
        self, text: str, font: str = PLAIN, size: float = BODY, *, grey: bool = False, x: float = LEFT, width: float | None = None
    ) -> None:
        """Wrapped lines, each a step down."""
        for line in wrapped(text, font, size, width or RIGHT - x):
            self.y += size * 1.4
            self.put(x, self.y, line, font, size, grey=grey)

    def put(
        self, x: float, y: float, text: str, font: str = PLAIN, size: float = BODY, *, right: bool = False, grey: bool = False
    ) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillGray(GREY if grey else 0)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, HEIGHT - y, text)
