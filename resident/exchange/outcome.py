"""What became of a workbook's rows, sheet by sheet."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Corrected(NamedTuple):
    """Corrections of what is billed for the months first…last of a building: how many, and what they come to, minor units."""

    building: str
    first: str
    last: str
    count: int
    amount: int
    currency: str


class Moved(NamedTuple):
    """Billed days of a home that get another holder, "2026-03-15"; last None: without an end."""

    home: str
    first: str
    last: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """What became of a sheet's rows. errors counts rows, new to unchanged what they mean. corrected: as Corrected, what waits for
    the next invoices; moved: as Moved, what is billed and goes along with its days."""

    sheet: str
    rows: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0
    corrected: list = field(default_factory=list)
    moved: list = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """Of a trial run or an import, sheet by sheet."""

    sheets: list[Count] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(count.errors for count in self.sheets)

    @property
    def corrected(self) -> list[Corrected]:
        return [Corrected(*one) for count in self.sheets for one in count.corrected]

    @property
    def moved(self) -> list[Moved]:
        return [Moved(*one) for count in self.sheets for one in count.moved]

    @property
    def changes(self) -> int:
        return sum(count.new + count.changed for count in self.sheets)
