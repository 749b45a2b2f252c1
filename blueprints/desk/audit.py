"""The organisation's audit at the desk: what was done, by whom, to what, narrowed by person, act and day (S57)."""

from datetime import date, timedelta

from flask import Blueprint, g, request

from resident import access, audit, clock
from resident.audit import AuditEvent

from .. import _audit_words
from .._days import day
from .._gate import staff
from .._locale import _
from .._typed import whole
from .._web import page, session
from . import _organisation

bp = Blueprint("desk_audit", __name__, url_prefix="/desk/audit")
# Where a thing has a page at the desk.
PAGES = {
    "person": "/desk/people/{}", "unit": "/desk/homes/{}", "thread": "/desk/messages/{}", "case_file": "/desk/faults/{}",
    "invoice": "/desk/invoices/{}",
}  # fmt: skip


@bp.get("")
@staff("settings")
def index():
    duties, acts = access.whole_duties(g.viewer, "settings"), _audit_words.acts()
    organisation = _organisation.of(duties).organisation
    since, until = _days()
    asked = _asked(acts, since, until, organisation.tz)
    visible = access.visible_audit(g.viewer).where(AuditEvent.organisation_id == organisation.id)
    rows, following = audit.page(session, visible, asked)
    return page(
        "desk/audit/index.html",
        part="desk/audit/_events.html",
        title=_("Who did what"),
        organisation=organisation,
        others=[one for one in _organisation.each(duties) if one.id != organisation.id],
        events=_audit_words.told(rows, g.viewer.login_id, at_desk=True),
        acts=dict(sorted(acts.items(), key=lambda pair: pair[1])),
        sorts=_audit_words.sorts(),
        pages=PAGES,
        asked=asked,
        since=since,
        until=until,
        following=following,
    )


def _asked(acts: dict[str, str], since: date | None, until: date | None, tz: str) -> audit.Asked:
    """The filter of the address; acts and orders that there are none of are left out."""
    act, sort = request.args.get("act", ""), request.args.get("sort", "")
    return audit.Asked(
        sort=sort if sort in audit.SORTS else "",
        act=act if act in acts else "",
        person_id=whole(request.args, "person"),
        since=clock.begins(since, tz) if since else None,
        until=clock.begins(until + timedelta(days=1), tz) if until else None,
        before=whole(request.args, "before"),
    )


def _days() -> tuple[date | None, date | None]:
    """First and last day of the filter; one that is no day is left out."""
    found = []
    for name in ("since", "until"):
        try:
            given = day(request.args, name)
        except ValueError:
            given = None
        found.append(given)
    return tuple(found)
