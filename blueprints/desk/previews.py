"""What a period comes to, at the desk: by charge and by home, with totals that prove themselves, and what changed most."""

from flask import Blueprint, g, request

from resident import access
from resident.charging import overview, preview, working
from resident.errors import ResidentError
from resident.metering import estimating

from .. import _billing_words, _charge_words, _counters
from .._gate import staff
from .._locale import _
from .._typed import whole
from .._web import page, session
from . import _billed

bp = Blueprint("desk_previews", __name__, url_prefix="/desk/billing")
# Homes on one page.
ROWS = 50
# A home is looked at twice when its sum changed by so many minor units and by this part of it.
MUCH, PART = 1000, 4


@bp.get("/<int:id>/homes")
@staff("money")
def show(id):
    facts = _billed.place(id) | {"title": _("By home and by charge"), "called": _charge_words.called, "words": _counters}
    try:
        made = preview.preview(session, facts["period"])
    except ResidentError as error:
        told = _billing_words.told(error)
        return page("desk/billing/preview.html", "desk/billing/_homes.html", **facts | {"made": None, "told": told})
    return page("desk/billing/preview.html", "desk/billing/_homes.html", **facts | _in_words(facts, made))


def _in_words(facts: dict, made: preview.Preview) -> dict:
    period, changed = facts["period"], [one for one in made.changed_most(10) if _much(one)]
    whose = _whose(facts, changed)
    return {
        "made": made,
        "told": None,
        "changed": [(one, ", ".join(whose[id] for id in one.tenure_ids if whose.get(id))) for one in changed],
        "charges": {one.charge.id: one.charge for one in made.charges},
        "lacking": _lacking(facts) if period.state in ("planned", "open") else [],
        "missing": _missing(made),
        "keys": _charge_words.keys() | {"amount": ""},
        **_homes(made),
    }


def _much(one: preview.Change) -> bool:
    return abs(one.change) >= MUCH and abs(one.change) * PART >= abs(one.before)


def _whose(facts: dict, changed: list[preview.Change]) -> dict[int, str]:
    """By tenure: in whose name it is held, for posts that may know (rule 43)."""
    organisation_id = facts["organisation"].id
    if not access.may_see_contacts(g.viewer, organisation_id):
        return {}
    undisclosed = access.may_see_contacts(g.viewer, organisation_id, undisclosed=True)
    held = preview.holders(session, [id for one in changed for id in one.tenure_ids])
    return {id: ", ".join(name for name, hidden in rows if undisclosed or not hidden) for id, rows in held.items()}


def _homes(made: preview.Preview) -> dict:
    """The homes of the page, those whose number begins as was asked; and where the pages before and after it begin."""
    text, at = " ".join(request.args.get("text", "").split())[:20], whole(request.args, "at") or 0
    found = [home for home in made.homes if (home.number or "").casefold().startswith(text.casefold())]
    return {
        "text": text,
        "found": found[at : at + ROWS],
        "sum_of_all": sum(home.total for home in found),
        "count": len(found),
        "before": at - ROWS if at >= ROWS else None,
        "after": at + ROWS if at + ROWS < len(found) else None,
    }


def _lacking(facts: dict) -> list[estimating.Lacking]:
    """Registers that nobody read and a charge asks for, with what they will be estimated at."""
    types = overview.in_use(session, facts["period"], facts["organisation"].id)
    return working.lacking(session, facts["period"], facts["organisation"], [one for one in types if one.billed == "period"])


def _missing(made: preview.Preview) -> list[tuple[str, list[str]]]:
    """(name of a charge, numbers of the homes that count for nothing in it because a fact is missing)."""
    names = {one.charge.code: _charge_words.called(one.charge) for one in made.charges}
    return [(names.get(code, code), numbers) for code, numbers in made.without.items()]
