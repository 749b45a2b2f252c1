"""1CClientBankExchange, in which Russian banks give statements: Key=Value in cp1251, cp866 or UTF-8.

A document whose payee's account is the one that the file is about is a payment in. Turnovers and balances are proved.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from .letters import encoding_of
from .statement import ID, NAME, FileRefused, Movement, Told, bare, day, minor, proved, tidy

HEAD = "1CClientBankExchange"
_ACCOUNT, _DOCUMENT = "СекцияРасчСчет", "СекцияДокумент"
_ENDS = ("КонецРасчСчет", "КонецДокумента")
# What the file says of its letters itself ("Кодировка=DOS") is not always so.
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжюцщэфъОЕАИНТСРВЛКМДПУЯЫЬГЗБЧЙХЖЮЦЩЭФЪ"
_DAY = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})", re.ASCII)


def read(path: Path, told: Told) -> Iterator[Movement]:
    """FileRefused with the line where it breaks."""
    told.format = "1c"
    file = _File(told)
    for line, key, value in _pairs(path):
        yield from file.take(line, key, value)
    file.ended(line)


def _pairs(path: Path) -> Iterator[tuple[int, str, str]]:
    with path.open("r", encoding=encoding_of(path, ("cp1251", "cp866"), _LETTERS), errors="replace", newline=None) as file:
        for line, raw in enumerate(file, 1):
            key, _, value = raw.strip("\ufeff\n\x1a ").partition("=")
            if key.strip():
                yield line, key.strip(), value.strip()


class _File:
    def __init__(self, told: Told):
        self.told, self.section, self.began, self.over = told, None, 0, False
        self.values: dict[str, str] = {}
        # By account: what the file says of it, and what its documents come to: [in, out].
        self.said: dict[str, list[tuple[int, dict]]] = {}
        self.moved: dict[str, list[int]] = {}

    def take(self, line: int, key: str, value: str) -> Iterator[Movement]:
        if key in (_ACCOUNT, _DOCUMENT):
            if self.section:
                raise FileRefused(why="field", text=key, line=line)
            self.section, self.began, self.values = key, line, {}
        elif key in _ENDS:
            yield from self.end(line, key)
        elif key == "КонецФайла":
            self.over = True
        elif self.section:
            # What is too long for one line goes on in НазначениеПлатежа1 … 6; a doubled key keeps its first value.
            self.values.setdefault(key, value)
        elif key == "РасчСчет":
            self.told.accounts[bare(value)] = "RUB"

    def end(self, line: int, key: str) -> Iterator[Movement]:
        section, self.section = self.section, None
        if section is None or key != _ENDS[section == _DOCUMENT]:
            raise FileRefused(why="field", text=key, line=line)
        if section == _DOCUMENT:
            yield from self.document()
        else:
            account = bare(self.values.get("РасчСчет", ""))
            if not account:
                raise FileRefused(why="no_account", line=self.began)
            self.told.accounts.setdefault(account, "RUB")
            self.said.setdefault(account, []).append((self.began, self.values))

    def document(self) -> Iterator[Movement]:
        values, line = self.values, self.began
        payee, payer = self.accounts("Получатель"), self.accounts("Плательщик")
        amount = minor(values.get("Сумма", ""), line=line)
        ours = self.told.accounts.keys()
        if not ours & (payee | payer):
            raise FileRefused(why="foreign", account=next(iter(payee - {""}), ""), line=line)
        for account in sorted(ours & payer):
            self.moved.setdefault(account, [0, 0])[1] += amount
            self.told.outgoing += 1
        for account in sorted(ours & payee):
            self.moved.setdefault(account, [0, 0])[0] += amount
            if amount:
                yield self.told.take(self.movement(account, amount, next(iter(sorted(payer - {""}, key=len, reverse=True)), "")))

    def accounts(self, who: str) -> set[str]:
        return {bare(self.values.get(f"{who}{what}", "")) for what in ("Счет", "РасчСчет")}

    def movement(self, account: str, amount: int, payer_account: str) -> Movement:
        values, line = self.values, self.began
        received = _day(values.get("ДатаПоступило") or values.get("Дата", ""), line)
        purpose = values.get("НазначениеПлатежа") or " ".join(values.get(f"НазначениеПлатежа{part}", "") for part in range(1, 7))
        number = f"{values.get('Дата', '')}-{values.get('Номер', '')}-{payer_account}"
        return Movement(
            self.told.movements + 1, line, account, amount, "RUB", value_day=received, booked_day=received,
            end_to_end=number[:ID] if values.get("Номер") else "", text=tidy(purpose),
            payer=tidy(values.get("Плательщик1") or values.get("Плательщик"), NAME), payer_account=payer_account[:ID],
        )  # fmt: skip

    def ended(self, line: int) -> None:
        if self.section or not self.over:
            raise FileRefused(why="field", text="КонецФайла", line=line)
        if not self.told.accounts:
            raise FileRefused(why="no_account")
        for account, parts in self.said.items():
            received, spent = self.moved.get(account, [0, 0])
            line = parts[0][0]
            for key, is_ in (("ВсегоПоступило", received), ("ВсегоСписано", spent)):
                given = [values[key] for _, values in parts if values.get(key)]
                if given:
                    proved("turnover", is_, sum(minor(one, line=line) for one in given), self.told, line=line, account=account)
            opening, closing = parts[0][1].get("НачальныйОстаток"), parts[-1][1].get("КонечныйОстаток")
            if opening and closing:
                proved("balance", _signed(opening, line) + received - spent, _signed(closing, line), self.told, line=line)


def _signed(text: str, line: int) -> int:
    amount = minor(text.removeprefix("-"), line=line)
    return -amount if text.startswith("-") else amount


def _day(text: str, line: int) -> date:
    found = _DAY.match(text)
    if found is None:
        raise FileRefused(why="day", text=text[:ID], line=line)
    return day(found[3], found[2], found[1], line=line)
