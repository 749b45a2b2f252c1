"""How the register's kinds are called: homes, tenures, roles, rights, posts, media."""

from flask import g

from resident.metering import medium
from resident.people.person import ERASED

from ._locale import N_, _, fmt, language, pgettext
from ._web import reading


def kinds() -> dict[str, str]:
    """Kinds of units, in the order of a filter."""
    return {
        "home": pgettext("kind of unit", "Home"),
        "business": pgettext("kind of unit", "Business premises"),
        "parking": pgettext("kind of unit", "Parking space"),
        "storage": pgettext("kind of unit", "Storage room"),
    }


def tenure(kind: str) -> str:
    return {"ownership": pgettext("tenure", "Ownership"), "lease": pgettext("tenure", "Lease")}[kind]


def role(role: str, kind: str = "") -> str:
    """What a person is in a tenure. kind: ownership or lease; without it, the word that fits both."""
    words = {
        ("primary", "ownership"): _("Primary owner"),
        ("primary", "lease"): _("Primary tenant"),
        ("co_owner", "ownership"): _("Co-owner"),
        ("co_owner", "lease"): _("Co-tenant"),
    }
    plain = {"primary": _("Primary owner or tenant"), "co_owner": _("Co-owner or co-tenant"), "occupant": _("Occupant")}
    return words.get((role, kind)) or plain[role]


def rights() -> dict[str, str]:
    """What a resident may do, in the order of the table in the settings."""
    return {
        "readings": pgettext("right", "Readings"),
        "invoices": pgettext("right", "Invoices"),
        "talk": pgettext("right", "Messages and faults"),
        "agreement": pgettext("right", "Agreement"),
        "household": pgettext("right", "Household"),
    }


def listed_rights(held) -> str:
    """Rights in the middle of a sentence, "" for none. Most languages write them there in lower case."""
    if not held:
        return ""
    words = {
        "readings": pgettext("right, inside a sentence", "readings"),
        "invoices": pgettext("right, inside a sentence", "invoices"),
        "talk": pgettext("right, inside a sentence", "messages and faults"),
        "agreement": pgettext("right, inside a sentence", "agreement"),
        "household": pgettext("right, inside a sentence", "household"),
    }
    return ", ".join(word for right, word in words.items() if right in held)


def grounds() -> dict[str, str]:
    """Why somebody acts for another."""
    return {
        "guardian": pgettext("acts for another", "Guardian"),
        "estate": pgettext("acts for another", "For an estate"),
        "company": pgettext("acts for another", "For a company"),
        "proxy": pgettext("acts for another", "By a power of attorney"),
    }


def post(role: str) -> str:
    return {
        "office": pgettext("post", "Customer service"),
        "manager": pgettext("post", "Property manager"),
        "accountant": pgettext("post", "Accountant"),
        "rent_control": pgettext("post", "Rent control"),
        "caretaker": pgettext("post", "Caretaker"),
        "council": pgettext("post", "Council member"),
        "provider": pgettext("post", "Supplier"),
    }[role]


def abilities() -> dict[str, str]:
    """What a post lets its holder do (identity.POSTS), in the order of the page of roles."""
    return {
        "register": _("Homes, persons and agreements"),
        "tenures": _("Who holds the home"),
        "import": _("Import of the register"),
        "letters": _("Letters with start passwords, and who has signed in"),
        "readings": _("See and enter anybody’s readings"),
        "windows": _("Reading windows, and readings that wait for a decision"),
        "meters": _("Add, change and archive meters"),
        "progress": _("Who has sent readings and who has not"),
        "money": _("Invoices and balances"),
        "billing": _("Charges, billing and bookkeeping"),
        "cases": _("All faults"),
        "own_cases": _("Faults that were given to oneself"),
        "posts": _("Positions and mandates"),
        "settings": _("Settings of the organisation"),
    }


def post_after_name(role: str | None) -> str:
    """The posts that deal with faults, where most languages want lower case: after a name. "" for any other."""
    return {
        "office": pgettext("post, after a name", "customer service"),
        "manager": pgettext("post, after a name", "property manager"),
        "caretaker": pgettext("post, after a name", "caretaker"),
    }.get(role, "")


MEDIA = {
    "cold_water": N_("Cold water"),
    "hot_water": N_("Hot water"),
    "heating": N_("Heating"),
    "electricity": N_("Electricity"),
    "gas": N_("Gas"),
}


def media(organisation_id: int | None = None) -> dict[str, str]:
    """Media by code: those that everybody has, then those that the organisation has added (without one: all of the viewer's)."""
    added = {code: name for code, (whose, name) in _own_media().items() if organisation_id in (None, whose)}
    return {code: _(name) for code, name in MEDIA.items()} | added


def medium_name(code: str) -> str:
    """A medium in the reader's language, or in the best one there is (H6). A look-up only for one that somebody has added."""
    if code in MEDIA:
        return _(MEDIA[code])
    if code not in _own_media():
        with reading() as session:
            g.own_media |= _named(medium.beside(session, code))
    return g.own_media[code][1] if code in g.own_media else code


def learn_media(organisation_id: int, names: dict[str, dict]) -> None:
    """Names, by code and language, that a page has found together with something else: all that it will ask for."""
    g.own_media = {code: (organisation_id, medium.best(called, language())) for code, called in names.items()}


def _own_media() -> dict[str, tuple[int, str]]:
    """code: (organisation, name) of what the viewer's organisations have added. Looked up once a request, when asked for."""
    if "own_media" not in g:
        viewer = g.get("viewer")
        whose = {one.organisation.id for one in (*viewer.homes, *viewer.duties)} if viewer else set()
        with reading() as session:
            g.own_media = _named(medium.of(session, whose)) if whose else {}
    return g.own_media


def _named(rows: list) -> dict[str, tuple[int, str]]:
    return {row.code: (row.organisation_id, medium.best(row.names, language())) for row in rows}


def fact(kind: str, millionths: int) -> tuple[str, str]:
    """(name, value with its unit) of a dated fact about a home; a kind of the organisation's own keeps its name."""
    named = {
        "area": (_("Area"), _("m²")),
        "heated_area": (_("Heated area"), _("m²")),
        "occupants": (_("Number of occupants"), None),
        "rooms": (_("Rooms"), None),
        # Translators: the home's share of the co-operative, not "to share".
        "share": (pgettext("of a home", "Share"), None),
    }
    name, measure = named.get(kind, (kind, None))
    return name, fmt().quantity(millionths, measure)


def days(first, last) -> str:
    """From when to when: a tenure, a party, a post."""
    if last is None:
        return _("from %(first)s", first=fmt().date(first))
    return _("%(first)s to %(last)s", first=fmt().date(first), last=fmt().date(last))


def today_of(organisation_id: int):
    """Today in an organisation in which the viewer has a post."""
    return next(duty.organisation.today for duty in g.viewer.duties if duty.organisation.id == organisation_id)


def person_name(name: str) -> str:
    """A person's name; of somebody whose data were erased there is none."""
    return _("Erased person") if name == ERASED else name
