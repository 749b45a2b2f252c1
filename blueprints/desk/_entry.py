"""Where somebody's sign-in stands, and why a letter is not made: in words, for the desk."""

from typing import NamedTuple

from resident import clock
from resident.homes import setting
from resident.homes.organisation import Organisation
from resident.people import identification, letter, staircase
from resident.people.identifier import shown
from resident.people.person import Login, Person
from resident.people.personal_code import BadCode, CodeTaken, NotEntrusted

from .. import _identified
from .._locale import _, fmt, pgettext


class Entry(NamedTuple):
    """state: one of staircase.STATES; told: the sentence about it; name: the user name, when there is one."""

    state: str
    tag: str
    word: str
    told: str
    name: str | None
    checked: str
    ways: frozenset


def of(session, who: Person) -> Entry:
    newest = letter.latest(session, who.id)
    login = session.get(Login, who.login_id) if who.login_id else None
    state = staircase.state_of(letter.is_active(session, who.login_id), newest)
    tag, word = states()[state]
    ways = frozenset(_rules(session, who.organisation_id)["ways_in"])
    checked = _identified.checked(identification.last_check(session, who.id))
    return Entry(state, tag, word, about(state, newest), shown(login.name) if login else None, checked, ways)


def states() -> dict[str, tuple[str, str]]:
    """state: (look of its tag, word)."""
    return {
        "active": ("done", pgettext("sign-in", "Signs in")),
        "issued": ("wait", pgettext("sign-in", "Letter on its way")),
        "begun": ("wait", pgettext("sign-in", "No own password yet")),
        "expired": ("no", pgettext("sign-in", "Letter expired")),
        "never": ("new", pgettext("sign-in", "No letter yet")),
    }


def about(state: str, newest: letter.StartLetter | None) -> str:
    """What the latest letter has come to; "" without one."""
    if newest is None:
        return ""
    if newest.activated_at:
        return _("Letter of %(day)s, own password chosen", day=fmt().date(newest.issued_on))
    if state == "begun":
        return _(
            "The letter of %(day)s was used, but no own password was chosen. Make a new one.", day=fmt().date(newest.issued_on)
        )
    return _("Letter made on %(day)s", day=fmt().date(newest.issued_on))


def left_out() -> dict[str, str]:
    """Why somebody gets no letter with the others."""
    return {
        "active": _("signs in already"),
        "waiting": _("has an unused letter"),
        "undisclosed": _("under non-disclosure: make a letter for this person alone and hand it over"),
        "coming": _("the tenure has not begun"),
        "legal": _("a company or an estate: its representative signs in"),
        "post": _("This person holds a position. The office or the property manager makes the letter."),
    }


def no_letter(why: str) -> str:
    """Why a letter is refused."""
    return {
        "method": _("Choose how the identity was checked."),
        "way": _("The organisation does not let anybody sign in by letter. It is set under Settings, Ways to sign in."),
        "legal": _("A company or an estate has no sign-in of its own. Make a letter for its representative."),
        "disabled": _("This sign-in is closed. Open it first."),
        "erased": _("This person’s data was erased."),
        "post": _("This person holds a position. The office or the property manager makes the letter."),
        "active": _("This person signs in already. For a lost password, the office makes a new letter."),
    }[why]


def not_offered(why: str) -> str:
    if why == "way":
        return _("The organisation does not offer registration at the office. It is set under Settings, Ways to sign in.")
    return _("This person signs in already. For a lost password, make a new letter.")


def countries() -> dict[str, str]:
    """Countries whose personal codes can be checked."""
    return {"FI": _("Finland"), "EE": _("Estonia"), "PL": _("Poland")}


def no_code(error: BadCode | CodeTaken | NotEntrusted) -> dict[str, str]:
    """{field: sentence} about a personal code that cannot be recorded. Whose it is already, is not said."""
    if isinstance(error, NotEntrusted):
        return {"code": codes_of_others()}
    if isinstance(error, CodeTaken):
        return {"personal_code": _("This personal code is recorded for somebody else. Check it against the document.")}
    if error.why == "country":
        return {"country": _("Choose the country that gave the personal code.")}
    if error.why == "temporary":
        return {"personal_code": _("This is a temporary personal code. Wait for the permanent one.")}
    said = _("This is not a personal code as it stands on a passport or an identity card. Check each character.")
    return {"personal_code": said}


def codes_of_others() -> str:
    """What a firm under a mandate is told about those whose codes it does not record."""
    return _("This person holds a position, or works for you. The organisation itself records the personal code.")


def offers(session, organisation_id: int, way: str) -> bool:
    return way in _rules(session, organisation_id)["ways_in"]


def _rules(session, organisation_id: int) -> dict:
    organisation = session.get_one(Organisation, organisation_id)
    return setting.in_force(session, organisation.id, organisation.country, clock.today(organisation.tz))
