"""A bank's file in the demo: payments without a reference, two that wait for the desk and one that is nobody's here."""

import hashlib
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..banking import deciding, likeness
from ..banking.bank_account import BankAccount
from ..banking.bank_file import BankCredit, BankFile
from ..banking.statement import Movement
from ..money.invoice import Invoice, Series, number_text
from ..money.ledger import Item, OpenItem
from .estate import Came, Dwelling, Site
from .rows import instant, one

FORMAT = "camt.053"


def receive(session: Session, site: Site, account: BankAccount) -> None:
    """A file of yesterday. The first is what the last home that owes something owes by one invoice, the second names another's."""
    session.flush()
    day, owed = site.today - timedelta(days=1), _owed(session, site)
    amounts = [amount for _home, amount, _number in owed] + [18_400]
    credits = list(zip(site.estate.came, amounts, strict=True))
    whole = sum(amounts)
    counts = {"payments": 3, "kept": 3, "new": 3, "waiting": 3, "proved": 2, "sum": whole, "new_sum": whole, "waiting_sum": whole}
    came_at = instant(site.today, site.tz, 0, 1)
    file = one(
        session, BankFile, organisation_id=site.id, file_name=f"{account.number[-6:]}-{day:%Y%m%d}.xml", format=FORMAT, size=4_310,
        sha256=hashlib.sha256(f"demo {account.number} {day}".encode()).hexdigest(), state="done", person_id=_staff(site),
        counts=counts, at=came_at, begun_at=came_at, ended_at=came_at,
    )  # fmt: skip
    for place, (came, amount) in enumerate(credits, 1):
        home, _amount, number = owed[min(place, len(owed)) - 1]
        movement = Movement(
            place, place, account.number, amount, account.currency, day, day, own=f"D{site.id}{day:%y%m%d}{place:03d}",
            text=came.text.format(number=number), payer=came.payer or _holder(site, home), payer_account=came.account,
        )  # fmt: skip
        _keep(session, file, account, movement, came)


def _keep(session: Session, file: int, account: BankAccount, movement: Movement, came: Came) -> None:
    look = likeness.seen(movement, FORMAT, account.id)
    id = one(
        session, BankCredit, file_id=file, place=movement.place, bank_account_id=account.id, kind="credit",
        amount=movement.amount, value_day=movement.value_day, booked_day=movement.booked_day, format=look.format, own=look.own,
        print=look.print, text=movement.text, payer=movement.payer, payer_account=movement.payer_account, state="waiting",
        why="none",
    )  # fmt: skip
    if came.aside:
        deciding.set_aside(session, session.get_one(BankCredit, id), came.aside, by=None)


def _owed(session: Session, site: Site) -> list[tuple[Dwelling, int, str]]:
    """Of the last two homes that owe something and do not sign in: (home, what is open of the newest invoice, its number)."""
    rows = (
        select(Invoice.account_id, OpenItem.amount, Series.year, Invoice.number)
        .join(Item, Item.id == OpenItem.item_id)
        .join(Invoice, Invoice.id == Item.invoice_id)
        .join(Series, Series.id == Invoice.series_id)
        .where(Invoice.creditor_id == site.id)
        .order_by(Invoice.id)
    )
    newest = {account: (amount, number_text(year, number, None)) for account, amount, year, number in session.execute(rows)}
    owing = [
        (dwelling, *newest[hold.account_id])
        for dwelling in site.dwellings
        for hold in dwelling.holds
        if hold.on(site.today) and hold.account_id in newest and not dwelling.signs_in
    ]
    return owing[:-3:-1]


def _holder(site: Site, dwelling: Dwelling) -> str:
    return dwelling.hold(site.today).people[0].name.full


def _staff(site: Site) -> int:
    return next(site.officers[role].id for role in ("office", "manager") if role in site.officers)
