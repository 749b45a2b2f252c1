"""paying"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    key, moment = sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.DateTime(timezone=True)
    op.create_table(
        "payment_intent",
        sa.Column("id", key, nullable=False),
        sa.Column("creditor_id", key, nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("person_id", key, nullable=True),
        sa.Column("provider", sa.String(length=31), nullable=False),
        sa.Column("provider_ref", sa.String(length=120), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("trouble", sa.String(length=10), nullable=True),
        sa.Column("receipt", sa.String(length=20), nullable=True),
        sa.Column("entry_id", key, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.CheckConstraint("state in ('created', 'pending', 'paid', 'failed', 'expired')", name=op.f("ck_payment_intent_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_intent_amount")),
        sa.CheckConstraint("(state = 'paid') = (entry_id is not null)", name=op.f("ck_payment_intent_booked")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_payment_intent_creditor_id_organisation")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payment_intent_account_id_account")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payment_intent_person_id_person")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_payment_intent_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_intent")),
        sa.UniqueConstraint("token", name=op.f("uq_payment_intent_token")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_payment_intent_entry_id")),
        sa.UniqueConstraint("provider", "provider_ref", name=op.f("uq_payment_intent_provider_provider_ref")),
    )
    for columns in (["account_id", "id"], ["creditor_id", "id"], ["state", "asked_at"]):
        op.create_index(op.f(f"ix_payment_intent_{'_'.join(columns)}"), "payment_intent", columns)


def downgrade() -> None:
    op.drop_table("payment_intent")
