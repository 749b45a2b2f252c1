"""Language of a request: what is asked for → the person's choice → cookie → Accept-Language → the organisation's.

gettext is bound once a request (P7). Adding a language takes a catalogue and nothing else: what is there is offered.
"""

from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from babel import Locale, localedata
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, render_template, request
from flask_babel import Babel
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from resident import format as formats

FOLDER = Path(__file__).parent.parent / "translations"
SOURCE = "en"
COOKIE = "lang"
YEAR = 365 * 24 * 3600


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """code: own name, for every catalogue that is there; the source language last."""
    codes = sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.mo"))
    order = {code: place for place, code in enumerate(("fi", "sv", "et", "pl", "ru"))}
    codes = sorted({*codes, SOURCE}, key=lambda code: (order.get(code, 50), code == SOURCE, code))
    return {code: _own_name(code) for code in codes}


def _own_name(code: str) -> str:
    """Suomi, Svenska …"""
    name = Locale.parse(code).get_display_name(code).capitalize()
    # Babel keeps all that it knows of a language for good, 1 MB apiece: what a page needs of it, Format keeps.
    localedata._cache.clear()
    return name


@lru_cache(maxsize=32)
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language; the source's own words when there is none."""
    return Translations.load(str(FOLDER), [language], "messages") if language in languages() else NullTranslations()


class Words:
    """gettext of one language, with named placeholders filled in. `_` in templates is its `text`."""

    def __init__(self, language: str):
        found = catalogue(language)
        self.language = language
        self._text, self._plural = found.ugettext, found.ungettext
        self._context, self._plural_context = found.upgettext, found.unpgettext

    def text(self, message: str, **facts) -> str:
        message = self._text(message) if message else ""
        return message % facts if facts else message

    def plural(self, one: str, many: str, n: int, **facts) -> str:
        return self._plural(one, many, n) % {"n": n, **facts}

    def context(self, context: str, message: str, **facts) -> str:
        message = self._context(context, message)
        return message % facts if facts else message

    def plural_context(self, context: str, one: str, many: str, n: int, **facts) -> str:
        return self._plural_context(context, one, many, n) % {"n": n, **facts}


@lru_cache(maxsize=32)
def words(language: str) -> Words:
    return Words(language)


def language() -> str:
    """The language of this request."""
    if not has_request_context():
        return SOURCE
    code = g.get("language")
    if code is None:
        code = g.language = _chosen()
    return code


@lru_cache(maxsize=512)
def _accepted(header: str) -> str | None:
    """The best of our languages that a browser names. "*" names none: then the organisation's speaks."""
    named = [(code, weight) for code, weight in parse_accept_header(header, LanguageAccept) if code != "*"]
    return LanguageAccept(named).best_match(list(languages()))


def _chosen() -> str:
    offered = languages()
    viewer = g.get("viewer")
    for code in (request.args.get("lang"), viewer and viewer.language, request.cookies.get(COOKIE)):
        if code in offered:
            return code
    accepted = _accepted(request.headers.get("Accept-Language", ""))
    if accepted:
        return accepted
    organisation = (viewer and viewer.organisation) or g.get("organisation_here")
    first = organisation.languages.split()[0] if organisation else SOURCE
    return first if first in offered else SOURCE


@contextmanager
def speaking(code: str):
    """What is said in between is in this language, whatever the reader's: for papers to others."""
    before, g.language = language(), code
    # Names of an organisation's own media are kept for the request in the language in which they were asked for.
    g.pop("own_media", None)
    try:
        yield
    finally:
        g.language = before
        g.pop("own_media", None)


def _(message: str, **facts) -> str:
    return words(language()).text(message, **facts)


def ngettext(one: str, many: str, n: int, **facts) -> str:
    return words(language()).plural(one, many, n, **facts)


def pgettext(context: str, message: str, **facts) -> str:
    return words(language()).context(context, message, **facts)


def npgettext(context: str, one: str, many: str, n: int, **facts) -> str:
    return words(language()).plural_context(context, one, many, n, **facts)


def marked(message: str) -> str:
    """Marks a string for the catalogue where it cannot be looked up yet (extracted as N_)."""
    return message


N_ = marked


def Np_(context: str, message: str) -> tuple[str, str]:  # noqa: N802 – as gettext's tools name it
    """The same with a context, for pgettext(*…)."""
    return context, message


def fmt() -> formats.Format:
    return formats.of(language())


@lru_cache(maxsize=32)
def tongues(present: str) -> Markup:
    """The buttons that change the language, on every page: written once for each that may be the present one."""
    return Markup(render_template("_tongues.html", present=present))


def wire(app: Flask) -> None:
    app.jinja_env.globals["tongues"] = tongues
    Babel(app, locale_selector=language, default_translation_directories=str(FOLDER))

    @app.context_processor
    def speak():
        code = language()
        bound = words(code)
        return {
            "_": bound.text,
            "ngettext": bound.plural,
            "pgettext": bound.context,
            "npgettext": bound.plural_context,
            "fmt": formats.of(code),
            "language": code,
            "languages": languages(),
        }

    @app.after_request
    def remember(response):
        asked = request.args.get("lang") if request.args else None
        if asked in languages():
            response.set_cookie(COOKIE, asked, max_age=YEAR, samesite="Lax", secure=request.is_secure)
        return response
