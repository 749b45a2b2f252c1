"""Machines that report the readings of a home with a personal key (B13): what people may enter there, no more.

A key is good for one part in a home. Whether it opens anything is asked anew each time: the part, its right to enter readings
and the sign-in that made the key must all be in force today (rule 40). A closed window or a value that cannot be right is
refused, because a machine will come again; what is in question is held for the person to answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..access import Actor
from ..delivery import notice
from ..errors import ResidentError
from ..identity import Home
from ..people import residence
from ..people.person import Login
from ..people.tenure import Party
from ..people.token import digest, new_token
from . import slipping, submission
from .counter import Form
from .device_key import DeviceKey
from .slip import Slip
from .slipping import Parcel
from .submission import Typed, Verdict
from .window import Reason

# Live keys of one part in a home.
MOST = 10
LONGEST_NAME = 60
# A clock that runs ahead by less is no reason to send a reading back.
_AHEAD = timedelta(minutes=5)


class NoKey(ResidentError):
    """The key is unknown, or was ended."""


class Ended(ResidentError):
    """The key is known, but its part in the home may not enter readings today, or the sign-in is closed."""


class BadName(ResidentError):
    """A key needs a name by which its owner knows it."""


class TooManyKeys(ResidentError):
    """So many live keys a part has: most."""


class UnknownRegisters(ResidentError):
    """ids: registers that are none of the home's."""


class Shut(ResidentError):
    """Nothing can be entered. reasons: {register id: window.Reason}, for all or some of what was sent."""


class Refused(ResidentError):
    """Values or days that cannot be taken: verdicts, those alone. Nothing was stored."""


class KeyReused(ResidentError):
    """The sender's key was used for other values before."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A key that holds, and the homes of its part: several when a home comes with storage or parking."""

    key: DeviceKey
    homes: tuple[Home, ...]

    @property
    def by(self) -> Actor:
        return self.homes[0].acts(self.key.login_id)


def make(session: Session, home: Home, login_id: int, name: str, *, by: Actor) -> str:
    """A new key of the home's part; its text, which is not stored anywhere. BadName, TooManyKeys."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise BadName()
    # One key at a time is counted.
    session.execute(select(Party.id).where(Party.id == home.party_id).with_for_update())
    live = select(func.count()).select_from(DeviceKey)
    if session.scalar(live.where(DeviceKey.party_id == home.party_id, DeviceKey.ended_at.is_(None))) >= MOST:
        raise TooManyKeys(most=MOST)
    text = f"rk_{new_token()}"
    key = DeviceKey(token_hash=digest(text), party_id=home.party_id, login_id=login_id, name=name, made_at=clock.now())
    session.add(key)
    session.flush()
    audit.record(session, "device_key_made", by=by, thing=key)
    session.flush()
    return text


def end(session: Session, key: DeviceKey, *, by: Actor) -> None:
    """It opens nothing any more. Ending it again changes nothing."""
    if key.ended_at is None:
        key.ended_at = clock.now()
        audit.record(session, "device_key_ended", by=by, thing=key)
        session.flush()


def bearer(session: Session, text: str) -> Bearer:
    """NoKey, Ended."""
    key = session.scalar(select(DeviceKey).where(DeviceKey.token_hash == digest(text), DeviceKey.ended_at.is_(None)))
    if key is None:
        raise NoKey()
    open_ = session.scalar(select(Login.id).where(Login.id == key.login_id, Login.disabled_at.is_(None)))
    homes = residence.of_login(session, key.login_id) if open_ else []
    mine = tuple(one for one in homes if one.party_id == key.party_id and one.may("readings"))
    if not mine:
        raise Ended()
    return Bearer(key, mine)


def forms(session: Session, homes: Iterable[Home]) -> list[tuple[Home, Form]]:
    """Each of a key's homes with its registers, as the page of readings has them."""
    return [(home, submission.form(session, home.unit_id, home.organisation, since=home.begins)) for home in homes]


def report(
    session: Session, held: Bearer, sending: str, typed: dict[int, Typed], day: date | None, at: datetime | None
) -> tuple[Slip, bool]:
    """(what became of the values, whether they had come before). sending: the sender's own key, one for each sending meant as
    one. at: when it was read; day: of reading, that of at when left out, the organisation's today when both are.

    UnknownRegisters, Shut, Refused, KeyReused: nothing was stored.
    """
    home, form = _of(session, held, typed)
    slipping.locked(session, home.unit_id)
    day = day or _day(at, home)
    key = digest(f"device {held.key.id} {sending}")
    if before := slipping.seen(session, key):
        return _same(before, typed, day), True
    day = day or home.organisation.today
    form = submission.form(session, home.unit_id, home.organisation, since=home.begins)
    _refuse(form, _blank(form, typed) + submission.check(form, typed, day))
    turn = form.entry.turn
    parcel = Parcel(
        "device", key, home.unit_id, turn.period_id if turn else None, home.actor_id, day, typed, at or clock.now(), held.key.id
    )
    slip = slipping.book(session, parcel, home.organisation, by=home.acts(held.key.login_id), since=home.begins)
    session.execute(update(DeviceKey).where(DeviceKey.id == held.key.id).values(used_at=clock.now()))
    if slip.why in slipping.ASKS:
        notice.tell(session, home.actor_id, "slip", "/readings")
    return slip, False


def _day(at: datetime | None, home: Home) -> date | None:
    if at is None:
        return None
    now = clock.now()
    return clock.day(now if now < at <= now + _AHEAD else at, home.organisation.tz)


def _of(session: Session, held: Bearer, typed: dict[int, Typed]) -> tuple[Home, Form]:
    """The one home whose registers were named."""
    found = forms(session, held.homes)
    known = [{counter.register_id for counter in form.counters} for _, form in found]
    place = next((place for place, ids in enumerate(known) if ids & typed.keys()), 0)
    if strange := typed.keys() - known[place]:
        raise UnknownRegisters(ids=sorted(strange))
    return found[place]


def _blank(form: Form, typed: dict[int, Typed]) -> list[Verdict]:
    """What came without a value: a person left the field empty, a machine has read nothing and does not know it."""
    return [
        Verdict(row, typed[row.register_id], "refused", why="number")
        for row in form.counters
        if row.register_id in typed and not typed[row.register_id].black.strip()
    ]


def _refuse(form: Form, verdicts: list[Verdict]) -> None:
    reasons: dict[int, Reason] = {one.counter.register_id: one.reason for one in verdicts if one.why == "closed"}
    if reasons:
        raise Shut(reasons=reasons)
    refused = [one for one in verdicts if one.kind == "refused"]
    if refused:
        raise Refused(verdicts=refused)


def _same(slip: Slip, typed: dict[int, Typed], day: date | None) -> Slip:
    """What is left of a slip is what was not booked: all of it must be among what comes again. Without a day it may come again
    after midnight."""
    again = {str(id): [said.black, said.red, said.answer] for id, said in typed.items()}
    if day not in (None, slip.day) or any(again.get(id) != said for id, said in slip.typed.items()):
        raise KeyReused()
    return slip
