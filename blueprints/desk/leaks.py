"""Possible leaks at the desk: homes in which water flowed through whole nights."""

from flask import Blueprint, g

from resident.metering import leaks_told

from .. import _terms
from .._gate import staff
from .._locale import _
from .._web import page, session

bp = Blueprint("desk_leaks", __name__, url_prefix="/desk/leaks")


@bp.get("")
@staff("readings")
def index():
    found = leaks_told.at_desk(session, g.viewer)
    return page(
        "desk/leaks/index.html",
        title=_("Possible leaks"),
        running=[one for one in found if one.leak.ended_on is None],
        ended=[one for one in found if one.leak.ended_on is not None],
        medium_name=_terms.medium_name,
        registered=g.viewer.can("register"),
    )
