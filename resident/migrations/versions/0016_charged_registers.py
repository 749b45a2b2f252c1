"""which registers of its media a metered charge takes"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("charge_type", sa.Column("registers", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("charge_type", "registers")
