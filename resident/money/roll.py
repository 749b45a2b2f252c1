"""The roll of invoices as the desk walks it: newest first, filtered, page by page from an index."""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select, tuple_
from sqlalchemy.orm import Session

from .. import access
from ..homes import search
from ..homes.building import Unit
from ..people.person import Person
from ..people.tenure import Holding, Party
from .account import Account
from .invoice import Invoice, Series, number_text
from .ledger import Item, OpenItem
from .sheet import state, with_state

ROWS = 50
STATES = ("overdue", "open", "paid")


@dataclass(frozen=True, slots=True)
class Filters:
    """organisation is always one: its index gives the order. month "2026-10", state one of STATES, "" for all."""

    organisation: int
    building: int | None = None
    month: str = ""
    state: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    number: str
    kind: str
    month: str
    issued: date
    due: date
    total: int
    currency: str
    addressee: dict
    open: int | None
    state: str


_COLUMNS = (
    Invoice.id, Series.year, Invoice.number, Invoice.foreign_number, Series.prefix, Invoice.kind, Invoice.month, Invoice.issued,
    Invoice.due, Invoice.total, Invoice.currency, Invoice.addressee, Item.id, Item.effective_due, OpenItem.amount,
)  # fmt: skip


def page(session: Session, viewer: access.Viewer, filters: Filters, today: date, after=None) -> tuple[list[Row], tuple | None]:
    """Fifty rows, and the key (issued, id) of the last one when more follow. after: such a key."""
    rows = session.execute(statement(session, viewer, filters, today, after)).all()
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    return [_row(row, today) for row in rows[:ROWS]], (last.issued, last.id) if last else None


def statement(session: Session, viewer: access.Viewer, filters: Filters, today: date, after=None) -> Select:
    listed = with_state(access.visible_invoices(viewer, at_desk=True)).with_only_columns(*_COLUMNS)
    listed = listed.where(Invoice.creditor_id == filters.organisation, *_narrowed(filters, today))
    if filters.text:
        listed = listed.where(_matching(session, viewer, filters))
    if after:
        listed = listed.where(tuple_(Invoice.issued, Invoice.id) < tuple_(*after))
    return listed.order_by(Invoice.issued.desc(), Invoice.id.desc()).limit(ROWS + 1)


def _narrowed(filters: Filters, today: date) -> list:
    parts = []
    if filters.building:
        held = select(Holding.tenure_id).join(Unit, Unit.id == Holding.unit_id).where(Unit.building_id == filters.building)
        parts.append(or_(Account.building_id == filters.building, Account.tenure_id.in_(held)))
    if filters.month:
        parts.append(Invoice.month == filters.month)
    if filters.state == "paid":
        parts += [Item.id.is_not(None), OpenItem.item_id.is_(None)]
    elif filters.state:
        parts.append(OpenItem.due < today if filters.state == "overdue" else OpenItem.item_id.is_not(None))
    return parts


def _matching(session: Session, viewer: access.Viewer, filters: Filters):
    """An invoice number, or whatever the search of the register finds: a home, a name, an account, a reference."""
    own = re.fullmatch(r"\D*?(\d{4})-0*(\d{1,9})", filters.text)
    parts = [Invoice.foreign_number == filters.text]
    if own:
        of_year = select(Series.id).where(Series.creditor_id == filters.organisation, Series.year == int(own[1]))
        parts.append(Invoice.series_id.in_(of_year) & (Invoice.number == int(own[2])))
    found = search.find(session, viewer, filters.text)
    units = [hit.unit_id for hit in found.homes]
    persons = [hit.id for hit in found.persons if not hit.undisclosed]
    tenures = select(Holding.tenure_id).where(Holding.unit_id.in_(units))
    accounts = select(Account.id).where(
        or_(Account.tenure_id.in_(tenures), Account.tenure_id.in_(select(Party.tenure_id).where(Party.person_id.in_(persons))))
    )
    return or_(*parts, Invoice.account_id.in_(accounts)) if units or persons else or_(*parts)


def _row(row, today: date) -> Row:
    id, year, number, foreign, prefix, kind, month, issued, due, total, currency, addressee, item, last_day, amount = row
    left = None if item is None else amount or 0
    stands = state(total, left, last_day or due, today)
    return Row(
        id, number_text(year, number, foreign, prefix or ""), kind, month, issued, due, total, currency, addressee, left, stands
    )


def undisclosed(session: Session, viewer: access.Viewer, organisation_id: int, addressees: list[dict]) -> set[int]:
    """Of the persons that invoices are made out to, those whose name and home these posts do not see together."""
    ids = {addressee.get("person_id") for addressee in addressees} - {None}
    if not ids or access.may_see_contacts(viewer, organisation_id, undisclosed=True):
        return set()
    return set(session.scalars(select(Person.id).where(Person.id.in_(ids), Person.non_disclosure)))
