"""Providers that a setting lists as TOML, each in a table [[provider]] with an id of its own. A wrong value is refused by name."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .errors import BadSetting

One = TypeVar("One")


def refuse(setting: str, name: str, why: str):
    raise BadSetting(name=f"{setting} {name}", why=why)


def providers(
    setting: str, text: str, folder: Path, make: Callable[[str, dict], One], also: tuple[str, ...] = ()
) -> tuple[dict[str, One], dict]:
    """By id what make(id, values) makes of each table; and what the text says beside them, by the names of also. folder: where the
    files lie that it names. BadSetting(name, why)."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(name=setting, why=f"it is not TOML: {error}") from None
    tables = given.pop("provider", [])
    for name in given:
        if name not in also:
            refuse(setting, name, "there is no such setting")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        refuse(setting, "provider", "each provider begins with [[provider]]")
    found = {}
    for table in tables:
        id = table.pop("id", "")
        if not isinstance(id, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", id):
            refuse(setting, "provider.id", "each provider has an id of small letters, digits and hyphens")
        one = make(id, _with_files(setting, id, table, folder))
        if id in found:
            refuse(setting, f"{id}.id", "two providers have this id")
        found[id] = one
    return found, given


def _with_files(setting: str, id: str, table: dict, folder: Path) -> dict:
    """The values of a table; those given as <name>_file are read from there, a path may be relative to the folder."""
    found = {}
    for name, value in table.items():
        if name.endswith("_file"):
            try:
                name, value = name.removesuffix("_file"), (folder / str(value)).read_text().strip()
            except (OSError, UnicodeDecodeError, ValueError):
                refuse(setting, f"{id}.{name}", "the file cannot be read")
        found[name] = value
    return found
