"""All that recurs: what is cleared away, looked for and told at its time, whatever nobody orders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, or_

from . import clock, files, jobs
from .banking import forgetting
from .banking import journal as bank_journal
from .charging import printing, proof
from .db import Database
from .exchange import figures, journal
from .metering import closing_days, comparing, expiry, feed_journal, informing, leak_watch, reminding
from .money import payment_reminding
from .once import FormKey
from .paying import polling
from .people import limit, person
from .people.sign_in import LoginSession
from .privacy import export, retention
from .settings import Settings
from .talk import deadline

KEEP_FORM_KEYS, KEEP_SESSIONS, KEEP_JOBS = timedelta(days=30), timedelta(days=90), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Recurring:
    name: str
    every: timedelta
    run: Callable[[Database, Settings], None]


def sweep_files(db: Database, settings: Settings) -> None:
    with db.reading() as session:
        files.sweep(session, settings.files_dir)


def sweep_imports(db: Database, settings: Settings) -> None:
    with db.reading() as session:
        journal.sweep(session, journal.folder(settings.data_dir))
        printing.sweep(session, settings.data_dir)


def sweep_limits(db: Database, _settings: Settings) -> None:
    with db.writing() as session:
        limit.sweep(session)


def sweep_form_keys(db: Database, _settings: Settings) -> None:
    with db.writing() as session:
        session.execute(delete(FormKey).where(FormKey.at < clock.now() - KEEP_FORM_KEYS))


def sweep_sessions(db: Database, _settings: Settings) -> None:
    """Sessions that have ended, or that nobody has used since."""
    oldest = clock.now() - KEEP_SESSIONS
    with db.writing() as session:
        session.execute(delete(LoginSession).where(or_(LoginSession.ended_at < oldest, LoginSession.seen_at < oldest)))


def sweep_jobs(db: Database, _settings: Settings) -> None:
    """Orders that were carried out, or that nobody will try again: they name addresses and people."""
    oldest = clock.now() - KEEP_JOBS
    over = or_(jobs.Job.done_at < oldest, and_(jobs.Job.tries >= jobs.TRIES, jobs.Job.run_at < oldest))
    with db.writing() as session:
        session.execute(delete(jobs.Job).where(over))


def sweep_addresses(db: Database, _settings: Settings) -> None:
    """E-mail addresses of before, which nobody is told at any more."""
    with db.writing() as session:
        person.forget_addresses(session)


def sweep_copies(db: Database, settings: Settings) -> None:
    with db.writing() as session:
        export.sweep(session, settings.data_dir)


def end_retention(db: Database, _settings: Settings) -> None:
    """What was kept of erased people, and of readings sent without a page, goes at the end of its time."""
    with db.writing() as session:
        ended = retention.end_due(session)
    slips = retention.CHUNK
    while slips == retention.CHUNK:
        with db.writing() as session:
            slips = retention.end_slips(session)
        ended += slips
    if ended:
        db.forget()


def follow_cases(db: Database, _settings: Settings) -> None:
    """Faults that end or come back by themselves; an hour after midnight at the latest, wherever the organisation is."""
    with db.writing() as session:
        deadline.close_overdue(session)
        deadline.bring_back(session)


def watch_feeds(db: Database, settings: Settings) -> None:
    """Files of remote readings that somebody put into a watched folder."""
    feed_journal.look(db, settings.data_dir)


def close_days(db: Database, _settings: Settings) -> None:
    """Days that are over without another file of remote readings; an hour after midnight at the latest."""
    closing_days.close(db)


def remind_of_readings(db: Database, settings: Settings) -> None:
    """Reminders whose day has come, a window at a time."""
    with db.reading() as session:
        found = reminding.due(session)
    for window_id, kind in found:
        with db.writing() as session:
            reminding.order_due(session, window_id, kind, ways=reminding.channels(settings))


def tell_of_consumption(db: Database, _settings: Settings) -> None:
    """Whoever wants to know when a month's consumption is there."""
    informing.tell_all(db)


# All that recurs. Each is harmless when done twice, so that several workers need not agree.
RECURS = (
    Recurring("files without a row", timedelta(hours=1), sweep_files),
    Recurring("workbooks of imports, files of print runs", timedelta(hours=1), sweep_imports),
    Recurring("counts of failed sign-ins", timedelta(hours=1), sweep_limits),
    Recurring("one-use keys of forms", timedelta(hours=1), sweep_form_keys),
    Recurring("sessions that are over", timedelta(hours=1), sweep_sessions),
    Recurring("orders that are done", timedelta(hours=1), sweep_jobs),
    Recurring("addresses of before", timedelta(hours=6), sweep_addresses),
    Recurring("copies of people's data", timedelta(hours=1), sweep_copies),
    Recurring("what was kept for a time", timedelta(hours=6), end_retention),
    Recurring("reminders of readings", timedelta(minutes=30), remind_of_readings),
    Recurring("reminders of payments", timedelta(hours=1), payment_reminding.remind_all),
    Recurring("faults whose day has come", timedelta(hours=1), follow_cases),
    Recurring("what similar homes use", timedelta(hours=6), lambda db, _settings: comparing.work_out_all(db)),
    Recurring("a month's consumption", timedelta(hours=1), tell_of_consumption),
    Recurring("verifications of meters that end", timedelta(hours=6), lambda db, _settings: expiry.remind_all(db)),
    Recurring("watched folders of remote readings", timedelta(minutes=2), watch_feeds),
    Recurring("files of remote readings", timedelta(hours=6), lambda db, given: feed_journal.sweep(db, given.data_dir)),
    Recurring("watched folders of bank files", timedelta(minutes=2), lambda db, given: bank_journal.look(db, given.data_dir)),
    Recurring("who paid long ago", timedelta(hours=6), lambda db, _settings: forgetting.end_all(db)),
    Recurring("files of banks", timedelta(hours=6), lambda db, given: bank_journal.sweep(db, given.data_dir)),
    Recurring("water that flows at night", timedelta(hours=1), lambda db, _settings: leak_watch.watch(db)),
    Recurring("figures of accounting programs", timedelta(minutes=2), lambda db, given: figures.look(db, given.data_dir)),
    Recurring("proofs of the money", timedelta(minutes=1), proof.look),
    Recurring("payments that never came back", timedelta(minutes=5), polling.recur),
    Recurring("readings of days that are over", timedelta(hours=1), close_days),
)
