"""Start letters for 1,000 homes at once: choosing, issuing and drawing them. Bar: 60 s.

Prints also how long another writer would have waited.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from resident.db import Database
from resident.homes import founding
from resident.homes.building import Building, Unit, natural
from resident.people.person import Person
from resident.people.tenure import Holding, Party, Tenure

from .importing import Probe

ROOT = Path(__file__).parent.parent
HOMES, BAR_SECONDS = 1000, 60
LONG_AGO = date(2015, 1, 1)


def run() -> bool:
    with tempfile.TemporaryDirectory(prefix="resident-letters-") as made:
        environ = os.environ | {"RESIDENT_DATA_DIR": made}
        _flask(environ, "migrate")
        path, out = Path(made) / "resident.db", Path(made) / "letters.pdf"
        _fill(Database(f"sqlite:///{path}"))
        began = time.monotonic()
        with Probe(path) as probe:
            told = _flask(environ, "letters", "--organisation", "bench", "--out", str(out))
        seconds = time.monotonic() - began
        print(f"letters   {told.split(' in ')[0]} in {seconds:.1f} s, bar ≤ {BAR_SECONDS} s; {out.stat().st_size / 1e6:.1f} MB")
        print(f"          {probe.told()}")
    return seconds <= BAR_SECONDS


def _flask(environ: dict, *command: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "flask", *command], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )
    return ran.stdout


def _fill(db: Database) -> None:
    """One building, a home and a primary tenant each."""
    given = {"slug": "bench", "name": "Bench", "country": "FI", "legal_form": "rental", "languages": "fi sv en"}
    with db.writing() as session:
        organisation = founding.found(session, **given, tz="Europe/Helsinki", currency="EUR").id
        building = Building(organisation_id=organisation, code="B", address="Pihlajakuja 6", postcode="53100", city="Koivula")
        session.add(building)
        session.flush()
        for number in range(1, HOMES + 1):
            name, door = f"Asukas {number}", f"{'ABCDEFGHIJ'[number % 10]} {number}"
            unit = Unit(building_id=building.id, number=door, staircase=door[0], sort_key=natural(door), first=LONG_AGO)
            person = Person(
                organisation_id=organisation, name=name, search_key=name.casefold(), language=("fi", "sv", "en")[number % 3]
            )
            tenure = Tenure(organisation_id=organisation, kind="lease", first=LONG_AGO)
            session.add_all((unit, person, tenure))
            session.flush()
            session.add(Holding(tenure_id=tenure.id, unit_id=unit.id, first=LONG_AGO))
            session.add(Party(tenure_id=tenure.id, person_id=person.id, role="primary", first=LONG_AGO))
    db.engine.dispose()


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
