"""corrections that move a part of a line to whoever holds the unit now"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("correction", sa.Column("moved", sa.String(8), nullable=True))
    op.add_column("correction", sa.Column("tenure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))


def downgrade() -> None:
    op.drop_column("correction", "tenure_id")
    op.drop_column("correction", "moved")
