"""What waits for a resident in a home: readings to send, faults under way, messages not read. Three SELECTs.

Plain tables and statements built once: the first page is the one that is opened most.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import String, and_, bindparam, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from ..access import Home
from ..db import Quantity, plain
from ..metering.leak import Leak
from ..metering.meter import Meter, Register
from ..metering.reading import PENDING, Reading
from ..metering.slip import Slip
from ..metering.slipping import ASKS
from ..metering.window import LOOK_BACK, TAKES_READINGS, ReadingWindow
from ..money.period import BillingPeriod
from ..month import month_name
from ..people.handover import Handover
from ..talk.case import REOPENED, Case
from ..talk.thread import Thread

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Window:
    """The window that is open for the home's building, and how far the home has come in it; or one that is over, whose
    readings the home sent itself and may correct until the costs are shared out."""

    month: str
    first: date
    last: date
    registers: int
    submitted: int
    over: bool
    # Something came without a page and is in question until somebody of the home answers.
    asks: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """A fault under way, or a thread with something new. kind: "case" or "thread"."""

    kind: str
    id: int
    subject: str
    number: str
    state: str | None
    at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class NightFlow:
    """Water that flowed through whole nights, and may still. flow: the least of an hour, in millionths of a cubic metre."""

    first_night: date
    flow: int
    medium: str
    place: str | None

    @property
    def litres(self) -> int:
        """An hour, at least."""
        return self.flow // 1000


_meter, _register, _reading = Meter.__table__.c, Register.__table__.c, Reading.__table__.c
_window, _period = ReadingWindow.__table__.c, BillingPeriod.__table__.c
_slip = Slip.__table__.c
_case, _thread = Case.__table__.c, Thread.__table__.c

_LIVE_REGISTERS = (
    select(func.count(_register.id))
    .join_from(Register.__table__, Meter.__table__, _meter.id == _register.meter_id)
    .where(_meter.unit_id == bindparam("unit"), _meter.removed.is_(None), ~_meter.remote)
)
_OF_PERIOD = (
    select(literal(1))
    .where(_reading.register_id == _register.id, _reading.period_id == _period.id, _reading.state != "rejected")
    .correlate(Register.__table__, BillingPeriod.__table__)
)
_SENT = _LIVE_REGISTERS.where(_OF_PERIOD.exists()).correlate(BillingPeriod.__table__).scalar_subquery()
_SENT_BY_HOME = _LIVE_REGISTERS.where(
    _OF_PERIOD.where(
        _reading.source == "resident", or_(_reading.counts, _reading.state == PENDING), _reading.day >= bindparam("since")
    ).exists()
).correlate(BillingPeriod.__table__)
_ASKED = (
    select(literal(1))
    .select_from(Slip.__table__)
    .where(_slip.unit_id == bindparam("unit"), _slip.state == "held", _slip.why.in_(ASKS), _slip.day >= bindparam("since"))
    .exists()
)
_over = _window.last < bindparam("today")
_WINDOW = (
    select(_period.name, _window.first, _window.last, _LIVE_REGISTERS.scalar_subquery(), _SENT, _over, _ASKED)
    .join_from(BillingPeriod.__table__, ReadingWindow.__table__, _window.period_id == _period.id)
    .where(
        _period.building_id == bindparam("building"),
        _period.state.in_(TAKES_READINGS),
        _period.name >= bindparam("known"),
        _window.first <= bindparam("today"),
        or_(~_over, _SENT_BY_HOME.scalar_subquery() > 0),
    )
    .order_by(_over, case((_over, None), else_=_window.last), _window.last.desc())
    .limit(1)
)
_handover, _leak = Handover.__table__.c, Leak.__table__.c
# What is rare and stands beside the rest: one SELECT for both.
_BESIDE = union_all(
    select(
        literal("handover").label("kind"),
        _handover.id,
        _handover.day,
        (_handover.leaving_id == bindparam("tenure")).label("leaves"),
        cast(null(), Quantity).label("flow"),
        cast(null(), String).label("medium"),
        cast(null(), String).label("place"),
    )
    .where(
        _handover.state == "planned", or_(_handover.leaving_id == bindparam("tenure"), _handover.coming_id == bindparam("tenure"))
    )
    .limit(1)
    .subquery()
    .select(),
    select(
        literal("leak"),
        _leak.id,
        _leak.first_night,
        literal(False),
        _leak.flow,
        _meter.medium,
        _meter.place,
    )
    .join_from(Meter.__table__, Register.__table__, _register.meter_id == _meter.id)
    .join(Leak.__table__, _leak.register_id == _register.id)
    .where(_meter.unit_id == bindparam("unit"), _leak.ended_on.is_(None), _leak.last_night >= bindparam("since"))
    .order_by(_leak.id)
    .limit(SHOWN)
    .subquery()
    .select(),
)
_TALK = union_all(
    select(
        literal("case").label("kind"),
        _case.id,
        _case.subject,
        _case.number,
        case((and_(_case.state == "received", REOPENED), "reopened"), else_=_case.state).label("state"),
        _case.changed_at.label("at"),
        (_case.last_event > _case.seen_event).label("unread"),
    )
    .where(
        _case.person_id == bindparam("person"),
        or_(_case.state.in_(("new", "received", "in_progress", "waiting", "done")), _case.last_event > _case.seen_event),
    )
    .order_by(_case.id.desc())
    .limit(SHOWN)
    .subquery()
    .select(),
    select(
        literal("thread").label("kind"),
        _thread.id,
        _thread.subject,
        _thread.number,
        literal(None).label("state"),
        _thread.last_at.label("at"),
        literal(True).label("unread"),
    )
    .where(
        _thread.person_id == bindparam("person"),
        _thread.last_by_staff,
        _thread.last_id > _thread.seen_by_resident,
    )
    .order_by(_thread.last_id.desc())
    .limit(SHOWN)
    .subquery()
    .select(),
)


def window(session: Session, home: Home) -> Window | None:
    """The reading window that is open today for the home, else the last one whose readings it may correct, or None (also when
    the home has no meter to read)."""
    today = home.organisation.today
    facts = {"unit": home.unit_id, "building": home.building_id, "today": today, "since": home.begins}
    row = plain(session, _WINDOW, facts | {"known": month_name(today - LOOK_BACK)}).first()
    return Window(*row[:5], bool(row[5]), bool(row[6])) if row and row[3] else None


def beside(session: Session, home: Home) -> tuple[tuple | None, list[NightFlow]]:
    """(id, day, whether it is this side that leaves) of the handover that is planned for the home's tenure, or None; and the
    possible leaks that the home's own pages tell of: nothing of the days before the party came."""
    facts = {"tenure": home.tenure_id, "unit": home.unit_id, "since": home.begins}
    handover, leaks = None, []
    for kind, id, day, leaves, *flow in plain(session, _BESIDE, facts):
        if kind == "leak":
            leaks.append(NightFlow(day, *flow))
        else:
            handover = id, day, bool(leaves)
    return handover, leaks


def talk(session: Session, home: Home) -> list[Talk]:
    """Open faults and unread threads of the person, newest first, a few of each."""
    rows = plain(session, _TALK, {"person": home.person_id})
    return sorted((Talk(*row) for row in rows), key=lambda row: row.at, reverse=True)
