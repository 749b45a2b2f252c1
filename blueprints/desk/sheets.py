"""Papers for readings, and readings from papers (B14): sheets with a code per home, letters with a link, posters; bulk entry.

No paper bears a name: letters are to the residents of a home, so nobody's address is told, under non-disclosure neither.
"""

from flask import Blueprint, make_response, request

from resident.homes.organisation import Organisation
from resident.metering import paper, reminding
from resident.metering.window import TAKES_READINGS

from .. import _sheet_words
from .._download import disposition
from .._gate import staff
from .._locale import _
from .._web import page, require, session, settings
from . import _window

bp = Blueprint("desk_sheets", __name__, url_prefix="/desk/windows/<int:id>/papers")


@bp.get("")
@staff("readings")
def index(id):
    facts = _facts(id)
    return page("desk/sheets/index.html", **facts, title=_("Papers for readings"), counts=_counts(facts))


@bp.get("/sheets")
@staff("readings")
def sheets(id):
    """Several a page, to cut apart."""
    return _drawn(_facts(id), _("Reading sheets"), letters=False)


@bp.get("/letters")
@staff("readings")
def letters(id):
    """A page each, for an envelope with a window."""
    return _drawn(_facts(id), _("Letters"), letters=True)


def _drawn(facts: dict, name: str, letters: bool):
    """Made anew each time and kept nowhere."""
    require(facts["open"])
    whose = request.args.get("whose") if request.args.get("whose") in paper.WHOSE else "all"
    organisation = session.get_one(Organisation, facts["building"].organisation_id)
    content = _sheet_words.pdf(_sheets(facts, whose), organisation, facts["period"].name, facts["window"], letters)
    return _saved(content, name, facts)


@bp.get("/poster")
@staff("readings")
def poster(id):
    facts = _facts(id)
    building, organisation = facts["building"], session.get_one(Organisation, facts["building"].organisation_id)
    house = building.address
    if facts["staircase"]:
        house = _("%(address)s, staircase %(name)s", address=building.address, name=facts["staircase"])
    return _saved(_sheet_words.poster(organisation, house, building.id), _("Poster"), facts)


def _saved(content: bytes, name: str, facts: dict):
    answer = make_response(content)
    answer.headers["Content-Type"] = "application/pdf"
    named = " ".join(filter(None, (name, facts["building"].address, facts["staircase"], facts["period"].name)))
    answer.headers["Content-Disposition"] = disposition(f"{named}.pdf", download=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _facts(id: int) -> dict:
    """The window and its house, and the staircase that was chosen. A supplier sees its own meters only, so no whole sheet."""
    facts = _window.place(id, "readings")
    require(facts["media"] is None)
    facts["open"] = facts["today"] <= facts["window"].last and facts["period"].state in TAKES_READINGS
    return facts | _window.staircase(facts["building"])


def _sheets(facts: dict, whose: str) -> list[paper.Sheet]:
    ways = reminding.channels(settings())
    return paper.sheets(session, facts["period"], facts["duty"].organisation, facts["staircase"], whose, ways=ways)


def _counts(facts: dict) -> dict[str, int]:
    return {whose: len(_sheets(facts, whose)) for whose in paper.WHOSE} if facts["open"] else dict.fromkeys(paper.WHOSE, 0)
