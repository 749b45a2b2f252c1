"""Rows of tenures: what a home is held by, with its days, its account, the account's number and payment reference.

A tenure that holds several homes (a home and its parking space) stands on as many rows with the same key and the same
data. One running account a tenure; money follows accounts (model of rules.md).
"""

from datetime import date

from sqlalchemy import func, select

from ..charging.confirmed import ours
from ..homes.building import Building, Unit
from ..identity import home_label
from ..money.account import Account, Reference
from ..money.invoice import Invoice
from ..month import month_name
from ..people.tenure import Holding, Tenure
from . import billed_rows, reference
from .home_rows import Homes
from .outcome import Moved
from .registering import Registering, chunked
from .staging import day

_SAME = ("tenure_kind", "signed", "first", "last", "reference", "account")
_FOREVER = date.max
_SHOWN = 8


class Tenures:
    """Tenures of the organisation by key; days and accounts of each."""

    def __init__(self, run: Registering, homes: Homes):
        self.run, self.homes = run, homes
        self.by_key: dict[str, int] = {}
        # id: (kind, signed, first, last)
        self.days: dict[int, tuple] = {}
        self.accounts: dict[int, int] = {}
        self.by_number: dict[str, int] = {}
        self.by_reference: dict[str, int] = {}
        self._old: set[int] = set()
        # First and last day, before, of those that move.
        self._stood: dict[int, billed_rows.Span] = {}
        self._numbers: dict[int, str | None] = {}
        self._learn()

    def _learn(self) -> None:
        session, organisation_id = self.run.session, self.run.organisation.id
        rows = select(Tenure.id, Tenure.external_key, Tenure.kind, Tenure.signed, Tenure.first, Tenure.last)
        for id, key, *rest in session.execute(rows.where(Tenure.organisation_id == organisation_id)):
            self.days[id] = tuple(rest)
            self._old.add(id)
            if key:
                self.by_key[key] = id
        rows = select(Account.id, Account.tenure_id, Account.number)
        for id, tenure_id, number in session.execute(rows.where(Account.creditor_id == organisation_id, Account.kind == "running")):
            self._numbers[id] = number
            if tenure_id:
                self.accounts[tenure_id] = id
            if number:
                self.by_number[number] = id
        rows = select(Reference.value, Reference.account_id).where(Reference.creditor_id == organisation_id)
        self.by_reference = {value: account_id for value, account_id in session.execute(rows)}  # noqa: C416
        self._learn_holdings()
        self.billed = billed_rows.Billed(session, organisation_id)

    def _learn_holdings(self) -> None:
        rows = (
            select(Holding.id, Holding.tenure_id, Holding.unit_id, Holding.first, Holding.last)
            .join(Unit, Unit.id == Holding.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .where(Building.organisation_id == self.run.organisation.id)
        )
        # (tenure, unit): [holding, first, last]
        self._holdings: dict[tuple[int, int], list] = {}
        for id, tenure_id, unit_id, first, last in self.run.session.execute(rows):
            self._holdings[tenure_id, unit_id] = [id, first, last]
        self._held_before = {key: (first, last) for key, (_id, first, last) in self._holdings.items()}

    def read(self) -> None:
        seen, held, moved = {}, set(), {}
        for row in self.run.rows("tenures"):
            unit_id = None if row["bad"] else self.homes.unit("tenures", row)
            earlier = seen.setdefault(row["tenure"], row)
            if row["bad"] or unit_id is None:
                self._in_trouble(row)
                continue
            if earlier is row:
                self._tenure(row, moved)
            elif any(earlier[name] != row[name] for name in _SAME):
                self.run.trouble("tenures", row, "tenure", "TenureDiffers", key=row["tenure"], row=earlier["row"])
                continue
            else:
                self.run.count("tenures", "unchanged")
            if self.by_key.get(row["tenure"]):
                self._hold(row, self.by_key[row["tenure"]], unit_id, held)
        self._refuse_orphans(moved)
        self._refuse_drafted(moved)
        self._refuse_overlaps()
        self._lose(moved)
        self.run.flush()

    # One tenure -----------------------------------------------------------------------------------------------------

    def _tenure(self, row, moved: dict) -> None:
        run, id = self.run, self.by_key.get(row["tenure"])
        values = {"kind": row["tenure_kind"], "signed": day(row["signed"]), "first": day(row["first"]), "last": day(row["last"])}
        last = values["last"] or (self.days[id][3] if id in self._old else None)
        if last and last < values["first"]:
            run.trouble("tenures", row, "last", "EndsBeforeBegin")
            self._in_trouble(row)
            return
        if id in self._old:
            old = dict(zip(("kind", "signed", "first", "last"), self.days[id], strict=True))
            changed = {name: value for name, value in values.items() if value is not None and value != old[name]}
            if "first" in changed or "last" in changed:
                moved[id] = row
                self._stood[id] = old["first"], old["last"]
        else:
            self.by_key[row["tenure"]] = id = run.id(Tenure)
            old, changed = None, values
            run.insert(Tenure, id=id, organisation_id=run.organisation.id, external_key=row["tenure"], **values)
        self.days[id] = (values["kind"], values["signed"], values["first"], last)
        money = self._account(row, id)
        run.count("tenures", "new" if old is None else "changed" if changed or money else "unchanged")
        if old is not None and changed:
            run.change(Tenure, id, **changed)

    def _in_trouble(self, row) -> None:
        """The row was told already: what leans on it is not told once more."""
        self.by_key.setdefault(row["tenure"], 0)
        if row["account"]:
            self.by_number.setdefault(row["account"], 0)
        if row["reference"]:
            self.by_reference.setdefault(reference.read(row["reference"], self.run.organisation.country)[1], 0)

    def _account(self, row, tenure_id: int) -> bool:
        """The tenure's account, its number and reference. True when something is new."""
        run, changed = self.run, False
        account_id, number = self.accounts.get(tenure_id), row["account"]
        if number and self.by_number.get(number, account_id) != account_id:
            run.trouble("tenures", row, "account", "AccountTaken", key=number)
            return False
        if account_id is None:
            account_id, changed = self.account(tenure_id, number), True
        elif number and self._numbers.get(account_id) != number:
            run.change(Account, account_id, number=number)
            changed = True
        if number:
            self.by_number[number] = account_id
        return self._reference(row, tenure_id, account_id) or changed

    def _reference(self, row, tenure_id: int, account_id: int) -> bool:
        run, given = self.run, row["reference"]
        if not given:
            return False
        scheme, value = reference.read(given, run.organisation.country)
        if value is None:
            run.trouble("tenures", row, "reference", "ReferenceWrong", key=given)
            return False
        holder = self.by_reference.get(value)
        if holder is not None:
            if holder != account_id:
                run.trouble("tenures", row, "reference", "ReferenceTaken", key=given)
            return False
        self.by_reference[value] = account_id
        run.insert(
            Reference,
            creditor_id=run.organisation.id,
            scheme=scheme,
            value=value,
            account_id=account_id,
            first=self.days[tenure_id][2],
            last=None,
        )
        return True

    def _hold(self, row, tenure_id: int, unit_id: int, held: set) -> None:
        if (tenure_id, unit_id) in held:
            self.run.trouble("tenures", row, "unit", "Doubled", key=row["unit"], row=row["row"])
            return
        held.add((tenure_id, unit_id))
        _, _, first, last = self.days[tenure_id]
        known = self._holdings.get((tenure_id, unit_id))
        if shared := self.billed.gains(unit_id, tuple(known[1:]) if known else None, (first, last)):
            self.run.trouble("tenures", row, "first", "DaysShared", month=shared.name)
        if known is None:
            self._holdings[tenure_id, unit_id] = [None, first, last]
            self.run.insert(Holding, tenure_id=tenure_id, unit_id=unit_id, first=first, last=last)
        elif known[1:] != [first, last]:
            known[1:] = [first, last]
            self.run.change(Holding, known[0], first=first, last=last)

    # Across rows ----------------------------------------------------------------------------------------------------

    def _refuse_orphans(self, moved: dict) -> None:
        """Rule 37: days that would leave invoices without their tenure are refused, with the list."""
        accounts = {self.accounts[id]: id for id in moved if id in self.accounts}
        for chunk in chunked(accounts, 500):
            rows = (
                select(Invoice.account_id, Invoice.month, func.coalesce(Invoice.foreign_number, ""), Invoice.number)
                .where(Invoice.account_id.in_(chunk), Invoice.voided_at.is_(None), Invoice.month != "")
                .where(~ours(), Invoice.kind != "correction")
                .order_by(Invoice.account_id, Invoice.month)
            )
            left = {}
            for account_id, month, foreign, number in self.run.session.execute(rows):
                _, _, first, last = self.days[accounts[account_id]]
                if month < month_name(first) or (last and month > month_name(last)):
                    left.setdefault(accounts[account_id], []).append(foreign or str(number))
            for account_id, foreign, number, begun, ended in billed_rows.cut_off(self.run.session, chunk):
                _, _, first, last = self.days[accounts[account_id]]
                told = left.setdefault(accounts[account_id], [])
                if (begun < first or (last and ended > last)) and (foreign or str(number)) not in told:
                    told.append(foreign or str(number))
            for tenure_id, numbers in ((id, numbers) for id, numbers in left.items() if numbers):
                self.run.trouble(
                    "tenures", moved[tenure_id], "first", "WouldOrphan", count=len(numbers), invoices=numbers[:_SHOWN]
                )  # fmt: skip

    def _refuse_drafted(self, moved: dict) -> None:
        """Drafts are thrown away before days that they bill go to others."""
        for chunk in chunked(moved, 500):
            for tenure_id, name, begun, ended in billed_rows.drafted(self.run.session, chunk):
                _, _, first, last = self.days[tenure_id]
                if begun < first or (last and ended > last):
                    self.run.trouble("tenures", moved[tenure_id], "last", "DaysShared", month=name)

    def _lose(self, moved: dict) -> None:
        """What is billed for days that a tenure holds no more goes to whoever has them then."""
        for (tenure_id, unit_id), held in self._held_before.items():
            if tenure_id in moved:
                was = billed_rows.together(held, self._stood[tenure_id])
                now = billed_rows.together(tuple(self._holdings[tenure_id, unit_id][1:]), self.days[tenure_id][2:])
                if was and (shared := self.billed.loses(unit_id, tenure_id, was, now)):
                    self.run.trouble("tenures", moved[tenure_id], "last", "DaysShared", month=shared.name)

    def _refuse_overlaps(self) -> None:
        """At most one ownership a home and day."""
        spans: dict[int, list[tuple]] = {}
        for (tenure_id, unit_id), (_, first, last) in self._holdings.items():
            if self.days[tenure_id][0] == "ownership":
                spans.setdefault(unit_id, []).append((first, last or _FOREVER, tenure_id))
        clashing = {}
        for held in spans.values():
            held.sort(key=lambda span: span[0])
            for one, other in zip(held, held[1:], strict=False):
                if other[0] <= one[1]:
                    clashing[other[2]], clashing[one[2]] = one[2], other[2]
        if clashing:
            self._tell_overlaps(clashing)

    def _tell_overlaps(self, clashing: dict[int, int]) -> None:
        keys = {id: key for key, id in self.by_key.items()}
        for row in self.run.stage.rows("tenures"):
            id = self.by_key.get(row["tenure"])
            if id in clashing:
                self.run.trouble("tenures", row, "first", "OwnershipsOverlap", key=keys.get(clashing[id]) or "")

    def moves(self) -> list[Moved]:
        """Billed days that change hands, home by home."""
        places = self.homes.places()
        rows = [(places[unit_id], first, last) for unit_id, (first, last) in self.billed.moved().items()]
        return [
            Moved(home_label(self.run.organisation.country, address, number), first.isoformat(), last and last.isoformat())
            for (_kind, number, address, *_place), first, last in rows
        ]

    # For other sheets -----------------------------------------------------------------------------------------------

    def tenure(self, sheet: str, row) -> int | None:
        """The tenure that a row names; None when there is none. A row whose tenure is itself in trouble is not told twice."""
        id = self.by_key.get(row["tenure"])
        if id is None:
            self.run.trouble(sheet, row, "tenure", "Unknown", key=row["tenure"], sheet="tenures")
        return id or None

    def addresses(self) -> dict[int, tuple]:
        """tenure: (number, address, postcode, city) of what it holds; of its home where it holds more."""
        places, found = self.homes.places(), {}
        for tenure_id, unit_id in self._holdings:
            kind, *place = places[unit_id]
            if kind == "home" or tenure_id not in found:
                found[tenure_id] = tuple(place)
        return found

    def account(self, tenure_id: int, number: str | None = None) -> int:
        """The tenure's running account, opened when it has none."""
        run = self.run
        if tenure_id not in self.accounts:
            self.accounts[tenure_id] = id = run.id(Account)
            run.insert(
                Account, id=id, creditor_id=run.organisation.id, tenure_id=tenure_id, kind="running",
                currency=run.organisation.currency, number=number,
            )  # fmt: skip
        return self.accounts[tenure_id]
