"""Asking once more who somebody is before a sensitive act, when they last proved it a while ago (S14).

A page marked @proved asks before anything is typed. A form sent too late is kept and goes on by itself (307) afterwards.
"""

from flask import g, make_response, render_template, request, url_for

from resident.people import arrival, factor, first_password

from . import _factors
from ._errors import kept_fields
from ._locale import _
from ._web import address, close, database, from_htmx, go


def ask():
    """The answer instead of the page or the act: proof first. Use:  if not g.viewer.lately_proved: return ask()"""
    if request.method in ("GET", "HEAD"):
        return go(url_for("proof.index", next=request.full_path.rstrip("?")))
    fields = kept_fields()
    close()
    ways = _ways()
    if from_htmx() or fields is None or not (ways["password"] or ways["app"]):
        return go(url_for("proof.index", next=_came_from()))
    return proof_page(401, then=request.full_path.rstrip("?"), fields=fields)


def proof_page(status: int = 200, *, then: str | None, fields: list | None = None, errors: dict[str, str] | None = None):
    """The page where one proves who one is. then: where to go on; fields: of a form that is sent on afterwards."""
    ways = _ways()
    asked = _factors.asking("proof", url_for("proof.show_passkey"), _("Use a passkey"), then)
    facts = {
        "then": then,
        "fields": fields,
        "errors": errors or {},
        "refused": bool(errors),
        "title": _("Confirm that it is you"),
    }
    body = render_template("proof/index.html", **facts, **ways, asked=asked if ways["passkey"] and fields is None else None)
    return make_response(body, status)


def _ways() -> dict[str, bool]:
    """What whoever is signed in can prove themselves by."""
    login = g.viewer.login_id
    with database().reading() as own:
        kinds = {row.kind for row in factor.held(own, login)}
        return {
            "password": first_password.has_password(own, login),
            "app": "totp" in kinds,
            "passkey": "passkey" in kinds,
            "identified": bool(arrival.identities(own, login)),
        }


def _came_from() -> str | None:
    """The page of ours that the form stood on."""
    page = address(request.headers.get("HX-Current-URL") or request.headers.get("Referer"))
    return page.path if page.netloc == request.host else None
