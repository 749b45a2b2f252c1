"""What each kind of job does."""

from . import files, jobs
from .banking import journal as bank_journal
from .charging import delivering, mailing, printing
from .db import Database
from .exchange import journal
from .metering import feed_journal, reminding
from .money import demand_run, posting_run
from .moves import inviting
from .people import provider
from .privacy import erasing, export
from .sending import LINKED, Words, post, send_invitation, send_links, send_mail, send_reminder
from .settings import Settings


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
    return mailing.carry_out(db, job, words, lambda *told: post(settings, words, *told)) if settings.smtp_url else "not configured"


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
