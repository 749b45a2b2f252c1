"""What each role may do: of posts as identity.py has it, of residents as the organisation has set it. One page, out of the code."""

from flask import Blueprint, abort, g

from resident import identity
from resident.homes import setting
from resident.people import letter
from resident.people.post import ROLES

from .. import _terms, _threads
from .._gate import staff
from .._locale import _
from .._setting_words import ROLES as PARTS
from .._web import page, session
from . import _organisation

bp = Blueprint("desk_roles", __name__, url_prefix="/desk/roles")


@bp.get("")
@staff()
def index():
    organisation = _organisation.of(g.viewer.duties or abort(404)).organisation
    settings = setting.in_force(session, organisation.id, organisation.country, organisation.today)
    return page(
        "desk/roles/index.html",
        title=_("What each role may do"),
        organisation=organisation,
        others=_organisation.choice(g.viewer.duties),
        posts={role: _terms.post(role) for role in ROLES},
        abilities=[(word, {role for role in ROLES if holds(role)}) for word, holds in abilities()],
        parts={role: _terms.role(role) for role in PARTS},
        rights=[(word, {role for role in PARTS if right in settings["rights"].get(role, [])}) for right, word in _rights()],
        lower=_terms.listed_rights(settings["lower_rights"]) or _("nothing"),
        answers={
            _threads.addressee(to, organisation.legal_form): ", ".join(_terms.post(role) for role in by)
            for to, by in identity.ANSWERS.items()
        },
    )


def _rights() -> list[tuple[str, str]]:
    return list(_terms.rights().items())


def abilities() -> list[tuple]:
    """(what it is, role → whether a post of that role may): every ability of POSTS, and who sees contact data."""
    words = _terms.abilities()
    unnamed = set().union(*identity.POSTS.values()) - set(words)
    named = [*words.items(), *((ability, ability) for ability in sorted(unnamed))]
    return [
        *((word, lambda role, ability=ability: ability in identity.POSTS[role]) for ability, word in named),
        (_("New letters for whoever signs in already, and personal codes that let people in"), letter.REPLACES.__contains__),
        (_("Contact data of persons"), identity.SEES_CONTACTS.__contains__),
        (_("Name, address and contact data of persons under non-disclosure"), identity.SEES_UNDISCLOSED.__contains__),
    ]
