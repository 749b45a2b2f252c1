"""settlements of advances, and proofs of the money"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    key, moment = sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.DateTime(timezone=True)
    op.create_table(
        "settlement_run",
        sa.Column("id", key, nullable=False),
        sa.Column("building_id", key, nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("last", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("made_by", key, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.CheckConstraint("state in ('allocated', 'confirmed')", name=op.f("ck_settlement_run_state")),
        sa.CheckConstraint("last >= first", name=op.f("ck_settlement_run_months")),
        sa.ForeignKeyConstraint(["building_id"], ["building.id"], name=op.f("fk_settlement_run_building_id_building")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_settlement_run_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_run")),
    )
    op.create_index(op.f("ix_settlement_run_building_id_first"), "settlement_run", ["building_id", "first"])
    op.create_table(
        "settlement_part",
        sa.Column("id", key, nullable=False),
        sa.Column("run_id", key, nullable=False),
        sa.Column("tenure_id", key, nullable=True),
        sa.Column("account_kind", sa.String(length=10), nullable=False),
        sa.Column("unit_id", key, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("advances", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("months", sa.JSON(), nullable=False),
        sa.Column("invoice_id", key, nullable=True),
        sa.CheckConstraint("total = charged - advances", name=op.f("ck_settlement_part_total")),
        sa.ForeignKeyConstraint(["run_id"], ["settlement_run.id"], name=op.f("fk_settlement_part_run_id_settlement_run")),
        sa.ForeignKeyConstraint(["tenure_id"], ["tenure.id"], name=op.f("fk_settlement_part_tenure_id_tenure")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_settlement_part_unit_id_unit")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_settlement_part_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_part")),
    )
    op.create_index(op.f("ix_settlement_part_run_id_position"), "settlement_part", ["run_id", "position"])
    op.create_index(op.f("ix_settlement_part_invoice_id"), "settlement_part", ["invoice_id"])
    op.create_table(
        "money_proof",
        sa.Column("id", key, nullable=False),
        sa.Column("asked_by", key, nullable=True),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("begun_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_money_proof_asked_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_proof")),
    )


def downgrade() -> None:
    op.drop_table("money_proof")
    op.drop_table("settlement_part")
    op.drop_table("settlement_run")
