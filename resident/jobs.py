"""Work for the worker: rows written in the cause's own transaction, claimed by a conditional UPDATE, retried."""

from datetime import timedelta

from sqlalchemy import Index, String, Text, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .db import Base, Json, Key, UTCTime
from .identity import Actor

TRIES = 8
CLAIM = timedelta(minutes=5)
# What is kept of whoever ordered a job; names stay with their persons.
_OF_ACTOR = ("login_id", "person_id", "organisation_id", "role")


class Job(Base):
    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_waiting", "run_at", sqlite_where=text("done_at is null"), postgresql_where=text("done_at is null")),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    payload: Mapped[dict] = mapped_column(Json)
    run_at: Mapped[object] = mapped_column(UTCTime)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[object | None] = mapped_column(UTCTime)
    done_at: Mapped[object | None] = mapped_column(UTCTime)
    error: Mapped[str | None] = mapped_column(Text)

    @property
    def by(self) -> Actor | None:
        """Who ordered it, for the verbs that it calls; None for what nobody did, or where nobody asks."""
        kept = self.payload.get("by")
        return Actor(**kept, name="") if kept else None


def add(session: Session, kind: str, payload: dict, run_at=None, *, by: Actor | None = None) -> Job:
    """by: whoever orders it, where that is asked for when it is carried out."""
    ordered = {"by": {name: getattr(by, name) for name in _OF_ACTOR}} if by else {}
    job = Job(kind=kind, payload=payload | ordered, run_at=run_at or clock.now())
    session.add(job)
    return job


def claim(session: Session, *which) -> Job | None:
    """Take the oldest job that waits, or None. which: conditions on Job.

    The claim lapses after CLAIM, so that a killed worker loses nothing.
    """
    now = clock.now()
    free = *_free(now), *which
    for job_id in session.scalars(select(Job.id).where(*free).order_by(Job.run_at).limit(5)).all():
        taken = session.execute(
            update(Job).where(Job.id == job_id, *free).values(claimed_until=now + CLAIM, tries=Job.tries + 1),
            execution_options={"synchronize_session": False},
        )
        if taken.rowcount:
            return session.get(Job, job_id, populate_existing=True)
    return None


def waits(session: Session, *which) -> bool:
    """Is there anything to claim? Asked before claim(), which takes the lock of whoever writes."""
    return session.scalar(select(Job.id).where(*_free(clock.now()), *which).limit(1)) is not None


def _free(now) -> tuple:
    return Job.done_at.is_(None), Job.run_at <= now, Job.tries < TRIES, (Job.claimed_until.is_(None)) | (Job.claimed_until < now)


def hold(session: Session, job: Job) -> None:
    """It goes on: nobody else takes it for another CLAIM."""
    held = update(Job).where(Job.id == job.id, Job.done_at.is_(None)).values(claimed_until=clock.now() + CLAIM)
    session.execute(held, execution_options={"synchronize_session": False})


def finish(session: Session, job: Job, note: str | None = None) -> None:
    """It is done; or, with a note, there is a reason why it need not be done."""
    job.done_at, job.claimed_until, job.error = clock.now(), None, note
    session.add(job)


def retry(session: Session, job: Job, error: str) -> None:
    """Put it back with a growing pause: 1, 2, 4 … minutes."""
    job.claimed_until, job.error = None, error[:500]
    job.run_at = clock.now() + timedelta(minutes=2 ** (job.tries - 1))
    session.add(job)
