"""where a charge was invoiced, and payments of a sum, by indexes"""

from alembic import op

revision = "0014"
down_revision = "0013"

_INDEXES = (
    ("ix_invoice_line_charge_type_id", "invoice_line", ["charge_type_id"]),
    ("ix_draft_line_charge_type_id", "draft_line", ["charge_type_id"]),
    ("ix_bank_credit_amount", "bank_credit", ["bank_account_id", "amount", "booked_day"]),
)


def upgrade() -> None:
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)
