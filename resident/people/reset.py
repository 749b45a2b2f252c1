"""A new password by mail, where the organisation allows it (S09, S10).

What was typed is looked for by the worker only: the page and its answer are the same for whoever is known and whoever is
not. The links are made when the mail is, so that none of them lies in a queue.
"""

from datetime import timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from .. import audit, clock, jobs
from ..db import Database
from ..homes import setting
from ..homes.organisation import Organisation
from . import credential, limit, link, password
from .credential import Credential
from .link import LinkMail, LinkOver
from .person import BEFORE_LASTS, Login, Person, PersonWord, name_key

LASTS = timedelta(hours=1)
KIND = "reset"


def ask(db: Database, typed: str, *, address: str) -> None:
    """Order the mail for a user name or an e-mail address, whether or not there is anybody. TooMany."""
    key = name_key(typed)[:200]
    with db.writing() as session:
        limit.take_mail(session, key, address)
        jobs.add(session, KIND, {"typed": key})
        audit.record(session, "reset_asked")


def prepare(session: Session, order: dict) -> list[LinkMail]:
    """The mails that what was typed leads to, with links made now; older links of those logins die. order: {"typed": key}."""
    key = order["typed"]
    persons = _persons(session, key)
    found: dict[int, list] = {}
    for row in persons:
        found.setdefault(row.login_id, []).append(row)
    mails: dict[str, list] = {}
    for login_id, rows in found.items():
        row = _reached(session, login_id, rows, key)
        if row:
            mails.setdefault(row.email.strip().casefold(), []).append(row)
    return [_letter(session, rows) for rows in mails.values()]


def _persons(session: Session, key: str) -> list:
    """Persons of the logins by that user name or with that address, who have an own password and an address."""
    named = select(PersonWord.person_id).where(
        PersonWord.organisation_id.in_(select(Organisation.id)), PersonWord.word == f"@{key}"[:200]
    )
    logins = or_(Login.name_key == key, Login.id.in_(select(Person.login_id).where(Person.id.in_(named))))
    has_password = exists().where(Credential.login_id == Login.id, Credential.kind == "password")
    return session.execute(
        select(
            Person.id, Person.email, Person.email_confirmed_at, Person.email_changed_at, Person.login_id, Person.language,
            Person.organisation_id,
            Login.name, Login.name_key, Login.language.label("chosen"),
            Organisation.name.label("organisation"), Organisation.country, Organisation.tz, Organisation.languages,
        )
        .join(Login, Login.id == Person.login_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(logins, has_password, Login.disabled_at.is_(None), Person.erased_at.is_(None))
        .order_by(Person.login_id, Person.email_confirmed_at.is_(None), Person.id)
    ).all()  # fmt: skip


def _reached(session: Session, login_id: int, rows: list, key: str):
    """The person of a login to whose address its link goes, or None.

    An address that its owner confirmed comes before one that somebody entered; where a login leads into several
    organisations, what one of them entered does not open the others. One that was entered lately opens nothing yet: nobody has
    checked whose it is.
    """
    if not any(_allowed(session, row) for row in rows):
        return None
    confirmed = [row for row in rows if row.email and row.email_confirmed_at]
    alone = len({row.organisation_id for row in rows}) == 1
    entered = [row for row in rows if row.email and (row.email_confirmed_at or not _lately(row))] if alone else []
    usable = confirmed or entered
    if key == rows[0].name_key:
        return usable[0] if usable else None
    return next((row for row in usable if row.email.strip().casefold() == key), None)


def _lately(row) -> bool:
    return row.email_changed_at is not None and row.email_changed_at > clock.now() - BEFORE_LASTS


def _allowed(session: Session, row) -> bool:
    rules = setting.in_force(session, row.organisation_id, row.country, clock.today(row.tz))
    return rules["reset_by_mail"] and not {"password", "letter", "office"}.isdisjoint(rules["ways_in"])


def _letter(session: Session, rows: list) -> LinkMail:
    links = []
    for row in rows:
        link.end(session, KIND, login_id=row.login_id)
        links.append((row.name, link.make(session, KIND, lasts=LASTS, login_id=row.login_id)))
    first, organisations = rows[0], {row.organisation for row in rows}
    language = first.chosen or first.language or first.languages.split()[0]
    return LinkMail(first.email, language, organisations.pop() if len(organisations) == 1 else None, tuple(links))


def holder(session: Session, token: str) -> Login | None:
    """Whose password a link changes, while it holds."""
    row = link.find(session, KIND, token)
    login = session.get(Login, row.login_id) if row else None
    return login if login and login.disabled_at is None else None


def carry_out(db: Database, token: str, new: str) -> None:
    """The new password; all sessions, other links and letters end. LinkOver, WeakPassword, Busy."""
    with db.reading() as session:
        login = holder(session, token)
        if login is None:
            raise LinkOver()
        password.check(new, staff=password.of_staff(session, login.id), names=password.names_of(session, login.id))
    with credential.turn():
        hashed = credential.hashed(new)
    with db.writing() as session:
        row = link.use(session, KIND, token)
        password.put(session, row.login_id, hashed)
        audit.record(session, "reset_done", login_id=row.login_id)
