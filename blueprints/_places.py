"""The menu: where a resident or a member of staff can go, in one list."""

from functools import lru_cache
from typing import NamedTuple

from flask import Flask, g, render_template, request, url_for
from markupsafe import Markup

from ._locale import N_, Np_, _, language, pgettext


class Place(NamedTuple):
    url: str
    name: str
    icon: str
    current: bool
    waiting: int = 0


# (endpoint, name, icon, areas that count as being there, right or ability; None for everybody)
HOME = (
    ("home.index", Np_("menu", "Home"), "home", ("home",), None),
    ("readings.index", Np_("menu", "Readings"), "counter", ("readings",), "readings"),
    ("invoices.index", N_("Invoices"), "bill", ("invoices", "paying", "reckoning"), "invoices"),
    ("faults.index", N_("Requests"), "chat", ("faults", "messages"), "talk"),
)
REGISTER = (
    "desk_register",
    "desk_home_facts",
    "desk_invoice_ways",
    "desk_tenures",
    "desk_handovers",
    "desk_agreements",
    "desk_representations",
    "desk_sign_ins",
    "desk_factors",
    "desk_viewing",
)
BILLS = (
    "desk_invoices",
    "desk_accounts",
    "desk_tenure_accounts",
    "desk_online_payments",
    "desk_references",
    "desk_bookings",
    "desk_interest",
    "desk_demands",
    "desk_corrections",
    "desk_separate_invoices",
    "desk_prints",
)
BILLING = (
    "desk_billing",
    "desk_costs",
    "desk_previews",
    "desk_period_corrections",
    "desk_charges",
    "desk_weights",
    "desk_amounts",
    "desk_members",
    "desk_deliveries",
    "desk_settlements",
    "desk_settlement_corrections",
    "desk_proof",
    "desk_figures",
)
DESK = (
    ("desk_home.index", N_("What waits"), "home", ("desk_home",), None),
    ("desk_register.index", N_("Homes and people"), "building", REGISTER, "register"),
    (
        "desk_readings.index",
        Np_("menu", "Readings"),
        "counter",
        (
            "desk_readings",
            "desk_slips",
            "desk_windows",
            "desk_estimates",
            "desk_prices",
            "desk_balance",
            "desk_exports",
            "desk_feeds",
            "desk_leaks",
        ),
        "progress",
    ),
    ("desk_meters.index", N_("Meters"), "bolt", ("desk_meters", "desk_media", "desk_mains"), "readings"),
    ("desk_faults.index", N_("Faults"), "tool", ("desk_faults",), "cases"),
    ("desk_faults.mine", N_("My work"), "tool", ("desk_faults",), "own_cases"),
    ("desk_messages.index", N_("Messages"), "chat", ("desk_messages",), "answers"),
    (
        "desk_invoices.index",
        N_("Invoices"),
        "bill",
        BILLS,
        "money",
    ),
    ("desk_billing.index", N_("Billing"), "purse", BILLING, "money"),
    (
        "desk_payments.index",
        Np_("menu", "Payments in"),
        "get",
        ("desk_payments", "desk_bank_accounts", "desk_bank_csvs", "desk_payouts"),
        "money",
    ),
    ("desk_letters.index", N_("Start letters"), "key", ("desk_letters",), "letters"),
    ("desk_imports.index", N_("Import"), "get", ("desk_imports",), "import"),
    ("desk_posts.index", N_("Positions and mandates"), "user", ("desk_posts",), "posts"),
    ("desk_audit.index", N_("Who did what"), "shield", ("desk_audit", "desk_erasures"), "settings"),
    ("desk_settings.index", N_("Settings"), "set", ("desk_settings", "desk_roles"), "settings"),
)
SYSTEM = ("desk_system.index", N_("System"), "set", ("desk_system",), None)

CONSUMPTION = ("consumption.index", N_("Consumption"), "chart", ("consumption", "building_use", "energy_information"), "readings")
HOUSEHOLD = ("household.index", N_("Household"), "users", ("household", "handovers"), None)
AGREEMENT = ("agreement.index", N_("Agreement"), "doc", ("agreement",), "agreement")
HOMES = ("homes.index", N_("My homes"), "building", ("homes",), None)
DETAILS = ("details.index", N_("My details"), "user", ("details",), None)


# Homes that the switch on every page offers; the page of homes has them all.
SWITCHED = 8


def places() -> list[Place]:
    """The places of whoever is signed in; the resident's own first, unless the page is the desk's. Once a request."""
    if "places" not in g:
        g.places = _places()
    return g.places


def _places() -> list[Place]:
    viewer = g.viewer
    own = [row for row in HOME if viewer.home and (row[4] is None or viewer.may(row[4]))]
    own += [CONSUMPTION] if viewer.may("readings") else []
    own += [HOUSEHOLD] if viewer.home and viewer.home.state != "after" else []
    own += [AGREEMENT] if viewer.may("agreement") else []
    desk = [row for row in DESK if viewer.duties and (row[4] is None or _can(viewer, row[4]))]
    system = [SYSTEM] if viewer.operator else []
    several = len(viewer.homes) + bool(viewer.duties or viewer.closed) > 1
    own_self = [] if viewer.looks_by else [DETAILS]
    self = [HOMES, *own_self] if viewer.homes and several else own_self
    order = [*desk, *system, *own, *self] if at_desk() else [*own, *desk, *system, *self]
    here, spoken = request.blueprint, language()
    return [_place(row, here in row[3], viewer.unread if row[0] == "faults.index" else 0, spoken) for row in order]


class Switch(NamedTuple):
    """Where somebody with several homes or roles can go from any page. homes: (party id, label, whose, shown now)."""

    now: str
    homes: list[tuple]
    desk: bool
    at_desk: bool


def switch() -> Switch | None:
    """None for whoever has one home or one role only."""
    viewer = g.get("viewer")
    homes = {home.party_id: home for home in viewer.homes} if viewer else {}
    if viewer is None or len(homes) + bool(viewer.duties) < 2:
        return None
    here = at_desk()
    shown = [
        (home.party_id, home.label, home.person_name if home.acting else None, not here and home.party_id == viewer.home.party_id)
        for home in list(homes.values())[:SWITCHED]
    ]
    return Switch(_("At work") if here else viewer.home.label, shown, bool(viewer.duties), here)


def at_desk() -> bool:
    return (request.blueprint or "").startswith("desk")


def _can(viewer, ability: str) -> bool:
    return viewer.answers() if ability == "answers" else viewer.can(ability)


@lru_cache(maxsize=1024)
def _place(row: tuple, current: bool, waiting: int, _language: str) -> Place:
    endpoint, name, icon, *_rest = row
    return Place(address(endpoint), pgettext(*name) if isinstance(name, tuple) else _(name), icon, current, waiting)


@lru_cache(maxsize=64)
def address(endpoint: str) -> str:
    """An address without parameters, as on every page: worked out once."""
    return url_for(endpoint)


def links(shown: list[Place]) -> Markup:
    """The rows of a menu. They are the same for many, so each set of places is written once a language."""
    return _links(tuple(shown), language())


@lru_cache(maxsize=512)
def _links(shown: tuple[Place, ...], _language: str) -> Markup:
    return Markup(render_template("_links.html", shown=shown))


def wire(app: Flask) -> None:
    app.jinja_env.globals.update(places=places, at_desk=at_desk, links=links, switch=switch)
