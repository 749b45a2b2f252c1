"""A resident's readings: typed, checked, confirmed, with a receipt; who in the house has submitted; the past years."""

import re
from datetime import date

from flask import Blueprint, abort, g, redirect, request, url_for
from sqlalchemy import select

from resident import access
from resident.homes import setting
from resident.metering import history as past
from resident.metering import house as neighbours
from resident.metering import submission, window
from resident.metering.meter import MEDIA
from resident.metering.reading import Receipt
from resident.metering.submission import NothingToStore, Typed, Unanswered
from resident.money.period import BillingPeriod

from . import _counters, _verdicts
from ._drum import drums
from ._gate import resident
from ._locale import _
from ._web import close, commit, done, first_sending, one_or_404, page, reading, refused, remember, session

bp = Blueprint("readings", __name__, url_prefix="/readings")
FIELD = re.compile(r"m[0-9]{1,12}")
ENTRY, CHECK = ("readings/index.html", "readings/_entry.html"), ("readings/check.html", "readings/_check.html")


@bp.context_processor
def words():
    return {"counters": _counters, "verdicts": _verdicts}


@bp.get("")
@resident("readings")
def index():
    return page(*ENTRY, **_entry(_form(), request.args))


@bp.get("/check")
@bp.get("/edit")
@resident("readings")
def anew():
    """Whoever loads the check page anew has sent nothing: back to the form."""
    return redirect(url_for(".index"), 303)


@bp.post("/edit")
@resident("readings")
def edit():
    """Back from the check page, with everything that was typed."""
    return page(*ENTRY, **_entry(_form(), request.form))


@bp.post("/check")
@resident("readings")
def check():
    form, day = _form(), _day()
    said = submission.check(form, _typed(), day) if day else []
    bad = [one for one in said if one.kind == "refused"]
    if not said or len(bad) == len(said) or (bad and "partly" not in request.form):
        return refused(*ENTRY, **_entry(form, request.form, said, _missing(form, said, day)))
    return page(*CHECK, **_checked(form, said, day))


@bp.post("")
@resident("readings")
def create():
    home, day = g.viewer.home, _day()
    if day is None:
        form = _form()
        return refused(*ENTRY, **_entry(form, request.form, (), _missing(form, (), day)))
    if again := first_sending(g.viewer.login_id):
        return again
    partial = request.form.get("do") == "good"
    try:
        sent = submission.submit(
            session, home.unit_id, home.organisation, _typed(), day, by=g.viewer.as_resident(), partial=partial, since=home.begins
        )
    except (Unanswered, NothingToStore) as told:
        return _unanswered(told.verdicts, day)
    to = url_for(".receipt", id=sent.receipt.id, **_kept(sent.left))
    remember(to)
    commit()
    return _received(sent.receipt, to, _kept(sent.left))


@bp.get("/receipts/<int:id>")
@resident("readings")
def receipt(id):
    made = one_or_404(access.visible_receipts(g.viewer).where(Receipt.id == id))
    return page("readings/receipt.html", **_receipt(made, {name: request.args[name] for name in request.args if name[:1] in "ml"}))


@bp.get("/house")
@resident("readings")
def house():
    home = g.viewer.home
    if not setting.in_force(session, home.organisation.id, home.organisation.country, home.organisation.today)["house_list_open"]:
        abort(404)
    turn = window.present(window.turns(session, home.organisation.today, building_id=home.building_id), home.organisation.today)
    rows = neighbours.progress(session, turn.period_id) if turn else []
    return page("readings/house.html", title=_("Who has submitted readings"), turn=turn, rows=rows)


@bp.get("/history")
@resident("readings")
def history():
    home = g.viewer.home
    media, years = past.media(session, home.unit_id, since=home.begins)
    year = request.args.get("year", type=int)
    year = year if year in years else (years or [home.organisation.today.year])[0]
    medium = request.args.get("medium")
    medium = medium if medium in media else None
    lines = past.history(session, home.unit_id, year, medium=medium, since=home.begins, own=(home.person_id, home.actor_id))
    return page(
        "readings/history.html",
        "readings/_history.html",
        title=_("Readings by year"),
        media=[name for name in MEDIA if name in media],
        years=years,
        year=year,
        medium=medium,
        lines=lines,
    )


def _form() -> submission.Form:
    """The chosen home's form, read without the turn to write."""
    home = g.viewer.home
    with reading() as looking:
        return submission.form(looking, home.unit_id, home.organisation, since=home.begins)


def _typed() -> dict[int, Typed]:
    """By register id: m… is the black field or the whole value, l… the red one, why… the answer to a question."""
    given = request.form
    ids = (int(name[1:]) for name in given if FIELD.fullmatch(name))
    return {id: Typed(given[f"m{id}"][:60], given.get(f"l{id}", "")[:60], given.get(f"why{id}")) for id in ids}


def _day() -> date | None:
    """The day that was chosen; None when the field holds none."""
    text = request.form.get("day", "").strip()
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _missing(form: submission.Form, said, day: date | None) -> dict[str, str]:
    """What the form lacks as a whole: {id of the field: sentence}."""
    if day is None:
        return {"day": _("Choose the day on which you read the meters.")}
    if said or not form.open:
        return {}
    return {f"m{form.open[0].register_id}": _("Type at least one reading.")}


def _entry(form: submission.Form, given, said=(), missing: dict | None = None) -> dict:
    """What the entry page shows. given: what was typed; said: verdicts, of which the refused stand at their fields."""
    errors = dict(missing or {})
    errors |= {f"m{one.counter.register_id}": _verdicts.refused(one) for one in said if one.kind == "refused"}
    return {
        "title": _("Submit readings"),
        "form": form,
        "drums": drums(form),
        "home": g.viewer.home,
        "typed": given,
        "errors": errors,
        "good": sum(one.kind != "refused" for one in said) if errors else 0,
        "day": given.get("day") or form.day.isoformat(),
    }


def _checked(form: submission.Form, said, day: date, unanswered: bool = False) -> dict:
    ready = [one for one in said if one.kind != "refused"]
    return {
        "title": _("Check and confirm"),
        "form": form,
        "home": g.viewer.home,
        "ready": ready,
        "asked": [one for one in ready if one.choices],
        "bad": [one for one in said if one.kind == "refused"],
        "sure": sum(not one.choices for one in ready),
        "day": day,
        "errors": {_why(one): _verdicts.unanswered(one) for one in ready if one.kind == "question" and unanswered},
    }


def _why(said) -> str:
    return f"why{said.counter.register_id}"


def _unanswered(said, day: date):
    """The check page again when only answers are missing; the entry page when something cannot be taken."""
    close()
    form = _form()
    if any(one.kind == "question" for one in said):
        return refused(*CHECK, **_checked(form, said, day, unanswered=True))
    return refused(*ENTRY, **_entry(form, request.form, said, _missing(form, said, day)))


def _kept(left) -> dict[str, str]:
    """What was typed and not stored, for the address of the receipt and from there back to the form."""
    kept = {}
    for one in left:
        kept[f"m{one.counter.register_id}"] = one.typed.black
        if one.typed.red:
            kept[f"l{one.counter.register_id}"] = one.typed.red
    return kept


def _received(made: Receipt, to: str, left):
    """The answer to a submission that is stored and committed."""
    say = _("Readings received. Receipt number: %(number)s", number=made.number)
    return done("readings/_receipt.html", to=to, say=say, **_receipt(made, left))


def _receipt(made: Receipt, left: dict[str, str]) -> dict:
    """What a receipt shows. left: fields typed and not stored."""
    form = _form()
    with reading() as looking:
        lines = past.of_receipt(looking, made.id, own=[home.actor_id for home in g.viewer.homes])
        period = looking.scalar(select(BillingPeriod.name).where(BillingPeriod.id == lines[0].period_id))
    can_correct = made.unit_id == form.unit_id and form.open and not form.entry.late
    return {
        "title": _("Readings received"),
        "receipt": made,
        "lines": lines,
        "period": period,
        "home": next(home for home in g.viewer.homes if home.unit_id == made.unit_id),
        "until": form.entry.turn.last if can_correct else None,
        "left": left,
        "leaks": [line for line in lines if line.reason == "leak"],
    }
