"""Working out who somebody is: the homes and duties of a login, by the days of each organisation (rules 39, 40).

Every request asks these: plain tables, without the ORM's part. The homes are residence.py's, what a viewer may then do
is said in access/.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from ..access import Controller, Duty, Viewer
from ..db import plain
from ..homes.organisation import Mandate, Organisation
from . import residence, sign_in, viewing, ways
from .person import Person
from .post import Post, PostBuilding
from .residence import CONTROLLER

_organisation, _person = Organisation.__table__.c, Person.__table__.c
_post, _limit, _mandate = Post.__table__.c, PostBuilding.__table__.c, Mandate.__table__.c
_WIDTH = len(CONTROLLER)

# For somebody else, by whatever mandate: most organisations never do, and their mandates are not looked up.
_ACTS = exists().where(_mandate.agent_id == _post.organisation_id)
_DUTIES = (
    select(*CONTROLLER, _post.id, _person.id, _person.name, _post.role, _post.first, _post.last, _ACTS, _limit.building_id)
    .select_from(Person.__table__)
    .join(Post.__table__, _post.person_id == _person.id)
    .join(Organisation.__table__, _organisation.id == _post.organisation_id)
    .outerjoin(PostBuilding.__table__, _limit.post_id == _post.id)
    .where(_person.login_id == bindparam("login"))
    .order_by(_post.id)
)
_MANDATES = (
    select(*CONTROLLER, _mandate.agent_id, _mandate.purpose, _mandate.medium, _mandate.building_id, _mandate.first, _mandate.last)
    .join_from(Mandate.__table__, Organisation.__table__, _organisation.id == _mandate.principal_id)
    .where(_mandate.agent_id.in_(bindparam("agents", expanding=True)))
    .order_by(_mandate.id)
)


def load(session: Session, row) -> Viewer:
    """Everything about a signed-in login; row is from people.sign_in.live()."""
    homes = residence.of_login(session, row.login_id)
    duties = list(_duties(session, row.login_id)) if row.holds_post else []
    shut = ways.ids(row.closed)
    open_duties = tuple(duty for duty in duties if duty.employer_id not in shut)
    if row.as_party_id is not None and open_duties:
        seen, looks_by = viewing.homes(session, row.as_party_id, open_duties)
        if looks_by:
            return _looking(row, seen, looks_by)
    open_homes = tuple(home for home in homes if home.organisation.id not in shut)
    chosen = next((home for home in open_homes if home.party_id == row.party_id), None)
    home = chosen or next((home for home in open_homes if home.in_force), None) or (open_homes[0] if open_homes else None)
    unread = row.unread + sign_in.unread_of(session, open_homes)
    return Viewer(
        row.id, row.login_id, row.name, row.language, row.operator, unread, open_homes, open_duties, home,
        way=row.way, second_at=row.second_at, proved_at=row.proved_at, needs_second=bool(row.holds_post or row.operator),
        has_app=bool(row.has_app), closed=_closed(shut, homes, duties) if shut else (),
    )  # fmt: skip


def _looking(row, homes: tuple, duty: Duty) -> Viewer:
    """Staff who look at the portal as a resident sees it: the resident's homes, and no duty."""
    home = next((home for home in homes if home.party_id == row.as_party_id), homes[0])
    return Viewer(
        row.id, row.login_id, row.name, row.language, False, 0, homes, (), home,
        way=row.way, second_at=row.second_at, proved_at=row.proved_at, needs_second=True,
        as_party_id=row.as_party_id, looks_by=duty,
    )  # fmt: skip


def _closed(shut: frozenset, homes: Iterable, duties: Iterable) -> tuple[Controller, ...]:
    inside = {home.organisation.id: home.organisation for home in homes}
    inside |= {duty.employer_id: duty.organisation for duty in duties if duty.employer_id == duty.organisation.id}
    return tuple(organisation for id, organisation in inside.items() if id in shut)


def _in_force(first: date, last: date | None, today: date) -> bool:
    return first <= today and (last is None or last >= today)


_PURPOSE = {"manage": {"office", "manager", "accountant", "rent_control"}, "maintain": {"caretaker"}, "supply": {"provider"}}


def _duties(session: Session, login_id: int) -> Iterable[Duty]:
    posts, limits = {}, {}
    for row in plain(session, _DUTIES, {"login": login_id}):
        *post, building_id = row[_WIDTH:]
        posts.setdefault(post[0], (Controller(*row[:_WIDTH]), *post))
        if building_id is not None:
            limits.setdefault(post[0], set()).add(building_id)
    posts = [post for post in posts.values() if _in_force(post[5], post[6], post[0].today)]
    if not posts:
        return
    agents = [post[0].id for post in posts if post[7]]
    mandates = plain(session, _MANDATES, {"agents": agents}).all() if agents else []
    for organisation, post_id, person_id, name, role, *_ in posts:
        buildings = frozenset(limits[post_id]) if post_id in limits else None
        yield Duty(organisation, post_id, person_id, name, role, organisation.id, buildings, None)
        for row in mandates:
            principal = Controller(*row[:_WIDTH])
            agent_id, purpose, medium, building_id, first, last = row[_WIDTH:]
            if agent_id == organisation.id and role in _PURPOSE[purpose] and _in_force(first, last, principal.today):
                reach = frozenset([building_id]) if building_id else None
                yield Duty(principal, post_id, person_id, name, role, organisation.id, reach, medium)
