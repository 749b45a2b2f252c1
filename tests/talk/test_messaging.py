"""Threads as the domain makes them: to whom one can write on a day, and what each verb leaves behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from resident import clock
from resident.audit import AuditEvent
from resident.homes.building import Building
from resident.homes.organisation import Mandate
from resident.people import sign_in, viewer
from resident.people.post import Post, PostBuilding
from resident.talk import messaging
from resident.talk.addressee import Addressee, addressees
from resident.talk.messaging import NotAnAddressee, Unwritten
from tests.cast import LONG_AGO


@pytest.fixture
def who(db, cast):
    """who("tenant") is the viewer of that login, worked out anew."""

    def load(name):
        with db.writing() as session:
            token = sign_in.begin(session, cast.logins[name], address="127.0.0.1", agent="")
            return viewer.load(session, sign_in.live(session, token))

    return load


def kinds(db, home) -> list[str]:
    with db.reading() as session:
        return [one.kind for one in addressees(session, home)]


def test_addressees_are_those_for_whom_a_post_in_force_answers(db, cast, who):
    assert kinds(db, who("tenant").home) == ["customer_service", "property_manager", "rent_control", "council", "provider"]
    assert kinds(db, who("owner").home) == ["property_manager"]
    yesterday = clock.today("Europe/Helsinki") - timedelta(days=1)
    with db.writing() as session:
        session.execute(update(Post).where(Post.role.in_(("council", "provider"))).values(last=yesterday))
    assert kinds(db, who("tenant").home) == ["customer_service", "property_manager", "rent_control"]


def test_a_supplier_is_an_addressee_while_its_mandate_holds_and_where_it_holds(db, cast, who):
    home = who("tenant").home
    with db.writing() as session:
        elsewhere = Building(organisation_id=cast.koivu, code="X", address="Kuja 1")
        session.add(elsewhere)
        session.flush()
        session.execute(update(Mandate).values(building_id=elsewhere.id))
    assert "provider" not in kinds(db, home)
    with db.writing() as session:
        session.execute(update(Mandate).values(building_id=cast.building))
    assert "provider" in kinds(db, home)
    with db.writing() as session:
        session.execute(update(Mandate).values(last=home.organisation.today - timedelta(days=1)))
    assert "provider" not in kinds(db, home)


def test_a_post_limited_to_another_building_answers_nothing_here(db, cast, who):
    with db.writing() as session:
        elsewhere = Building(organisation_id=cast.koivu, code="X", address="Kuja 1")
        session.add(elsewhere)
        session.flush()
        council = session.scalars(select(Post.id).where(Post.role == "council")).one()
        session.add(PostBuilding(post_id=council, building_id=elsewhere.id))
    assert "council" not in kinds(db, who("tenant").home)


def test_a_managing_firm_answers_through_its_mandate(db, cast, who):
    with db.writing() as session:
        session.add(Mandate(principal_id=cast.tamm, agent_id=cast.koivu, purpose="manage", first=LONG_AGO))
    assert kinds(db, who("owner").home) == ["customer_service", "property_manager", "rent_control"]
    thread, _ = opened(db, who("owner"), "customer_service")
    with db.reading() as session:
        from resident import access

        seen = session.scalars(access.visible_threads(who("office"))).all()
    assert [one.id for one in seen] == [thread.id]


def opened(db, viewer, kind="customer_service", subject="Sauna", text="Friday?"):
    with db.writing() as session:
        return messaging.open_thread(session, viewer.home, Addressee(kind), subject, text, by=viewer.as_resident())


def test_a_thread_has_a_number_a_place_and_one_message(db, who, cast):
    thread, message = opened(db, who("tenant"), subject="  Sauna \n turn ", text=" Friday?\r\nOr not? ")
    assert (thread.subject, message.text) == ("Sauna turn", "Friday?\nOr not?")
    assert thread.number.startswith("V-") and thread.number.endswith("-0001")
    assert (thread.unit_id, thread.person_id, thread.tenure_id) == (cast.unit_a1, cast.tenant, cast.tenure_a1)
    assert (thread.last_id, thread.last_by_staff, thread.seen_by_resident, thread.seen_by_staff) == (
        message.id,
        False,
        message.id,
        0,
    )
    assert opened(db, who("neighbour"))[0].number.endswith("-0002")


def test_nobody_writes_to_whom_nobody_answers_for(db, who, cast):
    for kind, provider in (("council", None), ("provider", None), ("provider", cast.tamm)):
        owner = who("owner")
        with pytest.raises(NotAnAddressee), db.writing() as session:
            messaging.open_thread(session, owner.home, Addressee(kind, provider), "s", "t", by=owner.as_resident())


@pytest.mark.parametrize(
    ("subject", "text", "fields"),
    [
        ("", "t", {"subject": "empty"}),
        (" \n", "\u00a0 \t", {"subject": "empty", "text": "empty"}),
        ("s" * 121, "t" * 5001, {"subject": "long", "text": "long"}),
    ],
)
def test_empty_and_endless_messages_are_refused_by_field(db, who, subject, text, fields):
    with pytest.raises(Unwritten) as refusal:
        opened(db, who("tenant"), subject=subject, text=text)
    assert refusal.value.fields == fields
    assert messaging.checked(subject="s" * 120, text="t" * 5000)


def test_each_verb_writes_one_event_without_words(db, who, cast):
    tenant, office = who("tenant"), who("office")
    thread, _ = opened(db, tenant, text="secret words")
    clerk = office.as_staff(office.duty("cases"))
    with db.writing() as session:
        answered = messaging.answer(session, thread, "secret answer", by=clerk)
    assert (answered.role, answered.by_staff) == ("office", True)
    with db.writing() as session:
        assert messaging.mark_seen(session, thread, answered.id, by=tenant.as_resident())
        assert not messaging.mark_seen(session, thread, answered.id, by=tenant.as_resident())
        assert not messaging.mark_seen(session, thread, 10**9, by=clerk)
    with db.reading() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.act.in_(("thread_opened", "message_sent", "thread_seen")))
        ).all()
    assert [(event.act, event.person_id) for event in events] == [
        ("thread_opened", cast.tenant),
        ("message_sent", cast.office),
        ("thread_seen", cast.tenant),
    ]
    assert not any("secret" in str(event.facts) for event in events)
