"""The sentences of payments in: why a bank's file is refused, why a payment waits, what speaks for an account."""

from . import _days
from ._locale import _, fmt, ngettext, pgettext

FORMATS = {
    "camt.053": "camt.053", "camt.054": "camt.054", "svm": "KTL", "mt940": "MT940", "1c": "1CClientBankExchange", "csv": "CSV",
}  # fmt: skip


def refusal(facts: dict, currency: str = "") -> str:
    """Why nothing of a file was taken, and where in it."""
    sentence = _refused(facts, currency)
    line = facts.get("line")
    # Translators: a line of a file by its number, then a sentence about it.
    return _("Line %(line)d: %(sentence)s", line=line, sentence=sentence) if line else sentence


def _refused(facts: dict, currency: str) -> str:
    why = facts["why"]
    if why in ("parts", "balance", "sum", "turnover"):
        return _unequal(why, facts, currency)
    special = {
        "large": lambda: _(
            "The file is larger than %(limit)s MB. Put it into the watched folder instead.", limit=fmt().size(facts["limit"])
        ),
        "foreign": lambda: _(
            "The file is about the account %(account)s, which is not one of your bank accounts.", account=_account(facts)
        ),
        "ended": lambda: _(
            "The account %(account)s was not yours on %(day)s.", account=_account(facts), day=fmt().date(_days.read(facts["day"]))
        ),
        "currency": lambda: _(
            "The amount is in %(currency)s, but the account is in %(should)s.", currency=facts["currency"], should=facts["should"]
        ),
        "count": lambda: _(
            "The file says %(should)d entries but has %(is_)d.", should=facts["should"], is_=facts["is_"]
        ),
        "amount": lambda: _("“%(text)s” is not an amount.", text=facts["text"]),
        "day": lambda: _("“%(text)s” is not a day.", text=facts["text"]),
        "field": lambda: _("This is not as the format says: “%(text)s” is missing or wrong.", text=facts["text"]),
    }  # fmt: skip
    if why in special:
        return special[why]()
    return {
        "empty": _("The file is empty."),
        "kind": _("The file is of a kind that cannot be read here. If it is a CSV, name its columns first."),
        "encoding": _("The letters of the file are not in the agreed encoding."),
        "doctype": _("The file has a document type or entities, which no bank sends."),
        "no_account": _("The file does not say which account it is about."),
        "columns": _("The columns are not those that were agreed."),
    }.get(why, _("The file is damaged, or was cut off."))


def _unequal(why: str, facts: dict, currency: str) -> str:
    words = {
        "parts": _("The payments of this entry come to %(is_)s, the entry itself is %(should)s. Difference: %(difference)s."),
        "balance": _("With its entries the file comes to a balance of %(is_)s, but says %(should)s. Difference: %(difference)s."),
        "turnover": _("The documents come to %(is_)s, but the file says %(should)s. Difference: %(difference)s."),
        "sum": _("The entries come to %(is_)s, but the file says %(should)s. Difference: %(difference)s."),
    }
    is_, should = facts["is_"], facts["should"]
    money = {"is_": is_, "should": should, "difference": is_ - should}
    return words[why] % {name: fmt().money(amount, currency) for name, amount in money.items()}


def _account(facts: dict) -> str:
    return fmt().bank_account(facts["account"])


def why(name: str | None) -> str:
    """Why a payment waits."""
    return {
        "none": _("No reference"),
        "unknown": _("Unknown reference"),
        "several": _("References of several accounts"),
        "batch": _("A sum of several payments"),
        "reversal": _("Taken back by the bank"),
        "undone": _("Reopened by the office"),
        "payout": _("Payout of a payment service"),
    }.get(name or "", "")


def explained(name: str | None) -> str:
    """What whoever decides should know of it."""
    return {
        "none": _("The payment gives no reference. Look below where it may belong."),
        "unknown": _("The payment gives a reference that leads to none of your billing accounts."),
        "several": _("The payment names more than one billing account. Book it to one of them, or split it."),
        "batch": _("The bank gave only the sum. When a file with the single payments comes, this entry is settled by itself."),
        "reversal": _("The bank took a payment back, and the file does not say which. Choose it below."),
        "undone": _("It was booked or left out of the books before. See who did it under “Who did what”."),
    }.get(name or "", "")


def reasons() -> dict[str, str]:
    """What speaks for an account."""
    return {
        "payer": _("Paid from this account before"),
        "document": _("The number of its invoice is in the text"),
        "reference": _("Its reference is in the text"),
        "amount": _("Exactly this sum is open"),
        "name": _("The payer has the holder’s name"),
    }


def how(name: str | None) -> str:
    """How it was found where a payment belongs."""
    return {
        "reference": _("By its reference"),
        "virtual": _("By the account that was paid to"),
        "text": _("By the reference in its text"),
        "payer": _("By the payer’s account"),
        "desk": _("By the office"),
    }.get(name or "", "")


def tag(state: str, kind: str = "credit", why: str | None = None) -> tuple[str, str]:
    """(word, look) of a payment's state."""
    if kind == "reversal" and state == "booked":
        return pgettext("of a payment", "Taken back"), "shut"
    if (state, why) == ("aside", "payout"):
        return pgettext("of a payment", "Payout"), "shut"
    return {
        "matched": (_("Being booked"), "work"),
        "booked": (pgettext("of a payment", "Booked"), "done"),
        "waiting": (pgettext("of a payment", "Waiting"), "wait"),
        "aside": (pgettext("of a payment", "Left out"), "shut"),
        "told": (_("Split into single payments"), "shut"),
        "reversed": (pgettext("of a payment", "Taken back"), "no"),
    }[state]


def counts(told: dict, currency: str) -> list[tuple[str, str, str]]:
    """What became of a file, line by line: (word, how many, amount or "")."""
    money = fmt().money
    lines = [
        (_("Payments in"), told.get("payments", 0), money(told.get("sum", 0), currency), True),
        (pgettext("of payments", "New"), told.get("new", 0), money(told.get("new_sum", 0), currency), True),
        (_("Known from other files"), told.get("known", 0), "", False),
        (pgettext("of payments", "Booked at once"), told.get("booked", 0), "", True),
        (_("Payouts of payment services"), told.get("payouts", 0), money(told.get("payouts_sum", 0), currency), False),
        (_("Waiting for the office"), told.get("waiting", 0), money(told.get("waiting_sum", 0), currency), False),
        (_("Paid out, left alone"), told.get("outgoing", 0), "", False),
        (_("Not booked by the bank yet, left alone"), told.get("pending", 0), "", False),
        (_("Control totals that held"), told.get("proved", 0), "", False),
    ]
    return [(word, fmt().number(number * 1_000_000), amount) for word, number, amount, always in lines if number or always]


def new_payments(number: int) -> str:
    return ngettext("%(n)d new payment", "%(n)d new payments", number)


def parts_wrong(facts: dict, currency: str) -> str:
    """Why a payment cannot be booked so."""
    if facts["why"] == "sum":
        return _(
            "The parts come to %(is_)s, but the payment is %(should)s.",
            is_=fmt().money(facts["is_"], currency), should=fmt().money(facts["should"], currency),
        )  # fmt: skip
    return {
        "none": _("Choose at least one account."),
        "sign": _("Every part must be more than nothing."),
        "doubled": _("Each account can be chosen once."),
    }.get(facts["why"], _("This account is not one of the organisation."))


# ---- CSV -------------------------------------------------------------------------------------------------------------


def columns() -> dict[str, str]:
    return {
        "day": _("Day when the money came"),
        "amount": _("Amount"),
        # Translators: a column of a bank's CSV.
        "out": _("Paid out, where it has a column of its own"),
        "side": _("In or out, where amounts have no sign"),
        "side_is": _("How a payment in is marked there"),
        "currency": _("Currency"),
        "balance": _("Balance after it"),
        "booked": _("Day of booking, where it differs"),
        "reference": _("Reference"),
        "account": _("Billing account (лицевой счёт)"),
        "text": _("Text of the payment"),
        "payer": _("Payer’s name"),
        "payer_account": _("Payer’s bank account"),
        "own": _("Your own bank account"),
        "id": _("The bank’s number of the payment"),
        "row": _("Kind of row, where not every row is a payment"),
        "row_is": _("What it says of payments"),
    }


def orders() -> dict[str, str]:
    return {
        "dmy": _("Day, month, year: 30.11.2026"),
        "mdy": _("Month, day, year: 11/30/2026"),
        "ymd": _("Year, month, day: 2026-11-30"),
        "compact": _("Without anything between: 20261130"),
    }


def decimals() -> dict[str, str]:
    return {
        "comma": _("With a comma: 1 234,50"),
        "point": _("With a point: 1,234.50"),
        "minor": _("In cents, grosze or kopecks: 123450"),
    }


def encodings() -> dict[str, str]:
    return {
        "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": _("Windows, Western Europe"), "cp1250": _("Windows, Central Europe"),
        "cp1251": _("Windows, Cyrillic"), "cp1257": _("Windows, Baltic"), "cp866": _("DOS, Cyrillic"),
        "cp852": _("DOS, Central Europe"),
    }  # fmt: skip
