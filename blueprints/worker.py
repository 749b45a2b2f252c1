"""flask worker: sends what waits and sweeps, until it is told to stop."""

import logging
import signal
import threading

import click
from flask import Blueprint, current_app

from resident import worker

from ._mail_words import renderer
from ._shell import ready

bp = Blueprint("worker", __name__, cli_group=None)


@bp.cli.command("worker")
@click.option("--once", is_flag=True, help="Do what waits now, then stop.")
def run(once: bool):
    """Send mail, close and bring back faults on their day, sweep (runs beside `flask serve`)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    db = ready()
    stopping = threading.Event()
    if not once:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
        click.echo("Worker ready.")
    app = current_app._get_current_object()
    worker.work(db, app.extensions["resident.settings"], renderer(app), stopping, once)
