"""What a tenure agreed to pay – rent, an advance – for days that another tenure was billed for (rule 30)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..money.invoice import InvoiceLine
from ..people.tenure import Tenure
from . import correcting
from .calendar import months
from .charge import ChargeType, TenureAmount
from .correcting import Worth
from .dividing import rounded
from .held import Hold, Run, Steps, edges, pieces

NOTHING = Worth(0, 0)


def holders(session: Session, owner: int, own: list[Hold], there: list[Hold]) -> list[Hold]:
    """Who may pay the owner's sum on a day: the owner while it holds anything, else whoever holds the home in the same way."""
    ownership = session.get_one(Tenure, owner).kind == "ownership"
    kept = [hold._replace(ownership=True) for hold in own if hold.tenure_id == owner]
    others = (hold for hold in there if hold.tenure_id != owner and hold.ownership == ownership)
    return kept + [hold._replace(ownership=False) for hold in others]


def worth(session: Session, line: InvoiceLine, charge: ChargeType, payer: int | None, run: Run) -> Worth | None:
    """What somebody else pays for days of a line: the sum that was agreed with them. Without one a rent is nobody's; an advance is
    asked for the home and goes with its days: None."""
    if payer is None:
        return NOTHING
    rows = select(TenureAmount.first, TenureAmount.amount).where(
        TenureAmount.tenure_id == payer, TenureAmount.charge_type_id == charge.id
    )
    steps = Steps((first.toordinal(), amount) for first, amount in session.execute(rows))
    if steps.on(run.first) is None:
        return None if charge.advance else NOTHING
    calendar = months(line.first, line.last)
    starts = edges(run.first, run.last, [*steps.within(run.first, run.last), *calendar.starts])
    parts = sum(steps.on(first, 0) * calendar.parts(first, last) for first, last in pieces(starts, run.last))
    return correcting.worth(line, amount=rounded(parts, calendar.whole))
