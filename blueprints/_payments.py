"""Providers of payment pages at the door: which there are, the way there, and what comes back in their name."""

import logging
from urllib.parse import urlsplit

from flask import abort, current_app, request, url_for

from resident.access import Controller
from resident.errors import NotSaved, TooMany
from resident.paying import hearing, making
from resident.paying.intent import PaymentIntent
from resident.paying.payable import Payable
from resident.paying.provider import BadSignature, ProviderAway, ProviderEvent, Wanted
from resident.paying.setup import Configured
from resident.people import limit

from ._invoice_words import title
from ._locale import _, language, pgettext
from ._web import database, settings

log = logging.getLogger("resident.paying")


def configured() -> dict[str, Configured]:
    return current_app.extensions["resident.payments"]


def offered(organisation: Controller) -> bool:
    """Can anything be paid in the portal to whoever owns or manages the home?"""
    return any(one.serves(organisation.slug, organisation.currency) for one in configured().values())


def called(provider_id: str) -> str:
    found = configured().get(provider_id)
    return found.name if found else _("A service that is not in use any more")


def send(intent: PaymentIntent, account: Payable) -> str | None:
    """Make the payment at its provider, nothing of the database held meanwhile; where the payer goes, None when it is away."""
    which, base = configured()[intent.provider], settings().base_url
    wanted = Wanted(
        id=intent.token,
        amount=intent.amount,
        currency=intent.currency,
        what=_("Payment to %(payee)s", payee=account.creditor),
        reference=account.reference or account.number or "",
        language=language(),
        # The payer's own is nobody's business; one provider will not do without any.
        email=account.email or f"no-reply@{urlsplit(base).hostname}",
        back=base + url_for("paying.back", which=which.id),
        callback=base + url_for("paying.callback", which=which.id),
    )
    try:
        there = which.driver.create(wanted)
    except ProviderAway as why:
        told(which.id, why)
        with database().writing() as own:
            making.not_sent(own, intent.id)
        return None
    with database().writing() as own:
        making.sent(own, intent.id, there)
    return there.url


def told(which: str, trouble) -> None:
    """One line in the log for whoever runs the machine; nothing that was sent."""
    log.warning("payments by %s: %s %s", which, type(trouble).__name__, trouble.facts.get("why", ""))


def heard(which: Configured, event: ProviderEvent) -> tuple[int, str] | None:
    """(id, state) of the payment that a proved word is about, noted and committed; None when it is none of ours. NotSaved."""
    with database().writing() as own:
        intent = hearing.hear(own, which.id, event, called=which.name)
        return (intent.id, intent.state) if intent else None


def brought_back(which: Configured) -> int | None:
    """The payment that a browser came back from; None when what it brought is not believed, or there is no word now."""
    address = request.remote_addr or ""
    try:
        with database().reading() as own:
            limit.check_payment(own, address)
            ref = which.driver.brought(request.args)
            if ref is not None and not making.known(own, which.id, ref):
                abort(404)
        found = heard(which, which.driver.parse_return(request.args))
        return found[0] if found else None
    except (BadSignature, ProviderAway, NotSaved, TooMany) as why:
        told(which.id, why)
        # Asking costs too, when nobody answers.
        if isinstance(why, BadSignature | ProviderAway):
            strange(address)
        return None


def strange(address: str) -> None:
    with database().writing() as own:
        limit.count_payment(own, address)


# ---- Words -----------------------------------------------------------------------------------------------------------


def tag(state: str, trouble: str | None = None) -> tuple[str, str]:
    """(words, class of .tag) of how far a payment came."""
    if trouble and state != "paid":
        return pgettext("payment", "Looked into"), "no"
    return {
        "created": (pgettext("payment", "Not finished"), "wait"),
        "pending": (pgettext("payment", "Waiting for confirmation"), "wait"),
        "paid": (pgettext("payment", "Paid"), "done"),
        "failed": (pgettext("payment", "Did not succeed"), "no"),
        "expired": (pgettext("payment", "Not finished in time"), "no"),
    }[state]


def item(owed) -> str:
    """What an open item is called."""
    return title(owed.kind, owed.month) if owed.invoice_id else _("Other entry")
