"""What became of a workbook's rows, sheet by sheet."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Count:
    """What became of a sheet's rows. errors counts rows, the rest counts what they mean."""

    sheet: str
    rows: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Outcome:
    """Of a trial run or an import, sheet by sheet."""

    sheets: list[Count] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(count.errors for count in self.sheets)

    @property
    def changes(self) -> int:
        return sum(count.new + count.changed for count in self.sheets)
