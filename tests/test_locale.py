"""Which language a page speaks, and that every plural form is there."""

import re

import pytest

from blueprints import _locale

ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


def spoken(answer) -> str:
    return re.search(r'<html lang="(\w+)"', answer.text)[1]


@ONE
def test_what_is_asked_for_wins_then_choice_cookie_browser_organisation(client, cast):
    stranger = client(language=None)
    assert spoken(stranger.get("/sign-in")) == "en"
    assert spoken(stranger.http.get("/sign-in", headers={"Accept-Language": "pl,en;q=0.5"})) == "pl"
    stranger.post("/language", language="et", next="/sign-in", status=303)
    assert spoken(stranger.http.get("/sign-in", headers={"Accept-Language": "pl"})) == "et"
    assert spoken(stranger.get("/sign-in?lang=sv")) == "sv"
    assert spoken(stranger.get("/sign-in")) == "sv"


@ONE
def test_the_organisations_default_speaks_when_nobody_chose(client):
    assert spoken(client("tenant", language=None).get("/appearance")) == "fi"
    assert spoken(client(language=None).http.get("/sign-in", headers={"Accept-Language": "*"})) == "en", "any is none"


@ONE
def test_a_persons_choice_follows_them_to_another_browser(client):
    client("tenant", language=None).post("/language", language="ru", status=303)
    assert spoken(client("tenant", language=None).get("/appearance")) == "ru"


@ONE
def test_every_page_offers_the_languages_in_their_own_names(client):
    page = client(language=None).get("/sign-in").text
    assert [name for name in ("Suomi", "Svenska", "Eesti", "Polski", "Русский", "English") if name in page.replace("\n", "")]
    assert len(_locale.languages()) == 6


@ONE
def test_an_unknown_language_changes_nothing(client):
    stranger = client(language=None)
    stranger.post("/language", language="xx", next="//evil.example", status=303)
    assert spoken(stranger.get("/sign-in?lang=<script>")) == "en"


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("fi", {1: 0, 0: 1, 2: 1, 21: 1}),
        ("sv", {1: 0, 2: 1}),
        ("et", {1: 0, 2: 1}),
        ("pl", {1: 0, 2: 1, 5: 2, 12: 2, 21: 2, 22: 1, 25: 2, 101: 2, 0: 2}),
        ("ru", {1: 0, 2: 1, 5: 2, 11: 2, 12: 2, 21: 0, 22: 1, 25: 2, 101: 0, 111: 2}),
    ],
)
def test_plural_forms_are_those_of_the_language(language, forms):
    plural = _locale.catalogue(language).plural
    assert {n: int(plural(n)) for n in forms} == forms
