"""The cast: two organisations with a wall between them, a supplier that works for the first, and one of each kind of person.

koivu (FI, rental)      Pihlajakuja 6: A 1, A 2, B 3, B 10
    tenant   primary tenant of A 1 for three years     occupant  lives in A 1
    neighbour primary tenant of A 2                    former    held A 1 before tenant, ended
    coming   signed for B 3, begins in twenty days     two_homes primary of B 10, and owner in tamm
    office manager accountant control caretaker council       posts
tamm (EE, association)  Pärnaõue 7: 1, 2
    owner primary of 1, coowner, lodger (occupant)     board (manager), twoshomes primary of 2
vesi (FI, provider)     supplies koivu's cold water;   provider has a post there
operator                runs the machine
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import exists, func, select

from resident import clock
from resident.db import Base
from resident.homes.building import Building, Unit, UnitFact, natural
from resident.homes.organisation import Mandate, Organisation
from resident.people import credential
from resident.people.person import Login, Person, name_key, search_key
from resident.people.post import Post
from resident.people.tenure import Holding, Party, Tenure

PASSWORD = "a long enough password 7"
_HASH = credential.hashed(PASSWORD)
LONG_AGO = date(2015, 1, 1)


# By database and day: the cast's ids, and how it comes back. It is made row by row once.
_MADE: dict[tuple, tuple[dict, Callable]] = {}


class Cast(SimpleNamespace):
    """cast.tenant, cast.unit_a1, cast.koivu …: ids, made once in the given database, which is empty."""

    def __init__(self, db):
        super().__init__(db=db, logins={})
        self.which = which = (db.sqlite, clock.today("Europe/Helsinki"), clock.today("Europe/Tallinn"))
        if which in _MADE:
            names, pour = _MADE[which]
            vars(self).update(names | {"logins": dict(names["logins"])})
            pour(db)
            return
        with db.writing() as session:
            self._session = session
            self._koivu()
            self._tamm()
            self._vesi()
            self.login("operator", operator=True)
            del self._session
        names = {name: made for name, made in vars(self).items() if name != "db"}
        _MADE[which] = (names | {"logins": dict(self.logins)}, snapshot(db, f"cast_{len(_MADE)}"))

    # Pieces, also for tests that need one more of a kind ------------------------------------------------------------

    def add(self, session, thing):
        session.add(thing)
        session.flush()
        return thing.id

    def login(self, name: str, **given) -> int:
        login = Login(name=name, name_key=name_key(name), created_at=clock.now(), **given)
        self._session.add(login)
        self._session.flush()
        credential.put(self._session, login.id, _HASH)
        self.logins[name] = login.id
        return login.id

    def person(self, organisation: int, name: str, login: int | None = None, **given) -> int:
        return self.add(
            self._session,
            Person(organisation_id=organisation, name=name, search_key=search_key(name), login_id=login, **given),
        )

    def unit(self, building: int, number: str, staircase: str | None) -> int:
        unit = self.add(
            self._session,
            Unit(building_id=building, number=number, staircase=staircase, sort_key=natural(staircase, number), first=LONG_AGO),
        )
        self.add(self._session, UnitFact(unit_id=unit, kind="area", value=54_300_000, first=LONG_AGO))
        return unit

    def tenure(self, organisation: int, unit: int, kind: str, first: date, last: date | None = None, signed=None) -> int:
        tenure = self.add(
            self._session, Tenure(organisation_id=organisation, kind=kind, signed=signed or first, first=first, last=last)
        )
        self.add(self._session, Holding(tenure_id=tenure, unit_id=unit, first=first, last=last))
        return tenure

    def party(self, tenure: int, person: int, role: str, first: date, last: date | None = None, rights=None) -> int:
        return self.add(self._session, Party(tenure_id=tenure, person_id=person, role=role, first=first, last=last, rights=rights))

    # The three organisations ----------------------------------------------------------------------------------------

    def _koivu(self):
        today = clock.today("Europe/Helsinki")
        began = today - timedelta(days=3 * 365)
        self.koivu = self.add(
            self._session,
            Organisation(
                slug="koivu", name="Koivukallion Asunnot", legal_form="rental", country="FI", currency="EUR",
                tz="Europe/Helsinki", languages="fi sv en", phone="010 555 0140", emergency_phone="010 555 0199",
                hours="9–15", payee={"payee": "Koivukallion Asunnot Oy", "iban": "FI7944052020036082", "bic": "OKOYFIHH"},
            ),
        )  # fmt: skip
        self.building = self.add(
            self._session,
            Building(organisation_id=self.koivu, code="P6", address="Pihlajakuja 6", postcode="53100", city="Koivula"),
        )
        for name, number, staircase in (("a1", "A 1", "A"), ("a2", "A 2", "A"), ("b3", "B 3", "B"), ("b10", "B 10", "B")):
            setattr(self, f"unit_{name}", self.unit(self.building, number, staircase))
        before = began - timedelta(days=1)
        self.tenure_former = self.tenure(self.koivu, self.unit_a1, "lease", LONG_AGO, before)
        self.tenure_a1 = self.tenure(self.koivu, self.unit_a1, "lease", began)
        self.tenure_a2 = self.tenure(self.koivu, self.unit_a2, "lease", began)
        self.tenure_b3 = self.tenure(
            self.koivu, self.unit_b3, "lease", today + timedelta(days=20), signed=today - timedelta(days=2)
        )
        self.tenure_b10 = self.tenure(self.koivu, self.unit_b10, "lease", began)
        residents = (
            ("tenant", "Aino Virta", self.tenure_a1, "primary", began, None),
            ("occupant", "Eero Virta", self.tenure_a1, "occupant", began, None),
            ("neighbour", "Niilo Salo", self.tenure_a2, "primary", began, None),
            ("former", "Frans Entinen", self.tenure_former, "primary", LONG_AGO, before),
            ("coming", "Tuuli Tuleva", self.tenure_b3, "primary", today + timedelta(days=20), None),
            ("two_homes", "Kaisa Kahdentalo", self.tenure_b10, "primary", began, None),
        )
        for login, name, tenure, role, first, last in residents:
            person = self.person(
                self.koivu, name, self.login(login), email=f"{login}@example.org", phone="040 555 0100", language="fi"
            )
            setattr(self, login, person)
            setattr(self, f"party_{login}", self.party(tenure, person, role, first, last))
        posts = (
            ("office", "Oili Toimisto"), ("manager", "Martti Isännöitsijä"), ("accountant", "Kirsti Kirjanpito"),
            ("control", "Vilma Valvonta"), ("caretaker", "Kalle Huolto"), ("council", "Tarja Toimikunta"),
        )  # fmt: skip
        for login, name in posts:
            person = self.person(self.koivu, name, self.login(login))
            setattr(self, login, person)
            role = "rent_control" if login == "control" else login
            self.add(self._session, Post(person_id=person, organisation_id=self.koivu, role=role, first=LONG_AGO))

    def _tamm(self):
        began = clock.today("Europe/Tallinn") - timedelta(days=3 * 365)
        self.tamm = self.add(
            self._session,
            Organisation(
                slug="tamm", name="Pärnaõue 7 korteriühistu", legal_form="association", country="EE", currency="EUR",
                tz="Europe/Tallinn", languages="et ru en", phone="555 0117", payee={},
            ),
        )  # fmt: skip
        self.building_tamm = self.add(self._session, Building(organisation_id=self.tamm, code="P7", address="Pärnaõue 7"))
        self.unit_t1 = self.unit(self.building_tamm, "1", "I")
        self.unit_t2 = self.unit(self.building_tamm, "2", "I")
        self.tenure_t1 = self.tenure(self.tamm, self.unit_t1, "ownership", began)
        self.tenure_t2 = self.tenure(self.tamm, self.unit_t2, "ownership", began)
        for login, name, role in (
            ("owner", "Mari Kask", "primary"),
            ("coowner", "Jaan Kask", "co_owner"),
            ("lodger", "Liis Saar", "occupant"),
        ):
            person = self.person(self.tamm, name, self.login(login), email="kask@example.org", language="et")
            setattr(self, login, person)
            setattr(self, f"party_{login}", self.party(self.tenure_t1, person, role, began))
        self.two_homes_tamm = self.person(self.tamm, "Kaisa Kahdentalo", self.logins["two_homes"])
        self.party(self.tenure_t2, self.two_homes_tamm, "primary", began)
        self.board = self.person(self.tamm, "Tiiu Lepik", self.login("board"))
        self.add(self._session, Post(person_id=self.board, organisation_id=self.tamm, role="manager", first=LONG_AGO))

    def _vesi(self):
        self.vesi = self.add(
            self._session,
            Organisation(
                slug="vesi", name="Koivulan Vesi", legal_form="provider", country="FI", currency="EUR",
                tz="Europe/Helsinki", languages="fi en", payee={},
            ),
        )  # fmt: skip
        self.provider = self.person(self.vesi, "Vesa Vesi", self.login("provider"))
        self.add(self._session, Post(person_id=self.provider, organisation_id=self.vesi, role="provider", first=LONG_AGO))
        self.add(
            self._session,
            Mandate(principal_id=self.koivu, agent_id=self.vesi, purpose="supply", medium="cold_water", first=LONG_AGO),
        )


def snapshot(db, name: str) -> Callable:
    """What is in the database now, as a function that pours it into an empty one."""
    return _as_file(db) if db.sqlite else _as_schema(db, name)


def _as_file(db) -> Callable:
    """An SQLite database is its file."""
    with db.engine.connect() as connection:
        octets = connection.connection.driver_connection.serialize()

    def pour(db) -> None:
        db.engine.dispose()
        Path(db.url.removeprefix("sqlite:///")).write_bytes(octets)

    return pour


def _as_schema(db, name: str) -> Callable:
    """In PostgreSQL the rows stand by in a schema of their own, and are copied without a look at triggers."""
    with db.engine.begin() as connection:
        tables = [table for table in Base.metadata.sorted_tables if connection.scalar(select(exists().select_from(table)))]
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
        for table in tables:
            connection.exec_driver_sql(f"CREATE TABLE {name}.{table.name} AS TABLE public.{table.name}")
        tops = {table.name: connection.scalar(select(func.max(table.c.id))) for table in tables if "id" in table.c}
    lines = [f"INSERT INTO public.{table.name} SELECT * FROM {name}.{table.name};" for table in tables]  # noqa: S608 – our own names
    lines += [f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {top});" for table, top in tops.items() if top]

    def pour(db) -> None:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("".join(lines))

    return pour
