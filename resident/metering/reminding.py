"""Reminding those whose home has not sent its readings, by the channel that each chose, with a link of their own (K5, B2).

By itself when a window opens and some days before its end, as the organisation set it; and by the desk, for a building or a
staircase. Each person gets each reminder once, whoever asks twice. What to send is looked up anew when it is sent: whoever has
sent readings, moved out or changed their mind meanwhile gets nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import lasts
from ..delivery import sms
from ..delivery.daytime import is_day
from ..homes import setting
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation
from ..identity import Controller
from ..money.period import BillingPeriod
from ..people import residence
from ..people.person import Login, Person
from ..people.representation import Representation
from ..people.tenure import Holding, Party, Tenure
from ..settings import Settings
from . import entry_link, submitted
from .entry_link import EntryLink, Opened, Over
from .meter import Meter, Register
from .reminder import ReadingReminder
from .window import TAKES_READINGS, ReadingWindow

JOB = "reading_reminder"
CHANNELS = ("mail", "sms")
# For so many days after a window's first the news that it is open is still news.
NEWS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be reminded for a home. channel: mail; sms for whoever chose messages and can get no mail."""

    unit_id: int
    person_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What a reminder would be. homes: those that have not sent, in natural order; unreached: those of them where nobody can
    be reminded."""

    homes: list[int]
    recipients: list[Recipient]

    @property
    def unreached(self) -> list[int]:
        reached = {one.unit_id for one in self.recipients}
        return [home for home in self.homes if home not in reached]

    def count(self, channel: str) -> int:
        return sum(one.channel == channel for one in self.recipients)


def channels(settings: Settings) -> tuple[str, ...]:
    """Those of CHANNELS by which this installation can send at all."""
    return tuple(name for name, way in zip(CHANNELS, (settings.smtp_url, settings.sms_url), strict=True) if way)


def plan(
    session: Session, period: BillingPeriod, organisation: Controller, staircase: str | None = None, *, ways: Collection[str]
) -> Planned:
    """Whom a reminder of the period's window would go to. ways: the channels() that there are. Three SELECTs."""
    homes = missing(session, period, staircase)
    return Planned(homes, _recipients(session, homes, organisation, ways))


def missing(session: Session, period: BillingPeriod, staircase: str = "") -> list[int]:
    """Homes that have something to send and have not. One SELECT."""
    lacking = (
        select(Register.id)
        .join(Meter, Meter.id == Register.meter_id)
        .where(Meter.unit_id == Unit.id, submitted.asked(period), ~submitted.sent(period))
        .correlate(Unit)
    )
    statement = (
        select(Unit.id)
        .where(Unit.building_id == period.building_id, submitted.there(period), exists(lacking))
        .order_by(Unit.sort_key, Unit.id)
    )
    return list(session.scalars(statement.where(Unit.staircase == staircase) if staircase else statement))


def _recipients(session: Session, homes: list[int], organisation: Controller, ways: Collection[str]) -> list[Recipient]:
    """Everybody with the right to send the home's readings who wants to be reminded: its people, and whoever acts for them."""
    wanted = _who_want(session, homes, organisation.today, ways)
    there, found = set(homes), {}
    for home in residence.of_persons(session, wanted) if wanted else ():
        if home.unit_id in there and home.may("readings") and home.actor_id in wanted:
            found.setdefault((home.unit_id, home.actor_id), Recipient(home.unit_id, home.actor_id, wanted[home.actor_id]))
    place = {unit_id: at for at, unit_id in enumerate(homes)}
    return sorted(found.values(), key=lambda one: (place[one.unit_id], one.person_id))


def _who_want(session: Session, homes: list[int], today: date, ways: Collection[str]) -> dict[int, str]:
    """person: channel, of those who hold the homes or act for somebody who does. Rights are not looked at."""
    held = (
        select(Party.person_id)
        .join(Tenure, Tenure.id == Party.tenure_id)
        .join(Holding, Holding.tenure_id == Tenure.id)
        .where(Holding.unit_id.in_(homes), *(lasts(thing, today) for thing in (Holding, Tenure, Party)))
    )
    acting = select(Representation.person_id).where(Representation.of_person_id.in_(held), lasts(Representation, today))
    rows = session.execute(_reader(ways).where(or_(Person.id.in_(held), Person.id.in_(acting))))
    return {row.id: "mail" if row.by_mail else "sms" for row in rows}


def _reader(ways: Collection[str]):
    """Persons who want to be reminded and can be. A company or an estate is reached through those who act for it."""
    by_mail = and_(Person.notify_email.is_(True), func.coalesce(Person.email, "") != "") if "mail" in ways else false()
    by_sms = and_(Person.notify_sms.is_(True), func.coalesce(Person.phone, "") != "") if "sms" in ways else false()
    return (
        select(Person.id, Person.email, Person.phone, Person.language, Login.language.label("chosen"), by_mail.label("by_mail"))
        .outerjoin(Login, Login.id == Person.login_id)
        .where(Person.kind == "natural", Person.erased_at.is_(None), Login.disabled_at.is_(None), Person.remind_readings.is_(True))
        .where(or_(by_mail, by_sms))
    )


# ---- Ordering --------------------------------------------------------------------------------------------------------


def order(session: Session, window_id: int, kind: str, recipients: Iterable[Recipient]) -> list[ReadingReminder]:
    """Note and order what was not ordered before, in this transaction."""
    # On PostgreSQL two at once meet here; on SQLite only one writes at a time.
    session.execute(select(ReadingWindow.id).where(ReadingWindow.id == window_id).with_for_update())
    known = select(ReadingReminder.unit_id, ReadingReminder.person_id)
    there = {
        tuple(row) for row in session.execute(known.where(ReadingReminder.window_id == window_id, ReadingReminder.kind == kind))
    }
    now, made = clock.now(), []
    for one in recipients:
        if (one.unit_id, one.person_id) not in there:
            facts = {"unit_id": one.unit_id, "person_id": one.person_id, "channel": one.channel}
            made.append(ReadingReminder(window_id=window_id, kind=kind, at=now, **facts))
    session.add_all(made)
    session.flush()
    for row in made:
        jobs.add(session, JOB, {"reminder_id": row.id})
    return made


def remind(session: Session, window: ReadingWindow, planned: Planned, *, by) -> int:
    """The desk's order; how many are reminded. Each order is a reminder of its own."""
    session.execute(select(ReadingWindow.id).where(ReadingWindow.id == window.id).with_for_update())
    asked = select(func.count(ReadingReminder.kind.distinct())).where(
        ReadingReminder.window_id == window.id, ReadingReminder.kind.startswith("asked-")
    )
    kind = f"asked-{session.scalar(asked) + 1}"
    made = order(session, window.id, kind, planned.recipients)
    facts = {"homes": len(planned.homes), **{name: sum(row.channel == name for row in made) for name in ("mail", "sms")}}
    audit.record(session, "readings_reminded", by=by, thing=window, facts=facts)
    return len(made)


def due(session: Session) -> list[tuple[int, str]]:
    """(window, kind) of the reminders whose day and hour it is: "opened" and "ends". They may have been ordered before."""
    now, found = clock.now(), []
    for row in session.scalars(select(Organisation).order_by(Organisation.id)):
        here = now.astimezone(clock.zone(row.tz))
        if is_day(here):
            rules = setting.in_force(session, row.id, row.country, here.date())
            found += _due_in(session, row.id, here.date(), rules)
    return found


def _due_in(session: Session, organisation_id: int, today: date, rules: dict) -> list[tuple[int, str]]:
    running = (
        select(ReadingWindow)
        .join(BillingPeriod, BillingPeriod.id == ReadingWindow.period_id)
        .join(Building, Building.id == BillingPeriod.building_id)
        .where(Building.organisation_id == organisation_id, BillingPeriod.state.in_(TAKES_READINGS))
        .where(ReadingWindow.first <= today, ReadingWindow.last >= today)
    )
    found = []
    for window in session.scalars(running):
        ends = rules["remind_before"] and today >= window.last - timedelta(days=rules["remind_before"])
        if ends and today > window.first:
            found.append((window.id, "ends"))
        elif rules["remind_opening"] and today <= window.first + NEWS:
            found.append((window.id, "opened"))
    return found


def order_due(session: Session, window_id: int, kind: str, *, ways: Collection[str]) -> int:
    """Order one of due(); how many are new. One audit event when there is any."""
    window = session.get_one(ReadingWindow, window_id)
    period = session.get_one(BillingPeriod, window.period_id)
    organisation = controller(session, period.building_id)
    made = order(session, window_id, kind, plan(session, period, organisation, ways=ways).recipients)
    if made:
        facts = {"kind": kind, **{name: sum(row.channel == name for row in made) for name in ("mail", "sms")}}
        audit.record(session, "readings_reminded", organisation_id=organisation.id, thing=window, facts=facts)
    return len(made)


def controller(session: Session, building_id: int) -> Controller:
    row = select(*residence.CONTROLLER).select_from(Organisation).join(Building).where(Building.id == building_id)
    return Controller(*session.execute(row).one())


# ---- Sending ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """A reminder as it goes out. to: an address, or a number in international form."""

    channel: str
    to: str
    language: str
    organisation: str
    link: EntryLink
    until: date


def prepare(session: Session, reminder_id: int, *, ways: Collection[str]) -> Ready | None:
    """What to send; None when it is not wanted any more, or has nothing to say."""
    reminder = session.get(ReadingReminder, reminder_id)
    window = session.get_one(ReadingWindow, reminder.window_id)
    period = session.get_one(BillingPeriod, window.period_id)
    row = session.execute(_reader(ways).where(Person.id == reminder.person_id)).first()
    if row is None or reminder.unit_id not in missing(session, period):
        return None
    channel = "mail" if row.by_mail else "sms"
    found = _link(session, reminder, period)
    to = found and (row.email if channel == "mail" else sms.international(row.phone, found.organisation.country))
    if not to:
        return None
    language = row.chosen or row.language or found.organisation.languages.split()[0]
    return Ready(channel, to, language, found.organisation.name, found.link, window.last)


def _link(session: Session, reminder: ReadingReminder, period: BillingPeriod) -> Opened | None:
    """The person's link to the home, when it holds today."""
    for home in residence.of_persons(session, [reminder.person_id]):
        if home.unit_id == reminder.unit_id and home.actor_id == reminder.person_id:
            link = EntryLink(home.unit_id, period.id, home.tenure_id, reminder.person_id)
            try:
                return entry_link.opened(session, link)
            except Over:
                continue
    return None


def last_reminded(session: Session, window_id: int, unit_ids: Collection[int]) -> dict[int, object]:
    """By home: when it was last reminded."""
    rows = select(ReadingReminder.unit_id, func.max(ReadingReminder.at)).where(ReadingReminder.window_id == window_id)
    return dict(session.execute(rows.where(ReadingReminder.unit_id.in_(unit_ids)).group_by(ReadingReminder.unit_id)).all())
