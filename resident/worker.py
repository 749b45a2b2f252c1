"""The worker: takes jobs one by one, and does what recurs. Beside the web process, or several of it."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import and_, delete, or_

from . import clock, files, jobs
from .banking import forgetting
from .banking import journal as bank_journal
from .charging import delivering, mailing, printing, proof
from .db import Database
from .delivery import mail, notice, sms
from .errors import NotSaved
from .exchange import figures, journal
from .metering import closing_days, comparing, entry_link, expiry, feed_journal, informing, leak_watch, reminding
from .money import demand_run, payment_reminding, posting_run
from .moves import inviting
from .once import FormKey
from .paying import polling
from .people import address, limit, person, provider, registration, reset
from .people.sign_in import LoginSession
from .privacy import erasing, export, retention
from .settings import Settings
from .talk import deadline

log = logging.getLogger("resident.worker")
# Seconds between two looks at an empty queue.
PAUSE = 2
# Seconds between tries to note the end of a job while somebody else holds the lock.
PATIENCE = (1, 2, 4, 8, 15, 30)
# Kinds of jobs with a lane of their own: what takes minutes; mails by the thousand; mails that somebody waits for.
READ = journal.KIND, export.KIND, feed_journal.KIND, bank_journal.KIND
LONG = jobs.Job.kind.in_((*READ, posting_run.KIND, demand_run.KIND, printing.KIND))
MANY = jobs.Job.kind.in_((delivering.KIND, reminding.JOB))
PROMPT = jobs.Job.kind.in_((reset.KIND, registration.KIND, address.KIND, inviting.JOB))
BESIDE = (LONG, MANY, PROMPT)
KEEP_FORM_KEYS, KEEP_SESSIONS, KEEP_JOBS = timedelta(days=30), timedelta(days=90), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Recurring:
    name: str
    every: timedelta
    run: Callable[[Database, Settings], None]


@dataclass(frozen=True, slots=True)
class Words:
    """What the worker cannot say by itself: a mail, and (by language) the remarks in a workbook and the text that comes with
    a copy of somebody's data; and an invoice as PDF, for such a copy, or many in one."""

    mail: notice.Render
    remarks: Callable[[str], object]
    readme: Callable[[str], str] = str
    paper: export.Paper | None = None
    papers: printing.Papers | None = None


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


def work(db: Database, settings: Settings, words: Words, stopping: threading.Event, once: bool = False) -> None:
    """Until `stopping` is set; a job that was begun is brought to its end. once: what waits now, and what recurs."""
    if once:
        _lane(db, settings, words, stopping, recurs=True, once=True)
        return
    lanes = [threading.Thread(target=_lane, args=(db, settings, words, stopping, own)) for own in BESIDE]
    for lane in lanes:
        lane.start()
    _lane(db, settings, words, stopping, *(~own for own in BESIDE), recurs=True)
    for lane in lanes:
        lane.join()


def _lane(
    db: Database, settings: Settings, words: Words, stopping: threading.Event, *which, recurs: bool = False, once: bool = False
) -> None:
    """One job after the other, of those that `which` says."""
    due = dict.fromkeys(RECURS, clock.now()) if recurs else {}
    while not stopping.is_set():
        _recur(db, settings, due)
        if not _guarded("a job", lambda: one(db, settings, words, *which)):
            if once:
                return
            stopping.wait(PAUSE)


def _recur(db: Database, settings: Settings, due: dict) -> None:
    for thing, at in due.items():
        if at <= clock.now():
            due[thing] = clock.now() + thing.every
            _guarded(thing.name, lambda thing=thing: thing.run(db, settings))


def _guarded(name: str, do: Callable):
    """A full disk, a locked database or a lost connection passes; the worker stays."""
    try:
        return do()
    except Exception:
        log.exception("%s could not be done now", name)
        return None


def one(db: Database, settings: Settings, words: Words, *which) -> bool:
    """Take one job and do it outside of any transaction. False when none waits."""
    with db.reading() as session:
        if not jobs.waits(session, *which):
            return False
    with db.writing() as session:
        job = jobs.claim(session, *which)
    if job is None:
        return False
    try:
        note = DOES[job.kind](db, settings, words, job)
    except Exception as error:
        failed = _kind(error)
    else:
        _noted(db, lambda session: jobs.finish(session, job, note))
        return True
    # Outside of the except: were the database away as well, its traceback would tell the first error's words.
    log.warning("job %s (%s), try %s: %s", job.id, job.kind, job.tries, failed)
    _noted(db, lambda session: jobs.retry(session, job, failed))
    return True


def _noted(db: Database, note: Callable) -> None:
    """What was done is done: while somebody else writes for long, wait rather than do it twice."""
    for pause in PATIENCE:
        try:
            with db.writing() as session:
                note(session)
                return
        except NotSaved:
            time.sleep(pause)
    with db.writing() as session:
        note(session)


def _kind(error: Exception) -> str:
    """What went wrong, for the log and the row: a mail server's own words name the reader's address (S57)."""
    cause = error.__cause__ or error
    refused = getattr(cause, "recipients", None) or {}
    codes = getattr(cause, "smtp_code", None), *(code for code, _words in refused.values()), getattr(cause, "errno", None)
    names = dict.fromkeys((type(error).__name__, type(cause).__name__))
    return " ".join(str(part) for part in (*names, *codes) if part)


def send_mail(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    """None when it was sent, else why there is nothing to send."""
    if not settings.smtp_url:
        return "not configured"
    with db.reading() as session:
        told = notice.of(session, job)
    return _post(settings, words, told) if told else "not wanted any more"


def send_invitation(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    """The same for an invitation into a household. The address stands in the order only until the mail is gone."""
    if not settings.smtp_url:
        return "not configured"
    order = job.payload
    with db.writing() as session:
        found = inviting.renewed(session, order["invitation_id"])
    if found is None:
        job.payload = {"invitation_id": order["invitation_id"]}
        return "not wanted any more"
    token, shown = found
    path = f"/invitation/{token}"
    said = _post(settings, words, notice.Notice(job.id, order["to"], shown.organisation, "invitation", path, order["language"]))
    job.payload = {"invitation_id": order["invitation_id"]}
    return said


def send_reminder(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    """A reminder of readings, with a link of the person's own, which stands nowhere else."""
    with db.reading() as session:
        ready = reminding.prepare(session, job.payload["reminder_id"], ways=reminding.channels(settings))
    if ready is None:
        return "not wanted any more"
    path, facts = f"/e/{entry_link.token(settings.secret_key, ready.link)}", {"until": ready.until}
    if ready.channel == "mail":
        return _post(settings, words, notice.Notice(job.id, ready.to, ready.organisation, "reading", path, ready.language, facts))
    told = notice.Notice(job.id, ready.to, ready.organisation, "reading_sms", path, ready.language, facts)
    # One letter outside of their own alphabet makes messages half as long, and twice as dear.
    text = words.mail(told)[1].strip().replace("\u00a0", " ")
    try:
        sms.send(sms.Sms(f"job-{job.id}", ready.to, text), settings.sms_url)
    except sms.NoNumber:
        return "no message can go to this number"
    return None


def _post(settings: Settings, words: Words, told: notice.Notice, papers: tuple = ()) -> str | None:
    subject, text = words.mail(told)
    host = urlsplit(settings.base_url).hostname or "localhost"
    try:
        mail.send(mail.Mail(f"job-{told.job_id}", told.to, told.organisation, subject, text, papers), settings.smtp_url, host)
    except mail.NoAddress:
        return "no mail can go to this address"
    return None


# Mails with links of one use, and the page that each link leads to. What the order holds goes with the mail.
LINKED = {
    reset.KIND: ("reset", "/reset/{}", reset.prepare),
    registration.KIND: ("activation", "/activate/{}", registration.prepare),
    address.KIND: ("confirm_address", "/address/{}", address.prepare),
}


def send_links(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    """Make the links that were asked for and send them; nothing when what was typed leads to nobody."""
    order, last = job.payload, job.tries >= jobs.TRIES
    kind, page, prepare = LINKED[job.kind]
    if not settings.smtp_url or not order:
        job.payload = {}
        return "not configured"
    with db.writing() as session:
        found = prepare(session, order)
    if last:
        job.payload = {}
    for place, one in enumerate(found):
        links = [(whose, page.format(token)) for whose, token in one.links]
        told = notice.Notice(f"{job.id}-{place}", one.to, one.organisation or "", kind, "/", one.language, {"links": links})
        _post(settings, words, told)
    job.payload = {}
    return None


def import_register(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    return journal.carry_out(db, settings.data_dir, job, words.remarks, provider.code_key(settings))


def read_feed(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    return feed_journal.carry_out(db, settings.data_dir, job)


def read_bank_file(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    return bank_journal.carry_out(db, settings.data_dir, job)


def make_copy(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    return export.carry_out(db, settings.data_dir, job, words.readme(export.language_of(db, job)), words.paper)


def print_invoices(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    return printing.carry_out(db, settings.data_dir, job, words.papers)


def mail_invoice(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    return mailing.carry_out(db, job, words, lambda *told: _post(settings, words, *told)) if settings.smtp_url else "not configured"


def finish_erasure(db: Database, settings: Settings, words: Words, job: jobs.Job) -> None:
    """The files of somebody who was erased, and the pages in the store's journal on which their data still stand."""
    for stored in job.payload["files"]:
        files.remove(settings.files_dir, stored)
    export.remove(settings.data_dir, job.payload["copies"])
    db.forget()


DOES = {
    "mail": send_mail,
    inviting.JOB: send_invitation,
    **dict.fromkeys(LINKED, send_links),
    reminding.JOB: send_reminder,
    journal.KIND: import_register,
    feed_journal.KIND: read_feed,
    bank_journal.KIND: read_bank_file,
    export.KIND: make_copy,
    printing.KIND: print_invoices,
    delivering.KIND: mail_invoice,
    erasing.KIND: finish_erasure,
    posting_run.KIND: posting_run.carry_out,
    demand_run.KIND: demand_run.carry_out,
}
