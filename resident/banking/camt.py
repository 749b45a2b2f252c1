"""camt.053 and camt.054 of ISO 20022, versions 02 to 08: read by local names, so that any version and namespace will do.

Payment by payment, in memory that does not grow with the XML of them. A document type, an entity or another message is refused.
Only what the bank has booked counts (Sts BOOK); balances and sums of the file are proved.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lxml import etree

from .statement import ID, NAME, FileRefused, Movement, Told, bare, day, minor, proved, tidy

MESSAGES = {"BkToCstmrStmt": "camt.053", "BkToCstmrDbtCdtNtfctn": "camt.054"}
_HOLDERS = ("Stmt", "Ntfctn")
_NOTHING = ("", "NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


# Where the parser stops: an entry, and each payment in it, is looked at when it is whole.
_STOPS = tuple(f"{{*}}{name}" for name in ("Document", *MESSAGES, *_HOLDERS, "Acct", "Bal", "TxsSummry", "TxDtls", "Ntry"))
# No bank writes so many octets between two of them.
_STRETCH = 2_000_000


def read(path: Path, told: Told) -> Iterator[Movement]:
    """Movements of a file. FileRefused with the line where it breaks."""
    with path.open("rb") as file:
        head = file.read(8000)
        # Without NUL it is the same in UTF-16.
        told.format = next((MESSAGES[name] for name in MESSAGES if name.encode() in head.replace(b"\0", b"")), "")
        if not told.format:
            raise FileRefused(why="kind", text="XML")
        # Text before the declaration is an error of XML that banks' portals make.
        file.seek(len(head) - len(head.removeprefix(b"\xef\xbb\xbf").lstrip()))
        yield from _read(file, told)
    if not told.accounts:
        raise FileRefused(why="no_account")


def _read(file: io.BufferedReader, told: Told) -> Iterator[Movement]:
    statement = None
    try:
        for event, element in _events(file):
            name = _local(element)
            if event == "start":
                statement = _Statement(told) if name in _HOLDERS else statement
            elif statement is not None and name in _HOLDERS:
                statement.ended(element.sourceline)
                statement = None
            elif statement is not None and name == "TxDtls":
                statement.payment(element)
            elif statement is not None and _local(element.getparent()) in _HOLDERS:
                for movement in statement.take(name, element):
                    yield told.take(movement)
    except etree.XMLSyntaxError as error:
        raise FileRefused(why="broken", line=error.lineno or 0) from None


def _events(file: io.BufferedReader):
    """The parser's events, once it is sure that there is no document type: without one there are no entities either."""
    counted = _Counted(file)
    events = etree.iterparse(
        counted, events=("start", "end"), tag=_STOPS, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    first = True
    for event, element in events:
        if first and element.getroottree().docinfo.doctype:
            raise FileRefused(why="doctype", line=element.sourceline)
        first, counted.since = False, 0
        yield event, element


class _Counted:
    """A file that is refused when too much was read of it since the parser stopped last."""

    def __init__(self, file: io.BufferedReader):
        self._file, self.since = file, 0

    def read(self, size: int) -> bytes:
        found = self._file.read(size)
        self.since += len(found)
        if self.since > _STRETCH:
            raise FileRefused(why="broken", line=0)
        return found


def _forget(element) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


# Of a TxDtls: its own amount, and as a last resort what was instructed.
_AMOUNTS = (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "CntrValAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt"))


# Sub-families of what came in (received credit transfers, direct debits that were collected) and goes back, where banks do not
# say RvslInd: returned, cancelled, unpaid, reversed.
_BACK = {"RCDT": ("RRTN", "RPCR"), "IDDT": ("UPDD", "PRDD", "RCDD")}


@dataclass(frozen=True, slots=True)
class _Payment:
    """What one TxDtls says. amounts: (text, currency, line) for each of _AMOUNTS; charges: the same, of what the payee's bank
    kept; returned: it gives back another payment (RtrInf)."""

    line: int
    side: str
    amounts: list[tuple | None]
    charges: list[tuple]
    returned: bool
    facts: dict


class _Statement:
    """One Stmt or Ntfctn while it is read."""

    def __init__(self, told: Told):
        self.told, self.account, self.currency = told, "", ""
        self.balances: dict[str, tuple[int, str, int]] = {}
        self.expected: list[tuple[str, int, int]] = []
        self.payments: list[_Payment] = []
        # In minor units and entries: what is booked, and with what waits.
        self.sums = {"CRDT": [0, 0], "DBIT": [0, 0]}
        self.waiting = {"CRDT": [0, 0], "DBIT": [0, 0]}

    def take(self, name: str, element) -> Iterator[Movement]:
        """One child of the statement, when it is whole."""
        if name == "Ntry":
            yield from self.entry(element)
            self.payments = []
            _forget(element)
        elif name in ("Acct", "Bal", "TxsSummry"):
            {"Acct": self.account_of, "Bal": self.balance, "TxsSummry": self.summary}[name](element)

    def payment(self, element) -> None:
        """Keep what one TxDtls says until its entry is whole, and let the element go: an entry may have a million."""
        told = (_child(element, *steps) for steps in _AMOUNTS)
        amounts = [None if one is None else _amount(one) for one in told]
        side, returned = _text(element, "CdtDbtInd"), _child(element, "RtrInf") is not None
        facts = _facts(element, self.account)
        self.payments.append(_Payment(element.sourceline, side, amounts, _charges(element), returned, facts))
        element.clear()
        before = element.getprevious()
        if _local(before) == "TxDtls":
            element.getparent().remove(before)

    def account_of(self, element) -> None:
        self.account = bare(_text(element, "Id", "IBAN") or _text(element, "Id", "Othr", "Id"))
        self.currency = _text(element, "Ccy")
        if not self.account:
            raise FileRefused(why="no_account", line=element.sourceline)
        self.told.accounts[self.account] = self.currency

    def balance(self, element) -> None:
        code = _text(element, "Tp", "CdOrPrtry", "Cd")
        if code not in _OPENING + _CLOSING or (code in _CLOSING and code in self.balances):
            return
        amount, currency, line = self.money(_child(element, "Amt"), element)
        sign = 1 if _text(element, "CdtDbtInd") == "CRDT" else -1
        if currency != (self.currency or currency):
            raise FileRefused(why="currency", currency=currency, should=self.currency, line=line)
        self.currency = self.currency or currency
        self.balances.setdefault(code, (sign * amount, currency, line))

    def summary(self, element) -> None:
        """What the file says of its own entries; proved at its end."""
        for name, sides in (("TtlNtries", ("CRDT", "DBIT")), ("TtlCdtNtries", ("CRDT",)), ("TtlDbtNtries", ("DBIT",))):
            part = _child(element, name)
            if part is None:
                continue
            count, total = _text(part, "NbOfNtries"), _text(part, "Sum")
            if count.isdecimal():
                self.expected.append(("count", sides, int(count), part.sourceline))
            if total:
                self.expected.append(("sum", sides, minor(total, line=part.sourceline), part.sourceline))

    def entry(self, element) -> Iterator[Movement]:
        line = element.sourceline
        amount, currency, _ = self.money(_child(element, "Amt"), element)
        side = _text(element, "CdtDbtInd")
        if side not in self.sums:
            raise FileRefused(why="field", text="CdtDbtInd", line=line)
        if not self.account:
            raise FileRefused(why="no_account", line=line)
        if currency != (self.currency or currency):
            raise FileRefused(why="currency", currency=currency, should=self.currency, line=line)
        booked = (_text(element, "Sts", "Cd") or _text(element, "Sts")) == "BOOK"
        for total in (self.sums, self.waiting) if booked else (self.waiting,):
            total[side][0] += amount
            total[side][1] += 1
        reversal = _text(element, "RvslInd") in ("true", "1") or (side == "DBIT" and self.gives_back(element))
        if not booked:
            self.told.pending += 1
        elif side == "DBIT" and not reversal:
            self.told.outgoing += 1
        else:
            yield from self.movements(element, amount if side == "CRDT" else -amount)

    def gives_back(self, element) -> bool:
        """Does a debit return what came in before?"""
        family = _child(element, "BkTxCd", "Domn", "Fmly")
        sub = _text(family, "SubFmlyCd") in _BACK.get(_text(family, "Cd"), ())
        return sub or (bool(self.payments) and all(one.returned for one in self.payments))

    def movements(self, element, amount: int) -> Iterator[Movement]:
        line, days = element.sourceline, self.days(element)
        entry = _id(_text(element, "AcctSvcrRef"))
        details = self.payments
        amounts = [self.part(one, amount, len(details)) for one in details]
        common = {"account": self.account, "currency": self.currency, "entry": entry, **days}
        kind = "reversal" if amount < 0 else "credit"
        if not details or None in amounts:
            several = len(details) > 1 or self.several(element)
            yield Movement(
                self.told.movements + 1, line, amount=amount, kind="batch" if kind == "credit" else kind, several=several,
                text=tidy(_text(element, "AddtlNtryInf")), **common,
            )  # fmt: skip
            return
        # A payer has paid what came, whatever the payee's own bank kept of it.
        if sum(amounts) != amount and sum(amounts) - self.kept(element) != amount:
            raise FileRefused(why="parts", is_=sum(amounts), should=amount, line=line)
        for one, part in zip(details, amounts, strict=True):
            if part:
                facts = common | one.facts | {"kind": "reversal" if part < 0 else "credit"}
                yield Movement(self.told.movements + 1, one.line, amount=part, **facts)

    def kept(self, element) -> int:
        """Charges that the bank took out of an entry, in minor units of the account."""
        charges = [one for payment in self.payments for one in payment.charges] or _charges(element)
        return sum(minor(text, line=line) for text, currency, line in charges if currency in (None, self.currency))

    def several(self, element) -> bool:
        """Does the entry stand for several payments, without telling them?"""
        counts = (_text(one, "Btch", "NbOfTxs") for one in _all_of(element, "NtryDtls"))
        return sum(int(count) for count in counts if count.isdecimal()) > 1

    def part(self, payment: "_Payment", whole: int, count: int) -> int | None:
        """The amount of one of an entry's payments: never what was remitted or instructed (credit notes, other currencies)."""
        *own, instructed = payment.amounts
        found = self.told_in(payment, whole, own)
        if found is not None or count == 1:
            return whole if found is None else found
        return self.told_in(payment, whole, [instructed])

    def told_in(self, payment: "_Payment", whole: int, amounts: list[tuple | None]) -> int | None:
        """The first of these amounts that is in the account's currency, with its sign."""
        for text, currency, line in filter(None, amounts):
            if currency in (None, self.currency):
                amount = minor(text, line=line)
                return amount if (payment.side or ("CRDT" if whole > 0 else "DBIT")) == "CRDT" else -amount
        return None

    def money(self, element, around) -> tuple[int, str, int]:
        if element is None:
            raise FileRefused(why="field", text="Amt", line=around.sourceline)
        return minor(element.text or "", line=element.sourceline), element.get("Ccy", self.currency), element.sourceline

    def days(self, element) -> dict[str, date]:
        found = {}
        for name, tag in (("value_day", "ValDt"), ("booked_day", "BookgDt")):
            text = _text(element, tag, "Dt") or _text(element, tag, "DtTm")
            if text:
                found[name] = day(*(text[:10].split("-") + ["", ""])[:3], line=element.sourceline)
        if not found:
            raise FileRefused(why="field", text="ValDt", line=element.sourceline)
        either = next(iter(found.values()))
        return {"value_day": either, "booked_day": either} | found

    def ended(self, line: int) -> None:
        """Prove what the file says of itself."""
        if not self.account:
            raise FileRefused(why="no_account", line=line)
        moved = self.sums["CRDT"][0] - self.sums["DBIT"][0]
        opening = next((self.balances[code] for code in _OPENING if code in self.balances), None)
        closing = self.balances.get("CLBD")
        if opening and closing:
            proved("balance", opening[0] + moved, closing[0], self.told, line=closing[2])
        for what, sides, should, line in self.expected:
            place = 1 if what == "count" else 0
            is_, with_waiting = (sum(total[side][place] for side in sides) for total in (self.sums, self.waiting))
            proved(what, should if with_waiting == should else is_, should, self.told, line=line)


# Who paid; for whom, where the bank says no more.
_PAYERS = (("Dbtr",), ("Dbtr", "Pty"), ("UltmtDbtr",), ("UltmtDbtr", "Pty"))


def _facts(details, account: str) -> dict:
    parties, refs = _child(details, "RltdPties"), _child(details, "Refs")
    remittance = list(_all_of(details, "RmtInf"))
    structured = [one for part in remittance for one in _all_of(part, "Strd")]
    references = [bare(_text(one, "CdtrRefInf", "Ref")) for one in structured]
    numbers = [_text(one, "RfrdDocInf", "Nb").lstrip("0") for one in structured]
    free = [one.text or "" for part in remittance for one in _all_of(part, "Ustrd")]
    further = [one.text or "" for part in structured for one in _all_of(part, "AddtlRmtInf")]
    words = [*free, *further, *numbers]
    credited = bare(_text(parties, "CdtrAcct", "Id", "IBAN") or _text(parties, "CdtrAcct", "Id", "Othr", "Id"))
    return {
        "own": _id(_text(refs, "AcctSvcrRef")),
        "end_to_end": _id(_text(refs, "EndToEndId")),
        "references": tuple(dict.fromkeys(reference for reference in references if reference)),
        # The account itself says nothing of the payer.
        "virtual": "" if credited == account else credited[:ID],
        "text": tidy(" ".join(filter(None, words or [_text(details, "AddtlTxInf")]))),
        "payer": tidy(next(filter(None, (_text(parties, *steps, "Nm") for steps in _PAYERS)), ""), NAME),
        "payer_account": bare(_text(parties, "DbtrAcct", "Id", "IBAN") or _text(parties, "DbtrAcct", "Id", "Othr", "Id"))[:ID],
    }


def _amount(element) -> tuple[str, str | None, int]:
    return element.text or "", element.get("Ccy"), element.sourceline


def _charges(element) -> list[tuple]:
    """What was charged on an entry or a payment: its total, else its records (of version 02: one Chrgs each)."""
    found = []
    for part in _all_of(element, "Chrgs"):
        total = _child(part, "TtlChrgsAndTaxAmt")
        each = [part] if _child(part, "Amt") is not None else list(_all_of(part, "Rcrd"))
        debits = [_child(one, "Amt") for one in each if _text(one, "CdtDbtInd") != "CRDT"]
        found.extend(_amount(one) for one in ([total] if total is not None else debits) if one is not None)
    return found


def _id(text: str) -> str:
    text = tidy(text, ID)
    return "" if text.upper() in _NOTHING or not text.strip("0") else text


def _local(element) -> str:
    return element.tag.rpartition("}")[2] if element is not None and isinstance(element.tag, str) else ""


def _child(element, *steps: str):
    for step in steps:
        if element is None:
            return None
        element = next(element.iterchildren(f"{{*}}{step}"), None)
    return element


def _text(element, *steps: str) -> str:
    found = _child(element, *steps)
    return (found.text or "").strip() if found is not None else ""


def _all_of(element, name: str) -> Iterator:
    return element.iterchildren(f"{{*}}{name}")
