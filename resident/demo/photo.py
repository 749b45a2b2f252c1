"""Photos for the demo, drawn: nobody's home is shown. Each is a JPEG of a thing that troubles somebody."""

from collections.abc import Callable
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 900)


def drawn(name: str) -> BytesIO:
    """The picture of that name (see SCENES): a wall with grain, the thing, a little blur as of a phone's lens."""
    ground, scene = SCENES[name]
    image = Image.new("RGB", SIZE, ground)
    scene(ImageDraw.Draw(image))
    noise = Image.effect_noise(SIZE, 26).convert("RGB")
    image = Image.blend(image.filter(ImageFilter.GaussianBlur(1.6)), noise, 0.08)
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    out.seek(0)
    return out


def _tiles(draw: ImageDraw.ImageDraw) -> None:
    for x in range(0, SIZE[0], 200):
        draw.line((x, 0, x, SIZE[1]), fill="#b9bfbd", width=5)
    for y in range(0, SIZE[1], 200):
        draw.line((0, y, SIZE[0], y), fill="#b9bfbd", width=5)


def _tap(draw: ImageDraw.ImageDraw) -> None:
    _tiles(draw)
    draw.rounded_rectangle((120, 640, 1080, 900), 60, fill="#eef1f0", outline="#9aa3a1", width=6)
    draw.rounded_rectangle((560, 300, 640, 660), 20, fill="#8d9695")
    draw.rounded_rectangle((330, 260, 640, 340), 40, fill="#9ea7a6")
    draw.rounded_rectangle((330, 300, 400, 430), 20, fill="#8d9695")
    draw.ellipse((560, 210, 640, 290), fill="#747d7c")
    for y, r in ((480, 11), (560, 14), (650, 17)):
        draw.ellipse((365 - r, y - r, 365 + r, y + r + 8), fill="#5f93ad")
    draw.ellipse((280, 740, 460, 790), fill="#cfe0e6")


def _damp(draw: ImageDraw.ImageDraw) -> None:
    rng = Random("damp")
    draw.rectangle((0, 0, SIZE[0], 190), fill="#d9d6cd")
    for _ in range(130):
        x, y, r = rng.gauss(640, 170), rng.gauss(330, 110), rng.randint(18, 66)
        shade = rng.choice(("#c9b995", "#bda97e", "#d2c6a6"))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=shade)
    draw.line((0, 190, SIZE[0], 190), fill="#a9a599", width=8)


def _radiator(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 800, SIZE[0], 900), fill="#a67c52")
    for x in range(220, 980, 95):
        draw.rounded_rectangle((x, 260, x + 76, 740), 30, fill="#f1f1ec", outline="#b6b6ae", width=5)
    draw.rectangle((150, 300, 230, 330), fill="#c4c4bd")
    draw.rounded_rectangle((90, 280, 170, 350), 16, fill="#e6e6e0", outline="#8b8b84", width=5)
    draw.ellipse((150, 745, 190, 800), fill="#6d98ab")


def _door(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((330, 60, 880, 900), fill="#6b4a34", outline="#3d2a1e", width=14)
    draw.rectangle((400, 140, 810, 460), fill="#a9c0c6", outline="#3d2a1e", width=8)
    draw.line((450, 150, 620, 300, 560, 450), fill="#f4f8f8", width=5)
    draw.line((620, 300, 780, 230), fill="#f4f8f8", width=4)
    draw.rounded_rectangle((780, 560, 840, 700), 12, fill="#b9b9b2")
    draw.rectangle((730, 610, 810, 632), fill="#8f8f88")


def _lamp(draw: ImageDraw.ImageDraw) -> None:
    for n in range(7):
        top = 400 + n * 75
        draw.polygon(((0, top), (SIZE[0], top - 90), (SIZE[0], top - 40), (0, top + 50)), fill=("#4a4d4c", "#393c3b")[n % 2])
    draw.rounded_rectangle((420, 90, 800, 190), 40, fill="#8a8d88", outline="#565956", width=8)
    draw.line((610, 0, 610, 90), fill="#565956", width=10)


def _counter(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 560, SIZE[0], 640), fill="#8f7a4f")
    draw.ellipse((300, 170, 900, 770), fill="#2f6ea3", outline="#1d4668", width=18)
    draw.ellipse((360, 230, 840, 710), fill="#f3f4f1")
    for n, digit in enumerate("00256740"):
        x = 410 + n * 48
        draw.rectangle((x, 360, x + 44, 430), fill="#171c1c" if n < 5 else "#a3211b")
        draw.text((x + 14, 375), digit, fill="white", font_size=38)
    draw.ellipse((560, 520, 640, 600), outline="#171c1c", width=5)
    draw.line((600, 560, 628, 536), fill="#a3211b", width=6)


SCENES: dict[str, tuple[str, Callable[[ImageDraw.ImageDraw], None]]] = {
    "hana": ("#e3e7e5", _tap),
    "niiskus": ("#e9e6dd", _damp),
    "grzejnik": ("#dcd3c0", _radiator),
    "drzwi": ("#c8c4b8", _door),
    "лампа": ("#232625", _lamp),
    "счётчик": ("#a9aaa4", _counter),
    "arvesti": ("#a9aaa4", _counter),
    "батарея": ("#dcd3c0", _radiator),
}
