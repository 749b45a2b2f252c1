"""Papers for readings in each home's language: sheets, letters with a link, and posters, ready to be drawn."""

from resident import signed
from resident.homes.organisation import Organisation
from resident.metering import entry_link
from resident.metering.paper import Box, Sheet
from resident.metering.window import ReadingWindow

from . import _counters
from ._locale import _, fmt, pgettext, speaking
from ._web import settings

POSTER = "poster"


def pdf(sheets: list[Sheet], organisation: Organisation, period: str, window: ReadingWindow, letters: bool) -> bytes:
    # Papers are drawn seldom.
    from resident.metering import paper_pdf

    blocks = [_block(paper_pdf.Block, sheet, period, window) for sheet in sheets]
    return paper_pdf.draw(blocks, organisation.name, contact(organisation), letters=letters)


def _block(kind, sheet: Sheet, period: str, window: ReadingWindow):
    given = settings()
    link = f"{given.base_url}/e/{entry_link.token(given.secret_key, sheet.link)}" if sheet.link else ""
    with speaking(sheet.language):
        said, boxes = _said(period, fmt().long(window.last)), [_box(box) for box in sheet.boxes]
        # Translators: the address of a letter that names nobody; a line with the home's address follows.
        address = (_("To the residents of the home"), sheet.home)
    return kind(sheet.home, sheet.short, boxes, link, address, said)


def _box(box: Box) -> tuple[str, str, str, int, int]:
    serial = _("Meter number: %(serial)s", serial=box.serial)
    return _counters.counter(box), serial, fmt().measure(box.measure), box.digits, box.decimals


def _said(period: str, until: str) -> dict[str, str]:
    return {
        "title": _("Meter readings, %(month)s", month=fmt().month(period)),
        # Translators: before the number of a paper sheet: "Sheet 12344".
        "number": pgettext("paper", "Sheet"),
        "day": _("Day on which you read the meters"),
        "scan": _("Send them by telephone: point its camera here"),
        "paper": _("Or write the readings into the boxes and bring this paper to us by %(day)s.", day=until),
        "ask": _("Questions:"),
        "intro": _(
            "Please send the readings of your meters by %(day)s. Point your telephone’s camera at the square code: the page that "
            "opens takes the readings of this home and nothing else, and you do not need to sign in.",
            day=until,
        ),
    }


def poster(organisation: Organisation, house: str, building_id: int) -> bytes:
    from resident.metering import paper_pdf

    given = settings()
    link = f"{given.base_url}/p/{signed.sign(given.secret_key, POSTER, [building_id])}"
    told = []
    for code in organisation.languages.split():
        with speaking(code):
            told.append((_("Send your meter readings"), _steps()))
    steps = [steps for _title, steps in told]
    return paper_pdf.poster(told[0][0], house, steps, link, organisation.name, contact(organisation))


def _steps() -> tuple[str, ...]:
    return (
        _("While the reading window is open, point your telephone’s camera at the code."),
        _("Type the number of your home and the number of one of its meters. It stands on the meter."),
        _("Type what the meters show and confirm. You do not need to sign in."),
    )


def contact(organisation: Organisation) -> str:
    return " · ".join(part for part in (organisation.phone, organisation.email, organisation.hours) if part)
