"""Payments from a CSV whose columns the desk has named (csv_mapping.py): a register from a bank, a file from an accounting program.

A row that cannot be read refuses the file, with its line: half of a bank's file is no file.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..metering.feed_file import LONGEST, encoding_of, split
from .csv_mapping import CsvMapping, amount
from .statement import ID, NAME, FileRefused, Movement, Told, bare, day, proved, tidy

_PARTS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}


def rows(path: Path, mapping: CsvMapping) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every line that holds something, the heading too. FileRefused."""
    with path.open("rb") as file:
        head = file.read(4)
    number = 0
    try:
        with path.open("r", encoding=encoding_of(head, mapping.encoding), newline=None) as file:
            while raw := file.readline(LONGEST):
                number += 1
                raw = raw.rstrip("\n\x1a")
                if "\0" in raw or len(raw) >= LONGEST - 1:
                    raise FileRefused(why="encoding", line=number)
                if raw.strip():
                    yield number, split(raw, mapping.delimiter)
    except UnicodeError:
        raise FileRefused(why="encoding", line=number + 1) from None


def fits(path: Path, mapping: CsvMapping) -> bool:
    """Does the file have this mapping's heading? Without one nothing is told apart."""
    try:
        found = next((cells for line, cells in rows(path, mapping) if line == mapping.skip), None)
    except FileRefused:
        return False
    return bool(mapping.heading) and found is not None and headed(found) == headed(mapping.heading)


def headed(cells) -> list[str]:
    return [" ".join(cell.split()).casefold() for cell in cells]


def read(path: Path, told: Told, mapping: CsvMapping, account: str) -> Iterator[Movement]:
    """account: the organisation's own, where the file does not name it. FileRefused with the line where it breaks."""
    told.format = "csv"
    if mapping.own is None:
        told.accounts[account] = ""
    received, count, total = 0, 0, None
    for line, cells in rows(path, mapping):
        if line <= mapping.skip:
            _same_heading(line, cells, mapping)
            continue
        if mapping.foot and cells[0].strip().casefold().startswith(mapping.foot.casefold()):
            total = line, cells
            continue
        movement = _movement(line, cells, told, mapping, account)
        received, count = received + movement.amount, count + 1
        if movement.amount > 0:
            yield told.take(movement)
        else:
            told.outgoing += 1
    _prove(told, mapping, total, count, received)


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
    value = amount(cell("amount"), mapping.decimals)
    if value is None:
        raise FileRefused(why="amount", text=cell("amount")[:ID], line=line)
    value_day = _day(cell("day"), mapping.order, line)
    references = tuple(dict.fromkeys(tidy(one, ID) for one in (cell("reference"), cell("account")) if one))
    return Movement(
        told.movements + 1, line, account, value, "", value_day,
        booked_day=_day(cell("booked"), mapping.order, line) if cell("booked") else value_day,
        own=tidy(cell("id"), ID), references=references, text=tidy(cell("text")), payer=tidy(cell("payer"), NAME),
        payer_account=bare(cell("payer_account"))[:ID],
    )  # fmt: skip


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
