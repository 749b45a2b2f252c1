"""Invented people, by language. A name is (given, family): Russian given names carry the patronymic."""

from dataclasses import dataclass
from random import Random

from ..people.person import search_key


@dataclass(frozen=True, slots=True)
class Name:
    given: str
    family: str
    language: str
    # "Kuznetsova Natalia" is written family first in Russian.
    family_first: bool = False

    @property
    def full(self) -> str:
        return f"{self.family} {self.given}" if self.family_first else f"{self.given} {self.family}"

    @property
    def key(self) -> str:
        return search_key(f"{self.family} {self.given}")

    @property
    def mail(self) -> str:
        text = search_key(f"{self.given.split()[0]}.{self.family}").translate(_LATIN)
        return f"{text.replace(' ', '-')}@example.org"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщыэюя"
_LETTERS = _listed("a b v g d e zh z i k l m n o p r s t u f h ts ch sh sch y e yu ya")
_LATIN = str.maketrans(dict(zip(_CYRILLIC, _LETTERS, strict=True)) | {"ь": "", "ъ": ""})

_FI_GIVEN = _listed(
    "Aino Eero Helmi Onni Kaisa Juho Elina Mikko Sanna Antti Riikka Ville Tuula Pekka Marja Olavi Noora Teemu Päivi Jukka "
    "Iida Lauri Anneli Heikki Saara Risto Emmi Kalle"
)
_FI_FAMILY = _listed(
    "Virtala Mäkinen Saarela Kivelä Rantanen Lehtola Niemi Hakala Koskela Aalto Peltola Salmi Laakso Ahola Tuomi Jokela "
    "Harju Kallio Lampi Mattila Nurmela Ojala Ketola Vuori Heinonen Suominen Kangas Lahtela Pihlaja Kuusela"
)
_SV_GIVEN = _listed("Astrid Gunnar Ebba Oskar Siv Henrik Linnea Rasmus")
_SV_FAMILY = _listed("Lindholm Sandell Nyberg Ekström Holmqvist Backman Sjöberg Grönlund")
_ET_GIVEN = _listed(
    "Mari Jaan Liis Jüri Kadri Siim Anneli Heino Tiina Margus Piret Toomas Kersti Andres Helve Rein Triin Priit Maarja "
    "Urmas Epp Kalev Leida Marten"
)
_ET_FAMILY = _listed(
    "Kask Tamm Saar Õunapuu Põder Kuusk Rebane Lepik Vaher Mägi Sepp Kukk Ilves Pärn Luik Oja Raud Paju Koppel Lill Allik "
    "Jõgi Teder Sarapuu"
)
_ET_RU = _listed("Oleg Irina Sergei Natalja Viktor Jelena")
_ET_RU_FAMILY = (("Fjodorov", "Fjodorova"), ("Morozov", "Morozova"), ("Belov", "Belova"), ("Zaitsev", "Zaitseva"))
_PL_WOMEN = _listed("Anna Katarzyna Maria Zofia Barbara Ewa Halina Joanna Magdalena Teresa Agnieszka Krystyna Danuta Justyna")
_PL_MEN = _listed("Jan Piotr Tomasz Marek Krzysztof Andrzej Stanisław Paweł Michał Wojciech Zbigniew Grzegorz Adam Łukasz")
_PL_FAMILY = _listed(
    "Brzozowski Sikora Wrona Kalinowski Jabłoński Lis Malinowski Górski Zając Wierzbicki Sowa Dąbrowski Olszewski Kruk "
    "Jaworski Klon Lipiński Topolski Czajka Leszczyński Bielawski Żurawski"
)
_RU_WOMEN = _listed("Наталья Ольга Татьяна Елена Марина Светлана Галина Людмила Анна Вера Дарья Ирина")
_RU_MEN = _listed("Алексей Сергей Дмитрий Андрей Николай Виктор Игорь Павел Михаил Олег Баир Константин")
_RU_FATHER = (
    ("Иванович", "Ивановна"), ("Петрович", "Петровна"), ("Сергеевич", "Сергеевна"), ("Николаевич", "Николаевна"),
    ("Викторович", "Викторовна"), ("Андреевич", "Андреевна"), ("Игоревич", "Игоревна"), ("Михайлович", "Михайловна"),
)  # fmt: skip
_RU_FAMILY = _listed(
    "Кузнецов Смирнов Белоусов Воробьёв Гордеев Ершов Зимин Ковалёв Ларионов Мельников Орлов Панов Рябинин Соколов Тихонов "
    "Уваров Фролов Цыренов Черных Щукин Яковлев Дорофеев Логинов Макаров"
)


def finnish(rng: Random, family: str | None = None) -> Name:
    if family in _SV_FAMILY or (family is None and rng.random() < 0.08):
        return Name(rng.choice(_SV_GIVEN), family or rng.choice(_SV_FAMILY), "sv")
    return Name(rng.choice(_FI_GIVEN), family or rng.choice(_FI_FAMILY), "fi")


def estonian(rng: Random, family: str | None = None) -> Name:
    if family is None and rng.random() < 0.15:
        given = rng.choice(_ET_RU)
        pair = rng.choice(_ET_RU_FAMILY)
        return Name(given, pair[given.endswith("a")], "ru")
    return Name(rng.choice(_ET_GIVEN), family or rng.choice(_ET_FAMILY), "et")


def polish(rng: Random, family: str | None = None) -> Name:
    woman = rng.random() < 0.5
    stem = family or rng.choice(_PL_FAMILY)
    stem = f"{stem[:-1]}i" if stem.endswith(("ska", "cka")) else stem
    own = f"{stem[:-1]}a" if woman and stem.endswith(("ski", "cki")) else stem
    return Name(rng.choice(_PL_WOMEN if woman else _PL_MEN), own, "pl")


def russian(rng: Random, family: str | None = None) -> Name:
    woman = rng.random() < 0.5
    stem = (family or rng.choice(_RU_FAMILY)).removesuffix("а")
    own = f"{stem}а" if woman and not stem.endswith(("ых", "их")) else stem
    return Name(f"{rng.choice(_RU_WOMEN if woman else _RU_MEN)} {rng.choice(_RU_FATHER)[woman]}", own, "ru", True)
