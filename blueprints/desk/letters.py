"""Start letters at the desk: who has come in, letters for a staircase or for one, registration, identities (S1, L2, B14).

A start password stands in the answer to the form that made it, and nowhere else (S07).
"""

from flask import Blueprint, g, request, url_for

from resident import access, clock
from resident.homes import register
from resident.homes.building import Building
from resident.homes.organisation import Organisation
from resident.people import identification, letter, personal_code, registration, staircase
from resident.people.person import BadContact, Person

from .. import _identified, _letters, _providers, _terms
from .._gate import proved, staff
from .._locale import _
from .._typed import whole
from .._web import close, commit, database, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _entry

bp = Blueprint("desk_letters", __name__, url_prefix="/desk")


# ---- A building ------------------------------------------------------------------------------------------------------


@bp.get("/letters")
@staff("letters")
def index():
    facts = _house(session, request.args)
    state = request.args.get("state", "") if request.args.get("state") in staircase.STATES else ""
    rows, following = [], None
    if facts["building"]:
        seen = {"undisclosed": _undisclosed(facts["building"]), "after": request.args.get("after", "")[:120]}
        asked = session, facts["building"].id, facts["staircase"], state, facts["today"]
        rows, following = staircase.listed(*asked, **seen)
    facts |= {"rows": rows, "following": following, "state": state, "later": "after" in request.args, "states": _entry.states()}
    return page("desk/letters/index.html", part="desk/letters/_list.html", title=_("Start letters"), terms=_terms, **facts)


@bp.get("/letters/new")
@staff("letters")
@proved
def new():
    return page("desk/letters/new.html", part="desk/letters/_run.html", **_run(session, request.args))


@bp.post("/letters")
@staff("letters")
@proved
def create():
    """All letters as one file, in the answer to the form. Sent again, the form leads to the list."""
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _run(session, request.form)
    if not facts["building"] or facts["closed"] or not 0 < len(facts["sent"]) <= staircase.MOST:
        return refused("desk/letters/new.html", part="desk/letters/_run.html", **facts)
    organisation = session.get_one(Organisation, facts["building"].organisation_id)
    remember(url_for(".index", building=facts["building"].id, staircase=facts["staircase"] or None))
    commit()
    duty = g.viewer.duty("letters", organisation.id, facts["building"].id)
    to = [staircase.addressed(row) for row in facts["sent"]]
    about = {"building": facts["building"].id, "staircase": facts["staircase"]}
    made = staircase.issue(database(), organisation, to, by=g.viewer.as_staff(duty), facts=about)
    name = " ".join(filter(None, (_("Start letters"), facts["building"].address, facts["staircase"])))
    return _letters.answer(made, organisation, f"{name}.pdf")


def _run(reading, given) -> dict:
    """What a run would do: the form's own choices, whom it goes to, who is left out and why."""
    facts = _house(reading, given)
    who = given.get("who") if given.get("who") in staircase.WHO else "primary"
    chosen, again = staircase.Chosen([], []), given.get("again") == "yes"
    if facts["building"]:
        asked = reading, facts["building"].id, facts["staircase"], who, facts["today"]
        chosen = staircase.choose(*asked, again=again, undisclosed=_undisclosed(facts["building"]))
    facts |= {
        "who": who,
        "again": again,
        "sent": chosen.sent,
        "left": chosen.left,
        "why": _entry.left_out(),
        "most": staircase.MOST,
    }
    facts["closed"] = bool(facts["building"]) and not _entry.offers(reading, facts["building"].organisation_id, "letter")
    facts["label"] = lambda row: access.home_label(row.country, row.address, row.number)
    return facts | {"title": _("Letters for a staircase")}


def _house(reading, given) -> dict:
    """The building and staircase that were chosen; the first building when none was."""
    rows = access.visible_buildings(g.viewer, "letters").order_by(Building.address, Building.id)
    buildings = reading.scalars(rows.limit(200)).all()
    building = next((one for one in buildings if one.id == whole(given, "building")), buildings[0] if buildings else None)
    stairs = register.staircases(reading, building.id) if building else []
    wanted = given.get("staircase", "")
    facts = {"buildings": buildings, "building": building, "staircases": stairs, "staircase": wanted if wanted in stairs else ""}
    facts["today"] = _terms.today_of(building.organisation_id) if building else None
    facts["label"] = lambda row: access.home_label(row.country, row.address, row.number)
    return facts


def _undisclosed(building: Building) -> bool:
    return access.may_see_contacts(g.viewer, building.organisation_id, undisclosed=True)


# ---- One person ------------------------------------------------------------------------------------------------------


@bp.get("/people/<int:id>/entry")
@staff("letters")
def entry(id):
    return page("desk/letters/entry.html", **_facts(_who(id)), typed={})


@bp.post("/people/<int:id>/letters")
@staff("letters")
@proved
def create_one(id):
    if again := first_sending(g.viewer.login_id):
        return again
    who = _who(id)
    to = staircase.home_of(session, who, _terms.today_of(who.organisation_id))
    try:
        by = _by(who)
        made = letter.issue(session, who, to, identification.counted(request.form.get("method", ""), by), by=by)
    except letter.NoLetter as error:
        return _refused(id, {"method": _entry.no_letter(error.why)})
    organisation, name = session.get_one(Organisation, who.organisation_id), who.name
    remember(url_for(".entry", id=id))
    commit()
    title = _("Start letter")
    return _letters.answer([made], organisation, f"{title} {name}.pdf")


@bp.post("/people/<int:id>/registration")
@staff("letters")
def admit(id):
    who = _who(id)
    require(_contacts(who))
    try:
        registration.admit(session, who, request.form.get("method", ""), request.form.get("email", "")[:200], by=_by(who))
    except letter.NoLetter as error:
        return _refused(id, {"method": _entry.no_letter(error.why)})
    except registration.NotOffered as error:
        return _refused(id, {"email": _entry.not_offered(error.why)})
    except BadContact:
        return _refused(id, {"email": _("Type the e-mail address whole, such as name@example.org.")})
    told = _("Recorded. %(name)s can now register with this address.", name=who.name)
    return done(None, to=url_for(".entry", id=id), say=told)


@bp.post("/people/<int:id>/identity")
@staff("letters")
def check(id):
    who, method = _who(id), request.form.get("method", "")
    if method not in identification.SHOWN_TO_STAFF:
        return _refused(id, {"method": _entry.no_letter("method")})
    identification.check(session, who, method, by=_by(who))
    return done(None, to=url_for(".entry", id=id), say=_("The check of identity is recorded."))


@bp.post("/people/<int:id>/code")
@staff("letters")
@proved
def expect_code(id):
    who, country = _who(id), request.form.get("country", "")
    by = _entrusted(who)
    try:
        personal_code.expect(session, who, country, request.form.get("personal_code", "")[:40], _providers.code_key(), by)
    except (personal_code.NotEntrusted, personal_code.BadCode, personal_code.CodeTaken) as error:
        return _refused(id, _entry.no_code(error))
    return done(None, to=url_for(".entry", id=id), say=_("The personal code is recorded. It cannot be read back."))


@bp.post("/people/<int:id>/code/removal")
@staff("letters")
@proved
def forget_code(id):
    who = _who(id)
    try:
        personal_code.forget(session, who, by=_entrusted(who))
    except personal_code.NotEntrusted as error:
        return _refused(id, _entry.no_code(error))
    return done(None, to=url_for(".entry", id=id), say=_("No personal code is recorded any more."))


def _entrusted(who: Person):
    """The post that acts on a code, which lets its holder in: one that may replace a password. Neighbours on the council look at
    no documents, so they do not say whose a code is either (rule 41)."""
    by = _by(who)
    require(who.kind == "natural" and personal_code.refusal(session, who, by) != "role")
    return by


def _who(id: int) -> Person:
    return one_or_404(access.visible_entrants(g.viewer).where(Person.id == id))


def _by(who: Person):
    """The post that acts. For whoever holds a post themselves, one for some buildings is not enough: their sign-in opens more."""
    duty = g.viewer.duty("letters", who.organisation_id)
    require(duty.buildings is None or not letter.holds_post(session, who.id, duty.organisation.today))
    return g.viewer.as_staff(duty)


def _contacts(who: Person) -> bool:
    return access.may_see_contacts(g.viewer, who.organisation_id, undisclosed=who.non_disclosure)


def _refused(id: int, errors: dict[str, str]):
    typed = {name: request.form.get(name, "")[:200] for name in ("method", "email", "country")}
    close()
    return refused("desk/letters/entry.html", **_facts(_who(id)), errors=errors, typed=typed)


def _facts(who: Person) -> dict:
    organisation = session.get_one(Organisation, who.organisation_id)
    acting = g.viewer.as_staff(g.viewer.duty("letters", who.organisation_id))
    return {
        "title": _("Sign-in of %(name)s", name=who.name),
        "who": who,
        "entry": _entry.of(session, who),
        "methods": _identified.methods(),
        "contacts": _contacts(who),
        "countries": _entry.countries(),
        "country": organisation.country,
        "no_codes": "role" if who.kind != "natural" else personal_code.refusal(session, who, acting),
        "codes_of_others": _entry.codes_of_others(),
        "codes": [(country, clock.day(at, organisation.tz)) for country, at in personal_code.known(session, who.id)],
    }
