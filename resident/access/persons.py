"""People, those who stand for them, posts and mandates; what is kept about oneself and about everybody."""

from sqlalchemy import Select, or_, select

from ..audit import AuditEvent
from ..exchange.register_import import RegisterImport
from ..homes.organisation import Mandate
from ..identity import SEES_CONTACTS, SEES_UNDISCLOSED, Duty, Viewer
from ..people.person import Person
from ..people.post import Post
from ..people.representation import Representation
from ..privacy.erasure import Erasure
from ..privacy.export import DataExport
from .reaching import (
    covered,
    disclosed_to,
    reach_persons,
    whole_duties,
)


def may_see_contacts(viewer: Viewer, organisation_id: int, undisclosed: bool = False) -> bool:
    """May the viewer's posts in this organisation see a person's contact data (rule 43, turvakielto)?"""
    allowed = SEES_UNDISCLOSED if undisclosed else SEES_CONTACTS
    return any(duty.organisation.id == organisation_id and duty.role in allowed for duty in viewer.duties)


def visible_persons(viewer: Viewer, ability: str = "register") -> Select:
    return select(Person).where(reach_persons(viewer, Person.organisation_id, Person.id, ability))


def visible_entrants(viewer: Viewer) -> Select:
    """Persons whom the viewer's posts may give a letter; under non-disclosure only for posts that see such persons."""
    shown = or_(Person.non_disclosure.is_(False), disclosed_to(viewer, Person.organisation_id))
    return select(Person).where(reach_persons(viewer, Person.organisation_id, Person.id, "letters"), shown)


def visible_representations(viewer: Viewer) -> Select:
    """Those that the viewer's posts may change."""
    reached = reach_persons(viewer, Representation.organisation_id, Representation.of_person_id, "tenures")
    return select(Representation).where(reached)


def governing_duties(viewer: Viewer) -> list[Duty]:
    """Posts of an organisation itself, for all of it, that give posts and mandates. A manager under a mandate does not."""
    return [duty for duty in whole_duties(viewer, "posts") if duty.employer_id == duty.organisation.id]


def visible_posts(viewer: Viewer) -> Select:
    return select(Post).where(Post.organisation_id.in_([duty.organisation.id for duty in governing_duties(viewer)]))


def visible_mandates(viewer: Viewer) -> Select:
    """Those that the viewer's organisations give."""
    return select(Mandate).where(Mandate.principal_id.in_([duty.organisation.id for duty in governing_duties(viewer)]))


def own_persons(viewer: Viewer) -> Select:
    """Whom the viewer is in each organisation, for what is stored about them: not where their way in is closed."""
    closed = [organisation.id for organisation in viewer.closed]
    return select(Person).where(
        Person.login_id == viewer.login_id, Person.erased_at.is_(None), Person.organisation_id.not_in(closed)
    )


def visible_copies(viewer: Viewer) -> Select:
    return select(DataExport).where(DataExport.person_id.in_(own_persons(viewer).with_only_columns(Person.id)))


def visible_audit(viewer: Viewer) -> Select:
    return select(AuditEvent).where(covered(whole_duties(viewer, "settings"), AuditEvent.organisation_id, None))


def visible_erasures(viewer: Viewer) -> Select:
    return select(Erasure).where(covered(whole_duties(viewer, "settings"), Erasure.organisation_id, None))


def visible_imports(viewer: Viewer) -> Select:
    return select(RegisterImport).where(covered(whole_duties(viewer, "import"), RegisterImport.organisation_id, None))
