"""What media cost in the demo, and how cold the months were: those of the invoices where they have a price for it."""

from datetime import date

from sqlalchemy.orm import Session

from ..db import SCALE
from ..metering.price import DegreeDays, MediumPrice
from .estate import Site
from .rows import put

_SINCE = 2024
# Millionths of a kilogram of CO₂ for a unit, taxes in millionths of the price.
_HEAT = {"emissions": 98_000, "taxes": 203_187}
_POWER = {"emissions": 41_000, "taxes": 216_000}
# slug: {medium: (cents for a unit from January 2024, more each January, cents for a home and month, about)}.
_PRICES = {
    "koivukallio": {
        "cold_water": (404, 14, 0, {"taxes": 203_187}),
        "hot_water": (882, 23, 0, {"taxes": 203_187, "emissions": 5_700_000}),
        "heating": (9, 1, 0, _HEAT | {"mix": {
            "fi": "Hake 62 %, lämpöpumput 30 %, maakaasu 8 %", "sv": "Flis 62 %, värmepumpar 30 %, naturgas 8 %",
            "en": "Wood chips 62%, heat pumps 30%, natural gas 8%",
        }}),
        "electricity": (13, 1, 420, _POWER),
    },
    "parnaoue-7": {
        "cold_water": (268, 19, 0, {"taxes": 193_548}),
        "hot_water": (1010, 45, 0, {"taxes": 193_548, "emissions": 7_900_000}),
        "heating": (10, 1, 0, _HEAT | {"emissions": 136_000, "mix": {
            "et": "Hakkpuit 74 %, turvas 14 %, maagaas 12 %", "ru": "Щепа 74 %, торф 14 %, природный газ 12 %",
            "en": "Wood chips 74%, peat 14%, natural gas 12%",
        }}),
        "electricity": (15, 1, 0, _POWER),
    },
    "nad-struga": {
        "cold_water": (1388, 62, 0, {"taxes": 74_074}),
        "hot_water": (4898, 202, 0, {"taxes": 187_000, "emissions": 16_400_000}),
        "heating": (38, 2, 0, _HEAT | {"emissions": 298_000, "mix": {
            "pl": "Węgiel kamienny 71%, gaz ziemny 22%, biomasa 7%", "en": "Hard coal 71%, natural gas 22%, biomass 7%",
        }}),
        "electricity": (92, 4, 0, _POWER | {"emissions": 597_000}),
    },
    "beryozovaya-roshcha": {
        "cold_water": (3740, 135, 0, {}),
        "hot_water": (17850, 640, 0, {"emissions": 12_600_000}),
        "heating": (188, 7, 0, {"emissions": 236_000, "mix": {"ru": "Природный газ 100 %", "en": "Natural gas 100%"}}),
        "electricity": (422, 15, 0, {"emissions": 352_000}),
    },
}  # fmt: skip
# Degree days of a usual year in the north, month by month, and how cold the place is beside it, in hundredths.
USUAL = (612, 568, 498, 336, 148, 26, 6, 22, 152, 318, 447, 566)
_COLD = {"koivukallio": 100, "parnaoue-7": 93, "nad-struga": 78, "beryozovaya-roshcha": 108}


def degrees(slug: str, year: int, month: int) -> int:
    """Degree days of a month: the usual ones, some per cent more or less from year to year."""
    more = (year * 37 + month * 53) % 21 - 10
    return USUAL[month - 1] * _COLD[slug] * (100 + more) // 10_000


def price_all(session: Session, site: Site) -> None:
    """Prices from each January on, and degree days of the last three years."""
    slug, today = site.estate.organisation["slug"], site.today
    rows = [
        {
            "organisation_id": site.id, "building_id": None, "medium": medium, "first": date(year, 1, 1),
            "price": (cents + more * (year - _SINCE)) * SCALE // 100, "monthly": monthly * SCALE // 100, "about": about,
        }
        for medium, (cents, more, monthly, about) in _PRICES[slug].items()
        for year in range(today.year - 2, today.year + 1)
    ]  # fmt: skip
    put(session, MediumPrice, rows)
    months = [(today.year - 3 + n // 12, n % 12 + 1) for n in range(36 + today.month - 1)]
    days = [
        {
            "organisation_id": site.id,
            "building_id": None,
            "month": f"{year}-{month:02d}",
            "value": degrees(slug, year, month) * SCALE,
        }
        for year, month in months
    ]
    put(session, DegreeDays, days)
