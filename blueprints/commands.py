"""The shell: serve, worker, migrate, demo, import, rebuild, check. Flask finds app.py; each command says what it did."""

import ctypes
import gc
import signal
import sys
from contextlib import suppress

import click
import waitress
from flask import Blueprint, current_app
from sqlalchemy import select
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from resident import audit, machine, schema
from resident.charging import proof
from resident.money import balances, settling
from resident.money.account import Account

from . import _security
from ._shell import reached, ready
from ._web import settings

# M1: waitress' own defaults let 300 slow connections stop the service. M2: bodies and headers are bounded here, before
# anything is written to disk. P2: more threads cost; scale by processes.
WAITRESS = {
    "threads": 4,
    "connection_limit": 1000,
    "channel_timeout": 20,
    "cleanup_interval": 5,
    "asyncore_use_poll": True,
    "max_request_body_size": 27_000_000,
    "max_request_header_size": 32_768,
    "ident": None,
}


# glibc's mallopt: one arena, and large blocks by mmap, so that they go back to the system when they are freed.
_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1


def settle_memory() -> None:
    """How a serving process keeps its memory. Measured: a quarter of each request's time, 160 → 116 MB.

    What the start made is never looked through for cycles again, and the rest, nearly all freed by counting, seldom.
    A password's 19 MiB go back to the system instead of staying with each thread.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_ARENA_MAX, 1)
        libc.mallopt(_MMAP_THRESHOLD, 1 << 20)
        libc.mallopt(_TRIM_THRESHOLD, 1 << 20)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


class Refusal(ErrorTask):
    """What waitress answers by itself, as to a header that is too large: it too has the headers of every answer (S30)."""

    headers: list[tuple[str, str]] = []

    def build_response_header(self):
        self.response_headers.extend(self.headers)
        return super().build_response_header()


bp = Blueprint("commands", __name__, cli_group=None)


@bp.cli.command()
def serve():
    """Serve the portal (waitress, 4 threads)."""
    given = settings()
    ready()
    settle_memory()
    scheme = "https" if given.https else "http"
    app = current_app._get_current_object()
    where = {"host": given.host, "port": given.port, "url_scheme": scheme}
    try:
        server = listening(app, **where, **behind(given.trusted_proxy))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise click.ClickException(f"RESIDENT_HOST, RESIDENT_PORT: cannot listen on {given.host}:{given.port}: {why}") from None
    # The first process of a container does not end at this signal unless it says so.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    click.echo(f"Serving {given.base_url} on {given.host}:{given.port}.")
    server.run()


def listening(app, **where):
    """The server, before it runs. OSError or ValueError when it cannot listen there."""
    Refusal.headers, HTTPChannel.error_task_class = _security.headers(app), Refusal
    return waitress.create_server(app, **where, **WAITRESS)


def behind(proxy: str) -> dict:
    """What waitress needs to take the asking address, and nothing else, from the proxy."""
    if not proxy:
        return {}
    # The last address in the header is the one that the proxy itself saw; what a client writes before it counts for nothing.
    return {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": {"x-forwarded-for"}}


@bp.cli.command()
def migrate():
    """Bring the database's schema to this version."""
    db = reached()
    schema.upgrade(db)
    click.echo(f"Schema at {schema.state(db)[0]}.")


@bp.cli.command()
@click.argument("message")
def migration(message: str):
    """Write a new migration from what the tables have that this database has not (for developers)."""
    schema.revision(reached(), message)


@bp.cli.command()
def rebuild():
    """Settle what can be settled and make open items, totals and balances anew. Changes nothing when they are right."""
    db = ready()
    with db.reading() as session:
        batches = [list(ids) for ids in settling.batched(session.scalars(select(Account.id).order_by(Account.id)), 200)]
    made, accounts = 0, 0
    # A transaction a batch, so that residents are never kept waiting.
    for ids in batches:
        with db.writing() as session:
            made += settling.settle(session, ids)
            accounts += balances.rebuild(session, ids)
    with db.writing() as session:
        audit.record(session, "ledger_rebuilt", facts={"accounts": accounts, "settlements": made})
    click.echo(f"{accounts} accounts rebuilt, {made} new settlements.")


@bp.cli.command()
@click.argument("what", required=False, type=click.Choice(["money"]))
def check(what: str | None):
    """Prove the money: ledger, invoices, what was shared out. Without `money` the schema, the space on disk and the data folder
    too. Exit code 1 when something is wrong."""
    db, given = reached(), settings()
    trouble = machine.trouble(given, db) if what is None else []
    if "schema" not in {what for what, _ in trouble}:
        with db.reading() as session:
            found = proof.check(session)
        trouble += [(one.what, f"{one.thing}: {one.is_}, should be {one.should}") for one in found]
    for what, facts in trouble:
        click.echo(f"{what}: {facts}", err=True)
    if trouble:
        raise SystemExit(1)
    click.echo("All is well.")
