"""Finnish incoming reference payments (saapuvat viitemaksut, KTL, SVM): records of 90 characters in ISO-8859-1.

Types: 0 header, 3 payment, 5 direct debit, 7 cross-border reference payment, 9 summary. Amounts are in cents. Flag of correction: 0
or a blank for a payment, 1 for one that is taken back.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from .letters import is_utf8
from .statement import ID, NAME, FileRefused, Movement, Told, day, proved, tidy

LENGTH = 90
# Until the amount ends: blanks after it are often cut off.
_LEAST = 87
_PAYMENTS = "357"


def read(path: Path, told: Told) -> Iterator[Movement]:
    """FileRefused with the line where it breaks."""
    told.format = "svm"
    # Since the last summary: payments and their sum, corrections and theirs.
    counted, ended, line = [0, 0, 0, 0], True, 0
    # As banks write it; programs on the way make UTF-8 of it.
    with path.open("r", encoding="utf-8-sig" if is_utf8(path) else "iso-8859-1", newline=None) as file:
        for line, raw in enumerate(file, 1):
            record = raw.rstrip("\n\x1a")
            if not record.strip():
                continue
            if record[0] == "0":
                # A batch begins; one without a summary was cut off.
                _cut(ended, line)
                counted, ended = [0, 0, 0, 0], False
            elif record[0] in _PAYMENTS:
                movement = _payment(record, line, told)
                back = movement.amount < 0
                counted[2 if back else 0] += 1
                counted[3 if back else 1] += abs(movement.amount)
                yield told.take(movement)
            elif record[0] == "9":
                _summary(record, line, counted, told)
                ended = True
            else:
                raise FileRefused(why="field", text=record[0], line=line)
        _cut(ended, line)
    if not told.accounts:
        raise FileRefused(why="no_account")


def _cut(ended: bool, line: int) -> None:
    if not ended:
        raise FileRefused(why="field", text="9", line=line)


def _payment(record: str, line: int, told: Told) -> Movement:
    if len(record.rstrip()) < _LEAST or len(record) > LENGTH:
        raise FileRefused(why="field", text=record[:20], line=line)
    account, archive, flag = record[1:15], record[27:43].strip(), record[87:88]
    if not account.isdecimal() or record[75] not in " 1" or flag not in " 01":
        raise FileRefused(why="field", text=record[:20], line=line)
    told.accounts[account] = "EUR"
    booked, paid = _day(record[15:21], line), _day(record[21:27], line)
    amount = _number(record[77:87], line) * (-1 if flag == "1" else 1)
    return Movement(
        told.movements + 1, line, account, amount, "EUR", value_day=paid, booked_day=booked,
        kind="reversal" if amount < 0 else "credit",
        # A statement gives the same archive reference with the year before it.
        entry=f"{record[21:23]}{archive}"[:ID] if archive else "",
        references=tuple(filter(None, [record[43:63].strip().lstrip("0")])), payer=tidy(record[63:75], NAME),
    )  # fmt: skip


def _summary(record: str, line: int, counted: list[int], told: Told) -> None:
    parts = [_number(record[start:end], line) for start, end in ((1, 7), (7, 18), (18, 24), (24, 35))]
    for is_, should, what in zip(counted, parts, ("count", "sum", "count", "sum"), strict=True):
        proved(what, is_, should, told, line=line)


def _number(text: str, line: int) -> int:
    if not text.strip().isdecimal() or not text.isascii():
        raise FileRefused(why="amount", text=text, line=line)
    return int(text)


def _day(text: str, line: int) -> date:
    if not text.isdecimal() or not text.isascii():
        raise FileRefused(why="day", text=text, line=line)
    return day(2000 + int(text[:2]), text[2:4], text[4:6], line=line)
