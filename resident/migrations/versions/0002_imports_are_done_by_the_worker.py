"""imports are done by the worker"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
NEW = {
    "sent": sa.String(length=60),
    "language": sa.String(length=5),
    "progress": sa.JSON(),
    "why": sa.JSON(),
    "begun_at": sa.DateTime(timezone=True),
}


def upgrade() -> None:
    for name, type in NEW.items():
        op.add_column("register_import", sa.Column(name, type, nullable=True))
    # Those that ran inside a request ended with it.
    op.execute("UPDATE register_import SET state = 'stopped' WHERE state = 'running'")


def downgrade() -> None:
    for name in NEW:
        op.drop_column("register_import", name)
