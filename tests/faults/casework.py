"""Cases made by the real verbs, for tests of pages."""

from sqlalchemy import event

from resident import clock
from resident.access import Actor
from resident.talk import following
from resident.talk.following import Report, Where


def actor(cast, name: str, role: str = "resident") -> Actor:
    return Actor(cast.logins[name], getattr(cast, name), cast.koivu, role, name)


def opened(cast, text="The tap drips. All day.", *, by="tenant", common=False, **given) -> int:
    """A fault of A 1 reported by the tenant, or in the lift: its id."""
    where = Where(
        organisation_id=cast.koivu,
        today=clock.today("Europe/Helsinki"),
        building_id=cast.building,
        unit_id=None if common else cast.unit_a1,
        tenure_id=cast.tenure_a1,
        person_id=cast.tenant,
    )
    facts = {"category": "water", "place": "lift car", "text": text, "entry": "ask", "when": "after four", "phone": "040 123 4567"}
    with cast.db.writing() as session:
        case, _ = following.open_case(session, where, Report(**(facts | given)), by=actor(cast, by))
        return case.id


def moved(cast, id: int, *acts: str, by=("office", "office"), text="") -> None:
    with cast.db.writing() as session:
        for act in acts:
            following.move(session, session.get(following.Case, id), act, by=actor(cast, *by), text=text)


def told(cast, id: int, text: str, *, inside=False, by=("office", "office")) -> int:
    """A comment to the resident, or an internal one: the id of its line."""
    verb = following.comment_inside if inside else following.comment
    with cast.db.writing() as session:
        return verb(session, session.get(following.Case, id), text, by=actor(cast, *by)).id


def assigned(cast, id: int, name="caretaker") -> None:
    with cast.db.writing() as session:
        case = session.get(following.Case, id)
        today = clock.today("Europe/Helsinki")
        following.assign(session, case, getattr(cast, name), by=actor(cast, "office", "office"), today=today)


def statements(db) -> list[str]:
    """The statements that the database is sent from now on."""
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
    return seen
