"""A home's dated facts at the desk: area, share, occupants, from a day on; and what a change makes of days that are invoiced."""

from datetime import date, timedelta

from flask import Blueprint, g, request, url_for
from sqlalchemy import select

from resident import access
from resident.charging import refacting
from resident.charging.charge import FACTS, ChargeType
from resident.charging.confirmed import Confirmed
from resident.charging.refacting import BadFact, Change, Effect
from resident.charging.settlement import SettlementRun
from resident.errors import ResidentError, Stale
from resident.homes.building import Unit, UnitFact

from .. import _billing_words, _charge_words, _settlement_words, _terms, _typed
from .._days import among, read
from .._gate import staff
from .._locale import _, fmt, ngettext
from .._web import close, done, first_sending, one_or_404, page, refused, remember, require, session
from . import _correction_form, _place

bp = Blueprint("desk_home_facts", __name__, url_prefix="/desk/homes")
PAGE, CONFIRM = "desk/home_facts/index.html", "desk/home_facts/confirm.html"


@bp.get("/<int:id>/facts")
@staff("register")
def index(id):
    facts = _shown(id)
    return page(PAGE, **facts, typed=_begun(facts))


@bp.post("/<int:id>/facts")
@staff("billing")
def change(id):
    facts, errors = _shown(id), {}
    require(facts["may"])
    wanted, text = _wanted(facts, errors), _text(errors)
    asked = {} if errors else _asked(facts, wanted, errors)
    if errors:
        return _refused(id, errors)
    if asked["effects"] and "sure" not in request.form:
        return page(CONFIRM, **facts | asked)
    if again := first_sending(g.viewer.login_id):
        return again
    try:
        count = refacting.change(session, facts["unit"], wanted, request.form.get("seen", ""), text, by=facts["by"])
    except Stale:
        told = _("Somebody changed this fact while you were writing. What holds now stands on this page. Save again to replace it.")
        return _refused(id, {"value": told}, 409)
    to = url_for(".index", id=id)
    remember(to)
    return done(None, to=to, say=_said(count))


def _wanted(facts: dict, errors: dict) -> Change | None:
    """The kind, the day and the value that the form holds; without a value where the one of the day is taken away."""
    kind = request.form.get("kind", "")
    if kind not in facts["kinds"]:
        errors["kind"] = _("Choose one from the list.")
    first = among(errors, "first", missing=_("Choose the day from which the value holds."))
    value = None
    if "removal" not in request.form:
        value = _typed.number(errors, "value", whole=7, missing=_("Write the value in figures."))
    return None if errors else Change(kind, first, value)


def _text(errors: dict) -> str | None:
    """What corrections say; None where invoiced days are left as they are, or nothing is asked yet."""
    if "sure" not in request.form or request.form.get("correct") == "no":
        return None
    return _correction_form.text(errors)


def _tried(facts: dict, wanted: Change, errors: dict) -> list[Effect]:
    """What the change makes of invoiced periods."""
    try:
        return refacting.looked_at(session, facts["unit"], wanted)
    except BadFact as error:
        errors[error.field] = _told(error)
    except ResidentError as error:
        errors["value"] = _refusal(error)
    return []


def _called(confirmed: Confirmed) -> tuple[str, str]:
    """The page of a period or settlement, and what it is called."""
    if isinstance(confirmed, SettlementRun):
        span = _settlement_words.span(confirmed.first, confirmed.last)
        return url_for("desk_settlements.show", id=confirmed.id), f"{_('Settlement of advances')}, {span}"
    return url_for("desk_billing.show", id=confirmed.id), fmt().month(confirmed.name)


def _told(error: BadFact) -> str:
    if error.field == "first":
        return _("The home does not exist on this day. Choose another.")
    if error.why == "whole":
        return _("This is counted in whole numbers. Write one without a decimal part.")
    return _("This number is too large. Check it.")


def _refusal(error: ResidentError) -> str:
    if isinstance(error, refacting.InDrafts):
        month = fmt().month(error.name)
        return _(
            "The costs of %(month)s are shared out and not confirmed. Throw its drafts away first, then change this.", month=month
        )
    if isinstance(error, refacting.InSettlement):
        first, last = fmt().month(error.first), fmt().month(error.last)
        told = _("A settlement from %(first)s to %(last)s is worked out and not confirmed. Throw it away first, then change this.")
        return told % {"first": first, "last": last}
    return _billing_words.told(error)


def _said(count: int) -> str:
    if not count:
        return _("Saved.")
    return ngettext(
        "Saved. %(n)d correction waits for the next invoices.", "Saved. %(n)d corrections wait for the next invoices.", count
    )


def _asked(facts: dict, wanted: Change, errors: dict) -> dict:
    """What the page asks before days that are invoiced get another value; empty effects with an error."""
    name, value = _terms.fact(wanted.kind, wanted.value or 0)
    day = fmt().long(wanted.first)
    if wanted.value is None:
        does = _("%(fact)s: the value from %(day)s on is taken away.", fact=name, day=day)
    else:
        does = _("%(fact)s: %(value)s from %(day)s on.", fact=name, value=value, day=day)
    kept = {name: request.form.get(name, "") for name in ("kind", "first", "value", "seen", "removal") if name in request.form}
    return {
        "title": _("Days that are invoiced already"),
        "does": does,
        "effects": [(one, *_called(one.confirmed)) for one in _tried(facts, wanted, errors)],
        "kept": kept,
        "typed": {"correct": request.form.get("correct", "yes"), "text": request.form.get("text", does)},
        "currency": facts["organisation"].currency,
    }


def _refused(id: int, errors: dict, status: int = 422):
    close()
    facts = _shown(id)
    if "sure" in request.form and errors.keys() <= {"text"}:
        # The fields were good: the page asks of them again.
        asked = _asked(facts, _wanted(facts, {}), {})
        return refused(CONFIRM, status=status, **facts | asked, errors=errors)
    return refused(PAGE, status=status, **facts, typed=request.form.to_dict(), errors=errors)


def _shown(id: int) -> dict:
    facts = _place.of(one_or_404(access.visible_units(g.viewer).where(Unit.id == id)))
    organisation, building = facts["organisation"], facts["building"]
    duty = g.viewer.duty("billing", organisation.id, building.id)
    history = refacting.history(session, id)
    kinds = {kind: _terms.fact(kind, 0)[0] for kind in (*FACTS, *sorted(history.keys() - set(FACTS)))}
    weighed = select(ChargeType).where(ChargeType.organisation_id == organisation.id, ChargeType.key == "weights")
    return facts | {
        "title": _("Facts of %(home)s", home=facts["home"]),
        "may": duty is not None,
        "by": g.viewer.as_staff(duty) if duty else None,
        "history": {kind: _values(history.get(kind, [])) for kind in kinds},
        "seen": refacting.mark(row for rows in history.values() for row in rows),
        "kinds": kinds,
        "held_since": refacting.held_since(session, id, facts["today"]),
        "weights": [(charge.id, _charge_words.called(charge)) for charge in session.scalars(weighed.order_by(ChargeType.position))],
    }


def _values(rows: list[UnitFact]) -> list[tuple[UnitFact, date | None]]:
    """Each with the last day on which it holds, the newest first."""
    ends = [None, *(row.first - timedelta(days=1) for row in rows)]
    return [(row, end) for row, end in zip(rows, ends, strict=False)]


def _begun(facts: dict) -> dict:
    """An empty form from today on; from a value of the list, that value to be corrected."""
    kind = request.args.get("kind", "")
    try:
        first = read(request.args.get("first", ""))
    except ValueError:
        first = None
    for row, _end in facts["history"].get(kind, []):
        if row.first == first:
            return {"kind": kind, "first": first.isoformat(), "value": _typed.written(row.value)}
    return {"kind": kind, "first": (first or facts["today"]).isoformat()}
