"""A building whose months are worked out by hand in these tests. Money is typed as people read it: "12.34"."""

from datetime import date, timedelta

from sqlalchemy import select

from resident import clock
from resident.access import Actor
from resident.charging import allocating, confirming, steps
from resident.charging.charge import ChargeType, Tariff, TenureAmount, UnitWeight, VatRate
from resident.charging.cost import Cost
from resident.homes.building import Building, Unit, UnitFact, natural
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money.account import Account
from resident.money.invoice import Invoice, InvoiceLine
from resident.money.period import BillingPeriod
from resident.month import month_of
from resident.people.person import Person, search_key
from resident.people.tenure import Holding, Party, Tenure

LONG_AGO = date(2015, 1, 1)


def minor(text: str) -> int:
    whole, _, rest = text.lstrip("-").partition(".")
    return (int(whole) * 100 + int(rest.ljust(2, "0"))) * (-1 if text.startswith("-") else 1)


def millionths(text: str) -> int:
    whole, _, rest = text.partition(".")
    return int(whole) * 1_000_000 + int(rest.ljust(6, "0") or 0)


class House:
    """Charges, homes and periods by name; session: a writing one that the test keeps."""

    def __init__(self, session, cast, code: str = "K1"):
        self.session, self.cast, self.code = session, cast, code
        self.by = Actor(cast.logins["accountant"], cast.accountant, cast.koivu, "accountant", "accountant")
        building = Building(organisation_id=cast.koivu, code=self.code, address="Kastanjakuja 1", postcode="00990", city="Lehtola")
        self.building = self._add(building)
        self.units, self.tenures, self.charges, self.registers, self.periods = {}, {}, {}, {}, {}

    def _add(self, thing) -> int:
        self.session.add(thing)
        self.session.flush()
        return thing.id

    def home(self, number: str, area: str | None = "50", occupants: str | None = "2", kind: str = "home", **facts: str) -> int:
        made = Unit(building_id=self.building, number=number, kind=kind, sort_key=natural(None, number), first=LONG_AGO)
        self.units[number] = unit = self._add(made)
        for name, value in ({"area": area, "occupants": occupants} | facts).items():
            if value is not None:
                self.fact(number, name, value, LONG_AGO)
        return unit

    def fact(self, number: str, kind: str, value: str, first: date) -> None:
        self._add(UnitFact(unit_id=self.units[number], kind=kind, value=millionths(value), first=first))

    def hold(self, name: str, *numbers: str, first=LONG_AGO, last=None, kind="ownership", **about) -> int:
        self.tenures[name] = tenure = self._add(
            Tenure(organisation_id=self.cast.koivu, kind=kind, signed=first, first=first, last=last)
        )
        for number in numbers:
            self._add(Holding(tenure_id=tenure, unit_id=self.units[number], first=first, last=last))
        person = self._add(
            Person(organisation_id=self.cast.koivu, name=name, search_key=search_key(name), **{"language": "fi"} | about)
        )
        self._add(Party(tenure_id=tenure, person_id=person, role="primary", first=first, last=last))
        return tenure

    def charge(self, code: str, basis: str, key: str = "fixed", **given) -> int:
        given = {"name": {"fi": code.title(), "en": code.title()}, "first": LONG_AGO, "position": len(self.charges)} | given
        self.charges[code] = self._add(ChargeType(organisation_id=self.cast.koivu, code=code, basis=basis, key=key, **given))
        return self.charges[code]

    def price(self, code: str, price: str, first: date = LONG_AGO, **given) -> None:
        self._add(Tariff(charge_type_id=self.charges[code], first=first, price=millionths(price), **given))

    def vat(self, code: str, rate: int | None, net: bool = False, first: date = LONG_AGO) -> None:
        self._add(VatRate(charge_type_id=self.charges[code], first=first, rate=rate, net=net))

    def weight(self, code: str, number: str, value: str, first: date = LONG_AGO) -> None:
        unit = self.units[number]
        self._add(UnitWeight(charge_type_id=self.charges[code], unit_id=unit, value=millionths(value), first=first))

    def amount(self, code: str, name: str, amount: str, first: date = LONG_AGO, announced: date | None = None) -> None:
        given = {"charge_type_id": self.charges[code], "tenure_id": self.tenures[name]}
        self._add(TenureAmount(amount=minor(amount), first=first, announced=announced, **given))

    def cost(self, month: str, code: str, amount: str) -> None:
        given = {"period_id": self.periods[month].id, "charge_type_id": self.charges[code], "entered_at": clock.now()}
        self._add(Cost(amount=minor(amount), **given))

    def meter(self, number: str, medium: str = "cold_water", serial: str | None = None, names=("",), **given) -> int:
        """names: of its registers. The first one is what read() reads without a name; the others go by (number, medium, name)."""
        serial = serial or f"{self.code}-{number}-{medium}"
        given = {"installed": LONG_AGO, "measure": "m³", "organisation_id": self.cast.koivu} | given
        meter = self._add(Meter(unit_id=self.units[number], medium=medium, serial=serial, **given))
        for name in names:
            self.registers[number, medium, name] = self._add(Register(meter_id=meter, name=name))
        self.registers[number, medium] = register = self.registers[number, medium, names[0]]
        return register

    def read(
        self, number: str, day: date, value: str, month: str | None = None, medium: str = "cold_water", name=None, **given
    ) -> int:
        """A reading that counts; month: the period that it was sent for; name: of the register."""
        register = self.registers[number, medium] if name is None else self.registers[number, medium, name]
        given = {"source": "resident", "at": clock.now()} | given
        period = self.periods[month].id if month else None
        return self._add(Reading(register_id=register, day=day, value=millionths(value), period_id=period, **given))

    def period(self, month: str, state: str = "open", behind: bool = False) -> BillingPeriod:
        """behind: what is billed is the use of the month before (rule 3)."""
        first, last = month_of(date(int(month[:4]), int(month[5:]), 1))
        use_first, use_last = month_of(first - timedelta(days=1)) if behind else (first, last)
        days = {"use_first": use_first, "use_last": use_last, "bill_first": first, "bill_last": last}
        self.periods[month] = made = BillingPeriod(building_id=self.building, name=month, state=state, **days)
        self._add(made)
        return made

    def allocate(self, month: str):
        return allocating.allocate(self.session, self.periods[month], by=self.by)

    def confirm(self, month: str, **given) -> int:
        return confirming.confirm(self.session, self.periods[month], by=self.by, **given)

    def close(self, month: str) -> None:
        steps.close(self.session, self.periods[month], by=self.by)

    def bill(self, month: str, **given) -> None:
        self.allocate(month)
        self.confirm(month, **given)

    # ---- What came of it -------------------------------------------------------------------------------------------

    def drafted(self, month: str) -> dict:
        """(name or None, number of the unit, charge): amounts of the drafts, as last worked out."""
        return _by_line(self, self.allocate(month).drafts)

    def invoices(self, month: str, name: str | None = None, live: bool = True) -> list[Invoice]:
        """Of a period, in the order of their numbers; name: of one tenure's accounts."""
        rows = select(Invoice).where(Invoice.period_id == self.periods[month].id).order_by(Invoice.number)
        if name:
            rows = rows.where(Invoice.account_id.in_(select(Account.id).where(Account.tenure_id == self.tenures[name])))
        return list(self.session.scalars(rows.where(Invoice.voided_at.is_(None)) if live else rows))

    def lines(self, invoice: Invoice) -> list[InvoiceLine]:
        return list(
            self.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position))
        )


def _by_line(house: House, drafts) -> dict:
    names = {id: name for name, id in house.tenures.items()}
    units = {id: number for number, id in house.units.items()}
    codes = {id: code for code, id in house.charges.items()}
    found = {}
    for drafted in drafts:
        for line in drafted.lines:
            key = names.get(drafted.tenure_id), units.get(line.unit_id), codes[line.charge_type_id]
            found.setdefault(key, []).append(line.amount)
    return {key: amounts[0] if len(amounts) == 1 else amounts for key, amounts in found.items()}
