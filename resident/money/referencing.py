"""References of new accounts, by the country of the creditor (rule 31): one for good, known at once to whoever matches payments.

Finland and Estonia: digits with the check digit 7-3-1, printed so or as RF. Poland: an account number of one's own by the bank's
template. Russia: the personal account. What the state gives to an account (ЕЛС, ЖКУ) is stored beside it.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from .. import audit, clock
from ..db import lasts
from ..errors import ResidentError
from ..homes import setting
from ..homes.organisation import Organisation, lock_organisation
from . import references
from .account import Account, Reference
from .settling import batched

SCHEMES = {"FI": "7-3-1", "EE": "7-3-1", "PL": "virtual", "RU": "personal"}
STATE = ("els", "zku")
CHUNK = 500
# What stands beside the reference by which an account is known: an invoice's own, and the state's numbers.
ASIDE = ("invoice", *STATE)


class NoTemplate(ResidentError):
    """The bank's template of account numbers is not set, or has no room for one more."""


class BadNumber(ResidentError):
    """Not shaped as the state's numbers are, or another account's: scheme, why (shape | taken)."""


def give(session: Session, account: Account, *, by=None) -> str:
    """The account's reference; made when it has none. NoTemplate."""
    creditor = session.get(Organisation, account.creditor_id)
    made = give_all(session, creditor, [account.id], clock.today(creditor.tz))
    value = permanent(session, [account.id]).get(account.id)
    if value is None:
        raise NoTemplate()
    if made:
        audit.record(session, "reference_given", by=by, organisation_id=creditor.id, thing=account)
    session.refresh(account)
    session.flush()
    return value


def give_all(session: Session, creditor, account_ids: list[int], first: date) -> int:
    """Give each of a creditor's accounts that has none its reference, from a day; how many. Unique with the creditor. In Poland
    none is given while there is no template. creditor: an organisation, with id and country. Whoever runs the batch says so.
    """
    # Two who give references of one creditor meet here on PostgreSQL.
    lock_organisation(session, creditor.id)
    known = permanent(session, account_ids)
    template = setting.in_force(session, creditor.id, creditor.country, first)["account_template"]
    wanting = [id for id in account_ids if id not in known]
    given = _free(session, creditor, template, wanting)
    scheme = SCHEMES[creditor.country]
    rows = [
        {"creditor_id": creditor.id, "scheme": scheme, "value": given[id], "account_id": id, "first": first}
        for id in wanting
        if id in given
    ]
    if rows:
        session.execute(insert(Reference.__table__), rows)
    # In Russia the personal account is the number by which the resident knows it.
    _number(session, creditor, wanting, given if creditor.country == "RU" else {})
    return len(rows)


def _number(session: Session, creditor, account_ids: list[int], given: dict[int, str]) -> None:
    """Number the accounts that have no number: what was given, else the first value made of the database's that nobody of the
    creditor has. It is the part of the reference that a resident can say on the telephone."""
    left = []
    for ids in batched(account_ids, CHUNK):
        left += session.scalars(select(Account.id).where(Account.id.in_(ids), Account.number.is_(None)))
    made, step = {id: given[id] for id in left if id in given}, 0
    while left := [id for id in left if id not in made]:
        found = {id: _base(creditor.country, id, step) for id in left}
        taken = set(made.values())
        for values in batched(found.values(), CHUNK):
            taken |= set(_named(session, creditor, Account.number.in_(values)).values())
        _keep_free(made, found, taken)
        step += 1
    if made:
        own = update(Account.__table__).where(Account.id == bindparam("which"))
        session.execute(own.values(number=bindparam("value")), [{"which": id, "value": value} for id, value in made.items()])


def _taken(session: Session, creditor_id: int, values: Iterable[str]) -> set[str]:
    """Those of the values that are references of the creditor's already."""
    found = set()
    for some in batched(values, CHUNK):
        found.update(
            session.scalars(select(Reference.value).where(Reference.creditor_id == creditor_id, Reference.value.in_(some)))
        )
    return found


def _named(session: Session, creditor, *which) -> dict[int, str]:
    """Of a creditor's accounts: what each is known by. In Russia that is what a resident pays by."""
    rows = select(Account.id, Account.number).where(Account.creditor_id == creditor.id, Account.number.is_not(None))
    return dict(session.execute(rows.where(*which)).all())


def permanent(session: Session, account_ids: Iterable[int], day: date | None = None) -> dict[int, str]:
    """By account: the reference by which it is known, the one that was given last of several; on a day, or without an end."""
    lasting = Reference.last.is_(None) if day is None else lasts(Reference, day)
    rows = select(Reference.account_id, Reference.value).where(
        Reference.account_id.in_(list(account_ids)), Reference.scheme.not_in(ASIDE), lasting
    )
    return dict(session.execute(rows.order_by(Reference.first, Reference.id)).all())


def on_invoices(session: Session, account_ids: Iterable[int], day: date) -> dict[int, str]:
    """By account: what an invoice to be made on a day prints. The account's reference or, by the setting reference_per_invoice,
    a new one of the invoice's own beside it; in the form of the setting reference_form. All of one creditor.
    """
    found = permanent(session, account_ids, day)
    creditor = session.scalar(select(Organisation).join(Account).where(Account.id.in_(list(found)[:1])))
    if creditor is None or SCHEMES[creditor.country] != "7-3-1":
        return found
    settings = setting.in_force(session, creditor.id, creditor.country, day)
    if settings["reference_per_invoice"]:
        found = _of_invoices(session, creditor.id, found, day)
    return {id: references.rf(value) for id, value in found.items()} if settings["reference_form"] == "rf" else found


def _of_invoices(session: Session, creditor_id: int, known: dict[int, str], day: date) -> dict[int, str]:
    """The account's digits and a running number of its invoices: a payment by it finds the account."""
    lock_organisation(session, creditor_id)
    given = select(Reference.account_id, func.count()).where(Reference.account_id.in_(known), Reference.scheme == "invoice")
    counts = dict(session.execute(given.group_by(Reference.account_id)).all())
    made, left, step = {}, list(known), 1
    while left:
        found = {id: _with_731(f"{known[id][:-1][-15:]}{counts.get(id, 0) + step:04d}") for id in left}
        taken = _taken(session, creditor_id, found.values()) | set(made.values())
        _keep_free(made, found, taken)
        left, step = [id for id in left if id not in made], step + 1
    rows = [
        {"creditor_id": creditor_id, "scheme": "invoice", "value": own, "account_id": id, "first": day} for id, own in made.items()
    ]
    if rows:
        session.execute(insert(Reference.__table__), rows)
    return made


def _free(session: Session, creditor, template: str, account_ids: list[int]) -> dict[int, str]:
    """By account: its own number where residents pay by that, else the first value made of its number in the database that nobody
    of the creditor has; none without a template, or room in it. Asked for many at once: a creditor may have a million."""
    made: dict[int, str] = {}
    if creditor.country == "RU":
        own: dict[int, str] = {}
        for ids in batched(account_ids, CHUNK):
            own |= _named(session, creditor, Account.id.in_(ids))
        _keep_free(made, own, _taken(session, creditor.id, own.values()))
    left = [id for id in account_ids if id not in made]
    for step in range(1000):
        found = {id: value for id in left if (value := _made(creditor.country, template, id, step))}
        if not found:
            break
        taken = _taken(session, creditor.id, found.values()) | set(made.values())
        if creditor.country == "RU":
            for values in batched(found.values(), CHUNK):
                taken |= set(_named(session, creditor, Account.number.in_(values)).values())
        _keep_free(made, found, taken)
        left = [id for id in found if id not in made]
    return made


def _keep_free(made: dict[int, str], found: dict[int, str], taken: set[str]) -> None:
    """Each the value that was found for it, unless that is taken, by one before it too."""
    for id, value in found.items():
        if value not in taken:
            taken.add(value)
            made[id] = value


def _made(country: str, template: str, account_id: int, step: int) -> str | None:
    base = _base(country, account_id, step)
    if country == "PL":
        try:
            return references.virtual_account(template, int(base))
        except ValueError:
            return None
    return base if country == "RU" else _with_731(base)


def _base(country: str, account_id: int, step: int) -> str:
    # What was imported may lie where ours would: then a digit more stands before it.
    digits = f"{step or ''}{account_id:06d}"
    return digits.rjust(10, "0") if country == "RU" else digits if country == "PL" else f"1{digits}"


def _with_731(base: str) -> str:
    return base + references.check_digit(base)


# ---- What the state gives ----------------------------------------------------------------------------------------------


def state_numbers(session: Session, account_id: int) -> dict[str, str]:
    """{"els", "zku"} of an account, as far as they are known."""
    rows = select(Reference.scheme, Reference.value).where(
        Reference.account_id == account_id, Reference.scheme.in_(STATE), Reference.last.is_(None)
    )
    return dict(session.execute(rows).all())


def put_state_numbers(session: Session, account: Account, given: dict[str, str], *, by) -> None:
    """Store what the state's system gave; "" takes one away. given: {"els", "zku"}. BadNumber, by the first that is wrong."""
    lock_organisation(session, account.creditor_id)
    for scheme, value in given.items():
        if value and not references.is_state_number(scheme, value):
            raise BadNumber(scheme=scheme, why="shape")
    rows = select(Reference).where(Reference.account_id == account.id, Reference.scheme.in_(STATE))
    known = {row.scheme: row for row in session.scalars(rows)}
    changed = False
    for scheme, value in given.items():
        changed |= _put(session, account, scheme, value, known.get(scheme))
    if changed:
        session.flush()
        audit.record(session, "reference_given", by=by, organisation_id=account.creditor_id, thing=account)
        session.flush()


def _put(session: Session, account: Account, scheme: str, value: str, known: Reference | None) -> bool:
    if value == (known.value if known else ""):
        return False
    if value:
        other = select(Reference.account_id).where(
            Reference.creditor_id == account.creditor_id, Reference.scheme == scheme, Reference.value == value
        )
        if session.scalar(other.limit(1)) is not None:
            raise BadNumber(scheme=scheme, why="taken")
    if known and value:
        known.value = value
    elif known:
        session.delete(known)
    else:
        first = clock.today(session.get(Organisation, account.creditor_id).tz)
        session.add(
            Reference(creditor_id=account.creditor_id, scheme=scheme, value=value, account_id=account.id, first=first, last=None)
        )
    return True
