"""Letting somebody in: the one place where a session begins, whatever the way, and where it goes on under a new id (S18)."""

from dataclasses import dataclass

from flask import g, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import login_user
from sqlalchemy.orm import Session

from resident import demo
from resident.homes import setting
from resident.homes.organisation import Organisation, by_slug
from resident.people import device, sign_in, ways
from resident.people.token import new_token
from resident.people.ways import WayClosed

from . import _factors, _hosts
from ._gate import SignedIn, safe_next
from ._locale import N_, YEAR, _
from ._web import close, commit, database, session, settings

# What a sentence calls a way in.
WAYS = {
    "strong": N_("strong identification"),
    "password": N_("username and password"),
    "letter": N_("a letter with a start password"),
    "office": N_("registration at the office"),
    "passkey": N_("a passkey"),
}


def enter(login_id: int, way: str, second: bool = False, to: str | None = None):
    """Begin a session in the request's transaction, commit, and answer 303 to `to`, the form's next, or home.

    way: one of sign_in.WAYS; second: what was shown counts as the second factor too. Where none of the person's
    organisations offers the way, nothing is stored, and the answer is the sign-in page that says so.
    """
    agent = request.headers.get("User-Agent", "")
    own = browser() or new_token()
    try:
        met = device.meet(session, login_id, own, agent)
        if before := g.viewer or g.get("half"):
            sign_in.end(session, before.session_id, before.login_id)
        token = sign_in.begin(
            session, login_id, way=way, address=request.remote_addr or "", agent=agent, second=second, device_id=met.id
        )
    except WayClosed as error:
        return sign_in_page({"username": way_closed(error)}, 422)
    commit()
    cookie.clear()
    login_user(SignedIn(token, None))
    answer = redirect(to or safe_next(request.form.get("next")) or url_for("home.index"), 303)
    answer.set_cookie(device_cookie(), own, max_age=YEAR, secure=_https(), httponly=True, samesite="Lax", path="/")
    return answer


def go_on(*, second: bool = False, way: str | None = None) -> None:
    """The viewer's session goes on under a new id in the request's transaction, which is committed: the person proved who
    they are, showed the second factor (second), or chose an own password (way="password"). Answer with a 303 afterwards."""
    token = sign_in.renew(session, g.viewer.session_id, second=second, way=way)
    commit()
    # Forms that are open in other tabs stay good.
    forms = cookie.get("csrf_token")
    cookie.clear()
    if forms:
        cookie["csrf_token"] = forms
    login_user(SignedIn(token, None))


def device_cookie() -> str:
    return "__Host-resident-device" if _https() else "resident-device"


def browser() -> str | None:
    """The cookie by which this browser is known again."""
    return request.cookies.get(device_cookie())


def _https() -> bool:
    return settings().https


def closed_here() -> list[tuple]:
    """(organisation, its ways in words) for each whose homes and posts stay closed in the viewer's session."""
    if not g.viewer.closed:
        return []
    offered = ways.of_organisations(session, Organisation.id.in_([one.id for one in g.viewer.closed]))
    return [(one, _named(offered[one.id])) for one in g.viewer.closed]


def _named(offered) -> str:
    return ", ".join(_(WAYS[way]) for way in WAYS if way in offered)


def way_closed(error: WayClosed) -> str:
    open_ways = _named(error.open)
    return _("Your organisation does not let anybody sign in this way. What it offers: %(ways)s.", ways=open_ways)


# ---- The page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of the ways in is drawn from: whose page it is, the ways, the demo's sign-ins."""

    here: Organisation | None
    ways: frozenset
    demo: demo.SignIns | None


def sign_in_page(errors: dict[str, str] | None = None, status: int = 200, *, name: str = ""):
    """The page of the ways in: those of the organisation whose address it is, else of all together. Nothing of the
    request's session is kept."""
    close()
    offer, then = _offer(status), safe_next(request.values.get("next"))
    if offer.here:
        g.organisation_here = offer.here
    body = render_template(
        "entrance/sign_in.html",
        title=_("Sign in"),
        here=offer.here,
        ways=offer.ways,
        by_password=bool(offer.ways & {"password", "letter", "office"}),
        errors=errors or {},
        name=name,
        refused=bool(errors),
        next=then,
        demo=offer.demo,
        passkey=_factors.at_entry(offer.ways, then),
    )
    return make_response(body, status)


def _offer(status: int) -> Offer:
    if status == 429:
        # In a flood whoever comes is told to wait, and the database is not asked what else there is.
        return Offer(None, frozenset({"password"}), None)
    with database().reading() as own:
        here = _organisation(own)
        return Offer(here, ways.offered(own, here.id if here else None), demo.sign_ins(own))


def _organisation(own: Session) -> Organisation | None:
    """The organisation whose own address this is, by its name in the path or by the host."""
    slug, host = (request.view_args or {}).get("slug"), _hosts.name()
    if slug:
        return by_slug(own, slug)
    return setting.at_host(own, host) if host in settings().hosts else None


def known_address(slug: str) -> bool:
    with database().reading() as own:
        return by_slug(own, slug) is not None
