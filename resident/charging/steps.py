"""The states of a billing period, one step at a time forwards and back: what must hold before each, and what a step will do.

planned → open → allocated → confirmed → closed. Allocating and confirming: allocating.py, confirming.py.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError
from ..money.period import STATES, BillingPeriod, lock_buildings
from .draft import Draft, DraftLine

# By state: the step that leads on from it.
NEXT = {"planned": "open", "open": "allocate", "allocated": "confirm", "confirmed": "close"}
# By step: the states in which it can be done.
FROM = {
    "open": ("planned",), "allocate": ("open", "allocated"), "confirm": ("allocated",), "close": ("confirmed",),
    "unopen": ("open",), "unallocate": ("allocated",), "unconfirm": ("confirmed",), "reopen": ("closed",),
}  # fmt: skip


class WrongState(ResidentError):
    """The step cannot be done in this state: step, state, first (the step that must be done before it; None when it is done
    already or a later one must be taken back)."""


class EarlierFirst(ResidentError):
    """An earlier period of the building is not confirmed yet: name, state."""


class LaterStands(ResidentError):
    """A later period of the building is shared out already and must be taken back first: name, state."""


def hold(session: Session, period: BillingPeriod, step: str) -> None:
    """Lock the building's periods for the rest of the transaction and look whether the step can be done: of two people who do it at
    once the second one finds it done. WrongState, EarlierFirst, LaterStands."""
    lock_buildings(session, [period.building_id])
    session.refresh(period, with_for_update=True)
    if period.state not in FROM[step]:
        raise WrongState(step=step, state=period.state, first=_first(step, period.state))
    refusal = earlier(session, period) if step == "allocate" else None
    if step in ("unallocate", "unconfirm"):
        refusal = later(session, period)
    if refusal:
        raise refusal


def open_(session: Session, period: BillingPeriod, *, by) -> None:
    """planned → open: costs may be entered."""
    _move(session, period, "open", "open", "period_opened", by)


def unopen(session: Session, period: BillingPeriod, *, by) -> None:
    """open → planned."""
    _move(session, period, "unopen", "planned", "period_taken_back", by)


def unallocate(session: Session, period: BillingPeriod, *, by) -> None:
    """allocated → open: drafts are thrown away; estimates stay (metering/estimating.py takes those back)."""
    hold(session, period, "unallocate")
    throw_away(session, period)
    moved(session, period, "open", "period_taken_back", by)


def close(session: Session, period: BillingPeriod, *, by) -> None:
    """confirmed → closed: nothing more is changed."""
    _move(session, period, "close", "closed", "period_closed", by)


def reopen(session: Session, period: BillingPeriod, *, by) -> None:
    """closed → confirmed."""
    _move(session, period, "reopen", "confirmed", "period_taken_back", by)


def throw_away(session: Session, period: BillingPeriod) -> None:
    """Delete the period's drafts."""
    own = select(Draft.id).where(Draft.period_id == period.id)
    session.execute(delete(DraftLine.__table__).where(DraftLine.__table__.c.draft_id.in_(own)))
    session.execute(delete(Draft.__table__).where(Draft.__table__.c.period_id == period.id))


def _move(session: Session, period: BillingPeriod, step: str, state: str, act: str, by) -> None:
    hold(session, period, step)
    moved(session, period, state, act, by)


def moved(session: Session, period: BillingPeriod, state: str, act: str, by, **facts) -> None:
    before, period.state = period.state, state
    session.flush()
    audit.record(session, act, by=by, thing=period, facts={"name": period.name, "from": before, "to": state} | facts)
    session.flush()


def _first(step: str, state: str) -> str | None:
    """The step that must be done before one can be done in a state."""
    wanted = FROM[step][0]
    return NEXT.get(state) if STATES.index(state) < STATES.index(wanted) else None


def earlier(session: Session, period: BillingPeriod) -> EarlierFirst | None:
    """Periods are shared out in their order, so that use and corrections follow on one another."""
    row = session.execute(
        select(BillingPeriod.name, BillingPeriod.state)
        .where(
            BillingPeriod.building_id == period.building_id,
            BillingPeriod.bill_first < period.bill_first,
            BillingPeriod.state.in_(("planned", "open", "allocated")),
        )
        .order_by(BillingPeriod.bill_first)
        .limit(1)
    ).first()
    return EarlierFirst(name=row.name, state=row.state) if row else None


def later(session: Session, period: BillingPeriod) -> LaterStands | None:
    row = session.execute(
        select(BillingPeriod.name, BillingPeriod.state)
        .where(
            BillingPeriod.building_id == period.building_id,
            BillingPeriod.bill_first > period.bill_first,
            BillingPeriod.state.in_(("allocated", "confirmed", "closed")),
        )
        .order_by(BillingPeriod.bill_first.desc())
        .limit(1)
    ).first()
    return LaterStands(name=row.name, state=row.state) if row else None
