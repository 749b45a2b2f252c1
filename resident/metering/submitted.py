"""What "this home has submitted" means: one definition for neighbours' list, the desk's roster and the tally of its first page.

Asked for is every register that people read (a remote one is nobody's duty) of a meter that is in use on the last day
billed by the period. A register is sent when a reading of the period counts or waits for a decision: who has sent a value
has done their part; an estimate is nobody's. A home has submitted when all its registers that are asked for are sent; a home
with none to be read by people has nothing to submit and is in no count.

These are SQL conditions beside Register and Meter. period: a BillingPeriod, the entity itself inside a statement, or bind
parameters that stand for its id and bill_last.
"""

from sqlalchemy import and_, exists, or_, select

from ..homes.building import Unit
from .meter import Meter, Register
from .reading import PENDING, Reading


def there(period):
    """A home that was not gone before the first day of use; beside Unit."""
    return or_(Unit.last.is_(None), Unit.last >= period.use_first)


def in_use(period):
    """A meter that is there on the last day billed."""
    last = period.bill_last
    return and_(Meter.installed <= last, or_(Meter.removed.is_(None), Meter.removed > last))


def asked(period):
    """A register for which somebody is to send a value."""
    return and_(in_use(period), Meter.remote.is_(False))


def has(period, condition):
    """The register has a reading of the period for which the condition holds."""
    reading = select(Reading.id).where(Reading.register_id == Register.id, Reading.period_id == period.id, condition)
    return exists(reading.correlate_except(Reading))


def sent(period):
    """A value of the register that somebody read counts, or waits for a decision."""
    return has(period, or_(and_(Reading.counts.is_(True), Reading.source != "estimate"), Reading.state == PENDING))


def holds(row) -> bool:
    """sent(), of a register's row that has been read: the period's value and source that count, and pending_id that waits."""
    return row.pending_id is not None or (row.value is not None and row.source != "estimate")


def filled(period):
    """The register lacks nothing: sent, or estimated."""
    return has(period, or_(Reading.counts.is_(True), Reading.state == PENDING))
