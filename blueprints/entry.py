"""Readings by a signed link (B2): this home, this window, nothing else, without signing in. GET changes nothing.

The address is the right: whoever is signed in is nobody here, and what a page may tell depends on the link alone. A form is
bound to its browser like every other (a cookie for nothing else), so no foreign page sends one (S28).
"""

from flask import Blueprint, abort, g, redirect, request, url_for
from sqlalchemy import select

from resident import signed
from resident.errors import TooMany
from resident.metering import entry_link, submission
from resident.metering import entry_sending as sending
from resident.metering import history as past
from resident.metering.entry_link import Opened, Over
from resident.metering.reading import Receipt
from resident.metering.submission import NothingToStore, Unanswered
from resident.money.period import BillingPeriod
from resident.people.token import digest

from . import _counters, _entry_pages, _messages, _offline, _verdicts
from ._entry_pages import Steps
from ._gate import public
from ._headers import later, private
from ._locale import COOKIE as LANGUAGE
from ._locale import _, languages
from ._security import takes_unnamed
from ._web import close, commit, done, from_htmx, page, reading, refused, session, settings

bp = Blueprint("entry", __name__, url_prefix="/e")
ENTRY, CHECK = ("entry/show.html", "readings/_entry.html"), ("entry/check.html", "readings/_check.html")


@bp.context_processor
def words():
    return {"counters": _counters, "verdicts": _verdicts, "here": g.get("organisation_here")}


@bp.before_request
def nobody():
    g.viewer = None


bp.after_request(private)


@bp.errorhandler(Over)
def over(_error):
    """One calm sentence, whatever is the matter with the link; htmx gets it in the form's place."""
    close()
    # htmx swaps no 404.
    status = 409 if from_htmx() and request.method == "POST" else 404
    return page("entry/over.html", "entry/_over.html", title=_("Submit readings"), held=False), status


@bp.get("/<string:token>")
@public
def show(token):
    found = _opened(token)
    form = _form(found)
    kept = _offline.kept_of_link(token, found.label, form)
    return page(*ENTRY, **_entry_pages.entry(form, _steps(token, found), request.args), kept=kept)


@bp.get("/<string:token>/check")
@bp.get("/<string:token>/edit")
@public
def anew(token):
    """Whoever loads the check page anew has sent nothing: back to the form."""
    return redirect(url_for(".show", token=token), 303)


@bp.post("/<string:token>/edit")
@public
@takes_unnamed
def edit(token):
    found = _opened(token)
    return page(*ENTRY, **_entry_pages.entry(_form(found), _steps(token, found), request.form))


@bp.post("/<string:token>/check")
@public
@takes_unnamed
def check(token):
    found, day = _opened(token), _entry_pages.day()
    form = _form(found)
    said = submission.check(form, _entry_pages.typed(), day) if day else []
    if _entry_pages.to_be_corrected(said, day):
        return _typed_again(token, found, form, said, day)
    return page(*CHECK, **_entry_pages.checked(form, _steps(token, found), said, day))


@bp.post("/<string:token>")
@public
@takes_unnamed
def send(token):
    link, day, once = entry_link.read(_key(), token), _entry_pages.day(), request.form.get("once") or abort(400)
    if day is None:
        found = _opened(token)
        return _typed_again(token, found, _form(found), (), day)
    whole = request.form.get("do") != "good"
    try:
        sent = sending.send(
            session, link, _entry_pages.typed(), day, digest(f"{token} {once}"), whole=whole, address=request.remote_addr or ""
        )
    except (Unanswered, NothingToStore) as told:
        return _unanswered(token, told.verdicts, day)
    except TooMany as error:
        return later(_too_many(token, error), error)
    commit()
    if sent.held:
        return page("entry/over.html", "entry/_over.html", title=_("Submit readings"), held=True)
    left = _entry_pages.kept(sent.left)
    to = url_for(".receipt", token=token, receipt=signed.sign(_key(), entry_link.RECEIPT, [sent.receipt.id]), **left)
    say = _("Readings received. Receipt number: %(number)s", number=sent.receipt.number)
    # What htmx gets now is on the receipt's page too.
    return done("readings/_receipt.html", to=to, say=say, **(_receipt(token, sent.receipt, left) if from_htmx() else {}))


@bp.get("/<string:token>/receipt/<string:receipt>")
@public
def receipt(token, receipt):
    """What was sent, for whoever sent it: the address is known to nobody else, so paper in other hands shows nothing of it."""
    link, facts = entry_link.read(_key(), token), signed.read(_key(), entry_link.RECEIPT, receipt)
    made = session.scalar(select(Receipt).where(Receipt.id == facts[0], Receipt.unit_id == link.unit_id)) if facts else None
    if made is None:
        abort(404)
    left = {name: request.args[name] for name in request.args if name[:1] in "ml"}
    return page("entry/receipt.html", **_receipt(token, made, left))


def _key() -> str:
    return settings().secret_key


def _opened(token: str) -> Opened:
    """What the link opens now, read without the turn to write; Over."""
    with reading() as looking:
        found = entry_link.opened(looking, entry_link.read(_key(), token))
    g.organisation_here = found.organisation
    chosen = request.args.get("lang") in languages() or request.cookies.get(LANGUAGE) in languages()
    if found.language in languages() and not chosen:
        g.language = found.language
    return found


def _form(found: Opened) -> submission.Form:
    with reading() as looking:
        return found.form(looking)


def _steps(token: str, found: Opened) -> Steps:
    here = url_for(".show", token=token)
    tz, blind = found.organisation.tz, found.link.blind
    return Steps(here, f"{here}/check", f"{here}/edit", here, found.label, tz, blind=blind, at_home=False)


def _typed_again(token: str, found: Opened, form: submission.Form, said, day):
    lacks = _entry_pages.missing(form, said, day)
    return refused(*ENTRY, **_entry_pages.entry(form, _steps(token, found), request.form, said, lacks))


def _unanswered(token: str, said, day):
    """The check page again when only answers are missing; the entry page when something cannot be taken."""
    close()
    found = _opened(token)
    form = _form(found)
    if any(one.kind == "question" for one in said):
        return refused(*CHECK, **_entry_pages.checked(form, _steps(token, found), said, day, unanswered=True))
    return _typed_again(token, found, form, said, day)


def _too_many(token: str, error: TooMany):
    """The entry page with everything typed, and when to try again."""
    close()
    found = _opened(token)
    form = _form(found)
    told = {f"m{form.open[0].register_id}" if form.open else "day": _("Too many tries.") + " " + _messages.wait(error.retry_after)}
    return refused(*ENTRY, 422 if from_htmx() else 429, **_entry_pages.entry(form, _steps(token, found), request.form, (), told))


def _receipt(token: str, made: Receipt, left: dict[str, str]) -> dict:
    with reading() as looking:
        found = entry_link.opened(looking, entry_link.read(_key(), token))
        form = found.form(looking)
        lines = past.of_receipt(looking, made.id)
        period = looking.scalar(select(BillingPeriod.name).where(BillingPeriod.id == lines[0].period_id))
    g.organisation_here = found.organisation
    return {
        "title": _("Readings received"),
        "receipt": made,
        "lines": lines,
        "period": period,
        "steps": _steps(token, found),
        "correctable": bool(form.open),
        "left": left,
        # Reporting a fault asks to sign in first.
        "leaks": [line for line in lines if line.reason == "leak" and not found.link.blind],
    }
