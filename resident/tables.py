"""Every table of the portal, imported in one place, so that the metadata is whole for migrations and tests."""

from . import audit, files, jobs, number, once
from .db import Base
from .exchange import register_import
from .homes import building, organisation
from .metering import meter, reading, window
from .money import account, invoice, ledger, period
from .people import credential, limit, person, post, sign_in, tenure
from .talk import case, thread

METADATA = Base.metadata
__all__ = [
    "METADATA", "account", "audit", "building", "case", "credential", "files", "invoice", "jobs", "ledger", "limit",
    "meter", "number", "once", "organisation", "period", "person", "post", "reading",
    "register_import", "sign_in", "tenure", "thread", "window",
]  # fmt: skip
