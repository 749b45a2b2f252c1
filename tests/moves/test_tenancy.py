"""Tenures and parties as the desk changes them: one ownership a day, one primary, nobody doubled, nothing orphaned (rule 37)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from resident import clock
from resident.audit import AuditEvent
from resident.errors import Stale
from resident.moves import orphan, tenancy
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure
from tests.invoices.books import account, invoice
from tests.metering.counters import actor, meter, reading


@pytest.fixture
def board(cast):
    return actor(cast, "board", cast.board, cast.tamm, "manager")


@pytest.fixture
def office(cast):
    return actor(cast, "office", cast.office, cast.koivu, "office")


def today():
    return clock.today("Europe/Tallinn")


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_two_ownerships_never_share_a_day_and_leases_may_stand_beside_each_other(db, cast, board, office):
    with db.writing() as session:
        buyer = session.get(Person, cast.two_homes_tamm)
        with pytest.raises(tenancy.OwnershipsOverlap):
            tenancy.begin(session, cast.unit_t1, "ownership", buyer, signed=None, first=today(), last=None, by=board)
        lease = tenancy.begin(session, cast.unit_t1, "lease", buyer, signed=None, first=today(), last=None, by=board)
        assert session.scalar(select(Holding.unit_id).where(Holding.tenure_id == lease.id)) == cast.unit_t1
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.thing == "tenure")).all()
        assert acts == ["tenure_added"]
        with pytest.raises(ValueError, match="another organisation"):
            tenancy.begin(session, cast.unit_a1, "lease", buyer, signed=None, first=today(), last=None, by=office)


def test_what_began_and_ended_with_a_tenure_follows_its_days(db, cast, board):
    with db.writing() as session:
        tenure = session.get(Tenure, cast.tenure_t1)
        tenancy.change_days(session, tenure, tenure.signed, tenure.first, today() + days(10), tenancy.mark(tenure), by=board)
        ends = {*session.scalars(select(Party.last).where(Party.tenure_id == tenure.id))}
        ends |= {*session.scalars(select(Holding.last).where(Holding.tenure_id == tenure.id))}
        assert ends == {today() + days(10)}
        tenancy.change_days(session, tenure, tenure.signed, tenure.first, None, tenancy.mark(tenure), by=board)
        assert {*session.scalars(select(Party.last).where(Party.tenure_id == tenure.id))} == {None}


def test_a_form_drawn_before_somebody_elses_change_is_told_so(db, cast, board):
    with db.writing() as session:
        tenure, party = session.get(Tenure, cast.tenure_t1), session.get(Party, cast.party_lodger)
        seen, was = tenancy.mark(tenure), tenancy.mark(party)
        tenancy.change_days(session, tenure, tenure.signed, tenure.first, today(), seen, by=board)
        with pytest.raises(Stale):
            tenancy.change_days(session, tenure, tenure.signed, tenure.first, None, seen, by=board)
        with pytest.raises(Stale):
            tenancy.change_party(session, party, "occupant", None, party.first, today(), was, by=board)


def test_a_reading_stays_with_the_home_when_whoever_sent_it_held_it_no_more(db, cast, office):
    """It is told, unless they hold the home in another way then (rules 1 and 37)."""
    with db.writing() as session:
        (register,) = meter(session, cast, cast.unit_a1)
        reading(session, register, today() - days(3), "5.000", source="resident", person_id=cast.occupant)
        tenure, last = session.get(Tenure, cast.tenure_a1), today() - days(4)
        assert orphan.strays(session, tenure) == []
        tenancy.change_days(session, tenure, tenure.signed, tenure.first, last, tenancy.mark(tenure), by=office)
        assert [(one.day, one.serial) for one in orphan.strays(session, tenure)] == [(today() - days(3), "21-1")]
        stays = session.get(Person, cast.occupant)
        first = today() - days(3)
        tenancy.begin(session, cast.unit_a1, "lease", stays, signed=first, first=first, last=None, by=office)
        assert orphan.strays(session, tenure) == []


def test_an_invoice_of_a_month_after_the_new_last_day_is_named(db, cast, office):
    with db.writing() as session:
        to = account(cast, session, cast.tenure_a1, number="1001")
        invoice(cast, session, to, today() - days(10), today() + days(9))
        tenure = session.get(Tenure, cast.tenure_a1)
        with pytest.raises(tenancy.WouldOrphan) as refused:
            tenancy.change_days(session, tenure, tenure.signed, tenure.first, today() - days(70), tenancy.mark(tenure), by=office)
        number = f"{(today() - days(10)).year}-0001"
        assert [(one.kind, one.name) for one in refused.value.things] == [("invoice", number)]


def test_somebody_already_there_is_joined_not_doubled(db, cast, board):
    with db.writing() as session:
        tenure, lodger = session.get(Tenure, cast.tenure_t1), session.get(Person, cast.lodger)
        until = today() + days(300)
        party = session.get(Party, cast.party_lodger)
        tenancy.change_party(session, party, "occupant", None, party.first, today() + days(5), tenancy.mark(party), by=board)
        same = tenancy.join(session, tenure, lodger, "occupant", [], today(), until, by=board)
        assert same.id == party.id and same.last == until and same.rights is None
        owner = session.get(Person, cast.owner)
        assert tenancy.join(session, tenure, owner, "occupant", [], today(), None, by=board).role == "primary"
        assert session.scalar(select(func.count(Party.id)).where(Party.tenure_id == tenure.id)) == 3


def test_there_is_one_primary_a_day(db, cast, board):
    with db.writing() as session:
        tenure, other = session.get(Tenure, cast.tenure_t1), session.get(Person, cast.two_homes_tamm)
        with pytest.raises(tenancy.PrimaryTaken):
            tenancy.join(session, tenure, other, "primary", None, today(), None, by=board)
        party = session.get(Party, cast.party_coowner)
        with pytest.raises(tenancy.PrimaryTaken):
            tenancy.change_party(session, party, "primary", None, party.first, None, tenancy.mark(party), by=board)


def test_a_part_that_has_not_begun_is_taken_back_and_one_that_has_is_not(db, cast, board):
    with db.writing() as session:
        tenure, other = session.get(Tenure, cast.tenure_t1), session.get(Person, cast.two_homes_tamm)
        party = tenancy.join(session, tenure, other, "occupant", None, today() + days(2), None, by=board)
        tenancy.remove(session, party, today(), tenancy.mark(party), by=board)
        assert session.get(Party, party.id) is None or session.scalar(select(Party.id).where(Party.id == party.id)) is None
        lodger = session.get(Party, cast.party_lodger)
        with pytest.raises(tenancy.BadDays):
            tenancy.remove(session, lodger, today(), tenancy.mark(lodger), by=board)


def test_a_parking_space_is_held_beside_the_home_within_the_tenures_days(db, cast, board):
    with db.writing() as session:
        cast._session = session
        space = cast.unit(cast.building_tamm, "P 4", None)
        tenure = session.get(Tenure, cast.tenure_t1)
        first = tenancy.hold(session, tenure, space, today(), None, by=board)
        assert tenancy.hold(session, tenure, space, today() + days(3), None, by=board).id == first.id
        with pytest.raises(tenancy.BadDays):
            tenancy.hold(session, tenure, space, tenure.first - days(1), None, by=board)
        with pytest.raises(tenancy.OwnershipsOverlap):
            tenancy.hold(session, session.get(Tenure, cast.tenure_t2), space, today(), None, by=board)
