"""Attachments, each through a check of rights, sandboxed and never cached by anything shared (S38, S39, rule 50)."""

from flask import Blueprint, abort, current_app, g, request, send_file

from resident import access, files
from resident.files import Attachment

from ._download import disposition
from ._gate import signed_in
from ._web import one_or_404

bp = Blueprint("files", __name__, url_prefix="/files")
# Nothing in a file runs, sends or reads; a browser's own viewer of images still shows it.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


@bp.get("/<int:id>")
@signed_in
def show(id):
    return _sent(id)


@bp.get("/<int:id>/small")
@signed_in
def small(id):
    """The thumbnail of an image."""
    return _sent(id, small=True)


def _sent(id: int, small: bool = False):
    attachment = one_or_404(access.visible_attachments(g.viewer).where(Attachment.id == id))
    if small and attachment.kind != "image":
        abort(404)
    path = files.path(current_app.extensions["resident.settings"].files_dir, attachment, small)
    mark = attachment.sha256[:32] + ("s" if small else "")
    try:
        answer = send_file(path, mimetype=attachment.type, conditional=True, etag=mark, max_age=0)
    except OSError:
        abort(404)
    # Browsers show no PDF inside a sandbox: it is always saved.
    download = "download" in request.args or attachment.kind == "pdf"
    answer.headers["Content-Disposition"] = disposition(attachment.name, download)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
