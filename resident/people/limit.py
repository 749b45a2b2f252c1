"""Limits on sign-in, kept in the database so that they survive a restart, checked before anything is hashed (S11).

A bucket counts failures in a window of time. It never locks for good: when the window has passed it is empty again,
so an outsider can delay an account's owner but not shut them out.
"""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from .. import clock
from ..db import Base, UTCTime
from ..errors import TooMany
from .token import digest

# kind: (failures, within)
BUCKETS = {
    "account": (10, timedelta(minutes=15)),
    "address": (30, timedelta(minutes=15)),
    "all": (600, timedelta(minutes=15)),
    # A browser that the account was used in before: whatever strangers try elsewhere does not keep its owner out.
    "device": (10, timedelta(minutes=15)),
    # Second factors, of a login whose password is known: a million codes, three of them good at once.
    "second": (5, timedelta(minutes=15)),
    "second_day": (30, timedelta(days=1)),
    # Mails that anybody can order for a name or an address: links for a new password, confirmations of a registration.
    "mail_account": (4, timedelta(hours=1)),
    "mail_address": (12, timedelta(hours=1)),
    "mail_all": (300, timedelta(hours=1)),
    # Readings sent by one link, and by all links from an address: a telephone company has many behind one.
    "entry": (30, timedelta(hours=1)),
    "entry_address": (600, timedelta(minutes=15)),
    # Wrong guesses of a home and its meter at a poster: from an address, and of the poster's building (rule 43).
    "poster_address": (10, timedelta(minutes=15)),
    "poster": (60, timedelta(minutes=15)),
    # Readings that come without a page: from a login's phones, with a machine's key, and with keys that are none from an address.
    "slip": (100, timedelta(days=1)),
    "machine": (120, timedelta(hours=1)),
    "machine_address": (30, timedelta(minutes=15)),
    # Payments that somebody sets out to make; words in a provider's name that are not its own, from an address.
    "payment": (20, timedelta(hours=1)),
    "payment_address": (60, timedelta(minutes=15)),
}


class Limit(Base):
    __tablename__ = "sign_in_limit"

    # kind and a hash of the name or address: the table tells nobody who tried.
    bucket: Mapped[str] = mapped_column(String(80), primary_key=True)
    since: Mapped[object] = mapped_column(UTCTime)
    failures: Mapped[int]


def _names(account: str, address: str, device_id: int | None = None) -> dict[str, str]:
    names = {"address": f"address:{digest(address)[:32]}"}
    if device_id is not None:
        return names | {"device": f"device:{device_id}"}
    return names | {"account": f"account:{digest(account)[:32]}", "all": "all"}


def check(session: Session, account: str, address: str, device_id: int | None = None) -> None:
    """TooMany(retry_after) when a bucket is full: the account's, the address's, everybody's. device_id: of a browser that the
    account was used in before (device.known); it has a bucket of its own instead of the account's and everybody's."""
    _check(session, _names(account, address, device_id))


def _check(session: Session, names: dict[str, str]) -> None:
    rows = {row.bucket: row for row in session.scalars(select(Limit).where(Limit.bucket.in_(names.values())))}
    waits = []
    for kind, name in names.items():
        (most, within), row = BUCKETS[kind], rows.get(name)
        if row and row.failures >= most and row.since + within > clock.now():
            waits.append(row.since + within - clock.now())
    if waits:
        raise TooMany(retry_after=int(max(waits).total_seconds()) + 1)


def count(session: Session, account: str, address: str, device_id: int | None = None) -> None:
    """One more failure in the buckets that check() asks."""
    _count(session, _names(account, address, device_id))


def _count(session: Session, names: dict[str, str]) -> None:
    for kind, name in names.items():
        within, row = BUCKETS[kind][1], _locked(session, name)
        if row.since + within <= clock.now():
            row.since, row.failures = clock.now(), 1
        else:
            row.failures += 1
    session.flush()


def _locked(session: Session, bucket: str) -> Limit:
    """The row of a bucket. Two first failures at once make one row, where writers do not queue."""
    row = session.get(Limit, bucket, with_for_update=True)
    if row is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(Limit(bucket=bucket, since=clock.now(), failures=0))
        row = session.get(Limit, bucket, with_for_update=True, populate_existing=True)
    return row


def forget(session: Session, account: str, device_id: int | None = None) -> None:
    """The bucket of the account, or of its known browser, is emptied by its owner's success."""
    names = _names(account, "", device_id)
    session.execute(delete(Limit).where(Limit.bucket == names["account" if device_id is None else "device"]))


def _second(login_id: int) -> dict[str, str]:
    return {kind: f"{kind}:{login_id}" for kind in ("second", "second_day")}


def check_second(session: Session, login_id: int) -> None:
    """TooMany(retry_after) when too many second factors of this login were wrong."""
    _check(session, _second(login_id))


def count_second(session: Session, login_id: int) -> None:
    _count(session, _second(login_id))


def forget_second(session: Session, login_id: int) -> None:
    """Emptied by a factor that holds; those of the day stay, so that a known factor buys no more guesses."""
    session.execute(delete(Limit).where(Limit.bucket == _second(login_id)["second"]))


def take_mail(session: Session, account: str, address: str) -> None:
    """One mail more for what somebody typed, known or not, from an address. TooMany(retry_after) when it would be too many."""
    digested = _names(account, address)
    names = {
        "mail_account": f"mail_{digested['account']}", "mail_address": f"mail_{digested['address']}", "mail_all": "mail_all",
    }  # fmt: skip
    _take(session, names)


def take_slip(session: Session, login_id: int) -> None:
    """One sending more from the phones of a login. TooMany(retry_after)."""
    _take(session, {"slip": f"slip:{login_id}"})


def take_machine(session: Session, key_id: int) -> None:
    """One sending more with a machine's key. TooMany(retry_after)."""
    _take(session, {"machine": f"machine:{key_id}"})


def check_machine(session: Session, address: str) -> None:
    """TooMany(retry_after) when an address sent too many keys that were none."""
    _check(session, _strange(address))


def count_machine(session: Session, address: str) -> None:
    _count(session, _strange(address))


def _strange(address: str) -> dict[str, str]:
    return {"machine_address": f"machine_address:{digest(address)[:32]}"}


def take_payment(session: Session, login_id: int) -> None:
    """One payment more that a login sets out to make. TooMany(retry_after)."""
    _take(session, {"payment": f"payment:{login_id}"})


def check_payment(session: Session, address: str) -> None:
    """TooMany(retry_after) when an address sent too many words that were no provider's."""
    _check(session, _forged(address))


def count_payment(session: Session, address: str) -> None:
    _count(session, _forged(address))


def _forged(address: str) -> dict[str, str]:
    return {"payment_address": f"payment_address:{digest(address)[:32]}"}


def _take(session: Session, names: dict[str, str]) -> None:
    _check(session, names)
    _count(session, names)


def take_entry(session: Session, link: str, address: str) -> None:
    """One sending more by a link. TooMany(retry_after) when it would be too many."""
    names = {"entry": f"entry:{digest(link)[:32]}", "entry_address": f"entry_address:{digest(address)[:32]}"}
    _check(session, names)
    _count(session, names)


def check_poster(session: Session, poster: str, address: str) -> None:
    """TooMany(retry_after) when too many guesses were wrong."""
    _check(session, _poster(poster, address))


def count_poster(session: Session, poster: str, address: str) -> None:
    _count(session, _poster(poster, address))


def _poster(poster: str, address: str) -> dict[str, str]:
    return {"poster": f"poster:{digest(poster)[:32]}", "poster_address": f"poster_address:{digest(address)[:32]}"}


def sweep(session: Session) -> None:
    session.execute(delete(Limit).where(Limit.since < clock.now() - timedelta(days=1)))
