"""A company whose month is shared out, invoiced and printed in the benches: buildings of 200 homes with ten charges each, two
meters a home; and the people who sign in there."""

from datetime import date

from sqlalchemy import insert, select, update

from resident import clock
from resident.charging.charge import ChargeType, Tariff, TenureAmount
from resident.charging.cost import Cost
from resident.db import SCALE, Database, learn
from resident.demo import PASSWORD, TOTP_SECRET
from resident.homes.building import Building, Unit, UnitFact, natural
from resident.homes.organisation import Organisation
from resident.metering.meter import Meter, Register
from resident.metering.reading import Reading
from resident.money.period import BillingPeriod
from resident.people import credential, totp
from resident.people.factor import Factor
from resident.people.person import Login, Person
from resident.people.post import Post
from resident.people.tenure import Holding, Party, Tenure

# Homes of one building: each is confirmed in a transaction of its own.
HOMES = 200
LONG_AGO = date(2020, 1, 1)
CHARGES = (
    ("RENT", "amount", "fixed"), ("ADVANCE", "amount", "fixed"), ("CARE", "tariff", "area"), ("FUND", "tariff", "share"),
    ("SAUNA", "tariff", "fixed"), ("WASTE", "tariff", "occupants"), ("HEAT", "cost", "area"), ("POWER", "cost", "equal"),
    ("COLD", "tariff", "meter"), ("HOT", "tariff", "meter"),
)  # fmt: skip
ACCOUNTANT = "accountant"


def fill(db: Database, homes: int, size: int = HOMES) -> int:
    """How many buildings of that size, each with an open period."""
    with db.writing() as session:
        organisation = Organisation(
            slug="bench", name="Bench", legal_form="rental", country="FI", currency="EUR", tz="Europe/Helsinki", languages="fi en",
            payee={"iban": "FI7944052020036082", "bic": "OKOYFIHH"},
        )  # fmt: skip
        session.add(organisation)
        session.flush()
        charges = _charges(session, organisation.id)
    for start in range(0, homes, size):
        with db.writing() as session:
            _building(session, organisation.id, charges, start, min(size, homes - start))
    with db.writing() as session:
        learn(session)
    return -(-homes // size)


def _charges(session, organisation_id: int) -> dict[str, int]:
    found = {}
    for position, (code, basis, key) in enumerate(CHARGES):
        media = {"COLD": "cold_water", "HOT": "hot_water"}.get(code)
        charge = ChargeType(
            organisation_id=organisation_id, code=code, name={"fi": code.title(), "en": code.title()}, basis=basis, key=key,
            media=media, measure="m2", position=position, first=LONG_AGO,
        )  # fmt: skip
        session.add(charge)
        session.flush()
        found[code] = charge.id
        if basis == "tariff":
            session.add(Tariff(charge_type_id=charge.id, first=LONG_AGO, price=4_200_000))
    return found


def _put(session, table, rows: list[dict]) -> list[int]:
    return list(session.scalars(insert(table.__table__).returning(table.__table__.c.id, sort_by_parameter_order=True), rows))


def _building(session, organisation_id: int, charges: dict[str, int], start: int, homes: int) -> None:
    (building,) = _put(
        session, Building, [{"organisation_id": organisation_id, "code": f"B{start}", "address": f"Bench {start}", "facts": {}}]
    )
    days = {"use_first": date(2026, 9, 1), "use_last": date(2026, 9, 30)}
    bill = {"bill_first": date(2026, 10, 1), "bill_last": date(2026, 10, 31)}
    (period,) = _put(session, BillingPeriod, [{"building_id": building, "name": "2026-10", "state": "open", **days, **bill}])
    numbers = [str(start + one) for one in range(homes)]
    units = _put(
        session,
        Unit,
        [
            {"building_id": building, "kind": "home", "number": one, "sort_key": natural(None, one), "door": one, "first": LONG_AGO}
            for one in numbers
        ],
    )
    facts = (("area", 54_300_000), ("share", 1_200_000), ("occupants", 2_000_000))
    _put(
        session, UnitFact,
        [
            {"unit_id": unit, "kind": kind, "value": value + unit % 7 * SCALE, "first": LONG_AGO}
            for unit in units for kind, value in facts
        ],
    )  # fmt: skip
    lease = {"organisation_id": organisation_id, "kind": "lease", "first": LONG_AGO}
    tenures = _put(session, Tenure, [lease for _ in units])
    _put(
        session,
        Holding,
        [{"tenure_id": tenure, "unit_id": unit, "first": LONG_AGO} for tenure, unit in zip(tenures, units, strict=True)],
    )
    called = {"organisation_id": organisation_id, "kind": "natural", "language": "fi"}
    persons = _put(session, Person, [called | {"name": f"Asukas {one}", "search_key": f"asukas {one}"} for one in numbers])
    primary = {"role": "primary", "first": LONG_AGO}
    _put(session, Party, [primary | {"tenure_id": t, "person_id": p} for t, p in zip(tenures, persons, strict=True)])
    _put(
        session, TenureAmount,
        [
            {"tenure_id": tenure, "charge_type_id": charges[code], "first": LONG_AGO, "amount": 65_000 + tenure % 100}
            for tenure in tenures for code in ("RENT", "ADVANCE")
        ],
    )  # fmt: skip
    costs = {"period_id": period, "entered_at": clock.now()}
    _put(session, Cost, [costs | {"charge_type_id": charges[code], "amount": 1_234_567} for code in ("HEAT", "POWER")])
    _meters(session, organisation_id, units, period)


def _meters(session, organisation_id: int, units: list[int], period: int) -> None:
    common = {"organisation_id": organisation_id, "measure": "m³", "installed": LONG_AGO, "coefficient": SCALE, "remote": False}
    pairs = [(unit, medium) for unit in units for medium in ("cold_water", "hot_water")]
    meters = _put(session, Meter, [common | {"unit_id": u, "medium": m, "serial": f"{u}-{m}"} for u, m in pairs])
    shape = {"name": "", "digits": 5, "decimals": 3, "initial": 0}
    registers = _put(session, Register, [shape | {"meter_id": meter} for meter in meters])
    given = {"source": "resident", "state": "accepted", "counts": True, "rolled_over": False, "at": clock.now()}
    months = ((date(2026, 7, 30), None, 100), (date(2026, 8, 30), None, 106), (date(2026, 9, 29), period, 112))
    _put(
        session, Reading,
        [
            given | {"register_id": register, "day": day, "period_id": sent, "value": value * SCALE + register % 5}
            for register in registers for day, sent, value in months
        ],
    )  # fmt: skip


# ---- Who signs in ----------------------------------------------------------------------------------------------------


def sign_ins(db: Database, identity_key: str, residents: int) -> list[str]:
    """Names by which that many tenants of the first building sign in with the demo's password; an accountant beside them."""
    names, secret = [f"resident-{number}" for number in range(residents)], credential.hashed(PASSWORD)
    with db.writing() as session:
        organisation = session.scalar(select(Organisation.id))
        for person, name in zip(session.scalars(select(Person.id).order_by(Person.id).limit(residents)).all(), names, strict=True):
            session.execute(update(Person).where(Person.id == person).values(login_id=_login(session, name, secret)))
        login = _login(session, ACCOUNTANT, secret)
        called = {"name": "Kirjanpito", "search_key": "kirjanpito", "kind": "natural", "organisation_id": organisation}
        (person,) = _put(session, Person, [called | {"login_id": login}])
        session.add(Post(person_id=person, organisation_id=organisation, role="accountant", first=LONG_AGO))
        sealed = totp.seal(TOTP_SECRET, identity_key, "totp", login)
        session.add(Factor(login_id=login, kind="totp", name="Bench", secret=sealed, added_at=clock.now()))
    return names


def _login(session, name: str, secret: str) -> int:
    login = Login(name=name, name_key=name, created_at=clock.now())
    session.add(login)
    session.flush()
    credential.put(session, login.id, secret)
    return login.id
