"""УК «Берёзовая роща»: a Russian management company with a house council; «Родник» supplies its cold water."""

from datetime import date

from .beryozovaya_talk import TALKS, TROUBLES
from .estate import Bill, Came, Charge, Counter, Estate, House, Line, Officer, Resident, Stair
from .month import in_arrears
from .names import Name, russian

ORGANISATION = {
    "slug": "beryozovaya-roshcha", "name": "УК «Берёзовая роща»", "legal_form": "manager", "country": "RU", "currency": "RUB",
    "tz": "Asia/Chita", "languages": "ru en", "registry_code": "7500000112", "phone": "555-01-10",
    "emergency_phone": "555-01-12", "email": "uk@example.org", "hours": "пн–пт 9–18", "address": "ул. Кедровая, д. 3",
    "payee": {
        "payee": "ООО «УК «Берёзовая роща»", "account": "40702810600000001234", "bic": "049900123", "bank": "Банк «Роща»",
        "corresp": "30101810800000000123",
    },
}  # fmt: skip
SUPPLIER = {
    "slug": "rodnik", "name": "Водоканал «Родник»", "legal_form": "provider", "country": "RU", "currency": "RUB",
    "tz": "Asia/Chita", "languages": "ru en", "registry_code": "7500000203", "phone": "555-02-03",
    "emergency_phone": "555-02-04", "email": "rodnik@example.org", "hours": "пн–пт 8–17", "address": "ул. Ключевая, д. 1",
    "payee": {},
}  # fmt: skip
HOUSES = (
    House(
        "К15", "ул. Кедровая, д. 15", "674000", "г. Кедровск", {"year": 1987, "material": "кирпич", "heating": "центральное"},
        (Stair("1", 15, 3), Stair("2", 15, 3), Stair("3", 15, 3)),
    ),
    House(
        "К17", "ул. Кедровая, д. 17", "674000", "г. Кедровск", {"year": 2004, "material": "кирпич", "heating": "центральное"},
        (Stair("1", 15, 3),),
    ),
)  # fmt: skip
COUNTERS = (
    Counter("cold_water", "санузел", "м³", 5, 3, (("", 1700, 2900),)),
    Counter("hot_water", "санузел", "м³", 5, 3, (("", 1000, 1900),)),
    Counter("electricity", "прихожая", "кВт⋅ч", 6, 0, (("day", 38_000, 62_000), ("night", 16_000, 27_000))),
)
WORDS = {
    "ru": (
        "Содержание жилого помещения", "Отопление", "Холодная вода", "Горячая вода", "Водоотведение",
        "Электроэнергия, день", "Электроэнергия, ночь", "Обращение с ТКО", "Взнос на капитальный ремонт",
        "м²", "Гкал", "м³", "кВт⋅ч", "чел.",
    ),
    "en": (
        "Upkeep of the home", "Heating", "Cold water", "Hot water", "Sewerage", "Electricity, day", "Electricity, night",
        "Waste handling", "Contribution to major repairs", "m²", "Gcal", "m³", "kWh", "people",
    ),
}  # fmt: skip
_DIRECT = {
    "ru": "Дальше – по прямому договору со сбытовой компанией.",
    "en": "From then on by a contract with the supplier itself.",
}
CHARGES = (
    Charge("СОДЕРЖ", 0, "area", "m2"),
    Charge("ОТОПЛ", 1, "heated_area", "m2", "cost", costs=(("Кедровские тепловые сети, отопление", 100),)),
    Charge("ХВС", 2, "meter", "m3", media="cold_water"),
    Charge("ГВС", 3, "meter", "m3", media="hot_water"),
    Charge("ВОДООТВ", 4, "meter", "m3", media="cold_water hot_water"),
    Charge("ЭЛ-Д", 5, "meter", "kWh", media="electricity", register="day", last=1, note=_DIRECT),
    Charge("ЭЛ-Н", 6, "meter", "kWh", media="electricity", register="night", last=1, note=_DIRECT),
    Charge("ТКО", 7, "occupants", "person"),
    Charge("КАПРЕМ", 8, "area", "m2"),
)
CAME = (
    Came(None, "40817810600000777001", "За квартиру"),
    Came("Тихонов Павел Андреевич", "40817810600000777019", "Квитанция {number}", number=True),
    Came("Страховой дом «Роща»", "40702810600000777027", "Возмещение по делу 26-118", aside="Страховое возмещение, не платёж"),
)
# Heat in hundred-thousandths of a Gcal a square metre, by calendar month; none in summer.
HEAT = {1: 3150, 2: 2840, 3: 2360, 4: 1480, 5: 520, 9: 380, 10: 1500, 11: 2310, 12: 2980}
_FIRST = 2024


def _prices(bill: Bill) -> dict[str, int]:
    """In kopecks; dearer every July."""
    age = max(0, bill.use.year - _FIRST) * 2 + (1 if bill.use.number >= 7 else 0)
    now = {
        "keep": 2840,
        "heat": 2_180_00,
        "cold": 37_40,
        "hot": 178_50,
        "sewer": 29_60,
        "day": 4_22,
        "night": 2_68,
        "waste": 112_80,
    }
    return {name: price * (1000 + 18 * age) // 1000 for name, price in now.items()} | {"repair": 1420}


def lines(bill: Bill) -> list[Line]:
    keep, heating, cold, hot, sewer, day, night, waste, repair, area, gcal, cubic, kwh, people = WORDS[bill.language]
    price, uses = _prices(bill), bill.uses
    made = [Line(keep, bill.area, area, price["keep"])]
    if bill.use.number in HEAT:
        # Gcal with four decimals, as the supplier sends them.
        heat = bill.area * HEAT[bill.use.number] // 100_000 // 100 * 100
        made.append(Line(heating, heat, gcal, price["heat"]))
    if "cold_water" in uses:
        made.append(Line(cold, uses["cold_water"], cubic, price["cold"], bill.estimated))
        made.append(Line(hot, uses.get("hot_water", 0), cubic, price["hot"], bill.estimated))
        made.append(Line(sewer, uses["cold_water"] + uses.get("hot_water", 0), cubic, price["sewer"], bill.estimated))
        made.append(Line(day, uses["electricity day"], kwh, price["day"], bill.estimated))
        made.append(Line(night, uses["electricity night"], kwh, price["night"], bill.estimated))
    made.append(Line(waste, bill.occupants * 1_000_000, people, price["waste"]))
    made.append(Line(repair, bill.area, area, price["repair"]))
    return made


def reference(n: int) -> tuple[str, str, str]:
    number = f"4015{n * 37:06d}"
    return "personal", number, number


def estate(today: date) -> Estate:
    return Estate(
        organisation=ORGANISATION,
        houses=HOUSES,
        tenure="ownership",
        round=in_arrears(today, lag=0, early=15),
        window=(20, 25),
        counters=COUNTERS,
        areas=(3120, 4380, 5430, 5430, 6210, 7250),
        called=russian,
        lines=lines,
        reference=reference,
        residents=(
            Resident("ru-owner", ("К15", "42"), "primary", Name("Наталья Игоревна", "Кузнецова", "ru", True)),
            Resident("ru-council", ("К15", "7"), "primary", Name("Виктор Петрович", "Гордеев", "ru", True)),
        ),
        officers=(
            Officer("office", Name("Ольга Сергеевна", "Рябинина", "ru", True), "ru-office"),
            Officer("council", Name("Виктор Петрович", "Гордеев", "ru", True), "ru-council"),
            Officer("accountant", Name("Людмила Андреевна", "Зимина", "ru", True)),
            Officer("caretaker", Name("Баир Николаевич", "Цыренов", "ru", True)),
        ),
        talks=TALKS,
        troubles=TROUBLES,
        words=WORDS,
        charges=CHARGES,
        came=CAME,
        known={("К15", "42"): (5430, 3), ("К15", "7"): (6210, 2)},
        facts=("area", "heated_area", "occupants", "share"),
        habits={"ru-owner": "part", "ru-council": "punctual"},
    )
