"""readings that daily remote ones do not stand for are found by an index"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'

SPECIAL = "counts and (rolled_over or source <> 'remote')"


def upgrade() -> None:
    op.create_index('ix_reading_special', 'reading', ['register_id', 'day'], unique=False, sqlite_where=sa.text(SPECIAL), postgresql_where=sa.text(SPECIAL))


def downgrade() -> None:
    op.drop_index('ix_reading_special', 'reading')
