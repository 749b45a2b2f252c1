"""A resident's readings: typed, checked, confirmed, with a receipt; who in the house has submitted; the past years."""

from datetime import date
from pathlib import Path

from flask import Blueprint, abort, g, redirect, request, url_for
from sqlalchemy import select

from resident import access
from resident.homes import setting
from resident.metering import history as past
from resident.metering import house as neighbours
from resident.metering import photographing, submission, window
from resident.metering.meter import medium_order
from resident.metering.reading import Receipt
from resident.metering.submission import NothingToStore, Unanswered
from resident.money.period import BillingPeriod

from . import _counters, _entry_pages, _offline, _slips, _verdicts
from ._entry_pages import CHECK, ENTRY, Steps
from ._gate import resident
from ._locale import _, ngettext
from ._places import address
from ._security import takes_files
from ._web import close, commit, done, first_sending, from_htmx, one_or_404, page, reading, refused, remember, session, settings

bp = Blueprint("readings", __name__, url_prefix="/readings")


@bp.context_processor
def words():
    return {"counters": _counters, "verdicts": _verdicts}


@bp.get("")
@resident("readings")
def index():
    form = _form()
    return page(
        *ENTRY,
        **_entry_pages.entry(form, _steps(), request.args),
        kept=_offline.kept(form),
        held=_slips.waiting() if form.slips else [],
    )


@bp.post("/use")
@resident("readings")
def use():
    """The use beside one counter, while its digits are typed."""
    return page("readings/_use.html", **_entry_pages.beside(_form()))


@bp.get("/check")
@bp.get("/edit")
@resident("readings")
def anew():
    """Whoever loads the check page anew has sent nothing: back to the form."""
    return redirect(url_for(".index"), 303)


@bp.post("/edit")
@resident("readings")
@takes_files
def edit():
    """Back from the check page, with everything that was typed; photos are chosen anew."""
    return page(*ENTRY, **_entry_pages.entry(_form(), _steps(), request.form))


@bp.post("/check")
@resident("readings")
def check():
    form, day = _form(), _entry_pages.day()
    said = submission.check(form, _entry_pages.typed(), day) if day else []
    if _entry_pages.to_be_corrected(said, day):
        return _typed_again(form, said, day)
    return page(*CHECK, **_entry_pages.checked(form, _steps(), said, day))


@bp.post("")
@resident("readings")
@takes_files
def create():
    home, day, (photos, refusals) = g.viewer.home, _entry_pages.day(), _entry_pages.photos()
    if day is None:
        return _typed_again(_form(), (), day)
    if refusals:
        return _photos_again(day, refusals)
    if again := first_sending(g.viewer.login_id):
        return again
    partial, by = request.form.get("do") == "good", g.viewer.as_resident()
    try:
        sent = submission.submit(
            session, home.unit_id, home.organisation, _entry_pages.typed(), day, by=by, partial=partial, since=home.begins
        )
    except (Unanswered, NothingToStore) as told:
        return _unanswered(told.verdicts, day)
    photographing.keep(session, _folder(), sent.receipt, photos, by=by)
    left = _entry_pages.kept(sent.left)
    to = url_for(".receipt", id=sent.receipt.id, **left)
    remember(to)
    commit()
    return _received(sent.receipt, to, left)


@bp.get("/receipts/<int:id>")
@resident("readings")
def receipt(id):
    made = one_or_404(access.visible_receipts(g.viewer).where(Receipt.id == id))
    return page("readings/receipt.html", **_receipt(made, {name: request.args[name] for name in request.args if name[:1] in "ml"}))


@bp.post("/receipts/<int:id>/photos")
@resident("readings")
@takes_files
def add_photos(id):
    """Photos of counters that were not sent along with their readings."""
    photos, refusals = _entry_pages.photos()
    with reading() as looking:
        made = looking.scalar(access.visible_receipts(g.viewer).where(Receipt.id == id)) or abort(404)
    if refusals or not photos:
        errors = refusals or {"photos": _("Choose a photo first.")}
        return refused("readings/receipt.html", "readings/_receipt.html", **_receipt(made, {}) | {"errors": errors})
    if again := first_sending(g.viewer.login_id):
        return again
    home = next(home for home in g.viewer.homes if home.unit_id == made.unit_id)
    kept = photographing.keep(session, _folder(), made, photos, by=g.viewer.as_resident(home), later=True)
    to = url_for(".receipt", id=id)
    remember(to)
    commit()
    say = ngettext("%(n)d photo added.", "%(n)d photos added.", kept)
    return done("readings/_receipt.html", to=to, say=say, **_receipt(made, {}))


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
    lines = past.history(session, home.unit_id, year, medium=medium, since=home.begins, homes=[home])
    past.put_photos(session, lines)
    return page(
        "readings/history.html",
        "readings/_history.html",
        title=_("Readings by year"),
        media=sorted(media, key=medium_order),
        years=years,
        year=year,
        medium=medium,
        lines=lines,
        held=[] if from_htmx() else _slips.of_year(year),
    )


def _form() -> submission.Form:
    """The chosen home's form, read without the turn to write."""
    home = g.viewer.home
    with reading() as looking:
        return submission.form(looking, home.unit_id, home.organisation, since=home.begins)


def _unanswered(said, day: date):
    """The check page again when only answers are missing; the entry page when something cannot be taken."""
    close()
    form = _form()
    if any(one.kind == "question" for one in said):
        return refused(*CHECK, **_entry_pages.checked(form, _steps(), said, day, unanswered=True))
    return _typed_again(form, said, day)


def _photos_again(day: date, refusals: dict[str, str]):
    """The check page again, with everything typed and answered, and what is not right about the photos."""
    form = _form()
    said = submission.check(form, _entry_pages.typed(), day)
    facts = _entry_pages.checked(form, _steps(), said, day)
    return refused(*CHECK, **facts | {"errors": facts["errors"] | refusals})


def _folder() -> Path:
    return settings().files_dir


def _typed_again(form: submission.Form, said, day: date | None):
    """The entry page again, with everything typed and what is not right about it."""
    lacks = _entry_pages.missing(form, said, day)
    return refused(*ENTRY, **_entry_pages.entry(form, _steps(), request.form, said, lacks))


def _steps(home=None) -> Steps:
    """home: another than the chosen one."""
    home = home or g.viewer.home
    index, check, edit, use = (address(f"readings.{name}") for name in ("index", "check", "edit", "use"))
    return Steps(index, check, edit, index, home.label, home.organisation.tz, home.person_name, use=use)


def _received(made: Receipt, to: str, left):
    """The answer to a submission that is stored and committed."""
    say = _("Readings received. Receipt number: %(number)s", number=made.number)
    return done("readings/_receipt.html", to=to, say=say, **_receipt(made, left))


def _receipt(made: Receipt, left: dict[str, str]) -> dict:
    """What a receipt shows. left: fields typed and not stored."""
    form = _form()
    with reading() as looking:
        lines = past.put_photos(looking, past.of_receipt(looking, made.id, g.viewer.homes))
        period = looking.scalar(select(BillingPeriod.name).where(BillingPeriod.id == lines[0].period_id))
    shown = {line.meter_id for line in lines if line.photos}
    period_ids = {counter.period_id for counter in form.open} if made.unit_id == form.unit_id else ()
    return {
        "title": _("Readings received"),
        "receipt": made,
        "lines": lines,
        "period": period,
        "steps": _steps(next(home for home in g.viewer.homes if home.unit_id == made.unit_id)),
        "correctable": lines[0].period_id in period_ids,
        "left": left,
        "meters": _entry_pages.meters(line for line in lines if line.meter_id not in shown),
        "leaks": [line for line in lines if line.reason == "leak"],
    }
