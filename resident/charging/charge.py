"""What may be charged: charge types, their dated prices and VAT, and what single units weigh in them."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, Money, Quantity

# Where a charge's money comes from: a price for each unit of the key; a period's cost, divided; a sum for each tenure.
BASES = ("tariff", "cost", "amount")
# Rule 21. All but meter and fixed are × days held; "fixed" is once a unit and period, to whoever holds it last, "meter" by use.
KEYS = ("equal", "area", "heated_area", "share", "occupants", "weights", "meter", "fixed")
# Keys whose value is a dated fact of the unit (UnitFact.kind).
FACTS = ("area", "heated_area", "share", "occupants")
MEMBERSHIPS = ("all", "member", "non_member")
# On a day on which a unit is owned and let: who pays.
PAYERS = ("owner", "tenant")
BILLED = ("period", "settlement", "separate")


class ChargeType(Base):
    """A line of invoices. Of amounts (rent, advances) the key says nothing: they are TenureAmount, by days."""

    __tablename__ = "charge_type"
    __table_args__ = (
        CheckConstraint(f"basis in {BASES}", name="basis"),
        CheckConstraint(f"key in {KEYS}", name="key"),
        CheckConstraint("basis <> 'cost' or key <> 'fixed'", name="divided"),
        CheckConstraint("account_kind in ('running','fund')", name="account_kind"),
        CheckConstraint(f"payer in {PAYERS}", name="payer"),
        CheckConstraint(f"billed in {BILLED}", name="billed"),
        CheckConstraint("last is null or last >= first", name="days"),
        UniqueConstraint("organisation_id", "code"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # The organisation's own short name of it, "RENT"; imports know it by this.
    code: Mapped[str] = mapped_column(String(20))
    # As invoices say it, by language: {"fi": "Vuokra", …}
    name: Mapped[dict] = mapped_column(Json)
    basis: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(12), default="fixed")
    # For the key "meter": media whose use counts, separated by a space ("cold_water hot_water" for sewage).
    media: Mapped[str | None] = mapped_column(String(80))
    # Names of the registers of these media that it takes (Register.name: "day", "night"; "" for one without a name); None: all.
    registers: Mapped[list | None] = mapped_column(Json(none_as_null=True))
    # What a unit of the key is called on the line: "m2", "m3", "person" … (resident/measure.py).
    measure: Mapped[str | None] = mapped_column(String(12))
    account_kind: Mapped[str] = mapped_column(String(10), default="running")
    # An advance, to be settled later against what was used (S6): settles_id is the charge type that says what it cost.
    advance: Mapped[bool] = mapped_column(Boolean, default=False)
    settles_id: Mapped[int | None] = mapped_column(ForeignKey("charge_type.id"))
    # period: in each; settlement: its costs gather until a settlement; separate: on an invoice of its own, when it is made.
    billed: Mapped[str] = mapped_column(String(10), default="period")
    # Kinds of units that it applies to, separated by a space.
    unit_kinds: Mapped[str] = mapped_column(String(40), default="home business")
    payer: Mapped[str] = mapped_column(String(10), default="owner")
    # The place of its line on an invoice.
    position: Mapped[int] = mapped_column(default=100)
    # Why it is charged, by language: the law, the meeting's decision.
    note: Mapped[dict] = mapped_column(Json, default=dict)
    # Days on which it is in use.
    first: Mapped[date]
    last: Mapped[date | None]

    @property
    def metered(self) -> bool:
        """Does it go by use?"""
        return self.key == "meter" and self.basis != "amount"

    def takes(self, medium: str, register: str) -> bool:
        """Does the use of a register of this name and medium count in it?"""
        return self.metered and medium in (self.media or "").split() and (self.registers is None or register in self.registers)


def called(name: dict, code: str, language: str, served: list[str]) -> str:
    """A charge type's name in a language, else in the organisation's first one that it has, else its code."""
    return name.get(language) or next((name[one] for one in served if name.get(one)), None) or next(iter(name.values()), code)


def noted(note: dict | None, language: str, served: list[str]) -> str | None:
    """Why a charge type is charged, in a language, else in the organisation's first one in which it is said."""
    note = note or {}
    found = note.get(language) or next((note[one] for one in served if note.get(one)), None) or next(iter(note.values()), "")
    return found[:300] or None


class Tariff(Base):
    """A charge type's price, in force from its first day until the next one's.

    A building's own goes before the organisation's, one for members or non-members before one for all.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        CheckConstraint(f"membership in {MEMBERSHIPS}", name="membership"),
        Index("ix_tariff_which", "charge_type_id", "first"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    charge_type_id: Mapped[int] = mapped_column(ForeignKey("charge_type.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    membership: Mapped[str] = mapped_column(String(10), default="all")
    first: Mapped[date]
    # Millionths of the currency's major unit for one unit of the key and a calendar month (of a meter: for what it measures).
    price: Mapped[int] = mapped_column(Quantity)


class VatRate(Base):
    """VAT of a charge type from a day on (rule 30). Without a row, and where rate is None, it carries none."""

    __tablename__ = "vat_rate"
    __table_args__ = (
        CheckConstraint("rate is null or rate between 0 and 10000", name="rate"),
        UniqueConstraint("charge_type_id", "first"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    charge_type_id: Mapped[int] = mapped_column(ForeignKey("charge_type.id"))
    first: Mapped[date]
    # Hundredths of a per cent.
    rate: Mapped[int | None]
    # Are prices, costs and amounts without it, so that it comes on top?
    net: Mapped[bool] = mapped_column(Boolean, default=False)


class UnitWeight(Base):
    """What a unit weighs in a charge type from a day on, in millionths. For the key "weights" the weight itself (none: nothing);
    for every other key a coefficient beside it (none: one; zero leaves the unit out)."""

    __tablename__ = "unit_weight"
    __table_args__ = (CheckConstraint("value >= 0", name="value"), UniqueConstraint("charge_type_id", "unit_id", "first"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    charge_type_id: Mapped[int] = mapped_column(ForeignKey("charge_type.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    first: Mapped[date]
    value: Mapped[int] = mapped_column(Quantity)


class TenureAmount(Base):
    """Rent, or an advance: so much a calendar month from a day on, until the next row's first day; zero ends it (rule 30)."""

    __tablename__ = "tenure_amount"
    __table_args__ = (UniqueConstraint("tenure_id", "charge_type_id", "first"), Index(None, "charge_type_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    charge_type_id: Mapped[int] = mapped_column(ForeignKey("charge_type.id"))
    first: Mapped[date]
    amount: Mapped[int] = mapped_column(Money)
    # The day on which the holder was told, for increases.
    announced: Mapped[date | None]


class Membership(Base):
    """Whether a tenure's holder is a member of the association or cooperative, from a day on. Without a row owners are."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("tenure_id", "first"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    tenure_id: Mapped[int] = mapped_column(ForeignKey("tenure.id"))
    first: Mapped[date]
    member: Mapped[bool] = mapped_column(Boolean)
