"""Days typed into a form, gathered with the sentences about those that cannot be read."""

from datetime import date

from flask import request

from ._locale import _


class Days:
    """Days of the request's form by field; errors: {field: sentence}."""

    def __init__(self):
        self.errors: dict[str, str] = {}

    def wanted(self, name: str) -> date | None:
        """A day that has to be there; None with an error when it is not."""
        found = self.optional(name)
        if found is None and name not in self.errors:
            self.errors[name] = _("Write a day.")
        return found

    def optional(self, name: str) -> date | None:
        text = request.form.get(name, "").strip()
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or not 1900 < found.year < 2200:
            self.errors[name] = _("Write the day as year, month and day, for example %(day)s.", day="2026-11-25")
            return None
        return found
