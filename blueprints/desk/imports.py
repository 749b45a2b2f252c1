"""The register workbook at the desk: template, trial run, import, and what came of each. The worker does the work."""

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, abort, g, request, send_file, url_for

from resident import access
from resident.exchange import guard, journal, workbook
from resident.exchange.register_import import RegisterImport

from .._gate import staff
from .._import_words import ImportWords
from .._locale import _, language
from .._security import takes_files
from .._typed import whole
from .._uploads import Sent, sent
from .._web import close, done, first_sending, one_or_404, page, refused, remember, session, settings
from . import _organisation

bp = Blueprint("desk_imports", __name__, url_prefix="/desk/imports")
ROWS = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for, beside the workbook."""

    duty: access.Duty
    trial: bool


def folder() -> Path:
    return journal.folder(settings().data_dir)


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
    asked = _asked()
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with sent("workbook", folder() / f"{secrets.token_hex(12)}.sent.xlsx") as file:
        trouble = _trouble(file.path)
        return _refused(trouble, asked) if trouble else _entered(asked, file)


@bp.get("/<int:id>")
@staff("import")
def show(id: int):
    run = one_or_404(access.visible_imports(g.viewer).where(RegisterImport.id == id))
    return page("desk/imports/import.html", part="desk/imports/_run.html", **_shown(run))


@bp.post("/<int:id>/apply")
@staff("import")
def apply(id: int):
    if again := first_sending(g.viewer.login_id):
        return again
    run = one_or_404(access.visible_imports(g.viewer).where(RegisterImport.id == id))
    to = url_for(".show", id=id)
    if not run.appliable(folder()):
        return refused("desk/imports/import.html", part="desk/imports/_run.html", status=409, **_shown(run))
    journal.apply(session, run, language(), by=g.viewer.as_staff(_duty(run.organisation_id)))
    remember(to)
    return done("desk/imports/_run.html", to=to, **_shown(run) | {"acted": True})


@bp.get("/<int:id>/workbook")
@staff("import")
def given_back(id: int):
    run = one_or_404(access.visible_imports(g.viewer).where(RegisterImport.id == id))
    path = run.file(folder()) or abort(404)
    return send_file(path.absolute(), XLSX, as_attachment=True, download_name=run.name, max_age=0)


# ---- The page --------------------------------------------------------------------------------------------------------


def _facts() -> dict:
    duties = access.whole_duties(g.viewer, "import")
    first = _organisation.of(duties).organisation
    listed = access.visible_imports(g.viewer)
    after = whole(request.args, "after")
    if after:
        listed = listed.where(RegisterImport.id < after)
    runs = session.scalars(listed.order_by(RegisterImport.id.desc()).limit(ROWS + 1)).all()
    return {
        "title": _("Import homes and people"),
        "organisations": {one.id: one for one in _organisation.each(duties)},
        "runs": runs[:ROWS],
        "older": runs[ROWS - 1].id if len(runs) > ROWS else None,
        "limit": guard.WEB.file,
        "typed": {"trial": True, "organisation": first.id},
    }


def _shown(run: RegisterImport) -> dict:
    words = ImportWords(language())
    return {
        "title": _("Trial run") if run.trial else _("Import"),
        "run": run,
        "organisation": _duty(run.organisation_id).organisation,
        "words": words,
        "file": run.file(folder()),
        "appliable": run.appliable(folder()),
        "acted": False,
        "why": words.refused(journal.WHY[run.why[0]](**run.why[1])) if run.why else None,
    }


def _duty(organisation_id: int) -> access.Duty:
    return _organisation.of(access.whole_duties(g.viewer, "import"), organisation_id)


# ---- What is sent ----------------------------------------------------------------------------------------------------


def _asked() -> Asked:
    """The form, for an organisation for which the viewer may import; 404 for any other."""
    duty = _duty(whole(request.form, "organisation") or abort(404))
    return Asked(duty, request.form.get("trial") != "0")


def _trouble(path: Path | None) -> str | None:
    """Why a workbook cannot be taken. It is judged before it is opened."""
    if path is None:
        return _("Choose the workbook that you want to import.")
    try:
        guard.check(path, guard.WEB)
    except guard.WorkbookRefused as error:
        return ImportWords(language()).refused(error)
    return None


def _refused(sentence: str, asked: Asked, status: int = 422):
    close()
    facts = _facts() | {
        "errors": {"workbook": sentence},
        "typed": {"trial": asked.trial, "organisation": asked.duty.organisation.id},
    }
    return refused("desk/imports/index.html", status=status, **facts)


def _entered(asked: Asked, file: Sent):
    """Enter it in the journal, and show the page on which one sees how far it is."""
    if again := first_sending(g.viewer.login_id):
        return again
    if journal.under_way(session, asked.duty.organisation.id) >= journal.MOST:
        return _refused(_("Several imports are waiting already. Send this one when one of them has ended."), asked, status=429)
    by = g.viewer.as_staff(asked.duty)
    run = journal.begin(session, file.path, file.name, language(), trial=asked.trial, by=by)
    to = url_for(".show", id=run.id)
    remember(to)
    answer = done(None, to=to)
    file.enters()
    return answer


def _opened(path: Path):
    from io import BytesIO

    return BytesIO(path.read_bytes())
