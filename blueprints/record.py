"""What is stored about me: what, how long and why; who looked and who changed; a copy of it, and its erasure (S57, S58)."""

from flask import Blueprint, abort, g, request, send_file, url_for
from sqlalchemy import select

from resident import access, audit, clock
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.people import identification
from resident.people.person import Person, name_key
from resident.privacy import erasing, export, record, trace
from resident.privacy.export import DataExport

from . import _audit_words, _record_words
from ._download import disposition
from ._gate import proved, signed_in
from ._identified import checked
from ._locale import _, language
from ._typed import whole
from ._web import close, done, first_sending, one_or_404, page, refused, remember, session, settings

bp = Blueprint("record", __name__, url_prefix="/record")
# So many of the last events stand on the first page.
LATEST = 5


@bp.get("")
@signed_in
def index():
    return page("record/index.html", part="record/_copy.html", **_facts(_own()))


@bp.get("/events")
@signed_in
def events():
    who = _own()
    organisation = session.get_one(Organisation, who.organisation_id)
    if who.delivered_only:
        abort(403)
    sort = request.args.get("sort", "")
    asked = audit.Asked(sort=sort if sort in audit.SORTS else "", before=whole(request.args, "before"))
    rows, following = audit.page(session, trace.about(session, record.whose(session, who)), asked)
    return page(
        "record/events.html",
        part="record/_events.html",
        title=_("Who looked and who changed"),
        organisation=organisation,
        events=_audit_words.told(rows, g.viewer.login_id),
        sorts=_audit_words.sorts(),
        asked=asked,
        following=following,
    )


@bp.post("/copies")
@signed_in
@proved
def order():
    who = _own()
    if who.delivered_only:
        abort(403)
    if again := first_sending(g.viewer.login_id):
        return again
    export.ask(session, who, language(), by=_by(who))
    to = url_for(".index", organisation=who.organisation_id) + "#copy"
    remember(to)
    return done(None, to=to, say=_("The copy is being made. It can be fetched from this page when it is ready."))


@bp.get("/copies/<int:id>")
@signed_in
@proved
def fetch(id):
    row = one_or_404(access.visible_copies(g.viewer).where(DataExport.id == id))
    if session.get_one(Person, row.person_id).delivered_only:
        abort(404)
    try:
        path = export.place(settings().data_dir, row)
    except export.NotKept:
        abort(404)
    answer = send_file(path, mimetype="application/zip", max_age=0)
    # Translators: name of a file.
    answer.headers["Content-Disposition"] = disposition(_("my data") + ".zip", download=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/erasure")
@signed_in
@proved
def ask_erasure():
    who = _own()
    if name_key(request.form.get("confirm", "")[:200]) != name_key(g.viewer.name):
        id = who.organisation_id
        close()
        errors = {"confirm": _("Type your username, %(name)s, so that nothing is asked for by mistake.", name=g.viewer.name)}
        return refused("record/index.html", **_facts(_own(id)), errors=errors)
    erasing.ask(session, who, by=_by(who))
    to = url_for(".index", organisation=who.organisation_id) + "#erasure"
    return done(None, to=to, say=_("The office was asked to erase your data."))


@bp.post("/erasure/withdrawal")
@signed_in
def withdraw():
    who = _own()
    row = erasing.of(session, who.id) or abort(404)
    erasing.withdraw(session, row, by=_by(who))
    to = url_for(".index", organisation=who.organisation_id) + "#erasure"
    return done(None, to=to, say=_("The request is withdrawn. Nothing was erased."))


# ---- What the pages show ---------------------------------------------------------------------------------------------


def _own(organisation_id: int | None = None) -> Person:
    """Whom the viewer is in the organisation that is asked for, else in the one whose page they came from. 404 for another."""
    wanted = organisation_id or whole(request.values, "organisation")
    rows = {row.organisation_id: row for row in session.scalars(access.own_persons(g.viewer).order_by(Person.id))}
    if wanted is not None:
        return rows.get(wanted) or abort(404)
    here = g.viewer.organisation.id if g.viewer.organisation else None
    return rows.get(here) or next(iter(rows.values()), None) or abort(404)


def _by(who: Person) -> access.Actor:
    return access.Actor(g.viewer.login_id, who.id, who.organisation_id, "resident", who.name)


def _facts(who: Person) -> dict:
    organisation = session.get_one(Organisation, who.organisation_id)
    today = clock.today(organisation.tz)
    years = setting.in_force(session, organisation.id, organisation.country, today)["retention_years"]
    mine = record.whose(session, who)
    shown, erasure = not who.delivered_only, erasing.of(session, who.id)
    rows, _following = audit.page(session, trace.about(session, mine), audit.Asked()) if shown else ([], None)
    return {
        "title": _("What is stored about me"),
        "who": who,
        "organisation": organisation,
        "others": _others(organisation.id),
        "shown": shown,
        "groups": _record_words.groups(record.counts(session, mine), years) if shown else [],
        "checked": checked(identification.last_check(session, who.id)),
        "events": _audit_words.told(rows[:LATEST], g.viewer.login_id),
        "copy": export.latest(session, who.id) if shown else None,
        "erasure": erasure,
        "asked_on": clock.day(erasure.asked_at, organisation.tz) if erasure else None,
        "against": _record_words.against(erasing.against(session, who, today)),
    }


def _others(id: int) -> list:
    """(id, name) of the other organisations in which the viewer is somebody."""
    ids = access.own_persons(g.viewer).with_only_columns(Person.organisation_id)
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids), Organisation.id != id)
    return session.execute(found.order_by(Organisation.name)).all()
