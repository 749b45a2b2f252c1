"""A bank's file, from its octets to payments: read to its end and proved, then read again and kept, matched, each payment once.

Nothing is kept before the whole file has proved itself. Then everything is written in transactions of a few hundred rows; a run
that was killed is begun again and finds what it kept by its place in the file. Until then movements wait in a nameless file: a
bank's XML takes longer to read than to write.
"""

import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import Session

from ..db import Database
from ..homes.organisation import Organisation
from ..money.account import Account, Reference
from ..money.settling import batched, summed
from . import bank_account, payout, payout_account, posting
from .bank_account import BankAccount
from .bank_file import BankCredit, BankFile, PayerAccount
from .likeness import Sighting, Taken, family_of, seen
from .matching import Known, Match, match
from .recognising import Reader
from .statement import FileRefused, Movement, Told

CHUNK = 500
# In the transaction that writes; how far the work is.
Along = Callable[[Session, dict], None]


@dataclass(slots=True)
class Taking:
    """One file on its way."""

    db: Database
    organisation: Organisation
    file: BankFile
    path: Path
    reader: Reader
    by: object = None
    along: Along = lambda _session, _counts: None
    told: Told = field(default_factory=Told)
    accounts: dict[str, BankAccount] = field(default_factory=dict)
    payouts: frozenset[str] = frozenset()
    counts: Counter = field(default_factory=Counter)


def take(taking: Taking) -> dict:
    """What became of the file (BankFile.counts). FileRefused, and then nothing was kept."""
    with tempfile.TemporaryFile() as waiting:
        _prove(taking, waiting)
        _keep(taking, waiting)
    if taking.counts["payouts"]:
        with taking.db.writing() as session:
            payout.settle(session, taking.organisation, taking.file.id)
    ids = {account.id for account in taking.accounts.values()}
    with taking.db.reading() as session:
        left = posting.left(session, ids)
    # What a file that stopped had kept is no news in this one: it is booked from there.
    for file_id in (*left, taking.file.id):
        posting.post(taking.db, file_id, by=taking.by, along=lambda session, n: _note(taking, session, "booked", n))
    with taking.db.writing() as session:
        posting.told(session, ids)
    posting.take_back(taking.db, ids, by=taking.by)
    _left(taking)
    return dict(taking.counts)


def _left(taking: Taking) -> None:
    """What waits of the file now: some of it was what the bank took back, or the sum of payments that are told."""
    waits = select(func.count(), summed(BankCredit.amount)).where(
        BankCredit.file_id == taking.file.id, BankCredit.state == "waiting"
    )
    with taking.db.reading() as session:
        taking.counts["waiting"], taking.counts["waiting_sum"] = map(int, session.execute(waits).one())


def _prove(taking: Taking, waiting: BinaryIO) -> None:
    """Read all of it, and look whose accounts it is about. FileRefused."""
    told = taking.told = Told()
    with taking.db.reading() as session:
        known = bank_account.of(session, taking.organisation.id)
    for chunk in batched(taking.reader(taking.path, told), CHUNK):
        for movement in chunk:
            account = _ours(known, taking.accounts, movement.account, movement.currency, line=movement.line)
            if not account.first <= movement.booked_day <= (account.last or movement.booked_day):
                raise FileRefused(why="ended", account=account.number, line=movement.line, day=movement.booked_day.isoformat())
        pickle.dump(chunk, waiting)
    for number, currency in told.accounts.items():
        _ours(known, taking.accounts, number, currency)
    taking.counts.update(
        payments=told.movements, sum=told.incoming, outgoing=told.outgoing, pending=told.pending, proved=told.proved
    )


def _waiting(file: BinaryIO) -> Iterator[list[Movement]]:
    file.seek(0)
    while file.peek(1):
        yield pickle.load(file)  # noqa: S301 – this process wrote it, and it has no name


def _ours(known: list[BankAccount], found: dict, number: str, currency: str, **where) -> BankAccount:
    if number not in found:
        account = next((one for one in known if one.called(number)), None)
        if account is None:
            raise FileRefused(why="foreign", account=number, **where)
        found[number] = account
    account = found[number]
    if currency and currency != account.currency:
        raise FileRefused(why="currency", currency=currency, should=account.currency, **where)
    return account


# ---- Keeping ---------------------------------------------------------------------------------------------------------


def _keep(taking: Taking, waiting: BinaryIO) -> None:
    with taking.db.reading() as session:
        known = references(session, taking.organisation, taking.accounts.values())
        taking.payouts = payout_account.numbers(session, taking.organisation.id)
        here = BankCredit.file_id == taking.file.id
        stored = set(session.scalars(select(BankCredit.place).where(here)))
        taking.counts["booked"] = session.scalar(select(func.count()).where(here, BankCredit.state == "booked"))
    payments, batches = Taken(), Taken()
    for chunk in _waiting(waiting):
        with taking.db.turn() as session:
            fresh = _fresh(session, taking, chunk, stored, payments, batches)
            rows = [_row(session, taking, movement, known) for movement in fresh]
            if rows:
                session.execute(insert(BankCredit.__table__), rows)
            _count(taking, chunk, fresh, rows, stored)
            taking.along(session, dict(taking.counts))


def references(session: Session, organisation: Organisation, accounts: Iterable[BankAccount]) -> dict[int, Known]:
    """By bank account: the references that lead to the organisation's billing accounts, and nobody else's."""
    rows = session.execute(
        select(Reference.scheme, Reference.value, Reference.account_id).where(Reference.creditor_id == organisation.id)
    ).all()
    if organisation.country == "RU":
        numbers = select(Account.number, Account.id).where(Account.creditor_id == organisation.id, Account.number.is_not(None))
        rows = [("number", number, id) for number, id in session.execute(numbers)] + list(rows)
    by_pattern = {}
    for account in accounts:
        if account.pattern not in by_pattern:
            by_pattern[account.pattern] = Known.of(organisation.country, rows, account.pattern)
    return {account.id: by_pattern[account.pattern] for account in accounts}


def _fresh(session: Session, taking: Taking, chunk: list[Movement], stored: set, payments: Taken, batches: Taken) -> list[Movement]:
    """Those of a chunk that no file brought before. Two files of one bank account wait for each other here."""
    ids = sorted({taking.accounts[movement.account].id for movement in chunk})
    session.execute(select(BankAccount.id).where(BankAccount.id.in_(ids)).order_by(BankAccount.id).with_for_update())
    chunk = [movement for movement in chunk if movement.place not in stored]
    looks = [seen(movement, taking.told.format, taking.accounts[movement.account].id) for movement in chunk]
    rows = list(_alike(session, taking.file.id, ids, looks))
    # An entry that told nothing of its payment and was decided about: the payment itself is no news.
    payments.begin((row.id, sighting) for row, sighting in rows if row.kind != "batch" or row.state not in ("waiting", "told"))
    batches.begin((row.id, sighting) for row, sighting in rows if row.kind == "batch")
    # Sums that were decided about as they stood: their payments are no news.
    closed = {
        (row.bank_account_id, row.entry)
        for row, _ in rows
        if row.kind == "batch" and row.entry and row.state in ("booked", "aside")
    }
    found = []
    for movement, look in zip(chunk, looks, strict=True):
        if movement.kind == "batch":
            known = batches.find(look) is not None or _told_already(session, look)
            known = known or (not movement.several and payments.find(look) is not None)
        else:
            known = payments.find(look) is not None or (bool(look.entry) and (look.family[0], look.entry) in closed)
        if not known:
            found.append(movement)
    return found


def _alike(session: Session, file_id: int, ids: list[int], looks: list[Sighting]) -> Iterator[tuple]:
    """Payments of other files that share an id or the look with one of these."""
    wanted = {
        BankCredit.own: {one.own for one in looks} | {one.entry for one in looks},
        BankCredit.entry: {one.own for one in looks} | {one.entry for one in looks},
        BankCredit.end_to_end: {one.end_to_end for one in looks},
        BankCredit.print: {one.print for one in looks},
    }
    columns = (
        BankCredit.id, BankCredit.bank_account_id, BankCredit.booked_day, BankCredit.amount, BankCredit.format, BankCredit.own,
        BankCredit.entry, BankCredit.end_to_end, BankCredit.print, BankCredit.kind, BankCredit.state,
    )  # fmt: skip
    if not looks:
        return
    # The account in each arm, so that each has its index.
    here = BankCredit.bank_account_id.in_(ids)
    shared = or_(*(and_(here, column.in_(values - {""})) for column, values in wanted.items() if values - {""}))
    for row in session.execute(select(*columns).where(BankCredit.file_id != file_id, shared)):
        family = (row.bank_account_id, row.booked_day, row.amount)
        yield row, Sighting(family, row.format, row.own or "", row.entry or "", row.end_to_end or "", row.print)


def _told_already(session: Session, look: Sighting) -> bool:
    """Did another file tell the payments that this sum is of?"""
    account_id, booked_day, amount = look.family
    return bool(look.entry) and posting.sum_of_entry(session, account_id, look.entry, booked_day) == amount


def _row(session: Session, taking: Taking, movement: Movement, known: dict[int, Known]) -> dict:
    account = taking.accounts[movement.account]
    state, why, found = _decided(session, taking, account, movement, known[account.id])
    look = seen(movement, taking.told.format, account.id)
    return {
        "file_id": taking.file.id, "place": movement.place, "bank_account_id": account.id, "kind": movement.kind,
        "amount": movement.amount, "value_day": movement.value_day, "booked_day": movement.booked_day,
        "format": family_of(taking.told.format), "own": movement.own or None, "entry": movement.entry or None,
        "end_to_end": movement.end_to_end or None, "print": look.print,
        "reference": " ".join(filter(None, (*movement.references, movement.virtual)))[:120] or None, "text": movement.text,
        "payer": movement.payer, "payer_account": movement.payer_account or None, "state": state, "why": why,
        "account_id": found.account_id, "how": found.how or None,
        "parts": [[found.account_id, movement.amount]] if found.account_id else None, "round": 1,
    }  # fmt: skip


def _decided(session: Session, taking: Taking, account: BankAccount, movement: Movement, known: Known) -> tuple:
    if movement.kind == "reversal":
        return "waiting", "reversal", Match()
    # Whatever its text says: what residents paid to the service is booked already.
    if movement.payer_account in taking.payouts:
        return "aside", "payout", Match()
    if movement.kind == "batch" and movement.several:
        return "waiting", "batch", Match()
    found = match(known, movement.references, movement.virtual, movement.text)
    if found.account_id:
        return "matched", None, found
    if found.found:
        return "waiting", "several", Match()
    if account.trusts_payers and movement.payer_account and not found.unknown:
        payer = payers(session, taking.organisation.id, movement.payer_account)
        if len(payer) == 1:
            return "matched", None, Match(payer[0], "payer")
    return "waiting", "unknown" if found.unknown else "none", Match()


def payers(session: Session, organisation_id: int, number: str) -> list[int]:
    """The billing accounts for which was paid from an account."""
    known = PayerAccount.organisation_id == organisation_id, PayerAccount.number == number
    return list(session.scalars(select(PayerAccount.account_id).where(*known).order_by(PayerAccount.account_id)))


def _count(taking: Taking, chunk: list[Movement], fresh: list[Movement], rows: list[dict], stored: set) -> None:
    before = sum(movement.place in stored for movement in chunk)
    waiting = [row for row in rows if row["state"] == "waiting"]
    payouts = [row for row in rows if row["why"] == "payout"]
    taking.counts.update(
        kept=len(chunk), new=before + len(fresh), new_sum=sum(movement.amount for movement in fresh),
        known=len(chunk) - before - len(fresh), waiting=len(waiting), waiting_sum=sum(row["amount"] for row in waiting),
        payouts=len(payouts), payouts_sum=sum(row["amount"] for row in payouts),
    )  # fmt: skip


def _note(taking: Taking, session: Session, name: str, number: int) -> None:
    taking.counts[name] += number
    taking.along(session, dict(taking.counts))
