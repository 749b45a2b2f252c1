"""What the columns of a bank's CSV mean: said once at the desk and named, kept as JSON. Nothing is guessed when a file is read."""

import re
from dataclasses import asdict, dataclass, fields

from ..errors import ResidentError

ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "cp1257", "cp866", "cp852")
DELIMITERS = (";", ",", "\t", "|")
ORDERS = ("dmy", "mdy", "ymd", "compact")
# What stands before the last two digits of an amount; "minor": nothing, it is written in cents, grosze or kopecks.
DECIMALS = ("comma", "point", "minor")
REQUIRED = ("day", "amount")
COLUMNS = (
    "day", "amount", "out", "side", "currency", "balance", "booked", "reference", "account", "text", "payer", "payer_account",
    "own", "id", "row",
)  # fmt: skip
# What a cell must say, by the column that it is in: of payments in, of rows that count.
MARKS = {"side_is": "side", "row_is": "row"}


class BadMapping(ResidentError):
    """A part of the mapping cannot be so: part (a field of CsvMapping)."""


@dataclass(frozen=True, slots=True)
class CsvMapping:
    """Columns are counted from 0; None: there is none. reference and account both lead to a billing account."""

    encoding: str = "utf-8"
    delimiter: str = ";"
    # Lines before the first payment; the last of them holds the names of the columns, where heading is not empty.
    skip: int = 1
    heading: tuple[str, ...] = ()
    day: int | None = 0
    amount: int | None = 1
    booked: int | None = None
    reference: int | None = None
    account: int | None = None
    text: int | None = None
    payer: int | None = None
    payer_account: int | None = None
    # The organisation's own account, where the file names it.
    own: int | None = None
    # The bank's id of a payment.
    id: int | None = None
    # What was paid out, where it has a column of its own; whatever its sign, it went out.
    out: int | None = None
    # Which way the money went, where amounts have no sign; side_is: how a payment in is marked ("C", "K"), all others went out.
    side: int | None = None
    side_is: str = ""
    # Of the amount: another one than the account's refuses the file.
    currency: int | None = None
    # What the account held after the row: proved from row to row, the newest first or last.
    balance: int | None = None
    # Rows that count, where a file has others (balances, turnovers) between them: those that say row_is.
    row: int | None = None
    row_is: str = ""
    order: str = "dmy"
    decimals: str = "comma"
    # How a line of totals begins ("=", "ИТОГО"), and where in it count and sum stand; "": there is none.
    foot: str = ""
    foot_count: int | None = None
    foot_sum: int | None = None

    def stored(self) -> dict:
        return asdict(self) | {"heading": list(self.heading)}

    @property
    def columns(self) -> dict[str, int]:
        """The columns that are read, by what they hold."""
        return {name: place for name in COLUMNS if (place := getattr(self, name)) is not None}


def of(stored: dict) -> CsvMapping:
    """The mapping that was kept. BadMapping(part)."""
    known = {one.name for one in fields(CsvMapping)}
    given = {name: value for name, value in stored.items() if name in known}
    return checked(CsvMapping(**given | {"heading": tuple(given.get("heading", ()))}))


def checked(mapping: CsvMapping) -> CsvMapping:
    """The mapping itself. BadMapping(part) when files cannot be read with it."""
    for part, good in (
        ("encoding", mapping.encoding in ENCODINGS),
        ("delimiter", mapping.delimiter in DELIMITERS),
        ("order", mapping.order in ORDERS),
        ("decimals", mapping.decimals in DECIMALS),
        ("skip", 0 <= mapping.skip <= 50),
        ("foot", len(mapping.foot) <= 20),
        *((mark, bool(getattr(mapping, mark)) == (getattr(mapping, column) is not None)) for mark, column in MARKS.items()),
        *((mark, len(getattr(mapping, mark)) <= 20) for mark in MARKS),
        *((name, getattr(mapping, name) is not None) for name in REQUIRED),
    ):
        if not good:
            raise BadMapping(part=part)
    places = list(mapping.columns.values())
    for part, place in mapping.columns.items():
        if not 0 <= place < 60 or places.count(place) > 1:
            raise BadMapping(part=part)
    for part in ("foot_count", "foot_sum"):
        place = getattr(mapping, part)
        if place is not None and not (mapping.foot and 0 <= place < 60):
            raise BadMapping(part=part)
    return mapping


_GROUPS = {"comma": r"[ .\u00a0\u202f']", "point": r"[ ,\u00a0\u202f']"}
# "-12,50", "12,50-", "(12,50)", and the currency that some banks write into the cell.
_WRITTEN = re.compile(
    r"(?P<open>\()?(?P<sign>[+-]?)\s*(?P<figures>[0-9][^()+A-Za-z-]*?)\s*(?P<after>[+-]?)(?(open)\))\s*(?P<currency>[A-Z]{3})?"
)
# How currencies are written that are no code.
_SIGNS = {"€": "EUR", "zł": "PLN", "₽": "RUB", "руб.": "RUB", "руб": "RUB"}


def amount(text: str, decimals: str) -> int | None:
    """Minor units of an amount as it was agreed, "1 234,50", "-12.5", "12.5-"; None when it is not so written: 12.50 is no amount
    where a comma was agreed, and never 1250."""
    return written(text, decimals)[0]


def written(text: str, decimals: str) -> tuple[int | None, str]:
    """(minor units or None, the currency that the cell names or "")."""
    text = text.strip().replace("\u2212", "-")
    for sign, code in _SIGNS.items():
        text = text.removesuffix(sign) + code if text.endswith(sign) else text
    found = _WRITTEN.fullmatch(text)
    if found is None or (found["sign"] and found["after"]) or (found["open"] and (found["sign"] or found["after"])):
        return None, ""
    value = _figures(found["figures"], decimals)
    back = "-" in (found["sign"], found["after"]) or found["open"]
    return (-value if value is not None and back else value), found["currency"] or ""


def _figures(text: str, decimals: str) -> int | None:
    if decimals == "minor":
        return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None
    sign, group = ("," if decimals == "comma" else r"\."), _GROUPS[decimals]
    found = re.fullmatch(rf"([0-9]{{1,3}}(?:{group}[0-9]{{3}}){{1,4}}|[0-9]{{1,15}})(?:{sign}([0-9]{{1,2}}))?", text)
    return int(re.sub(r"\D", "", found[1])) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
