"""The desk's first page: what waits for staff."""

from flask import Blueprint

from .._gate import staff
from .._locale import _
from .._web import page

bp = Blueprint("desk_home", __name__, url_prefix="/desk")


@bp.get("/")
@staff()
def index():
    return page("desk/home.html", title=_("What waits"))
