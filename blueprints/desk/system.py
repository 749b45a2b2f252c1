"""For whoever runs the machine: organisations, background work, database and disk. Nothing personal."""

import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flask import Blueprint
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from resident import clock, guards, schema
from resident.homes import register
from resident.jobs import TRIES, Job

from .._gate import operators
from .._locale import _
from .._web import database, page, session, settings

bp = Blueprint("desk_system", __name__, url_prefix="/desk/system")
# Below so many per cent of free disk a warning stands.
LEAST_FREE = 10


@bp.get("")
@operators
def index():
    db = database()
    current, wanted = schema.state(db)
    with db.engine.connect() as connection:
        unguarded = guards.missing(connection)
    return page(
        "desk/system.html",
        title=_("System"),
        organisations=register.counts(session),
        jobs=_jobs(),
        schema=(current, wanted),
        unguarded=unguarded,
        disk=_disk(),
        least=LEAST_FREE,
        database=("SQLite" if db.sqlite else "PostgreSQL", _size(db)),
        version=_version(),
    )


def _jobs() -> dict:
    """Jobs that wait, and those that failed so often that nobody tries them again."""
    waiting = select(func.count(Job.id), func.min(Job.run_at)).where(Job.done_at.is_(None), Job.tries < TRIES)
    count, oldest = session.execute(waiting).one()
    failed = session.scalar(select(func.count(Job.id)).where(Job.done_at.is_(None), Job.tries >= TRIES))
    late = int((clock.now() - oldest).total_seconds() // 60) if oldest else 0
    return {"waiting": count, "failed": failed, "late": max(0, late)}


def _disk() -> dict:
    folder = settings().data_dir
    usage = shutil.disk_usage(folder if folder.exists() else folder.parent if folder.parent.exists() else Path("/"))
    return {"free": usage.free, "percent": usage.free * 100 // usage.total}


def _size(db) -> int:
    """Octets of the database, with the write-ahead log."""
    if not db.sqlite:
        return session.scalar(text("select pg_database_size(current_database())"))
    path = make_url(db.url).database or ""
    return sum(file.stat().st_size for file in (Path(path), Path(path + "-wal")) if file.exists())


def _version() -> str:
    try:
        return version("resident")
    except PackageNotFoundError:
        return _("from the source folder")
