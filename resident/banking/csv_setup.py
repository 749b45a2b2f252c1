"""Naming a bank's CSV at the desk: an example is kept beside it, so that columns are looked at on real rows before they hold."""

import re
import shutil
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import audit
from ..errors import ResidentError, Stale
from ..homes.organisation import lock_organisation
from ..metering.feed_file import encoding_of
from ..slug import slug
from . import csv_mapping, journal, payment_csv
from .bank_account import BankAccount
from .bank_file import BankCsv
from .csv_mapping import DELIMITERS, CsvMapping
from .letters import is_utf8
from .statement import FileRefused, Movement, Told, tidy

SHOWN = 12
_HEAD = 100_000
_BY_COUNTRY = {"PL": "cp1250", "RU": "cp1251", "EE": "cp1257"}
# What columns are called in the languages of the portal; the beginning of a word is enough.
_CALLED = {
    "side": ("debit/credit", "debet/kredit", "deebet/kreedit", "d/c", "d/k", "дебет/кредит", "дт/кт"),
    "out": ("debit", "deebet", "debet", "withdraw", "obciąż", "wydatki", "расход", "списан", "дебет"),
    "currency": ("currency", "valuutta", "valuta", "valuuta", "waluta", "валюта"),
    "balance": ("balance", "saldo", "jääk", "остаток"),
    "own": ("own account", "oma tili", "eget konto", "kliendi konto", "rachunek własny", "мой счет", "мой счёт"),
    "payer_account": ("payer account", "maksajan tili", "betalarens konto", "rachunek nadawcy", "rachunek kontrahenta", "счет плат",
                      "счёт плат", "maksja konto", "saaja/maksja konto", "teise osapoole konto", "vastaskonto"),
    "account": ("account", "konto", "лицевой", "л/с", "лс", "nr lokalu"),
    "reference": ("reference", "viite", "referens", "viitenumber", "referencja", "identyfik"),
    "day": ("date", "day", "päivä", "pvm", "datum", "kuupäev", "data", "дата"),
    "amount": ("amount", "sum", "määrä", "summa", "belopp", "kwota", "сумма", "credit", "kredit", "kreedit", "deposit", "uznani",
               "wpływ", "приход", "поступ", "зачисл", "кредит"),
    "text": ("text", "message", "viesti", "meddelande", "selgitus", "tytuł", "opis", "назначение"),
    "payer": ("payer", "name", "maksaja", "betalare", "nimi", "saaja/maksja", "nadawca", "kontrahent", "плательщик", "фио"),
    "id": ("id", "archive", "arkisto", "arkiv", "arhiiv", "arhiv", "номер", "numer"),
}  # fmt: skip
# How payments in are marked.
_IN = ("c", "k", "cr", "credit", "kredit", "kreedit", "uznanie", "к", "кт", "кредит", "приход", "+")


class BadName(ResidentError):
    """A CSV needs a name of its own: why (missing | taken)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the example as it would be read, or why it refuses the file."""

    line: int
    movement: Movement | None
    why: dict | None


def propose(path: Path, country: str) -> CsvMapping:
    """What the columns of an example seem to mean: to be looked at, never used without somebody's yes. FileRefused."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise FileRefused(why="empty")
    encoding = encoding_of(head, "") or ("utf-8" if is_utf8(path) else _BY_COUNTRY.get(country, "cp1252"))
    lines = [line for line in head.decode(encoding, "replace").splitlines()[:40] if line.strip()]
    if not lines or "\0" in lines[0]:
        raise FileRefused(why="kind", text="")
    delimiter = max(DELIMITERS, key=lambda one: sum(line.count(one) for line in lines))
    mapping = CsvMapping(encoding=encoding.removesuffix("-sig"), delimiter=delimiter)
    rows = list(islice(payment_csv.rows(path, mapping), 40))
    return _named(mapping, rows)


def _named(mapping: CsvMapping, rows: list[tuple[int, list[str]]]) -> CsvMapping:
    best: tuple[int, int, dict] = (0, 0, {})
    for line, cells in rows[:15]:
        found = _columns(payment_csv.headed(cells))
        if len(found) > len(best[2]):
            best = (line, len(cells), found)
    line, _, found = best
    width = max(len(cells) for _, cells in rows)
    free = [place for place in range(width) if place not in found.values()]
    for name in ("day", "amount"):
        if name not in found and free:
            found[name] = free.pop(0)
    if "side" in found:
        said = {cells[found["side"]].strip() for at, cells in rows if at > line and len(cells) > found["side"]}
        found["side_is"] = next((mark for mark in sorted(said) if mark.casefold() in _IN), "C")
    heading = next((cells for at, cells in rows if at == line), [])
    point = any("." in cells[found["amount"]] for at, cells in rows if at > line and len(cells) > found.get("amount", width))
    order = "ymd" if any(re.search(r"\d{4}-\d\d", " ".join(cells)) for at, cells in rows if at > line) else "dmy"
    return replace(
        mapping, skip=line, heading=tuple(" ".join(cell.split()) for cell in heading), order=order,
        decimals="point" if point and not _commas(rows, line, found) else "comma", **found,
    )  # fmt: skip


def _commas(rows: list, line: int, found: dict) -> bool:
    place = found.get("amount", 0)
    return any(re.search(r",\d\d$", cells[place].strip()) for at, cells in rows if at > line and len(cells) > place)


def _columns(headed: list[str]) -> dict:
    found: dict = {}
    for name, words in _CALLED.items():
        for place, cell in enumerate(headed):
            if place not in found.values() and any(cell.lstrip("#").startswith(word) for word in words):
                found[name] = place
                break
    return found


def look(path: Path, mapping: CsvMapping, account: BankAccount) -> list[Shown]:
    """The first rows as they would be read."""
    shown: list[Shown] = []
    told = Told()
    try:
        for movement in islice(payment_csv.read(path, told, mapping, account.number), SHOWN):
            shown.append(Shown(movement.line, movement, None))
    except FileRefused as error:
        shown.append(Shown(error.facts.get("line", 0), None, error.facts))
    return shown


def head(path: Path, mapping: CsvMapping) -> list[tuple[int, list[str]]]:
    """The first rows as they stand. FileRefused."""
    return list(islice(payment_csv.rows(path, mapping), SHOWN))


# ---- Keeping ---------------------------------------------------------------------------------------------------------


def make(session: Session, account: BankAccount, name: str, mapping: CsvMapping, *, by) -> BankCsv:
    """BadName."""
    name = _own_name(session, account.organisation_id, name, None)
    made = BankCsv(
        organisation_id=account.organisation_id, bank_account_id=account.id, name=name,
        slug=_slug(session, account.organisation_id, name), mapping=mapping.stored(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, "bank_csv_changed", by=by, organisation_id=made.organisation_id, thing=made)
    return made


def change(session: Session, csv: BankCsv, name: str, account: BankAccount, mapping: CsvMapping, seen: int, *, by) -> None:
    """seen: the version that the form was drawn from; Stale. BadName, BadMapping."""
    session.refresh(csv, with_for_update=True)
    if csv.version != seen:
        raise Stale()
    csv.name = _own_name(session, csv.organisation_id, name, csv.id)
    csv.bank_account_id, csv.mapping = account.id, csv_mapping.checked(mapping).stored()
    session.flush()
    audit.record(session, "bank_csv_changed", by=by, organisation_id=csv.organisation_id, thing=csv)


def example(data_dir: Path, csv: BankCsv) -> Path:
    return journal.folder(data_dir) / f"example-{csv.id}"


def keep_example(data_dir: Path, csv: BankCsv, sent: Path) -> None:
    """Its first rows are enough."""
    with sent.open("rb") as file:
        lines = list(islice(file, 60))
    place = example(data_dir, csv)
    place.touch(mode=0o600)
    place.write_bytes(b"".join(lines)[:_HEAD])
    shutil.copystat(sent, place)


def _own_name(session: Session, organisation_id: int, name: str, own_id: int | None) -> str:
    lock_organisation(session, organisation_id)
    name = tidy(name, 80)
    if not name:
        raise BadName(why="missing")
    others = select(BankCsv.id).where(BankCsv.organisation_id == organisation_id, BankCsv.name == name)
    if session.scalar(others.where(BankCsv.id != own_id) if own_id else others):
        raise BadName(why="taken")
    return name


def _slug(session: Session, organisation_id: int, name: str) -> str:
    """Of its folder; never that of what has been read."""
    taken = {"done", "failed", *session.scalars(select(BankCsv.slug).where(BankCsv.organisation_id == organisation_id))}
    return slug(name, taken, "csv")
