"""Readings at the desk: who has submitted and who has not, entry for any home, and what waits for a decision."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access, files
from resident.homes.building import Building, Unit
from resident.metering import counter, history, roster, sheet, submission
from resident.metering.meter import Meter

from .. import _counters
from .._gate import staff
from .._locale import _, ngettext
from .._web import commit, done, first_sending, from_htmx, one_or_404, page, refused, remember, require, session
from . import _asked, _mains, _sheet, _sheet_lines

bp = Blueprint("desk_readings", __name__, url_prefix="/desk/readings")


@bp.context_processor
def words():
    return {
        "words": _counters,
        "who": _asked.who,
        "told": _sheet.told,
        "home_label": access.home_label,
    }


@bp.get("")
@staff("progress")
def index():
    return page("desk/readings/index.html", part="desk/readings/_sheet.html", **_listed())


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
    by = g.viewer.as_staff(facts["enterer"])
    written = sheet.write(session, facts["period"], facts["organisation"], typed, day, by=by, media=facts["media"])
    if not written.saved and not written.left:
        return _left({"day": _("Nothing was typed. Write the new readings in the list and save again.")}, {}, typed)
    to = url_for(".index", **_sheet.asked(), after=request.form.get("after") or None)
    if written.saved:
        remember(to)
        commit()
    if written.left:
        return _left(_troubles(written), written.left, typed, _saved(written) if written.saved else None)
    return done("desk/readings/_sheet.html", to=to, say=_saved(written), **(_listed() if from_htmx() else {}))


def _left(errors: dict, verdicts: dict, typed: dict, saved: str | None = None):
    """The sheet again with everything typed that was not stored, and what is said of it."""
    kept = {id: said for id, said in typed.items() if id in verdicts or not saved}
    facts = _listed(verdicts, kept) | {"errors": errors, "saved": saved}
    return refused("desk/readings/index.html", part="desk/readings/_sheet.html", **facts)


def _listed(verdicts=None, typed=None) -> dict:
    """verdicts, typed: by register, of what was typed and not stored."""
    facts = _sheet.sheet(session) | {"saved": None}
    if facts["homes"]:
        facts["lines"] = _sheet_lines.lines(facts, verdicts or {}, typed or {})
    filters = _sheet.asked()
    # The page after must be of the same building and period, even when neither was chosen.
    onward = filters | ({"building": facts["building"].id, "period": facts["period"].name} if facts.get("period") else {})
    facts |= {"title": _("Who has submitted readings"), "filters": filters, "onward": onward}
    own = _mains.mains(session, facts) | _mains.left() if set(filters) <= {"building", "period"} else {"mains": None}
    return facts | own | {"after": request.values.get("after", "")}


def _saved(written: sheet.Written) -> str:
    said = ngettext("Saved %(n)d reading.", "Saved %(n)d readings.", written.readings)
    left = len(written.left)
    return said if not left else said + " " + ngettext("%(n)d value needs a look.", "%(n)d values need a look.", left)


def _troubles(written: sheet.Written) -> dict[str, str]:
    ids = [verdict.counter.meter_id for verdict in written.left.values()]
    found = select(Meter.id, Unit.number).join(Unit, Unit.id == Meter.unit_id).where(Meter.id.in_(ids))
    numbers = {id: number for id, number in session.execute(found)}
    return {
        f"r{id}": f"{numbers[said.counter.meter_id]}, {_counters.counter(said.counter)}: {_sheet.told(said)}"
        for id, said in written.left.items()
    }


# ---- One home ------------------------------------------------------------------------------------------------------


@bp.get("/homes/<int:unit_id>")
@staff("readings")
def home(unit_id):
    return page("desk/readings/home.html", part="desk/readings/_home.html", **_home(unit_id))


@bp.post("/homes/<int:unit_id>")
@staff("readings")
def enter_home(unit_id):
    (day, errors), typed = _sheet.typed_day(), _sheet.typed()
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _home(unit_id)
    own = {row.register_id: typed[row.register_id] for row in facts["form"].counters if row.register_id in typed}
    if errors or not facts["period"]:
        return _home_left(facts, errors, {}, own)
    by, media = g.viewer.as_staff(facts["duty"]), facts["media"]
    written = sheet.write(session, facts["period"], facts["duty"].organisation, own, day, by=by, media=media)
    if written.left or not written.saved:
        session.rollback()
        nothing = {"day": _("Nothing was typed. Write the new readings and save again.")}
        return _home_left(_home(unit_id), _troubles(written) or nothing, written.left, own)
    receipt = written.saved[unit_id].receipt.number
    to = url_for(".home", unit_id=unit_id, period=facts["period"].name)
    remember(to)
    commit()
    said = _saved(written) + " " + _("Receipt number: %(number)s", number=receipt)
    return done("desk/readings/_home.html", to=to, say=said, **(_home(unit_id) if from_htmx() else {}))


def _home_left(facts: dict, errors: dict, verdicts: dict, typed: dict):
    facts |= {"errors": errors, "verdicts": verdicts, "typed": typed, "day": request.form.get("day", "")}
    return refused("desk/readings/home.html", part="desk/readings/_home.html", **facts)


def _home(unit_id: int) -> dict:
    unit = one_or_404(access.visible_units(g.viewer, "readings").where(Unit.id == unit_id))
    building = session.get_one(Building, unit.building_id)
    duty = g.viewer.duty("readings", building.organisation_id, building.id)
    media = access.media(g.viewer, "readings", building.organisation_id, building.id)
    rows = roster.periods(session, building.id)
    row = next((row for row in rows if row.BillingPeriod.name == request.values.get("period")), None)
    row = row or roster.current(rows, duty.organisation.today)
    period = row.BillingPeriod if row else None
    form = counter.form(session, unit.id, duty.organisation, staff=True, period_id=period.id if period else None)
    form.counters = [each for each in form.counters if media is None or each.medium in media]
    label = access.home_label(duty.organisation.country, building.address, unit.number)
    facts = {"title": _("Readings: %(home)s", home=label), "unit": unit, "building": building, "duty": duty, "media": media}
    facts |= {"period": period, "window": row.ReadingWindow if row else None, "form": form, "day": form.day.isoformat()}
    facts |= {"verdicts": {}, "typed": {}, "organisation": duty.organisation, "today": duty.organisation.today}
    facts |= {"rule": form.settings["entry_that_counts"], "periods": [row.BillingPeriod.name for row in rows]}
    return facts | _history(unit.id, duty.organisation, media) | {"names": _sheet.names(session, facts, [unit.id])}


def _history(unit_id: int, organisation, media) -> dict:
    """A year's readings of the home. Names of residents only for posts that see everybody's (rule 43, turvakielto)."""
    _media, years = history.media(session, unit_id)
    asked = request.values.get("year", "")
    year = int(asked) if asked in map(str, years) else organisation.today.year
    lines = history.history(session, unit_id, year, names=True)
    if not access.may_see_contacts(g.viewer, organisation.id, undisclosed=True):
        for line in lines:
            line.who = None
    lines = history.put_photos(session, [line for line in lines if media is None or line.medium in media])
    return {"lines": lines, "years": years, "year": year}


# ---- What waits for a decision -------------------------------------------------------------------------------------


@bp.get("/questions")
@staff("readings")
def questions():
    return page("desk/readings/questions.html", part="desk/readings/_questions.html", **_questions())


@bp.post("/<int:id>/acceptance")
@staff("readings")
def accept(id):
    return _decide(id, submission.accept, _("The reading is accepted."))


@bp.post("/<int:id>/rejection")
@staff("readings")
def reject(id):
    return _decide(id, submission.reject, _("The reading is rejected."), note=request.form.get("note", ""))


def _decide(id: int, verb, say: str, **facts):
    row = _asked.one(id)
    duty = g.viewer.duty("windows", row.organisation_id, row.building_id)
    require(duty is not None)
    reading = _asked.locked(row)
    try:
        verb(session, reading, by=g.viewer.as_staff(duty), **facts)
    except submission.Decided as error:
        sentence = _asked.decided(error.why, row)
        shown = {"row": _asked.one(id), "errors": {f"q{id}": sentence}}
        shown["trouble"] = _("This was decided already") if error.why == "decided" else _("The reading is not accepted")
        return refused("desk/readings/questions.html", part="desk/readings/_question.html", status=409, **_questions() | shown)
    commit()
    return done(
        "desk/readings/_question.html",
        to=url_for(".questions"),
        say=say,
        row=_asked.one(id),
        photos=files.of_readings(session, [id]),
    )


def _questions() -> dict:
    rows, following = _asked.waiting()
    noted = [] if request.args.get("after") else _asked.noted()
    photos = files.of_readings(session, [row.id for row in (*rows, *noted)])
    return {"title": _("Readings to decide"), "rows": rows, "following": following, "noted": noted, "photos": photos}
