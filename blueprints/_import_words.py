"""The sentences of the register import: what a row, a cell or a whole workbook must have mended, in the reader's language."""

from resident import format as formats
from resident.db import SCALE
from resident.exchange import columns
from resident.exchange.columns import Column
from resident.exchange.guard import WorkbookRefused
from resident.exchange.outcome import Outcome
from resident.exchange.pouring import Overtaken
from resident.exchange.staging import HeadersDoubled, HeadersMissing, Trouble

from . import _import_corrections
from ._days import read
from ._locale import words


class ImportWords:
    """Everything that the import says, in one language; outside a request too."""

    def __init__(self, language: str):
        self.language = language
        found = words(language)
        self._, self.ngettext, self.fmt = found.text, found.plural, formats.of(language)

    # A row or a cell ------------------------------------------------------------------------------------------------

    def said(self, trouble: Trouble) -> str:
        """One sentence, with the column before it when it is about one cell."""
        sentence = self._sentence(trouble.name, trouble.facts)
        if trouble.column is None:
            return sentence
        # Translators: name of a column, then a sentence about what stands there.
        return self._("%(column)s: %(sentence)s", column=self.column(trouble.column), sentence=sentence)

    def _sentence(self, name: str, facts: dict) -> str:
        plain = {**self._cells(), **self._rows(), **self._days(), **self._money(), **_import_corrections.refusals(self._)}
        if name in plain:
            return plain[name] % self._shown(facts)
        return getattr(self, f"_{name}")(facts)

    def _shown(self, facts: dict) -> dict:
        """Facts as a sentence shows them: days, sheets and choices in the reader's words."""
        shown = dict(facts)
        for name in ("first", "last", "day"):
            if facts.get(name):
                shown[name] = self.fmt.date(read(facts[name]))
        shown |= {name: self.fmt.month(facts[name]) for name in ("month", "begins", "ends") if name in facts}
        if "sheet" in facts:
            shown["sheet"] = self.sheet(facts["sheet"])
        return shown

    def _cells(self) -> dict[str, str]:
        _ = self._
        return {
            "Formula": _("There is a formula here. Copy the cell and paste it as a value."),
            "Missing": _("This must be filled in."),
            "NotText": _("This must be text. Write it without line breaks and special characters."),
            "NotAnEmail": _("An e-mail address looks like name@example.org. Check what you typed."),
            "DayForText": _("The spreadsheet turned this into a date. Format the cell as text and write it again."),
            "DigitsLost": _("The spreadsheet keeps only 15 digits of a number. Format the cell as text and write it again."),
            "NotANumber": _("This must be a number, such as 12.345 or 12,345."),
            "NotACount": _("This must be a whole number."),
            "BelowZero": _("A meter cannot show less than zero."),
            "NotADay": _("This must be a date, such as 2026-03-05 or 5.3.2026."),
            "NotAMonth": _("This must be a month, such as 2026-03."),
            "CounterDigits": _("A counter has 1 to 12 digits before the decimals and 0 to 6 decimals."),
        }

    def _rows(self) -> dict[str, str]:
        _ = self._
        return {
            "Unknown": _("“%(key)s” is not on the sheet %(sheet)s, and not in the portal. Add it there or correct it here."),
            "Doubled": _("“%(key)s” is on row %(row)s already. Remove one of the two rows."),
            "PersonDoubled": _("“%(key)s” with the same e-mail is on row %(row)s already. Give each person a key."),
            "SeveralPersons": _("Several persons are called “%(key)s” with the same e-mail. Give each person a key."),
            "CodeWrong": _(
                "This is not a personal identity code. Compare it with an identity document. "
                "Before a code of another country write the country, as in EE:60001019906."
            ),
            "CodeTemporary": _("This personal identity code is temporary or of a test person, so nobody can be known by it."),
            "CodeTaken": _("Somebody else of the register has this personal identity code. Correct it on one of the two."),
            "CodeOfAPost": _(
                "This person holds a position, or works for you. The organisation itself records the personal code: "
                "leave the cell empty."
            ),
            "CodesNotTaken": _("Personal identity codes cannot be taken here. Leave the column empty."),
            "PersonMissing": _("Name a person by their key, or by name and e-mail."),
            "TenureDiffers": _(
                "“%(key)s” has other data on row %(row)s. Write the same data on each of its rows; only the home may differ."
            ),
            "MeterDiffers": _("Meter “%(key)s” has other data on row %(row)s. Write the same data on each of its rows."),
            "MeterElsewhere": _(
                "Meter “%(key)s” is in another home in the portal. Give the day on which it was removed there first."
            ),
            "TwoLiveMeters": _(
                "Two meters with the number “%(key)s” would be in use at once. Give the day on which the old one was removed."
            ),
            "PlaceMissing": _(
                "The home has another meter of this medium. Give each of them a place of its own, such as kitchen or bathroom."
            ),
            "MainInHome": _(
                "A main meter belongs to the building. Leave the home empty, or write “no” here when the meter is that home’s."
            ),
            "NoHome": _(
                "A meter that is not a main meter needs its home. Write the home, or “yes” here for a building’s own meter."
            ),
            "Coefficient": _("The coefficient must be above zero and at most %(most)s, such as 1 or 0.5."),
            "AccountTaken": _("“%(key)s” is the billing account of another tenure."),
            "ReferenceTaken": _("“%(key)s” is the payment reference of another tenure."),
            "ReferenceWrong": _("The check digits of “%(key)s” do not match. Compare it with the bank’s papers."),
        }

    def _days(self) -> dict[str, str]:
        _ = self._
        return {
            "EndsBeforeBegin": _("The last day is before the first day."),
            "InTheFuture": _("This day has not come yet."),
            "OwnershipsOverlap": _(
                "A home can have one ownership at a time, but this one and “%(key)s” overlap. Correct the days of one of them."
            ),
            "ReadingDoubled": _("There are two readings of meter %(key)s for %(day)s. Remove one of them."),
            "DueBeforeIssued": _("The due date is before the day of the invoice."),
            "WouldOrphanReadings": _("The meter has readings from %(first)s to %(last)s. Its days must cover them."),
        }

    def _money(self) -> dict[str, str]:
        _ = self._
        return {
            "NoLines": _("Invoice %(key)s has no lines. Add at least one to the sheet of lines."),
            "PositionsDoubled": _("Two lines of invoice %(key)s have the same number. Number them anew, or leave the numbers out."),
            "AccountMissing": _("Say where the payment belongs: by tenure, billing account or payment reference."),
            "AccountsDiffer": _(
                "Tenure, billing account and payment reference lead to different accounts. Correct them or leave one."
            ),
            "NothingPaid": _("The sum is zero. Remove the row."),
        }

    # Sentences with figures -----------------------------------------------------------------------------------------

    def _TooLong(self, facts: dict) -> str:
        return self.ngettext("This can have at most %(n)d character.", "This can have at most %(n)d characters.", facts["limit"])

    def _TooManyDecimals(self, facts: dict) -> str:
        return self.ngettext("This can have at most %(n)d decimal.", "This can have at most %(n)d decimals.", facts["decimals"])

    def _NotAChoice(self, facts: dict) -> str:
        every = [self.choice(facts["choice"], value) for value in columns.CHOICES[facts["choice"]]]
        named = ", ".join([*every, *facts.get("own", ())])
        return self._("This must be one of these: %(choices)s.", choices=named)

    def _LanguageNotServed(self, facts: dict) -> str:
        return self._(
            "The organisation does not use the language “%(key)s”. Write one of these: %(languages)s.",
            key=facts["key"],
            languages=", ".join(facts["languages"]),
        )

    def _OutsideTenure(self, facts: dict) -> str:
        shown = self._shown(facts)
        if facts["last"]:
            return self._("The tenure runs from %(first)s to %(last)s. The person’s days must lie inside it.", **shown)
        return self._("The tenure runs from %(first)s. The person’s days must lie inside it.", **shown)

    def _OutsideMeter(self, facts: dict) -> str:
        shown = self._shown(facts)
        if facts["last"]:
            return self._("The meter was in use from %(first)s to %(last)s. Its readings must lie inside these days.", **shown)
        return self._("The meter was installed on %(first)s. Its readings cannot be older.", **shown)

    def _TooManyDigits(self, facts: dict) -> str:
        return self.ngettext(
            "The meter shows %(n)d digit before the decimals. Check the reading.",
            "The meter shows %(n)d digits before the decimals. Check the reading.",
            facts["digits"],
        )

    def _LowerThanEarlier(self, facts: dict) -> str:
        return self._(
            "This is lower than the reading before it, %(earlier)s on %(day)s. If the counter passed zero, say so in its column.",
            earlier=self.fmt.number(facts["earlier"]),
            day=self._shown(facts)["day"],
        )

    def _HigherThanLater(self, facts: dict) -> str:
        return self._(
            "This is higher than the next reading in the portal, %(later)s on %(day)s. Check both.",
            later=self.fmt.number(facts["later"]),
            day=self._shown(facts)["day"],
        )

    def _AlreadyBilled(self, facts: dict) -> str:
        return self._(
            "The reading of %(day)s, %(value)s, has been billed and cannot be changed. Enter a new reading on a later day.",
            value=self.fmt.number(facts["value"]),
            day=self._shown(facts)["day"],
        )

    def _FactBilled(self, facts: dict) -> str:
        return self._(
            "%(month)s is billed by the value that this would replace. Change it on the page of the home, which shows first what "
            "that corrects, or let it hold from a later day (%(column)s).",
            month=self.fmt.month(facts["month"]), column=self.column("facts_from"),
        )  # fmt: skip

    def _WouldOrphan(self, facts: dict) -> str:
        return self.ngettext(
            "With these days %(n)d invoice would lie outside the tenure: %(invoices)s. Correct the days.",
            "With these days %(n)d invoices would lie outside the tenure: %(invoices)s. Correct the days.",
            facts["count"],
            invoices=", ".join(facts["invoices"]) + (" …" if facts["count"] > len(facts["invoices"]) else ""),
        )

    def _AlreadyBooked(self, facts: dict) -> str:
        return self._(
            "Invoice %(key)s is booked already, with a total of %(total)s, and this row or its lines differ. "
            "What is booked is not changed: make a correction or a credit note with a number of its own.",
            key=facts["key"],
            total=self.fmt.amount(facts["total"]),
        )

    def _EntryBooked(self, facts: dict) -> str:
        return self._(
            "This entry is booked already: %(amount)s on %(day)s. What is booked is not changed. "
            "Give another entry a key of its own.",
            amount=self.fmt.amount(facts["amount"]),
            day=self.fmt.date(read(facts["day"])),
        )

    def _PaymentBooked(self, facts: dict) -> str:
        return self._(
            "This payment is booked already: %(amount)s on %(day)s. What is booked is not changed. "
            "Give another payment a key of its own.",
            amount=self.fmt.amount(facts["amount"]),
            day=self._shown(facts)["day"],
        )

    def _SumDiffers(self, facts: dict) -> str:
        return self._(
            "The lines add up to %(sum)s, but the total is %(total)s.",
            sum=self.fmt.amount(facts["sum"]),
            total=self.fmt.amount(facts["total"]),
        )

    # The whole workbook ---------------------------------------------------------------------------------------------

    def refused(self, error) -> str:
        """WorkbookRefused, HeadersMissing or HeadersDoubled, and Overtaken."""
        _ = self._
        if isinstance(error, Overtaken):
            return _("Others kept changing the same data meanwhile. Nothing was saved. Send the workbook again at a quieter time.")
        if isinstance(error, WorkbookRefused):
            return self._refused(error)
        named = ", ".join(self.column(key) for key in error.columns)
        if isinstance(error, HeadersMissing):
            return _(
                "The sheet %(sheet)s lacks columns that it needs: %(columns)s. Compare its first row with the template.",
                sheet=error.sheet,
                columns=named,
            )
        assert isinstance(error, HeadersDoubled)
        return _("The sheet %(sheet)s has a column twice: %(columns)s. Remove one of the two.", sheet=error.sheet, columns=named)

    def _refused(self, error: WorkbookRefused) -> str:
        _ = self._
        if error.why == "large":
            return _(
                "The file is %(size)s\u00a0MB. Here it can be %(limit)s\u00a0MB at most. "
                "A larger one is imported on the server with flask import.",
                size=self.fmt.size(error.size),
                limit=self.fmt.size(error.limit),
            )
        return {
            "empty": _("The file is empty. Choose it again."),
            "kind": _("This is not an XLSX workbook. Save the table as an Excel workbook (.xlsx) and choose it again."),
            "broken": _("The workbook is damaged and cannot be read. Open it in a spreadsheet program and save it anew."),
            "bomb": _(
                "The workbook holds far more than its size shows, so we did not open it. Save only the filled rows in a new one."
            ),
            "macros": _("The workbook holds macros or other files. Save it as an Excel workbook without macros (.xlsx)."),
            "links": _("The workbook is linked with other files. Break the links, or paste the values into a new workbook."),
            "entities": _("The workbook is not made as a spreadsheet program makes it, so we did not open it. Save it anew."),
            "locked": _("The workbook is locked with a password. Save it without one."),
            "sheets": _("No sheet of the workbook has a name that we know. Take the names from the template."),
        }[error.why]

    # Words ----------------------------------------------------------------------------------------------------------

    def sheet(self, key: str) -> str:
        return columns.word("sheet", key, self.language)

    def state(self, run) -> str:
        """How an import stands, in a few words."""
        _, state, errors = self._, run.shown_state, run.outcome.errors
        if state in ("tried", "refused") and errors:
            return self.ngettext("%(n)d row must be mended", "%(n)d rows must be mended", errors)
        return {
            "applied": _("Everything was imported"),
            "tried": _("All is well"),
            "waiting": _("The import is waiting"),
            "running": _("The workbook is being worked on"),
            "refused": _("Nothing was imported"),
            "stopped": _("The import was stopped"),
        }[state]

    def step(self, step: str, sheet: str, rows: int) -> str:
        """How far an import is: what is being done, on which sheet, at which row."""
        _ = self._
        doing = {
            "read": _("The workbook is being read."),
            "check": _("The rows are being checked."),
            "apply": _("The rows are being saved."),
            "settle": _("Payments are being matched with invoices."),
            "write": _("The rows are being saved."),
        }[step]
        if not sheet or not rows:
            return doing
        named = self.sheet(sheet) if sheet in columns.SHEETS else sheet
        # Translators: what an import does now, then the name of a sheet and how many of its rows are done.
        return _("%(doing)s %(sheet)s: %(rows)s", doing=doing, sheet=named, rows=self.fmt.number(rows * SCALE, 0))

    def column(self, key: str) -> str:
        return columns.word("column", key, self.language)

    def choice(self, name: str, value: str) -> str:
        return columns.word("choice", f"{name}.{value}", self.language)

    def summary(self, outcome: Outcome) -> tuple[str, list[list]]:
        """Title and rows of the tab that sums a result up."""
        _, pgettext = self._, words(self.language).context
        came = [pgettext("import", "New"), pgettext("import", "Changed"), pgettext("import", "Unchanged")]
        head = [_("Sheet"), _("Rows"), *came, _("Rows with errors")]
        rows = [[self.sheet(c.sheet), c.rows, c.new, c.changed, c.unchanged, c.errors] for c in outcome.sheets]
        # Translators: title of a sheet in a workbook; at most 31 characters.
        return _("Summary"), [head, *rows, *([said] for said in self.corrected(outcome))]

    def corrected(self, outcome: Outcome) -> list[str]:
        """What it makes of what is billed already, in sentences."""
        return _import_corrections.told(outcome, self.language)

    # The template ---------------------------------------------------------------------------------------------------

    def explained(self, column: Column) -> str:
        """What a column of the template holds."""
        if column.choices:
            name = "yes" if column.kind == "flag" else column.key
            named = ", ".join(self.choice(name, value) for value in column.choices)
            if column.kind == "word":
                return self._("Empty when the meter has one counter; otherwise its name, for example: %(choices)s.", choices=named)
            said = self._("One of these: %(choices)s.", choices=named)
            particular = self._particular(column.key)
            return f"{particular} {said}" if particular else said
        return self._particular(column.key) or self._kinds()[column.kind]

    def _particular(self, key: str) -> str | None:
        _ = self._
        return {
            "building": _("Your own short name of the building. The other sheets name the building by it."),
            "unit": _(
                "Number of the home as it stands on the door. On the sheet of meters: empty for a meter of the whole building."
            ),
            "main_meter": _("Whether it is a building’s own meter; its home stays empty then. May be left empty."),
            "coefficient": _("1, unless one meter serves several homes: 0.5 for half of its use. At most 6 decimals."),
            "feed_key": _("What files of remote reading call this counter. Empty when they call it by the meter’s number."),
            "person": _("Your own key of the person. Without it a person is known by name and e-mail."),
            "personal_code": _(
                "By it the person is known at strong identification. Before a code of another country write the country, "
                "as in EE:60001019906. Codes are hashed at once and not stored; a workbook given back holds marks instead."
            ),
            "tenure": _("Your own key of the tenure, such as the number of the agreement."),
            "reference": _("Payment reference with its check digits, written as text."),
            "payment": _("Archive number of the payment. Without it a payment is known by account, day, sum and reference."),
            "invoice": _("Number that the accounting program gave the invoice. It stays outside the portal’s own series."),
            "quantity": _("A number with at most 6 decimals."),
            "text": _("What the line or payment is for."),
            "last": _("The last day, included. Empty while it goes on; an empty cell never removes a day that is in the portal."),
        }.get(key)

    def _kinds(self) -> dict[str, str]:
        _ = self._
        return {
            "text": _("Text."),
            "email": _("An e-mail address, such as name@example.org."),
            "day": _("A date, such as 2026-03-05 or 5.3.2026."),
            "month": _("A month, such as 2026-03."),
            "money": _("A sum with at most 2 decimals."),
            "quantity": _("A number with at most 6 decimals."),
            "counter": _("A number with at most 6 decimals, zero or more."),
            "percent": _("A percentage with at most 2 decimals, such as 25.5."),
            "count": _("A whole number."),
        }

    def lead(self) -> list[str]:
        """The lines above the explanations."""
        _ = self._
        return [
            _("Fill in the sheets that you need. The second row of each sheet is an example: write over it."),
            _("Columns with a star must be filled in. Their order is free. Headers are understood in six languages."),
            _("A sheet that is full goes on in another one with a number after its name, for example “Lines 2”."),
            _("Importing again updates what changed. An empty cell leaves what is in the portal as it is."),
        ]
