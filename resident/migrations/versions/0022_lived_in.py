"""corrections of a home that a line says nothing of: who lives there was not known when the month was billed"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("correction", sa.Column("unit_id", _KEY, nullable=True))


def downgrade() -> None:
    op.drop_column("correction", "unit_id")
