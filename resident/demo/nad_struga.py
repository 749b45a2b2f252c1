"""SM „Nad Strugą”: a Polish housing co-operative with three buildings, in Polish."""

from datetime import date

from .estate import Bill, Came, Charge, Counter, Estate, House, Line, Officer, Resident, Stair
from .month import in_advance
from .nad_struga_talk import TALKS, TROUBLES
from .names import Name, polish
from .reference import iban, virtual_account

BANK = "99900004"
ORGANISATION = {
    "slug": "nad-struga", "name": "SM „Nad Strugą”", "legal_form": "cooperative", "country": "PL", "currency": "PLN",
    "tz": "Europe/Warsaw", "languages": "pl en", "registry_code": "0000555017", "phone": "555 01 70",
    "emergency_phone": "555 01 99", "email": "biuro@example.org", "hours": "pn.–pt. 8–16",
    "address": "ul. Strumykowa 1, 00-000 Strugowo",
    "payee": {
        "payee": "Spółdzielnia Mieszkaniowa „Nad Strugą”", "account": iban("PL", f"{BANK}0000000000000170")[2:],
        "bank": "Bank Spółdzielczy w Strugowie",
    },
}  # fmt: skip
HOUSES = (
    House(
        "J8", "Jarzębinowa 8", "00-000", "Strugowo", {"year": 1979, "material": "wielka płyta", "heating": "sieć miejska"},
        (Stair("I", 10, 2), Stair("II", 10, 2)),
    ),
    House(
        "J10", "Jarzębinowa 10", "00-000", "Strugowo", {"year": 1981, "material": "wielka płyta", "heating": "sieć miejska"},
        (Stair("I", 9, 3), Stair("II", 9, 3)),
    ),
    House(
        "S3", "Strumykowa 3", "00-000", "Strugowo", {"year": 1996, "material": "cegła", "heating": "kotłownia gazowa"},
        (Stair("I", 8, 2), Stair("II", 8, 2)),
    ),
)  # fmt: skip
COUNTERS = (
    Counter("cold_water", "łazienka", "m³", 5, 3, (("", 1500, 2600),)),
    Counter("hot_water", "łazienka", "m³", 5, 3, (("", 900, 1600),)),
    Counter("cold_water", "kuchnia", "m³", 5, 3, (("", 500, 900),), share=30),
)
WORDS = {
    "pl": (
        "Eksploatacja podstawowa", "Fundusz remontowy", "Centralne ogrzewanie – zaliczka", "Zimna woda i ścieki",
        "Podgrzanie wody", "Gospodarowanie odpadami", "Domofon", "os.", "szt.",
    ),
    "en": (
        "Basic upkeep", "Repair fund", "Central heating – advance", "Cold water and sewage", "Heating of water",
        "Waste management", "Entry phone", "people", "pcs",
    ),
}  # fmt: skip
CHARGES = (
    Charge("EKSPL", 0, "area", "m2"),
    Charge("FR", 1, "area", "m2"),
    Charge(
        "CO-ZAL",
        2,
        "heated_area",
        "m2",
        advance=True,
        settled=("CO", {"pl": "Centralne ogrzewanie", "en": "Central heating"}, "Ciepłownia Strugowo"),
    ),
    Charge("ZW", 3, "meter", "m3", media="cold_water hot_water"),
    Charge("PODGRZ", 4, "meter", "m3", media="hot_water"),
    Charge("ODPADY", 5, "occupants", "person"),
    Charge("DOMOFON", 6, "fixed", "piece"),
)  # fmt: skip
CAME = (
    Came(None, iban("PL", f"{BANK}0000000000777001"), "Czynsz za mieszkanie"),
    Came("Ryszard Olszewski", iban("PL", f"{BANK}0000000000777019"), "Naliczenie {number}", number=True),
    Came("Ubezpieczenia Strugowo", iban("PL", f"{BANK}0000000000777027"), "Szkoda 26/118", aside="Odszkodowanie, nie opłata"),
)
WINTER = (10, 11, 12, 1, 2, 3, 4)
_FIRST = 2024


def lines(bill: Bill) -> list[Line]:
    upkeep, fund, heating, water, warming, waste, phone, people, pieces = WORDS[bill.language]
    age = max(0, bill.month.year - _FIRST)
    cold = sum(use for name, use in bill.uses.items() if name.startswith("cold_water"))
    hot = sum(use for name, use in bill.uses.items() if name.startswith("hot_water"))
    warm = 690 if bill.month.number in WINTER else 310
    made = [
        Line(upkeep, bill.area, "m²", 342 + 18 * age),
        Line(fund, bill.area, "m²", 310 + 10 * age),
        Line(heating, bill.area, "m²", warm + 25 * age),
    ]
    if cold:
        made.append(Line(water, cold + hot, "m³", 1388 + 62 * age, bill.estimated))
        made.append(Line(warming, hot, "m³", 3510 + 140 * age, bill.estimated))
    made.append(Line(waste, bill.occupants * 1_000_000, people, 3200 + 150 * age))
    made.append(Line(phone, 1_000_000, pieces, 250))
    return made


def reference(n: int) -> tuple[str, str, str]:
    return "virtual", virtual_account(BANK, 555_000_000 + n * 11), f"{n:04d}-01"


def estate(today: date) -> Estate:
    member = Name("Halina", "Wrońska", "pl")
    return Estate(
        organisation=ORGANISATION,
        houses=HOUSES,
        tenure="ownership",
        round=in_advance(10),
        window=(25, 31),
        counters=COUNTERS,
        areas=(3240, 3810, 4750, 4820, 6020, 6350),
        called=polish,
        lines=lines,
        reference=reference,
        residents=(
            Resident("pl-member", ("J8", "14"), "primary", member),
            Resident("pl-member", ("S3", "5"), "primary", member),
        ),
        officers=(
            Officer("office", Name("Joanna", "Wrzos", "pl"), "pl-office"),
            Officer("manager", Name("Tadeusz", "Olcha", "pl")),
            Officer("accountant", Name("Beata", "Kalina", "pl")),
            Officer("caretaker", Name("Marek", "Sikora", "pl")),
        ),
        talks=TALKS,
        troubles=TROUBLES,
        words=WORDS,
        charges=CHARGES,
        came=CAME,
        known={("J8", "14"): (4820, 2), ("S3", "5"): (3810, 1)},
        facts=("area", "heated_area", "occupants", "share"),
        habits={"pl-member": "part"},
    )
