"""Which register a row of a feed is about: by what the files call it (Register.feed_key) or by the meter's serial number.

A feed key stays with the place when the meter is changed; a serial number goes with the meter. All registers of the
organisation are looked up once for a file.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from .. import clock
from ..homes.building import Unit
from .feed_mapping import LEFT_OUT, Mapping, factor
from .feed_value import Values
from .meter import Meter, Register
from .reading import Reading

_SIGNS = re.compile(r"[\W_]+")


class BadMeter(Exception):
    """name: NoMeter | UnknownMeter | SeveralMeters | UnknownRegister | WhichRegister | ReadByHand | OtherUnit | BeforeInstalled |
    AfterRemoved, and facts for its sentence."""

    def __init__(self, name: str, **facts):
        super().__init__(name)
        self.name, self.facts = name, facts


@dataclass(slots=True, eq=False)
class Found:
    """A register that a file may be about. since and until: instants in seconds; until is past the last one."""

    id: int
    meter_id: int
    name: str
    digits: int
    initial: int
    feed_key: str | None
    medium: str
    serial: str
    measure: str
    installed: date
    removed: date | None
    replaces_id: int | None
    remote: bool
    unit_id: int | None
    building_id: int
    # What it showed when it was taken out.
    final: int | None
    since: int = 0
    until: int | None = None
    values: Values | None = None
    # The instant of the row before, as the file has it.
    previous: int | None = None


class Meters:
    """The registers of one organisation, by what files call them."""

    def __init__(self, session: Session, organisation_id: int, tz: str, mapping: Mapping):
        self._mapping = mapping
        self._keys: dict[str, list[Found]] = {}
        self._serials: dict[str, list[Found]] = {}
        self._known: dict[tuple[str, str], tuple[Found, ...]] = {}
        self.registers: dict[int, Found] = {}
        ratios: dict[str, Values | None] = {}
        for row in session.execute(_statement(organisation_id, mapping.medium)):
            found = Found(*row)
            found.since = clock.seconds(found.installed, tz)
            if found.removed:
                found.until = clock.seconds(found.removed + timedelta(days=1), tz)
            if found.measure not in ratios:
                ratio = factor(mapping.unit, found.measure)
                ratios[found.measure] = Values(ratio) if ratio else None
            found.values = ratios[found.measure]
            self._add(found)
        self._inherit()
        # As transmitters and spreadsheets write them: 24386676 for 24-386676 or 0024386676.
        self._plain: dict[str, list[Found]] = {}
        for serial, some in self._serials.items():
            if plain := _plain(serial):
                self._plain.setdefault(plain, []).extend(some)

    def _add(self, found: Found) -> None:
        self.registers[found.id] = found
        self._serials.setdefault(_folded(found.serial), []).append(found)
        if found.feed_key:
            self._keys.setdefault(_folded(found.feed_key), []).append(found)

    def _inherit(self) -> None:
        """A meter that took another's place is read under the other's key, when it has none of its own."""
        after = {(one.replaces_id, one.name): one for one in self.registers.values() if one.replaces_id}
        for key, some in self._keys.items():
            for one in some:
                heir = after.get((one.meter_id, one.name))
                if heir is not None and heir.feed_key in (None, key) and heir not in some:
                    # The list grows while it is walked: the heir may have an heir.
                    some.append(heir)

    def find(self, key: str, word: str) -> tuple[Found, ...]:
        """The registers that a key (and the word of the register's column) may mean: several after a change of meter. An empty
        answer: left out on purpose. BadMeter."""
        known = self._known.get((key, word))
        if known is None:
            known = self._known[key, word] = self._sought(key, word)
        return known

    def _sought(self, key: str, word: str) -> tuple[Found, ...]:
        if not key:
            raise BadMeter("NoMeter")
        name = self._mapping.registers.get(word, word) if self._mapping.tells_register else None
        if LEFT_OUT in (name, self._mapping.across == "meter" and self._mapping.registers.get(key)):
            return ()
        found = self._named(key, word)
        if len({(one.medium, one.unit_id or -one.building_id) for one in found}) > 1:
            raise BadMeter("SeveralMeters", meter=key)
        found = _of_register(found, name, word)
        if all(not one.remote for one in found):
            raise BadMeter("ReadByHand", meter=key)
        if any(one.values is None for one in found):
            raise BadMeter("OtherUnit", measure=found[0].measure)
        return tuple(found)

    def _named(self, key: str, word: str) -> list[Found]:
        """By the feed key, alone or with the register's word after it; by the serial number; by that without leading zeros and
        signs between its digits."""
        # The apostrophe that keeps a spreadsheet from taking a text for a formula is none of the key (S41).
        bare = _folded(key[1:] if key[0] == "'" and key[1:2] in ("=", "+", "-", "@") else key)
        found = (word and self._keys.get(f"{bare}{_folded(word)}")) or self._keys.get(bare) or self._serials.get(bare)
        if not found:
            found = self._plain.get(_plain(bare))
        if not found:
            raise BadMeter("UnknownMeter", meter=key)
        return found


def at_instant(found: tuple[Found, ...], at: int, value: int) -> Found:
    """Of the registers that a key means, the one that was there; on the day of a change the one whose value is nearer. BadMeter."""
    there = [one for one in found if one.since <= at and (one.until is None or at < one.until)]
    if len(there) == 1:
        return there[0]
    if there:
        return min(there, key=lambda one: abs(value - (one.initial if one.final is None else one.final)))
    if at < min(one.since for one in found):
        raise BadMeter("BeforeInstalled", day=min(one.installed for one in found).isoformat())
    raise BadMeter("AfterRemoved", day=max(one.removed for one in found if one.removed).isoformat())


def _of_register(found: list[Found], name: str | None, word: str) -> list[Found]:
    if name is not None:
        named = [one for one in found if one.name == name] or ([] if len({one.name for one in found}) > 1 else found)
        if not named or (name and name != word and all(one.name != name for one in named)):
            raise BadMeter("UnknownRegister", register=word)
        return named
    if len({one.name for one in found}) > 1:
        raise BadMeter("WhichRegister")
    return found


def _plain(text: str) -> str:
    return _SIGNS.sub("", text).lstrip("0")


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _statement(organisation_id: int, medium: str):
    final = and_(Reading.register_id == Register.id, Reading.day == Meter.removed, Reading.counts)
    statement = (
        select(
            Register.id, Register.meter_id, Register.name, Register.digits, Register.initial, Register.feed_key, Meter.medium,
            Meter.serial, Meter.measure, Meter.installed, Meter.removed, Meter.replaces_id, Meter.remote, Meter.unit_id,
            func.coalesce(Meter.building_id, Unit.building_id), Reading.value,
        )
        .join(Meter, Meter.id == Register.meter_id)
        .outerjoin(Unit, Unit.id == Meter.unit_id)
        .outerjoin(Reading, final)
        .where(Meter.organisation_id == organisation_id)
        .order_by(Register.id)
    )  # fmt: skip
    return statement.where(Meter.medium == medium) if medium else statement
