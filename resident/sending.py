"""Mails and messages that jobs order: rendered in the reader's language and handed to the mail server."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import jobs
from .charging import printing
from .db import Database
from .delivery import mail, notice, sms
from .metering import entry_link, reminding
from .moves import inviting
from .people import address, registration, reset
from .privacy import export
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Words:
    """What the worker cannot say by itself: a mail, and (by language) the remarks in a workbook and the text that comes with
    a copy of somebody's data; and an invoice as PDF, for such a copy, or many in one."""

    mail: notice.Render
    remarks: Callable[[str], object]
    readme: Callable[[str], str] = str
    paper: export.Paper | None = None
    papers: printing.Papers | None = None


def send_mail(db: Database, settings: Settings, words: Words, job: jobs.Job) -> str | None:
    """None when it was sent, else why there is nothing to send."""
    if not settings.smtp_url:
        return "not configured"
    with db.reading() as session:
        told = notice.of(session, job)
    return post(settings, words, told) if told else "not wanted any more"


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
    said = post(settings, words, notice.Notice(job.id, order["to"], shown.organisation, "invitation", path, order["language"]))
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
        return post(settings, words, notice.Notice(job.id, ready.to, ready.organisation, "reading", path, ready.language, facts))
    told = notice.Notice(job.id, ready.to, ready.organisation, "reading_sms", path, ready.language, facts)
    # One letter outside of their own alphabet makes messages half as long, and twice as dear.
    text = words.mail(told)[1].strip().replace("\u00a0", " ")
    try:
        sms.send(sms.Sms(f"job-{job.id}", ready.to, text), settings.sms_url)
    except sms.NoNumber:
        return "no message can go to this number"
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
        post(settings, words, told)
    job.payload = {}
    return None


def post(settings: Settings, words: Words, told: notice.Notice, papers: tuple = ()) -> str | None:
    subject, text = words.mail(told)
    host = urlsplit(settings.base_url).hostname or "localhost"
    try:
        mail.send(mail.Mail(f"job-{told.job_id}", told.to, told.organisation, subject, text, papers), settings.smtp_url, host)
    except mail.NoAddress:
        return "no mail can go to this address"
    return None
