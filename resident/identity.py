"""Who somebody is for one request – homes and duties, as of today – and what each post lets its holder do.

A Viewer is worked out anew for each request (people/viewer.py, rule 40). What it may see is said in access/.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import clock

# How long a proof of who somebody is serves for sensitive acts (S14).
PROOF_LASTS = timedelta(minutes=15)
# What a post lets its holder do, in the organisations and buildings that it covers.
#   register  homes, persons and tenures with contact data      import    the register workbook
#   tenures   change who holds homes and who acts for whom, hand homes over, close sign-ins, remove factors
#   readings  see and enter anybody's readings                   windows   open and change reading windows, decide
#   meters    add meters, change what is known of them, change them for new ones, take them out; media
#   progress  who has submitted and who has not (no values)      money     invoices and balances
#   cases     the queue of faults: all of them                   own_cases  the ones assigned to oneself
#   settings  the organisation's settings                        letters   start letters, and who has come in
#   billing   charge types and costs, periods shared out and confirmed, payments and interest booked; accounts opened; homes' facts
#   posts     who has which post, and mandates: only by posts of the organisation itself, never under a mandate
_OFFICE = frozenset(
    {
        "register", "tenures", "import", "readings", "windows", "meters", "progress", "money", "billing", "cases", "settings",
        "posts", "letters",
    }
)  # fmt: skip
POSTS = {
    "office": _OFFICE,
    "manager": _OFFICE,
    "accountant": {"register", "readings", "progress", "money", "billing"},
    "rent_control": {"register", "money"},
    "caretaker": {"own_cases"},
    "council": {"readings", "progress", "letters"},
    "provider": {"readings", "progress"},
}
# Which posts answer messages to which addressee.
ANSWERS = {
    "customer_service": ("office",),
    "property_manager": ("manager", "office"),
    "rent_control": ("rent_control", "accountant", "office"),
    "council": ("council",),
    "provider": ("provider",),
}
# Posts that see contact data; of persons under non-disclosure, only these few.
SEES_CONTACTS = {"office", "manager", "accountant", "rent_control"}
SEES_UNDISCLOSED = {"office", "manager"}


@dataclass(frozen=True, slots=True)
class Controller:
    """The organisation as every page needs it."""

    id: int
    name: str
    slug: str
    legal_form: str
    country: str
    currency: str
    tz: str
    languages: str
    phone: str | None
    emergency_phone: str | None
    hours: str | None

    @property
    def today(self) -> date:
        return clock.today(self.tz)


@dataclass(frozen=True, slots=True)
class Acting:
    """Whoever acts for somebody else in a home: a guardian, an executor, an officer (people/representation.py GROUNDS)."""

    person_id: int
    name: str
    ground: str


@dataclass(frozen=True, slots=True)
class Home:
    """A person's part in a tenure of a unit: signed and not begun, in force today, or ended with money still open (rule 36).

    In the last case only the right "invoices" is left.
    """

    organisation: Controller
    party_id: int
    person_id: int
    person_name: str
    role: str
    rights: frozenset
    tenure_id: int
    tenure_kind: str
    first: date
    begins: date
    # coming | in_force | after, as of the organisation's today.
    state: str
    unit_id: int
    building_id: int
    address: str
    number: str
    staircase: str | None
    # From when on the tenure's invoices and balances show: all, when the party began with it or was granted the history.
    papers_from: date
    # Until when, for whoever left a tenure that goes on.
    papers_until: date = date.max
    # The last day of it all; None: it has no end.
    ends: date | None = None
    # Who acts, when the home is another's (person_id) whom the viewer represents.
    acting: Acting | None = None
    # Rights that wait until the person's identity was checked (rule 41).
    withheld: frozenset = frozenset()

    @property
    def in_force(self) -> bool:
        return self.state == "in_force"

    def may(self, right: str) -> bool:
        """A right that is held today: before the first day none is, after the last "invoices" alone."""
        return self.state != "coming" and right in self.rights

    @property
    def actor_id(self) -> int:
        """The person whom the viewer is in this home's organisation; person_id is whose home it is."""
        return self.acting.person_id if self.acting else self.person_id

    @property
    def label(self) -> str:
        return home_label(self.organisation.country, self.address, self.number)

    def acts(self, login_id: int) -> "Actor":
        """Whoever uses this home under a login, as verbs want to know it."""
        acting, for_id = self.acting, self.person_id if self.acting else None
        name = acting.name if acting else self.person_name
        return Actor(login_id, self.actor_id, self.organisation.id, "resident", name, for_id)


@dataclass(frozen=True, slots=True)
class Duty:
    """A post in force, in the organisation where it acts: its holder's own, or one that a mandate leads to."""

    organisation: Controller
    post_id: int
    person_id: int
    person_name: str
    role: str
    # The organisation that the post is in; differs from organisation.id when it acts through a mandate.
    employer_id: int
    # None: all buildings.
    buildings: frozenset | None
    # Supplier of a medium: only its meters.
    medium: str | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as verbs want to know it: verb(session, thing, by=actor). role is a post's, or "resident".

    Whoever enters readings by a link has no login_id, and no person_id where the link names nobody."""

    login_id: int | None
    person_id: int | None
    organisation_id: int
    role: str
    name: str
    # The person in whose name it is done, when that is somebody else: a ward, an estate, a company.
    for_id: int | None = None

    @property
    def staff(self) -> bool:
        return self.role != "resident"

    def stands_for(self, person_id: int) -> bool:
        """Is it this person, or does it act in their name?"""
        return person_id in (self.person_id, self.for_id)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever is signed in, with all that this request may rely on."""

    session_id: int
    login_id: int
    name: str
    language: str | None
    operator: bool
    # Threads and cases with something that this person has not seen.
    unread: int
    homes: tuple[Home, ...]
    duties: tuple[Duty, ...]
    home: Home | None
    # How the session began ("letter": nothing but an own password can be chosen), when the second factor was shown and when
    # the person last proved to be who they are.
    way: str = "password"
    second_at: datetime | None = None
    proved_at: datetime | None = None
    # A post in force or to come, or the operator: nothing opens before the second factor (S14).
    needs_second: bool = False
    # Has an authenticator app, needed or of their own choice.
    has_app: bool = False
    # Staff who look at the portal as this party sees it; homes are that party's then, and nothing can be done.
    as_party_id: int | None = None
    # The post by which they look.
    looks_by: Duty | None = None
    # Organisations that do not offer the way in which this session began: what is theirs is left out.
    closed: tuple[Controller, ...] = ()

    @property
    def lately_proved(self) -> bool:
        """Proved to be who they are so short a time ago that sensitive acts do not ask again (S14)."""
        return self.proved_at is not None and self.proved_at + PROOF_LASTS > clock.now()

    @property
    def second_due(self) -> bool:
        """Has still to show the second factor in this session, or to set one up: nothing else opens (S14)."""
        return (self.needs_second or self.has_app) and self.second_at is None

    def may(self, right: str) -> bool:
        """A right of a resident in the chosen home: readings, invoices, talk, agreement, household."""
        return self.home is not None and self.home.may(right)

    def can(self, ability: str, organisation_id: int | None = None, building_id: int | None = None) -> bool:
        """An ability of a post (see POSTS), anywhere or in one organisation and building."""
        return self.duty(ability, organisation_id, building_id) is not None

    def duties_for(self, ability: str) -> list[Duty]:
        """The viewer's posts with an ability."""
        return [duty for duty in self.duties if ability in POSTS[duty.role]]

    def duty(self, ability: str, organisation_id: int | None = None, building_id: int | None = None) -> Duty | None:
        for duty in self.duties_for(ability):
            here = building_id is None or duty.buildings is None or building_id in duty.buildings
            if here and organisation_id in (None, duty.organisation.id):
                return duty
        return None

    def answers(self) -> tuple[str, ...]:
        """The addressees in whose name the viewer's posts answer messages."""
        roles = {duty.role for duty in self.duties}
        return tuple(addressee for addressee, posts in ANSWERS.items() if roles.intersection(posts))

    def as_resident(self, home: Home | None = None) -> Actor:
        if self.looks_by:
            # Whatever reading leaves behind is theirs who look.
            return self.as_staff(self.looks_by)
        return (home or self.home).acts(self.login_id)

    def as_staff(self, duty: Duty) -> Actor:
        return Actor(self.login_id, duty.person_id, duty.organisation.id, duty.role, duty.person_name)

    @property
    def staff(self) -> bool:
        return bool(self.duties) or self.operator

    @property
    def organisation(self) -> Controller | None:
        """Whose name stands on the page: the chosen home's, else the first post's."""
        if self.home:
            return self.home.organisation
        return self.duties[0].organisation if self.duties else None


_LABELS = {"EE": "{0}–{1}", "PL": "{0}/{1}", "RU": "{0}, кв. {1}"}


def home_label(country: str, address: str, number: str) -> str:
    """How a home's address is written in its country: "Pihlajakuja 6 B 23", "Pärnaõue 7–18", "Jarzębinowa 8/14"."""
    return _LABELS.get(country, "{0} {1}").format(address, number)
