"""Working out who somebody is: the homes and duties of a login, by the days of each organisation (rules 39, 40).

Every request asks these: plain tables, without the ORM's part. What a viewer may then do is access.py's.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from ..access import Controller, Duty, Home, Viewer
from ..db import plain
from ..homes.building import Building, Unit
from ..homes.organisation import Mandate, Organisation, OrganisationSetting
from ..homes.setting import default
from .person import Person
from .post import Post, PostBuilding
from .tenure import Holding, Party, Tenure

_organisation, _setting = Organisation.__table__.c, OrganisationSetting.__table__.c
_person, _party, _tenure, _holding = Person.__table__.c, Party.__table__.c, Tenure.__table__.c, Holding.__table__.c
_unit, _building, _post, _mandate = Unit.__table__.c, Building.__table__.c, Post.__table__.c, Mandate.__table__.c
_CONTROLLER = [
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
_WIDTH = len(_CONTROLLER)

_HOMES = (
    select(
        *_CONTROLLER,
        _party.id,
        _person.id,
        _person.name,
        _party.role,
        _party.rights,
        _tenure.id,
        _tenure.kind,
        _party.first,
        _party.last,
        _tenure.first,
        _tenure.last,
        _holding.first,
        _holding.last,
        _unit.id,
        _building.id,
        _building.address,
        _unit.number,
        _unit.staircase,
        _tenure.signed,
        _setting.value,
        _setting.first,
    )
    .select_from(Person.__table__)
    .join(Organisation.__table__, _organisation.id == _person.organisation_id)
    .join(Party.__table__, _party.person_id == _person.id)
    .join(Tenure.__table__, _tenure.id == _party.tenure_id)
    .join(Holding.__table__, _holding.tenure_id == _tenure.id)
    .join(Unit.__table__, _unit.id == _holding.unit_id)
    .join(Building.__table__, _building.id == _unit.building_id)
    .outerjoin(OrganisationSetting.__table__, and_(_setting.organisation_id == _organisation.id, _setting.name == "rights"))
    .where(_person.login_id == bindparam("login"))
    .order_by(_party.id, _unit.kind != "home", _unit.sort_key, _setting.first)
)

_DUTIES = (
    select(*_CONTROLLER, _post.id, _person.id, _person.name, _post.role, _post.first, _post.last)
    .select_from(Person.__table__)
    .join(Post.__table__, _post.person_id == _person.id)
    .join(Organisation.__table__, _organisation.id == _post.organisation_id)
    .where(_person.login_id == bindparam("login"))
    .order_by(_post.id)
)
_MANDATES = (
    select(*_CONTROLLER, _mandate.agent_id, _mandate.purpose, _mandate.medium, _mandate.building_id, _mandate.first, _mandate.last)
    .join_from(Mandate.__table__, Organisation.__table__, _organisation.id == _mandate.principal_id)
    .where(_mandate.agent_id.in_(bindparam("agents", expanding=True)))
    .order_by(_mandate.id)
)


def load(session: Session, row) -> Viewer:
    """Everything about a signed-in login; row is from people.sign_in.live()."""
    homes = tuple(_homes(session, row.login_id))
    duties = tuple(_duties(session, row.login_id)) if row.holds_post else ()
    chosen = next((home for home in homes if home.party_id == row.party_id), None)
    home = chosen or next((home for home in homes if home.in_force), None) or (homes[0] if homes else None)
    return Viewer(
        row.id, row.login_id, row.name, row.language, row.operator, row.unread, homes, duties, home,
        way=row.way, second_at=row.second_at, proved_at=row.proved_at,
        needs_second=bool(row.holds_post or row.operator), as_party_id=row.as_party_id,
    )  # fmt: skip


def _homes(session: Session, login_id: int) -> Iterable[Home]:
    seen = {}
    for row in plain(session, _HOMES, {"login": login_id}):
        organisation = Controller(*row[:_WIDTH])
        (
            party_id, person_id, name, role, rights, tenure_id, kind, p_first, p_last, t_first, t_last, h_first, h_last,
            unit_id, building_id, address, number, staircase, signed, defaults, defaults_first,
        ) = row[_WIDTH:]  # fmt: skip
        today = organisation.today
        begins = max(p_first, t_first, h_first)
        over = any(last is not None and last < today for last in (p_last, t_last, h_last))
        if over or (begins > today and (signed is None or signed > today)):
            continue
        if defaults_first is not None and defaults_first > today:
            defaults = None
            if (party_id, unit_id) in seen:
                continue
        if rights is None:
            rights = (defaults or default("rights", organisation.country)).get(role, [])
        # The rows of one home come in the order of the setting's days: the latest wins.
        seen[party_id, unit_id] = Home(
            organisation, party_id, person_id, name, role, frozenset(rights), tenure_id, kind, p_first, begins,
            unit_id, building_id, address, number, staircase,
            date.min if p_first <= t_first or "history" in rights else p_first,
        )  # fmt: skip
    return seen.values()


def _in_force(first: date, last: date | None, today: date) -> bool:
    return first <= today and (last is None or last >= today)


_PURPOSE = {"manage": {"office", "manager", "accountant", "rent_control"}, "maintain": {"caretaker"}, "supply": {"provider"}}


def _duties(session: Session, login_id: int) -> Iterable[Duty]:
    posts = [(Controller(*row[:_WIDTH]), *row[_WIDTH:]) for row in plain(session, _DUTIES, {"login": login_id})]
    posts = [post for post in posts if _in_force(post[5], post[6], post[0].today)]
    if not posts:
        return
    limits = {}
    for post_id, building_id in session.execute(
        select(PostBuilding.post_id, PostBuilding.building_id).where(PostBuilding.post_id.in_([post[1] for post in posts]))
    ):
        limits.setdefault(post_id, set()).add(building_id)
    mandates = plain(session, _MANDATES, {"agents": [post[0].id for post in posts]}).all()
    for organisation, post_id, person_id, name, role, _, _ in posts:
        buildings = frozenset(limits[post_id]) if post_id in limits else None
        yield Duty(organisation, post_id, person_id, name, role, organisation.id, buildings, None)
        for row in mandates:
            principal = Controller(*row[:_WIDTH])
            agent_id, purpose, medium, building_id, first, last = row[_WIDTH:]
            if agent_id == organisation.id and role in _PURPOSE[purpose] and _in_force(first, last, principal.today):
                reach = frozenset([building_id]) if building_id else None
                yield Duty(principal, post_id, person_id, name, role, organisation.id, reach, medium)
