"""An organisation to import into, and the import as the shell does it."""

from types import SimpleNamespace

import pytest

from resident.exchange import guard
from resident.exchange.importing import Import
from resident.homes.organisation import Organisation
from tests.exchange import books


@pytest.fixture
def house(db, tmp_path):
    """house.load(sheets) imports; house.troubles and house.outcome tell what came of it."""
    with db.writing() as session:
        organisation = Organisation(
            slug="kastanja", name="Kastanjan Kodit", legal_form="rental", country="FI", currency="EUR", tz="Europe/Helsinki",
            languages="fi sv en", payee={},
        )  # fmt: skip
        session.add(organisation)
        session.flush()
    house = SimpleNamespace(db=db, id=organisation.id, organisation=organisation, troubles=[], outcome=None)

    def load(sheets, *, dry=False, organisation=organisation, **given):
        path = sheets if hasattr(sheets, "read_bytes") else books.write(tmp_path / "register.xlsx", sheets, **given)
        with Import(path, tmp_path / "scratch", guard.WEB) as task:
            task.read()
            if dry:
                with db.reading() as session:
                    house.outcome = task.check(session, organisation)
            else:
                house.outcome = task.carry_out(db, organisation)
            house.troubles = [(trouble.sheet, trouble.row, trouble.name) for _, trouble in task.troubles()]
        return {count.sheet: (count.new, count.changed, count.unchanged, count.errors) for count in house.outcome.sheets}

    house.load = load
    return house
