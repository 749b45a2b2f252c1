"""Links of one use and the permanent identifier."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from resident.audit import AuditEvent
from resident.people import identifier, link
from resident.people.person import Login, Person, name_key

HOUR = timedelta(hours=1)


def test_a_link_is_found_used_once_and_then_gone(db, cast):
    with db.writing() as session:
        token = link.make(session, "reset", lasts=HOUR, login_id=cast.logins["tenant"])
        assert len(token) >= 43 and link.find(session, "reset", token).login_id == cast.logins["tenant"]
        assert link.find(session, "activation", token) is None
        assert link.use(session, "reset", token).used_at
        assert link.find(session, "reset", token) is None
        with pytest.raises(link.LinkOver):
            link.use(session, "reset", token)
        assert session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all() == ["link_made", "link_used"]


def test_a_link_that_is_too_old_or_ended_or_unknown_is_over(db, cast, later):
    with db.writing() as session:
        old = link.make(session, "reset", lasts=HOUR, login_id=cast.logins["tenant"])
        later(minutes=61)
        ended = link.make(session, "reset", lasts=HOUR, login_id=cast.logins["tenant"])
        others = link.make(session, "reset", lasts=HOUR, login_id=cast.logins["neighbour"])
        assert link.end(session, "reset", login_id=cast.logins["tenant"]) == 1
        for token in (old, ended, "", "nothing", "ä\ud800"):
            assert link.find(session, "reset", token) is None
        assert link.find(session, "reset", others)


def test_the_table_holds_no_token(db, cast):
    with db.writing() as session:
        token = link.make(session, "invitation", lasts=HOUR, person_id=cast.occupant)
        row = session.scalar(select(link.Link))
        assert token not in (row.token_hash, *row.facts) and len(row.token_hash) == 64


def test_a_person_gets_one_permanent_identifier_and_keeps_it(db, cast):
    with db.writing() as session:
        person = Person(organisation_id=cast.koivu, name="Uusi Asukas", search_key="asukas uusi", language="sv")
        session.add(person)
        login = identifier.give(session, person)
        assert (len(login.name), login.name.isdigit(), login.language) == (9, True, "sv")
        assert identifier.give(session, person).id == login.id == person.login_id
        assert identifier.give(session, session.get(Person, cast.tenant)).name == "tenant"


def test_an_identifier_may_be_typed_as_it_stands_on_paper():
    assert identifier.shown("482190755") == "482 190 755" and identifier.shown("tenant") == "tenant"
    assert {name_key(typed) for typed in ("482 190 755", "482-190-755 ", "482\u00a0190\u2011755", "482190755")} == {"482190755"}
    assert name_key("Anna 4-7") == "anna 4-7"


def test_login_names_stay_unique(db, cast):
    with db.writing() as session:
        assert len({identifier.new(session).name for _ in range(200)}) == 200
        assert session.scalar(select(Login.id).where(Login.name_key == "tenant"))
