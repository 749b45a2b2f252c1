"""In which encoding a bank wrote its text: told by the octets, never by a name."""

import codecs
from pathlib import Path

_SAMPLE = 400_000
_STEP = 1 << 20


def is_utf8(path: Path) -> bool:
    """Is all of the file UTF-8?"""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_STEP):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def encoding_of(path: Path, others: tuple[str, ...], letters: str) -> str:
    """UTF-8 or, by its mark, UTF-16 where it is, else the one of others that makes the most of these letters, and the fewest
    signs that no text has."""
    if is_utf8(path):
        return "utf-8-sig"
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"

    def likely(encoding: str) -> int:
        text = sample.decode(encoding, "replace")
        known = sum(text.count(letter) for letter in letters)
        return 2 * known - sum(1 for sign in text if ord(sign) > 127)

    return max(others, key=likely)
