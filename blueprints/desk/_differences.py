"""Differences found after invoices were confirmed (rule 26), as the pages of a period and of a settlement have them in common: a
cost, or readings. First what each home would get, then the corrections, which wait for the next invoices or go onto ones of their
own.

place: what gives the facts of a page by the id of its period or settlement; 404 for one that is not for the viewer.
"""

from collections.abc import Callable, Sequence

from flask import g, request, url_for

from resident.charging import correcting, delivering, overview, recosting, remeasuring
from resident.charging.confirmed import Confirmed
from resident.charging.delivering import AtOnce
from resident.errors import ResidentError, Stale
from resident.money.invoice import Invoice
from resident.money.period import BillingPeriod

from .. import _billing_words, _charge_words, _counters, _delivery_words, _typed
from .._locale import _, ngettext
from .._web import close, done, first_sending, page, refused, remember, session, settings
from . import _correction_form

PAGE, COST, READINGS = (f"desk/corrections/{name}.html" for name in ("period", "cost", "readings"))
Place = Callable[[int], dict]


def about(confirmed: Confirmed, last: BillingPeriod) -> dict:
    """What the pages say of a period or settlement whose latest month is last: what waits, and which period's invoices carry it."""
    count, amount = overview.waiting_of(session, confirmed)
    carrying = overview.carrying(session, last)
    return {"confirmed": confirmed, "carrying": carrying, "waiting": count, "waiting_sum": amount}


def shown(facts: dict) -> dict:
    divided = recosting.divided(session, facts["confirmed"])
    return facts | {
        "title": _("Differences found later"),
        "divided": divided,
        "called": _charge_words.called,
        "typed": {"charge": str(divided[0].charge.id)} if len(divided) == 1 else {},
    }


def measured(facts: dict) -> dict:
    found = remeasuring.remeasured(session, facts["confirmed"])
    return facts | {
        "title": _("Readings that were corrected later"),
        "found": found,
        "seen": remeasuring.mark(found),
        "numbers": overview.unit_numbers(session, facts["building"].id),
        "shown_value": _typed.written,
        "words": _counters,
        "typed": {},
    }


def cost(place: Place, id: int):
    facts = shown(place(id))
    given = _correction_form.OfCost(facts["divided"])
    if given.errors:
        return _not_done(PAGE, lambda: shown(place(id)), given.errors)
    if "sure" not in request.form:
        return page(COST, **facts | _preview(facts, given))
    if again := first_sending(g.viewer.login_id):
        return again
    figures = given.one.charge.id, given.difference, given.text, request.form.get("seen", "")
    return _made(
        PAGE, lambda: shown(place(id)), id, lambda: recosting.cost_was(session, facts["confirmed"], *figures, by=facts["by"])
    )


def measure(place: Place, id: int):
    if again := first_sending(g.viewer.login_id):
        return again
    facts, errors = place(id), {}
    text, seen = _correction_form.text(errors), request.form.get("seen", "")
    if errors:
        return _not_done(READINGS, lambda: measured(place(id)), errors)
    return _made(
        READINGS,
        lambda: measured(place(id)),
        id,
        lambda: remeasuring.correct_all(session, facts["confirmed"], text, seen, by=facts["by"]),
    )


def invoice(place: Place, id: int):
    """What waits, on correction invoices at once."""
    if again := first_sending(g.viewer.login_id):
        return again
    facts = place(id)
    try:
        made = correcting.credit_notes(session, facts["confirmed"], by=facts["by"])
    except ResidentError as error:
        return _not_done(PAGE, lambda: shown(place(id)), {"waiting": _billing_words.told(error)}, 409)
    sent = _sent(made, facts["by"])
    to = url_for(".index", id=id)
    remember(to)
    said = ngettext("%(n)d correction invoice is made and booked.", "%(n)d correction invoices are made and booked.", len(made))
    return done(None, to=to, say=" ".join([said, *_delivery_words.sent(sent)]))


def _sent(made: Sequence[Invoice], by) -> AtOnce:
    mails = bool(settings().smtp_url)
    ways = [delivering.at_once(session, one, mails=mails, by=by) for one in made]
    return AtOnce(*(sum(counts) for counts in zip(*ways, strict=True)))


def _made(template: str, again: Callable[[], dict], id: int, verb: Callable[[], list]):
    try:
        made = verb()
    except Stale:
        told = _("Somebody has corrected something here meanwhile. What holds now stands below. Look at it again.")
        return _not_done(template, again, {"difference": told}, 409)
    except ResidentError as error:
        return _not_done(template, again, {"difference": _billing_words.told(error)})
    to = url_for(".index", id=id)
    remember(to)
    said = ngettext("%(n)d correction waits for the next invoices.", "%(n)d corrections wait for the next invoices.", len(made))
    return done(None, to=to, say=said)


def _preview(facts: dict, given: _correction_form.OfCost) -> dict:
    return {
        "title": _("Difference for each home"),
        "one": given.one,
        "difference": given.difference,
        "shares": recosting.shares(given.one, given.difference),
        "numbers": overview.unit_numbers(session, facts["building"].id),
        "sent": given.hidden(),
    }


def _not_done(template: str, again: Callable[[], dict], errors: dict, status: int = 422):
    close()
    return refused(template, status=status, **again() | {"errors": errors, "typed": request.form.to_dict()})
