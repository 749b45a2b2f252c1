"""Asking once more who somebody is before a sensitive act, when they last proved it a while ago (S14).

A page marked @proved asks before anything is typed. A form sent too late is kept and goes on by itself (307) afterwards.
"""

from urllib.parse import urlsplit

from flask import make_response, render_template, request, url_for

from ._errors import kept_fields
from ._locale import _
from ._web import close, from_htmx, go


def ask():
    """The answer instead of the page or the act: proof first. Use:  if not g.viewer.lately_proved: return ask()"""
    if request.method in ("GET", "HEAD"):
        return go(url_for("proof.index", next=request.full_path.rstrip("?")))
    fields = kept_fields()
    if from_htmx() or fields is None:
        return go(url_for("proof.index", next=_came_from()))
    close()
    return proof_page(401, then=request.full_path.rstrip("?"), fields=fields)


def proof_page(
    status: int = 200, *, then: str | None, fields: list | None = None, trouble: str | None = None, field: str = "proof"
):
    """The page where one proves who one is. then: where to go on; fields: of a form that is sent on afterwards."""
    body = render_template(
        "proof/index.html",
        title=_("Confirm that it is you"), then=then, fields=fields, trouble=trouble, field=field, refused=bool(trouble),
    )  # fmt: skip
    return make_response(body, status)


def _came_from() -> str | None:
    """The page of ours that the form stood on."""
    page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    return page.path if page.netloc == request.host else None
