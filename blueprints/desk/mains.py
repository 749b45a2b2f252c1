"""Readings of buildings' own meters (main meters, the building's electricity, heating …) at the desk, by billing period."""

from flask import Blueprint, g, request, url_for

from resident.homes.building import Building
from resident.metering import main_reading
from resident.metering.submission import NothingToStore, Unanswered, Verdict

from .. import _counters
from .._gate import staff
from .._locale import _, ngettext
from .._web import close, commit, done, first_sending, from_htmx, page, refused, remember, require, session
from . import _mains, _sheet

bp = Blueprint("desk_mains", __name__, url_prefix="/desk/mains")


@bp.context_processor
def words():
    return {"words": _counters, "told": _sheet.told}


@bp.get("")
@staff("readings")
def index():
    return page("desk/mains/index.html", part="desk/mains/_entry.html", **_shown())


@bp.post("")
@staff("readings")
def enter():
    typed, (day, errors) = _sheet.typed(), _sheet.typed_day()
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _sheet.place(session)
    require(facts.get("enterer") is not None and facts["period"] is not None)
    if errors:
        return _left(errors, {}, typed)
    by, period = g.viewer.as_staff(facts["enterer"]), facts["period"]
    try:
        building = session.get_one(Building, facts["building"].id)
        stored = main_reading.enter(
            session, building, facts["organisation"], typed, day, by=by, period_id=period.id, media=facts["media"]
        )
    except Unanswered as unanswered:
        said = {verdict.counter.register_id: verdict for verdict in unanswered.facts["verdicts"] if verdict.kind != "good"}
        return _left(_troubles(said), said, typed)
    except NothingToStore:
        return _left({"day": _("Nothing was typed. Write the new readings and save again.")}, {}, typed)
    to = url_for(".index", building=facts["building"].id, period=period.name)
    remember(to)
    commit()
    say = ngettext("Saved %(n)d reading.", "Saved %(n)d readings.", len(stored))
    return done("desk/mains/_entry.html", to=to, say=say, **(_shown() if from_htmx() else {}))


def _shown() -> dict:
    facts = _sheet.place(session)
    return {"title": _("Readings of the building’s own meters"), **facts, **_mains.mains(session, facts), **_mains.left()}


def _left(errors: dict, said: dict, typed: dict):
    """The table again with everything typed; nothing was stored."""
    close()
    facts = _shown() | {"mains_errors": errors, "mains_said": said, "mains_typed": typed, "mains_day": request.form.get("day", "")}
    return refused("desk/mains/index.html", part="desk/mains/_entry.html", **facts)


def _troubles(said: dict[int, Verdict]) -> dict[str, str]:
    return {f"r{id}": f"{_counters.counter(verdict.counter)}: {_sheet.told(verdict)}" for id, verdict in said.items()}
