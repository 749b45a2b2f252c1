"""Taking in what came by a link (entry_link.py): once, however often it is sent, and never lost between two days (B2)."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..homes.building import Building, Unit
from ..people import limit
from ..people.token import digest
from . import entry_link, submission, window
from .entry_link import EntryLink, Over
from .reading import Receipt
from .slip import Slip
from .submission import Typed, Verdict

# How long after its window a form that was open is still taken in and kept for the desk.
GRACE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Taken:
    """receipt: None when it is held for the desk. left: what was typed and not stored."""

    receipt: Receipt | None
    left: tuple[Verdict, ...] = ()

    @property
    def held(self) -> bool:
        return self.receipt is None


def send(session: Session, link: EntryLink, typed: dict[int, Typed], day: date, key: str, *, whole: bool, address: str) -> Taken:
    """Store what is good, with a receipt. key: a digest of the form's own key; under it the first sending's receipt stands.

    whole: nothing is stored while something is refused or in question. Unanswered and NothingToStore as in submit(), Over,
    TooMany(retry_after). A window that closed while the form was open: what was typed is held for the desk.
    """
    session.execute(select(Unit.id).where(Unit.id == link.unit_id).with_for_update()).one()
    before = session.scalar(select(Slip).where(Slip.key == key))
    if before is not None:
        return Taken(session.get(Receipt, before.receipt_id) if before.receipt_id else None)
    limit.take_entry(session, digest(repr(link)), address)
    try:
        found = entry_link.opened(session, link)
    except Over as error:
        something = any(one.black.strip() or one.red.strip() for one in typed.values())
        if error.why != "over" or not something or not _lately(session, link):
            raise
        _keep(session, link, typed, day, key, state="held", why="over")
        return Taken(None)
    how = {"by": found.by, "partial": not whole, "since": found.begins, "via": "link", "blind": link.blind}
    sent = submission.submit(session, link.unit_id, found.organisation, typed, day, **how)
    if sent.receipt.period_id != link.period_id:
        raise Over(why="another")
    _keep(session, link, typed, day, key, state="booked", receipt_id=sent.receipt.id)
    return Taken(sent.receipt, sent.left)


def _lately(session: Session, link: EntryLink) -> bool:
    turn = window.of_period(session, link.period_id)
    return turn is not None and turn.last is not None and clock.now().date() <= turn.last + GRACE


def _keep(session: Session, link: EntryLink, typed: dict[int, Typed], day: date, key: str, **how) -> None:
    now = clock.now()
    organisation_id = session.scalar(select(Building.organisation_id).join(Unit).where(Unit.id == link.unit_id))
    slip = Slip(
        key=key, organisation_id=organisation_id, unit_id=link.unit_id, period_id=link.period_id, person_id=link.person_id,
        via="link", day=day, typed={str(id): [one.black, one.red, one.answer] for id, one in typed.items()}, typed_at=now, at=now,
        **how,
    )  # fmt: skip
    session.add(slip)
    session.flush()
    if slip.state == "held":
        facts = {"why": slip.why, "via": "link", "readings": len(typed)}
        audit.record(session, "slip_held", organisation_id=organisation_id, thing=slip, facts=facts)
        session.flush()
