"""Alembic's entry: runs on the connection that resident.schema hands over."""

from alembic import context

from resident import tables
from resident.db import UTCTime

config = context.config


def render_item(kind, thing, _autogen):
    """Write our own column types as what they are in the database: a migration must not depend on today's classes."""
    if kind == "type" and isinstance(thing, UTCTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=config.attributes["connection"],
    target_metadata=tables.METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
