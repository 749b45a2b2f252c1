"""The desk's first page: what waits for staff, queue by queue, only those that their posts give."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, g, url_for
from sqlalchemy import select

from resident import access, clock
from resident.banking.bank_file import BankCredit
from resident.charging import delivering
from resident.homes import setting
from resident.metering import expiry, feeds_told, tally
from resident.metering.leak import Leak
from resident.metering.reading import Reading
from resident.metering.slip import Slip
from resident.money import rates
from resident.talk import queue
from resident.talk.thread import Thread

from .. import _terms
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._web import page, session

bp = Blueprint("desk_home", __name__, url_prefix="/desk")
# More than this is shown as "99+".
COUNTED = 99
LATEST = 5


@dataclass(frozen=True, slots=True)
class Queue:
    """oldest: the instant since when its first waits, or None when nothing does; days are those of the zone tz."""

    name: str
    icon: str
    url: str
    count: int
    oldest: object | None
    tz: str
    # What is said instead of how long the oldest has waited, of what has a last day.
    told: str = ""

    @property
    def figure(self) -> str:
        return f"{COUNTED}+" if self.count > COUNTED else str(self.count)

    @property
    def age(self) -> str:
        if self.oldest is None:
            return _("Nothing waits")
        if self.told:
            return self.told
        days = (clock.today(self.tz) - clock.day(self.oldest, self.tz)).days
        if days <= 0:
            return _("The oldest is from today")
        return ngettext("The oldest has waited for %(n)d day", "The oldest has waited for %(n)d days", days)


@bp.get("/")
@staff()
def index():
    viewer = g.viewer
    today = viewer.duties[0].organisation.today if viewer.duties else clock.now().date()
    facts = {"today": today, "post": _terms.post(viewer.duties[0].role) if viewer.duties else None}
    cases, own = viewer.can("cases"), viewer.can("own_cases")
    residents = (*_faults(viewer, cases), *_messages(viewer), *_questions(viewer))
    return page(
        "desk/home.html",
        title=_("What waits"),
        queues=[*residents, *_verifications(viewer), *_remote(viewer), *_papers(viewer), *_payments(viewer), *_rates(viewer)],
        work=session.execute(queue.caretakers_work(viewer)).all() if own else None,
        latest=session.execute(queue.queue(viewer, queue.Filter())).all()[:LATEST] if cases else None,
        tallies=tally.tallies(session, viewer, today) if viewer.can("progress") else None,
        label=lambda row: access.home_label(row.country, row.address, row.home) if row.home else row.address,
        **facts,
    )


def _faults(viewer: access.Viewer, cases: bool) -> list[Queue]:
    if not cases:
        return []
    waiting = {state: (count, oldest) for state, count, oldest in session.execute(queue.open_counts(viewer))}
    return [Queue(_("New faults"), "tool", url_for("desk_faults.index", state="new"), *waiting.get("new", (0, None)), _tz(viewer))]


def _messages(viewer: access.Viewer) -> list[Queue]:
    if not viewer.answers():
        return []
    unanswered = select(Thread.last_at).where(~Thread.last_by_staff, access.answered_threads(viewer))
    name, url = _("Messages without an answer"), url_for("desk_messages.index")
    return [_queue(name, "chat", url, unanswered.order_by(Thread.last_at), _tz(viewer))]


def _questions(viewer: access.Viewer) -> list[Queue]:
    if not viewer.can("windows"):
        return []
    pending = access.visible_pending_readings(viewer).with_only_columns(Reading.at).order_by(Reading.id)
    held = access.visible_held_slips(viewer).with_only_columns(Slip.at).order_by(Slip.id)
    return [
        _queue(_("Readings in question"), "ask", url_for("desk_readings.questions"), pending, _tz(viewer)),
        _queue(_("Readings that came later"), "counter", url_for("desk_slips.index"), held, _tz(viewer)),
    ]


def _verifications(viewer: access.Viewer) -> list[Queue]:
    """Meters whose verification has ended, or ends within what the organisation's reminders look ahead."""
    duty = viewer.duty("meters")
    if duty is None:
        return []
    organisation = duty.organisation
    before = expiry.ahead(session, organisation.id, organisation.country, organisation.today)
    days = session.scalars(expiry.ending(viewer, before).limit(COUNTED + 1)).all()
    first, tz = days[0] if days else None, organisation.tz
    told = _("The first ends, or ended, on %(day)s", day=fmt().date(first)) if days else ""
    url = url_for("desk_meters.index", ends=before.isoformat())
    return [Queue(_("Verifications of meters that end"), "counter", url, len(days), first, tz, told)]


def _remote(viewer: access.Viewer) -> list[Queue]:
    """Shown when something waits: most houses are not read remotely."""
    if not viewer.can("readings"):
        return []
    changed = feeds_told.changed(session, viewer)
    nights = (
        access.visible_leaks(viewer).with_only_columns(Leak.first_night).where(Leak.ended_on.is_(None)).order_by(Leak.first_night)
    )
    leaks, tz, found = session.scalars(nights.limit(COUNTED + 1)).all(), _tz(viewer), []
    if changed:
        oldest = datetime.fromtimestamp(changed[0].at, UTC)
        found.append(
            Queue(_("Counters that seem to have been changed"), "counter", url_for("desk_feeds.index"), len(changed), oldest, tz)
        )
    if leaks:
        found.append(Queue(_("Possible leaks"), "alert", url_for("desk_leaks.index"), len(leaks), clock.begins(leaks[0], tz), tz))
    return found


def _papers(viewer: access.Viewer) -> list[Queue]:
    """Shown when something waits: invoices made by themselves, for those who want paper."""
    duty = viewer.duty("billing")
    if duty is None:
        return []
    waiting = delivering.papers_since(access.reach_accounts(viewer, "billing"))
    papers = _queue(_("Single invoices to print"), "print", url_for("desk_prints.index"), waiting, duty.organisation.tz)
    return [papers] if papers.count else []


def _payments(viewer: access.Viewer) -> list[Queue]:
    """Shown when something waits: payments from the bank that nobody has said where they belong."""
    duty = viewer.duty("billing")
    if duty is None:
        return []
    waiting = access.visible_bank_credits(viewer).with_only_columns(BankCredit.booked_day)
    days = session.scalars(waiting.where(BankCredit.state == "waiting").order_by(BankCredit.booked_day).limit(COUNTED + 1)).all()
    url, tz = url_for("desk_payments.index", organisation=duty.organisation.id), duty.organisation.tz
    return [Queue(_("Payments in"), "get", url, len(days), clock.begins(days[0], tz), tz)] if days else []


def _rates(viewer: access.Viewer) -> list[Queue]:
    """Shown when the table of late interest ends, or a cap on it does, soon or already (rule 34)."""
    duty = viewer.duty("billing")
    if duty is None:
        return []
    organisation = duty.organisation
    table = rates.table(session, organisation.id, organisation.country)
    gaps = rates.gaps(table, organisation.country, organisation.today)
    if not gaps or not setting.in_force(session, organisation.id, organisation.country, organisation.today)["interest_charged"]:
        return []
    day = min(gap.day for gap in gaps)
    told = _("From %(day)s on", day=fmt().date(day))
    name, url = _("Rates of late interest to look up"), url_for("desk_interest.index", organisation=organisation.id)
    return [Queue(name, "chart", url, len(gaps), day, organisation.tz, told)]


def _tz(viewer: access.Viewer) -> str:
    return viewer.duties[0].organisation.tz


def _queue(name: str, icon: str, url: str, statement, tz: str) -> Queue:
    """statement: the instants since when things wait, the oldest first."""
    since = session.scalars(statement.limit(COUNTED + 1)).all()
    return Queue(name, icon, url, len(since), since[0] if since else None, tz)
