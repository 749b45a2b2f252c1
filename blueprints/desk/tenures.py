"""Who holds a home, at the desk: new tenures, their days, the units beside the home, and everybody's part in them."""

from flask import Blueprint, abort, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.charging import waiting
from resident.errors import Stale
from resident.homes import register, setting
from resident.homes.building import Unit
from resident.moves import orphan, tenancy
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure

from .. import _tenancy_words, _terms
from .._days import Days
from .._gate import staff
from .._locale import _
from .._tenancy_words import REFUSALS
from .._typed import whole
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session
from . import _holder, _place

bp = Blueprint("desk_tenures", __name__, url_prefix="/desk/tenures")


# ---- A new tenure ----------------------------------------------------------------------------------------------------


@bp.get("/new")
@staff("tenures")
def new():
    facts = _beginning()
    today = facts["today"].isoformat()
    return page(
        "desk/tenures/new.html",
        **facts,
        typed={"first": today, "signed": today, "tenure_kind": "lease", "kind": "natural"},
    )


@bp.post("/new")
@staff("tenures")
def create():
    facts, days = _beginning(), Days()
    signed, first, last = days.optional("signed"), days.wanted("first"), days.optional("last")
    holder = _holder.chosen(facts["organisation"].id, days.errors)
    kind = request.form.get("tenure_kind", "")
    if kind not in facts["tenure_kinds"]:
        days.errors["tenure_kind"] = _("Choose whether the home is owned or rented.")
    if again := first_sending(g.viewer.login_id):
        return again
    if days.errors:
        return _not_begun(days.errors)
    try:
        primary = _holder.entered(facts["organisation"].id, holder)
        by = facts["by"]
        made = tenancy.begin(session, facts["unit"].id, kind, primary, signed=signed, first=first, last=last, by=by)
    except REFUSALS as error:
        return _not_begun(_tenancy_words.told(error))
    to = url_for(".show", id=made.id)
    remember(to)
    return done(None, to=to, say=_("The tenure is entered."))


def _beginning() -> dict:
    unit = one_or_404(access.visible_units(g.viewer, "tenures").where(Unit.id == whole(request.values, "unit")))
    facts = _place.of(unit, "tenures")
    words = {kind: _terms.tenure(kind) for kind in ("lease", "ownership")}
    return {"title": _("New tenure"), **facts, "tenure_kinds": words, **_holder.facts(facts["organisation"].id)}


def _not_begun(errors: dict):
    close()
    return refused("desk/tenures/new.html", **_beginning(), typed=request.form, errors=errors)


# ---- One tenure ------------------------------------------------------------------------------------------------------


@bp.get("/<int:id>")
@staff("tenures")
def show(id):
    facts = _tenure(id)
    return page("desk/tenures/tenure.html", **facts, typed=_typed_of(facts["tenure"]))


@bp.post("/<int:id>")
@staff("tenures")
def change(id):
    facts, days = _tenure(id), Days()
    signed, first, last = days.optional("signed"), days.wanted("first"), days.optional("last")
    if days.errors:
        return _not_changed(id, days.errors)
    try:
        tenancy.change_days(session, facts["tenure"], signed, first, last, request.form.get("seen", ""), by=facts["by"])
    except REFUSALS as error:
        return _not_changed(id, _tenancy_words.told(error), orphans=getattr(error, "things", ()))
    except Stale:
        return _not_changed(id, {"first": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".show", id=id), say=_("The days are saved."))


@bp.post("/<int:id>/units")
@staff("tenures")
def hold(id):
    facts, days = _tenure(id), Days()
    first, last = days.wanted("held_first"), days.optional("held_last")
    unit = _unit_called(facts["building"].id)
    if unit is None:
        days.errors["number"] = _("There is no such unit in this building. Check its kind and number.")
    if days.errors:
        return _not_changed(id, days.errors)
    try:
        tenancy.hold(session, facts["tenure"], unit.id, first, last, by=facts["by"])
    except REFUSALS as error:
        told = _tenancy_words.told(error)
        return _not_changed(id, {"held_first" if name == "first" else "held_last": said for name, said in told.items()})
    return done(None, to=url_for(".show", id=id), say=_("The tenure holds it too."))


@bp.post("/<int:id>/units/<int:unit_id>/end")
@staff("tenures")
def let_go(id, unit_id):
    facts, days = _tenure(id), Days()
    last = days.wanted(f"last{unit_id}")
    # The home itself goes with the tenure: its end is the tenure's, or a handover.
    if unit_id not in {unit.id for unit, *_rest in facts["held"][1:]}:
        abort(404)
    if days.errors:
        return _not_changed(id, days.errors)
    try:
        tenancy.let_go(session, facts["tenure"], unit_id, last, by=facts["by"])
    except REFUSALS as error:
        return _not_changed(id, {f"last{unit_id}": said for said in _tenancy_words.told(error).values()})
    return done(None, to=url_for(".show", id=id), say=_("The tenure holds it until that day."))


def _unit_called(building_id: int) -> Unit | None:
    number = " ".join(request.form.get("number", "").replace("\0", "").split())[:20]
    wanted = access.visible_units(g.viewer, "tenures").where(
        Unit.building_id == building_id, Unit.kind == request.form.get("unit_kind")
    )
    return session.scalar(wanted.where(Unit.number == number))


def _tenure(id: int) -> dict:
    tenure = one_or_404(access.visible_tenures(g.viewer, "tenures").where(Tenure.id == id))
    held = session.execute(
        select(Unit, Holding.first, Holding.last)
        .join(Holding, Holding.unit_id == Unit.id)
        .where(Holding.tenure_id == id)
        .order_by(Unit.kind != "home", Holding.id)
    ).all()
    facts = _place.of(held[0][0], "tenures")
    organisation = facts["organisation"]
    return {
        "title": _terms.tenure(tenure.kind),
        **facts,
        "tenure": tenure,
        "held": held,
        "parties": [row for row in register.parties(session, held[0][0].id) if row.tenure_id == id],
        "role_rights": setting.in_force(session, organisation.id, organisation.country, facts["today"])["rights"],
        "hidden_from": lambda row: row.non_disclosure and not access.may_see_contacts(g.viewer, organisation.id, undisclosed=True),
        "seen": tenancy.mark(tenure),
        "orphaned": [],
        "strays": orphan.strays(session, tenure),
        "moved": _moved(tenure) if g.viewer.can("money", organisation.id, facts["building"].id) else None,
        **_holder.facts(organisation.id),
    }


def _moved(tenure: Tenure) -> dict | None:
    """What waits for the tenure because days that were billed changed hands: how many corrections, what they come to, whether rent
    or advances are among them."""
    count, amount, agreed = waiting.moved(session, tenure.id)
    return {"count": count, "amount": amount, "agreed": agreed} if count else None


def _typed_of(tenure: Tenure) -> dict:
    found = {name: getattr(tenure, name) for name in ("signed", "first", "last")}
    return {name: day.isoformat() if day else "" for name, day in found.items()}


def _not_changed(id: int, errors: dict, status: int = 422, orphans=()):
    close()
    facts = _tenure(id)
    if g.viewer.can("money", facts["organisation"].id, facts["building"].id):
        facts["orphaned"] = [one for one in orphans if one.kind == "invoice"]
    typed = _typed_of(facts["tenure"]) | dict(request.form)
    return refused("desk/tenures/tenure.html", status=status, **facts, typed=typed, errors=errors)


# ---- Parts in it -----------------------------------------------------------------------------------------------------


@bp.get("/<int:id>/parties/new")
@staff("tenures")
def new_party(id):
    facts = _tenure(id)
    typed = {"first": max(facts["today"], facts["tenure"].first).isoformat(), "role": "co_owner", "kind": "natural"}
    return page("desk/tenures/party.html", **facts | _adding(facts), typed=typed)


@bp.post("/<int:id>/parties")
@staff("tenures")
def add_party(id):
    facts, days = _tenure(id), Days()
    first, last = days.wanted("first"), days.optional("last")
    holder, role, rights = _holder.chosen(facts["organisation"].id, days.errors), _role(days.errors), _rights()
    if again := first_sending(g.viewer.login_id):
        return again
    if days.errors:
        return _not_added(id, days.errors)
    try:
        who = _holder.entered(facts["organisation"].id, holder)
        tenancy.join(session, facts["tenure"], who, role, rights, first, last, by=facts["by"])
    except REFUSALS as error:
        return _not_added(id, _tenancy_words.told(error))
    to = url_for(".show", id=id)
    remember(to)
    return done(None, to=to, say=_("Added."))


def _adding(facts: dict) -> dict:
    return {"title": _("Add somebody to the tenure"), "party": None, "own": False, "ticked": _ticked(), **_words(facts)}


def _not_added(id: int, errors: dict):
    close()
    facts = _tenure(id)
    return refused("desk/tenures/party.html", **facts | _adding(facts), typed=request.form, errors=errors)


@bp.get("/<int:id>/parties/<int:party_id>")
@staff("tenures")
def party(id, party_id):
    facts = _party(id, party_id)
    one = facts["party"]
    typed = {"role": one.role, "first": one.first.isoformat(), "last": one.last.isoformat() if one.last else ""}
    typed["rights_of"] = "own" if one.rights is not None else "role"
    return page("desk/tenures/party.html", **facts, typed=typed)


@bp.post("/<int:id>/parties/<int:party_id>")
@staff("tenures")
def change_party(id, party_id):
    facts, days = _party(id, party_id), Days()
    first, last, role, rights = days.wanted("first"), days.optional("last"), _role(days.errors), _rights()
    if days.errors:
        return _party_left(id, party_id, days.errors)
    try:
        seen = request.form.get("seen", "")
        tenancy.change_party(session, facts["party"], role, rights, first, last, seen, by=facts["by"])
    except REFUSALS as error:
        return _party_left(id, party_id, _tenancy_words.told(error))
    except Stale:
        return _party_left(id, party_id, {"first": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".show", id=id), say=_("Saved."))


@bp.post("/<int:id>/parties/<int:party_id>/remove")
@staff("tenures")
def remove_party(id, party_id):
    facts = _party(id, party_id)
    try:
        tenancy.remove(session, facts["party"], facts["today"], request.form.get("seen", ""), by=facts["by"])
    except REFUSALS as error:
        return _party_left(id, party_id, _tenancy_words.told(error))
    except Stale:
        return _party_left(id, party_id, {"first": _tenancy_words.changed_meanwhile()}, 409)
    return done(None, to=url_for(".show", id=id), say=_("Taken back."))


def _party(id: int, party_id: int) -> dict:
    facts = _tenure(id)
    one = one_or_404(select(Party).where(Party.id == party_id, Party.tenure_id == id))
    who = session.get_one(Person, one.person_id)
    hidden = facts["hidden_from"](who)
    held = one.rights if one.rights is not None else facts["role_rights"].get(one.role, [])
    own = {"title": _("Name not shown") if hidden else who.name, "party": one, "ticked": set(held), "seen": tenancy.mark(one)}
    return facts | own | _words(facts)


def _party_left(id: int, party_id: int, errors: dict, status: int = 422):
    close()
    facts = _party(id, party_id)
    facts["ticked"] = _ticked()
    if status != 409:
        facts["seen"] = request.form.get("seen", "")
    return refused("desk/tenures/party.html", status=status, **facts, typed=request.form, errors=errors)


def _words(facts: dict) -> dict:
    kind = facts["tenure"].kind
    return {
        "roles": {role: _terms.role(role, kind) for role in tenancy.ROLES},
        "rights": _terms.rights(),
        "rights_of": {"role": _("As the organisation’s settings say for the role"), "own": _("As ticked here")},
    }


def _ticked() -> set:
    return {right for right in _terms.rights() if request.form.get(f"right-{right}")}


def _role(errors: dict) -> str:
    role = request.form.get("role", "")
    if role not in tenancy.ROLES:
        errors["role"] = _("Choose what this person is in the tenure.")
    return role


def _rights() -> list | None:
    return sorted(_ticked()) if request.form.get("rights_of") == "own" else None
