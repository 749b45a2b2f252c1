"""Plain HTTP for machines that report a home's readings (B13): a personal key, JSON, clear codes. See docs/machines.md.

No cookie is looked at and none is set, so no other site can borrow anybody's session here; nor is any page of another site let
in by CORS. Numbers stay as they were written: none becomes a float.
"""

import json
from datetime import date, datetime

from flask import Blueprint, Response, g, jsonify, request

from resident.errors import TooMany
from resident.metering import machine
from resident.metering.counter import Counter, Form
from resident.metering.reading import Receipt
from resident.metering.slip import Slip
from resident.metering.submission import Typed, Verdict
from resident.people import limit

from . import _days, _messages, _slip_words, _verdicts
from ._gate import public
from ._locale import _
from ._security import csrf
from ._typed import counter_value, sent
from ._web import close, commit, database, session

bp = Blueprint("api", __name__, url_prefix="/api/v1")
# Registers in one request, and how long each text in it may be.
MOST, LONGEST = 60, 60


class Malformed(Exception):
    """The request is not what docs/machines.md says. what: the sentence about it."""

    def __init__(self, what: str):
        self.what = what


@bp.before_request
def nobody():
    g.viewer = None


@bp.get("/meters")
@public
def meters():
    held = machine.bearer(session, _key())
    return jsonify(homes=[_home(home.label, form) for home, form in machine.forms(session, held.homes)])


@bp.post("/readings")
@public
@csrf.exempt
def readings():
    key = _key()
    with database().reading() as looking:
        held = machine.bearer(looking, key)
    # What is refused counts too.
    with database().writing() as counting:
        limit.take_machine(counting, held.key.id)
    sending, (typed, day, at) = _sending(), _body()
    slip, _before = machine.report(session, held, sending, typed, day, at)
    told = _told(slip, typed)
    commit()
    return told, 201 if slip.state in ("booked", "settled") else 202


def _key() -> str:
    """The key of the request; NoKey, and TooMany for an address that has tried too many that were none."""
    kind, _space, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise machine.NoKey()
    with database().reading() as looking:
        limit.check_machine(looking, request.remote_addr or "")
    return text.strip()[:200]


def _sending() -> str:
    text = request.headers.get("Idempotency-Key", "").strip()
    if not 0 < len(text) <= 200:
        raise Malformed(_("Send a header Idempotency-Key: a text of its own for each sending, at most 200 characters."))
    return text


def _body() -> tuple[dict[int, Typed], date | None, datetime | None]:
    """(values by register, the day, the instant). Numbers are texts, as they were written."""
    try:
        given = json.loads(request.get_data(), parse_float=str, parse_int=str, parse_constant=str)
        typed = {int(_text(one["id"])): Typed(_text(one["value"])) for one in given["readings"]}
        day = _days.read(given["day"]) if given.get("day") else None
        at = _days.instant(given["at"]) if given.get("at") else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Malformed(_("The body is not the JSON that this address takes.")) from None
    if not 0 < len(typed) <= MOST or len(typed) != len(given["readings"]) or (given.get("at") and at is None):
        raise Malformed(_("Send each register once, at least one, and an instant with its offset from UTC."))
    if not all(0 < id < 2**63 for id in typed):
        raise machine.UnknownRegisters(ids=sorted(typed))
    return typed, day, at


def _text(value) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return sent(value)[:LONGEST]


# ---- What is answered ------------------------------------------------------------------------------------------------


def _home(label: str, form: Form) -> dict:
    turn = form.entry.turn
    window = {"period": turn.name, "first": _day(turn.first), "last": _day(turn.last)} if turn else None
    shut = form.reason.why if form.reason else None
    rows = [_register(row, shut) for row in form.counters]
    return {"home": label, "today": _day(form.today), "window": window, "closed": shut, "meters": rows}


def _register(row: Counter, shut: str | None) -> dict:
    last = row.current or row.last
    return {
        "id": row.register_id,
        "medium": row.medium,
        "serial": row.serial,
        "place": row.place,
        "register": row.name or None,
        "unit": row.measure,
        "digits": row.digits,
        "decimals": row.decimals,
        "last": {"value": counter_value(last.value, row.decimals, "."), "day": _day(last.day)} if last else None,
        "closed": shut or (row.reason.why if row.reason else None),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _told(slip: Slip, typed: dict[int, Typed]) -> dict:
    receipt = session.get_one(Receipt, slip.receipt_id).number if slip.receipt_id else None
    held = set(slip.typed) if slip.state == "held" else set()
    rows = [{"id": id, "state": "held" if str(id) in held else "booked"} for id in typed]
    told = {"state": slip.state, "receipt": receipt, "readings": rows}
    return told | ({"why": slip.why, "message": _slip_words.held(slip)} if slip.state == "held" else {})


def _error(status: int, code: str, message: str, **more) -> Response:
    close()
    answer = jsonify(error=code, message=message, **more)
    answer.status_code = status
    return answer


@bp.errorhandler(machine.NoKey)
def no_key(_error_):
    close()
    if request.headers.get("Authorization"):
        with database().writing() as counting:
            limit.count_machine(counting, request.remote_addr or "")
    answer = _error(401, "no_key", _("There is no such key, or it was ended. Make a new one on the page of readings."))
    answer.headers["WWW-Authenticate"] = 'Bearer realm="readings"'
    return answer


@bp.errorhandler(machine.Ended)
def ended(_error_):
    return _error(403, "ended", _("The key’s owner may not enter readings of this home any more."))


@bp.errorhandler(Malformed)
def malformed(error):
    return _error(400, "malformed", error.what)


@bp.errorhandler(machine.UnknownRegisters)
def unknown(error):
    return _error(404, "unknown_register", _("The home has no such register, or they are of several homes."), ids=error.ids)


@bp.errorhandler(machine.Shut)
def shut(error):
    reasons = list(error.reasons.values())
    rows = [{"id": id, "why": reason.why} for id, reason in error.reasons.items()]
    return _error(409, "closed", " ".join(_verdicts.closed(reasons[0])), why=reasons[0].why, readings=rows)


@bp.errorhandler(machine.Refused)
def refused(error):
    rows = [_bad(one) for one in error.verdicts]
    return _error(422, "refused", rows[0]["message"], readings=rows)


def _bad(said: Verdict) -> dict:
    return {"id": said.counter.register_id, "why": said.why, "message": _verdicts.refused(said)}


@bp.errorhandler(machine.KeyReused)
def reused(_error_):
    return _error(422, "key_reused", _("This Idempotency-Key was used for other readings. Each sending needs one of its own."))


@bp.errorhandler(TooMany)
def too_many(error):
    answer = _error(429, "too_many", _messages.wait(error.retry_after))
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer
