"""Static files: WhiteNoise, hashed addresses, compressed once (brotli 11, P8) when the portal starts.

The hash in the address is that of the content, so that a browser may keep the file for a year.
"""

import hashlib
import re
from functools import lru_cache, partial
from pathlib import Path

import brotli
from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

FOLDER = Path(__file__).parent.parent / "static"
HASHED = re.compile(r"\.[0-9a-f]{8}\.\w+$")
# A line of a script that holds nothing but a comment.
COMMENT = re.compile(rb"^[ \t]*//.*\n", re.MULTILINE)
KINDS = (".css", ".js", ".svg", ".ico", ".png", ".webmanifest")


class _Files(WhiteNoise):
    def immutable_file_test(self, path, url):
        return bool(HASHED.search(url))


def wire(app: Flask) -> None:
    names = {}
    served = Path(app.extensions["resident.settings"].data_dir) / "static"
    served.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and path.suffix in KINDS:
            names[path.relative_to(FOLDER).as_posix()] = _hashed(path, served)
    app.wsgi_app = _Files(app.wsgi_app, root=str(served), prefix="static/", max_age=0, charset="utf-8")
    app.wsgi_app.add_headers_function = None
    app.extensions["resident.static"] = names
    app.jinja_env.globals.update(static=names.__getitem__, icon=lru_cache(maxsize=64)(partial(_icon, names["icons.svg"])))


def _icon(sprite: str, name: str) -> Markup:
    """An icon of the sprite; always beside a word."""
    return Markup('<svg class="i" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(sprite, name)


def content(path: Path) -> bytes:
    """What is served of a file: our own scripts without the lines of comment, which are for whoever reads the source."""
    text = path.read_bytes()
    return COMMENT.sub(b"", text) if path.suffix == ".js" and path.parent == FOLDER else text


def name(path: Path) -> str:
    """The file's name with the hash of what is served."""
    return f"{path.stem}.{hashlib.sha256(content(path)).hexdigest()[:8]}{path.suffix}"


def _hashed(path: Path, served: Path) -> str:
    """Copy a file under its hashed name beside a compressed one; its address."""
    folder = path.relative_to(FOLDER).parent
    target = served / folder / name(path)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_name(target.name + ".br").write_bytes(brotli.compress(content(path), quality=11))
        target.write_bytes(content(path))
    return "/static/" + (folder / target.name).as_posix()
