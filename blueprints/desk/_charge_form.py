"""The form of a charge type: what was typed into it, and what is said of it."""

from flask import request

from resident.charging.charge import BASES, BILLED, KEYS, PAYERS, ChargeType

from .. import _days, _terms, _typed
from .._locale import _

LONGEST = {"code": 20, "measure": 12, "name": 100, "note": 300}
# What a quantity is called on the line, where nobody says otherwise.
MEASURES = {"area": "m2", "heated_area": "m2", "occupants": "person"}


def shown(charge: ChargeType, languages: list[str]) -> dict:
    """The form's fields for a charge type; media, registers and kinds as lists."""
    fields = {name: getattr(charge, name) or "" for name in ("code", "basis", "key", "measure", "account_kind", "billed", "payer")}
    fields |= {f"name-{code}": charge.name.get(code, "") for code in languages}
    fields |= {f"note-{code}": (charge.note or {}).get(code, "") for code in languages}
    return fields | {
        "position": str(charge.position),
        "advance": "yes" if charge.advance else "",
        "settles": str(charge.settles_id or ""),
        "media": (charge.media or "").split(),
        "registers": charge.registers or [],
        "kinds": charge.unit_kinds.split(),
        "first": charge.first.isoformat(),
        "last": charge.last.isoformat() if charge.last else "",
    }


def fresh(today) -> dict:
    return {
        "first": today.replace(day=1).isoformat(), "basis": "cost", "key": "area", "account_kind": "running", "billed": "period",
        "payer": "owner", "kinds": ["home", "business"], "media": [], "registers": [], "position": "100",
    }  # fmt: skip


def kept() -> dict:
    """Everything that was typed, to be shown again."""
    form = request.form
    return form.to_dict() | {name: form.getlist(name) for name in ("media", "registers", "kinds")}


class Typed:
    """values: fields of ChargeType; errors by field. others: ids of the charge types that an advance may settle;
    registers: the names of those that may be chosen."""

    def __init__(self, languages: list[str], media: dict, registers: list[str], others: set[int]):
        self.errors: dict[str, str] = {}
        form, self._languages = request.form, languages
        names, notes = self._texts("name"), self._texts("note")
        key = self._one("key", KEYS)
        settles = _typed.whole(form, "settles")
        chosen = [code for code in form.getlist("media") if code in media]
        self.values = {
            "code": self._text("code"),
            "name": names,
            "note": notes,
            "basis": self._one("basis", BASES),
            "key": key,
            "media": " ".join(chosen) or None,
            "registers": [name for name in registers if name in form.getlist("registers")] or None,
            "measure": self._text("measure") or self._measure(key, chosen, media),
            "account_kind": self._one("account_kind", ("running", "fund")),
            "billed": self._one("billed", BILLED),
            "payer": self._one("payer", PAYERS),
            "advance": bool(form.get("advance")),
            "settles_id": settles if settles in others else None,
            "unit_kinds": " ".join(self._kinds()),
            "position": self._position(),
            "first": _days.among(self.errors, "first", missing=_("Choose the first day on which it is charged.")),
            "last": _days.among(self.errors, "last", wanted=False),
        }

    def _text(self, name: str) -> str:
        text = _typed.line(name)
        if len(text) > LONGEST[name]:
            self.errors[name] = _("This can have at most %(n)d characters. Shorten it.", n=LONGEST[name])
        return text

    def _texts(self, name: str) -> dict[str, str]:
        found = {code: _typed.line(f"{name}-{code}") for code in self._languages}
        told = _("This can have at most %(n)d characters. Shorten it.", n=LONGEST[name])
        self.errors |= {f"{name}-{code}": told for code, text in found.items() if len(text) > LONGEST[name]}
        return {code: text for code, text in found.items() if text}

    def _one(self, name: str, known) -> str:
        value = request.form.get(name, "")
        if value not in known:
            self.errors[name] = _("Choose one from the list.")
        return value

    def _measure(self, key: str, chosen: list[str], media: dict) -> str | None:
        if key == "meter" and chosen:
            return media[chosen[0]][1].measure
        return MEASURES.get(key)

    def _kinds(self) -> list[str]:
        kinds = [kind for kind in request.form.getlist("kinds") if kind in _terms.kinds()]
        if not kinds:
            self.errors["kinds"] = _("Choose at least one kind of unit that pays it.")
        return kinds

    def _position(self) -> int:
        text = request.form.get("position", "").strip() or "100"
        if text.isascii() and text.isdecimal() and len(text) <= 4:
            return int(text)
        self.errors["position"] = _("This is a whole number from 0 to 9999. Write it in figures.")
        return 100
