"""entries by the day of booking: a month's file for an accounting program"""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_index("ix_entry_booked_day", "entry", ["booked_day"])


def downgrade() -> None:
    op.drop_index("ix_entry_booked_day", "entry")
