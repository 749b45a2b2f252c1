"""The organisation's settings: what holds from which day, and how the organisation is reached."""

from datetime import date

from flask import Blueprint, abort, g, request, url_for

from resident import access
from resident.errors import Stale
from resident.homes import organisation as organisations
from resident.homes import setting
from resident.homes.organisation import Organisation

from .. import _ladder_words, _setting_words, _terms
from .._days import Days
from .._gate import staff
from .._locale import _
from .._web import close, done, page, refused, session
from . import _organisation

bp = Blueprint("desk_settings", __name__, url_prefix="/desk/settings")
LONGEST = {"phone": 40, "emergency_phone": 40, "hours": 80, "email": 120, "address": 200}


def _place() -> dict:
    """whole: does a post change what holds in all buildings? Those of some of them look."""
    place = _organisation.place(g.viewer.duties_for("settings"))
    return place | {"whole": _organisation.within(access.whole_duties(g.viewer, "settings"), place["organisation"].id)}


def _changing() -> dict:
    """The same by a post that does."""
    return _organisation.place(access.whole_duties(g.viewer, "settings"))


@bp.get("")
@staff("settings")
def index():
    place = _place()
    organisation = place["organisation"]
    return page(
        "desk/settings/index.html",
        **place,
        title=_("Settings"),
        names=_setting_words.names(),
        values=setting.timeline(session, organisation.id, organisation.country, place["today"]),
        words=lambda name, value: _setting_words.words(name, value, organisation.id),
    )


@bp.get("/<string:name>")
@staff("settings")
def show(name):
    facts = _facts(name)
    typed = _setting_words.shown(name, facts["values"][0][1], facts["organisation"].id)
    return page("desk/settings/setting.html", **facts, typed=typed, first=None)


@bp.post("/<string:name>")
@staff("settings")
def change(name):
    facts = _facts(name)
    duty, organisation = facts["duty"], facts["organisation"]
    try:
        value = _setting_words.taken(name, organisation.languages.split(), organisation.id)
        first = _first_day()
        by, today = g.viewer.as_staff(duty), duty.organisation.today
        setting.change(session, organisation, name, value, first, request.form.get("seen", ""), by=by, today=today)
    except _setting_words.Refused as error:
        return _not_changed(name, error.errors)
    except setting.DayPassed:
        return _not_changed(name, {"first": _("A change can begin today or later, not on a day that has passed.")})
    except Stale:
        told = _(
            "Somebody changed this setting while you were writing. What holds now stands on this page. Save again to replace it."
        )
        return _not_changed(name, {"first": told}, 409)
    to = url_for(".index", organisation=organisation.id) + f"#{name}"
    return done(None, to=to, say=_("Setting saved."))


def _facts(name: str) -> dict:
    if name not in _setting_words.names():
        abort(404)
    place = _changing()
    organisation = place["organisation"]
    values = setting.timeline(session, organisation.id, organisation.country, place["today"])[name]
    title, hint = _setting_words.names()[name]
    return place | {
        "title": title,
        "hint": hint,
        "name": name,
        "values": values,
        "seen": setting.digest(values),
        "words": lambda name, value: _setting_words.words(name, value, organisation.id),
        "choices": _setting_words.choices(name),
        "steps": _ladder_words.rungs() if name == "estimate_ladder" else {},
        "ticked": _setting_words.ticked(name) if name in _setting_words.LISTS else {},
        "media": {key: (word, kind.measure) for key, (word, kind) in _setting_words.measured(organisation.id).items()},
        "terms": _terms,
        "roles": _setting_words.ROLES,
    }


def _not_changed(name: str, errors: dict, status: int = 422):
    """The form again with all that was typed; after a stale edit with the mark of what holds now."""
    close()
    facts = _facts(name)
    if status != 409:
        facts["seen"] = request.form.get("seen", "")
    first = request.form.get("first", "")
    return refused("desk/settings/setting.html", status=status, **facts, typed=request.form.to_dict(), first=first, errors=errors)


def _first_day() -> date:
    days = Days()
    first = days.wanted("first", _("The first day is missing. Choose the day from which the change holds."))
    if days.errors:
        raise _setting_words.Refused(days.errors)
    return first


# ---- How the organisation is reached ---------------------------------------------------------------------------------


@bp.get("/contact")
@staff("settings")
def contact():
    organisation = _changing()["organisation"]
    return _contact_page(page, organisation, organisations.contact(organisation), {})


@bp.post("/contact")
@staff("settings")
def change_contact():
    place = _changing()
    organisation = place["organisation"]
    typed = _typed()
    errors = _wrong(typed)
    if errors:
        return _contact_page(refused, organisation, typed, errors, _typed("seen-"))
    try:
        organisations.change_contact(session, organisation, typed, _typed("seen-"), by=g.viewer.as_staff(place["duty"]))
    except Stale:
        told = _(
            "Somebody changed these details while you were writing. What holds now stands on this page. Save again to replace it."
        )
        return _contact_page(refused, organisation, typed, {"phone": told}, status=409)
    return done(None, to=url_for(".index", organisation=organisation.id), say=_("Contact details saved."))


def _typed(prefix: str = "") -> dict:
    given = {name: request.form.get(prefix + name, "").replace("\x00", "").strip() or None for name in organisations.CONTACT}
    return {name: text and " ".join(text.split()) for name, text in given.items()}


def _wrong(typed: dict) -> dict[str, str]:
    long = _("This is too long. Shorten it.")
    errors = {name: long for name, most in LONGEST.items() if typed[name] and len(typed[name]) > most}
    if typed["email"] and not ("@" in typed["email"] and "." in typed["email"].split("@")[-1]):
        errors["email"] = _("An e-mail address looks like name@example.org. Check what you typed.")
    return errors


def _contact_page(answer, organisation: Organisation, typed: dict, errors: dict, seen: dict | None = None, **given):
    labels = {
        "phone": _("Telephone"),
        "emergency_phone": _("Emergency telephone"),
        "hours": _("Opening hours"),
        "email": _("E-mail"),
        "address": _("Address"),
    }
    now = organisations.contact(organisation)
    facts = {"organisation": organisation, "labels": labels, "longest": LONGEST, "typed": typed, "errors": errors, "now": now}
    return answer("desk/settings/contact.html", title=_("How to reach us"), **facts, seen=seen or now, **given)
