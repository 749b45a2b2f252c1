"""Files that a form brings: opened before the write lock is taken, refused with a sentence each."""

from flask import g, request

from resident import files

from ._locale import _, fmt, ngettext
from ._web import database

# What the file control of a form offers to choose from.
ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"


def uploads(field: str = "files") -> tuple[list[files.Prepared], list[str]]:
    """(files ready to be kept, sentences about those that cannot be). To be called before `session` is touched."""
    sent = [file for file in request.files.getlist(field) if file.filename]
    if len(sent) > files.AT_ONCE:
        return [], [_refusal(files.FileRefused(name="", why="many"))]
    prepared, sentences = [], []
    for file in sent:
        try:
            prepared.append(files.prepare(file.filename, file.stream))
        except (files.FileTooLarge, files.FileRefused) as error:
            sentences.append(told(error))
    if prepared and not sentences:
        with database().reading() as session:
            if files.room(session, g.viewer.login_id) < sum(len(file.data) for file in prepared):
                sentences.append(_refusal(files.FileRefused(name="", why="quota")))
    return prepared, sentences


def told(error: files.FileTooLarge | files.FileRefused) -> str:
    """The sentence of a refusal, with the name of the file before it."""
    sentence = _too_large(error) if isinstance(error, files.FileTooLarge) else _refusal(error)
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
