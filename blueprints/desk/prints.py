"""Files of invoices to print at the desk: those of invoices made by themselves, and what is done with any of them – saved, made
again when it is no longer kept, said to be posted (K5)."""

from collections.abc import Callable

from flask import Blueprint, abort, g, send_file, url_for

from resident import access, clock
from resident.charging import delivering, printing
from resident.charging.print_run import PrintRun
from resident.money.period import BillingPeriod

from .._gate import staff
from .._locale import _, ngettext
from .._web import close, done, first_sending, one_or_404, page, remember, session, settings
from . import _organisation, _runs

bp = Blueprint("desk_prints", __name__, url_prefix="/desk/prints")
PAGE, PART = "desk/prints/waiting.html", "desk/billing/_runs.html"


@bp.get("")
@staff("billing")
def index():
    return page(PAGE, PART, **_shown())


@bp.post("")
@staff("billing")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    duty = _organisation.of(g.viewer.duties_for("billing"))
    by, within = g.viewer.as_staff(duty), access.reach_accounts(g.viewer, "billing")
    run = printing.order_waiting(session, duty.organisation, within, by=by, undisclosed=_sees(duty))
    to = url_for(".index", organisation=duty.organisation.id)
    remember(to)
    said = _("The file is being made. It appears on this page.") if run else _("Nothing new is to be printed.")
    return done(None, to=to, say=said)


@bp.get("/<int:id>")
@staff("billing")
def file(id):
    run = _run(id)
    path = printing.file(run, settings().data_dir) or abort(404)
    name = _("Invoices %(month)s", month=_of(run)) + ".pdf"
    return send_file(path.absolute(), "application/pdf", as_attachment=True, download_name=name, max_age=0)


@bp.post("/<int:id>/drawing")
@staff("billing")
def draw(id):
    return _moved(_run(id), printing.again, lambda _run: _("The file is being made. It appears on this page."))


@bp.post("/<int:id>/posting")
@staff("billing")
def post(id):
    return _moved(_run(id), printing.posted, _posted)


def _moved(run: PrintRun, verb: Callable, say: Callable[[PrintRun], str]):
    """A step of a file to print, which only one that is not being drawn takes."""
    try:
        verb(session, run, by=_by(run))
    except printing.NotDrawn:
        return _still(run)
    return done(None, to=_place(run), say=say(run))


def _posted(run: PrintRun) -> str:
    count = len(run.deliveries)
    return ngettext("%(n)d invoice is recorded as posted.", "%(n)d invoices are recorded as posted.", count)


def _of(run: PrintRun) -> str:
    """Its month, or the day on which it was ordered."""
    if run.period_id is not None:
        return session.get_one(BillingPeriod, run.period_id).name
    return clock.day(run.ordered_at, printing.creditor_of(session, run).tz).isoformat()


def _still(run: PrintRun):
    close()
    return done(None, to=_place(run), say=_("The file is still being made. Wait until it is there."))


def _run(id: int) -> PrintRun:
    return one_or_404(access.visible_print_runs(g.viewer).where(PrintRun.id == id))


def _by(run: PrintRun) -> access.Actor:
    return g.viewer.as_staff(g.viewer.duty("billing", printing.creditor_of(session, run).id))


def _place(run: PrintRun) -> str:
    """The page that lists it."""
    if run.period_id is not None:
        return url_for("desk_deliveries.show", id=run.period_id)
    return url_for(".index", organisation=run.organisation_id)


def _sees(duty: access.Duty) -> bool:
    return access.may_see_contacts(g.viewer, duty.organisation.id, undisclosed=True)


def _shown() -> dict:
    duties = g.viewer.duties_for("billing")
    facts = _organisation.place(duties)
    duty = facts["duty"]
    within = access.reach_accounts(g.viewer, "billing")
    papers, hidden = delivering.papers(session, duty.organisation.id, within, undisclosed=_sees(duty))
    return facts | {
        "title": _("Single invoices on paper"),
        "papers": papers,
        "hidden_count": hidden,
        "again_at": url_for(".index", organisation=duty.organisation.id),
        **_runs.listed(PrintRun.organisation_id == duty.organisation.id),
    }
