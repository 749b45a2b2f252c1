"""Whether the machine under the portal is well: schema, space on disk, data folder."""

import os
import shutil

from . import schema
from .db import Database
from .settings import Settings

# Below this, photos and the write-ahead log may soon not fit.
LEAST_FREE = 200_000_000


def trouble(settings: Settings, db: Database) -> list[tuple[str, str]]:
    """(name, figures) of each thing that is wrong; empty when all is well."""
    found = []
    current, wanted = schema.state(db)
    if current != wanted:
        found.append(("schema", f"{current}, should be {wanted}"))
    if not settings.data_dir.is_dir() or not os.access(settings.data_dir, os.W_OK):
        return [*found, ("data_dir_not_writable", str(settings.data_dir))]
    free = shutil.disk_usage(settings.data_dir).free
    if free < LEAST_FREE:
        found.append(("disk_space", f"{free // 1_000_000} MB free, should be {LEAST_FREE // 1_000_000} MB"))
    return found
