"""Attachments of messages and faults, each through a check of rights."""

from flask import Blueprint, abort, g

from resident import access
from resident.files import Attachment

from ._download import sent
from ._gate import signed_in
from ._web import one_or_404

bp = Blueprint("files", __name__, url_prefix="/files")


@bp.get("/<int:id>")
@signed_in
def show(id):
    return sent(_attachment(id))


@bp.get("/<int:id>/small")
@signed_in
def small(id):
    """The thumbnail of an image."""
    attachment = _attachment(id)
    if attachment.kind != "image":
        abort(404)
    return sent(attachment, small=True)


def _attachment(id: int) -> Attachment:
    return one_or_404(access.visible_attachments(g.viewer).where(Attachment.id == id))
