"""Erasure at the desk: who asked for it, what stands against it, doing it, and until when the rest is kept (rule 38)."""

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access, clock
from resident.homes.organisation import Organisation
from resident.people.person import Person
from resident.privacy import erasing
from resident.privacy.erasure import Erasure

from .. import _record_words
from .._gate import proved, staff
from .._locale import _
from .._typed import whole
from .._web import close, done, one_or_404, page, refused, session
from . import _organisation

bp = Blueprint("desk_erasures", __name__, url_prefix="/desk/erasures")
ROWS = 50


@bp.get("")
@staff("settings")
def index():
    """Those that wait first, then the newest that were done."""
    before = whole(request.args, "before")
    zones = {duty.organisation.id: duty.organisation.tz for duty in access.whole_duties(g.viewer, "settings")}
    waiting = access.visible_erasures(g.viewer).where(Erasure.erased_at.is_(None)).order_by(Erasure.id)
    done_ = access.visible_erasures(g.viewer).where(Erasure.erased_at.is_not(None)).order_by(Erasure.id.desc()).limit(ROWS + 1)
    rows = session.execute(done_.where(Erasure.id < before) if before else done_).scalars().all()
    named = waiting.join(Person, Person.id == Erasure.person_id).add_columns(Person.name)
    return page(
        "desk/erasures/index.html",
        title=_("Erasures"),
        waiting=session.execute(named).all(),
        rows=rows[:ROWS],
        following=rows[ROWS - 1].id if len(rows) > ROWS else None,
        before=before,
        kept=_record_words.kept,
        day=lambda row, at: clock.day(at, zones[row.organisation_id]),
    )


@bp.get("/<int:id>")
@staff("settings")
@proved
def show(id):
    """The person: what stands against erasing them, or the button that does it."""
    return page("desk/erasures/show.html", **_facts(_person(id)))


@bp.post("/<int:id>")
@staff("settings")
@proved
def erase(id):
    who = _person(id)
    duty = _duty(who)
    if request.form.get("confirm", "").split() != who.name.split():
        close()
        errors = {"confirm": _("Type the person’s name as it stands above. What is erased cannot be brought back.")}
        return refused("desk/erasures/show.html", **_facts(_person(id)), errors=errors)
    try:
        erasing.erase(session, who, by=g.viewer.as_staff(duty))
    except erasing.StandsAgainst:
        close()
        return refused("desk/erasures/show.html", **_facts(_person(id)), errors={"against": _("Something stands against it.")})
    return done(None, to=url_for(".index"), say=_("The person’s data are erased."))


def _person(id: int) -> Person:
    """A person of an organisation for whose data the viewer answers, not erased before."""
    organisations = [duty.organisation.id for duty in access.whole_duties(g.viewer, "settings")]
    visible = access.visible_persons(g.viewer).where(Person.organisation_id.in_(organisations), Person.erased_at.is_(None))
    return one_or_404(visible.where(Person.id == id))


def _duty(who: Person) -> access.Duty:
    return _organisation.of(access.whole_duties(g.viewer, "settings"), who.organisation_id)


def _facts(who: Person) -> dict:
    organisation = session.scalar(select(Organisation).where(Organisation.id == who.organisation_id))
    today = _duty(who).organisation.today
    against = erasing.against(session, who, today)
    asked = erasing.of(session, who.id)
    planned = erasing.Kept(session, who, organisation, today)
    return {
        "title": _("Erase a person’s data"),
        "who": who,
        "organisation": organisation,
        "asked": asked,
        "asked_on": clock.day(asked.asked_at, organisation.tz) if asked else None,
        "against": _record_words.against(against),
        "stays": _record_words.kept(planned.counts),
        "until": planned.until,
    }
