"""Everything that speaks HTTP or the shell. A blueprint imports resident and the shared rooms (_*.py), never another."""

from importlib import import_module

# In the order of the menu; each module has `bp`.
AREAS = (
    "entrance",
    "proof",
    "home",
    "readings",
    "entry",
    "invoices",
    "messages",
    "faults",
    "files",
    "homes",
    "household",
    "invitations",
    "handovers",
    "details",
    "record",
    "address",
    "passwords",
    "registration",
    "agreement",
    "identification",
    "second_factor",
    "passkeys",
    "factors",
    "desk.home",
    "desk.register",
    "desk.tenures",
    "desk.handovers",
    "desk.viewing",
    "desk.sign_ins",
    "desk.letters",
    "desk.factors",
    "desk.readings",
    "desk.windows",
    "desk.invoices",
    "desk.accounts",
    "desk.messages",
    "desk.faults",
    "desk.imports",
    "desk.posts",
    "desk.agreements",
    "desk.representations",
    "desk.roles",
    "desk.settings",
    "desk.audit",
    "desk.erasures",
    "desk.system",
    "worker",
    "demo",
    "importing",
    "beginning",
    "commands",
)


def every():
    """The blueprint of each area."""
    return [import_module(f"{__name__}.{area}").bp for area in AREAS]
