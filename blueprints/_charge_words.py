"""Charge types in words: what they are called, where their money comes from, what it is divided by."""

from resident.charging.charge import ChargeType

from . import _counters, _invoice_words, _money_words
from ._locale import _, fmt, language, pgettext


def called(charge: ChargeType) -> str:
    """Its name in the reader's language, else the first that it has; its code where it has none."""
    return _invoice_words.best(charge.name, language())[0] or charge.code


def typed(minor: int) -> str:
    """A sum as one types it: 1234,50."""
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}{fmt().point}{cents:02d}"


def bases() -> dict[str, str]:
    return {
        "tariff": _("A price, times something of the home"),
        "cost": _("A cost of the building, divided among the homes"),
        "amount": _("A sum agreed for each home: rent or an advance"),
    }


def keys() -> dict[str, str]:
    """What a price is multiplied by, or a cost divided by."""
    return {
        "equal": pgettext("charge", "Each home the same"),
        "area": pgettext("charge", "Area"),
        "heated_area": pgettext("charge", "Heated area"),
        "share": pgettext("charge", "Share of ownership"),
        "occupants": pgettext("charge", "Number of occupants"),
        "weights": pgettext("charge", "Weights of its own"),
        "meter": pgettext("charge", "Use by meters"),
        "fixed": pgettext("charge", "Once for each home and period"),
    }


def billed() -> dict[str, str]:
    return {
        "period": _("On the invoice of every period"),
        "settlement": _("Only in a settlement"),
        "separate": _("On separate invoices, when one is made"),
    }


def payers() -> dict[str, str]:
    return {"owner": _("The owner"), "tenant": _("The tenant")}


def accounts() -> dict[str, str]:
    """On which accounts a charge may be: nothing is charged on a deposit's."""
    return {kind: called for kind, called in _money_words.accounts().items() if kind != "deposit"}


def memberships() -> dict[str, str]:
    return {
        "all": pgettext("price", "Everybody"),
        "member": pgettext("price", "Members"),
        "non_member": pgettext("price", "Non-members"),
    }


def register(name: str) -> str:
    """What a meter's register is called; "" is one without a name."""
    return _counters.register(name) if name else _("The only register")


def how(charge: ChargeType) -> str:
    """ "A cost of the building, divided among the homes · Area" """
    base = bases()[charge.basis]
    return base if charge.basis == "amount" else f"{base} · {keys()[charge.key]}"
