"""Units in the reader's language, however they are stored."""

import pytest

from resident import format as formats
from resident.format import NBSP
from resident.measure import written

LANGUAGES = ("fi", "sv", "et", "pl", "ru", "en")


@pytest.mark.parametrize(
    ("stored", "latin", "cyrillic"),
    [
        ("m³", "m³", "м³"), ("м³", "m³", "м³"), ("m3", "m³", "м³"), ("куб.м", "m³", "м³"), ("м2", "m²", "м²"),
        ("кВт⋅ч", "kWh", "кВт⋅ч"), ("кВт·ч", "kWh", "кВт⋅ч"), ("квт.ч", "kWh", "кВт⋅ч"), ("KWH", "kWh", "кВт⋅ч"),
        ("MWh", "MWh", "МВт⋅ч"), ("ГДж", "GJ", "ГДж"), ("Gcal", "Gcal", "Гкал"), ("Гкал", "Gcal", "Гкал"),
    ],
)  # fmt: skip
def test_a_unit_is_written_in_the_letters_of_the_reader(stored, latin, cyrillic):
    for language in LANGUAGES:
        shown = cyrillic if language == "ru" else latin
        assert formats.of(language).quantity(12_500_000, stored, 1).endswith(NBSP + shown)
        assert written(shown, language) == shown


def test_people_and_pieces_have_words():
    assert [written("чел.", language) for language in LANGUAGES] == ["hlö", "pers.", "in", "os.", "чел.", "pers."]
    assert [written("kpl", language) for language in LANGUAGES] == ["kpl", "st", "tk", "szt.", "шт.", "pcs"]


@pytest.mark.parametrize("language", [*LANGUAGES, "lv"])
def test_a_unit_of_ones_own_stays_as_written(language):
    assert written("saunavuoro", language) == "saunavuoro" and written("Ёмкость №2", language) == "Ёмкость №2"
    assert formats.of(language).quantity(2_000_000, None) == "2"


def test_a_seventh_language_keeps_a_word_that_it_has_none_for():
    assert (written("чел.", "lv"), written("м³", "lv"), written("m³", "uk")) == ("чел.", "m³", "м³")
