"""MT940 as Polish banks write it: balances proved, mass payments by the number of whoever pays (ID IPH, virtual accounts).

Field 86 is free ("…; ID IPH: X; OD: NAME; TYT.: TEXT"), in words between slashes ("/ORDP//NAME/JAN/REMI/TEXT"), or in subfields
of two digits after ~, <, ^, ? or |: 20–29 and 60–63 text, 31 and 38 the payer's account, 32, 33 the payer. UTF-8, cp1250 and cp852
are told apart by their letters.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from .letters import encoding_of
from .statement import ID, NAME, FileRefused, Movement, Told, bare, day, minor, proved, tidy

_TAG = re.compile(r":(\d\d[A-Z]?):(.*)")
_LINE = re.compile(r"(\d{6})(\d{4})?(R?[CD])([A-Z])?(\d[\d,.]*)([A-Z][A-Z0-9]{3})?([^/\n]{0,16})(?://(.{0,34}))?", re.ASCII)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,]+)", re.ASCII)
# The bank's code of the transaction stands before them, or does not.
_SUBFIELDS = re.compile(r"\s*[0-9A-Z]{0,4}\s*([~<^?|])(?=\d\d)", re.ASCII)
_WORDS = re.compile(r"/(EREF|ORDP|BENM|NAME|ACC|IBAN|ID|ADDR|REMI|USTD|STRD|ISDT|TXT|PREF|IREF|OCMT|CHGS|PURP|CSID|MARF|RTRN)/")
_IPH = re.compile(r"ID\s*IPH[:\s]*([^\s;,]+)", re.IGNORECASE)
_LABEL = re.compile(r"\s*(Z RACH|OD|TYT|TNR|ID IPH)\s*\.?\s*:", re.IGNORECASE)
# The width of a subfield: what fills it goes on in the next one.
_WIDE = 27
LETTERS = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"


def read(path: Path, told: Told) -> Iterator[Movement]:
    """FileRefused with the line where it breaks."""
    told.format = "mt940"
    statement = None
    for line, tag, value in _fields(path):
        if tag == "20":
            yield from _ended(statement, told, line)
            statement = _Statement(told, line)
        elif statement is None:
            raise FileRefused(why="field", text=tag, line=line)
        else:
            yield from statement.take(line, tag, value)
    if statement is None:
        raise FileRefused(why="kind", text="MT940")
    yield from _ended(statement, told, line)


def _ended(statement, told: Told, line: int) -> Iterator[Movement]:
    if statement is not None:
        yield from statement.ended(line)


def _fields(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, tag, value with its further lines)"""
    began, tag, values = 0, "", []
    with path.open("r", encoding=encoding_of(path, ("cp1250", "cp852"), LETTERS), errors="replace", newline=None) as file:
        for line, raw in enumerate(file, 1):
            text = raw.rstrip("\n\x1a\x03").removeprefix("\x01")
            text = text.rpartition("{4:")[2] if text.startswith("{") else text
            found = _TAG.match(text)
            if found:
                if tag:
                    yield began, tag, "\n".join(values)
                began, tag, values = line, found[1], [found[2]]
            elif tag and text.strip() not in ("-", "-}", ""):
                values.append(text)
            elif not tag and text.strip():
                raise FileRefused(why="field", text=tidy(text, 20), line=line)
    if tag:
        yield began, tag, "\n".join(values)


class _Statement:
    """From one :20: to the next."""

    def __init__(self, told: Told, line: int):
        self.told, self.line, self.account, self.currency = told, line, "", ""
        self.balance: int | None = None
        self.closed = False
        self.waiting: tuple | None = None

    def take(self, line: int, tag: str, value: str) -> Iterator[Movement]:
        if tag == "25":
            self.account = bare(value.split("\n")[0].strip().lstrip("/").rpartition("/")[2])
        elif tag in ("60F", "60M"):
            self.balance, self.currency = self.money(line, value)
            self.told.accounts[self.account] = self.currency
        elif tag == "61":
            yield from self.flush("")
            self.waiting = line, value
        elif tag == "86":
            # After the closing balance it is about the statement as a whole.
            yield from self.flush(value)
        elif tag in ("62F", "62M"):
            yield from self.flush("")
            closing, currency = self.money(line, value)
            self.same(line, currency)
            proved("balance", self.balance, closing, self.told, line=line)
            self.closed = True

    def ended(self, line: int) -> Iterator[Movement]:
        yield from self.flush("")
        if not self.account:
            raise FileRefused(why="no_account", line=self.line)
        if not self.closed:
            # Cut off: what is missing is not known.
            raise FileRefused(why="field", text="62F", line=line)

    def money(self, line: int, value: str) -> tuple[int, str]:
        found = _BALANCE.match(value.strip())
        if found is None:
            raise FileRefused(why="field", text=tidy(value, 20), line=line)
        return minor(found[4], line=line) * (1 if found[1] == "C" else -1), found[3]

    def same(self, line: int, currency: str) -> None:
        if currency != self.currency:
            raise FileRefused(why="currency", currency=currency, should=self.currency, line=line)

    def flush(self, details: str) -> Iterator[Movement]:
        if self.waiting is None:
            return
        (line, value), self.waiting = self.waiting, None
        found = _LINE.match(value.split("\n")[0])
        if found is None or self.balance is None:
            raise FileRefused(why="field", text=tidy(value, 20), line=line)
        amount = minor(found[5], line=line)
        self.balance += amount if found[3] in ("C", "RD") else -amount
        if found[3] == "D":
            self.told.outgoing += 1
            return
        value_day, booked = _days(found[1], found[2], line)
        # RC takes a credit back; RD is a payment out that came back.
        back = found[3] == "RC"
        yield self.told.take(
            Movement(
                self.told.movements + 1, line, self.account, -amount if back else amount, self.currency, value_day, booked,
                kind="reversal" if back else "credit", own=_id(found[8]), end_to_end=_id(found[7]), **described(details),
            )
        )  # fmt: skip


def _days(value: str, booked: str | None, line: int) -> tuple[date, date]:
    """The day of booking has no year: it is the one nearest to the value day."""
    first = day(2000 + int(value[:2]), value[2:4], value[4:], line=line)
    if not booked:
        return first, first
    near = [one for year in (-1, 0, 1) if (one := _or_none(first.year + year, booked))]
    if not near:
        raise FileRefused(why="day", text=booked, line=line)
    found = min(near, key=lambda one: abs(one - first))
    return first, found if abs(found - first) < timedelta(days=62) else first


def _or_none(year: int, text: str) -> date | None:
    try:
        return date(year, int(text[:2]), int(text[2:]))
    except ValueError:
        return None


def described(details: str) -> dict:
    """What field 86 says: virtual, text, payer, payer_account."""
    mark = _SUBFIELDS.match(details)
    if mark:
        return _subfields(details, mark[1])
    return _words(details) if "/REMI/" in details or "/ORDP/" in details else _labels(details)


def _subfields(details: str, mark: str) -> dict:
    parts: dict[str, str] = {}
    for piece in details.replace("\n", "").split(mark)[1:]:
        parts[piece[:2]] = parts.get(piece[:2], "") + piece[2:]
    text = ""
    for name in [*(str(number) for number in range(20, 30)), "60", "61", "62", "63"]:
        part = parts.get(name, "")
        text += part if len(part) >= _WIDE else f"{part} "
    found = _IPH.search(text)
    return {
        "virtual": bare(found[1])[:ID] if found else "",
        "text": tidy(text),
        "payer": tidy(f"{parts.get('32', '')} {parts.get('33', '')}", NAME),
        "payer_account": bare(parts.get("38", "") or parts.get("31", ""))[:ID],
    }


def _words(details: str) -> dict:
    """SWIFT's words. A line ends where it is full, within a word too."""
    pieces = _WORDS.split("/" + details.replace("\n", "").lstrip("/"))
    parts: dict[str, str] = {}
    for name, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if value.strip("/ "):
            parts.setdefault(name, value.strip("/ "))
    text = " ".join(parts[name] for name in ("REMI", "USTD", "STRD") if name in parts) or details
    found = _IPH.search(text)
    return {
        "virtual": bare(found[1])[:ID] if found else "",
        "text": tidy(text),
        "payer": tidy(parts.get("NAME") or parts.get("ORDP"), NAME),
        "payer_account": bare(parts.get("IBAN") or parts.get("ACC", ""))[:ID],
    }


def _labels(details: str) -> dict:
    parts: dict[str, str] = {}
    for piece in details.replace("\n", " ").split(";"):
        found = _LABEL.match(piece)
        if found:
            parts.setdefault(found[1].upper(), piece[found.end() :])
    iph = _IPH.search(details.replace("\n", ""))
    return {
        "virtual": bare(iph[1])[:ID] if iph else "",
        "text": tidy(parts.get("TYT") if "TYT" in parts else details),
        "payer": tidy(parts.get("OD"), NAME),
        "payer_account": bare(parts.get("Z RACH", ""))[:ID],
    }


def _id(text: str | None) -> str:
    text = tidy(text, ID)
    return "" if text.upper() in ("", "NONREF") else text
