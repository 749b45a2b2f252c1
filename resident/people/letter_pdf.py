"""Start letters as one PDF: a page each, folded in three for an envelope with a window (DIN 5008 B; the Finnish window lies
within it). What must not show through the window stands below the first fold.

Nothing in the data is read as markup. The words come from outside (sentences live at the edge).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .. import symbol
from ..format import Format
from ..money.invoice_pdf import BOLD, DRAWING, PLAIN, fonts, wrapped
from .identifier import shown
from .letter import Issued

WIDTH, HEIGHT = A4
LEFT, RIGHT = 25 * mm, WIDTH - 20 * mm
SMALL, BODY, HEAD, BIG, SECRET = 8, 10.5, 11, 16, 17
GREY = 0.35
FOLDS = (105 * mm, 210 * mm)
# The window: from 20 mm from the left and 45 mm from the top, 85 mm by 45 mm.
SENDER, ADDRESS = 48 * mm, 57 * mm
CODE = 34 * mm
# The words that draw() asks for, in a letter's language.
WORDS = ("title", "intro", "home", "username", "password", "valid", "steps", "address", "secret", "ask")


@dataclass(frozen=True, slots=True)
class Sender:
    """The organisation as it stands on its letters."""

    name: str
    address: str | None
    phone: str | None
    email: str | None
    hours: str | None


def draw(
    letters: list[Issued], sender: Sender, url: str, words: Callable[[Issued], Mapping], fmt: Callable[[str], Format]
) -> bytes:
    """The PDF. url: of the sign-in page; words: by letter, a text for each of WORDS ("steps": several); fmt: by language."""
    fonts()
    out = BytesIO()
    with DRAWING:
        canvas = Canvas(out, pagesize=A4, pageCompression=1)
        canvas.setTitle(sender.name)
        canvas.setAuthor(sender.name)
        canvas.setCreator("Resident")
        _code(canvas, url)
        for letter in letters:
            _Sheet(canvas).letter(letter, sender, url, words(letter), fmt(letter.language))
            canvas.showPage()
        canvas.save()
    return out.getvalue()


def _code(canvas: Canvas, url: str) -> None:
    """The QR code of the address, drawn once and shown on every page."""
    canvas.beginForm("code", 0, 0, CODE, CODE)
    symbol.draw(canvas, symbol.square(url), 0, 0, CODE)
    canvas.endForm()


class _Sheet:
    """One page, walked down from the top. y is the distance from the top edge."""

    def __init__(self, canvas: Canvas):
        self.canvas, self.y = canvas, 0.0

    def letter(self, letter: Issued, sender: Sender, url: str, words: Mapping, fmt: Format) -> None:
        self.marks()
        self.head(letter, sender, fmt)
        self.y = FOLDS[0] + 4 * mm
        self.block(words["title"], BOLD, BIG)
        self.y += 2 * mm
        self.block(words["intro"])
        self.secrets(letter, words)
        self.y += 3 * mm
        for place, step in enumerate(words["steps"], 1):
            self.step(place, step)
        self.block(f"{words['address']} {url}", BOLD)
        self.y += 3 * mm
        self.block(words["secret"])
        self.block(" ".join((words["ask"], _contact(sender))))

    def marks(self) -> None:
        self.canvas.setLineWidth(0.4)
        self.canvas.setStrokeGray(0.6)
        for fold in FOLDS:
            self.canvas.line(5 * mm, HEIGHT - fold, 9 * mm, HEIGHT - fold)
        self.canvas.setStrokeGray(0)

    def head(self, letter: Issued, sender: Sender, fmt: Format) -> None:
        self.y = 17 * mm
        self.block(sender.name, BOLD, HEAD)
        self.put(RIGHT, 17 * mm + HEAD * 1.4, fmt.date(letter.issued_on), right=True)
        self.y = SENDER
        self.block(" · ".join(filter(None, (sender.name, sender.address))), size=SMALL - 1, grey=True, width=80 * mm)
        self.y = max(self.y, ADDRESS - BODY * 1.4)
        for line in letter.lines:
            self.block(line, width=80 * mm)

    def secrets(self, letter: Issued, words: Mapping) -> None:
        """The frame with what signs in, and the code beside it."""
        self.y += 4 * mm
        top, width = self.y, RIGHT - LEFT - CODE - 12 * mm
        self.y += 1 * mm
        if letter.home:
            self.pair(words["home"], letter.home, width, BODY)
        self.pair(words["username"], shown(letter.identifier), width, SECRET)
        self.pair(words["password"], letter.password, width, SECRET)
        self.y += 1 * mm
        self.block(words["valid"], indent=4 * mm, width=width)
        beneath = max(self.y + 3 * mm, top + CODE + 6 * mm)
        self.canvas.setLineWidth(1)
        self.canvas.rect(LEFT, HEIGHT - beneath, RIGHT - LEFT, beneath - top)
        self.canvas.saveState()
        self.canvas.setFillGray(0)
        self.canvas.translate(RIGHT - CODE - 4 * mm, HEIGHT - (top + beneath) / 2 - CODE / 2)
        self.canvas.doForm("code")
        self.canvas.restoreState()
        self.y = beneath

    def pair(self, name: str, value: str, width: float, size: float) -> None:
        self.y += 1 * mm
        self.block(name, size=SMALL, grey=True, indent=4 * mm, width=width)
        self.block(value, BOLD, size, indent=4 * mm, width=width)

    def step(self, place: int, text: str) -> None:
        self.put(LEFT, self.y + BODY * 1.4, f"{place}.")
        self.block(text, indent=6 * mm)
        self.y += 1 * mm

    def block(
        self, text: str, font: str = PLAIN, size: float = BODY, *, grey: bool = False, indent: float = 0, width: float | None = None
    ) -> None:
        """Wrapped lines, each a step down."""
        for line in wrapped(text, font, size, width or RIGHT - LEFT - indent):
            self.y += size * 1.4
            self.put(LEFT + indent, self.y, line, font, size, grey=grey)

    def put(
        self, x: float, y: float, text: str, font: str = PLAIN, size: float = BODY, *, right: bool = False, grey: bool = False
    ) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillGray(GREY if grey else 0)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, HEIGHT - y, text)


def _contact(sender: Sender) -> str:
    return " · ".join(part for part in (sender.name, sender.phone, sender.email, sender.hours) if part)
