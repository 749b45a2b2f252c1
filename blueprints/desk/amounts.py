"""Rent and advances at the desk: what each tenure of a building pays a month, and what it will pay from which day."""

from flask import Blueprint, abort, request

from resident.charging import sheets
from resident.errors import ResidentError

from .. import _billing_words, _charge_words, _days, _typed
from .._gate import staff
from .._locale import _, ngettext
from .._web import close, done, page, refused, require, session
from . import _charge_sheet, _charged

bp = Blueprint("desk_amounts", __name__, url_prefix="/desk/charges")
PAGE = "desk/charges/amounts.html"


@bp.get("/<int:id>/amounts")
@staff("money")
def index(id):
    return page(PAGE, **_shown(id))


@bp.post("/<int:id>/amounts")
@staff("billing")
def put(id):
    facts = _shown(id)
    require(facts["may"])
    errors: dict[str, str] = {}
    first = _days.among(errors, "first", missing=_("Choose the day from which the sums hold."))
    sums = _sums(facts["rows"], errors)
    if not sums and not errors and not _charge_sheet.goes_on(facts):
        errors["first"] = _("No sum is entered. Write at least one.")
    if errors := _charge_sheet.checked(facts, errors):
        return _refused(id, errors)
    told = facts["today"] if request.form.get("tell") else None
    try:
        mails = sheets.put_amounts(session, facts["charge"], sums, first, by=facts["by"], told=told)
    except ResidentError as error:
        return _refused(id, {"first": _billing_words.told(error)})
    return done(None, to=_charge_sheet.onward(facts, id=id), say=_said(len(sums), mails, told) if sums else None)


def _said(count: int, mails: int, told) -> str:
    said = ngettext("%(n)d sum saved.", "%(n)d sums saved.", count)
    if not told:
        return said
    left = count - mails
    if not left:
        return said + " " + _("The holders are told by e-mail.")
    return (
        said
        + " "
        + ngettext(
            "%(n)d holder wants no e-mail or has no address: tell them by letter.",
            "%(n)d holders want no e-mail or have no address: tell them by letter.",
            left,
        )
    )


def _sums(rows: list[sheets.OfTenure], errors: dict) -> dict[int, int]:
    found = {}
    for row in rows:
        name = f"a{row.tenure_id}"
        text = request.form.get(name, "").strip()
        try:
            value = _typed.amount(text) if text else None
        except ValueError:
            errors[name] = _typed.no_sum()
            continue
        if value is not None and value < 0:
            errors[name] = _("A sum a month is not below zero. Write 0 to end it.")
        elif value is not None:
            found[row.tenure_id] = value
    return found


def _shown(id: int) -> dict:
    facts = _charged.charge(id)
    if facts["charge"].basis != "amount":
        abort(404)
    building = _charged.building(facts)
    shown = _charge_sheet.of(facts, building, lambda part: sheets.amounts(session, facts["charge"], part))
    title = _("Sums: %(charge)s", charge=_charge_words.called(facts["charge"]))
    return shown | {"title": title, "unnamed": _charge_sheet.unnamed(facts, shown["rows"])}


def _refused(id: int, errors: dict):
    close()
    return refused(PAGE, **_shown(id) | {"errors": errors, "typed": request.form.to_dict()})
