"""Faults and their history, messages, and the files that go with them."""

from sqlalchemy import Select, and_, or_, select

from ..files import Attachment
from ..identity import ANSWERS, Duty, Viewer
from ..metering.reading import Reading, Receipt
from ..talk.case import Case, CaseEvent
from ..talk.thread import Message, Thread
from .meters import visible_readings, visible_receipts
from .persons import may_see_contacts
from .reaching import (
    answered_threads,
    common_cases,
    desk_cases,
    own_cases,
    own_threads,
)


def visible_cases(viewer: Viewer, at_desk: bool) -> Select:
    """At home: the household's cases and the building's. At the desk: those of desk_cases, also for staff who live there."""
    return select(Case).where(desk_cases(viewer) if at_desk else or_(own_cases(viewer), common_cases(viewer)))


def may_see_reporter(viewer: Viewer, case: Case, undisclosed: bool) -> bool:
    """Name and telephone of who reported: for posts that see contacts, and for whoever does the work unless undisclosed."""
    works = not undisclosed and case.assignee_id in {duty.person_id for duty in viewer.duties}
    return works or may_see_contacts(viewer, case.organisation_id, undisclosed)


def visible_events(viewer: Viewer, at_desk: bool) -> Select:
    """Lines of the history of visible cases: at the desk all; to the household no internal ones; to neighbours staff's only."""
    told = and_(or_(own_cases(viewer), and_(common_cases(viewer), CaseEvent.by_staff)), CaseEvent.kind.in_(("state", "comment")))
    return select(CaseEvent).join(Case, Case.id == CaseEvent.case_id).where(desk_cases(viewer) if at_desk else told)


def answers_thread(duty: Duty, thread: Thread) -> bool:
    """The same of one duty and one thread."""
    here = duty.organisation.id == thread.organisation_id and (duty.buildings is None or thread.building_id in duty.buildings)
    mine = duty.role != "provider" or duty.employer_id == thread.provider_id
    return here and mine and duty.role in ANSWERS[thread.addressee]


def writing_duties(viewer: Viewer, organisation_id: int, building_id: int) -> list[Duty]:
    """Posts in which the viewer may begin a thread with somebody of a home: that know the register there and answer letters."""
    answering = {role for posts in ANSWERS.values() for role in posts}
    return [
        duty
        for duty in viewer.duties_for("register")
        if duty.role in answering
        and duty.organisation.id == organisation_id
        and (duty.buildings is None or building_id in duty.buildings)
    ]


def visible_threads(viewer: Viewer) -> Select:
    return select(Thread).where(or_(own_threads(viewer), answered_threads(viewer)))


def visible_attachments(viewer: Viewer) -> Select:
    """Files of visible messages, of visible lines of a case's history (those of internal comments for staff only), and of
    readings that a post covers, or whose receipt is one's own."""
    threads = select(Message.id).join(Thread, Thread.id == Message.thread_id)
    messages = threads.where(or_(own_threads(viewer), answered_threads(viewer)))
    events = [visible_events(viewer, at_desk).with_only_columns(CaseEvent.id) for at_desk in (False, True)]
    own = select(Reading.id).where(Reading.receipt_id.in_(visible_receipts(viewer).with_only_columns(Receipt.id)))
    readings = (own, visible_readings(viewer).with_only_columns(Reading.id))
    owned = (Attachment.message_id.in_(messages), *(Attachment.event_id.in_(some) for some in events))
    return select(Attachment).where(or_(*owned, *(Attachment.reading_id.in_(some) for some in readings)))
