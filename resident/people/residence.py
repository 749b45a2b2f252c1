"""Homes by day: what somebody holds, will hold, or held and has still to settle; their own, or those they represent.

Every request asks this: one SELECT over plain tables, without the ORM's part (rules 36, 39–41).
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import Date, String, and_, bindparam, case, false, literal, or_, select, union_all
from sqlalchemy.orm import Session

from .. import clock
from ..db import plain
from ..homes.building import Building, Unit
from ..homes.organisation import Organisation, OrganisationSetting
from ..homes.setting import default
from ..identity import Acting, Controller, Home
from ..money.account import Account
from ..money.invoice import Invoice
from ..money.ledger import AccountTotal, Item, OpenItem
from .person import Person
from .representation import Representation
from .tenure import Holding, Party, Tenure

_organisation, _setting = Organisation.__table__.c, OrganisationSetting.__table__.c
_person, _party, _tenure, _holding = Person.__table__.c, Party.__table__.c, Tenure.__table__.c, Holding.__table__.c
_unit, _building, _representation = Unit.__table__.c, Building.__table__.c, Representation.__table__.c
_account, _total, _open = Account.__table__.c, AccountTotal.__table__.c, OpenItem.__table__.c
_item, _invoice = Item.__table__.c, Invoice.__table__.c
CONTROLLER = [
    _organisation.id,
    _organisation.name,
    _organisation.slug,
    _organisation.legal_form,
    _organisation.country,
    _organisation.currency,
    _organisation.tz,
    _organisation.languages,
    _organisation.phone,
    _organisation.emergency_phone,
    _organisation.hours,
]
_WIDTH = len(CONTROLLER)

_OF_TENURE = Account.__table__.c.tenure_id == _tenure.id
_OWED = (
    select(literal(1)).select_from(Account.__table__.join(OpenItem.__table__, _open.account_id == _account.id)).where(_OF_TENURE)
)
_BALANCE = (
    select(literal(1))
    .select_from(Account.__table__.join(AccountTotal.__table__, _total.account_id == _account.id))
    .where(_OF_TENURE, _total.amount != 0)
)
# Of a tenure that goes on, whoever left it settles what was billed until then.
_OWED_OF_OWN_DAYS = (
    select(literal(1))
    .select_from(
        Account.__table__.join(OpenItem.__table__, _open.account_id == _account.id)
        .join(Item.__table__, _item.id == _open.item_id)
        .join(Invoice.__table__, _invoice.id == _item.invoice_id)
    )
    .where(_OF_TENURE, _invoice.issued <= _party.last)
)


def _exists(found):
    return found.correlate(Tenure.__table__, Party.__table__).exists()


# Looked at only where something has ended: bindparam "day" is ahead of every organisation's today.
_ENDED = or_(*(one.last < bindparam("day") for one in (_party, _tenure, _holding)))
_UNSETTLED = case((_ENDED, or_(_exists(_OWED), _exists(_BALANCE))), else_=false())
_OWN_UNSETTLED = case((_ENDED, _exists(_OWED_OF_OWN_DAYS)), else_=false())


def _acting(*own):
    """(person who acts, their name, came by letter only, whose homes, ground, first, last): for oneself, and for others."""
    oneself = select(
        _person.id.label("acts_id"),
        _person.name.label("acts_name"),
        _person.delivered_only.label("by_letter"),
        _person.id.label("held_id"),
        literal(None, String).label("ground"),
        literal(None, Date).label("first"),
        literal(None, Date).label("last"),
    ).where(*own)
    columns = (
        _representation.of_person_id, _representation.ground, _representation.first, _representation.last,
    )  # fmt: skip
    others = (
        select(_person.id, _person.name, _person.delivered_only, *columns)
        .join_from(Person.__table__, Representation.__table__, _representation.person_id == _person.id)
        .where(*own)
    )
    return union_all(oneself, others).subquery()


_held = Person.__table__.alias("held")
_COLUMNS = [
    *CONTROLLER,
    _party.id.label("party_id"),
    _held.c.id.label("person_id"),
    _held.c.name.label("person_name"),
    _party.role,
    _party.rights,
    _tenure.id.label("tenure_id"),
    _tenure.kind,
    _tenure.signed,
    _party.first.label("party_first"),
    _party.last.label("party_last"),
    _tenure.first.label("tenure_first"),
    _tenure.last.label("tenure_last"),
    _holding.first.label("holding_first"),
    _holding.last.label("holding_last"),
    _unit.id.label("unit_id"),
    _building.id.label("building_id"),
    _building.address,
    _unit.number,
    _unit.staircase,
    _UNSETTLED.label("unsettled"),
    _OWN_UNSETTLED.label("own_unsettled"),
    _setting.name.label("setting"),
    _setting.first.label("setting_first"),
    _setting.value.label("setting_value"),
]


def _homes(acting):
    """A row for each home and each dated setting about its rights."""
    by = acting.c
    rights = or_(_setting.name == "rights", _setting.name == "lower_rights")
    joined = (
        acting.join(_held, _held.c.id == by.held_id)
        .join(Organisation.__table__, _organisation.id == _held.c.organisation_id)
        .join(Party.__table__, _party.person_id == _held.c.id)
        .join(Tenure.__table__, _tenure.id == _party.tenure_id)
        .join(Holding.__table__, _holding.tenure_id == _tenure.id)
        .join(Unit.__table__, _unit.id == _holding.unit_id)
        .join(Building.__table__, _building.id == _unit.building_id)
        .outerjoin(OrganisationSetting.__table__, and_(_setting.organisation_id == _organisation.id, rights))
    )
    columns = (by.acts_id, by.acts_name, by.by_letter, by.ground, by.first.label("acts_from"), by.last.label("acts_until"))
    order = (by.ground.is_not(None), _party.id, _unit.kind != "home", _unit.sort_key, _setting.first)
    return select(*_COLUMNS, *columns).select_from(joined).order_by(*order)


# A company or an estate signs in through those who represent it, never by itself.
_OF_LOGIN = _homes(_acting(_person.login_id == bindparam("login"), _person.kind == "natural"))
_OF_PERSON = _homes(_acting(_person.id == bindparam("person")))


def of_login(session: Session, login_id: int) -> list[Home]:
    """Homes of a login's persons and of those whom they represent: its own first, in the order in which they were entered."""
    return _folded(plain(session, _OF_LOGIN, {"login": login_id, "day": _day()}))


def of_person(session: Session, person_id: int) -> list[Home]:
    """The homes that a person sees, whether or not they have ever signed in."""
    return _folded(plain(session, _OF_PERSON, {"person": person_id, "day": _day()}))


_OF_PERSONS = _homes(_acting(_person.id.in_(bindparam("persons", expanding=True))))


def of_persons(session: Session, person_ids: Collection[int]) -> list[Home]:
    """The homes that several persons see, a home once for each who acts in it. One SELECT."""
    rows = plain(session, _OF_PERSONS, {"persons": list(person_ids), "day": _day()})
    found = {}
    for home in _gathered(rows):
        found.setdefault((home.party_id, home.unit_id, home.actor_id), home)
    return list(found.values())


def _day() -> date:
    return clock.now().date() + timedelta(days=1)


def _folded(rows: Iterable) -> list[Home]:
    """A row for each dated setting of each home; they come in the order of the setting's days: the latest wins."""
    found = {}
    for home in _gathered(rows):
        found.setdefault((home.party_id, home.unit_id), home)
    return _once_after(found.values())


def _gathered(rows: Iterable) -> Iterator[Home]:
    gathered = {}
    for row in rows:
        place = gathered.setdefault((row.party_id, row.unit_id, row.acts_id, row.acts_from), (row, Controller(*row[:_WIDTH]), {}))
        if row.setting and row.setting_first <= place[1].today:
            place[2][row.setting] = row.setting_value
    for row, organisation, settings in gathered.values():
        home = _home(row, organisation, settings)
        if home:
            yield home


def _once_after(homes: Iterable[Home]) -> list[Home]:
    """Of a tenure that ended, or of a part of it that was given back, the money shows once: in what is left of it."""
    homes = list(homes)
    there = {home.party_id for home in homes if home.state != "after"}
    kept = []
    for home in homes:
        if home.state != "after" or home.party_id not in there:
            kept.append(home)
            there.add(home.party_id)
    return kept


def _home(row, organisation: Controller, settings: dict) -> Home | None:
    today = organisation.today
    if row.ground and (row.acts_from > today or (row.acts_until is not None and row.acts_until < today)):
        return None
    begins = max(row.party_first, row.tenure_first, row.holding_first)
    if begins > today and (row.signed or row.tenure_first) > today:
        return None
    ends = min((last for last in (row.party_last, row.tenure_last, row.holding_last) if last is not None), default=None)
    held, rights = _rights(row, organisation, settings)
    if ends is not None and ends < today:
        rights = rights & {"invoices"} if _unsettled(row, today) else frozenset()
        if not rights:
            return None
    left = row.party_last is not None and (row.tenure_last is None or row.party_last < row.tenure_last)
    return Home(
        organisation, row.party_id, row.person_id, row.person_name, row.role, rights, row.tenure_id, row.kind, row.party_first,
        begins, _state(begins, ends, today), row.unit_id, row.building_id, row.address, row.number, row.staircase,
        date.min if row.party_first <= row.tenure_first or "history" in held else row.party_first,
        papers_until=row.party_last if left else date.max,
        ends=ends,
        acting=Acting(row.acts_id, row.acts_name, row.ground) if row.ground else None,
        withheld=held - rights if row.by_letter else frozenset(),
    )  # fmt: skip


def _state(begins: date, ends: date | None, today: date) -> str:
    if begins > today:
        return "coming"
    return "after" if ends is not None and ends < today else "in_force"


def _rights(row, organisation: Controller, settings: dict) -> tuple[frozenset, frozenset]:
    """(what the party was given, or its role by the organisation's setting; what of it holds now, rule 41)."""
    given = row.rights
    if given is None:
        given = settings.get("rights", default("rights", organisation.country)).get(row.role, [])
    held = frozenset(given)
    if not row.by_letter:
        return held, held
    return held, held.intersection(settings.get("lower_rights", default("lower_rights", organisation.country)))


def _unsettled(row, today: date) -> bool:
    goes_on = row.tenure_last is None or row.tenure_last >= today
    if goes_on and row.party_last is not None and row.party_last < today:
        return bool(row.own_unsettled)
    return bool(row.unsettled)
