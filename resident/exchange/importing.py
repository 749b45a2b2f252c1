"""The register import: guard → read into a scratch database → check → apply, whole in one transaction or not at all.

    with Import(path, folder, limits) as work:
        work.read()                                    no lock, no database
        work.check(reading session, organisation)      no lock
        work.apply(writing session, organisation, by)  the same checks again, and the rows
        work.mended(out, words)                        the workbook back, with an errors column

On SQLite other writers wait while apply runs; reading goes on (WAL).
"""

import secrets
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..errors import ResidentError
from ..homes.organisation import Organisation
from ..money import booking
from . import guard
from .columns import SHEETS
from .home_rows import Homes
from .invoice_rows import Invoices
from .meter_rows import Meters
from .outcome import Count, Outcome
from .payment_rows import Payments
from .person_rows import Parties, Persons
from .reading_rows import Readings
from .registering import Registering
from .sheet import Book
from .staging import Stage
from .tenure_rows import Tenures

_CACHE = 64_000


class RowsInTrouble(ResidentError):
    """Some rows must be mended first: rows, how many. Nothing was written."""


def _silent(_step: str, _sheet: str, _rows: int) -> None:
    pass


class Import:
    """One workbook on its way. progress(step, sheet, rows) is called now and then; step: read, check, apply, settle."""

    def __init__(self, path: Path, folder: Path, limits: guard.Limits, progress: Callable[[str, str, int], None] = _silent):
        self.path, self._limits, self._progress = path, limits, progress
        folder.mkdir(parents=True, exist_ok=True)
        self._stage = Stage(folder / f"{secrets.token_hex(8)}.stage")

    def __enter__(self) -> "Import":
        return self

    def __exit__(self, *_) -> None:
        self._stage.close()

    def read(self) -> None:
        """WorkbookRefused, HeadersMissing or HeadersDoubled when the workbook as a whole cannot be taken."""
        guard.check(self.path, self._limits)
        book = Book(self.path)
        try:
            self._stage.take(book, lambda sheet, rows: self._progress("read", sheet, rows))
        finally:
            book.close()
        self._stage.seal()

    def check(self, session: Session, organisation: Organisation) -> Outcome:
        """What an import would do now. Writes nothing."""
        return self._pass("check", session, organisation, writing=False)

    def apply(self, session: Session, organisation: Organisation, by=None) -> Outcome:
        """Write it all. RowsInTrouble when a row cannot go in: roll back then. One audit event; commits nothing."""
        # Two imports into one organisation wait for each other on PostgreSQL.
        session.execute(select(Organisation.id).where(Organisation.id == organisation.id).with_for_update())
        with _roomy(session):
            outcome = self._pass("apply", session, organisation, writing=True, by=by)
        facts = {count.sheet: [count.new, count.changed, count.unchanged] for count in outcome.sheets}
        audit.record(session, "import_applied", by=by, organisation_id=organisation.id, facts=facts)
        session.flush()
        return outcome

    def troubles(self):
        """(title of the tab, Trouble) of everything that is to be mended."""
        for part, (_, tab) in enumerate(self._stage.parts):
            for trouble in self._stage.troubles(part):
                yield tab.title, trouble

    @property
    def stage(self) -> Stage:
        return self._stage

    def _pass(self, step: str, session: Session, organisation: Organisation, *, writing: bool, by=None) -> Outcome:
        self._stage.forget_found()
        today = clock.today(organisation.tz)
        run = Registering(session, organisation, self._stage, today, writing=writing, by=by)
        run.told = lambda sheet, rows: self._progress(step, sheet, rows)
        touched = _walk(run)
        outcome = self._outcome(run)
        if writing and outcome.errors:
            raise RowsInTrouble(rows=outcome.errors)
        if touched and writing:
            self._progress("settle", "", len(touched))
            booking.refresh(session, touched)
        return outcome

    def _outcome(self, run: Registering) -> Outcome:
        troubled = self._stage.rows_in_trouble()
        counts = []
        for sheet in SHEETS:
            if self._stage.has(sheet):
                found = {what: n for what, n in run.counts.get(sheet, {}).items() if what != "errors"}
                counts.append(Count(sheet, self._stage.count(sheet), errors=troubled.get(sheet, 0), **found))
        return Outcome(counts)


def _walk(run: Registering) -> set[int]:
    """Every sheet, in the order in which rows lean on each other. The accounts on which something was booked."""
    homes = Homes(run)
    homes.read()
    persons = Persons(run)
    persons.read()
    tenures = Tenures(run, homes)
    tenures.read()
    parties = Parties(run, tenures, persons)
    parties.read()
    meters = Meters(run, homes)
    meters.read()
    Readings(run, meters).read()
    invoices = Invoices(run, tenures, parties)
    invoices.read()
    payments = Payments(run, tenures)
    payments.read()
    return invoices.touched | payments.touched


class _roomy:
    """A larger page cache for one transaction on SQLite: indexes are filled in memory instead of page by page."""

    def __init__(self, session: Session):
        self._connection = session.connection()

    def _set(self, size: int) -> None:
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql(f"PRAGMA cache_size=-{size}")

    def __enter__(self):
        self._set(_CACHE)

    def __exit__(self, *_):
        self._set(2000)
