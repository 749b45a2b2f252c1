"""What the form of a booking by hand holds, what it will do in words, and the verb that does it."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from flask import g, request

from resident import access
from resident.money import by_hand
from resident.money.account import Account

from .. import _typed
from .._days import among
from .._locale import _, fmt

# Rows of principal in the form of an opening balance.
DEBTS = range(1, 5)
LONGEST = 200


def names(account: Account) -> dict[str, str]:
    """What is booked by hand on an account, each called as something to do."""
    if account.kind == "deposit":
        return {
            "payment": _("Book a deposit received"),
            "refund": _("Book a deposit returned"),
            "transfer": _("Move the deposit to another account"),
        }
    return {
        "payment": _("Book a payment"),
        "opening": _("Book an opening balance"),
        "refund": _("Book a refund"),
        "write_off": _("Write a debt off"),
        "transfer": _("Move to another account"),
        "fee": _("Charge a collection fee"),
        "correction": _("Correct the balance"),
    }


class Typed:
    """The form, read. errors: {field: sentence}."""

    def __init__(self, kind: str, today: date):
        self.kind, self.today = kind, today
        self.errors: dict[str, str] = {}
        self.day = among(self.errors, "day")
        self.text = _typed.line("text")
        if len(self.text) > LONGEST:
            self.errors["text"] = _("At most %(n)d characters. Shorten it.", n=LONGEST)
        if kind == "correction" and not self.text:
            self.errors["text"] = _("Write why the balance is corrected. The holder sees it.")
        self.amount = self._amount("amount", kind != "opening") or 0
        self.due = among(self.errors, "due", wanted=False) if kind in ("transfer", "fee", "correction") else None
        self.number = request.form.get("number", "").strip()
        self.debt = request.form.get("what") == "debt"
        self.up = request.form.get("up", "yes") == "yes"
        self.item = _typed.whole(request.form, "item")
        self.debts, self.interest, self.credit = self._opening() if kind == "opening" else ([], 0, 0)

    def _amount(self, name: str, wanted: bool) -> int | None:
        try:
            found = _typed.minor(request.form, name)
        except ValueError:
            self.errors[name] = _("Write the amount in figures, for example 12.50.")
            return None
        if wanted and not found:
            self.errors[name] = _("Write an amount above zero.")
        return found

    def _opening(self) -> tuple[list, int, int]:
        debts = []
        for n in DEBTS:
            amount = self._amount(f"amount-{n}", False)
            due = among(self.errors, f"due-{n}", wanted=bool(amount))
            debts += [(amount, due)] if amount and due else []
        interest, credit = (self._amount(name, False) or 0 for name in ("interest", "credit"))
        if not (debts or interest or credit) and not self.errors:
            self.errors["amount-1"] = _("Write at least one amount.")
        return debts, interest, credit


def book(session, account: Account, given: Typed, key: str, by) -> None:
    """Do what the form says; by_hand's errors."""
    how = {"text": given.text, "key": key, "today": given.today, "by": by}
    one = (session, account, given.amount, given.day)
    does: dict[str, Callable] = {
        "payment": lambda: by_hand.receive(*one, wishes=(given.item,) if given.item else (), **how),
        "opening": lambda: by_hand.open_with(
            session, account, given.day, given.debts, interest=given.interest, credit=given.credit, **how
        ),
        "refund": lambda: by_hand.give_back(*one, **how),
        "write_off": lambda: by_hand.write_off(*one, **how),
        "transfer": lambda: by_hand.transfer(
            *(session, account, given.number, given.amount, given.day),
            debt=given.debt,
            due=given.due,
            within=access.reach_accounts(g.viewer, "billing"),
            **how,
        ),
        "fee": lambda: by_hand.charge_fee(*one, due=given.due, **how),
        "correction": lambda: by_hand.correct(*one, up=given.up, due=given.due, **how),
    }
    does[given.kind]()


class Effect(NamedTuple):
    """What the booking will do: sentences, then whether it can be undone."""

    does: list[str]
    undo: str


def effect(account: Account, given: Typed) -> Effect:
    write = fmt()
    amount, day = write.money(given.amount, account.currency), write.long(given.day)
    undo = _("It can be taken back: the opposite is booked beside it, and both stay in the ledger.")
    due = write.long(given.due or given.day)
    if given.kind == "opening":
        return Effect(_of_opening(account, given), undo)
    if given.kind == "transfer":
        move = (
            _("A debt of %(amount)s leaves this account on %(day)s and stands on account %(number)s, to be paid by %(due)s.")
            if given.debt
            else _("%(amount)s of credit leaves this account on %(day)s and stands on account %(number)s.")
        )
        said = move % {"amount": amount, "day": day, "number": given.number, "due": due}
        return Effect([said], _("Either side can be taken back by itself: take back both."))
    said = {
        "payment": _("%(amount)s is booked as received on %(day)s.", amount=amount, day=day),
        "refund": _refunded(account) % {"amount": amount, "day": day},
        "write_off": _("%(amount)s of what is open is given up on %(day)s. The holder no longer owes it.", amount=amount, day=day),
        "fee": _("The holder is charged %(amount)s, to be paid by %(due)s. It bears no interest.", amount=amount, due=due),
        "correction": _("What the holder owes rises by %(amount)s, to be paid by %(due)s.", amount=amount, due=due)
        if given.up
        else _("What the holder owes falls by %(amount)s on %(day)s.", amount=amount, day=day),
    }  # fmt: skip
    late = [] if account.kind == "deposit" else _late(given)
    return Effect([said[given.kind], *late], undo)


def _refunded(account: Account) -> str:
    if account.kind == "deposit":
        return _("%(amount)s of the deposit is booked as paid to the holder on %(day)s. The bank transfer is yours to make.")
    return _("%(amount)s of credit is booked as paid to the holder on %(day)s. The bank transfer is yours to make.")


def _late(given: Typed) -> list[str]:
    if given.kind == "payment" and given.day < given.today:
        return [_("Interest posted for days after it is taken back when interest is posted next.")]
    return []


def _of_opening(account: Account, given: Typed) -> list[str]:
    write = fmt()
    said = [
        _("%(amount)s is owed, to be paid by %(day)s.", amount=write.money(amount, account.currency), day=write.long(due))
        for amount, due in given.debts
    ]
    if given.interest:
        said.append(
            _("%(amount)s of late interest is owed. It bears no interest.", amount=write.money(given.interest, account.currency))
        )
    if given.credit:
        said.append(_("%(amount)s is the holder’s credit.", amount=write.money(given.credit, account.currency)))
    return said


def told(error: Exception, account: Account) -> dict[str, str]:
    """{field: sentence} of a refusal."""
    write = fmt()
    if isinstance(error, by_hand.FutureDay):
        return {"day": _("This day has not come yet. Choose today or an earlier day.")}
    if isinstance(error, by_hand.NoOtherAccount):
        return {"number": _("No other account of yours has this number. Look it up on the page of the home.")}
    if isinstance(error, by_hand.NeverOwed):
        return {"number": _("Nothing is owed on a deposit: a debt is not moved to one. Choose another account.")}
    if isinstance(error, by_hand.NotEnough):
        return {"amount": _("There is only %(amount)s. Write at most that.", amount=write.money(error.there, account.currency))}
    if isinstance(error, by_hand.OverCap):
        money = {name: write.money(getattr(error, name), account.currency) for name in ("cap", "used", "claim")}
        said = _("The law allows fees of %(cap)s in all while %(claim)s is overdue, and %(used)s is booked already.", **money)
        return {"amount": said}
    return {"amount": _("Write an amount above zero.")}
