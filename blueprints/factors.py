"""One's own second factors and passkeys: what there is, removing one, new recovery codes."""

from flask import Blueprint, abort, g, request, url_for

from resident.people import factor, recovery
from resident.people.factor import Factor, LastFactor

from ._gate import proved, signed_in
from ._locale import YEAR, _
from ._web import close, commit, done, first_sending, one_or_404, page, refused, remember, session

bp = Blueprint("factors", __name__, url_prefix="/details/factors")
# The cookie of a browser in which somebody wants no passkey for now.
SUGGESTED = "passkey-later"


@bp.get("")
@signed_in
def index():
    return page("second_factor/list.html", **_facts())


@bp.post("/<int:id>/removal")
@signed_in
@proved
def remove(id):
    row = one_or_404(factor.own(g.viewer.login_id).where(Factor.id == id))
    try:
        factor.remove(session, row, needed=g.viewer.needs_second)
    except LastFactor:
        told = _("Your position needs a second step, so the last one stays. Add another one first, then remove this one.")
        close()
        return refused("second_factor/list.html", **_facts(), errors={"held": told})
    return done(None, to=url_for(".index"), say=_("It is removed. It opens nothing any more."))


@bp.post("/codes")
@signed_in
@proved
def make_codes():
    """A new set, which ends the old one, shown in this one answer and nowhere else."""
    if not factor.has(session, g.viewer.login_id):
        abort(404)
    if again := first_sending(g.viewer.login_id):
        return again
    codes = recovery.make(session, g.viewer.login_id)
    remember(url_for(".index"))
    commit()
    return page("second_factor/codes.html", title=_("Your recovery codes"), codes=codes, next=url_for(".index"))


@bp.post("/later")
@signed_in
def later():
    """The suggestion of a passkey is not made in this browser any more."""
    answer = done(None, to=url_for("details.index"))
    answer.set_cookie(SUGGESTED, "yes", max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer


def _facts() -> dict:
    login, organisation = g.viewer.login_id, g.viewer.organisation
    rows = factor.held(session, login)
    return {
        "title": _("Passkeys and second step"),
        "rows": rows,
        "asked_for": g.viewer.needs_second or any(row.kind == "totp" for row in rows),
        "papers": recovery.left(session, login),
        "needed": g.viewer.needs_second,
        "tz": organisation.tz if organisation else "UTC",
    }
