"""To which billing account a payment belongs: by reference, never by a name (rule 31). Pure: plain data in, a Match out.

A reference in a field of its own is followed first, then the number that was credited in its stead. Only where these lead to nobody
is the text looked through, for runs of digits that pass their check and are somebody's. What leads to two accounts leads to none.
References are followed whatever their days: whoever has left pays what is left by the reference that was theirs.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..money.references import is_731, is_rf, national

# A shorter run of digits in a text is a house number or a year as often as a reference.
SHORTEST = 5
# Of a virtual account, what the bank leaves to whoever is paid (standards 1.3); and what a payer's number must have of it.
_OWN_DIGITS = 12
_RF = re.compile(r"\bRF[\s]?\d\d(?:[\s]?[0-9A-Z]){1,21}", re.IGNORECASE)
# Digits as people group them: spaces between, not more than one.
_DIGITS = re.compile(r"(?<![0-9.,])\d+(?:[ \u00a0-]\d+)*(?![0-9]|[.,]\d)", re.ASCII)
# "л/с 0100123", "лицевой счёт № 0100-123", "ЛС: 17": what stands after it, with a digit in it.
PERSONAL = (
    r"(?i)(?:\bл\s*[/\\.]?\s*с(?:ч[её]т)?\b|\bлиц(?:евой|\.)?\s*сч[её]?т?[а-я]*)\.?\s*[:№#N]*\s*"
    r"([0-9A-Za-zА-Яа-я/_-]*\d[0-9A-Za-zА-Яа-я/_-]*)"
)


@dataclass(frozen=True, slots=True)
class Match:
    """account_id: the one account that it leads to, else None. how: reference | virtual | text. found: the accounts that were
    found when it is not one; unknown: a reference was given that is nobody's."""

    account_id: int | None = None
    how: str = ""
    found: tuple[int, ...] = ()
    unknown: bool = False


@dataclass(slots=True)
class Known:
    """The references of one organisation: {value as national() gives it: account}."""

    country: str
    by_value: dict[str, int]
    by_tail: dict[str, int | None] = field(default_factory=dict)
    pattern: re.Pattern | None = None

    @classmethod
    def of(cls, country: str, references: Iterable[tuple[str, str, int]], pattern: str = "") -> "Known":
        """references: (scheme, value, account). pattern: checked, how an account stands in a text, where the desk has said so."""
        made = cls(country, {})
        for scheme, value, account_id in references:
            made.by_value[key(value)] = account_id
            if scheme == "virtual":
                tail = value[-_OWN_DIGITS:]
                # Two accounts with one tail are told apart by neither.
                made.by_tail[tail] = account_id if made.by_tail.get(tail, account_id) == account_id else None
        if country == "RU" or pattern:
            made.pattern = re.compile(pattern or PERSONAL)
        return made

    def account(self, value: str) -> int | None:
        return self.by_value.get(key(value))


def key(value: str) -> str:
    """The one form under which a reference is known: RF, zeros and the country's letters taken off."""
    value = national(value)
    return value[2:] if re.fullmatch(r"PL\d{26}", value) else value


def match(known: Known, references: tuple[str, ...], virtual: str, text: str) -> Match:
    given = {known.account(reference) for reference in references}
    if given - {None}:
        return _one(given - {None}, "reference")
    credited = _virtual(known, virtual)
    if credited is not None:
        return Match(credited, "virtual")
    read = {known.account(value) for value in candidates(known, text)} - {None}
    if read:
        return _one(read, "text")
    return Match(unknown=bool(given))


def _one(accounts: set[int], how: str) -> Match:
    return Match(next(iter(accounts)), how) if len(accounts) == 1 else Match(found=tuple(sorted(accounts)))


def _virtual(known: Known, virtual: str) -> int | None:
    """By the number that was credited, "" for none: as it stands, else by its last digits, where banks give no more."""
    exact = known.account(virtual)
    digits = re.sub(r"\D", "", virtual)
    return known.by_tail.get(digits[-_OWN_DIGITS:]) if exact is None and len(digits) >= _OWN_DIGITS else exact


def candidates(known: Known, text: str) -> Iterator[str]:
    """What in a text may be a reference in this country: it passes its check, or stands where the desk said that it does."""
    if known.pattern is not None:
        yield from (found[1] for found in known.pattern.finditer(text) if found[1])
    if known.country == "RU":
        return
    for found in _RF.finditer(text):
        yield from _rf_in(re.sub(r"\s", "", found[0]).upper())
    for found in _DIGITS.finditer(text):
        yield from (run for run in _runs(re.split(r"\D", found[0])) if _passes(run, known.country))


def _rf_in(text: str) -> Iterator[str]:
    """A word may follow the reference without anything between: every beginning that passes."""
    yield from (text[:end] for end in range(len(text), 4, -1) if is_rf(text[:end]))


def _runs(groups: list[str]) -> Iterator[str]:
    """Every group of digits, and those that stand beside each other as one: "12 34561"."""
    for start in range(len(groups)):
        run = ""
        for group in groups[start : start + 8]:
            run += group
            if len(run) > 28:
                break
            yield run


def _passes(run: str, country: str) -> bool:
    bare = run.lstrip("0")
    if country == "PL":
        return len(run) == 26 and int(run[2:] + "2521" + run[:2]) % 97 == 1
    return len(bare) >= SHORTEST and is_731(bare)
