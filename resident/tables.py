"""Every table of the portal, imported in one place, so that the metadata is whole for migrations and tests."""

from . import audit, files, jobs, number, once
from .banking import bank_account, bank_file, payout_account
from .charging import charge, correction, cost, draft, print_run, proof, settlement
from .db import Base
from .exchange import export_format, register_import
from .homes import building, organisation
from .metering import device_key, feed, held_sample, leak, medium, meter, price, reading, reminder, sample, similar, slip, window
from .money import account, demand, invoice, ledger, period, posting, rate
from .paying import intent
from .people import (
    agreement,
    consent,
    credential,
    device,
    factor,
    handover,
    identification,
    invitation,
    letter,
    limit,
    link,
    person,
    post,
    representation,
    sign_in,
    tenure,
)
from .privacy import erasure, export
from .talk import case, thread

METADATA = Base.metadata
__all__ = [
    "METADATA", "account", "agreement", "audit", "bank_account", "bank_file", "building", "case", "charge", "consent",
    "correction", "cost", "credential", "demand", "device", "device_key", "draft", "erasure", "export", "export_format",
    "factor", "feed", "files", "handover", "held_sample", "identification", "intent", "invitation", "invoice", "jobs",
    "leak", "ledger", "letter", "limit", "link", "medium", "meter", "number", "once", "organisation", "payout_account", "period",
    "person", "post", "posting", "price", "print_run", "proof", "rate", "reading", "register_import", "reminder",
    "representation", "sample", "settlement", "sign_in", "similar", "slip", "tenure", "thread", "window",
]  # fmt: skip
