"""Organisations with their houses and homes, and everybody who holds, lives in or serves them."""

from datetime import date, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import access, clock
from ..db import SCALE
from ..homes.building import Building, Unit, UnitFact, natural
from ..homes.organisation import Organisation
from ..people import credential
from ..people.person import Login, Person, name_key
from ..people.post import Post
from ..people.tenure import Holding, Party, Tenure
from .estate import Dwelling, Estate, Hold, House, Site, Someone
from .month import Month
from .names import Name
from .rows import one, put

LONG_AGO = date(2012, 1, 1)


def found(session: Session, estate: Estate) -> Site:
    """The organisation with its houses and homes."""
    organisation = one(session, Organisation, demo=True, **estate.organisation)
    today = clock.today(estate.organisation["tz"])
    site = Site(organisation, estate, today, clock.now(), Random(estate.organisation["slug"]))
    for house in estate.houses:
        site.buildings[house.code] = one(
            session, Building, organisation_id=organisation, code=house.code, address=house.address,
            postcode=house.postcode, city=house.city, facts=house.facts,
        )  # fmt: skip
        _homes(session, site, house)
    _facts(session, site)
    return site


def _homes(session: Session, site: Site, house: House) -> None:
    rows, places = [], [(stair, n) for stair in house.stairs for n in range(stair.homes)]
    for n, (stair, place) in enumerate(places, 1):
        number = house.number.format(stair=stair.label, n=n)
        rows.append(
            {
                "building_id": site.buildings[house.code], "kind": "home", "number": number, "staircase": stair.label,
                "floor": place // stair.per_floor + 1, "sort_key": natural(stair.label, number), "first": LONG_AGO,
            }
        )  # fmt: skip
    for id, row in zip(put(session, Unit, rows), rows, strict=True):
        drawn = site.rng.choice(site.estate.areas), site.rng.choice((1, 1, 2, 2, 2, 3, 3, 4))
        area, occupants = site.estate.known.get((house.code, row["number"]), drawn)
        area = area * SCALE // 100
        label = access.home_label(site.estate.organisation["country"], house.address, row["number"])
        rent = 21_000 + area * 815 // SCALE // 500 * 500
        dwelling = Dwelling(
            id, house, row["building_id"], row["number"], row["staircase"], area, occupants, rent, site.rng.random() < 0.25, label
        )
        site.dwellings.append(dwelling)


def _facts(session: Session, site: Site) -> None:
    """Area and the like from long ago; the number of occupants changed in some homes a year ago."""
    rows, whole = [], {}
    for dwelling in site.dwellings:
        whole[dwelling.building_id] = whole.get(dwelling.building_id, 0) + dwelling.area
    for n, dwelling in enumerate(site.dwellings):
        values = {
            "area": dwelling.area, "heated_area": dwelling.area, "occupants": dwelling.occupants * SCALE,
            "share": dwelling.area * SCALE // whole[dwelling.building_id],
        }  # fmt: skip
        for kind in site.estate.facts:
            changed = kind == "occupants" and n % 9 == 4
            before = values[kind] + SCALE if changed else values[kind]
            rows.append({"unit_id": dwelling.id, "kind": kind, "value": before, "first": LONG_AGO})
            if changed:
                first = Month.of(site.today).plus(-11).first
                rows.append({"unit_id": dwelling.id, "kind": kind, "value": values[kind], "first": first})
    put(session, UnitFact, rows)


# ---- People --------------------------------------------------------------------------------------------------------


def settle_in(session: Session, site: Site, secret: str) -> None:
    """Tenures with their parties for every home; the posts; the sign-in names."""
    for n, dwelling in enumerate(site.dwellings):
        for first, last, signed in _terms(site, n, dwelling):
            tenure = one(session, Tenure, organisation_id=site.id, kind=site.estate.tenure, signed=signed, first=first, last=last)
            one(session, Holding, tenure_id=tenure, unit_id=dwelling.id, first=first, last=last)
            dwelling.holds.append(Hold(tenure, first, last, []))
    _named(session, site, secret)
    _others(session, site)
    _posts(session, site, secret)


def _terms(site: Site, n: int, dwelling: Dwelling) -> list[tuple[date, date | None, date]]:
    """(first, last, signed) of the home's tenures: most have one, some changed hands, one stands empty and is signed."""
    began = Month.of(site.today).plus(-site.rng.randint(30, 150)).first
    named = any(person.home == dwelling.key for person in site.estate.residents)
    if named or n % 8 != 3:
        return [(began, None, began - timedelta(days=20))]
    if n % 24 == 3:
        last = Month.of(site.today).plus(-2).last
        coming = site.today + timedelta(days=25)
        return [(began, last, began - timedelta(days=20)), (coming, None, site.today - timedelta(days=3))]
    moved = Month.of(site.today).plus(-site.rng.randint(4, 16)).first
    return [
        (began, moved - timedelta(days=1), began - timedelta(days=20)),
        (moved, None, moved - timedelta(days=17)),
    ]


def _named(session: Session, site: Site, secret: str) -> None:
    """The residents who sign in, each in their homes."""
    known = {}
    for resident in site.estate.residents:
        someone = known.get(resident.login)
        if someone is None:
            login = sign_in_name(session, resident.login, site.estate.organisation["languages"].split(), resident.name, secret)
            someone = known[resident.login] = _person(session, site, resident.name, login, resident.login)
        hold = site.home(resident.home).holds[-1]
        _party(session, hold, someone, resident.role)


def _others(session: Session, site: Site) -> None:
    """Everybody else: a primary in every tenure, and in some a second person."""
    for dwelling in site.dwellings:
        for hold in dwelling.holds:
            if hold.people:
                continue
            name = site.estate.called(site.rng, None)
            undisclosed = dwelling.key == site.estate.undisclosed
            _party(session, hold, _person(session, site, name, non_disclosure=undisclosed), "primary")
            if dwelling.occupants > 1 and site.rng.random() < 0.5:
                other = site.estate.called(site.rng, name.family)
                role = "co_owner" if site.rng.random() < 0.6 else "occupant"
                _party(session, hold, _person(session, site, other), role)


def _person(session: Session, site: Site, name: Name, login_id: int | None = None, login: str | None = None, **given) -> Someone:
    digits = site.rng.randint(100, 999)
    id = one(
        session, Person, organisation_id=site.id, login_id=login_id, name=name.full, search_key=name.key, email=name.mail,
        phone=f"555 0{digits}", language=name.language, invoice_language=name.language,
        invoice_email=site.rng.random() < 0.7, invoice_paper=site.rng.random() < 0.2, notify_email=site.rng.random() < 0.6,
        **{"non_disclosure": False} | given,
    )  # fmt: skip
    return Someone(id, name, login_id, login)


def _party(session: Session, hold: Hold, someone: Someone, role: str) -> None:
    one(session, Party, tenure_id=hold.id, person_id=someone.id, role=role, rights=None, first=hold.first, last=hold.last)
    hold.people.append(someone)


def _posts(session: Session, site: Site, secret: str) -> None:
    for officer in site.estate.officers:
        someone = _serving(session, site, officer.login)
        if someone is None:
            login = None
            if officer.login:
                languages = site.estate.organisation["languages"].split()
                login = sign_in_name(session, officer.login, languages, officer.name, secret)
            someone = _person(session, site, officer.name, login, officer.login)
        one(session, Post, person_id=someone.id, organisation_id=site.id, role=officer.role, first=LONG_AGO, last=None)
        site.officers.setdefault(officer.role, someone)


def _serving(session: Session, site: Site, login: str | None) -> Someone | None:
    """A resident who also has a post."""
    return site.person(login) if any(resident.login == login for resident in site.estate.residents) else None


def sign_in_name(session: Session, name: str, languages: list[str], called: Name | None, secret: str, **given) -> int:
    """A login with the demo's password, in the person's language; the same one when it is there already."""
    there = session.scalar(select(Login.id).where(Login.name_key == name_key(name)))
    if there:
        return there
    language = called.language if called and called.language in languages else None
    login = one(session, Login, name=name, name_key=name_key(name), language=language, created_at=clock.now(), **given)
    credential.put(session, login, secret)
    return login
