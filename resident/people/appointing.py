"""Posts given, changed and ended by staff (rules 39, S17): a role in an organisation, for all its buildings or some, by day.

Whoever's role changes is signed out everywhere: what a session may do is not carried over.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError, Stale
from ..homes.building import Building
from ..homes.organisation import lock_organisation
from . import sign_in
from .person import Person
from .post import ROLES, Post, PostBuilding


class BadPost(ResidentError):
    """A post cannot be so: field, and why: "role", "legal" (only a human holds a post), "days", "buildings" (not of this
    organisation), "twice" (the same role on some of the same days), "past" (ends before today), "last" (nobody else could
    give posts afterwards)."""


def give(
    session: Session, person: Person, role: str, first: date, last: date | None, buildings: Iterable[int], *, by, today: date
) -> Post:
    """A post for a person in the person's organisation. buildings: ids; none for all. BadPost."""
    if role not in ROLES:
        raise BadPost(field="role", why="role")
    if person.kind != "natural":
        raise BadPost(field="role", why="legal")
    _check_days(first, last, today)
    lock_organisation(session, person.organisation_id)
    beside = select(Post.id).where(Post.person_id == person.id, Post.role == role, or_(Post.last.is_(None), Post.last >= first))
    if session.scalar(beside.where(Post.first <= last) if last else beside):
        raise BadPost(field="role", why="twice")
    post = Post(person_id=person.id, organisation_id=person.organisation_id, role=role, first=first, last=last)
    session.add(post)
    session.flush()
    facts = {"role": role, "buildings": _limit(session, post, buildings)}
    _noted(session, "post_added", post, person, facts, by)
    return post


def change(session: Session, post: Post, last: date | None, buildings: Iterable[int], seen: str, *, by, today: date) -> None:
    """Another last day, or other buildings. seen: mark() that the form was drawn from; Stale when it no longer holds (S47)."""
    session.refresh(post, with_for_update=True)
    if mark(session, post) != seen:
        raise Stale()
    _check_days(post.first, last, today, running=post.first <= today)
    _check_left(session, post, last)
    post.last = last
    facts = {"role": post.role, "last": last.isoformat() if last else None, "buildings": _limit(session, post, buildings)}
    person = session.get_one(Person, post.person_id)
    _noted(session, "post_ended" if last else "post_changed", post, person, facts, by)


def mark(session: Session, post: Post) -> str:
    """What a form about the post was drawn from."""
    return f"{post.last or ''}/{','.join(map(str, limits(session, post)))}"


def limits(session: Session, post: Post) -> list[int]:
    """Ids of the buildings that the post is limited to; none: all."""
    return list(session.scalars(select(PostBuilding.building_id).where(PostBuilding.post_id == post.id).order_by("building_id")))


def _check_days(first: date, last: date | None, today: date, running: bool = False) -> None:
    if last is None:
        return
    if last < first:
        raise BadPost(field="last", why="days")
    if running and last < today:
        raise BadPost(field="last", why="past")


# Posts that may give posts; an organisation keeps at least one of them without an end.
GIVERS = ("office", "manager")


def _check_left(session: Session, post: Post, last: date | None) -> None:
    if last is None or post.role not in GIVERS or post.last is not None:
        return
    others = select(Post.id).where(
        Post.organisation_id == post.organisation_id, Post.id != post.id, Post.role.in_(GIVERS), Post.last.is_(None)
    )
    if session.scalar(others.limit(1)) is None:
        raise BadPost(field="last", why="last")


def _limit(session: Session, post: Post, buildings: Iterable[int]) -> list[int]:
    wanted = sorted(set(buildings))
    own = set(session.scalars(select(Building.id).where(Building.organisation_id == post.organisation_id, Building.id.in_(wanted))))
    if own != set(wanted):
        raise BadPost(field="buildings", why="buildings")
    session.execute(delete(PostBuilding).where(PostBuilding.post_id == post.id))
    session.add_all(PostBuilding(post_id=post.id, building_id=building) for building in wanted)
    session.flush()
    return wanted


def _noted(session: Session, act: str, post: Post, person: Person, facts: dict, by) -> None:
    audit.record(session, act, by=by, organisation_id=post.organisation_id, thing=post, facts=facts)
    if person.login_id:
        sign_in.end_all(session, person.login_id, "post", by=by)
    session.flush()
