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


def _hashed(path: Path, served: Path) -> str:
    """Copy a file under its hashed name beside a compressed one; its address."""
    content = path.read_bytes()
    folder = path.relative_to(FOLDER).parent
    name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:8]}{path.suffix}"
    target = served / folder / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_name(name + ".br").write_bytes(brotli.compress(content, quality=11))
        target.write_bytes(content)
    return "/static/" + (folder / name).as_posix()
