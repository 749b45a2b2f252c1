"""Bars as inline SVG, for the eye and the ear (look.md, "Chart"): no viewBox, x in per cent and y in pixels, so that letters stay
12 px at any width. The same figures stand in a table beneath: the caller's part."""

from collections.abc import Callable
from functools import lru_cache
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
    paired = any(bar.was is not None for bar in bars)
    for place, (bar, where) in enumerate(zip(bars, _places(len(bars), left, paired), strict=True)):
        drawn += _drawn(bar, where, top, place == newest and figure)
    drawn.append("</svg>")
    return Markup("".join(drawn))


class _Place(NamedTuple):
    """Where the bars of one place stand, as the attributes say it."""

    was: str
    own: str
    broad: str
    middle: str
    own_middle: str
    from_: str
    to: str


@lru_cache(maxsize=256)
def _places(count: int, left: int, paired: bool) -> tuple[_Place, ...]:
    """left in hundredths of a per cent of the width. They are the same on all pages of a kind."""
    wide = (10000 - left) // count
    broad, begins = (wide * 36 // 100, wide * 54 // 100) if paired else (wide * 64 // 100, wide * 18 // 100)
    found = []
    for x in range(left, left + wide * count, wide):
        edges = (x + wide * 10 // 100, x + begins, broad, x + wide // 2, x + begins + broad // 2, x, x + wide)
        found.append(_Place(*map(_percent, edges)))
    return tuple(found)


def _drawn(bar: Bar, where: _Place, top: int, figure) -> list[str]:
    """The bars of one place."""
    drawn = []
    if bar.was is not None:
        drawn.append(_rect("was", where.was, where.broad, bar.was, top))
    if bar.now is not None:
        drawn.append(_rect("now est" if bar.estimated else "now", where.own, where.broad, bar.now, top))
    if bar.mark is not None:
        y = FOOT - bar.mark * ROOM // top
        drawn.append(f'<line class="avg" x1="{where.from_}" x2="{where.to}" y1="{y}" y2="{y}"/>')
    if bar.name:
        strong = ' class="strong"' if figure else ""
        drawn.append(f'<text{strong} x="{where.middle}" y="{NAMES}" text-anchor="middle">{escape(bar.name)}</text>')
    if figure:
        y = FOOT - _tall(bar.now, top) - 8
        drawn.append(f'<text class="strong" x="{where.own_middle}" y="{y}" text-anchor="middle">{escape(figure(bar.now))}</text>')
    return drawn


def _rect(look: str, x: str, broad: str, value: int, top: int) -> str:
    tall = _tall(value, top)
    return f'<rect class="{look}" x="{x}" y="{FOOT - tall}" width="{broad}" height="{tall}"/>' if tall else ""


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
