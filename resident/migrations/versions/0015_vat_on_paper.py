"""what an invoice said on its day: the seller's VAT number, and why each line is charged"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("invoice", sa.Column("seller_vat", sa.String(20), nullable=True))
    op.add_column("invoice_line", sa.Column("note", sa.String(300), nullable=True))


def downgrade() -> None:
    op.drop_column("invoice_line", "note")
    op.drop_column("invoice", "seller_vat")
