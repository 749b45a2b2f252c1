"""Somebody whom a provider identified: who that is here, and the pairing of (issuer, subject) with a login (rule 42, L1).

The personal code is hashed, compared and dropped. A code alone opens no sign-in that holds more than the code proves:
neither one with a post, nor one that joins persons of whom other organisations expect no such code. Whoever has such a
sign-in adds the identification to it themselves, signed in.
"""

from dataclasses import dataclass

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..delivery import notice
from ..errors import ResidentError
from ..homes.organisation import Organisation
from . import identifier, personal_code, ways
from .credential import Credential
from .factor import Factor
from .identification import Identity, IdentityCheck, PersonalCode, check
from .openid import Shown
from .person import Login, Person
from .personal_code import BadCode, CodeKey
from .post import Post

# Where the owner sees and removes identities: what a warning by mail leads to.
PAGE = "/identify"


class NobodyHere(ResidentError):
    """Nobody here is expected under this identity. One answer, whatever the reason."""


class PairedElsewhere(ResidentError):
    """The identity cannot be added to this sign-in: another has it, or another person is expected here."""


class LastWay(ResidentError):
    """Without this identity nothing would be left to sign in with."""


@dataclass(frozen=True, slots=True)
class Arrival:
    login_id: int
    # The sign-in was made just now.
    new: bool


def arrive(session: Session, shown: Shown, key: CodeKey) -> Arrival:
    """The sign-in of whoever was identified: known by (issuer, subject), else by the hash of the code among the expected
    persons of organisations that offer strong identification; made when they have none. NobodyHere."""
    matched = _matched(session, shown, key)
    identity = _identity(session, shown, key)
    new = False
    if identity is not None:
        identity.used_at = clock.now()
        login_id = identity.login_id
    else:
        login_id = _known_login(session, shown, matched)
        if login_id is None:
            login_id, new = _new_login(session, matched), True
        _pair(session, login_id, shown, key)
        if not new:
            notice.warn(session, login_id, "identity", PAGE)
    if session.get_one(Login, login_id).disabled_at is not None:
        raise NobodyHere()
    _join(session, login_id, matched)
    audit.record(session, "identified", login_id=login_id, facts={"provider": shown.provider.id, "acr": shown.acr})
    return Arrival(login_id, new)


def add(session: Session, login_id: int, shown: Shown, key: CodeKey) -> None:
    """Whoever is signed in, and has just proved it, adds an identity to their sign-in. PairedElsewhere."""
    matched = _matched(session, shown, key)
    if any(person.login_id not in (None, login_id) for person in matched) or _expects_another(session, login_id, shown, key):
        raise PairedElsewhere()
    identity = _identity(session, shown, key)
    if identity is not None and identity.login_id != login_id:
        raise PairedElsewhere()
    if identity is None:
        _pair(session, login_id, shown, key)
        notice.warn(session, login_id, "identity", PAGE)
    _join(session, login_id, matched)


def proves(session: Session, login_id: int, shown: Shown, key: CodeKey) -> bool:
    """Is it the identity of this login that was shown?"""
    identity = _identity(session, shown, key)
    if identity is None or identity.login_id != login_id:
        return False
    identity.used_at = clock.now()
    audit.record(session, "identified", login_id=login_id, facts={"provider": shown.provider.id, "acr": shown.acr})
    return True


def identities(session: Session, login_id: int) -> list[Identity]:
    return list(session.scalars(select(Identity).where(Identity.login_id == login_id).order_by(Identity.id)))


def remove(session: Session, identity: Identity) -> None:
    """Take an identity off its login. LastWay when there is no password, passkey or other identity."""
    login_id = identity.login_id
    left = (
        exists().where(Credential.login_id == login_id),
        exists().where(Factor.login_id == login_id, Factor.kind == "passkey"),
        exists().where(Identity.login_id == login_id, Identity.id != identity.id),
    )
    if not any(session.execute(select(*left)).one()):
        raise LastWay()
    audit.record(session, "identity_removed", login_id=login_id, thing=identity)
    session.execute(delete(Identity).where(Identity.id == identity.id))


# ---- Parts -----------------------------------------------------------------------------------------------------------


def _hash(shown: Shown, key: CodeKey) -> tuple[str, str] | None:
    try:
        return personal_code.hash_of(shown.country, shown.code, key) if shown.code else None
    except BadCode:
        return None


def _matched(session: Session, shown: Shown, key: CodeKey) -> list[Person]:
    """Persons with this code in whatever organisation, locked, so that two arrivals at once make one sign-in."""
    hashed = _hash(shown, key)
    found = personal_code.persons_with(session, *hashed) if hashed else []
    for person in found:
        session.refresh(person, with_for_update=True)
    return found


def _subject(shown: Shown, key: CodeKey) -> str | None:
    """What stands for the subject: its keyed hash, since some providers' subject is the personal code itself (TARA). Where
    subjects change, the hash of the code is it."""
    if shown.provider.stable_subject:
        return f"{key.id}:{key.hmac('subject of ' + shown.provider.issuer, shown.subject)}"
    hashed = _hash(shown, key)
    return ":".join(hashed) if hashed else None


def _identity(session: Session, shown: Shown, key: CodeKey) -> Identity | None:
    same = (Identity.issuer == shown.provider.issuer, Identity.subject == _subject(shown, key))
    return session.scalar(select(Identity).where(*same))


def _pair(session: Session, login_id: int, shown: Shown, key: CodeKey) -> None:
    subject, now = _subject(shown, key), clock.now()
    if subject is None:
        raise NobodyHere()
    row = Identity(login_id=login_id, issuer=shown.provider.issuer, subject=subject, paired_at=now, used_at=now)
    session.add(row)
    session.flush()
    audit.record(session, "identity_paired", login_id=login_id, thing=row, facts={"provider": shown.provider.id})


def _known_login(session: Session, shown: Shown, matched: list[Person]) -> int | None:
    """The sign-in that the code alone proves to be this human's; None when there is none."""
    proved = {person.id for person in _offering(session, matched)}
    for login_id in sorted({person.login_id for person in matched if person.id in proved and person.login_id}):
        if _is_proved(session, login_id, shown, {person.id for person in matched}):
            return login_id
    return None


def _is_proved(session: Session, login_id: int, shown: Shown, matched: set[int]) -> bool:
    login = session.get_one(Login, login_id)
    persons = set(session.scalars(select(Person.id).where(Person.login_id == login_id, Person.erased_at.is_(None))))
    post = exists().where(Post.person_id.in_(persons))
    # An identity of the same provider under another subject: another human's, or the code was changed.
    other = exists().where(Identity.login_id == login_id, Identity.issuer == shown.provider.issuer)
    held = session.execute(select(post, other)).one()
    return not any(held) and persons <= matched and not login.operator and login.disabled_at is None


def _new_login(session: Session, matched: list[Person]) -> int:
    free = [person for person in _offering(session, matched) if person.login_id is None]
    if not free:
        raise NobodyHere()
    # No language of its own: the pages go on in the one that they were read in.
    login = identifier.new(session)
    audit.record(session, "login_added", login_id=login.id, thing=login)
    return login.id


def _offering(session: Session, persons: list[Person]) -> list[Person]:
    """Those whose organisation offers strong identification today."""
    offered = ways.of_organisations(session, Organisation.id.in_([person.organisation_id for person in persons]))
    return [person for person in persons if "strong" in offered[person.organisation_id]]


def _join(session: Session, login_id: int, matched: list[Person]) -> None:
    """Persons with the proved code come under the login, also those added by another organisation since (K4)."""
    there = set(session.scalars(select(Person.organisation_id).where(Person.login_id == login_id)))
    for person in _offering(session, matched):
        if person.login_id is None and person.organisation_id not in there:
            person.login_id = login_id
            there.add(person.organisation_id)
            facts = {"person": person.id}
            audit.record(session, "registered", organisation_id=person.organisation_id, login_id=login_id, facts=facts)
        if person.login_id == login_id and not _was_checked(session, person.id):
            check(session, person, "strong")
    session.flush()


def _was_checked(session: Session, person_id: int) -> bool:
    return session.scalar(select(exists().where(IdentityCheck.person_id == person_id, IdentityCheck.method == "strong")))


def _expects_another(session: Session, login_id: int, shown: Shown, key: CodeKey) -> bool:
    """Is another code of the same country expected of one of the login's persons?"""
    key_id, digest = _hash(shown, key) or (key.id, "")
    own = select(Person.id).where(Person.login_id == login_id)
    other = (PersonalCode.country == shown.country, PersonalCode.key_id == key_id, PersonalCode.hmac != digest)
    return session.scalar(select(exists().where(PersonalCode.person_id.in_(own), *other)))
