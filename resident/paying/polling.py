"""Payments of which nothing was heard for a while are asked for: whoever paid and closed the page has paid (recurring.RECURS)."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import or_, select

from .. import clock
from ..db import Database
from ..settings import Settings
from . import setup
from .hearing import hear
from .intent import PaymentIntent
from .provider import BadSignature, ProviderAway
from .setup import Configured

log = logging.getLogger("resident.paying")
# How long nothing was heard; and the same for what is older than a day. After two weeks nobody asks any more.
QUIET, LATER, OVER = timedelta(minutes=15), timedelta(hours=6), timedelta(days=14)
AT_ONCE = 50


def recur(db: Database, settings: Settings) -> None:
    """What the worker does of it, where there are providers."""
    providers = setup.parse(settings.payments, settings.data_dir)
    if providers:
        look(db, providers)


def look(db: Database, providers: Mapping[str, Configured]) -> int:
    """Ask for all that are due; how many were paid."""
    with db.reading() as session:
        due = session.execute(_due()).all()
    return sum(check(db, providers, *row) for row in due)


def _due():
    now = clock.now()
    quiet = PaymentIntent.asked_at < now - QUIET
    often = or_(PaymentIntent.made_at > now - timedelta(days=1), PaymentIntent.asked_at < now - LATER)
    columns = (PaymentIntent.id, PaymentIntent.provider, PaymentIntent.provider_ref)
    waiting = select(*columns).where(PaymentIntent.state.in_(("created", "pending")), quiet, often)
    return waiting.order_by(PaymentIntent.asked_at).limit(AT_ONCE)


def check(db: Database, providers: Mapping[str, Configured], intent_id: int, provider_id: str, ref: str | None, by=None) -> bool:
    """Ask for one, outside of any transaction, and note the answer in one of its own. True when it is paid by now."""
    event, provider = None, providers.get(provider_id)
    if provider and ref:
        try:
            event = provider.driver.fetch_status(ref)
        except (ProviderAway, BadSignature) as why:
            log.warning("payment intent %s: %s %s", intent_id, type(why).__name__, why.facts.get("why", ""))
    with db.writing() as session:
        if event is not None:
            heard = hear(session, provider_id, event, called=provider.name, by=by)
            if heard is not None and heard.id == intent_id and heard.state == "paid":
                return True
        _note(session.get(PaymentIntent, intent_id, with_for_update=True))
    return False


def _note(intent: PaymentIntent) -> None:
    """It was asked for. One that never reached the provider, or of which nothing came for two weeks, has expired."""
    now = clock.now()
    intent.asked_at = now
    never = intent.state == "created" and intent.made_at < now - QUIET and intent.provider_ref is None
    if never or (intent.state == "pending" and intent.made_at < now - OVER):
        intent.state, intent.ended_at = "expired", now
