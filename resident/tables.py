"""Every table of the portal, imported in one place, so that the metadata is whole for migrations and tests."""

from . import audit, files, jobs, number, once
from .db import Base
from .exchange import register_import
from .homes import building, organisation
from .metering import meter, reading, window
from .money import account, invoice, ledger, period
from .people import (
    agreement,
    consent,
    credential,
    device,
    erasure,
    export,
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
)  # fmt: skip
from .talk import case, thread

METADATA = Base.metadata
__all__ = [
    "METADATA", "account", "agreement", "audit", "building", "case", "consent", "credential", "device", "erasure", "export",
    "factor", "files", "handover", "identification", "invitation", "invoice", "jobs", "ledger", "letter", "limit", "link", "meter",
    "number", "once", "organisation", "period", "person", "post", "reading", "register_import", "representation",
    "sign_in", "tenure", "thread", "window",
]  # fmt: skip
