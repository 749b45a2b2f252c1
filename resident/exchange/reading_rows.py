"""Rows of past readings, known by (meter, register, day) (rule 17). The same value again changes nothing, another value
is a new reading that supersedes (rule 1). A value below an earlier one is told, unless the counter passed zero."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from .. import clock
from ..db import SCALE
from ..metering.reading import Reading
from ..money.period import BillingPeriod
from .meter_rows import Meters
from .numbering import FIRST
from .registering import CHUNK, Registering, chunked
from .staging import day

_BILLED = ("allocated", "confirmed", "closed")


@dataclass(slots=True)
class _Counter:
    """One counter on its way through the days: what is there, and what was passed last."""

    register_id: int
    digits: int
    # (day, value) of the last reading passed, and the row that brought it; None for one that was there.
    last: tuple[date, int]
    row: object = None
    # What is there and not passed yet, by day: (day, value, rolled over, id, period, state of the period).
    there: list[tuple] = field(default_factory=list)
    place: int = 0


class Readings:
    def __init__(self, run: Registering, meters: Meters):
        self.run, self.meters = run, meters
        self._counter: _Counter | None = None
        self._key = self._day = None
        self._now = clock.now()

    def read(self) -> None:
        order = "medium, serial, coalesce(register, ''), \"day\", n"
        for rows in chunked(self.run.rows("readings", order), CHUNK):
            there = self._there(rows)
            for row in rows:
                if not row["bad"]:
                    self._reading(row, there)
        self._pass(date.max)
        self.run.flush()

    def _there(self, rows: list) -> dict[int, list[tuple]]:
        """The counting readings of every counter that these rows name."""
        ids = set()
        for row in rows:
            if not row["bad"]:
                register = self._register(row)
                ids.add(register[0] if register else None)
        found = {id: [] for id in ids if id is not None and id < FIRST}
        for chunk in chunked(found, 500):
            readings = (
                select(
                    Reading.register_id, Reading.day, Reading.value, Reading.rolled_over, Reading.id, Reading.period_id,
                    BillingPeriod.state,
                )
                .outerjoin(BillingPeriod, BillingPeriod.id == Reading.period_id)
                .where(Reading.register_id.in_(chunk), Reading.counts)
                .order_by(Reading.register_id, Reading.day)
            )  # fmt: skip
            for register_id, *reading in self.run.session.execute(readings):
                found[register_id].append(tuple(reading))
        return found

    def _register(self, row) -> tuple | None:
        meter_id = self.meters.at(row["medium"], row["serial"], day(row["day"]))
        return self.meters.registers.get((meter_id, row["register"] or ""))

    def _reading(self, row, there: dict) -> None:
        run, on = self.run, day(row["day"])
        meter_id = self.meters.at(row["medium"], row["serial"], on)
        if meter_id is None:
            if (row["medium"], row["serial"]) not in self.meters.by_serial:
                run.trouble("readings", row, "serial", "Unknown", key=row["serial"], sheet="meters")
            return
        register = self.meters.registers.get((meter_id, row["register"] or ""))
        if register is None:
            run.trouble("readings", row, "register", "Unknown", key=row["register"] or row["serial"], sheet="meters")
            return
        if self._key != register[0]:
            self._pass(date.max)
            installed = self.meters.meters[meter_id][4]
            self._counter = _Counter(register[0], register[1], (installed, register[3]), there=there.get(register[0], []))
            self._key, self._day = register[0], None
        if self._fits(row, on, meter_id, self._counter):
            self._put(row, on, self._counter)

    def _fits(self, row, on: date, meter_id: int, counter: _Counter) -> bool:
        """Rules 6 and 16; one reading a counter and day."""
        installed, removed = self.meters.meters[meter_id][4:6]
        trouble = self.run.trouble
        if on == self._day:
            trouble("readings", row, "day", "ReadingDoubled", key=row["serial"], day=str(on))
        elif on > self.run.today:
            trouble("readings", row, "day", "InTheFuture")
        elif on < installed or (removed and on > removed):
            trouble("readings", row, "day", "OutsideMeter", first=str(installed), last=removed and str(removed))
        elif row["value"] >= 10**counter.digits * SCALE:
            trouble("readings", row, "value", "TooManyDigits", digits=counter.digits)
        else:
            self._day = on
            return True
        return False

    def _put(self, row, on: date, counter: _Counter) -> None:
        run, value = self.run, row["value"]
        old = self._pass(on)
        if value < counter.last[1] and not row["rolled_over"]:
            run.trouble("readings", row, "value", "LowerThanEarlier", earlier=counter.last[1], day=str(counter.last[0]))
        counter.last, counter.row = (on, value), row
        if old is not None and old[1] == value:
            run.count("readings", "unchanged")
            return
        if old is not None and old[5] in _BILLED:
            run.trouble("readings", row, "value", "AlreadyBilled", day=str(on), value=old[1])
            return
        run.count("readings", "new" if old is None else "changed")
        if old is not None:
            run.change(Reading, old[3], counts=False)
        run.insert(
            Reading, register_id=counter.register_id, period_id=old and old[4], day=on, value=value,
            source="import", state="accepted", counts=True, rolled_over=bool(row["rolled_over"]), supersedes_id=old and old[3],
            person_id=getattr(run.by, "person_id", None), at=self._now,
        )  # fmt: skip

    def _pass(self, on: date) -> tuple | None:
        """Go past what is there before a day; what is there on it, which the row stands in for."""
        counter = self._counter
        if counter is None:
            return None
        while counter.place < len(counter.there):
            reading = counter.there[counter.place]
            if reading[0] > on:
                break
            counter.place += 1
            if reading[0] == on:
                return reading
            if counter.row is not None and reading[1] < counter.last[1] and not reading[2]:
                self.run.trouble("readings", counter.row, "value", "HigherThanLater", later=reading[1], day=str(reading[0]))
            counter.last, counter.row = reading[:2], None
        return None
