"""Units of quantities as each language writes them. What is stored stays as it came, in Latin or Cyrillic letters."""

import re
import unicodedata
from functools import lru_cache

# unit: (Latin, Cyrillic), as CLDR writes them short.
_LETTERS = {
    "m2": ("m²", "м²"),
    "m3": ("m³", "м³"),
    "l": ("l", "л"),
    "kg": ("kg", "кг"),
    "kWh": ("kWh", "кВт⋅ч"),
    "MWh": ("MWh", "МВт⋅ч"),
    "kW": ("kW", "кВт"),
    "MJ": ("MJ", "МДж"),
    "GJ": ("GJ", "ГДж"),
    "Gcal": ("Gcal", "Гкал"),
}
# unit: {language: word}. A language without a word keeps what is stored.
_WORDS = {
    "person": {"fi": "hlö", "sv": "pers.", "et": "in", "pl": "os.", "ru": "чел.", "en": "pers."},
    "piece": {"fi": "kpl", "sv": "st", "et": "tk", "pl": "szt.", "ru": "шт.", "en": "pcs"},
    "month": {"fi": "kk", "sv": "mån", "et": "kuu", "pl": "mies.", "ru": "мес.", "en": "mo."},
}
_CYRILLIC = {"ru", "uk", "be", "bg"}
# How else people spell them, beside the forms above and the units' own names.
_ALSO = {
    "m2": "кв.м кв.метр sqm m^2 м^2",
    "m3": "куб.м cbm m^3 м^3",
    "l": "ltr litre litra",
    "kWh": "kW/h кВт/ч",
    "person": "people henk. hlöä persona person persons inim. osoba osoby чел человек",
    "piece": "pc piece sztuka",
    "month": "months kuukausi månad miesiąc месяц",
}


def _bare(text: str) -> str:
    """The form in which spellings are compared: m³ and M3, кВт⋅ч and квт ч are one."""
    return re.sub(r"[\s.·⋅∙*•-]", "", unicodedata.normalize("NFKC", text).casefold())


_KNOWN = {
    _bare(spelt): unit
    for unit in (*_LETTERS, *_WORDS)
    for spelt in (unit, *_LETTERS.get(unit, ()), *_WORDS.get(unit, {}).values(), *_ALSO.get(unit, "").split())
}


@lru_cache(maxsize=4096)
def written(stored: str, language: str) -> str:
    """A stored unit in a language; one that is an organisation's own stays as written."""
    unit = _KNOWN.get(_bare(stored))
    if unit in _LETTERS:
        return _LETTERS[unit][language in _CYRILLIC]
    return _WORDS[unit].get(language, stored) if unit else stored
