"""Readings typed where there is no line (B17): the shell that a phone keeps, its service worker, and what it sends later.

Nothing here asks who is signed in. What arrives carries a pass (resident/metering/offline.py); no cookie is looked at, so
another site gains nothing by making a browser send it.
"""

import json
from datetime import date, datetime

from flask import Blueprint, Response, abort, current_app, g, request, url_for

from resident import once, signed
from resident.errors import TooMany
from resident.metering import entry_link, offline
from resident.metering.reading import Receipt
from resident.metering.slip import Slip
from resident.metering.slipping import ASKS
from resident.metering.submission import Typed
from resident.people import limit

from . import _entry_pages, _messages, _offline, _slip_words
from ._days import instant, read
from ._gate import public
from ._locale import _, languages
from ._security import csrf, takes_unnamed
from ._typed import sent
from ._web import commit, session, settings

bp = Blueprint("offline", __name__)
bp.add_app_template_global(_offline.shell_address)
# Registers that one sending may bring.
MOST = 60


@bp.get("/offline/<string:code>")
@public
def shell(code):
    if code not in languages():
        abort(404)
    g.language = code
    return _offline.shell(code)


@bp.get("/offline/<string:code>/manifest")
@public
def manifest(code):
    """What a phone needs to put the portal on its home screen."""
    if code not in languages():
        abort(404)
    g.language = code
    static = current_app.extensions["resident.static"]
    icons = [{"src": static[f"icon-{size}.png"], "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)]
    masked = {"src": static["icon-masked.png"], "sizes": "512x512", "type": "image/png", "purpose": "maskable"}
    told = {"name": _("Resident portal"), "short_name": _("Home"), "lang": code, "start_url": "/readings", "scope": "/"}
    look = {"display": "minimal-ui", "background_color": "#ffffff", "theme_color": "#0b5563"}
    return Response(json.dumps({**told, **look, "id": "/", "icons": [*icons, masked]}), mimetype="application/manifest+json")


@bp.get("/sw.js")
@public
def worker():
    """The service worker, where its scope is the whole portal: a line that loads the file which pages have too."""
    static = current_app.extensions["resident.static"]
    return Response(f'importScripts("{static["offline.js"]}");\n', mimetype="text/javascript")


@bp.post("/offline/slips")
@public
@csrf.exempt
@takes_unnamed
def send():
    given = request.get_json(silent=True)
    try:
        key, ticket, day, typed, typed_at = _read(given)
    except (KeyError, TypeError, ValueError):
        return _refused(_("This could not be understood, so nothing was kept."), 400)
    try:
        return _by_pass(ticket, key, day, typed, typed_at)
    except offline.NoPass:
        return _refused(_("The portal no longer takes these readings from this phone. Sign in and send them there."), 403)
    except TooMany as error:
        return {"wait": _messages.wait(error.retry_after)}, 429


def _by_pass(ticket: str, key: str, *what):
    """What was sent with a pass of the page of readings, or with the link whose page it was typed on."""
    try:
        held = offline.read(_secret(), ticket)
    except offline.NoPass:
        return _by_link(ticket, key, *what)
    limit.take_slip(session, held.login_id)
    # What was confirmed on the page, and may have arrived with only its answer lost, bears the key of that page's form.
    form_key = once.claim(session, held.login_id, url_for("readings.create"), key)
    if isinstance(form_key, str) and offline.seen(session, held, key) is None:
        return {"state": "booked", "say": _("These readings had arrived already."), "link": form_key}
    told = _told(offline.arrive(session, held, key, *what))
    if not isinstance(form_key, str):
        form_key.result = told["link"]
    commit()
    return told


def _by_link(ticket: str, key: str, *what):
    try:
        link = entry_link.read(_secret(), ticket)
    except entry_link.Over:
        raise offline.NoPass(why="foreign") from None
    slip = offline.arrive_by_link(session, link, ticket, key, *what, request.remote_addr or "")
    told = _told(slip)
    back = url_for("entry.show", token=ticket)
    if told["state"] == "booked" and slip.receipt_id:
        receipt = signed.sign(_secret(), entry_link.RECEIPT, [slip.receipt_id])
        told["link"] = url_for("entry.receipt", token=ticket, receipt=receipt)
    elif told["state"] == "asks" and not link.blind:
        told["link"] = _slip_words.prefilled(slip, back)
    else:
        # Whoever holds paper is told nothing of what was before, not even that this is far from it (rule 43).
        told |= {"link": back} | ({"state": "held", "say": _slip_words.at_office()} if link.blind and slip.state == "held" else {})
    commit()
    return told


def _secret() -> str:
    return settings().secret_key


def _read(given: dict) -> tuple[str, str, date, dict[int, Typed], datetime]:
    """(key, pass, day, values, when they were typed). KeyError, TypeError or ValueError for anything else."""
    key, ticket, fields = given["key"], given["pass"], given["typed"]
    texts = [key, ticket, *fields.keys(), *fields.values()] if isinstance(fields, dict) else [None]
    if not all(isinstance(text, str) and len(text) <= 500 for text in texts):
        raise TypeError
    typed = _entry_pages.typed({name: sent(text) for name, text in fields.items()})
    typed = {id: said for id, said in typed.items() if said.black.strip() or said.red.strip()}
    typed_at = instant(given["typed_at"])
    if not key or not 0 < len(typed) <= MOST or typed_at is None:
        raise ValueError
    return key, ticket, read(given["day"]), typed, typed_at


def _told(slip: Slip) -> dict:
    """What the phone tells and where it leads; the receipt is the portal's word alone."""
    number = session.get_one(Receipt, slip.receipt_id).number if slip.receipt_id else None
    received = _("Readings received. Receipt number: %(number)s", number=number) if number else ""
    if slip.state == "held":
        state, said = "asks" if slip.why in ASKS else "held", f"{received} {_slip_words.held(slip)}".strip()
    elif slip.state == "dismissed":
        state, said = "held", slip.decided_note or _slip_words.why(slip.why)
    else:
        state, said = "booked", received
    return {"state": state, "say": said, "link": _link(slip, state)}


def _link(slip: Slip, state: str) -> str:
    """To the form with what is in question, to the receipt, or to the page that says what is held."""
    if state == "asks":
        return _slip_words.prefilled(slip)
    if state == "booked" and slip.receipt_id:
        return url_for("readings.receipt", id=slip.receipt_id)
    return url_for("readings.index")


def _refused(say: str, status: int):
    return {"state": "refused", "say": say}, status
