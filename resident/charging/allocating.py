"""Sharing a period's costs out: drafts of all its invoices, stored. Again gives the same drafts."""

from operator import attrgetter

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ..errors import ResidentError
from ..metering import estimating
from ..money.period import BillingPeriod
from ..money.settling import batched
from . import scene, steps
from .draft import Draft, DraftLine
from .line import COLUMNS, Drafted
from .working import Worked, guesses, worked_out

CHUNK = 2000
_VALUES = attrgetter(*COLUMNS)


class UseUnknown(ResidentError):
    """Nobody read these registers and the ladder has no answer: registers (working.Unknown: number, medium, serial, why)."""


def allocate(session: Session, period: BillingPeriod, *, by) -> Worked:
    """open → allocated; in state allocated the drafts are worked out anew.

    What nobody read is estimated first and stored as a reading of the period (rule 11): estimating.NotOver while people may
    still send readings. WrongState, EarlierFirst, UseUnknown, working.NobodyPays, working.CostNotInUse.
    """
    steps.hold(session, period, "allocate")
    found = scene.read(session, period)
    estimates, lacking = guesses(session, found)
    if estimates and period.state == "open":
        estimating.estimate(session, period, found.creditor, list(estimates), by=by)
        estimates = {}
    worked = worked_out(session, period, found, (estimates, lacking))
    if worked.unknown:
        raise UseUnknown(registers=worked.unknown)
    steps.throw_away(session, period)
    _store(session, period, worked.drafts)
    total = sum(drafted.total for drafted in worked.drafts)
    steps.moved(session, period, "allocated", "period_allocated", by, drafts=len(worked.drafts), total=total)
    return worked


def _store(session: Session, period: BillingPeriod, drafts: list[Drafted]) -> None:
    """Numbered 1, 2, 3 … in the order in which they will get their numbers."""
    if not drafts:
        return
    session.execute(
        insert(Draft.__table__),
        [
            {
                "period_id": period.id, "tenure_id": one.tenure_id, "account_kind": one.account_kind, "position": position,
                "unit_id": one.unit_id, "total": one.total, "estimated": one.estimated,
            }
            for position, one in enumerate(drafts, 1)
        ],
    )  # fmt: skip
    ids = session.scalars(select(Draft.id).where(Draft.period_id == period.id).order_by(Draft.position)).all()
    rows = (
        {"draft_id": id, "position": position, **dict(zip(COLUMNS, _VALUES(line), strict=True))}
        for id, drafted in zip(ids, drafts, strict=True)
        for position, line in enumerate(drafted.lines, 1)
    )
    for chunk in batched(rows, CHUNK):
        session.execute(insert(DraftLine.__table__), chunk)
