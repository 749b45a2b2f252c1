"""Words about interest, the order of payment and what is booked by hand: settings, acts, sentences."""

import re

from ._locale import _, fmt, ngettext, pgettext


def acts() -> dict[str, str]:
    return {
        "interest_posted": _("Late interest posted"),
        "interest_rates_changed": _("Rates of late interest changed"),
        "holder_rate_changed": _("Rate of late interest of a billing account changed"),
        "collection_marked": _("Billing account marked as in collection"),
        "collection_ended": _("Collection of a billing account ended"),
        "payment_reminded": _("Payment reminders ordered"),
        "demand_written": _("Formal demand written"),
    }


def accounts() -> dict[str, str]:
    """What each kind of billing account is called."""
    return {
        "running": pgettext("billing account", "Running costs"),
        "fund": pgettext("billing account", "Fund"),
        # Translators: money that a tenant leaves with the landlord as a security.
        "deposit": pgettext("billing account", "Deposit"),
    }


def deposits() -> dict[str, str]:
    """What is booked on a deposit's account, as its holder reads it."""
    return {
        "payment": _("Deposit received"),
        "refund": _("Deposit returned"),
        "transfer": _("Moved to or from another account"),
    }


def openings() -> dict[str, str]:
    """What each kind is for."""
    return {
        "running": _("Rent, charges and everything else that is invoiced and not of a fund. The first invoice opens it by itself."),
        "fund": _(
            "What is charged for a fund, such as one for repairs, apart from running costs. The first charge opens it by itself."
        ),
        "deposit": _("Money held as a security. It bears no interest, pays no invoice by itself and is in no other balance."),
    }


# Whole numbers among the settings: the least and the most.
NUMBERS = {
    "interest_due_days": (0, 60),
    "pay_remind_before": (0, 20),
    "pay_remind_after": (0, 60),
    "demand_days": (7, 60),
}


def settings() -> dict[str, tuple[str, str]]:
    """name: (what it is called, what it does)."""
    return {
        "payment_order": (
            _("Order in which payments settle"),
            _("What a payment goes to when the payer names nothing. Residents see it in words."),
        ),
        "interest_charged": (
            _("Late interest"),
            _("Whether late interest is worked out and posted. The rates stand on the page of late interest."),
        ),
        "interest_year": (_("Days of the year in the reckoning"), _("For yearly rates. Not used in Russia.")),
        "interest_due_days": (
            _("When posted interest falls due"),
            _("How many days after the day on which it was posted."),
        ),
        "holiday_rule": (
            _("Due days on holidays"),
            _("Whether a payment is in time on the next working day when the due day is a Saturday, a Sunday or a public holiday."),
        ),
        "pay_remind_before": (
            _("Reminder before the due day"),
            _("How many days before it those are reminded by e-mail who have something to pay. 0 means never."),
        ),
        "pay_remind_after": (
            _("Reminder after the due day"),
            _("How many days after it a friendly e-mail is sent. It costs nothing and is not a formal demand. 0 means never."),
        ),
        "fee_caps": (
            _("Caps on collection fees"),
            _("How much fees may come to in all, by what is overdue. With nothing written there is no cap."),
        ),
        "demand_days": (_("Time to pay in a formal demand"), _("From the day of the letter to its due day.")),
    }


def choices(name: str) -> dict[str, str]:
    return {
        "payment_order": orders(),
        "interest_charged": {"yes": _("It is charged"), "no": _("It is not charged")},
        "interest_year": {"365": _("365 days, in leap years too"), "360": _("360 days")},
        "holiday_rule": {"yes": _("The next working day is in time"), "no": _("The due day is the last day")},
    }.get(name, {})


def orders() -> dict[str, str]:
    """The orders of payment, in words."""
    return {
        "oldest_due": _("What fell due first, whatever it is"),
        "costs_interest_principal": _("Collection fees first, then late interest, then what fell due first"),
        "principal_first": _("What fell due first, then late interest, then collection fees"),
    }


def counted(name: str, value: int) -> str:
    if name in ("pay_remind_before", "pay_remind_after") and not value:
        return pgettext("reminder", "never")
    return ngettext("%(n)d day", "%(n)d days", value)


def rate(millionths: int, parts: int) -> str:
    """A segment's rate, in words."""
    if not parts:
        return _("no interest on these days")
    share = fmt().percent(millionths // 100)
    if parts in (130, 300):
        # Translators: Russian late fee: a fraction of the key rate for each day, for example "1/300 of 9.5% a day".
        return _("1/%(parts)d of %(rate)s a day", parts=parts, rate=share)
    return _("%(rate)s a year", rate=share)


def order_told(order: str) -> list[str]:
    """How payments are allocated, step by step, for whoever pays."""
    steps = {
        "oldest_due": [_("What fell due first is settled first, whether it is an invoice, late interest or a fee.")],
        "costs_interest_principal": [
            _("Collection fees are settled first."),
            _("Then late interest."),
            _("Then invoices and other debts: what fell due first is settled first."),
        ],
        "principal_first": [
            _("Invoices and other debts are settled first: what fell due first comes first."),
            _("Then late interest."),
            _("Then collection fees."),
        ],
    }[order]
    return [
        _("When you name an invoice with the payment and we book it so, it is settled before anything else."),
        *steps,
        _("What is left over is your credit. It settles what falls due next."),
        _("The day that counts is the day on which the bank of the payee got the money."),
        _("Deposits are kept apart: no payment goes to them by itself."),
    ]


# ---- Caps on fees: a line each, "500 30" --------------------------------------------------------------------------------

_LINE = re.compile(r"(?:([0-9]{1,7})\s+)?([0-9]{1,5}(?:[.,][0-9]{1,2})?)")


def caps_shown(caps: list) -> str:
    """As they are typed: what is overdue up to, then the cap; the last one without the first."""
    lines = (" ".join(filter(None, (str(most // 100) if most else "", _written(cap)))) for most, cap in caps)
    return "\n".join(lines)


def _written(minor: int) -> str:
    return fmt().amount(minor) if minor % 100 else str(minor // 100)


def caps_told(caps: list) -> list[str]:
    write = fmt()
    told = [
        _("overdue up to %(most)s: at most %(cap)s", most=write.amount(most), cap=write.amount(cap))
        if most
        else _("above that: at most %(cap)s", cap=write.amount(cap))
        for most, cap in caps
    ]
    return told or [_("no cap")]


def caps_taken(text: str) -> list | None:
    """The caps of a text; None when it cannot be read, or does not rise."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        parts = _LINE.fullmatch(line)
        if not parts:
            return None
        whole, _point, rest = parts[2].replace(",", ".").partition(".")
        found.append([int(parts[1]) * 100 if parts[1] else None, int(whole) * 100 + int(rest.ljust(2, "0") or 0)])
    bounds = [most for most, _cap in found]
    rising = all(most is not None for most in bounds[:-1]) and [b for b in bounds if b] == sorted({b for b in bounds if b})
    return found if rising else None
