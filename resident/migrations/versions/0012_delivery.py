"""delivery"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    key, moment = sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.DateTime(timezone=True)
    op.add_column("person", sa.Column("invoice_attached", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("person", sa.Column("invoice_addresses", sa.String(length=400), nullable=True))
    op.create_table(
        "print_run",
        sa.Column("id", key, nullable=False),
        sa.Column("period_id", key, nullable=False),
        sa.Column("person_id", key, nullable=True),
        sa.Column("deliveries", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("stored", sa.String(length=40), nullable=False),
        sa.Column("ordered_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["period_id"], ["billing_period.id"], name=op.f("fk_print_run_period_id_billing_period")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_print_run_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
    )
    op.create_index(op.f("ix_print_run_period_id"), "print_run", ["period_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_print_run_period_id"), table_name="print_run")
    op.drop_table("print_run")
    op.drop_column("person", "invoice_addresses")
    op.drop_column("person", "invoice_attached")
