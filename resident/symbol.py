"""Codes as shapes: dark runs of a QR code, dark bars of a Code 128; as a picture for a page, as a path for a PDF.

A code's mask is given, not searched for: readers take any, and the search is four fifths of the time.
"""

from dataclasses import dataclass
from functools import lru_cache

MASK = 3
# Light modules around a code, without which no reader finds it.
QUIET = 4


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code: modules to a side, and dark runs (x, y, length) in them, y from the top. Quiet zone not included."""

    side: int
    runs: tuple[tuple[int, int, int], ...]


@lru_cache(maxsize=64)
def square(content: str | bytes, level: str = "m") -> Square:
    """The QR code of a text, or of octets in whatever letters they are. level: l or m, how much may be spoilt."""
    # Wanted on few pages only.
    import segno

    # Octets of other letters carry no mark of them: the code itself says which they are.
    letters = {"encoding": "utf-8"} if isinstance(content, str) else {}
    made = segno.make_qr(content, error=level, mode="byte", boost_error=False, mask=MASK, **letters)
    return Square(len(made.matrix), tuple(run for y, row in enumerate(made.matrix) for run in _dark(y, row)))


def _dark(y: int, row: bytearray):
    began = None
    for x, dark in enumerate((*row, 0)):
        if dark and began is None:
            began = x
        elif not dark and began is not None:
            yield began, y, x - began
            began = None


def svg(content: str | bytes, level: str = "m") -> str:
    """A picture of its own, black on white with its quiet zone whatever the colours of the page."""
    code = square(content, level)
    side, path, row, ends = code.side + 2 * QUIET, [], None, 0
    # A stroke along the middle of each row, from where the one before ended: a third of the octets of squares.
    for x, y, length in code.runs:
        path.append(f"m{x - ends} 0h{length}" if y == row else f"M{x + QUIET} {y + QUIET}.5h{length}")
        row, ends = y, x + length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path stroke="#000" d="{"".join(path)}"/></svg>'
    )


def draw(canvas, code: Square, left: float, bottom: float, size: float) -> None:
    """A QR code without its quiet zone on a canvas of reportlab, in points. All dark runs are one path: a path each would take
    half of a paper's time."""
    module = size / code.side
    runs = " ".join(f"{x} {code.side - 1 - y} {length} 1 re" for x, y, length in code.runs)
    _path(canvas, f"{module:.4f} 0 0 {module:.4f} {left:.3f} {bottom:.3f} cm {runs} f")


def draw_bars(canvas, digits: str, left: float, bottom: float, module: float, height: float) -> None:
    """The bars of bars(), as draw()."""
    _width, dark = bars(digits)
    runs = " ".join(f"{x} 0 {width} {height} re" for x, width in dark)
    _path(canvas, f"{module} 0 0 1 {left:.3f} {bottom:.3f} cm {runs} f")


def _path(canvas, marks: str) -> None:
    canvas.saveState()
    canvas.setFillGray(0)
    canvas.addLiteral(marks)
    canvas.restoreState()


@lru_cache(maxsize=64)
def bars(digits: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """(modules across, dark bars (x, width)) of an even number of digits in Code 128 C, check symbol and stop included."""
    from reportlab.graphics.barcode.code128 import Code128

    code = Code128(digits, quiet=0)
    code.validate()
    code.encode()
    code.decompose()
    x, dark = 0, []
    # Capital letters are bars, small ones the light between them; each as wide as its place in the alphabet.
    for sign in code.decomposed:
        width = ord(sign.upper()) - ord("A") + 1
        if sign.isupper():
            dark.append((x, width))
        x += width
    return x, tuple(dark)
