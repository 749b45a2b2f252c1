"""A home changes hands, at the desk: one page that leads from the day to the end, and can be left and taken up again (B9)."""

from datetime import timedelta

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy import select

from resident import access, clock
from resident.errors import Stale
from resident.homes.building import Unit
from resident.moves import moving, proposal, tenancy
from resident.people.handover import Handover
from resident.people.person import Person
from resident.people.tenure import Party, Tenure

from .. import _counters, _moving, _tenancy_words, _terms
from .._days import Days
from .._gate import staff
from .._locale import _
from .._moving import REFUSALS
from .._typed import day_and_key, plain, whole
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _holder, _place

bp = Blueprint("desk_handovers", __name__, url_prefix="/desk/handovers")


ROWS = 50


@bp.get("")
@staff("tenures")
def index():
    visible, after = access.visible_handovers(g.viewer, at_desk=True), day_and_key(request.args, "after")
    rows = session.execute(moving.waiting(visible, after).limit(ROWS + 1)).all()
    # On the first page only: what staff have not taken over yet.
    proposed = [] if after else session.execute(moving.waiting(visible, state="proposed").limit(ROWS)).all()
    return page(
        "desk/handovers/index.html",
        title=_("Handovers"),
        proposed=_listed(proposed),
        rows=_listed(rows[:ROWS]),
        following=f"{rows[ROWS - 1].day.isoformat()}:{rows[ROWS - 1].id}" if len(rows) > ROWS else None,
    )


def _listed(rows: list) -> list[tuple]:
    return [(row, access.home_label(row.country, row.address, row.number), clock.today(row.tz)) for row in rows]


# ---- The day ---------------------------------------------------------------------------------------------------------


@bp.get("/new")
@staff("tenures")
def new():
    facts = _beginning()
    if there := moving.planned_for(session, facts["unit"].id) or proposal.of_unit(session, facts["unit"].id):
        return redirect(url_for(".show", id=there.id), 303)
    tenure = str(facts["tenures"][0].id) if facts["tenures"] else ""
    typed = {"day": facts["today"].isoformat(), "leaving": tenure}
    return page("desk/handovers/new.html", **facts, typed=typed)


@bp.post("/new")
@staff("tenures")
def create():
    facts, days = _beginning(), Days()
    day, wanted = days.wanted("day"), whole(request.form, "leaving")
    leaving = next((tenure for tenure in facts["tenures"] if tenure.id == wanted), None)
    if leaving is None:
        days.errors["leaving"] = _("Choose the tenure that ends.")
    if again := first_sending(g.viewer.login_id):
        return again
    if days.errors:
        return _not_planned(days.errors)
    try:
        made = moving.plan(session, facts["unit"].id, leaving, day, by=facts["by"])
    except REFUSALS as error:
        return _not_planned(_about_day(error))
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("The handover is planned."))


def _about_day(error) -> dict[str, str]:
    """What is said of a day that cannot be, at the one field for it."""
    return {"day": " ".join(_moving.told(error).values())}


def _beginning() -> dict:
    facts = _place.of(
        one_or_404(access.visible_units(g.viewer, "tenures").where(Unit.id == whole(request.values, "unit"))), "tenures"
    )
    tenures = moving.leaving_of(session, facts["unit"].id, facts["today"])
    choices = {str(one.id): f"{_terms.tenure(one.kind)} · {_terms.days(one.first, one.last)}" for one in tenures}
    return {"title": _("Handover of a home"), **facts, "tenures": tenures, "choices": choices}


def _not_planned(errors: dict):
    close()
    return refused("desk/handovers/new.html", **_beginning(), typed=request.form, errors=errors)


# ---- The page --------------------------------------------------------------------------------------------------------


@bp.get("/<int:id>")
@staff("tenures")
def show(id):
    facts = _facts(id)
    return page("desk/handovers/show.html", **facts, typed=_typed_of(facts))


def _facts(id: int) -> dict:
    handover = one_or_404(access.visible_handovers(g.viewer, at_desk=True).where(Handover.id == id))
    facts = _place.of(session.get_one(Unit, handover.unit_id), "tenures")
    coming = session.get(Tenure, handover.coming_id) if handover.coming_id else None
    lines = moving.lines(session, handover)
    return {
        "title": _("Handover of a home"),
        **facts,
        "handover": handover,
        "leaving": session.get_one(Tenure, handover.leaving_id),
        "coming": coming,
        "names": {side: _names(getattr(handover, f"{side}_id"), facts["organisation"].id) for side in moving.SIDES},
        "follows": handover.day + timedelta(days=1),
        "lines": lines,
        "agreed": moving.agreed(handover) or not lines,
        "counters": _counters,
        "key_kinds": _moving.key_kinds(),
        "key_rows": min(len(handover.keys) + 3, moving.MOST_KEYS),
        **_holder.facts(facts["organisation"].id),
    }


def _names(tenure_id: int | None, organisation_id: int) -> list[str]:
    """Primary holders of a side, as far as the viewer may see them."""
    rows = session.scalars(
        select(Person).join(Party, Party.person_id == Person.id).where(Party.tenure_id == tenure_id, Party.role == "primary")
    )
    seen = access.may_see_contacts(g.viewer, organisation_id, undisclosed=True)
    return [_("Name not shown") if row.non_disclosure and not seen else row.name for row in rows]


def _typed_of(facts: dict) -> dict:
    handover = facts["handover"]
    typed = {"day": handover.day.isoformat(), "signed": facts["today"].isoformat(), "note": handover.note or "", "kind": "natural"}
    for row, key in enumerate(handover.keys):
        typed |= {f"{name}{row}": str(value) for name, value in key.items()}
    return typed | _moving.typed_of(facts["lines"])


def _changed(id: int, change, say: str, told=_moving.told):
    """Do one step and answer with the page, or with what cannot be so."""
    try:
        change()
    except REFUSALS as error:
        return _left(id, told(error))
    except Stale:
        return _left(id, {"readings": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".show", id=id), say=say)


def _left(id: int, errors: dict, status: int = 422):
    close()
    facts = _facts(id)
    typed = _typed_of(facts) | (dict(request.form) if status != 409 else {})
    return refused("desk/handovers/show.html", status=status, **facts, typed=typed, errors=errors)


# ---- Steps -----------------------------------------------------------------------------------------------------------


@bp.post("/<int:id>/take-over")
@staff("tenures")
def take_over(id):
    facts = _facts(id)
    handover, by, say = facts["handover"], facts["by"], _("The handover is planned.")
    return _changed(id, lambda: proposal.take_over(session, handover, _moving.version(), by=by), say, _about_day)


@bp.post("/<int:id>/day")
@staff("tenures")
def move(id):
    facts, days = _facts(id), Days()
    day = days.wanted("day")
    if days.errors:
        return _left(id, days.errors)
    handover, by, say = facts["handover"], facts["by"], _("The day is saved.")
    return _changed(id, lambda: moving.move(session, handover, day, _moving.version(), by=by), say, _about_day)


@bp.post("/<int:id>/coming")
@staff("tenures")
def await_tenure(id):
    facts, days = _facts(id), Days()
    signed, last = days.optional("signed"), days.optional("last")
    holder = _holder.chosen(facts["organisation"].id, days.errors)
    if again := first_sending(g.viewer.login_id):
        return again
    if days.errors:
        return _left(id, days.errors)
    remember(url_for(".show", id=id))
    return _changed(
        id, lambda: _comes(facts, holder, signed, last), _("The new holder is entered and sees the home from signing on.")
    )


def _comes(facts: dict, holder, signed, last) -> None:
    handover, leaving, by = facts["handover"], facts["leaving"], facts["by"]
    who = _holder.entered(facts["organisation"].id, holder)
    made = tenancy.begin(
        session, handover.unit_id, leaving.kind, who, signed=signed, first=facts["follows"], last=last, by=by, after=leaving.id
    )
    moving.await_tenure(session, handover, made, _moving.version(), by=by)


@bp.post("/<int:id>/readings")
@staff("tenures")
def read(id):
    facts = _facts(id)
    values, errors = _moving.values(facts["lines"])
    if errors:
        return _left(id, errors)
    handover, today, by = facts["handover"], facts["today"], facts["by"]
    say = _("The readings are noted, and confirmed by staff.")
    return _changed(id, lambda: moving.put_readings(session, handover, values, today, _moving.version(), None, by=by), say)


@bp.post("/<int:id>/keys")
@staff("tenures")
def put_keys(id):
    facts = _facts(id)
    keys, errors = _moving.keys()
    if errors:
        return _left(id, errors)
    note = plain(request.form.get("note", ""))[:500] or None
    handover, by = facts["handover"], facts["by"]
    return _changed(id, lambda: moving.put_keys(session, handover, keys, note, _moving.version(), by=by), _("The keys are saved."))


@bp.post("/<int:id>/carry-out")
@staff("tenures")
def carry_out(id):
    facts = _facts(id)
    without = plain(request.form.get("without", ""))[:500] or None
    handover, today, by = facts["handover"], facts["today"], facts["by"]
    say = _("The handover is carried out.")
    return _changed(id, lambda: moving.carry_out(session, handover, today, _moving.version(), by=by, without=without), say)


@bp.post("/<int:id>/cancel")
@staff("tenures")
def cancel(id):
    facts, undo = _facts(id), request.form.get("undo") == "yes"
    handover, today, by = facts["handover"], facts["today"], facts["by"]
    say = _("The handover is cancelled.")
    return _changed(id, lambda: moving.cancel(session, handover, today, _moving.version(), by=by, undo=undo), say)
