"""Threads between a resident and an addressee: opening, answering, and what each side has seen (L4, R11)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock, number
from ..access import Actor, Home
from ..delivery import notice
from ..errors import ResidentError
from ..text import visible
from .addressee import Addressee, addressees
from .correspondent import Correspondent
from .thread import Message, Thread

SUBJECT, TEXT = 120, 5000


class NotAnAddressee(ResidentError):
    """Nobody answers for this addressee in this home."""


class Unwritten(ResidentError):
    """fields: {"subject" or "text": "empty" or "long"}."""


def checked(**texts: str | None) -> dict[str, str]:
    """The given texts without outer space, lines ended as on Unix. Unwritten(fields) when one is empty or too long."""
    limits, fields, plain = {"subject": SUBJECT, "text": TEXT}, {}, {}
    for name, given in texts.items():
        text = (given or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
        plain[name] = text if name == "text" else " ".join(text.split())
        if not visible(text):
            fields[name] = "empty"
        elif len(text) > limits[name]:
            fields[name] = "long"
    if fields:
        raise Unwritten(fields=fields)
    return plain


def open_thread(
    session: Session, home: Home | Correspondent, to: Addressee, subject: str, text: str, *, by: Actor
) -> tuple[Thread, Message]:
    """A new thread with its number and first message, from a resident to an addressee or from the addressee to a resident,
    who is told of it. Unwritten, NotAnAddressee.
    """
    said = checked(subject=subject, text=text)
    if to not in addressees(session, home):
        raise NotAnAddressee()
    organisation, now = home.organisation, clock.now()
    thread = Thread(
        organisation_id=organisation.id, building_id=home.building_id, unit_id=home.unit_id, tenure_id=home.tenure_id,
        person_id=home.person_id, addressee=to.kind, provider_id=to.provider_id, subject=said["subject"],
        number=number.draw(session, organisation.id, "thread", organisation.today.year), opened_at=now, last_at=now,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    message = _add(session, thread, said["text"], by)
    # One and the same instant: a thread with a single message is known by it.
    thread.opened_at = message.at
    audit.record(session, "thread_opened", by=by, organisation_id=thread.organisation_id, thing=thread)
    if by.staff:
        notice.tell(session, thread.person_id, "message", f"/messages/{thread.id}")
    return thread, message


def answer(session: Session, thread: Thread, text: str, *, by: Actor) -> Message:
    """One more message. Whoever writes has seen the thread up to it; a resident is told of what staff write (rule 48)."""
    said = checked(text=text)
    thread = _locked(session, thread)
    message = _add(session, thread, said["text"], by)
    audit.record(session, "message_sent", by=by, organisation_id=thread.organisation_id, thing=message)
    if by.staff:
        notice.tell(session, thread.person_id, "message", f"/messages/{thread.id}")
    return message


def mark_seen(session: Session, thread: Thread, up_to: int, *, by: Actor) -> bool:
    """Whoever acts has seen the messages up to an id, the newest that their page showed. False when they had before."""
    thread = _locked(session, thread)
    up_to = min(up_to, thread.last_id)
    if up_to <= (thread.seen_by_staff if by.staff else thread.seen_by_resident):
        return False
    _seen(thread, up_to, by)
    audit.record(session, "thread_seen", by=by, organisation_id=thread.organisation_id, thing=thread)
    session.flush()
    return True


def _locked(session: Session, thread: Thread) -> Thread:
    """The thread's row as it is now, held until the transaction ends: two answers at once come one after the other."""
    statement = select(Thread).where(Thread.id == thread.id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(statement).one()


def _add(session: Session, thread: Thread, text: str, by: Actor) -> Message:
    now = clock.now()
    message = Message(
        thread_id=thread.id, person_id=by.person_id, by_staff=by.staff, role=by.role if by.staff else None, text=text, at=now
    )
    session.add(message)
    session.flush()
    thread.last_id, thread.last_at, thread.last_by_staff = message.id, now, by.staff
    _seen(thread, message.id, by)
    session.flush()
    return message


def _seen(thread: Thread, up_to: int, by: Actor) -> None:
    if by.staff:
        thread.seen_by_staff, thread.seen_by_staff_at = up_to, clock.now()
    else:
        thread.seen_by_resident = up_to
