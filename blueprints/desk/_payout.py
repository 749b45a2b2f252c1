"""What the desk sees of a payment service's payout: which service, which payments it covers, what the service kept."""

from resident.banking import payout, payout_account
from resident.banking.bank_file import BankCredit
from resident.banking.payout_list import Payout

from .. import _payments
from .._locale import _
from .._web import session

MOST = 200


def services(organisation) -> dict[str, str]:
    """The payment services of an organisation, by id: those that are configured, and those whose accounts are known."""
    here = {one.id: one.name for one in _payments.configured().values() if organisation.slug in one.creditors}
    known = {one.provider: _payments.called(one.provider) for one in payout_account.of(session, organisation.id)}
    return known | here


def of(credit: BankCredit, organisation, waits: bool, may: bool) -> dict:
    """For the page of a payment. payout: None where it is none; services: of which one it may be a payout; twice: it is one, and
    was booked to a home."""
    facts = {
        "payout": None,
        "services": {},
        "twice": credit.state == "booked" and payout_account.source(session, credit) is not None,
    }
    if credit.why == "payout":
        intents = payout.covered(session, credit)
        source = payout_account.source(session, credit)
        facts["payout"] = {
            "service": _payments.called(source.provider) if source else "",
            "sum": Payout(credit, len(intents), sum(one.amount for one in intents)),
            "intents": intents[:MOST],
            "known": source is not None,
            "first": intents[0].ended_at if intents else None,
            "last": intents[-1].ended_at if intents else None,
        }
    elif may and waits and credit.payer_account and credit.kind != "reversal":
        facts["services"] = services(organisation)
    return facts


def kept(one: Payout) -> str:
    """What the difference is called."""
    if one.kept > 0:
        return _("Kept by the service")
    return _("Paid out beyond these payments") if one.kept < 0 else _("Difference")
