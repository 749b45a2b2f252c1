"""The register import: guard → read into a scratch database → check → apply, whole in one transaction or not at all.

    with Import(path, folder, limits) as work:
        work.read()                                    no lock, no database
        work.check(reading session, organisation)      a trial run; no lock
        work.carry_out(database, organisation, by)     the same checks, and the rows

On SQLite everything is worked out first (prepared.py), so that other writers wait only while finished rows are copied;
reading goes on (WAL). On PostgreSQL nobody waits, and rows are written as they are checked.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit, clock
from ..charging import reholding
from ..db import Database, learn
from ..errors import ResidentError
from ..homes.building import Building
from ..homes.organisation import Organisation, lock_organisation
from ..money import booking
from ..money.period import lock_buildings
from . import billed_facts, guard, pouring
from .codes import Codes
from .columns import SHEETS
from .home_rows import Homes
from .invoice_rows import Invoices
from .meter_rows import Meters
from .outcome import Count, Outcome
from .payment_rows import Entries, Payments
from .person_rows import Parties, Persons
from .pouring import Overtaken
from .prepared import Prepared
from .reading_rows import Readings
from .registering import Registering, Straight
from .sheet import Book
from .staging import Stage
from .tenure_rows import Tenures

# How often an import is checked anew because somebody was faster.
_TURNS = 3


class RowsInTrouble(ResidentError):
    """Some rows must be mended first: rows, how many. Nothing was written."""


def _silent(_step: str, _sheet: str, _rows: int) -> None:
    pass


def _nothing(_session: Session, _outcome: Outcome) -> None:
    pass


class Import:
    """One workbook on its way. progress(step, sheet, rows) is called now and then; step: read, check, apply, settle, write.
    codes: hashes personal codes; without it a workbook that holds some is not taken."""

    def __init__(
        self,
        path: Path,
        folder: Path,
        limits: guard.Limits,
        progress: Callable[[str, str, int], None] = _silent,
        codes: Codes | None = None,
        media: dict[str, str] | None = None,
    ):
        self.path, self._limits, self._progress = path, limits, progress
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._stage = Stage(folder / f"{secrets.token_hex(8)}.stage", codes, media)

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

    def check(self, session: Session, organisation: Organisation, by=None) -> Outcome:
        """What an import would do now. Writes nothing."""
        return self._pass("check", session, organisation, by=by)

    def carry_out(self, db: Database, organisation: Organisation, by=None, along: Callable = _nothing) -> Outcome:
        """Check and, unless rows are in trouble, write it all in one transaction; along(session, outcome) joins in it.

        Overtaken when others were faster each time; NotSaved. Nothing was written then.
        """
        for _ in range(_TURNS):
            try:
                return self._poured(db, organisation, by, along) if db.sqlite else self._straight(db, organisation, by, along)
            except (Overtaken, RowsInTrouble):
                # Somebody changed something between the check and the turn to write.
                continue
        raise Overtaken()

    def _poured(self, db: Database, organisation: Organisation, by, along: Callable) -> Outcome:
        prepared = Prepared(self._folder / f"{secrets.token_hex(8)}.prepared")
        try:
            with db.reading() as session:
                since = pouring.moment(session, organisation.id)
                outcome = self._pass("check", session, organisation, into=prepared, by=by)
            if outcome.errors:
                return outcome
            prepared.seal()
            self._progress("write", "", 0)
            with db.writing() as session:
                pouring.pour(session, prepared, since, bool(self._found.effects))
                self._correct(session, by)
                self._told(session, organisation, by, outcome)
                along(session, outcome)
            return outcome
        finally:
            prepared.close()

    def _straight(self, db: Database, organisation: Organisation, by, along: Callable) -> Outcome:
        with db.reading() as session:
            outcome = self.check(session, organisation, by)
        if outcome.errors:
            return outcome
        with db.writing() as session:
            # Two imports into one organisation wait for each other.
            lock_buildings(session, session.scalars(select(Building.id).where(Building.organisation_id == organisation.id)))
            lock_organisation(session, organisation.id)
            outcome = self._pass("apply", session, organisation, into=Straight(session), by=by)
            self._correct(session, by)
            self._told(session, organisation, by, outcome)
            along(session, outcome)
            learn(session)
        return outcome

    def _correct(self, session: Session, by) -> None:
        """What is billed by facts that are others now waits as corrections, and what is billed for days goes to whoever holds them
        now, as when the desk enters them."""
        billed_facts.correct(session, self._found.effects, by=by)
        for unit_id, first, last in self._found.gained:
            reholding.hold_still(session, unit_id)
            reholding.rehold(session, unit_id, first, last, by=by)
        for unit_id, first, last, tenure_id in self._found.lost:
            reholding.hold_still(session, unit_id)
            reholding.rehold(session, unit_id, first, last, by=by, released=tenure_id, spares=True)

    def _told(self, session: Session, organisation: Organisation, by, outcome: Outcome) -> None:
        facts = {count.sheet: [count.new, count.changed, count.unchanged] for count in outcome.sheets}
        audit.record(session, "import_applied", by=by, organisation_id=organisation.id, facts=facts)
        session.flush()

    def troubles(self):
        """(title of the tab, Trouble) of everything that is to be mended."""
        for part, (_, tab) in enumerate(self._stage.parts):
            for trouble in self._stage.troubles(part):
                yield tab.title, trouble

    @property
    def stage(self) -> Stage:
        return self._stage

    def _pass(self, step: str, session: Session, organisation: Organisation, *, into=None, by=None) -> Outcome:
        self._stage.forget_found()
        today = clock.today(organisation.tz)
        run = Registering(session, organisation, self._stage, today, into=into, by=by)
        run.told = lambda sheet, rows: self._progress(step, sheet, rows)
        touched, self._found = _walk(run)
        outcome = self._outcome(run)
        if isinstance(into, Straight) and outcome.errors:
            raise RowsInTrouble(rows=outcome.errors)
        if into and not outcome.errors:
            self._progress("settle", "", len(touched))
            if isinstance(into, Prepared):
                into.settle(session, touched)
            else:
                booking.refresh(session, touched)
        return outcome

    def _outcome(self, run: Registering) -> Outcome:
        troubled = self._stage.rows_in_trouble()
        counts = []
        for sheet in SHEETS:
            if self._stage.has(sheet):
                found = {what: n for what, n in run.counts.get(sheet, {}).items() if what != "errors"}
                told = self._found.told.get(sheet, {})
                counts.append(Count(sheet, self._stage.count(sheet), errors=troubled.get(sheet, 0), **found, **told))
        return Outcome(counts)


class Billed(NamedTuple):
    """What rows change of what is billed already: as billed_facts.BilledFacts and billed_rows.Billed have it; told: by sheet, for
    outcome.Count."""

    effects: list
    gained: list
    lost: list
    told: dict


def _walk(run: Registering) -> tuple[set[int], Billed]:
    """Every sheet, in the order in which rows lean on each other. The accounts on which something was booked, and what changes of
    what is billed."""
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
    entries = Entries(run, tenures)
    entries.read()
    told = {"units": {"corrected": homes.billed.told(run.organisation.currency)}, "tenures": {"moved": tenures.moves()}}
    billed = Billed(homes.billed.effects, tenures.billed.gained, tenures.billed.lost, told)
    return invoices.touched | payments.touched | entries.touched, billed
