"""The people of a home: who they are, from which day to which, and what they may do (K1–K3, H2)."""

from datetime import timedelta

from flask import Blueprint, abort, g, render_template, request, url_for
from sqlalchemy import or_

from resident import access
from resident.db import SCALE
from resident.errors import Stale, TooMany
from resident.moves import household, inviting, tenancy
from resident.moves.household import Part
from resident.people import personal_code
from resident.people.invitation import Invitation
from resident.people.person import is_email, words
from resident.people.tenure import Party

from . import _messages, _providers, _qr, _tenancy_words, _terms
from ._days import Days
from ._gate import resident
from ._locale import _, language, ngettext, pgettext
from ._tenancy_words import REFUSALS
from ._typed import whole
from ._web import close, commit, done, first_sending, one_or_404, page, refused, remember, require, session, settings

bp = Blueprint("household", __name__, url_prefix="/household")
LONGEST_NAME = 120


@bp.get("")
@resident()
def index():
    return page("household/index.html", **_facts(), typed={"first": g.viewer.home.organisation.today.isoformat()})


def _facts() -> dict:
    home = g.viewer.home
    today, manages = home.organisation.today, g.viewer.may("household")
    rows = household.members(session, home.tenure_id, today) if home.state != "after" else []
    own = next((row for row in rows if row.id == home.party_id), None)
    return {
        "title": _("Household"),
        "home": home,
        "today": today,
        "manages": manages,
        "own": own,
        "acts": home.acting is None,
        "mark": tenancy.mark,
        "members": rows if manages else [own] if own else [],
        "invitations": household.open_invitations(session, home.tenure_id) if manages else [],
        "counts": [(fact.value // SCALE, fact.first) for fact in household.occupants(session, home.unit_id)] if manages else [],
        "defaults": household.defaults(session, home),
        "may_change": lambda row: manages and household.may_change(home, row),
        "terms": _terms,
    }


# ---- Adding somebody -------------------------------------------------------------------------------------------------


def _ways(country: str) -> dict:
    code = {"code": (_("By personal code"), _("They sign in by strong identification and are here at once."))}
    links = {
        "mail": (_("By a link that we e-mail"), _("Whoever opens it signs in or makes a sign-in of their own.")),
        "shown": (_("By a link to copy or print"), _("It is shown once, with a square code for the phone.")),
    }
    if not settings().smtp_url:
        del links["mail"]
    return {**code, **links} if country in personal_code.COUNTRIES else links


def _adding() -> dict:
    home = g.viewer.home
    role = request.values.get("role", "")
    if role not in ("co_owner", "occupant"):
        abort(404)
    word = _terms.role(role, home.tenure_kind)
    offered = household.grantable(home, role)
    return {
        "title": {"co_owner": _("Add a co-owner or co-tenant"), "occupant": _("Add an occupant")}[role],
        "home": home,
        "role": role,
        "word": word,
        "ways": _ways(home.organisation.country),
        "offered": {right: name for right, name in _terms.rights().items() if right in offered},
        "waits": {str(days): ngettext("%(n)d day", "%(n)d days", days) for days in inviting.CHOICES},
        "latest": home.ends,
    }


@bp.get("/new")
@resident("household")
def new():
    facts = _adding()
    held = household.grantable(g.viewer.home, facts["role"]) & set(household.defaults(session, g.viewer.home)[facts["role"]])
    latest = facts["latest"].isoformat() if facts["latest"] else ""
    typed = {"first": g.viewer.home.organisation.today.isoformat(), "last": latest, "days": str(inviting.USUAL)}
    return page("household/new.html", **facts, typed=typed | {"way": next(iter(facts["ways"]))}, held=held)


@bp.post("/new")
@resident("household")
def create():
    facts = _adding()
    part, errors = _typed_part(facts)
    if again := first_sending(g.viewer.login_id):
        return again
    if errors:
        return _not_added(facts, errors)
    try:
        token = _added(part, request.form["way"])
    except REFUSALS as error:
        return _not_added(facts, _tenancy_words.told(error))
    except TooMany as error:
        return _not_added(facts, {"email": _("Too many tries.") + " " + _messages.wait(error.retry_after)}, 429)
    remember(url_for(".index"))
    if token:
        return _link_shown(part, token)
    return done(None, to=url_for(".index"), say=_("Added. Their name shows here when they have come in themselves."))


def _added(part: Part, way: str) -> str | None:
    home, by = g.viewer.home, g.viewer.as_resident()
    if way == "code":
        key = _providers.code_key()
        household.add_by_code(session, home, part, home.organisation.country, request.form.get("code", "")[:40], key, by=by)
        return None
    to = _address() if way == "mail" else None
    return inviting.invite(session, home, part, int(request.form["days"]), by=by, to=to, language=language())


def _link_shown(part: Part, token: str):
    """The one time that the link can be seen: it is stored nowhere."""
    commit()
    base = settings().base_url
    link = base + url_for("invitations.show", token=token)
    until = g.viewer.home.organisation.today + timedelta(days=int(request.form["days"]))
    facts = {"title": _("Invitation"), "called": part.called, "link": link, "qr": _qr.data(link), "until": until}
    return render_template("household/link.html", **facts), 200, {"Cache-Control": "no-store"}


def _typed_part(facts: dict) -> tuple[Part | None, dict]:
    given, days = request.form, Days()
    called = " ".join(given.get("called", "").replace("\0", "").split())[:LONGEST_NAME]
    first, last = days.wanted("first"), days.optional("last")
    errors = days.errors
    if not words(called):
        errors["called"] = _("Write the name by which the household knows this person.")
    if given.get("way") not in facts["ways"]:
        errors["way"] = _("Choose how this person gets in.")
    if given.get("way") == "mail" and _address() is None:
        errors["email"] = _("An e-mail address looks like name@example.org. Check what you typed.")
    if given.get("way") in ("mail", "shown") and given.get("days") not in facts["waits"]:
        errors["days"] = _("Choose how long the link can be used.")
    rights = frozenset(right for right in facts["offered"] if given.get(f"right-{right}"))
    return (None, errors) if errors else (Part(called, facts["role"], rights, first, last), {})


def _address() -> str | None:
    text = request.form.get("email", "").strip()[:200]
    return text if is_email(text) else None


def _not_added(facts: dict, errors: dict, status: int = 422):
    held = {right for right in facts["offered"] if request.form.get(f"right-{right}")}
    typed = {name: value for name, value in request.form.items() if name != "code"}
    typed |= {"code": request.form.get("code", "")}
    return refused("household/new.html", status=status, **facts, typed=typed, held=held, errors=errors)


@bp.post("/invitations/<int:id>/withdraw")
@resident("household")
def withdraw(id):
    invitation = one_or_404(access.visible_invitations(g.viewer).where(Invitation.id == id))
    inviting.withdraw(session, invitation, by=g.viewer.as_resident())
    return done(None, to=url_for(".index") + "#invitations", say=_("The invitation is withdrawn. Its link leads nowhere now."))


# ---- One part --------------------------------------------------------------------------------------------------------


def _part(id: int) -> Party:
    home = g.viewer.home
    going_on = or_(Party.last.is_(None), Party.last >= home.organisation.today)
    own = access.visible_parties(g.viewer).where(Party.id == id, Party.tenure_id == home.tenure_id, going_on)
    party = one_or_404(own)
    require(household.may_change(home, party))
    return party


def _part_facts(party: Party) -> dict:
    home = g.viewer.home
    row = next((row for row in household.members(session, home.tenure_id, home.organisation.today) if row.id == party.id), None)
    offered = household.grantable(home, party.role)
    held = household.held_rights(session, home, party)
    return {
        "title": (row.name or _("Name not shown")) if row else abort(404),
        "home": home,
        "party": party,
        "word": _terms.role(party.role, home.tenure_kind),
        "begun": party.first <= home.organisation.today,
        "offered": {right: name for right, name in _terms.rights().items() if right in offered},
        "kept": _terms.listed_rights(held - offered),
        "held": held,
        "seen": tenancy.mark(party),
    }


@bp.get("/parts/<int:id>")
@resident("household")
def part(id):
    party = _part(id)
    typed = {"last": party.last.isoformat() if party.last else ""}
    return page("household/part.html", **_part_facts(party), typed=typed)


@bp.post("/parts/<int:id>")
@resident("household")
def change(id):
    party, days = _part(id), Days()
    last = days.optional("last")
    rights = frozenset(right for right in _terms.rights() if request.form.get(f"right-{right}"))
    if days.errors:
        return _not_changed(id, days.errors)
    try:
        seen = request.form.get("seen", "")
        household.change(session, g.viewer.home, party, rights, last, seen, by=g.viewer.as_resident())
    except REFUSALS as error:
        return _not_changed(id, _tenancy_words.told(error))
    except Stale:
        return _not_changed(id, {"last": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".index"), say=_("Saved."))


def _not_changed(id: int, errors: dict, status: int = 422):
    close()
    facts = _part_facts(_part(id))
    if status != 409:
        facts["seen"] = request.form.get("seen", "")
        facts["held"] = {right for right in facts["offered"] if request.form.get(f"right-{right}")}
    return refused("household/part.html", status=status, **facts, typed=request.form, errors=errors)


@bp.post("/parts/<int:id>/take-back")
@resident("household")
def take_back(id):
    party = _part(id)
    try:
        household.take_back(session, g.viewer.home, party, request.form.get("seen", ""), by=g.viewer.as_resident())
    except REFUSALS as error:
        return _not_changed(id, _tenancy_words.told(error))
    except Stale:
        return _not_changed(id, {"last": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".index"), say=_("Taken back."))


# ---- Oneself, and the home -------------------------------------------------------------------------------------------


@bp.post("/enter")
@resident()
def enter():
    require(g.viewer.home.acting is None)
    household.enter(session, session.get_one(Party, g.viewer.home.party_id), by=g.viewer.as_resident())
    return done(None, to=url_for(".index"), say=_("The household sees your name now."))


@bp.post("/leave")
@resident()
def leave():
    days, home = Days(), g.viewer.home
    last = days.wanted("last")
    if days.errors:
        return _stayed(days.errors)
    try:
        party = session.get_one(Party, home.party_id)
        household.leave(session, home, party, last, tenancy.mark(party), by=g.viewer.as_resident())
    except REFUSALS as error:
        return _stayed(_tenancy_words.told(error))
    return done(None, to=url_for("home.index"), say=_("Your part in this home ends as you said."))


def _stayed(errors: dict):
    close()
    return refused("household/index.html", **_facts(), typed=request.form, errors=errors)


@bp.post("/occupants")
@resident("household")
def count():
    days, home = Days(), g.viewer.home
    first, many = days.wanted("first"), whole(request.form, "count")
    if days.errors:
        return _stayed(days.errors)
    try:
        household.set_occupants(session, home, -1 if many is None else many, first, by=g.viewer.as_resident())
    except REFUSALS as error:
        return _stayed(_tenancy_words.told(error))
    say = pgettext("household", "The number of occupants is saved.")
    return done(None, to=url_for(".index") + "#occupants", say=say)
