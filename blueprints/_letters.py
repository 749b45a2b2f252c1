"""Start letters as they leave the portal: the words in each reader's language, and the file."""

from flask import current_app, make_response

from resident import format as formats
from resident.homes.organisation import Organisation
from resident.people.letter import Issued

from ._download import disposition
from ._locale import words


def pdf(letters: list[Issued], organisation: Organisation) -> bytes:
    """All letters in one PDF, each in its own language."""
    # Papers are drawn seldom.
    from resident.people import letter_pdf

    sender = letter_pdf.Sender(organisation.name, organisation.address, organisation.phone, organisation.email, organisation.hours)
    url = f"{current_app.extensions['resident.settings'].base_url}/sign-in/{organisation.slug}"
    return letter_pdf.draw(letters, sender, url, said, formats.of)


def answer(letters: list[Issued], organisation: Organisation, name: str):
    """The file as the answer to the form that made the letters: it is nowhere else (S07)."""
    response = make_response(pdf(letters, organisation))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = disposition(name, download=True)
    response.headers["Cache-Control"] = "no-store"
    return response


def said(letter: Issued) -> dict:
    """The words of one letter (letter_pdf.WORDS)."""
    _ = words(letter.language).text
    last = formats.of(letter.language).long(letter.last_day)
    return {
        "title": _("Your sign-in to the resident portal"),
        "intro": _(
            "In the resident portal you send readings, see invoices, report faults and write messages. With this letter you "
            "sign in for the first time."
        ),
        "home": _("Home"),
        "username": _("Username"),
        "password": _("Start password"),
        "valid": _("The start password works once, until %(day)s.", day=last),
        "steps": (
            _("Open the sign-in page: point your telephone’s camera at the square code, or type the address below."),
            _("Type the username and the start password. Capital and small letters, spaces and hyphens make no difference."),
            _("Choose a password of your own. The username stays the same: keep it."),
        ),
        "address": _("Sign-in page:"),
        "secret": _("Give this letter to nobody. Nobody from the office asks for your password."),
        "ask": _("If the letter has been lost, opened by somebody else, or does not work, ask for a new one:"),
    }
