"""Koivukallion Asunnot: a Finnish rental company with two buildings, in Finnish and Swedish."""

from datetime import date

from .estate import Bill, Came, Charge, Counter, Estate, House, Line, Officer, Resident, Stair
from .koivukallio_talk import TALKS, TROUBLES
from .month import in_advance
from .names import Name, finnish
from .reference import iban, with_731

ORGANISATION = {
    "slug": "koivukallio", "name": "Koivukallion Asunnot", "legal_form": "rental", "country": "FI", "currency": "EUR",
    "tz": "Europe/Helsinki", "languages": "fi sv en", "registry_code": "0000140-3", "phone": "010 555 0140",
    "emergency_phone": "010 555 0199", "email": "asiakaspalvelu@example.org", "hours": "9–15",
    "address": "Koivukalliontie 2, 53100 Koivula",
    "payee": {
        "payee": "Koivukallion Asunnot Oy", "iban": iban("FI", "50000120555014"), "bic": "OKOYFIHH", "bank": "Koivulan Pankki",
    },
}  # fmt: skip
HOUSES = (
    House(
        "P6", "Pihlajakuja 6", "53100", "Koivula", {"year": 1974, "material": "betonielementti", "heating": "kaukolämpö"},
        (Stair("A", 14, 3), Stair("B", 14, 3)), "{stair} {n}",
    ),
    House(
        "P8", "Pihlajakuja 8", "53100", "Koivula", {"year": 2011, "material": "betoni", "heating": "kaukolämpö"},
        (Stair("A", 16, 4),), "{stair} {n}", remote=True,
    ),
)  # fmt: skip
COUNTERS = (
    Counter("cold_water", "keittiö", "m³", 5, 3, (("", 2100, 3400),)),
    Counter("hot_water", "keittiö", "m³", 5, 3, (("", 1100, 1900),)),
    Counter("cold_water", "kylpyhuone", "m³", 5, 3, (("", 700, 1300),), share=20),
)
WORDS = {
    "fi": ("Vuokra", "Kylmä vesi", "Lämmin vesi", "Saunavuoro", "Autopaikka, lämmitystolppa", "kk", "krt"),
    "sv": ("Hyra", "Kallvatten", "Varmvatten", "Bastutur", "Bilplats med motorvärmare", "mån", "ggr"),
}
WORDS["en"] = ("Rent", "Cold water", "Hot water", "Sauna turn", "Parking space with heating post", "mo.", "times")
CHARGES = (
    Charge("VUOKRA", 0, "fixed", "month", "amount"),
    Charge("KV", 1, "meter", "m3", media="cold_water"),
    Charge("LV", 2, "meter", "m3", media="hot_water"),
    Charge("SAUNA", 3, "weights", "piece", weigh=lambda home: 4 if home.occupants > 1 else 0),
    Charge("AP", 4, "weights", "month", weigh=lambda home: int(home.parking)),
)
CAME = (
    Came(None, iban("FI", "50000120777001"), "Vuokra ja vesi, kiitos"),
    Came("Lauri Suominen", iban("FI", "50000120777019"), "Lasku {number}, vuokra äidin puolesta", number=True),
    Came("Koivulan Vakuutus", iban("FI", "50000120777027"), "Korvaus vahingosta 26-118", aside="Vakuutuskorvaus, ei vuokra"),
)
# From January of a year: rent in hundredths of the dwelling's own, then prices in cents.
_FIRST = 2024


def raised(rent: int, year: int) -> int:
    """A dwelling's rent in a year: two hundredths more each January."""
    return rent + rent * 2 * max(0, year - _FIRST) // 100


def lines(bill: Bill) -> list[Line]:
    rent, cold, hot, sauna, parking, month, times = WORDS[bill.language]
    age = max(0, bill.month.year - _FIRST)
    water = {key: sum(use for name, use in bill.uses.items() if name.startswith(key)) for key in ("cold_water", "hot_water")}
    made = [Line(rent, 1_000_000, month, raised(bill.rent, bill.month.year))]
    if water["cold_water"]:
        made.append(Line(cold, water["cold_water"], "m³", 404 + 14 * age, bill.estimated))
        made.append(Line(hot, water["hot_water"], "m³", 882 + 23 * age, bill.estimated))
    if bill.occupants > 1:
        made.append(Line(sauna, 4_000_000, times, 350))
    if bill.parking:
        made.append(Line(parking, 1_000_000, month, 1600 + 100 * age))
    return made


def reference(n: int) -> tuple[str, str, str]:
    return "7-3-1", with_731(100_000 + n * 17), f"{20_000 + n}"


def estate(today: date) -> Estate:
    return Estate(
        organisation=ORGANISATION,
        houses=HOUSES,
        tenure="lease",
        round=in_advance(2),
        window=(25, 31),
        counters=COUNTERS,
        areas=(3450, 4100, 5450, 5450, 6250, 7400),
        called=finnish,
        lines=lines,
        reference=reference,
        residents=(
            Resident("fi-tenant", ("P6", "B 23"), "primary", Name("Aino", "Virtala", "fi")),
            Resident("fi-occupant", ("P6", "B 23"), "occupant", Name("Ebba", "Lindholm", "sv")),
        ),
        officers=(
            Officer("office", Name("Sanna", "Lehtola", "fi"), "fi-office"),
            Officer("caretaker", Name("Jari", "Mäkelä", "fi"), "fi-caretaker"),
            Officer("manager", Name("Martti", "Kivelä", "fi")),
            Officer("rent_control", Name("Kirsti", "Ahola", "fi")),
        ),
        talks=TALKS,
        troubles=TROUBLES,
        words=WORDS,
        charges=CHARGES,
        came=CAME,
        known={("P6", "B 23"): (5450, 2)},
        undisclosed=("P6", "A 5"),
        habits={"fi-tenant": "rounding"},
    )
