"""Files that a form brings: opened before the write lock is taken, refused with a sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import g, request
from werkzeug.datastructures import FileStorage

from resident import files

from ._locale import _, fmt, ngettext
from ._typed import plain
from ._web import database, session, settings


def uploads(control: str = "files") -> tuple[list[files.Prepared], dict[str, str]]:
    """(files ready to be kept, errors about those that cannot be: {control: sentences} or none).

    To be called before `session` is touched. control: the id of the form's file control; its name is always "files".
    """
    prepared, sentences = _prepared([file for file in request.files.getlist("files") if file.filename])
    return prepared, {control: " ".join(sentences)} if sentences else {}


def photos(names: dict[str, int]) -> tuple[dict[int, files.Prepared], dict[str, str]]:
    """(photos ready to be kept, errors about those that cannot be: {id of the control: sentence}) of a form with a control
    for each thing. names: name of the control, which is its id too → id of the thing. To be called before `session` is touched.
    """
    sent = {name: request.files[name] for name in names if name in request.files and request.files[name].filename}
    found, errors = {}, {}
    if len(sent) > files.AT_ONCE:
        return {}, {next(iter(sent)): _refusal(files.FileRefused(name="", why="many"))}
    for name, file in sent.items():
        prepared, sentences = _prepared([file], kinds=("image",))
        if sentences:
            errors[name] = " ".join(sentences)
        else:
            found[names[name]] = prepared[0]
    return found, errors


def attach(prepared: list[files.Prepared], organisation_id: int, **to: int) -> None:
    """Keep what was sent along, with a message or a line of a case's history: message_id or event_id."""
    folder = settings().files_dir
    for file in prepared:
        files.keep(session, folder, file, organisation_id=organisation_id, login_id=g.viewer.login_id, **to)


def put(upload: FileStorage, path: Path) -> Path:
    """What was sent, as it is, where a worker finds it; the path. Nobody else on the machine can read it."""
    path.touch(mode=0o600)
    try:
        upload.save(path)
    except OSError:
        # What a full disk took of it is no use and takes room.
        path.unlink(missing_ok=True)
        raise
    return path


@dataclass(slots=True)
class Sent:
    """A form's file where it lies until it is read; path is None when nothing was chosen."""

    path: Path | None
    name: str = ""
    entered: bool = False

    def enters(self) -> None:
        """It is in a journal now and stays: the worker reads it and puts it away."""
        self.entered = True


@contextmanager
def sent(field: str, path: Path) -> Iterator[Sent]:
    """A form's file, laid by at path for as long as the request looks at it; it goes then, unless it enters a journal."""
    upload = request.files.get(field)
    found = Sent(put(upload, path), Path(plain(upload.filename)).name) if upload is not None and upload.filename else Sent(None)
    try:
        yield found
    finally:
        if found.path is not None and not found.entered:
            found.path.unlink(missing_ok=True)


def _prepared(sent: list, kinds: tuple[str, ...] = ("image", "pdf")) -> tuple[list[files.Prepared], list[str]]:
    if len(sent) > files.AT_ONCE:
        return [], [_refusal(files.FileRefused(name="", why="many"))]
    prepared, sentences = [], []
    for file in sent:
        try:
            prepared.append(files.prepare(file.filename, file.stream, kinds=kinds))
        except (files.FileTooLarge, files.FileRefused) as error:
            sentences.append(_told(error, kinds))
    if prepared and not sentences:
        with database().reading() as own:
            if files.room(own, g.viewer.login_id) < sum(len(file.data) for file in prepared):
                sentences.append(_refusal(files.FileRefused(name="", why="quota")))
    return prepared, sentences


def _told(error: files.FileTooLarge | files.FileRefused, kinds: tuple[str, ...]) -> str:
    """The sentence of a refusal, with the name of the file before it."""
    sentence = _too_large(error) if isinstance(error, files.FileTooLarge) else _refusal(error)
    if getattr(error, "why", "") == "kind" and kinds == ("image",):
        sentence = _("This is no photo. Send a photo (JPEG, PNG or WebP).")
    # Translators: name of a file, then a sentence about it.
    return _("%(file)s: %(sentence)s", file=error.name, sentence=sentence) if error.name else sentence


def _too_large(error: files.FileTooLarge) -> str:
    return _(
        "The file is %(size)s\u00a0MB. It must be %(limit)s\u00a0MB or smaller. Choose a smaller photo or split the document.",
        size=fmt().size(error.size),
        limit=fmt().size(error.limit),
    )


def _refusal(error: files.FileRefused) -> str:
    return {
        "empty": _("The file is empty. Choose it again."),
        "kind": _("This kind of file cannot be sent here. Send a photo (JPEG, PNG or WebP) or a PDF document."),
        "broken": _("The file is damaged and cannot be opened. Choose another photo, or save the document as PDF again."),
        "pixels": _("The photo has too many pixels. Make it smaller, or take it again with a lower resolution."),
        "locked": _("The document is locked with a password. Save it without one and choose it again."),
        "pages": _("The document is too long. Split it into shorter ones."),
        "heavy": _("The file takes too much work to open. Choose a simpler one."),
        "quota": _("There is no more room for your files. Send the message without them, or contact the office."),
        "many": ngettext(
            "You can add %(n)d file at a time. Send the rest afterwards.",
            "You can add at most %(n)d files at a time. Send the rest afterwards.",
            files.AT_ONCE,
        ),
    }[error.why]  # fmt: skip
