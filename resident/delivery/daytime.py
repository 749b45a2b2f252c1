"""When mails and messages go out by themselves: by day where the organisation is, so that nobody is woken (rule 45)."""

from datetime import datetime

FROM, UNTIL = 8, 20


def is_day(here: datetime) -> bool:
    """here: the instant in the organisation's time zone."""
    return FROM <= here.hour < UNTIL
