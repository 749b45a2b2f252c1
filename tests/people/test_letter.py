"""Start letters: what they open, how often, how long, and what nobody can find out from the database (S06–S08, rule 41)."""

import pytest
from sqlalchemy import select, text

from resident import clock, tables
from resident.audit import AuditEvent
from resident.identity import Actor
from resident.people import credential, identification, letter
from resident.people.identification import Identity
from resident.people.letter import Addressed, NoLetter, StartLetter
from resident.people.person import Login, Person


def by(cast, role="office"):
    return Actor(cast.logins["office"], cast.office, cast.koivu, role, "Oili Toimisto")


def newcomer(session, cast, **given) -> Person:
    person = Person(organisation_id=cast.koivu, name="Uuno Uusi", search_key="uuno uusi", language="sv", **given)
    session.add(person)
    session.flush()
    return person


def to(person) -> Addressed:
    return Addressed(person.id, None, ("Uuno Uusi", "Pihlajakuja 6 A 1", "53100 Koivula"), "Pihlajakuja 6 A 1")


def issue(session, cast, method="passport", person=None, role="office"):
    person = person or newcomer(session, cast)
    return person, letter.issue(session, person, to(person), method, by=by(cast, role))


def test_a_letter_opens_once_however_its_password_is_written(db, cast):
    with db.writing() as session:
        person, paper = issue(session, cast)
        assert len(letter.bare(paper.password)) == 15 and len(paper.identifier) == 9
        found = letter.matches(session, person.login_id, f"  {paper.password.upper().replace('-', ' ')} ")
        assert found and letter.matches(session, person.login_id, "wrong") is None
        assert letter.matches(session, None, paper.password) is None
        assert letter.use(session, found) and not letter.use(session, found)
        assert letter.matches(session, person.login_id, paper.password) is None


def test_a_letter_is_good_for_fourteen_days_and_no_longer(db, cast, later):
    with db.writing() as session:
        person, paper = issue(session, cast)
        assert (paper.last_day - paper.issued_on).days == 14
        later(days=13, hours=23)
        assert letter.matches(session, person.login_id, paper.password)
        later(days=15)
        assert letter.matches(session, person.login_id, paper.password) is None


def test_a_new_letter_ends_the_older_one(db, cast):
    with db.writing() as session:
        person, first = issue(session, cast)
        _, second = issue(session, cast, person=person)
        assert first.identifier == second.identifier
        assert letter.matches(session, person.login_id, first.password) is None
        assert letter.matches(session, person.login_id, second.password)


def test_the_method_is_recorded_and_required(db, cast):
    with db.writing() as session:
        with pytest.raises(NoLetter) as refusal:
            issue(session, cast, method="")
        assert refusal.value.why == "method"
        person, _ = issue(session, cast, method="id_card")
        assert identification.last_check(session, person.id).method == "id_card"
        event = session.scalar(select(AuditEvent).where(AuditEvent.act == "letter_issued"))
        assert (event.person_id, event.facts) == (cast.office, {"method": "id_card", "person": person.id})


def test_what_came_to_the_home_only_carries_lower_rights_until_somebody_was_looked_at(db, cast):
    with db.writing() as session:
        person, paper = issue(session, cast, method="delivered")
        assert person.delivered_only
        letter.use(session, letter.matches(session, person.login_id, paper.password))
        identification.check(session, person, "passport", by=by(cast))
        assert not person.delivered_only


def test_a_lost_password_replaced_by_a_letter_to_the_home_lowers_the_rights_when_it_is_used(db, cast):
    with db.writing() as session:
        person, paper = issue(session, cast, method="delivered", person=session.get(Person, cast.tenant))
        assert not person.delivered_only
        letter.use(session, letter.matches(session, person.login_id, paper.password))
        session.refresh(person)
        assert person.delivered_only


def test_a_letter_of_one_organisation_opens_nothing_of_another(db, cast):
    with db.writing() as session:
        person = session.get(Person, cast.two_homes)
        before = person.login_id
        _, paper = issue(session, cast, person=person)
        assert person.login_id != before and paper.identifier == session.get(Login, person.login_id).name
        assert session.get(Person, cast.two_homes_tamm).login_id == before
        assert letter.matches(session, before, paper.password) is None


@pytest.mark.parametrize(
    ("who", "role", "why"), [("tenant", "council", "active"), ("office", "council", "post"), ("company", "office", "legal")]
)
def test_who_gets_no_letter(db, cast, who, role, why):
    with db.writing() as session:
        person = newcomer(session, cast, kind="legal") if who == "company" else session.get(Person, getattr(cast, who))
        with pytest.raises(NoLetter) as refusal:
            issue(session, cast, person=person, role=role)
        assert refusal.value.why == why


def test_no_table_holds_a_start_password(db, cast):
    with db.writing() as session:
        _, paper = issue(session, cast)
        credential.put(session, cast.logins["tenant"], letter.sealed("x"))
    kept = everything(db)
    assert paper.identifier in kept
    for form in (paper.password, letter.bare(paper.password), paper.password.upper()):
        assert form not in kept


def everything(db) -> str:
    """All rows of all tables as text."""
    with db.reading() as session:
        rows = [session.execute(select(table)).all() for table in tables.METADATA.sorted_tables]
        assert session.execute(text("select 1")).scalar() == 1
    return repr(rows)


def test_an_own_password_ends_what_a_letter_began(db, cast):
    with db.writing() as session:
        person, paper = issue(session, cast)
        letter.use(session, letter.matches(session, person.login_id, paper.password))
        _, newer = issue(session, cast, person=person)
        letter.activated(session, person.login_id)
        assert letter.matches(session, person.login_id, newer.password) is None
        done = session.scalars(select(StartLetter).order_by(StartLetter.id)).all()
        assert [bool(row.activated_at) for row in done] == [True, False]


def test_a_letter_dies_when_its_owner_has_come_in_another_way(db, cast, later):
    with db.writing() as session:
        person, paper = issue(session, cast)
        later(minutes=5)
        session.add(Identity(login_id=person.login_id, issuer="i", subject="s", paired_at=clock.now(), used_at=clock.now()))
        assert letter.matches(session, person.login_id, paper.password) is None
        later(minutes=10)
        _, newer = issue(session, cast, person=person)
        assert letter.use(session, letter.matches(session, person.login_id, newer.password))
