"""Bars as inline SVG, for the eye and the ear (look.md, "Chart"): no viewBox, x in per cent and y in pixels, so that letters stay
12 px at any width. The same figures stand in a table beneath: the caller's part."""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup, escape

from resident.db import SCALE

# Pixels: where bars stand, the room above them, where their names are.
FOOT, ROOM, NAMES = 184, 150, 204
# Hundredths of a per cent of the width that the axis' figures take, by how many letters they have.
AXIS = ((2, 700), (3, 950), (4, 1150), (6, 1450), (99, 1800))
MOST_TICKS = 4
# Up to so many places the newest bar has its number: among more there is no room.
NUMBERED = 13


class Bar(NamedTuple):
    """One place on the chart, in millionths. now None: nothing is known; was: the same a year before; mark: what it is compared
    with; name: under it, "" for none."""

    name: str
    now: int | None
    was: int | None = None
    estimated: bool = False
    mark: int | None = None


def chart(id: str, title: str, about: str, bars: list[Bar], figure: Callable[[int], str], axis: Callable[[int], str]) -> Markup:
    """title and about say to whoever does not see it what it shows and what is found; figure prints the newest bar's value,
    axis a round number."""
    step = _step(max((value for bar in bars for value in bar[1:3] + bar[4:] if value), default=0))
    ticks = _ticks(bars, step)
    left = next(room for letters, room in AXIS if max(len(axis(tick)) for tick in ticks) <= letters)
    known = [place for place, bar in enumerate(bars) if bar.now is not None]
    newest = known[-1] if known and len(bars) <= NUMBERED else None
    drawn = [
        f'<svg class="chart" role="img" aria-labelledby="{id}-t" aria-describedby="{id}-d">',
        f'<title id="{id}-t">{escape(title)}</title><desc id="{id}-d">{escape(about)}</desc>',
    ]
    top = ticks[-1] or 1
    for tick in ticks:
        y = FOOT - tick * ROOM // top
        drawn.append(
            f'<line x1="{_percent(left)}" x2="100%" y1="{y}.5" y2="{y}.5"/>'
            f'<text x="{_percent(left - 150)}" y="{y + 4}" text-anchor="end">{escape(axis(tick))}</text>'
        )
    wide, paired = (10000 - left) // len(bars), any(bar.was is not None for bar in bars)
    for place, bar in enumerate(bars):
        drawn += _drawn(bar, left + place * wide, wide, top, paired, place == newest and figure)
    drawn.append("</svg>")
    return Markup("".join(drawn))


def _drawn(bar: Bar, x: int, wide: int, top: int, paired: bool, figure) -> list[str]:
    """The bars of one place, x and wide in hundredths of a per cent."""
    drawn = []
    broad = wide * 36 // 100 if paired else wide * 64 // 100
    own = x + wide * 54 // 100 if paired else x + wide * 18 // 100
    if bar.was is not None:
        drawn.append(_rect("was", x + wide * 10 // 100, broad, bar.was, top))
    if bar.now is not None:
        drawn.append(_rect("now est" if bar.estimated else "now", own, broad, bar.now, top))
    if bar.mark is not None:
        y = FOOT - bar.mark * ROOM // top
        drawn.append(f'<line class="avg" x1="{_percent(x)}" x2="{_percent(x + wide)}" y1="{y}" y2="{y}"/>')
    if bar.name:
        strong = ' class="strong"' if figure else ""
        drawn.append(f'<text{strong} x="{_percent(x + wide // 2)}" y="{NAMES}" text-anchor="middle">{escape(bar.name)}</text>')
    if figure:
        y = FOOT - _tall(bar.now, top) - 8
        drawn.append(
            f'<text class="strong" x="{_percent(own + broad // 2)}" y="{y}" text-anchor="middle">{escape(figure(bar.now))}</text>'
        )
    return drawn


def _rect(look: str, x: int, broad: int, value: int, top: int) -> str:
    tall = _tall(value, top)
    return f'<rect class="{look}" x="{_percent(x)}" y="{FOOT - tall}" width="{_percent(broad)}" height="{tall}"/>' if tall else ""


def _tall(value: int, top: int) -> int:
    """Pixels; what is used at all can be seen. Use below nothing, where a value was set right, has no bar."""
    return max(value * ROOM // top, 1) if value > 0 else 0


def _percent(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}%" if rest else f"{whole}%"


def _step(top: int) -> int:
    """A round distance of the axis' lines: 1, 2 or 5 and noughts, at the most MOST_TICKS of them up to the top."""
    step = 1
    while True:
        for round_one in (step, 2 * step, 5 * step):
            if round_one * MOST_TICKS >= top:
                return round_one if top else SCALE
        step *= 10


def _ticks(bars: list[Bar], step: int) -> list[int]:
    top = max((value for bar in bars for value in (bar.now, bar.was, bar.mark) if value), default=0)
    return list(range(0, max(-(-top // step), 1) * step + 1, step))
