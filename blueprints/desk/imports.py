"""The register workbook at the desk: template, trial run, import, and what came of each."""

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, abort, current_app, g, request, send_file, url_for

from resident import access
from resident.errors import Busy
from resident.exchange import guard, journal, workbook
from resident.exchange.register_import import RegisterImport

from .._gate import staff
from .._import_words import ImportWords
from .._locale import _, language
from .._messages import wait
from .._security import takes_files
from .._typed import whole
from .._web import close, commit, database, done, first_sending, one_or_404, page, refused, remember, require, session

bp = Blueprint("desk_imports", __name__, url_prefix="/desk/imports")
ROWS = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form holds."""

    duty: access.Duty
    trial: bool
    upload: object


def folder() -> Path:
    return current_app.extensions["resident.settings"].data_dir / "imports"


@bp.get("")
@staff("import")
def index():
    return page("desk/imports/index.html", **_facts())


@bp.get("/template")
@staff("import")
def template():
    words = ImportWords(language())
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "template.xlsx"
        workbook.template(path, words.language, words.explained, _("How to fill this in"), words.lead())
        return send_file(_opened(path), XLSX, as_attachment=True, download_name=_("register-template") + ".xlsx")


@bp.post("")
@staff("import")
@takes_files
def create():
    sent = _sent()
    path, sentence = _kept(sent.upload)
    if sentence:
        return _refused(sentence, sent)
    try:
        return _run(sent, path)
    finally:
        path.unlink(missing_ok=True)


@bp.get("/<int:id>")
@staff("import")
def show(id: int):
    run = one_or_404(access.visible_imports(g.viewer).where(RegisterImport.id == id))
    return page("desk/imports/import.html", **_shown(run))


@bp.get("/<int:id>/workbook")
@staff("import")
def given_back(id: int):
    run = one_or_404(access.visible_imports(g.viewer).where(RegisterImport.id == id))
    path = run.file(folder()) or abort(404)
    return send_file(path.absolute(), XLSX, as_attachment=True, download_name=run.name, max_age=0)


# ---- The page --------------------------------------------------------------------------------------------------------


def _facts() -> dict:
    duties = access.importing_duties(g.viewer)
    require(bool(duties))
    listed = access.visible_imports(g.viewer)
    after = whole(request.args, "after")
    if after:
        listed = listed.where(RegisterImport.id < after)
    runs = session.scalars(listed.order_by(RegisterImport.id.desc()).limit(ROWS + 1)).all()
    organisations = {duty.organisation.id: duty.organisation for duty in duties}
    return {
        "title": _("Import homes and people"),
        "organisations": organisations,
        "runs": runs[:ROWS],
        "older": runs[ROWS - 1].id if len(runs) > ROWS else None,
        "limit": guard.WEB.file,
        "errors": [],
        "typed": {"trial": True, "organisation": next(iter(organisations))},
    }


def _shown(run: RegisterImport) -> dict:
    organisation = next(
        duty.organisation for duty in access.importing_duties(g.viewer) if duty.organisation.id == run.organisation_id
    )
    return {
        "title": _("Trial run") if run.trial else _("Import"),
        "run": run,
        "organisation": organisation,
        "words": ImportWords(language()),
        "file": run.file(folder()),
        "again": run.shown_state == "running",
    }


# ---- What is sent ----------------------------------------------------------------------------------------------------


def _sent() -> Sent:
    """The form, for an organisation for which the viewer may import; 404 for any other."""
    wanted = whole(request.form, "organisation")
    duties = access.importing_duties(g.viewer)
    require(bool(duties))
    duty = next((duty for duty in duties if duty.organisation.id == wanted), None) or abort(404)
    return Sent(duty, request.form.get("trial") != "0", request.files.get("workbook"))


def _kept(upload) -> tuple[Path | None, str | None]:
    """(where the file was put, None), or (None, why it cannot be taken). It is judged before it is opened."""
    if upload is None or not upload.filename:
        return None, _("Choose the workbook that you want to import.")
    folder().mkdir(parents=True, exist_ok=True)
    journal.sweep(folder())
    path = folder() / f"{secrets.token_hex(12)}.sent.xlsx"
    try:
        upload.save(path)
    except OSError:
        # What a full disk took of it is no use and takes room.
        path.unlink(missing_ok=True)
        raise
    try:
        guard.check(path, guard.WEB)
    except guard.WorkbookRefused as error:
        path.unlink(missing_ok=True)
        return None, ImportWords(language()).refused(error)
    return path, None


def _refused(sentence: str, sent: Sent, status: int = 422):
    close()
    facts = _facts() | {
        "errors": [("workbook", sentence)],
        "typed": {"trial": sent.trial, "organisation": sent.duty.organisation.id},
    }
    return refused("desk/imports/index.html", status=status, **facts)


def _run(sent: Sent, path: Path):
    """Enter it in the journal, do it, show what came of it. Without the write lock until rows are written."""
    if again := first_sending(g.viewer.login_id):
        return again
    by = g.viewer.as_staff(sent.duty)
    run = journal.begin(session, sent.duty.organisation.id, Path(sent.upload.filename).name, trial=sent.trial, by=by)
    to = url_for(".show", id=run.id)
    remember(to)
    commit()
    work = journal.Work(path, folder(), guard.WEB, by, ImportWords(language()))
    try:
        journal.carry_out(database(), run.id, sent.trial, work)
    except journal.WHOLE as error:
        return _refused(work.words.refused(error), sent)
    except Busy as busy:
        return _refused(_("Another import is running.") + " " + wait(busy.retry_after), sent, status=429)
    return _answer(run.id, to)


def _answer(id: int, to: str):
    run = one_or_404(access.visible_imports(g.viewer).where(RegisterImport.id == id))
    if run.state == "refused":
        return refused("desk/imports/import.html", **_shown(run))
    close()
    return done(None, to=to)


def _opened(path: Path):
    from io import BytesIO

    return BytesIO(path.read_bytes())
