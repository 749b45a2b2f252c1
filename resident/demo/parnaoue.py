"""Pärnaõue 7 korteriühistu: an Estonian apartment association in one house, in Estonian and Russian."""

from datetime import date

from .estate import Bill, Came, Charge, Counter, Estate, House, Line, Officer, Resident, Stair
from .month import in_arrears
from .names import Name, estonian
from .parnaoue_talk import TALKS, TROUBLES
from .reference import iban, with_731

ORGANISATION = {
    "slug": "parnaoue-7", "name": "Pärnaõue 7 korteriühistu", "legal_form": "association", "country": "EE", "currency": "EUR",
    "tz": "Europe/Tallinn", "languages": "et ru en", "registry_code": "80000117", "phone": "555 0117",
    "emergency_phone": "555 0112", "email": "juhatus@example.org", "hours": "E–R 9–16", "address": "Pärnaõue 7, 10000 Kuuselinn",
    "payee": {
        "payee": "Pärnaõue 7 korteriühistu", "iban": iban("EE", "1000005550117000"), "bic": "EEUHEE2X", "bank": "Pärna Pank",
    },
}  # fmt: skip
HOUSES = (
    House(
        "PÕ7", "Pärnaõue 7", "10000", "Kuuselinn", {"year": 1983, "material": "raudbetoonpaneel", "heating": "kaugküte"},
        (Stair("I", 20, 4), Stair("II", 20, 4), Stair("III", 20, 4)),
    ),
)  # fmt: skip
COUNTERS = (
    Counter("cold_water", "köök", "m³", 5, 3, (("", 1700, 2900),)),
    Counter("hot_water", "köök", "m³", 5, 3, (("", 1000, 1700),)),
    Counter("cold_water", "vannituba", "m³", 5, 3, (("", 800, 1500),), share=35),
)
WORDS = {
    "et": (
        "Haldustasu", "Remondifond", "Küte", "Külm vesi ja kanalisatsioon", "Vee soojendamine", "Üldelekter", "Prügivedu",
        "inimest",
    ),
    "ru": (
        "Плата за управление", "Ремонтный фонд", "Отопление", "Холодная вода и канализация", "Подогрев воды",
        "Общее электричество", "Вывоз мусора", "чел.",
    ),
    "en": (
        "Management fee", "Repair fund", "Heating", "Cold water and sewerage", "Heating of water", "Common electricity",
        "Waste collection", "people",
    ),
}  # fmt: skip
CHARGES = (
    Charge("HALDUS", 0, "area", "m2"),
    Charge("REMONT", 1, "area", "m2"),
    Charge(
        "KÜTE", 2, "area", "m2", "cost", costs=(("Kuuselinna Soojus, kaugküte", 91), ("Kuuselinna Soojus, võimsustasu", 9)),
    ),
    Charge("VESI", 3, "meter", "m3", media="cold_water hot_water"),
    Charge("SOE", 4, "meter", "m3", media="hot_water"),
    Charge("ELEKTER", 5, "area", "m2", "cost", costs=(("Kuuselinna Energia, üldelekter", 100),)),
    Charge("PRÜGI", 6, "occupants", "person"),
)  # fmt: skip
CAME = (
    Came(None, iban("EE", "1000005550777001"), "Korteri kulud"),
    Came("Rein Allik", iban("EE", "1000005550777019"), "Arve {number}", number=True),
    Came("Kuuselinna Kindlustus", iban("EE", "1000005550777027"), "Kahju 26-118 hüvitis", aside="Kindlustushüvitis, ei ole arve"),
)
# Heating in cents a square metre, by calendar month of use; none in summer.
HEATING = {1: 214, 2: 196, 3: 158, 4: 84, 5: 22, 9: 18, 10: 79, 11: 131, 12: 187}
_FIRST = 2024


def lines(bill: Bill) -> list[Line]:
    fee, fund, heating, water, warming, power, waste, people = WORDS[bill.language]
    age = max(0, bill.use.year - _FIRST)
    cold = sum(use for name, use in bill.uses.items() if name.startswith("cold_water"))
    hot = sum(use for name, use in bill.uses.items() if name.startswith("hot_water"))
    made = [Line(fee, bill.area, "m²", 38 + 2 * age), Line(fund, bill.area, "m²", 85)]
    if bill.use.number in HEATING:
        made.append(Line(heating, bill.area, "m²", HEATING[bill.use.number] * (100 + 4 * age) // 100))
    if cold:
        made.append(Line(water, cold + hot, "m³", 268 + 19 * age, bill.estimated))
        made.append(Line(warming, hot, "m³", 742 + 26 * age, bill.estimated))
    made.append(Line(power, bill.area, "m²", 11))
    made.append(Line(waste, bill.occupants * 1_000_000, people, 290 + 15 * age))
    return made


def reference(n: int) -> tuple[str, str, str]:
    return "7-3-1", with_731(7_000_000 + n * 13), f"P7-{n:03d}"


def estate(today: date) -> Estate:
    return Estate(
        organisation=ORGANISATION,
        houses=HOUSES,
        tenure="ownership",
        round=in_arrears(today, lag=1, early=20),
        window=(25, 31),
        counters=COUNTERS,
        areas=(3280, 4460, 4980, 5230, 6340),
        called=estonian,
        lines=lines,
        reference=reference,
        residents=(
            Resident("ee-owner", ("PÕ7", "18"), "primary", Name("Mari", "Kask", "et")),
            Resident("ee-coowner", ("PÕ7", "18"), "co_owner", Name("Jaan", "Kask", "et")),
            Resident("ee-occupant", ("PÕ7", "18"), "occupant", Name("Liis", "Saar", "et")),
            Resident("ee-board", ("PÕ7", "5"), "primary", Name("Tiiu", "Lepik", "et")),
        ),
        officers=(
            Officer("manager", Name("Tiiu", "Lepik", "et"), "ee-board"),
            Officer("caretaker", Name("Raivo", "Kukk", "et")),
            Officer("council", Name("Heino", "Õunapuu", "et")),
        ),
        talks=TALKS,
        troubles=TROUBLES,
        words=WORDS,
        charges=CHARGES,
        came=CAME,
        known={("PÕ7", "18"): (5230, 3), ("PÕ7", "5"): (4980, 2)},
        facts=("area", "occupants", "share"),
        habits={"ee-owner": "part", "ee-board": "punctual"},
    )
