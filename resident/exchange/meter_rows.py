"""Rows of meters and their counters: known by (medium, serial) in the organisation (rule 8)."""

from datetime import date

from sqlalchemy import func, select

from ..db import SCALE
from ..metering import medium as media
from ..metering.fitting import LARGEST_COEFFICIENT
from ..metering.meter import Meter, Register
from ..metering.reading import Reading
from .columns import folded
from .home_rows import Homes
from .registering import Registering, chunked
from .staging import day

_COLUMNS = ("unit_id", "building_id", "place", "measure", "installed", "removed", "verified_until", "remote", "coefficient")
_REGISTER = ("digits", "decimals", "initial", "feed_key")
_SAME = ("building", "unit_kind", "unit", "main_meter", *_COLUMNS[2:])
_DEFAULTS = {"digits": 5, "decimals": 3, "initial": 0, "feed_key": None}


class Meters:
    """Meters of the organisation by (medium, serial): every one that had the number, by its day of installation."""

    def __init__(self, run: Registering, homes: Homes):
        self.run, self.homes = run, homes
        self.by_serial: dict[tuple[str, str], dict[date, int]] = {}
        # id: values of _COLUMNS
        self.meters: dict[int, tuple] = {}
        # (meter, name): (id, values of _REGISTER)
        self.registers: dict[tuple[int, str], tuple] = {}
        self._old: set[int] = set()
        self._media = media.known(run.session, run.organisation.id)
        # New meters, by id: (medium, serial). They are written when all are read, for one may replace another.
        self._new: dict[int, tuple[str, str]] = {}
        self._replaces: dict[int, int | None] = {}
        columns = [getattr(Meter, name) for name in _COLUMNS]
        of_ours = Meter.organisation_id == run.organisation.id
        for id, medium, serial, replaces_id, *values in run.session.execute(
            select(Meter.id, Meter.medium, Meter.serial, Meter.replaces_id, *columns).where(of_ours)
        ):
            self.meters[id] = tuple(values)
            self._replaces[id] = replaces_id
            self._old.add(id)
            self.by_serial.setdefault((medium, serial), {})[values[4]] = id
        rows = select(Register.meter_id, Register.name, Register.id, *(getattr(Register, name) for name in _REGISTER))
        for meter_id, name, *values in run.session.execute(rows.join(Meter, Meter.id == Register.meter_id).where(of_ours)):
            self.registers[meter_id, name] = tuple(values)

    def read(self) -> None:
        seen, moved, several = {}, {}, []
        for row in self.run.rows("meters"):
            key = (row["medium"], row["serial"], row["installed"])
            if row["bad"]:
                self.by_serial.setdefault(key[:2], {})
                continue
            earlier = seen.setdefault(key, row)
            if earlier is row:
                self._meter(row, moved)
            elif any(earlier[name] != row[name] for name in _SAME):
                self.run.trouble("meters", row, "serial", "MeterDiffers", key=row["serial"], row=earlier["row"])
                several.append(row["n"])
        self._refuse_two_alive()
        self._refuse_two_in_one_place(seen)
        self._refuse_orphans(moved)
        self._write()
        self._counters(set(several))
        self.run.flush()

    def _write(self) -> None:
        """New meters, those that were there first before those that replace them."""
        self._link()
        for id in sorted(self._new, key=lambda id: (self.meters[id][4], id)):
            medium, serial = self._new[id]
            values = dict(zip(_COLUMNS, self.meters[id], strict=True)) | {"replaces_id": self._replaces.get(id)}
            self.run.insert(Meter, id=id, organisation_id=self.run.organisation.id, medium=medium, serial=serial, **values)

    def _link(self) -> None:
        """Rule 7: of one medium in one place, the meter that came on the day on which another went replaces it."""
        gone, known = {}, [(key[0], id) for key, of in self.by_serial.items() for id in of.values()]
        for medium, id in known:
            removed = self.meters[id][5]
            if removed:
                gone.setdefault(self._spot(medium, id, removed), []).append(id)
        for medium, id in known:
            old = [one for one in gone.get(self._spot(medium, id, self.meters[id][4]), ()) if one != id]
            if len(old) != 1 or self._replaces.get(id) is not None:
                continue
            if id in self._new:
                self._replaces[id] = old[0]
            elif old[0] in self._old:
                self.run.change(Meter, id, replaces_id=old[0])

    def _spot(self, medium: str, id: int, on: date) -> tuple:
        unit_id, building_id, place = self.meters[id][:3]
        return medium, unit_id, building_id, folded(place or ""), on

    def _counters(self, left_out: set[int]) -> None:
        """The counters of the meters that were read; the first row of each meter is counted with it."""
        counters, begun = {}, set()
        for row in self.run.stage.rows("meters"):
            if row["bad"] or row["n"] in left_out:
                continue
            id = self.by_serial.get((row["medium"], row["serial"]), {}).get(day(row["installed"]))
            if id is not None:
                self._counter(row, id, counters, first=id not in begun)
                begun.add(id)

    def _place(self, row) -> tuple[int | None, int | None] | None:
        """(home, building) that the meter measures; None when the row names none that is known.

        A forgotten home would make a meter of the whole building: the column of main meters, when it is filled in, must agree.
        """
        if row["main_meter"] is not None and bool(row["main_meter"]) == bool(row["unit"]):
            self.run.trouble("meters", row, "main_meter", "MainInHome" if row["unit"] else "NoHome")
            return None
        if row["unit"]:
            unit_id = self.homes.unit("meters", row)
            return None if unit_id is None else (unit_id, None)
        building_id = self.homes.building("meters", row)
        return None if building_id is None else (None, building_id)

    def _meter(self, row, moved: dict) -> None:
        run, key = self.run, (row["medium"], row["serial"])
        place = self._place(row)
        known = self.by_serial.setdefault(key, {})
        if place is None:
            return
        values = {
            "unit_id": place[0], "building_id": place[1], "place": row["place"], "measure": row["measure"],
            "installed": day(row["installed"]), "removed": day(row["removed"]), "verified_until": day(row["verified_until"]),
            "remote": None if row["remote"] is None else bool(row["remote"]), "coefficient": row["coefficient"],
        }  # fmt: skip
        if not (self._days_fit(row, values["installed"], values["removed"]) and self._coefficient_fits(row)):
            return
        id = known.get(values["installed"]) or self._alive(known)
        if id in self._old:
            self._keep(row, id, values, known, moved)
            return
        id = known[values["installed"]] = run.id(Meter)
        values["measure"] = values["measure"] or self._media[row["medium"]].measure
        values["remote"] = bool(values["remote"])
        values["coefficient"] = SCALE if values["coefficient"] is None else values["coefficient"]
        self.meters[id] = tuple(values.values())
        self._new[id] = key
        run.count("meters", "new")

    def _days_fit(self, row, installed: date, removed: date | None) -> bool:
        """A meter is taken in and out on days that have come (rule 7)."""
        ahead = next((name for name, on in (("installed", installed), ("removed", removed)) if on and on > self.run.today), None)
        if ahead:
            self.run.trouble("meters", row, ahead, "InTheFuture")
        elif removed and removed < installed:
            self.run.trouble("meters", row, "removed", "EndsBeforeBegin")
        else:
            return True
        return False

    def _coefficient_fits(self, row) -> bool:
        """Rule 19, as at the desk (fitting.py)."""
        fits = row["coefficient"] is None or 0 < row["coefficient"] <= LARGEST_COEFFICIENT
        if not fits:
            self.run.trouble("meters", row, "coefficient", "Coefficient", most=LARGEST_COEFFICIENT // SCALE)
        return fits

    def _alive(self, known: dict[date, int]) -> int | None:
        return next((id for id in known.values() if id in self._old and self.meters[id][5] is None), None)

    def _keep(self, row, id: int, values: dict, known: dict, moved: dict) -> None:
        run, old = self.run, dict(zip(_COLUMNS, self.meters[id], strict=True))
        if (old["unit_id"], old["building_id"]) != (values["unit_id"], values["building_id"]):
            # Another home's people would get to see its history.
            run.trouble("meters", row, "unit" if row["unit"] else "building", "MeterElsewhere", key=row["serial"])
            return
        changed = {name: value for name, value in values.items() if value is not None and value != old[name]}
        run.count("meters", "changed" if changed else "unchanged")
        if not changed:
            return
        if "installed" in changed or "removed" in changed:
            moved[id] = row
        known.pop(old["installed"], None)
        known[values["installed"]] = id
        self.meters[id] = tuple((old | changed).values())
        run.change(Meter, id, **changed)

    def _counter(self, row, meter_id: int, counters: dict, *, first: bool) -> None:
        run, name = self.run, row["register"] or ""
        if (meter_id, name) in counters:
            run.trouble("meters", row, "register", "Doubled", key=row["serial"], row=counters[meter_id, name])
            return
        counters[meter_id, name] = row["row"]
        values = {column: row[column] for column in _REGISTER}
        if not (1 <= (values["digits"] or 5) <= 12 and 0 <= (3 if values["decimals"] is None else values["decimals"]) <= 6):
            run.trouble("meters", row, "digits", "CounterDigits")
            return
        known = self.registers.get((meter_id, name))
        if known is None:
            id = run.id(Register)
            values = {column: _DEFAULTS[column] if value is None else value for column, value in values.items()}
            self.registers[meter_id, name] = (id, *values.values())
            run.insert(Register, id=id, meter_id=meter_id, name=name, **values)
            changed = True
        else:
            old = dict(zip(_REGISTER, known[1:], strict=True))
            changed = {column: value for column, value in values.items() if value is not None and value != old[column]}
            if changed:
                run.change(Register, known[0], **changed)
        if not first:
            run.count("meters", "new" if known is None else "changed" if changed else "unchanged")

    # Across rows ----------------------------------------------------------------------------------------------------

    def _refuse_two_alive(self) -> None:
        """Rule 8: of two meters with one number, one at the most is live."""
        twice = {
            key
            for key, known in self.by_serial.items()
            if len(known) > 1 and sum(self.meters[id][5] is None for id in known.values()) > 1
        }
        if twice:
            for row in self.run.stage.rows("meters"):
                if (row["medium"], row["serial"]) in twice and row["removed"] is None:
                    self.run.trouble("meters", row, "serial", "TwoLiveMeters", key=row["serial"])

    def _refuse_two_in_one_place(self, rows: dict) -> None:
        """Rule 8: live meters of one medium in one home have a place each."""
        homes = {}
        for (medium, _serial), known in self.by_serial.items():
            for id in known.values():
                unit_id, _building_id, place, _measure, _installed, removed = self.meters[id][:6]
                if unit_id is not None and removed is None:
                    homes.setdefault((unit_id, medium), {})[id] = folded(place or "")
        placeless = set()
        for places in homes.values():
            if len(places) > 1:
                there = list(places.values())
                placeless |= {id for id, place in places.items() if not place or there.count(place) > 1}
        for (medium, serial, installed), row in rows.items():
            if placeless and self.by_serial.get((medium, serial), {}).get(day(installed)) in placeless:
                self.run.trouble("meters", row, "place", "PlaceMissing")

    def _refuse_orphans(self, moved: dict) -> None:
        """Days that would leave readings outside the meter's life are refused."""
        for chunk in chunked(moved, 500):
            rows = (
                select(Register.meter_id, func.min(Reading.day), func.max(Reading.day))
                .join(Reading, Reading.register_id == Register.id)
                .where(Register.meter_id.in_(chunk), Reading.counts)
                .group_by(Register.meter_id)
            )
            for id, earliest, latest in self.run.session.execute(rows):
                installed, removed = self.meters[id][4:6]
                if earliest < installed or (removed and latest > removed):
                    self.run.trouble(
                        "meters", moved[id], "installed" if earliest < installed else "removed", "WouldOrphanReadings",
                        first=str(earliest), last=str(latest),
                    )  # fmt: skip

    # For readings ---------------------------------------------------------------------------------------------------

    def at(self, medium: str, serial: str, on: date) -> int | None:
        """The meter that had the number on a day; else the one that has it now. None when the number is not known."""
        known = self.by_serial.get((medium, serial))
        if not known:
            return None
        for id in known.values():
            installed, removed = self.meters[id][4:6]
            if installed <= on and (removed is None or on <= removed):
                return id
        return known[max(known)]
