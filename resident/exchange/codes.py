"""Personal identity codes in a workbook: hashed while the cell is read, so that none is staged, stored or given back.

What stands for a code from then on is its mark, "#FI:<key>:<hash>". The workbook given back holds marks, and a mark is
understood when the workbook comes again.
"""

import re

from ..people import personal_code
from ..people.personal_code import COUNTRIES, BadCode, CodeKey
from .cell import Bad

_MARK = re.compile(rf"#({'|'.join(COUNTRIES)}):([0-9a-f]{{16}}):([0-9a-f]{{64}})")
_FOREIGN = re.compile(rf"({'|'.join(COUNTRIES)})\s*:\s*(.+)", re.IGNORECASE)


class Codes:
    """country: whose codes they are when none is written before them, as in "EE:60001019906"."""

    def __init__(self, key: CodeKey, country: str):
        self._key, self._country = key, country

    def mark(self, text: str) -> str:
        """Bad when it is no code, and when it is a mark of another installation."""
        if found := _MARK.fullmatch(text):
            if found[2] != self._key.id:
                raise Bad("CodeWrong")
            return text
        foreign = _FOREIGN.fullmatch(text)
        country, code = (foreign[1].upper(), foreign[2]) if foreign else (self._country, text)
        try:
            key_id, digest = personal_code.hash_of(country, code, self._key)
        except BadCode as why:
            raise Bad("CodeTemporary" if why.why == "temporary" else "CodeWrong") from None
        return f"#{country}:{key_id}:{digest}"


def parts(mark: str) -> tuple[str, str, str]:
    """(country, id of the key, hash)."""
    return tuple(mark[1:].split(":"))
