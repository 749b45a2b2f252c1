"""The dated table of interest rates: the country's as far as we know it (rates.csv, with sources), until the desk keeps its own.

The first change copies the country's rows; from then on the organisation's own rows alone hold.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..db import SCALE
from ..errors import ResidentError
from ..homes.organisation import Organisation, lock_organisation
from .account import Account
from .interest import Rates, together
from .rate import HolderRate, InterestRate

# Finland's and Estonia's rates hold for half a year; the others' until the central bank decides anew.
HALF_YEARS = {"FI", "EE"}
AHEAD = timedelta(days=45)
# 100 % a year; nobody has agreed on more in good faith.
MOST = SCALE


class BadRate(ResidentError):
    """Not between 0 and MOST, or a rate where only a cap may be none."""


class RateTaken(ResidentError):
    """Another row of this kind begins on this day: first."""


class Row(NamedTuple):
    """id is None for a row of the country's table."""

    id: int | None
    kind: str
    first: date
    rate: int | None
    source: str


@lru_cache
def _file() -> dict[str, list[Row]]:
    found = defaultdict(list)
    with (Path(__file__).parent / "rates.csv").open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            rate = int(Decimal(line["rate"]) * SCALE / 100) if line["rate"] else None
            found[line["country"]].append(Row(None, line["kind"], date.fromisoformat(line["first"]), rate, line["source"]))
    return found


def of_country(country: str) -> list[Row]:
    """What we know of a country, the earliest first; empty for one that we know nothing of."""
    return _file().get(country, [])


def table(session: Session, organisation_id: int, country: str) -> list[Row]:
    """The rows that hold for an organisation, the earliest first."""
    rows = session.execute(
        select(InterestRate.id, InterestRate.kind, InterestRate.first, InterestRate.rate, InterestRate.source)
        .where(InterestRate.organisation_id == organisation_id)
        .order_by(InterestRate.first, InterestRate.id)
    ).all()
    return [Row(*row) for row in rows] or of_country(country)


def by_account(session: Session, organisation_id: int, country: str, account_ids: Iterable[int]) -> dict[int, Rates]:
    """Each account's rates by day: those agreed with its holder before the table and its cap."""
    rows = table(session, organisation_id, country)
    rates, caps = ([(row.first, row.rate) for row in rows if row.kind == kind] for kind in ("rate", "cap"))
    own = defaultdict(list)
    ids = list(account_ids)
    agreed = select(HolderRate.account_id, HolderRate.first, HolderRate.rate).join(Account, Account.id == HolderRate.account_id)
    for account_id, first, rate in session.execute(agreed.where(Account.creditor_id == organisation_id)):
        own[account_id].append((first, rate))
    usual = together(rates, caps)
    return {id: together(rates, caps, own[id]) if id in own else usual for id in ids}


class Gap(NamedTuple):
    """What somebody has to look up. what: "rate" – from day on there is no row of its half-year; "cap" – it ends then; "none"."""

    what: str
    day: date

    @property
    def last(self) -> date:
        """The last day on which what was there still holds."""
        return self.day - timedelta(days=1)


def gaps(rows: list[Row], country: str, today: date) -> list[Gap]:
    """What is missing from the table now, or will be soon."""
    rates = [row.first for row in rows if row.kind == "rate"]
    found = [] if rates else [Gap("none", today)]
    if rates and country in HALF_YEARS:
        last = max(rates)
        following = date(last.year + (last.month > 6), 1 if last.month > 6 else 7, 1)
        found += [Gap("rate", following)] if following <= today + AHEAD else []
    ends = [row.first for row in rows if row.kind == "cap" and row.rate is None]
    return found + [Gap("cap", day) for day in ends if today - AHEAD <= day <= today + AHEAD]


# ---- Changing --------------------------------------------------------------------------------------------------------


def add(session: Session, organisation: Organisation, kind: str, first: date, rate: int | None, source: str, *, by) -> InterestRate:
    """Let a rate, or a cap (None: none), hold from a day, also one that has passed: posting puts right what was posted.

    BadRate, RateTaken.
    """
    if rate is None and kind != "cap" or rate is not None and not 0 <= rate <= MOST:
        raise BadRate()
    rows = _own(session, organisation)
    if any(row.kind == kind and row.first == first for row in rows):
        raise RateTaken(first=first)
    made = InterestRate(organisation_id=organisation.id, kind=kind, first=first, rate=rate, source=source)
    session.add(made)
    session.flush()
    _record(session, organisation, by, {"kind": kind, "first": first.isoformat(), "rate": rate})
    return made


def remove(session: Session, organisation: Organisation, kind: str, first: date, *, by) -> None:
    """Take a row out of the table. Nothing happens when it is gone."""
    for row in _own(session, organisation):
        if row.kind == kind and row.first == first:
            session.delete(row)
            _record(session, organisation, by, {"kind": kind, "first": first.isoformat(), "was": row.rate})
    session.flush()


def _own(session: Session, organisation: Organisation) -> list[InterestRate]:
    """The organisation's own rows, copied from the country's at the first change."""
    lock_organisation(session, organisation.id)
    found = list(session.scalars(select(InterestRate).where(InterestRate.organisation_id == organisation.id)))
    if not found:
        found = [
            InterestRate(organisation_id=organisation.id, kind=row.kind, first=row.first, rate=row.rate, source=row.source)
            for row in of_country(organisation.country)
        ]
        session.add_all(found)
        session.flush()
    return found


def _record(session: Session, organisation: Organisation, by, facts: dict) -> None:
    audit.record(session, "interest_rates_changed", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)


def agree(session: Session, account: Account, first: date, rate: int | None, reason: str, *, by) -> HolderRate:
    """A rate of an account's holder from a day; 0 for no interest, None: the table again. BadRate."""
    if rate is not None and not 0 <= rate <= MOST:
        raise BadRate()
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    row = session.scalar(select(HolderRate).where(HolderRate.account_id == account.id, HolderRate.first == first))
    row = row or HolderRate(account_id=account.id, first=first)
    row.rate, row.reason = rate, reason
    session.add(row)
    session.flush()
    facts = {"first": first.isoformat(), "rate": rate}
    audit.record(session, "holder_rate_changed", by=by, organisation_id=account.creditor_id, thing=account, facts=facts)
    return row


def agreed(session: Session, account_id: int) -> list[HolderRate]:
    """What was agreed with an account's holder, the latest first."""
    return list(session.scalars(select(HolderRate).where(HolderRate.account_id == account_id).order_by(HolderRate.first.desc())))
