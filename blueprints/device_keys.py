"""One's own keys for machines that report readings (B13): made, shown once, ended."""

from flask import Blueprint, g, request, url_for

from resident import access
from resident.metering import machine
from resident.metering.device_key import DeviceKey

from . import _counters
from ._gate import proved, resident
from ._locale import _, ngettext
from ._web import close, commit, done, first_sending, one_or_404, page, refused, remember, session

bp = Blueprint("device_keys", __name__, url_prefix="/readings/machines")


@bp.get("")
@resident("readings")
def index():
    return page("device_keys/index.html", **_facts())


@bp.get("/guide")
@resident("readings")
def guide():
    """docs/machines.md for whoever lives here: with the registers of their homes and the address of this portal."""
    mine = [home for home in g.viewer.homes if home.party_id == g.viewer.home.party_id and home.may("readings")]
    rows = [row for _, form in machine.forms(session, mine) for row in form.counters if not row.remote]
    facts = {"rows": rows, "counters": _counters, "address": _address(), "listed": url_for("api.meters", _external=True)}
    return page("device_keys/guide.html", title=_("What a machine sends"), **facts)


@bp.post("")
@resident("readings")
@proved
def make():
    """A new key, shown in this one answer and nowhere else."""
    if again := first_sending(g.viewer.login_id):
        return again
    name = request.form.get("name", "")
    try:
        text = machine.make(session, g.viewer.home, g.viewer.login_id, name, by=g.viewer.as_resident())
    except machine.BadName:
        return _left(_("Write a name by which you know the machine, for example “Heat meter gateway”."))
    except machine.TooManyKeys as error:
        told = ngettext(
            "There is %(n)d key already. End one that is not used.",
            "There are %(n)d keys already. End one that is not used.",
            error.most,
        )
        return _left(told)
    remember(url_for(".index"))
    commit()
    return page("device_keys/key.html", title=_("Your new key"), key=text, name=name.strip(), address=_address())


@bp.post("/<int:id>/end")
@resident("readings")
def end(id):
    key = one_or_404(access.own_device_keys(g.viewer).where(DeviceKey.id == id))
    machine.end(session, key, by=g.viewer.as_resident())
    return done(None, to=url_for(".index"), say=_("The key is ended. It opens nothing any more."))


def _facts() -> dict:
    mine = access.own_device_keys(g.viewer).where(DeviceKey.party_id == g.viewer.home.party_id)
    rows = session.scalars(mine.order_by(DeviceKey.id)).all()
    return {"title": _("Machines that report readings"), "rows": rows, "address": _address(), "typed": ""}


def _address() -> str:
    return url_for("api.readings", _external=True)


def _left(told: str):
    close()
    return refused("device_keys/index.html", **_facts() | {"errors": {"name": told}, "typed": request.form.get("name", "")})
