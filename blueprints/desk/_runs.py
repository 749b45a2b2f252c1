"""Files of invoices to print as a page of the desk lists them: running, drawn, posted."""

from typing import NamedTuple

from flask import g

from resident import access
from resident.charging import printing
from resident.charging.print_run import PrintRun

from .._web import session, settings

SHOWN = 20


class Run(NamedTuple):
    """there: is the file kept?"""

    run: PrintRun
    there: bool


def listed(*which) -> dict:
    """The newest of those that the viewer may see, and whether one is being made. which: conditions on PrintRun."""
    rows = access.visible_print_runs(g.viewer).where(*which).order_by(PrintRun.id.desc()).limit(SHOWN)
    runs = session.scalars(rows).all()
    return {
        "runs": [Run(run, printing.file(run, settings().data_dir) is not None) for run in runs],
        "going": any(run.ended_at is None for run in runs),
    }
