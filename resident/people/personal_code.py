"""Personal codes as keyed hashes: whom an organisation expects, so that an identification finds the person (rule 42).

A code is checked, hashed and dropped: it stands in no table, log, audit event or error. The hash is HMAC-SHA256 over
country and code under a key of its own, which is not the cookie's.
"""

import hmac
from dataclasses import dataclass

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes.organisation import Organisation
from .identification import PersonalCode
from .letter import REPLACES
from .person import Person
from .post import Post

COUNTRIES = ("FI", "EE", "PL")


class BadCode(ResidentError):
    """A code cannot be so: why "country" (codes of that country are not known here), "shape", "checksum", or "temporary"
    (a Finnish code of a test person or a temporary one). Never holds the code."""


class CodeTaken(ResidentError):
    """Another person of the organisation has this code: person_id."""


class NotEntrusted(ResidentError):
    """Whoever acts does not say which code is this person's: why "role" (only the office and the manager do) or "firm" (see
    kept_from)."""


@dataclass(frozen=True, repr=False)
class CodeKey:
    """The key of the hashes. test_codes: Finnish codes with the numbers 900–999 are taken (providers' test persons)."""

    secret: str
    test_codes: bool = False

    @property
    def id(self) -> str:
        """Names the key in the table and says nothing about it."""
        return hmac.digest(self.secret.encode(), b"key id", "sha256").hex()[:16]

    def hmac(self, country: str, code: str) -> str:
        return hmac.digest(self.secret.encode(), f"{country}:{code}".encode(), "sha256").hex()


def normalised(country: str, code: str, test_codes: bool = False) -> str:
    """The one way to write a code: without spaces, in capitals. BadCode."""
    from stdnum.exceptions import InvalidChecksum, ValidationError

    if country not in COUNTRIES:
        raise BadCode(why="country")
    try:
        found = _valid(country, "".join(code.split()))
    except InvalidChecksum:
        raise BadCode(why="checksum") from None
    except ValidationError:
        raise BadCode(why="shape") from None
    # DDMMYY, a sign, and a number of three digits: from 900 on it is a test person's, or temporary.
    if country == "FI" and found[7] == "9" and not test_codes:
        raise BadCode(why="temporary")
    return found


def _valid(country: str, code: str) -> str:
    from stdnum.ee import ik
    from stdnum.fi import hetu
    from stdnum.pl import pesel

    if country == "FI":
        return hetu.validate(code, allow_temporary=True)
    return {"EE": ik, "PL": pesel}[country].validate(code)


def hash_of(country: str, code: str, key: CodeKey | str) -> tuple[str, str]:
    """(id of the key, hash) of a code as typed. BadCode."""
    key = key if isinstance(key, CodeKey) else CodeKey(key)
    country = country.upper()
    return key.id, key.hmac(country, normalised(country, code, key.test_codes))


def kept_from(session: Session, organisation_id: int, by):
    """Ids, as a SELECT, of those in an organisation whose codes are its own to record, not a firm's under its mandate: whoever
    holds a post today or later, and whoever is of the firm too. A code opens the sign-in of its person, so the firm would let
    itself in as the board that watches it. Nobody is kept from the organisation's own posts."""
    firm_id = session.scalar(select(Person.organisation_id).where(Person.id == by.person_id)) if by else organisation_id
    today = clock.today(session.get_one(Organisation, organisation_id).tz)
    post = exists().where(Post.person_id == Person.id, or_(Post.last.is_(None), Post.last >= today))
    of_the_firm = Person.login_id.in_(select(Person.login_id).where(Person.organisation_id == firm_id))
    ours = select(Person.id).where(Person.organisation_id == organisation_id, firm_id != organisation_id)
    return ours.where(or_(post, of_the_firm))


def refusal(session: Session, person: Person, by) -> str | None:
    """Why somebody does not pair codes with a person (NotEntrusted.why), or None. by None: from the shell."""
    if by is not None and by.staff and by.role not in REPLACES:
        return "role"
    kept = kept_from(session, person.organisation_id, by).where(Person.id == person.id)
    return "firm" if session.scalar(kept) else None


def _check_entrusted(session: Session, person: Person, by) -> None:
    if why := refusal(session, person, by):
        raise NotEntrusted(why=why)


def expect(session: Session, person: Person, country: str, code: str, key: CodeKey | str, by=None) -> PersonalCode:
    """From now on the holder of the code is this person in the person's organisation; an earlier code of the same country
    is replaced. The same again changes nothing. NotEntrusted, BadCode, CodeTaken(person_id)."""
    _check_entrusted(session, person, by)
    key_id, digest = hash_of(country, code, key)
    return expect_hash(session, person, country.upper(), key_id, digest, by)


def expect_hash(session: Session, person: Person, country: str, key_id: str, digest: str, by=None) -> PersonalCode:
    """The same for a code that was hashed before, as in an import."""
    if there := _own_row(session, person, key_id, digest):
        return there
    row = PersonalCode(
        organisation_id=person.organisation_id, person_id=person.id, country=country, key_id=key_id, hmac=digest, at=clock.now()
    )
    try:
        with session.begin_nested():
            session.execute(delete(PersonalCode).where(PersonalCode.person_id == person.id, PersonalCode.country == country))
            session.add(row)
    except IntegrityError:
        # Somebody was faster: their row is there now.
        if there := _own_row(session, person, key_id, digest):
            return there
        raise
    facts = {"person": person.id, "country": country}
    audit.record(session, "code_expected", by=by, organisation_id=person.organisation_id, thing=row, facts=facts)
    return row


def _own_row(session: Session, person: Person, key_id: str, digest: str) -> PersonalCode | None:
    """The person's row of a code; CodeTaken when it is another's."""
    there = _row(session, person.organisation_id, key_id, digest)
    if there is not None and there.person_id != person.id:
        raise CodeTaken(person_id=there.person_id)
    return there


def person_with(session: Session, organisation_id: int, country: str, code: str, key: CodeKey | str) -> Person | None:
    """The person of an organisation whose code this is; None also when they were erased. BadCode."""
    row = _row(session, organisation_id, *hash_of(country, code, key))
    person = session.get(Person, row.person_id) if row else None
    return person if person is not None and person.erased_at is None else None


def persons_with(session: Session, key_id: str, digest: str) -> list[Person]:
    """Everybody in whatever organisation who has the code, the oldest first. For identification only: crosses the walls."""
    rows = select(Person).join(PersonalCode, PersonalCode.person_id == Person.id)
    same = (PersonalCode.hmac == digest, PersonalCode.key_id == key_id, Person.erased_at.is_(None))
    return list(session.scalars(rows.where(*same).order_by(Person.id)))


def countries(session: Session, person_id: int) -> list[str]:
    """Of which countries a code of the person is known."""
    rows = select(PersonalCode.country).where(PersonalCode.person_id == person_id)
    return list(session.scalars(rows.order_by(PersonalCode.country)))


def known(session: Session, person_id: int) -> list[tuple]:
    """(country, moment of recording) of each code of the person."""
    rows = select(PersonalCode.country, PersonalCode.at).where(PersonalCode.person_id == person_id)
    return [tuple(row) for row in session.execute(rows.order_by(PersonalCode.country))]


def forget(session: Session, person: Person, *, by=None) -> None:
    """No code is expected of the person any more. Identities paired before go on. NotEntrusted."""
    _check_entrusted(session, person, by)
    gone = session.execute(delete(PersonalCode).where(PersonalCode.person_id == person.id)).rowcount
    if gone:
        facts = {"person": person.id}
        audit.record(session, "code_forgotten", by=by, organisation_id=person.organisation_id, thing=person, facts=facts)


def _row(session: Session, organisation_id: int, key_id: str, digest: str) -> PersonalCode | None:
    return session.scalar(
        select(PersonalCode).where(
            PersonalCode.organisation_id == organisation_id, PersonalCode.hmac == digest, PersonalCode.key_id == key_id
        )
    )
