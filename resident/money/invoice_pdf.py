"""An invoice as PDF: text drawn as text, every page with its heads, the same octets for the same invoice.

Nothing in the data is read as markup. The words come from outside (sentences live at the edge).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Protocol

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from .. import symbol
from ..format import Format
from ..paying.payment_code import PaymentCode, account
from .sheet import Line, Sheet

# Streams as they are, not written in letters.
rl_config.useA85 = 0
FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "DejaVu Sans", "DejaVu Sans Bold"
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 51, WIDTH - 51, HEIGHT - 51, 71
SMALL, BODY, HEAD, BIG = 7.5, 9, 11, 16
GREY = 0.35
# Right edges of the columns quantity, unit price, amount; the text has what is left of them.
COLUMNS = (RIGHT - 150, RIGHT - 75, RIGHT)
TEXT_WIDTH = COLUMNS[0] - LEFT - 75
# A QR code with the light around it, and the bank barcode: module and height as Finance Finland has them.
SQUARE, BAR, BAR_HEIGHT = 104, 0.94, 36
# A font reads its file from where it last stood: two papers at once would spoil each other's letters.
DRAWING = Lock()
# The words that draw() asks for. "page" holds %(page)d and %(pages)d, "days" %(first)s and %(last)s, of counters too.
WORDS = (
    "title", "number", "issued", "due", "month", "payer", "home", "account", "payee", "iban", "bank_account", "bic", "bank",
    "reference", "total", "what", "quantity", "price", "sum", "estimated_mark", "page", "currency", "code", "barcode", "open",
    "days", "els", "zku", "seller_vat", "buyer_vat", "vat_by_rate", "vat_net", "vat", "vat_gross", "invoice",
)  # fmt: skip


class Rate(Protocol):
    """All lines of one rate of VAT, in minor units; called: the rate in words."""

    called: str
    net: int
    vat: int
    gross: int


class Vat(Protocol):
    """seller, buyer: their numbers or ""; lines: in words, for each line of the sheet; rates: their totals."""

    seller: str
    buyer: str
    lines: Sequence[str]
    rates: Sequence[Rate]


def laid_out(
    sheet: Sheet,
    words: Mapping[str, str],
    fmt: Format,
    notes: tuple[str, ...] = (),
    code: PaymentCode | None = None,
    vat: Vat | None = None,
) -> "_Paper":
    """A paper for draw(). words: a text for each of WORDS; notes: sentences under the lines (rule 29); code: what pays it; vat:
    what is said of VAT (rule 30)."""
    fonts()
    paper = _Paper(sheet, words, fmt, code, vat)
    paper.head()
    paper.payment()
    paper.lines()
    paper.rates()
    paper.notes(notes)
    paper.barcode()
    return paper


def draw(papers: Sequence["_Paper"]) -> bytes:
    """Papers one after another in one PDF, which is called as the first of them. Their letters are embedded once: a tenth of the
    octets of as many PDFs."""
    with DRAWING:
        return _octets(papers)


@lru_cache(maxsize=1)
def fonts() -> None:
    # Only the letters that stand on the page are embedded, not all of ASCII: a quarter less time and octets.
    pdfmetrics.registerFont(TTFont(PLAIN, FONTS / "DejaVuSans.ttf", asciiReadable=False))
    pdfmetrics.registerFont(TTFont(BOLD, FONTS / "DejaVuSans-Bold.ttf", asciiReadable=False))


def wrapped(text: str, font: str, size: float, width: float) -> Iterator[str]:
    """The text in lines of at most the width; a word that is longer than a line is cut."""
    line = ""
    # No-break spaces hold figures and units together.
    for word in re.split(r"[ \t\r\n]+", str(text).strip()):
        candidate = f"{line} {word}" if line else word
        if pdfmetrics.stringWidth(candidate, font, size) <= width:
            line = candidate
            continue
        if line:
            yield line
        while pdfmetrics.stringWidth(word, font, size) > width:
            cut = _fitting(word, font, size, width)
            yield word[:cut]
            word = word[cut:]
        line = word
    yield line


def _fitting(word: str, font: str, size: float, width: float) -> int:
    """How many letters fit, at the least one."""
    used = 0.0
    for place, letter in enumerate(word):
        used += pdfmetrics.stringWidth(letter, font, size)
        if used > width:
            return max(place, 1)
    return len(word)


class _Paper:
    """A cursor that walks down the pages. The foot of a page is drawn at the end, when their number is known."""

    def __init__(self, sheet: Sheet, words: Mapping[str, str], fmt: Format, code: PaymentCode | None, vat: Vat | None):
        self.sheet, self.words, self.fmt, self.code, self.vat = sheet, words, fmt, code, vat
        self.pages: list[list[tuple]] = [[]]
        self.y = TOP

    # Marks on the page ----------------------------------------------------------------------------------------------

    def put(self, x: float, text: str, font: str = PLAIN, size: float = BODY, right: bool = False, grey: bool = False):
        self.pages[-1].append(("text", x, self.y, str(text), font, size, right, grey))

    def rule(self, weight: float):
        self.pages[-1].append(("rule", self.y, weight))

    def down(self, points: float):
        self.y -= points

    def block(self, x: float, width: float, text: str, font: str = PLAIN, size: float = BODY, grey: bool = False):
        """Wrapped lines, each a step down; goes on over the page's end."""
        for line in wrapped(text, font, size, width):
            self.room(size * 1.4)
            self.down(size * 1.4)
            self.put(x, line, font, size, grey=grey)

    def room(self, points: float) -> bool:
        """Begin a page when so much does not fit; True when it did not."""
        if self.y - points >= BOTTOM:
            return False
        self.pages.append([])
        self.y = TOP
        return True

    # What stands on it ----------------------------------------------------------------------------------------------

    def head(self):
        sheet, words = self.sheet, self.words
        creditor = sheet.creditor
        self.block(LEFT, RIGHT - LEFT, creditor["name"], BOLD, HEAD)
        own = f"{words['seller_vat']}: {self.vat.seller}" if self.vat and self.vat.seller else None
        about = (creditor["registry_code"], own, creditor["address"], creditor["phone"], creditor["email"])
        self.block(LEFT, RIGHT - LEFT, " · ".join(filter(None, about)), size=SMALL, grey=True)
        self.down(20)
        self.block(LEFT, RIGHT - LEFT, words["title"], BOLD, BIG)
        self.down(6)
        for name, value in (
            ("number", sheet.number),
            ("issued", self.fmt.date(sheet.issued)),
            ("month", self.span(*sheet.span) if sheet.span else self.fmt.month(sheet.month)),
            ("payer", sheet.addressee.get("name")),
            ("buyer_vat", self.vat and self.vat.buyer),
            ("home", sheet.addressee.get("home") or sheet.addressee.get("address")),
        ):
            self.pair(words[name], value)

    def pair(self, name: str, value: str | None, font: str = PLAIN, right: float = RIGHT):
        if value:
            self.room(BODY * 1.4)
            top = self.y
            self.block(LEFT, 125, name, grey=True)
            beneath, page, self.y = self.y, len(self.pages), top
            self.block(LEFT + 135, right - LEFT - 135, value, font)
            self.y = min(self.y, beneath) if len(self.pages) == page else self.y

    def payment(self):
        """Where the money goes, and the code beside it."""
        page, beneath = len(self.pages), self.y
        if self.code:
            self.room(SQUARE + 60)
            page, beneath = len(self.pages), self.y - SQUARE - 50
        self.down(10)
        self.rule(1.5)
        right = self.square() if self.code else RIGHT
        for name, value, font in self.to_pay():
            self.pair(self.words[name], value, font, right)
        self.y = min(self.y, beneath) if len(self.pages) == page and self.code else self.y
        self.down(18)

    def to_pay(self) -> Iterator[tuple[str, str | None, str]]:
        """(name of the word, value, font) of what a payer needs. Who has a credit pays nothing: whose it is, and how much."""
        sheet, payee, (kind, number) = self.sheet, self.sheet.payee, account(self.sheet)
        if sheet.total <= 0:
            yield "account", sheet.account, PLAIN
            yield "total", self.fmt.money(sheet.total, sheet.currency), BOLD
            return
        yield "payee", payee.get("payee") or sheet.creditor["name"], PLAIN
        yield {"iban": "iban"}.get(kind, "bank_account"), self.fmt.bank_account(number), PLAIN
        for name in ("bic", "bank"):
            yield name, payee.get(name), PLAIN
        # A personal account is the reference, and like an account number of one's own not said twice.
        personal = sheet.account == sheet.reference
        yield "account", sheet.account, BOLD if personal else PLAIN
        for name in ("els", "zku"):
            yield name, sheet.state_numbers.get(name), PLAIN
        if number != sheet.reference and not personal:
            yield "reference", self.words.get("reference_value") or sheet.reference, BOLD
        yield "due", self.fmt.date(sheet.due), BOLD
        yield "total", self.fmt.money(sheet.total, sheet.currency), BOLD
        # What the code asks for, where a part was paid before the paper was drawn.
        if self.code and sheet.open not in (None, sheet.total):
            yield "open", self.fmt.money(sheet.open, sheet.currency), BOLD

    def square(self) -> float:
        """The QR code at the right, with what it is under it; where the text beside it ends."""
        code = symbol.square(self.code.content, self.code.level)
        left, top, bottom = RIGHT - SQUARE, self.y - 11, self.y
        self.pages[-1].append(("square", left, top, code))
        self.y = top - SQUARE - 8
        for line in wrapped(self.words["code"], PLAIN, SMALL, SQUARE):
            self.down(SMALL * 1.3)
            self.put(left, line, size=SMALL, grey=True)
        self.y = bottom
        return left - 12

    def barcode(self):
        """The bank barcode at the foot of the text, its digits under it."""
        if not self.code or not self.code.barcode:
            return
        self.down(16)
        self.room(BAR_HEIGHT + 40)
        self.put(LEFT, self.words["barcode"], size=SMALL, grey=True)
        self.down(BAR_HEIGHT + 8)
        self.pages[-1].append(("bars", self.y, self.code.barcode))
        self.down(12)
        self.put(LEFT, self.code.barcode, size=SMALL)

    def lines(self):
        self.columns()
        taxes = self.vat.lines if self.vat else [""] * len(self.sheet.lines)
        for line, tax in zip(self.sheet.lines, taxes, strict=True):
            self.line(line, tax)
        self.room(30)
        self.rule(1.5)
        self.down(14)
        self.put(LEFT, self.words["total"], BOLD, HEAD)
        self.put(RIGHT, self.fmt.money(self.sheet.total, self.sheet.currency), BOLD, HEAD, right=True)
        self.down(12)

    def columns(self):
        """The heads of the columns; again on every page that lines stand on."""
        self.down(SMALL * 1.4)
        self.put(LEFT, self.words["what"], size=SMALL, grey=True)
        for edge, name in zip(COLUMNS, ("quantity", "price", "sum"), strict=True):
            self.put(edge, self.words[name], size=SMALL, right=True, grey=True)
        self.down(4)
        self.rule(0.75)

    def line(self, line: Line, tax: str):
        text = f"{line.text} ({self.words['estimated_mark']})" if line.estimated else line.text
        rows = list(wrapped(text, PLAIN, BODY, TEXT_WIDTH))
        days = line.in_part and self.span(line.first, line.last)
        corrects = line.corrects and f"{self.words['invoice']} {line.corrects}: {line.corrected}"
        told = (corrects, days, *self.counted(line), tax, line.note)
        about = [row for said in told if said for row in wrapped(said, PLAIN, SMALL, TEXT_WIDTH)]
        if self.room(len(rows) * BODY * 1.4 + len(about) * SMALL * 1.4 + 6):
            self.columns()
        self.down(BODY * 1.4)
        if line.quantity is not None:
            self.put(COLUMNS[0], self.fmt.quantity(line.quantity, line.measure), right=True)
        if line.unit_price is not None:
            self.put(COLUMNS[1], self.fmt.price(line.unit_price), right=True)
        self.put(COLUMNS[2], self.fmt.amount(line.amount), right=True)
        self.put(LEFT, rows[0])
        for row in rows[1:]:
            self.down(BODY * 1.4)
            self.put(LEFT, row)
        for row in about:
            self.down(SMALL * 1.4)
            self.put(LEFT, row, size=SMALL, grey=True)
        self.down(5)
        self.rule(0.25)

    def span(self, first: date, last: date) -> str:
        if first == last:
            return self.fmt.date(first)
        return self.words["days"] % {"first": self.fmt.date(first), "last": self.fmt.date(last)}

    def counted(self, line: Line) -> Iterator[str]:
        """What the counters showed; whether it is estimated, where the line is made from several."""
        for read in line.readings:
            begin, end = (self.fmt.number(value, read.decimals) for value in (read.begin, read.end))
            between = self.words["days"] % {"first": begin, "last": end}
            mark = f" ({self.words['estimated_mark']})" if read.estimated and len(line.readings) > 1 else ""
            yield f"{read.called}: {between}{mark}"

    def rates(self):
        """The totals of each rate of VAT."""
        if not self.vat or not self.vat.rates:
            return
        self.room(SMALL * 3 + (len(self.vat.rates) + 1) * BODY * 1.5)
        self.down(8)
        self.row(SMALL, True, *(self.words[name] for name in ("vat_by_rate", "vat_net", "vat", "vat_gross")))
        self.down(4)
        self.rule(0.75)
        for rate in self.vat.rates:
            self.row(BODY, False, rate.called, *(self.fmt.amount(sum_) for sum_ in (rate.net, rate.vat, rate.gross)))
        self.down(12)

    def row(self, size: float, grey: bool, name: str, *figures: str):
        self.down(size * 1.5)
        self.put(LEFT, name, size=size, grey=grey)
        for edge, figure in zip(COLUMNS, figures, strict=True):
            self.put(edge, figure, size=size, right=True, grey=grey)

    def notes(self, notes: tuple[str, ...]):
        for note in notes:
            self.down(3)
            self.block(LEFT, RIGHT - LEFT, note, size=SMALL, grey=True)

    # Drawing --------------------------------------------------------------------------------------------------------

    def draw(self, canvas: Canvas):
        for place, marks in enumerate(self.pages, 1):
            for mark in marks:
                _draw(canvas, *mark)
            self.foot(canvas, place)
            canvas.showPage()

    def foot(self, canvas: Canvas, place: int):
        canvas.setFont(PLAIN, SMALL)
        canvas.setFillGray(GREY)
        name = f"{self.sheet.creditor['name']} · {self.sheet.number}"
        canvas.drawString(LEFT, BOTTOM - 28, next(wrapped(name, PLAIN, SMALL, RIGHT - LEFT - 100)))
        canvas.drawRightString(RIGHT, BOTTOM - 28, self.words["page"] % {"page": place, "pages": len(self.pages)})


def _octets(papers: Sequence[_Paper]) -> bytes:
    first, out = papers[0], BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang=first.sheet.language)
    canvas.setTitle(first.words["title"])
    canvas.setAuthor(first.sheet.creditor["name"])
    canvas.setSubject(first.fmt.month(first.sheet.month))
    canvas.setCreator("Resident")
    for paper in papers:
        paper.draw(canvas)
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, what: str, *mark) -> None:
    if what != "text":
        {"rule": _rule, "square": _square, "bars": _bars}[what](canvas, *mark)
        return
    x, y, text, font, size, right, grey = mark
    canvas.setFont(font, size)
    canvas.setFillGray(GREY if grey else 0)
    (canvas.drawRightString if right else canvas.drawString)(x, y, text)


def _rule(canvas: Canvas, y: float, weight: float) -> None:
    canvas.setLineWidth(weight)
    canvas.line(LEFT, y, RIGHT, y)


def _square(canvas: Canvas, left: float, top: float, code: symbol.Square) -> None:
    symbol.draw(canvas, code, left, top - SQUARE, SQUARE)


def _bars(canvas: Canvas, y: float, digits: str) -> None:
    # A quiet zone of ten modules stands at the left, inside of the text's edge.
    symbol.draw_bars(canvas, digits, LEFT + 10 * BAR, y, BAR, BAR_HEIGHT)
