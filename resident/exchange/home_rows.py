"""Rows of buildings and homes: known by the building's code, and by (building, kind, number)."""

from datetime import date

from sqlalchemy import select

from ..charging.refacting import InSettlement
from ..charging.working import NobodyPays
from ..homes.building import Building, Unit, UnitFact, natural
from ..homes.setting import FIRST_DAY
from .billed_facts import BilledFacts
from .registering import Registering
from .staging import day

FACTS = ("area", "heated_area", "occupants", "share")
_UNIT = ("staircase", "floor", "first", "last")
_BUILDING = ("address", "postcode", "city")


class Homes:
    """Buildings and homes of the organisation, by their keys; those of the workbook included once they were read."""

    def __init__(self, run: Registering):
        self.run = run
        self.buildings: dict[str, int] = {}
        self.units: dict[tuple[int, str, str], int] = {}
        # What is known of units that were there before.
        self._known: dict[int, tuple] = {}
        self._learn()

    def _learn(self) -> None:
        session, organisation_id = self.run.session, self.run.organisation.id
        self._buildings = {
            row.code: row
            for row in session.execute(
                select(Building.id, Building.code, Building.address, Building.postcode, Building.city).where(
                    Building.organisation_id == organisation_id
                )
            )
        }
        self.buildings = {code: row.id for code, row in self._buildings.items()}
        # building: address, postcode and city as they will be.
        self._addresses = {row.id: tuple(row)[2:] for row in self._buildings.values()}
        units = (
            select(Unit.id, Unit.building_id, Unit.kind, Unit.number, Unit.staircase, Unit.floor, Unit.first, Unit.last)
            .join(Building)
            .where(Building.organisation_id == organisation_id)
        )
        for id, building_id, kind, number, *rest in session.execute(units):
            self.units[building_id, kind, number] = id
            self._known[id] = tuple(rest)

    def read(self) -> None:
        self._read_buildings()
        self.run.flush()
        self._read_units()
        self.run.flush()

    def _read_buildings(self) -> None:
        run, seen = self.run, {}
        for row in run.rows("buildings"):
            code = row["building"]
            if code in seen:
                run.trouble("buildings", row, "building", "Doubled", key=code, row=seen[code])
                continue
            seen[code] = row["row"]
            known = self._buildings.get(code)
            values = {name: row[name] for name in _BUILDING}
            if known is not None:
                run.keep("buildings", Building, known.id, known._asdict(), values)
                given = zip(values.values(), self._addresses[known.id], strict=True)
                self._addresses[known.id] = tuple(old if new is None else new for new, old in given)
                continue
            self.buildings[code] = id = run.id(Building)
            self._addresses[id] = tuple(values.values())
            if not row["bad"]:
                run.count("buildings", "new")
                run.insert(Building, id=id, organisation_id=run.organisation.id, code=code, facts={}, **values)

    def _read_units(self) -> None:
        run, seen = self.run, {}
        given = [name for name in FACTS if name in run.stage.given.get("units", ())]
        facts = self._facts() if given else {}
        self.billed = BilledFacts(run.session)
        for row in run.rows("units"):
            building_id = self.buildings.get(row["building"])
            if building_id is None:
                run.trouble("units", row, "building", "Unknown", key=row["building"], sheet="buildings")
                continue
            key = (building_id, row["unit_kind"] or "home", row["unit"])
            if key in seen:
                run.trouble("units", row, "unit", "Doubled", key=row["unit"], row=seen[key])
                continue
            seen[key] = row["row"]
            if row["bad"]:
                self.units.setdefault(key, run.id(Unit))
            elif self._days_fit(row):
                self._unit(row, key, facts)
        self._work_out()

    def _work_out(self) -> None:
        """What is billed by facts that change is corrected."""
        for row, kind, why in self.billed.work_out(self._known):
            if isinstance(why, NobodyPays):
                self.run.trouble("units", row, kind, "NobodyPays", charge=why.code)
            else:
                self.run.trouble("units", row, kind, "FactBilled", month=why)

    def _days_fit(self, row) -> bool:
        if row["first"] and row["last"] and row["last"] < row["first"]:
            self.run.trouble("units", row, "last", "EndsBeforeBegin")
            return False
        return True

    def _unit(self, row, key: tuple, facts: dict) -> None:
        run = self.run
        values = {"staircase": row["staircase"], "floor": row["floor"], "first": day(row["first"]), "last": day(row["last"])}
        id = self.units.get(key)
        if id is None or id not in self._known:
            self.units[key] = id = run.id(Unit)
            run.count("units", "new")
            sort_key = natural(row["staircase"] or "", row["unit"])
            run.insert(Unit, id=id, building_id=key[0], kind=key[1], number=key[2], sort_key=sort_key, **values)
            self._new_facts(row, id, key[0], {})
            return
        old = dict(zip(_UNIT, self._known[id], strict=True))
        changed = {name: value for name, value in values.items() if value is not None and value != old[name]}
        if "staircase" in changed:
            changed["sort_key"] = natural(changed["staircase"], row["unit"])
        facts_changed = self._new_facts(row, id, key[0], facts)
        run.count("units", "changed" if changed or facts_changed else "unchanged")
        if changed:
            run.change(Unit, id, **changed)

    def _new_facts(self, row, id: int, building_id: int, known: dict) -> bool:
        """Dated facts of a home, new or corrected on their day (rule 25). True when something is new."""
        run, some = self.run, False
        first = day(row["facts_from"])
        for kind in FACTS:
            value = row[kind]
            if value is None:
                continue
            dated = known.get((id, kind), {})
            on = first or (max(dated) if dated else day(row["first"]) or FIRST_DAY)
            before = {first: value for first, (_, value) in dated.items()}
            if id in self._known and self._in_drafts(row, building_id, id, kind, before, on, value):
                continue
            if on in dated:
                if dated[on][1] != value:
                    run.change(UnitFact, dated[on][0], value=value)
                    some = True
            else:
                run.insert(UnitFact, unit_id=id, kind=kind, value=value, first=on)
                some = True
        return some

    def _in_drafts(self, row, building_id: int, id: int, kind: str, before: dict, first: date, value: int) -> bool:
        """Drafts are thrown away before a value that they stand on is replaced; what is invoiced is corrected."""
        refusal = self.billed.add(row, building_id, id, kind, before, first, value)
        if isinstance(refusal, InSettlement):
            self.run.trouble("units", row, kind, "FactInSettlement", begins=refusal.first, ends=refusal.last)
        elif refusal:
            self.run.trouble("units", row, kind, "FactInDrafts", month=refusal.name)
        return refusal is not None

    def _facts(self) -> dict[tuple[int, str], dict]:
        """(unit, kind): {first day: (id, value)}."""
        found = {}
        rows = (
            select(UnitFact.id, UnitFact.unit_id, UnitFact.kind, UnitFact.first, UnitFact.value)
            .join(Unit, Unit.id == UnitFact.unit_id)
            .join(Building)
            .where(Building.organisation_id == self.run.organisation.id, UnitFact.kind.in_(FACTS))
        )
        for id, unit_id, kind, first, value in self.run.session.execute(rows):
            found.setdefault((unit_id, kind), {})[first] = (id, value)
        return found

    # For other sheets -----------------------------------------------------------------------------------------------

    def places(self) -> dict[int, tuple]:
        """unit: (kind, number, address, postcode, city)."""
        return {id: (kind, number, *self._addresses[building_id]) for (building_id, kind, number), id in self.units.items()}

    def unit(self, sheet: str, row) -> int | None:
        """The home that a row names; None when there is none, which the row is then told."""
        building_id = self.building(sheet, row)
        if building_id is None:
            return None
        id = self.units.get((building_id, row["unit_kind"] or "home", row["unit"]))
        if id is None:
            self.run.trouble(sheet, row, "unit", "Unknown", key=row["unit"], sheet="units")
        return id

    def building(self, sheet: str, row) -> int | None:
        id = self.buildings.get(row["building"])
        if id is None:
            self.run.trouble(sheet, row, "building", "Unknown", key=row["building"], sheet="buildings")
        return id
