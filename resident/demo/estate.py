"""What describes an invented organisation (koivukallio.py …), and what the builders make of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from .month import Month, Round
from .names import Name


@dataclass(frozen=True, slots=True)
class Stair:
    label: str | None
    homes: int
    per_floor: int


@dataclass(frozen=True, slots=True)
class House:
    code: str
    address: str
    postcode: str
    city: str
    facts: dict
    stairs: tuple[Stair, ...]
    # "{stair} {n}" or "{n}"; n runs through the house.
    number: str = "{n}"
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Counter:
    """A kind of meter: its registers with the use of a person in a month (least, most), in thousandths of the measure."""

    medium: str
    place: str
    measure: str
    digits: int
    decimals: int
    registers: tuple[tuple[str, int, int], ...]
    # Of a hundred homes, how many have it.
    share: int = 100


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who signs in: the home (house code, number), the role there, the user name."""

    login: str
    home: tuple[str, str]
    role: str
    name: Name


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody with a post. login is None for staff who do not sign in, or names a resident's own."""

    role: str
    name: Name
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice is worked out from. uses: by medium and register, in millionths; area in millionths of m²."""

    month: Month
    use: Month
    language: str
    area: int
    occupants: int
    rent: int
    parking: bool
    uses: dict[str, int]
    estimated: bool


@dataclass(frozen=True, slots=True)
class Line:
    """quantity in millionths of the measure, price in minor units of money for one."""

    text: str
    quantity: int
    measure: str
    price: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """What a line of the demo's invoices is charged by: charging/charge.py ChargeType. word: the place of its name in the estate's
    words. register: of a meter, the one of that name alone. last: months before the one collected, when it was in use last.

    costs: (supplier, hundredths) of what the divided cost of a month is made of; weigh: what a home weighs, for the key "weights".
    """

    code: str
    word: int
    key: str
    measure: str
    basis: str = "tariff"
    media: str | None = None
    register: str = ""
    advance: bool = False
    costs: tuple[tuple[str, int], ...] = ()
    weigh: Callable[["Dwelling"], int] | None = None
    last: int | None = None
    note: dict[str, str] = field(default_factory=dict)
    # Of an advance: (code, name, supplier) of the cost against which it is settled.
    settled: tuple[str, dict[str, str], str] | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """A payment that came without a reference. payer: None for the holder of the home. number: the text names an invoice."""

    payer: str | None
    account: str
    text: str
    number: bool = False
    # Nobody's here: set aside, with this note.
    aside: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message: days ago, hour, who ("me", the resident, or the role of an officer), text, a photo's name."""

    ago: int
    hour: int
    by: str
    text: str
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread. whose: a user name, or a home's primary by (house code, number). unseen: the other side has not seen the last."""

    whose: str | tuple[str, str]
    addressee: str
    subject: str
    said: tuple[Said, ...]
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a fault's history: days ago, hour, who (as in Said), and what: see the four below."""

    ago: int
    hour: int
    by: str
    kind: str
    state: str | None = None
    text: str | None = None


def moved(ago: int, hour: int, by: str, state: str, text: str | None = None) -> Step:
    return Step(ago, hour, by, "state", state, text)


def told(ago: int, hour: int, by: str, text: str) -> Step:
    return Step(ago, hour, by, "comment", text=text)


def noted(ago: int, hour: int, by: str, text: str) -> Step:
    """A comment that staff alone read."""
    return Step(ago, hour, by, "internal", text=text)


def given(ago: int, hour: int, by: str) -> Step:
    """To the organisation's caretaker."""
    return Step(ago, hour, by, "assigned")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault, reported so many days ago. common: not in the home; its first sentence is what lists show.

    due: days from today by which the work is promised; waits: days until a deferred one comes back.
    """

    whose: str | tuple[str, str]
    ago: int
    hour: int
    category: str
    text: str
    steps: tuple[Step, ...] = ()
    common: bool = False
    place: str = ""
    entry: str = "yes"
    when: str | None = None
    pets: bool = False
    photo: str | None = None
    due: int | None = None
    waits: int | None = None
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Estate:
    """An organisation and all that is said of it."""

    organisation: dict
    houses: tuple[House, ...]
    tenure: str
    round: Round
    # Days of the month on which readings were sent in, as a rule.
    window: tuple[int, int]
    counters: tuple[Counter, ...]
    # Areas of homes in whole square decimetres.
    areas: tuple[int, ...]
    called: Callable[[Random, str | None], Name]
    lines: Callable[[Bill], list[Line]]
    # Running number of an account -> (scheme, reference, the account's number).
    reference: Callable[[int], tuple[str, str, str]]
    residents: tuple[Resident, ...]
    officers: tuple[Officer, ...]
    talks: tuple[Talk, ...]
    troubles: tuple[Trouble, ...]
    # By language: names of the charges, in the order of Charge.word, then what else lines say.
    words: dict[str, tuple[str, ...]]
    charges: tuple[Charge, ...]
    came: tuple[Came, ...]
    facts: tuple[str, ...] = ("area", "occupants")
    # (square decimetres, occupants) of homes that are looked at most.
    known: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    undisclosed: tuple[str, str] | None = None
    # How those pay who sign in: see billing.py.
    habits: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Someone:
    id: int
    name: Name
    login_id: int | None = None
    login: str | None = None


@dataclass(slots=True)
class Hold:
    """A tenure of a home with its account; people: primary first."""

    id: int
    first: date
    last: date | None
    people: list[Someone]
    account_id: int = 0
    reference: str = ""

    def on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or self.last >= day)


@dataclass(slots=True)
class Dwelling:
    id: int
    house: House
    building_id: int
    number: str
    staircase: str | None
    area: int
    occupants: int
    rent: int
    parking: bool
    label: str
    holds: list[Hold] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return self.house.code, self.number

    def hold(self, day: date) -> Hold | None:
        return next((hold for hold in self.holds if hold.on(day)), None)

    @property
    def signs_in(self) -> bool:
        return any(person.login for hold in self.holds for person in hold.people)


@dataclass(slots=True)
class Site:
    """An organisation as it is being built. numbers: kind and year -> last number drawn."""

    id: int
    estate: Estate
    today: date
    now: datetime
    rng: Random
    dwellings: list[Dwelling] = field(default_factory=list)
    officers: dict[str, Someone] = field(default_factory=dict)
    # The organisation that supplies water here, when its people answer messages.
    supplier_id: int | None = None
    buildings: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    # By the text of a line, in every language: the id of its charge type, and what it is.
    charges: dict[str, tuple[int, Charge]] = field(default_factory=dict)

    @property
    def tz(self) -> str:
        return self.estate.organisation["tz"]

    @property
    def collected(self) -> Month:
        return self.estate.round.collected(self.today)

    def home(self, key: str | tuple[str, str]) -> Dwelling:
        """By (house code, number), or by the user name of somebody who lives there."""
        if isinstance(key, tuple):
            return next(dwelling for dwelling in self.dwellings if dwelling.key == key)
        wanted = next(person for person in self.estate.residents if person.login == key)
        return self.home(wanted.home)

    def person(self, key: str | tuple[str, str]) -> Someone:
        """A resident by user name, the primary of a home by its key, or an officer by role."""
        if key in self.officers:
            return self.officers[key]
        people = self.home(key).hold(self.today).people
        return people[0] if isinstance(key, tuple) else next(person for person in people if person.login == key)

    def draw(self, kind: str, prefix: str, year: int) -> str:
        number = self.numbers[kind, year] = self.numbers.get((kind, year), 0) + 1
        return f"{prefix}-{year}-{number:04d}"
