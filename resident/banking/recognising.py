"""Which format a bank's file is of: told by what it begins with, never by its name."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import mt940, one_c, payment_csv, reference_payments
from .csv_mapping import CsvMapping
from .statement import FileRefused, Movement, Told

# In octets. What comes through the web; what lies in the watched folder or comes from the shell.
WEB, WATCHED = 25_000_000, 2_000_000_000
Reader = Callable[[Path, Told], Iterator[Movement]]
_HEAD = 4000


@dataclass(frozen=True, slots=True)
class CsvKind:
    """A CSV that the desk has named: its mapping, and the account that it is about when the file does not say it."""

    id: int
    mapping: CsvMapping
    account: str


def reader_of(path: Path, kinds: Iterable[CsvKind] = (), limit: int = WATCHED) -> Reader:
    """What reads the file. kinds: CSVs of the organisation; one that was chosen comes alone. FileRefused."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused(why="empty")
    if size > limit:
        raise FileRefused(why="large", size=size, limit=limit)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    found = _by_beginning(head)
    if found:
        return found
    kinds = list(kinds)
    for kind in kinds:
        if payment_csv.fits(path, kind.mapping) or (len(kinds) == 1 and not kind.mapping.heading):
            return lambda path, told: payment_csv.read(path, told, kind.mapping, kind.account)
    raise FileRefused(why="kind", text="")


def _by_beginning(head: bytes) -> Reader | None:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if head.startswith(mark):
            head = head[: len(head) // 2 * 2].decode(encoding, "replace").encode()
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        # Here and not above: a web process that reads no file is smaller without it.
        from . import camt

        return camt.read
    if text.startswith(one_c.HEAD.encode()):
        return one_c.read
    if text.lstrip(b"\x01\r\n ").startswith((b"{1:", b":20:")):
        return mt940.read
    first = text.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "replace")
    if re.fullmatch(r"[0357]\d{9,}.*", first, re.ASCII) and 40 <= len(first) <= reference_payments.LENGTH and ";" not in first:
        return reference_payments.read
    return None
