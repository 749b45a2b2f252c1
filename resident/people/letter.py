"""Start letters: a permanent identifier and a password of one use on paper (S1, R1, rule 41, S06–S08)."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    bindparam,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import audit, clock
from ..db import Base, Key, UTCTime
from ..delivery import notice
from ..errors import ResidentError
from ..homes import setting
from ..homes.organisation import Organisation
from . import identification, identifier
from .credential import Credential
from .factor import Factor
from .identification import METHODS, SHOWN_TO_STAFF, Identity, IdentityCheck
from .person import Login, Person
from .post import ROLES, Post
from .staffing import start_password

# Whoever holds one of these posts may give a new letter to somebody who is in already, or who holds a post.
REPLACES = ("office", "manager")
# Posts that give posts and mandates.
GOVERNS = ("office", "manager")


class StartLetter(Base):
    """One issued letter. secret: salted SHA-256 of the start password (docs/decisions), emptied at its use, its end, or when a
    newer letter comes.

    batch: letters of one run (a staircase) share it. issued_by_id: None from the shell.
    """

    __tablename__ = "start_letter"
    __table_args__ = (
        CheckConstraint(f"method in {METHODS}", name="method"),
        Index(None, "person_id"),
        Index(None, "login_id"),
        Index(None, "organisation_id", "batch"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    login_id: Mapped[int] = mapped_column(ForeignKey("login.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    method: Mapped[str] = mapped_column(String(20))
    batch: Mapped[str | None] = mapped_column(String(24))
    secret: Mapped[str | None] = mapped_column(String(300))
    issued_on: Mapped[date]
    issued_at: Mapped[object] = mapped_column(UTCTime)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[object] = mapped_column(UTCTime)
    used_at: Mapped[object | None] = mapped_column(UTCTime)
    # The own password was chosen.
    activated_at: Mapped[object | None] = mapped_column(UTCTime)

    @property
    def open(self) -> bool:
        """Does it still open? As _open() asks the database."""
        return self.secret is not None and self.used_at is None and self.expires_at > clock.now()


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a letter goes to: the home, and the lines of the address."""

    person_id: int
    unit_id: int | None
    lines: tuple[str, ...]
    # The home as it is called: "Pihlajakuja 6 B 23".
    home: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """What stands on one letter. The password is nowhere else: whoever has this draws the letter, once (S07)."""

    name: str
    language: str
    identifier: str
    password: str
    issued_on: date
    last_day: date
    lines: tuple[str, ...]
    home: str | None


class NoLetter(ResidentError):
    """This person gets no letter. why: "way" (the organisation does not offer letters), "legal", "disabled", "erased",
    "post" (holds a post, and the issuer may not give letters to staff), "active" (is in already, and the issuer may not
    replace a password), "method" (how the identity was checked is not said)."""


# ---- What a start password is, and whether it is right ---------------------------------------------------------------


def bare(typed: str) -> str:
    """A start password as it is compared: its letters and figures, however they were grouped or written."""
    return "".join(letter for letter in typed.casefold() if letter.isalnum())[:200]


def sealed(password: str) -> str:
    """Salt and SHA-256. The password has 74 random bits: nobody tries them all, so a slow hash would guard nothing more, and
    a thousand letters would take a minute."""
    salt = secrets.token_hex(16)
    return f"sha256${salt}${_digest(salt, password)}"


def _digest(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt} {bare(password)}".encode("utf-8", "surrogatepass")).hexdigest()


_NOBODYS = sealed(start_password())


def opens(secret: str | None, password: str) -> bool:
    """Is it the password that was sealed? None costs the same (S09)."""
    _, salt, digest = (secret or _NOBODYS).split("$")
    return hmac.compare_digest(digest, _digest(salt, password)) and secret is not None


def matches(session: Session, login_id: int | None, password: str) -> int | None:
    """The letter of a login that a typed password opens, or None. Asks and works the same for a login that there is not."""
    row = session.execute(
        select(StartLetter.id, StartLetter.secret).where(StartLetter.login_id == (login_id or 0), *_open())
    ).first()
    return row.id if opens(row.secret if row else None, password) else None


def use(session: Session, letter_id: int) -> bool:
    """Take a letter at its first sign-in; False when somebody was faster, or it is over. Nothing else opens then but the
    page that asks for an own password."""
    taken = update(StartLetter).where(StartLetter.id == letter_id, *_open()).values(used_at=clock.now(), secret=None)
    if session.execute(taken, execution_options={"synchronize_session": False}).rowcount != 1:
        return False
    letter = session.get_one(StartLetter, letter_id, populate_existing=True)
    _lower(session, [letter.person_id], letter.method, since=letter.issued_at)
    audit.record(session, "letter_used", organisation_id=letter.organisation_id, login_id=letter.login_id, thing=letter)
    session.flush()
    return True


def activated(session: Session, login_id: int) -> None:
    """The own password was chosen: the used letter is done, and any other one of the login dies."""
    mine = StartLetter.login_id == login_id
    used = update(StartLetter).where(mine, StartLetter.used_at.is_not(None), StartLetter.activated_at.is_(None))
    session.execute(used.values(activated_at=clock.now()))
    end_open(session, [login_id])


def end_open(session: Session, login_ids: Iterable[int]) -> None:
    """Letters that were not used open nothing any more."""
    mine = StartLetter.login_id.in_(list(login_ids))
    session.execute(update(StartLetter).where(mine, StartLetter.secret.is_not(None)).values(secret=None))


def _open() -> tuple:
    """Conditions of a letter that still opens. Whoever has come in another way since it was made needs it no more, and nobody
    shall find it in a letter box."""
    chosen = (
        Credential.login_id == StartLetter.login_id,
        Credential.kind == "password",
        Credential.changed_at > StartLetter.issued_at,
    )
    paired = Identity.login_id == StartLetter.login_id, Identity.paired_at > StartLetter.issued_at
    late = ~exists().where(*chosen), ~exists().where(*paired)
    return StartLetter.secret.is_not(None), StartLetter.used_at.is_(None), StartLetter.expires_at > clock.now(), *late


# ---- States ----------------------------------------------------------------------------------------------------------


def active_login(login):
    """The SQL condition "has a way in of its own", beside a column that holds the login."""
    passwords = exists().where(Credential.login_id == login, Credential.kind == "password")
    return or_(
        passwords, exists().where(Identity.login_id == login), exists().where(Factor.login_id == login, Factor.kind == "passkey")
    )


def waiting(login):
    """The SQL condition "a letter is on its way", beside a column that holds the login."""
    return exists().where(StartLetter.login_id == login, *_open())


def latest(session: Session, person_id: int) -> StartLetter | None:
    """The newest letter of a person, whatever became of it."""
    return session.scalar(select(StartLetter).where(StartLetter.person_id == person_id).order_by(StartLetter.id.desc()).limit(1))


def is_active(session: Session, login_id: int | None) -> bool:
    return bool(login_id and session.scalar(select(Login.id).where(Login.id == login_id, active_login(Login.id))))


def holds_post(session: Session, person_id: int, today: date, roles: Iterable[str] = ROLES) -> bool:
    """A post in force or to come, one of these."""
    held = select(Post.id).where(Post.person_id == person_id, or_(Post.last.is_(None), Post.last >= today), Post.role.in_(roles))
    return session.scalar(held.limit(1)) is not None


# ---- Issuing ---------------------------------------------------------------------------------------------------------


def issue(session: Session, person: Person, to: Addressed, method: str, *, by=None) -> Issued:
    """A letter for one person; older ones die. method: how the identity was checked, or "delivered". NoLetter."""
    organisation = session.get_one(Organisation, person.organisation_id)
    today = clock.today(organisation.tz)
    _allowed(session, person, organisation, method, today, by)
    active = is_active(session, person.login_id)
    own_login(session, person, by)
    if method in SHOWN_TO_STAFF:
        identification.check(session, person, method, by=by)
    (issued,) = write(session, organisation, [to], method, None, by=by)
    session.refresh(person)
    letter = latest(session, person.id)
    facts = {"method": method, "person": person.id}
    audit.record(session, "letter_issued", by=by, organisation_id=organisation.id, login_id=None, thing=letter, facts=facts)
    if active:
        # Somebody else may have asked for it in this person's name (S08).
        notice.warn(session, person.login_id, "letter", "/details")
    session.flush()
    return issued


def _allowed(session: Session, person: Person, organisation: Organisation, method: str, today: date, by) -> None:
    """NoLetter(why) when it may not be."""
    replaces = by is None or by.role in REPLACES
    login = session.get(Login, person.login_id) if person.login_id else None
    for why, holds in (
        ("method", method not in (*SHOWN_TO_STAFF, "delivered")),
        ("erased", person.erased_at is not None),
        ("legal", person.kind == "legal"),
        ("way", "letter" not in setting.in_force(session, organisation.id, organisation.country, today)["ways_in"]),
        ("disabled", login is not None and login.disabled_at is not None),
        ("post", not replaces and holds_post(session, person.id, today)),
        ("post", of_a_firm(session, person, by) and holds_post(session, person.id, today, GOVERNS)),
        ("active", not replaces and is_active(session, person.login_id)),
    ):
        if holds:
            raise NoLetter(why=why)


def of_a_firm(session: Session, person: Person, by) -> bool:
    """Does the issuer act under a mandate? Whoever gives the mandates of an organisation gets no letter from the firm."""
    return by is not None and session.get_one(Person, by.person_id).organisation_id != person.organisation_id


def own_login(session: Session, person: Person, by) -> Login:
    """The login that staff of the person's organisation may give a password. What they give opens what their organisation
    answers for, and no more: a login that also leads into another one, or that runs the machine, stays as it is, and this
    person gets one of their own."""
    login = identifier.give(session, person, by=by)
    elsewhere = select(Person.id).where(Person.login_id == login.id, Person.organisation_id != person.organisation_id)
    if not login.operator and session.scalar(elsewhere.limit(1)) is None:
        return login
    apart = identifier.new(session, language=login.language)
    person.login_id = apart.id
    session.flush()
    facts, of = {"apart": True}, person.organisation_id
    audit.record(session, "login_added", by=by, organisation_id=of, login_id=apart.id, thing=apart, facts=facts)
    return apart


def write(
    session: Session, organisation: Organisation, addressed: list[Addressed], method: str, batch: str | None, *, by=None
) -> list[Issued]:
    """Letters for persons of one organisation, in their order; logins are made for those who have none.

    A few statements however many: the write lock is held shortly. The event is the caller's.
    """
    persons = _persons(session, organisation.id, [to.person_id for to in addressed])
    _logins(session, [row for row in persons.values() if row.login_id is None])
    persons = _persons(session, organisation.id, list(persons))
    end_open(session, [row.login_id for row in persons.values()])
    today = clock.today(organisation.tz)
    days = setting.in_force(session, organisation.id, organisation.country, today)["letter_days"]
    common = {
        "organisation_id": organisation.id, "method": method, "batch": batch, "issued_on": today, "issued_at": clock.now(),
        "issued_by_id": by.person_id if by else None,
        "expires_at": clock.begins(today + timedelta(days=days + 1), organisation.tz),
    }  # fmt: skip
    letters, rows = [], []
    for to in addressed:
        row, password = persons[to.person_id], start_password()
        language = row.chosen or row.language or organisation.default_language
        rows.append({**common, "person_id": row.id, "login_id": row.login_id, "unit_id": to.unit_id, "secret": sealed(password)})
        last_day = today + timedelta(days=days)
        letters.append(Issued(row.name, language, row.identifier, password, today, last_day, to.lines, to.home))
    session.execute(insert(StartLetter.__table__), rows)
    _lower(session, list(persons), method)
    return letters


def _persons(session: Session, organisation_id: int, ids: list[int]) -> dict:
    rows = (
        select(
            Person.id, Person.name, Person.language, Person.login_id, Login.name.label("identifier"), Login.language.label("chosen")
        )
        .outerjoin(Login, Login.id == Person.login_id)
        .where(Person.organisation_id == organisation_id, Person.id.in_(ids))
        .with_for_update(of=Person)
    )
    return {row.id: row for row in session.execute(rows)}


def _logins(session: Session, rows: list) -> None:
    if not rows:
        return
    ids = identifier.many(session, [row.language for row in rows])
    table = Person.__table__
    give = update(table).where(table.c.id == bindparam("person")).values(login_id=bindparam("login"), version=table.c.version + 1)
    pairs = [{"person": row.id, "login": id} for row, id in zip(rows, ids, strict=True)]
    session.connection().execute(give, pairs)


def _lower(session: Session, person_ids: list[int], method: str, *, since=None) -> None:
    """Whoever comes in by a letter to the home only has lower rights until somebody has looked at them (rule 41). At its issue
    (since None) whoever is in already keeps theirs; at its use a check counts that was made since it was issued."""
    if method != "delivered":
        return
    if since is None:
        spared = active_login(Person.login_id)
    else:
        looked = IdentityCheck.person_id == Person.id, IdentityCheck.method != "delivered", IdentityCheck.at >= since
        spared = exists().where(*looked)
    lowered = update(Person).where(Person.id.in_(person_ids), ~spared).values(delivered_only=true(), version=Person.version + 1)
    session.execute(lowered, execution_options={"synchronize_session": "fetch"})
