"""A household as one of its own changes it: no more than one has oneself, no learning who is known, and nothing of the past."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from resident import clock, jobs
from resident.audit import AuditEvent
from resident.moves import household, inviting
from resident.moves.household import BadCount, BadPart, NotYours, Part
from resident.moves.tenancy import mark
from resident.people import personal_code, residence
from resident.people.invitation import Invitation
from resident.people.person import Login, Person
from resident.people.tenure import Party
from tests.metering.counters import actor, period

KEY = "a key for codes"
CODE = "37605030299"
TALK = frozenset(("talk",))


def today() -> date:
    return clock.today("Europe/Tallinn")


def home_of(session, cast, login: str):
    return residence.of_login(session, cast.logins[login])[0]


def part(rights=TALK, role="occupant", first=None, last=None, called="Peeter") -> Part:
    return Part(called, role, frozenset(rights), first or today(), last)


@pytest.fixture
def mari(cast):
    return actor(cast, "owner", cast.owner, cast.tamm)


def test_a_known_and_an_unknown_code_leave_the_same_to_see(db, cast, mari):
    with db.writing() as session:
        known = session.get(Person, cast.two_homes_tamm)
        personal_code.expect(session, known, "EE", CODE, KEY)
        home = home_of(session, cast, "owner")
        household.add_by_code(session, home, part(called="Kadri"), "EE", CODE, KEY, by=mari)
        household.add_by_code(session, home, part(called="Peeter"), "EE", "49403136526", KEY, by=mari)
        shown = {(row.name, row.role, row.entered) for row in household.members(session, home.tenure_id, today())}
        assert {("Kadri", "occupant", False), ("Peeter", "occupant", False)} < shown
        assert known.name not in {name for name, *_ in shown}
        acts = session.execute(select(AuditEvent.act, AuditEvent.facts).where(AuditEvent.act == "party_added")).all()
        assert len(acts) == 2 and CODE not in str(acts)


def test_whoever_is_there_already_is_joined_and_says_so_by_coming_in(db, cast, mari):
    with db.writing() as session:
        personal_code.expect(session, session.get(Person, cast.two_homes_tamm), "EE", CODE, KEY)
        home = home_of(session, cast, "owner")
        made = [household.add_by_code(session, home, part(called="Kadri"), "EE", CODE, KEY, by=mari) for _ in range(2)]
        assert made[0].id == made[1].id
        household.enter(session, made[0], by=actor(cast, "two_homes", cast.two_homes_tamm, cast.tamm))
        assert "Kaisa Kahdentalo" in {row.name for row in household.members(session, home.tenure_id, today())}


def test_nobody_gives_more_than_they_have(db, cast, mari):
    with db.writing() as session:
        cast._session = session
        coowner = session.get(Party, cast.party_coowner)
        coowner.rights, coowner.last = ["talk", "household"], today() + timedelta(days=100)
        session.flush()
        home, by = home_of(session, cast, "coowner"), actor(cast, "coowner", cast.coowner, cast.tamm)
        with pytest.raises(ValueError, match="occupant"):
            household.checked(home, part(("invoices",)))
        with pytest.raises(ValueError, match="occupant"):
            household.checked(home_of(session, cast, "owner"), part(("household",)))
        with pytest.raises(BadPart) as refused:
            household.checked(home, part(last=today() + timedelta(days=101)))
        assert (refused.value.field, refused.value.why, refused.value.day) == ("last", "after", today() + timedelta(days=100))
        with pytest.raises(BadPart):
            household.checked(home, part())
        with pytest.raises(NotYours):
            household.change(session, home, session.get(Party, cast.party_owner), frozenset(), today(), "", by=by)


def test_rights_that_the_changer_does_not_have_stay_as_they_are(db, cast):
    with db.writing() as session:
        coowner, lodger = session.get(Party, cast.party_coowner), session.get(Party, cast.party_lodger)
        coowner.rights = ["talk", "household"]
        session.flush()
        home, by = home_of(session, cast, "coowner"), actor(cast, "coowner", cast.coowner, cast.tamm)
        household.change(session, home, lodger, frozenset(), None, mark(lodger), by=by)
        assert lodger.rights == ["invoices", "readings"]


@pytest.mark.parametrize(
    ("first", "last", "field", "why"),
    [(-1, None, "first", "past"), (0, -1, "last", "order"), (5, 4, "last", "order")],
)
def test_days_of_a_new_part_are_not_past(db, cast, first, last, field, why):
    with db.reading() as session:
        given = part(first=today() + timedelta(days=first), last=None if last is None else today() + timedelta(days=last))
        with pytest.raises(BadPart) as refused:
            household.checked(home_of(session, cast, "owner"), given)
        assert (refused.value.field, refused.value.why) == (field, why)


def test_a_part_ends_at_the_end_of_its_last_day(db, cast, mari, later):
    with db.writing() as session:
        home, lodger = home_of(session, cast, "owner"), session.get(Party, cast.party_lodger)
        with pytest.raises(BadPart):
            household.change(session, home, lodger, TALK, today() - timedelta(days=1), mark(lodger), by=mari)
        household.change(session, home, lodger, TALK, today(), mark(lodger), by=mari)
        assert home_of(session, cast, "lodger").rights == TALK
    later(days=1)
    with db.reading() as session:
        assert not [home for home in residence.of_login(session, cast.logins["lodger"]) if home.in_force]


def test_one_leaves_by_oneself_but_the_primary_does_not(db, cast, mari):
    with db.writing() as session:
        lodger, owner = session.get(Party, cast.party_lodger), session.get(Party, cast.party_owner)
        by = actor(cast, "lodger", cast.lodger, cast.tamm)
        household.leave(session, home_of(session, cast, "lodger"), lodger, today(), mark(lodger), by=by)
        assert lodger.last == today()
        with pytest.raises(NotYours):
            household.leave(session, home_of(session, cast, "owner"), owner, today(), mark(owner), by=mari)


# ---- Occupants -------------------------------------------------------------------------------------------------------


def test_the_number_of_occupants_has_a_first_day_and_its_history_stays(db, cast, mari):
    with db.writing() as session:
        home = home_of(session, cast, "owner")
        household.set_occupants(session, home, 2, today() - timedelta(days=40), by=mari)
        household.set_occupants(session, home, 3, today(), by=mari)
        household.set_occupants(session, home, 4, today(), by=mari)
        kept = [(fact.value // 1_000_000, fact.first) for fact in household.occupants(session, home.unit_id)]
        assert kept == [(4, today()), (2, today() - timedelta(days=40))]


def test_the_number_of_occupants_does_not_change_in_days_whose_costs_are_shared_out(db, cast, mari):
    with db.writing() as session:
        month = today().replace(day=1)
        period(session, cast.building_tamm, f"{month:%Y-%m}", "allocated")
        home = home_of(session, cast, "owner")
        with pytest.raises(BadCount) as refused:
            household.set_occupants(session, home, 2, month - timedelta(days=1), by=mari)
        assert (refused.value.why, refused.value.period) == ("allocated", f"{month:%Y-%m}")
        household.set_occupants(session, home, 2, month, by=mari)
        for count, first in ((31, today()), (-1, today()), (2, date(2000, 1, 1))):
            with pytest.raises(BadCount):
                household.set_occupants(session, home, count, first, by=mari)


# ---- Invitations -----------------------------------------------------------------------------------------------------


def test_a_stranger_accepts_an_invitation_once(db, cast, mari):
    with db.writing() as session:
        home = home_of(session, cast, "owner")
        token = inviting.invite(session, home, part(called="Peeter"), 14, by=mari)
        _, shown = inviting.find(session, token)
        assert (shown.inviter, shown.role, shown.organisation) == ("Mari", "occupant", "Pärnaõue 7 korteriühistu")
        login = session.get(Login, cast.logins["tenant"])
        party = inviting.accept(session, token, login)
        assert party.called is None and party.added_by_id == cast.owner
        person = session.get(Person, party.person_id)
        assert (person.name, person.organisation_id, person.login_id) == ("Peeter", cast.tamm, login.id)
        with pytest.raises(inviting.Over):
            inviting.accept(session, token, login)
        assert household.open_invitations(session, home.tenure_id) == []


def test_somebody_of_the_household_who_accepts_is_joined_not_doubled(db, cast, mari):
    with db.writing() as session:
        home = home_of(session, cast, "owner")
        token = inviting.invite(session, home, part(), 14, by=mari)
        party = inviting.accept(session, token, session.get(Login, cast.logins["lodger"]))
        assert party.id == cast.party_lodger
        assert session.scalar(select(func.count(Person.id)).where(Person.login_id == cast.logins["lodger"])) == 1


@pytest.mark.parametrize("how", ["unknown", "late", "withdrawn", "ended"])
def test_a_link_that_does_not_hold_leads_nowhere(db, cast, mari, later, how):
    with db.writing() as session:
        home = home_of(session, cast, "owner")
        token = inviting.invite(session, home, part(), 3, by=mari)
        if how == "withdrawn":
            inviting.withdraw(session, session.scalar(select(Invitation)), by=mari)
        if how == "ended":
            session.get(Party, cast.party_owner).last = today() - timedelta(days=1)
            session.flush()
        if how == "late":
            later(days=4)
        token = "nothing" if how == "unknown" else token
        assert inviting.find(session, token) is None
        with pytest.raises(inviting.Over):
            inviting.accept(session, token, session.get(Login, cast.logins["tenant"]))


def test_a_mail_carries_a_token_that_stands_nowhere_else(db, cast, mari):
    with db.writing() as session:
        home = home_of(session, cast, "owner")
        assert inviting.invite(session, home, part(), 14, by=mari, to="peeter@example.org", language="et") is None
        job = session.scalar(select(jobs.Job))
        assert set(job.payload) == {"invitation_id", "to", "language"}
        token, shown = inviting.renewed(session, job.payload["invitation_id"])
        assert inviting.find(session, token) and shown.label == "Pärnaõue 7–1"
        again, _ = inviting.renewed(session, job.payload["invitation_id"])
        assert inviting.find(session, token) is None and inviting.find(session, again)
