"""The invoices of a period on their way at the desk: mails, and a file to print for those who get them on paper (K5)."""

from flask import Blueprint, g, url_for

from resident import access
from resident.charging import delivering, printing
from resident.charging.print_run import PrintRun

from .._gate import staff
from .._locale import _, ngettext
from .._web import close, done, first_sending, page, refused, remember, session, settings
from . import _billed, _runs

bp = Blueprint("desk_deliveries", __name__, url_prefix="/desk/billing")
PAGE, PART = "desk/billing/deliveries.html", "desk/billing/_runs.html"


@bp.get("/<int:id>/deliveries")
@staff("billing")
def show(id):
    return page(PAGE, PART, **_shown(id))


@bp.post("/<int:id>/mails")
@staff("billing")
def mail(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _shown(id)
    if not facts["sendable"]:
        return _not_yet(id)
    count = delivering.order_mails(session, facts["period"], facts["organisation"], by=_billed.actor(facts))
    to = url_for(".show", id=id)
    remember(to)
    return done(None, to=to, say=ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", count))


@bp.post("/<int:id>/prints")
@staff("billing")
def print_all(id):
    if again := first_sending(g.viewer.login_id):
        return again
    facts = _shown(id)
    if not facts["sendable"]:
        return _not_yet(id)
    by, sees = _billed.actor(facts), facts["sees"]
    run = printing.order(session, facts["period"], facts["organisation"], by=by, undisclosed=sees)
    to = url_for(".show", id=id)
    remember(to)
    said = _("The file is being made. It appears on this page.") if run else _("Nothing new is to be printed.")
    return done(None, to=to, say=said)


def _sees(facts: dict) -> bool:
    return access.may_see_contacts(g.viewer, facts["organisation"].id, undisclosed=True)


def _shown(id: int) -> dict:
    facts = _billed.place(id, "billing")
    sees = _sees(facts)
    return facts | {
        "title": _("Delivery of invoices"),
        "sees": sees,
        "sendable": facts["period"].state in ("confirmed", "closed") and bool(facts["tally"].count),
        "plan": delivering.plan(session, facts["period"], facts["organisation"], undisclosed=sees),
        "mails": bool(settings().smtp_url),
        "again_at": url_for(".show", id=id),
        **_runs.listed(PrintRun.period_id == id),
    }


def _not_yet(id: int):
    close()
    told = _("The period is not confirmed yet, so it has no invoices. Confirm it first.")
    return refused(PAGE, status=409, **_shown(id) | {"errors": {"deliveries": told}})
