"""Payments from a CSV whose columns the desk has named (csv_mapping.py): a register from a bank, a file from an accounting program.

A row that cannot be read refuses the file, with its line: half of a bank's file is no file.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ..metering.feed_file import LONGEST, encoding_of
from .csv_mapping import CsvMapping, amount, written
from .statement import ID, NAME, FileRefused, Movement, Told, bare, day, proved, tidy

# So many lines may a text in quotes have.
_LINES = 20
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_PARTS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}


def rows(path: Path, mapping: CsvMapping) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that holds something, the heading too. A text in quotes may have several lines. FileRefused."""
    begun: list[str] = []
    for number, raw in _lines(path, mapping):
        begun.append(raw)
        text = "\n".join(begun)
        if _goes_on(text, mapping.delimiter):
            if len(begun) > _LINES:
                break
            continue
        first, begun = number - len(begun) + 1, []
        if text.strip():
            yield first, _cells(text, mapping.delimiter, first)
    if begun:
        # A quote that nothing ended: what it swallowed may be payments.
        raise FileRefused(why="columns", line=number - len(begun) + 1)


def _lines(path: Path, mapping: CsvMapping) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        head = file.read(4)
    number = 0
    try:
        with path.open("r", encoding=encoding_of(head, mapping.encoding), newline=None) as file:
            while raw := file.readline(LONGEST):
                number += 1
                if "\0" in raw or len(raw) >= LONGEST - 1:
                    raise FileRefused(why="encoding", line=number)
                yield number, raw.rstrip("\n\x1a")
    except UnicodeError:
        raise FileRefused(why="encoding", line=number + 1) from None


def _goes_on(text: str, delimiter: str) -> bool:
    """Does a cell begin with a quote that the text does not end?"""
    place = 0
    while '"' in text[place:]:
        if text[place] == '"':
            found = _QUOTED.match(text, place)
            if found is None:
                return True
            place = found.end()
        place = text.find(delimiter, place) + 1
        if not place:
            break
    return False


def _cells(text: str, delimiter: str, line: int) -> list[str]:
    """FileRefused(columns) where a quote that nobody meant seems to have swallowed rows."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        cells = next(csv.reader([text], delimiter=delimiter))
    except csv.Error:
        raise FileRefused(why="columns", line=line) from None
    for place, cell in enumerate(cells):
        for further in cell.split("\n")[1:]:
            if further.count(delimiter) >= max(place, 1):
                raise FileRefused(why="columns", line=line)
    return cells


def fits(path: Path, mapping: CsvMapping) -> bool:
    """Does the file have this mapping's heading? Without one nothing is told apart."""
    try:
        found = _heading(rows(path, mapping), mapping.skip)
    except FileRefused:
        return False
    return bool(mapping.heading) and found is not None and headed(found) == headed(mapping.heading)


def _heading(found: Iterable[tuple[int, list[str]]], skip: int) -> list[str] | None:
    for line, cells in found:
        if line >= skip:
            return cells if line == skip else None
    return None


def headed(cells) -> list[str]:
    return [" ".join(cell.split()).casefold() for cell in cells]


def read(path: Path, told: Told, mapping: CsvMapping, account: str) -> Iterator[Movement]:
    """account: the organisation's own, where the file does not name it. FileRefused with the line where it breaks."""
    told.format = "csv"
    if mapping.own is None:
        told.accounts[account] = ""
    received, count, total, balances = 0, 0, None, _Balances()
    for line, cells in rows(path, mapping):
        if line <= mapping.skip:
            _same_heading(line, cells, mapping)
            continue
        if mapping.foot and cells[0].strip().casefold().startswith(mapping.foot.casefold()):
            total = line, cells
            continue
        if mapping.row is not None and not _says(cells, mapping.row, mapping.row_is):
            continue
        movement = _movement(line, cells, told, mapping, account)
        received, count = received + movement.amount, count + 1
        if mapping.balance is not None:
            balances.after(movement, _amount(line, cells, mapping.balance, mapping).value)
        if movement.amount > 0:
            yield told.take(movement)
        else:
            told.outgoing += 1
    _prove(told, mapping, total, count, received)
    balances.proved(told)


class _Balances:
    """What an account held after each row. Banks write the newest row first or last: one of both must hold from end to end."""

    def __init__(self):
        self.rows: dict[str, tuple[int, int]] = {}
        # By account: where each way of reading it failed first: (line, what it comes to, what the file says).
        self.failed: dict[tuple[str, bool], tuple[int, int, int]] = {}
        self.held = 0

    def after(self, movement: Movement, balance: int) -> None:
        account, before = movement.account, self.rows.get(movement.account)
        self.rows[account] = balance, movement.amount
        if before is None:
            return
        self.held += 1
        for newest_last, is_, should in ((True, before[0] + movement.amount, balance), (False, before[0] - before[1], balance)):
            if is_ != should:
                self.failed.setdefault((account, newest_last), (movement.line, is_, should))

    def proved(self, told: Told) -> None:
        for account in self.rows:
            if (account, True) in self.failed and (account, False) in self.failed:
                # The way that holds longer is how the file is meant.
                line, is_, should = max(self.failed[account, True], self.failed[account, False])
                raise FileRefused(why="balance", is_=is_, should=should, line=line)
        told.proved += self.held > 0


def _same_heading(line: int, cells: list[str], mapping: CsvMapping) -> None:
    if line == mapping.skip and mapping.heading and headed(cells) != headed(mapping.heading):
        raise FileRefused(why="columns", line=line)


def _prove(told: Told, mapping: CsvMapping, total, count: int, received: int) -> None:
    if not mapping.foot:
        return
    if total is None:
        # The line of totals is the last one: without it the file was cut off.
        raise FileRefused(why="field", text=mapping.foot)
    line, cells = total
    if mapping.foot_count is not None:
        digits = re.sub(r"\D", "", _cell(cells, mapping.foot_count))
        proved("count", count, int(digits or 0), told, line=line)
    if mapping.foot_sum is not None:
        text = _cell(cells, mapping.foot_sum).removeprefix(mapping.foot)
        should = amount(text, mapping.decimals)
        if should is None:
            raise FileRefused(why="amount", text=text[:ID], line=line)
        proved("sum", received, should, told, line=line)


def _movement(line: int, cells: list[str], told: Told, mapping: CsvMapping, account: str) -> Movement:
    def cell(name: str) -> str:
        place = getattr(mapping, name)
        return "" if place is None else _cell(cells, place)

    if len(cells) <= max(mapping.columns.values()):
        raise FileRefused(why="columns", line=line)
    if mapping.own is not None:
        account = bare(cell("own"))
        if not account:
            raise FileRefused(why="no_account", line=line)
        told.accounts[account] = ""
    value = _signed(line, cells, mapping)
    value_day = _day(cell("day"), mapping.order, line)
    references = tuple(dict.fromkeys(tidy(one, ID) for one in (cell("reference"), cell("account")) if one))
    return Movement(
        told.movements + 1, line, account, value.value, cell("currency").upper() or value.currency, value_day,
        booked_day=_day(cell("booked"), mapping.order, line) if cell("booked") else value_day,
        own=tidy(cell("id"), ID), references=references, text=tidy(cell("text")), payer=tidy(cell("payer"), NAME),
        payer_account=bare(cell("payer_account"))[:ID],
    )  # fmt: skip


class _Amount(NamedTuple):
    """In minor units; currency: that the cell names, or ""."""

    value: int
    currency: str


def _signed(line: int, cells: list[str], mapping: CsvMapping) -> _Amount:
    """What came in, below zero what went out. FileRefused(amount)."""
    if mapping.out is not None and _cell(cells, mapping.out) and not _cell(cells, mapping.amount):
        spent = _amount(line, cells, mapping.out, mapping)
        return spent._replace(value=-abs(spent.value))
    found = _amount(line, cells, mapping.amount, mapping)
    if mapping.out is not None and _cell(cells, mapping.out):
        # Banks that fill both write a nought into one of them.
        return found._replace(value=found.value - abs(_amount(line, cells, mapping.out, mapping).value))
    if mapping.side is not None and not _says(cells, mapping.side, mapping.side_is):
        return found._replace(value=-abs(found.value))
    return found


def _amount(line: int, cells: list[str], place: int, mapping: CsvMapping) -> _Amount:
    text = _cell(cells, place)
    value, currency = written(text, mapping.decimals)
    if value is None:
        raise FileRefused(why="amount", text=text[:ID], line=line)
    return _Amount(value, currency)


def _says(cells: list[str], place: int, word: str) -> bool:
    return _cell(cells, place).casefold() == word.casefold()


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _day(text: str, order: str, line: int) -> date:
    """A time of day after it is left alone."""
    if order == "compact":
        found = re.match(r"(\d{4})(\d\d)(\d\d)", text, re.ASCII)
        parts = found.groups() if found else None
    else:
        found = re.match(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?!\d)", text, re.ASCII)
        parts = [found[place + 1] for place in _PARTS[order]] if found else None
    if parts is None or len(parts[0]) not in (2, 4):
        raise FileRefused(why="day", text=text[:ID], line=line)
    return day(int(parts[0]) + (2000 if len(parts[0]) == 2 else 0), parts[1], parts[2], line=line)
