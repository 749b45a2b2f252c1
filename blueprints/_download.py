"""How a kept file is sent to a browser: named, sandboxed, and never cached by anything shared (S38, S39, rule 50)."""

from urllib.parse import quote

from flask import abort, request, send_file

from resident import files

from ._web import settings

# Nothing in a file runs, sends or reads; a browser's own viewer of images still shows it.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"


def disposition(name: str, download: bool) -> str:
    """One clean header: a plain name for old readers, the whole one after RFC 5987 (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"{'attachment' if download else 'inline'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def sent(kept, small: bool = False):
    """The bytes of a row (stored, name, sha256, type), or its thumbnail; 404 when they are gone."""
    path = files.path(settings().files_dir, kept, small)
    mark = kept.sha256[:32] + ("s" if small else "")
    try:
        answer = send_file(path, mimetype=kept.type, conditional=True, etag=mark, max_age=0)
    except OSError:
        abort(404)
    # Browsers show no PDF inside a sandbox: it is always saved.
    download = "download" in request.args or kept.stored.endswith(".pdf")
    answer.headers["Content-Disposition"] = disposition(kept.name, download)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
