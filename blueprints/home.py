"""A resident's first page: what waits, what it costs, the rest."""

from flask import Blueprint, g

from ._gate import resident
from ._web import page

bp = Blueprint("home", __name__)


@bp.get("/")
@resident()
def index():
    return page("home/index.html", title=g.viewer.home.label)
