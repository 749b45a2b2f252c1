"""What may speak for whom when a payment waits: numbers in its text, words of names, and the order of reasons. Pure."""

import re
from collections.abc import Iterable

from ..people.person import words
from . import matching

# The stronger first.
REASONS = ("payer", "document", "reference", "amount", "name")
_NUMBER = re.compile(r"[0-9A-Za-zÀ-ž\u0400-\u04ff][0-9A-Za-zÀ-ž\u0400-\u04ff/_.-]*\d[0-9/_.-]*|\d+")
# Our own: "2026-0154", with whatever a series puts before it.
_OWN = re.compile(r"(20\d\d)[-/](\d{1,9})$", re.ASCII)
_RUN = re.compile(r"[0-9A-Za-zА-Яа-я-]{3,40}")


def ranked(evidence: dict[str, Iterable[int]]) -> list[tuple[int, tuple[str, ...]]]:
    """(account, reasons) of {reason: accounts}: by the strongest reason, then by how many there are; an account's number last."""
    found: dict[int, list[str]] = {}
    for reason in REASONS:
        for account_id in sorted(set(evidence.get(reason, ()))):
            found.setdefault(account_id, []).append(reason)

    def weight(pair):
        account_id, reasons = pair
        return REASONS.index(reasons[0]), -len(reasons), account_id

    return [(account_id, tuple(reasons)) for account_id, reasons in sorted(found.items(), key=weight)]


def documents(text: str) -> set[str]:
    """Words of a text that may be an invoice's number, of three signs at least."""
    told = {word.strip("./-_") for word in _NUMBER.findall(text)}
    return {word for word in told if len(word) >= 3}


def own(told: Iterable[str]) -> set[tuple[int, int]]:
    """(year, number) of those words that may be a number of ours."""
    return {(int(year), int(number)) for word in told for year, number in _OWN.findall(word)}


def stands(known: str, told: Iterable[str]) -> bool:
    """Is an invoice's number among the words, also with something more before it, or with less?"""
    return any(word.endswith(known) or known.endswith(word) for word in told)


def runs(text: str) -> set[str]:
    """What in a text may be a reference, whether it passes its check or not, as matching.key gives it."""
    return {matching.key(run) for run in _RUN.findall(text)}


def name_words(payer: str) -> set[str]:
    """What is compared of a payer's name; nothing where that is a single word."""
    found = {word for word in words(payer) if len(word) > 2 and word.isalpha()}
    return found if len(found) > 1 else set()


def same_name(payer: set[str], holder: str) -> bool:
    """Has one of the two all the words of the other, in any order? payer: name_words()."""
    theirs = {word for word in words(holder) if len(word) > 2}
    return len(theirs) > 1 and (payer <= theirs or theirs <= payer)
