"""Finding homes, people and numbers for the desk, inside what a post covers. Every look-up begins in an index."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from .. import access
from ..metering import medium
from ..metering.meter import MEDIA, Meter
from ..metering.reading import Receipt
from ..money.account import Account, Reference
from ..people.person import Person, PersonWord, search_key, words
from ..people.tenure import Holding
from ..talk.case import Case
from ..talk.thread import Thread
from .building import Building, Unit, door_of
from .organisation import Organisation

MOST = 20
# So many homes with the same door number are looked at before staircase and address decide.
DOORS = 2000
LAST = "\U0010ffff"
# What stands before a home's number in the languages served; never part of it.
_NOISE = {"kv", "кв", "krt", "korter", "as", "asunto", "lgh", "lok", "lokal", "flat", "home", "дом"}

_UNIT = (Unit.id, Unit.number, Unit.staircase, Unit.building_id, Building.address, Organisation.country, Organisation.name)


@dataclass(frozen=True, slots=True)
class HomeHit:
    """A home, or (unit_id None) a building, or a building's staircase. via: what was found of it: (kind, number), or None."""

    unit_id: int | None
    building_id: int
    label: str
    staircase: str | None
    organisation: str
    via: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PersonHit:
    id: int
    name: str
    organisation: str
    undisclosed: bool
    legal: bool = False


@dataclass(frozen=True, slots=True)
class TalkHit:
    """kind: case or thread."""

    kind: str
    id: int
    number: str
    subject: str


@dataclass(frozen=True, slots=True)
class Found:
    buildings: list[HomeHit]
    homes: list[HomeHit]
    persons: list[PersonHit]
    talk: list[TalkHit]

    @property
    def every(self) -> list:
        return [*self.buildings, *self.homes, *self.persons, *self.talk]


def find(session: Session, viewer: access.Viewer, text: str) -> Found:
    """At most MOST of each kind. The number of statements does not depend on what is found."""
    text = " ".join(text.split())[:100]
    buildings, homes = _homes(session, viewer, _tokens(text))
    talk = []
    if any(c.isdigit() for c in text):
        homes = [*homes, *_by_number(session, viewer, text)][:MOST]
        talk = [*_cases(session, viewer, text), *_threads(session, viewer, text)]
    return Found(buildings[:MOST], homes, _persons(session, viewer, text), talk)


# ---- Homes -----------------------------------------------------------------------------------------------------------


def _tokens(text: str) -> list[str]:
    """ "Jarzębinowa 8/14" is jarzebinowa, 8, 14; "b23" is b, 23; "12a" stays whole."""
    return [token for token in re.findall(r"\d+[^\W\d_]?\b|\d+|[^\W\d_]+", search_key(text)) if token not in _NOISE][:8]


def _homes(session: Session, viewer: access.Viewer, typed: list[str]) -> tuple[list[HomeHit], list[HomeHit]]:
    """What was typed is an address, a number, or an address and then a number, with or without the staircase."""
    if not typed:
        return [], []
    columns = (Building.id, Building.address, Organisation.country, Organisation.name)
    covered = session.execute(
        select(*columns).join(Organisation).where(access.reach(viewer, "register", Building.organisation_id, Building.id))
    ).all()
    known = [(row, _tokens(row.address)) for row in covered]
    splits = [{row.id for row, address in known if _address_fits(typed[:at], address)} for at in range(len(typed) + 1)]
    whole = [HomeHit(None, row.id, row.address, None, row.name) for row, _ in known if row.id in splits[-1]]
    within = set().union(*splits[:-1])
    if not within:
        return whole, []
    doors = session.execute(
        select(*_UNIT)
        .join(Building, Building.id == Unit.building_id)
        .join(Organisation, Organisation.id == Building.organisation_id)
        .where(Unit.building_id.in_(within), Unit.door == door_of(typed[-1]))
        .order_by(Unit.building_id, Unit.sort_key)
        .limit(DOORS)
    )
    fitting = (row for row in doors if _number_fits(row, typed, splits))
    return whole, [_hit(row) for row, _ in zip(fitting, range(MOST), strict=False)]


def _address_fits(typed: list[str], address: list[str]) -> bool:
    return all(any(_same(word, part) for part in address) for word in typed)


def _same(word: str, part: str) -> bool:
    return word == part if word[0].isdigit() else part.startswith(word)


def _number_fits(row, typed: list[str], splits: list[set]) -> bool:
    """Some split of what was typed has this building in its address, and the rest in the home's number or staircase."""
    number = {*_tokens(row.number), *_tokens(row.staircase or "")}
    return any(row.building_id in ids and number.issuperset(typed[at:-1]) for at, ids in enumerate(splits[:-1]))


def _hit(row, via=None) -> HomeHit:
    label = access.home_label(row.country, row.address, row.number)
    return HomeHit(row.id, row.building_id, label, row.staircase, row.name, via)


# ---- Persons ---------------------------------------------------------------------------------------------------------


def beginning(column, prefix: str) -> tuple:
    return column >= prefix, column < prefix + LAST


def persons(session: Session, viewer: access.Viewer, text: str, organisation_id: int) -> list[PersonHit]:
    """Those of one organisation that the viewer's posts reach, at most MOST."""
    return _persons(session, viewer, " ".join(text.split())[:100], PersonWord.organisation_id == organisation_id)


def _persons(session: Session, viewer: access.Viewer, text: str, *narrowed) -> list[PersonHit]:
    """By the beginnings of any words of the name, or by the whole e-mail address when it may be seen."""
    email = "@" in text
    typed = sorted(set(words(text)), key=len, reverse=True)[:5]
    if not typed:
        return []
    reached = access.reach_persons(viewer, PersonWord.organisation_id, PersonWord.person_id)
    found = select(PersonWord.person_id).where(reached, *narrowed)
    if email:
        found = found.where(PersonWord.word == "@" + text.casefold())
    else:
        found = found.where(*beginning(PersonWord.word, typed[0]))
        for word in typed[1:]:
            other = aliased(PersonWord)
            own = select(other.word).where(other.person_id == PersonWord.person_id, *beginning(other.word, word))
            found = found.where(own.exists())
    ids = session.scalars(found.distinct().limit(MOST)).all()
    rows = session.execute(
        select(
            Person.id, Person.name, Person.search_key, Person.non_disclosure, Person.organisation_id, Organisation.name, Person.kind
        )
        .join(Organisation)
        .where(Person.id.in_(ids))
        .order_by(Person.search_key, Person.id)
    ).all()
    hits = [PersonHit(row.id, row[1], row[5], hidden_from(viewer, row), row.kind == "legal") for row in rows]
    return [hit for hit in hits if not (email and hit.undisclosed)]


def hidden_from(viewer: access.Viewer, person) -> bool:
    """Is the person under non-disclosure, and are the viewer's posts not among those that see such a person's data?"""
    return person.non_disclosure and not access.may_see_contacts(viewer, person.organisation_id, undisclosed=True)


# ---- Numbers ---------------------------------------------------------------------------------------------------------


def _spellings(text: str) -> list[str]:
    """A number as typed, without spaces, in capitals, and a creditor reference (RF) without its first four signs."""
    bare = re.sub(r"[\s\u00a0]", "", text)
    spelled = {text, bare, text.upper(), bare.upper(), bare.lstrip("0")}
    if re.fullmatch(r"(?i)rf\d{2}\w+", bare):
        spelled.add(bare[4:].lstrip("0"))
    return sorted(spelled - {""})


def _organisations(viewer: access.Viewer) -> list[int]:
    return sorted({duty.organisation.id for duty in viewer.duties_for("register")})


def _by_number(session: Session, viewer: access.Viewer, text: str) -> list[HomeHit]:
    """Homes to which a billing account, a payment reference, a live meter or a receipt of this number leads."""
    spelled, ours = _spellings(text), _organisations(viewer)
    media = (*MEDIA, *(row.code for row in medium.of(session, ours)))
    plain = select(*_UNIT).join(Building, Building.id == Unit.building_id).join(Organisation)
    held = plain.join(Holding, Holding.unit_id == Unit.id).join(Account, Account.tenure_id == Holding.tenure_id)
    referred = held.join(Reference, Reference.account_id == Account.id)
    looks = (
        ("account", Account.number, held.where(Account.creditor_id.in_(ours))),
        ("reference", Reference.value, referred.where(Reference.creditor_id.in_(ours))),
        (
            "meter",
            Meter.serial,
            plain.join(Meter, Meter.unit_id == Unit.id).where(
                Meter.organisation_id.in_(ours), Meter.medium.in_(media), Meter.removed.is_(None)
            ),
        ),
        ("receipt", Receipt.number, plain.join(Receipt, Receipt.unit_id == Unit.id).where(Receipt.organisation_id.in_(ours))),
    )
    covered = access.reach(viewer, "register", Building.organisation_id, Building.id)
    hits = _of_buildings(session, covered, (Meter.organisation_id.in_(ours), Meter.medium.in_(media), Meter.serial.in_(spelled)))
    for kind, column, statement in looks:
        rows = session.execute(statement.add_columns(column.label("found")).where(column.in_(spelled), covered).limit(MOST))
        hits += [_hit(row, (kind, row.found)) for row in rows]
    return hits


def _of_buildings(session: Session, covered, wanted: tuple) -> list[HomeHit]:
    """Buildings to which a live meter of their own leads."""
    found = select(Building.id, Building.address, Organisation.name, Meter.serial).join(Meter, Meter.building_id == Building.id)
    rows = session.execute(found.join(Organisation).where(*wanted, Meter.removed.is_(None), covered).limit(MOST))
    return [HomeHit(None, row.id, row.address, None, row.name, ("meter", row.serial)) for row in rows]


def _cases(session: Session, viewer: access.Viewer, text: str) -> list[TalkHit]:
    rows = session.execute(
        select(Case.id, Case.number, Case.subject).where(
            Case.organisation_id.in_(_organisations(viewer)), Case.number.in_(_spellings(text)), access.desk_cases(viewer)
        )
    )
    return [TalkHit("case", *row) for row in rows]


def _threads(session: Session, viewer: access.Viewer, text: str) -> list[TalkHit]:
    rows = session.execute(
        select(Thread.id, Thread.number, Thread.subject).where(
            Thread.organisation_id.in_(_organisations(viewer)), Thread.number.in_(_spellings(text)), access.answered_threads(viewer)
        )
    )
    return [TalkHit("thread", *row) for row in rows]
