"""Readings out, for accountants and suppliers: a period's file, and the formats that it can have (R4)."""

import os
import tempfile
from pathlib import Path

from flask import Blueprint, Response, abort, g, request, send_file, stream_with_context, url_for
from sqlalchemy import select

from resident import access, audit
from resident.errors import Stale
from resident.exchange import export_format, reading_export
from resident.exchange.export_format import ExportFormat, Shape
from resident.homes.building import Building
from resident.homes.organisation import Organisation
from resident.metering.window import ReadingWindow
from resident.money.period import BillingPeriod

from .. import _download, _terms
from .._gate import staff
from .._locale import _, fmt
from .._typed import whole
from .._web import close, commit, database, done, first_sending, one_or_404, page, refused, remember, session
from . import _format, _organisation

bp = Blueprint("desk_exports", __name__, url_prefix="/desk/exports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORM = "desk/exports/format.html"
# Months that can be chosen.
MONTHS = 36


def _duty(ability: str) -> access.Duty:
    """The post in whose organisation the export is; unless one is asked for, of the first organisation with a building."""
    asked = whole(request.values, "organisation")
    if asked is None:
        first = access.visible_buildings(g.viewer, ability).with_only_columns(Building.organisation_id)
        asked = session.scalar(first.order_by(Building.organisation_id).limit(1))
    return _organisation.of(g.viewer.duties_for(ability), asked)


@bp.get("")
@staff("readings")
def index():
    return page("desk/exports/index.html", **_facts())


def _facts() -> dict:
    duty = _duty("readings")
    organisation = duty.organisation
    covered = access.visible_buildings(g.viewer, "readings").where(Building.organisation_id == organisation.id)
    buildings = session.execute(covered.with_only_columns(Building.id, Building.address).order_by(Building.code).limit(500)).all()
    months = select(BillingPeriod.name).where(BillingPeriod.building_id.in_(covered.with_only_columns(Building.id))).distinct()
    begun = months.where(BillingPeriod.use_first <= organisation.today)
    media = access.media(g.viewer, "readings", organisation.id, buildings[0].id if buildings else 0)
    # The newest one that has something to tell: readings of a period are sent from its window on.
    read = months.join(ReadingWindow, ReadingWindow.period_id == BillingPeriod.id).where(ReadingWindow.first <= organisation.today)
    return {
        "title": _("Export of readings"),
        "organisation": organisation,
        "others": _organisation.choice(g.viewer.duties_for("readings")),
        "buildings": buildings,
        "months": list(session.scalars(begun.order_by(BillingPeriod.name.desc()).limit(MONTHS))),
        "month": session.scalar(read.order_by(BillingPeriod.name.desc()).limit(1)),
        "media": {code: word for code, word in _terms.media(organisation.id).items() if media is None or code in media},
        "formats": export_format.of(session, organisation.id),
        "usual": {f"usual-{kind}": _format.usual(kind).name for kind in export_format.KINDS},
        "keeps": g.viewer.can("settings", organisation.id),
    }


@bp.post("/file")
@staff("readings")
def download():
    duty = _duty("readings")
    shape = _shape(duty.organisation.id)
    wanted = _wanted(duty)
    organisation = session.get_one(Organisation, duty.organisation.id)
    facts = {"period": wanted.period, "building": wanted.building_id, "medium": wanted.medium, "format": request.form.get("format")}
    by = g.viewer.as_staff(duty)
    audit.record(session, "readings_exported", by=by, organisation_id=organisation.id, thing=organisation, facts=facts)
    commit()
    name = f"{_('readings')}-{wanted.period}.{shape.kind}"
    return _xlsx(wanted, shape, name) if shape.kind == "xlsx" else _csv(wanted, shape, name)


def _wanted(duty) -> reading_export.Wanted:
    """What the form asks for; 404 for what is not the viewer's."""
    organisation, form = duty.organisation, request.form
    building_id, medium = whole(form, "building"), form.get("medium") or None
    visible = access.visible_buildings(g.viewer, "readings").where(Building.organisation_id == organisation.id)
    if building_id is not None:
        one_or_404(visible.where(Building.id == building_id))
    months = select(BillingPeriod.id).where(
        BillingPeriod.building_id.in_(visible.with_only_columns(Building.id)), BillingPeriod.name == form.get("period", "")
    )
    if session.scalar(months.limit(1)) is None:
        abort(404)
    named = access.may_see_contacts(g.viewer, organisation.id)
    covered = access.reach_meters(g.viewer, "readings")
    return reading_export.Wanted(form["period"], organisation.id, covered, building_id, medium, named)


def _shape(organisation_id: int) -> Shape:
    """One of the organisation's formats, or one that everybody has."""
    asked = request.form.get("format", "")
    if asked in ("usual-csv", "usual-xlsx"):
        return _format.usual(asked.removeprefix("usual-"))
    kept = select(ExportFormat).where(ExportFormat.organisation_id == organisation_id)
    return export_format.shape(one_or_404(kept.where(ExportFormat.id == whole(request.form, "format"))))


def _csv(wanted, shape: Shape, name: str) -> Response:
    """Piece by piece, from a session of its own that only reads."""
    words = _format.words()

    @stream_with_context
    def pieces():
        with database().reading() as looking:
            yield from reading_export.csv_parts(looking, wanted, shape, words)

    answer = Response(pieces(), mimetype="text/csv")
    answer.headers["Content-Type"] = f"text/csv; charset={shape.encoding.removesuffix('-sig')}"
    return _headed(answer, name)


def _xlsx(wanted, shape: Shape, name: str) -> Response:
    with tempfile.TemporaryDirectory() as folder, database().reading() as looking:
        path = Path(folder) / "readings.xlsx"
        reading_export.write_xlsx(looking, wanted, shape, _format.words(), path, fmt().month(wanted.period))
        # The open file outlives its name.
        return _headed(send_file(os.fdopen(os.open(path, os.O_RDONLY), "rb"), XLSX), name)


def _headed(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = _download.disposition(name, download=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# ---- Formats ---------------------------------------------------------------------------------------------------------


def _keeper() -> tuple:
    duty = _duty("settings")
    return duty, session.get_one(Organisation, duty.organisation.id)


def _one(id: int, organisation: Organisation) -> ExportFormat:
    return one_or_404(select(ExportFormat).where(ExportFormat.organisation_id == organisation.id, ExportFormat.id == id))


@bp.get("/formats/new")
@staff("settings")
def new():
    _duty_, organisation = _keeper()
    fields = _format.drawn(_format.usual("csv")) | {"name": ""}
    return page(FORM, **_form(organisation, None, fields))


@bp.post("/formats")
@staff("settings")
def create():
    if again := first_sending(g.viewer.login_id):
        return again
    duty, organisation = _keeper()
    shape, errors = _format.typed()
    if errors:
        return _refused(organisation, None, errors)
    try:
        export_format.add(session, organisation, shape, by=g.viewer.as_staff(duty))
    except export_format.BadFormat as error:
        return _refused(organisation, None, _format.told(error))
    to = url_for(".index", organisation=organisation.id)
    remember(to)
    return done(None, to=to, say=_("Format saved."))


@bp.get("/formats/<int:id>")
@staff("settings")
def show(id: int):
    _duty_, organisation = _keeper()
    row = _one(id, organisation)
    return page(FORM, **_form(organisation, row, _format.drawn(export_format.shape(row))))


@bp.post("/formats/<int:id>")
@staff("settings")
def change(id: int):
    duty, organisation = _keeper()
    row = _one(id, organisation)
    shape, errors = _format.typed()
    if errors:
        return _refused(organisation, row, errors)
    try:
        export_format.change(session, organisation, row, shape, request.form.get("seen", ""), by=g.viewer.as_staff(duty))
    except export_format.BadFormat as error:
        return _refused(organisation, row, _format.told(error))
    except Stale:
        return _refused(organisation, row, {"name": _stale()}, 409)
    return done(None, to=url_for(".index", organisation=organisation.id), say=_("Format saved."))


@bp.post("/formats/<int:id>/removal")
@staff("settings")
def remove(id: int):
    duty, organisation = _keeper()
    row = _one(id, organisation)
    try:
        export_format.remove(session, organisation, row, request.form.get("seen", ""), by=g.viewer.as_staff(duty))
    except Stale:
        return _refused(organisation, row, {"name": _stale()}, 409)
    return done(None, to=url_for(".index", organisation=organisation.id), say=_("Format removed."))


def _stale() -> str:
    return _("Somebody changed this format while you were writing. Save again to replace it.")


def _form(organisation: Organisation, row: ExportFormat | None, typed: dict) -> dict:
    return {
        "title": _("Change a format") if row else _("New format"),
        "organisation": organisation,
        "row": row,
        "seen": export_format.mark(row) if row else "",
        "typed": typed,
        "columns": _format.columns(),
        "choices": _format.choices(),
    }


def _refused(organisation: Organisation, row: ExportFormat | None, errors: dict, status: int = 422):
    """The form with all that was typed; after a stale edit with the mark of what holds now."""
    organisation_id, id = organisation.id, row and row.id
    close()
    organisation, row = session.get_one(Organisation, organisation_id), session.get(ExportFormat, id) if id else None
    facts = _form(organisation, row, request.form.to_dict()) | {"errors": errors}
    if status != 409:
        facts["seen"] = request.form.get("seen", "")
    return refused(FORM, status=status, **facts)
