"""sums that payment services pay out: from which accounts, and which payments each covers"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    key, moment = sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.DateTime(timezone=True)
    op.create_table(
        "payout_account",
        sa.Column("id", key, nullable=False),
        sa.Column("organisation_id", key, nullable=False),
        sa.Column("provider", sa.String(31), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_payout_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_account")),
        sa.UniqueConstraint("organisation_id", "number", name=op.f("uq_payout_account_organisation_id_number")),
    )
    op.add_column("payment_intent", sa.Column("payout_id", key, nullable=True))
    op.create_index("ix_payment_intent_payout_id", "payment_intent", ["payout_id"])
    op.create_index(
        "ix_payment_intent_owed", "payment_intent", ["creditor_id", "provider", "ended_at"],
        sqlite_where=sa.text("state = 'paid'"), postgresql_where=sa.text("state = 'paid'"),
    )  # fmt: skip
    op.create_index(
        "ix_bank_credit_payout", "bank_credit", ["bank_account_id", "booked_day", "id"],
        sqlite_where=sa.text("why = 'payout'"), postgresql_where=sa.text("why = 'payout'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_bank_credit_payout", "bank_credit")
    op.drop_index("ix_payment_intent_owed", "payment_intent")
    op.drop_index("ix_payment_intent_payout_id", "payment_intent")
    op.drop_column("payment_intent", "payout_id")
    op.drop_table("payout_account")
