"""Faults from the report to the end: the table of moves, what the reporter is told, and what happens by itself."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from resident import clock
from resident.access import Actor
from resident.audit import AuditEvent
from resident.errors import Stale
from resident.homes import setting
from resident.homes.building import Building
from resident.homes.organisation import Mandate
from resident.jobs import Job
from resident.people.person import Person
from resident.people.post import Post
from resident.talk import following
from resident.talk.case import STATES, Case, CaseEvent
from resident.talk.deadline import bring_back, close_overdue
from resident.talk.following import Incomplete, MoveNotAllowed, NotAssignable, Report, Where
from tests.cast import LONG_AGO

TAP = Report(category="water", place="bathroom", text="The tap drips. All day.", entry="yes", phone="040 555 0100")


@pytest.fixture
def people(cast):
    def actor(name, role):
        return Actor(cast.logins[name], getattr(cast, name), cast.koivu, role, name)

    return SimpleNamespace(
        tenant=actor("tenant", "resident"),
        occupant=actor("occupant", "resident"),
        office=actor("office", "office"),
        caretaker=actor("caretaker", "caretaker"),
        other=actor("council", "caretaker"),
    )


def where(cast, **given):
    facts = {
        "organisation_id": cast.koivu,
        "today": clock.today("Europe/Helsinki"),
        "building_id": cast.building,
        "unit_id": cast.unit_a1,
        "tenure_id": cast.tenure_a1,
        "person_id": cast.tenant,
    }
    return Where(**(facts | given))


def in_state(session, cast, by, state="new", **given):
    case, _ = following.open_case(session, where(cast, **given), TAP, by=by)
    case.state, case.done_at = state, clock.now() if state == "done" else None
    session.flush()
    return case


def reread(db, case):
    with db.reading() as session:
        return session.get(Case, case.id)


def test_a_report_gets_the_next_number_of_the_year_and_a_subject_from_its_first_sentence(db, cast, people):
    with db.writing() as session:
        first, event = following.open_case(session, where(cast), TAP, by=people.tenant)
        second, _ = following.open_case(session, where(cast), TAP, by=people.tenant)
        year = clock.today("Europe/Helsinki").year
        assert (first.number, second.number) == (f"F-{year}-0001", f"F-{year}-0002")
        assert (first.subject, first.state, event.state) == ("The tap drips", "new", "new")


def test_a_long_first_line_is_cut_at_a_word():
    subject = following.subject("word " * 40)
    assert len(subject) <= following.SUBJECT + 2
    assert subject.endswith("word …")


def test_a_report_names_all_that_it_lacks(db, cast, people):
    with db.writing() as session, pytest.raises(Incomplete) as refused:
        following.open_case(session, where(cast, unit_id=None), Report("roof", " ", "", "maybe"), by=people.tenant)
    assert refused.value.fields == ["category", "place", "text", "entry"]


# The whole table once more, by hand: state → acts, for each of those who act.
DESK = {
    "new": {"receive", "start", "wait", "reject"},
    "received": {"start", "wait", "finish", "reject"},
    "in_progress": {"wait", "finish", "reject"},
    "waiting": {"start", "finish", "reject"},
    "done": {"reopen"},
    "closed": {"reopen"},
    "rejected": {"reopen"},
}
EXPECTED = {
    "office": DESK,
    "caretaker": {state: acts - {"reject", "reopen"} for state, acts in DESK.items()},
    "other": {state: set() for state in STATES},
    "tenant": dict.fromkeys(STATES, set()) | {"done": {"close", "reopen"}, "closed": {"reopen"}},
    "occupant": dict.fromkeys(STATES, set()) | {"done": {"close", "reopen"}, "closed": {"reopen"}},
    None: dict.fromkeys(STATES, set()) | {"done": {"close"}, "waiting": {"bring_back"}},
}


@pytest.mark.parametrize("who", EXPECTED)
def test_each_may_move_a_case_only_along_the_table(db, cast, people, who):
    by = getattr(people, who) if who else None
    for state in STATES:
        with db.writing() as session:
            case = in_state(session, cast, people.tenant, state)
            case.assignee_id = cast.caretaker
            session.flush()
            assert set(following.allowed(case, by)) == EXPECTED[who][state], (who, state)
        for act, (_, to, _) in following.MOVES.items():
            with db.writing() as session:
                case = in_state(session, cast, people.tenant, state)
                case.assignee_id = cast.caretaker
                if act in EXPECTED[who][state]:
                    following.move(session, case, act, by=by, text="because")
                    assert case.state == to
                else:
                    with pytest.raises(MoveNotAllowed) as refused:
                        following.move(session, case, act, by=by, text="because")
                    assert refused.value.why in ("state", "person")
                    assert case.state == state


def test_what_staff_reported_in_their_own_name_is_accepted_by_the_desk(db, cast, people):
    with db.writing() as session:
        case = in_state(session, cast, people.office, "done", unit_id=None, tenure_id=None, person_id=cast.office)
        assert following.allowed(case, people.office) == ["close", "reopen"]


def test_declining_and_waiting_want_a_reason(db, cast, people):
    with db.writing() as session:
        case = in_state(session, cast, people.tenant, "received")
        for act in ("reject", "wait"):
            with pytest.raises(Incomplete):
                following.move(session, case, act, by=people.office, text="  ")
        following.move(session, case, "wait", by=people.office, until=clock.today("Europe/Helsinki") + timedelta(days=2))
        assert case.state == "waiting"


def test_a_form_drawn_before_somebody_elses_change_is_stale_and_changes_nothing(db, cast, people):
    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
        seen = case.version
        following.move(session, case, "receive", by=people.office, version=seen)
    with db.writing() as session:
        case = session.get(Case, case.id)
        with pytest.raises(Stale):
            following.move(session, case, "start", by=people.office, version=seen)
        with pytest.raises(Stale):
            following.assign(session, case, cast.caretaker, by=people.office, version=seen, today=clock.today("Europe/Helsinki"))
    assert (reread(db, case).state, reread(db, case).assignee_id) == ("received", None)


def test_two_changes_at_the_same_moment_do_not_overwrite_each_other(db, cast, people):
    if db.sqlite:
        pytest.skip("writers queue one behind the other")
    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
    slow, fast = db.session(writing=True), db.session(writing=True)
    mine, theirs = slow.get(Case, case.id), fast.get(Case, case.id)
    following.move(fast, theirs, "receive", by=people.office)
    fast.commit()
    with pytest.raises(Stale):
        following.move(slow, mine, "start", by=people.office)
    slow.rollback()
    slow.close()
    fast.close()
    assert reread(db, case).state == "received"


def test_a_comment_does_not_outdate_the_form_that_changes_the_state(db, cast, people):
    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
        seen = case.version
        following.comment(session, case, "I am at home today", by=people.tenant)
        following.comment_inside(session, case, "Bring the long ladder", by=people.office)
    with db.writing() as session:
        following.move(session, session.get(Case, case.id), "receive", by=people.office, version=seen)


def test_only_what_others_tell_the_reporter_counts_as_unread(db, cast, people):
    def unread(case):
        case = reread(db, case)
        return case.last_event > case.seen_event

    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
    assert not unread(case)
    with db.writing() as session:
        following.comment_inside(session, session.get(Case, case.id), "Known complainer", by=people.office)
        today = clock.today("Europe/Helsinki")
        following.assign(session, session.get(Case, case.id), cast.caretaker, by=people.office, today=today)
    assert not unread(case)
    with db.writing() as session:
        event = following.move(session, session.get(Case, case.id), "receive", by=people.office)
    assert unread(case)
    with db.writing() as session:
        following.see(session, session.get(Case, case.id), event.id, by=people.occupant)
    assert unread(case)
    with db.writing() as session:
        following.see(session, session.get(Case, case.id), event.id, by=people.tenant)
    assert not unread(case)


def test_seeing_an_older_page_does_not_mark_what_came_after_it(db, cast, people):
    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
        first = following.comment(session, case, "one", by=people.office)
        following.comment(session, case, "two", by=people.office)
        following.see(session, case, first.id, by=people.tenant)
    assert reread(db, case).seen_event == first.id < reread(db, case).last_event


def test_every_verb_writes_one_audit_event_without_the_text(db, cast, people):
    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
        following.comment(session, case, "my door code is 1234", by=people.tenant)
        following.comment_inside(session, case, "inner", by=people.office)
        following.assign(session, case, cast.caretaker, by=people.office, today=clock.today("Europe/Helsinki"))
        following.move(session, case, "start", by=people.caretaker, text="on my way")
    with db.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.thing == "case_file").order_by(AuditEvent.id)).all()
    assert [event.act for event in events] == ["case_opened", "case_comment", "case_comment", "case_assigned", "case_state"]
    assert not [event for event in events if "1234" in str(event.facts) or "way" in str(event.facts)]


def test_only_caretakers_of_the_building_take_work(db, cast, people):
    today = clock.today("Europe/Helsinki")
    with db.writing() as session:
        case = in_state(session, cast, people.tenant)
        for person in (cast.office, cast.tenant, cast.board):
            with pytest.raises(NotAssignable):
                following.assign(session, case, person, by=people.office, today=today)
        following.assign(session, case, cast.caretaker, by=people.office, today=today, due=today)
        assert (case.assignee_id, case.due) == (cast.caretaker, today)
        following.assign(session, case, None, by=people.office, today=today)
        assert (case.assignee_id, case.due) == (None, None)
        with pytest.raises(MoveNotAllowed):
            following.assign(session, case, cast.caretaker, by=people.caretaker, today=today)


def test_done_is_closed_by_itself_when_nobody_answered_in_time(db, cast, people, later):
    with db.writing() as session:
        case = in_state(session, cast, people.tenant, "received")
        following.move(session, case, "finish", by=people.office)
    for days, closed in ((8, 0), (9, 1)):
        later(days=days)
        with db.writing() as session:
            assert close_overdue(session) == closed
    assert reread(db, case).state == "closed"
    with db.reading() as session:
        last = session.scalars(select(CaseEvent).order_by(CaseEvent.id.desc())).first()
    assert (last.state, last.person_id, last.by_staff) == ("closed", None, True)


def test_nothing_closes_by_itself_where_the_setting_is_zero(db, cast, people, later):
    with db.writing() as session:
        setting.put(session, cast.koivu, "close_after_days", 0)
        case = in_state(session, cast, people.tenant, "done")
    later(days=400)
    with db.writing() as session:
        assert close_overdue(session) == 0
    assert reread(db, case).state == "done"


def test_a_deferred_case_comes_back_on_its_day(db, cast, people, later):
    today = clock.today("Europe/Helsinki")
    with db.writing() as session:
        case = in_state(session, cast, people.tenant, "received")
        following.move(session, case, "wait", by=people.office, until=today + timedelta(days=3))
        without_day = in_state(session, cast, people.tenant, "received")
        following.move(session, without_day, "wait", by=people.office, text="a part is on its way")
    for days, back in ((2, 0), (3, 1)):
        later(days=days)
        with db.writing() as session:
            assert bring_back(session) == back
    assert (reread(db, case).state, reread(db, case).waits_until) == ("received", None)
    assert reread(db, without_day).state == "waiting"


def test_the_reporter_gets_a_notice_of_what_staff_tell_and_never_of_what_is_internal(db, cast, people):
    with db.writing() as session:
        session.get(Person, cast.tenant).notify_email = True
        case = in_state(session, cast, people.tenant)
        following.comment_inside(session, case, "inner", by=people.office)
        assert session.scalar(select(func.count(Job.id))) == 0
        following.comment(session, case, "We come tomorrow", by=people.office)
        following.comment(session, case, "Thank you", by=people.tenant)
        jobs = session.scalars(select(Job)).all()
    assert [(job.kind, job.payload["path"]) for job in jobs] == [("mail", f"/faults/{case.id}")]


def test_a_maintenance_firm_takes_work_in_the_buildings_of_its_mandate_while_it_lasts(db, cast, people):
    today = clock.today("Europe/Helsinki")
    with db.writing() as session:
        other = Building(organisation_id=cast.koivu, code="P8", address="Pihlajakuja 8")
        session.add_all([other, Post(person_id=cast.provider, organisation_id=cast.vesi, role="caretaker", first=LONG_AGO)])
        session.flush()
        mandate = Mandate(principal_id=cast.koivu, agent_id=cast.vesi, purpose="maintain", building_id=other.id, first=LONG_AGO)
        session.add(mandate)
        case = in_state(session, cast, people.tenant)
        with pytest.raises(NotAssignable):
            following.assign(session, case, cast.provider, by=people.office, today=today)
        mandate.building_id = cast.building
        following.assign(session, case, cast.provider, by=people.office, today=today)
        mandate.last = today - timedelta(days=1)
        with pytest.raises(NotAssignable):
            following.assign(session, case, cast.provider, by=people.office, today=today)
