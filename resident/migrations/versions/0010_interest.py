"""interest"""

import sqlalchemy as sa
from alembic import op

from resident import guards

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str) -> tuple:
    return sa.Column("id", KEY, nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    _rates()
    _ledger()
    _debtors()
    with op.batch_alter_table("account_total") as batch_op:
        batch_op.add_column(sa.Column("last_entry", KEY, nullable=True))
        batch_op.add_column(sa.Column("last_day", sa.Date(), nullable=True))
    guards.put(op.get_bind())


def _rates() -> None:
    op.create_table(
        "interest_rate",
        *_key("interest_rate"),
        sa.Column("organisation_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind in ('rate', 'cap')", name=op.f("ck_interest_rate_kind")),
        sa.CheckConstraint("rate is not null or kind = 'cap'", name=op.f("ck_interest_rate_some_rate")),
        _to("interest_rate", "organisation_id", "organisation"),
        sa.UniqueConstraint("organisation_id", "kind", "first", name=op.f("uq_interest_rate_organisation_id_kind_first")),
    )
    op.create_table(
        "holder_rate",
        *_key("holder_rate"),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _to("holder_rate", "account_id", "account"),
        sa.UniqueConstraint("account_id", "first", name=op.f("uq_holder_rate_account_id_first")),
    )


def _ledger() -> None:
    op.create_table(
        "entry_wish",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        _to("entry_wish", "entry_id", "entry"),
        _to("entry_wish", "item_id", "item"),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_entry_wish")),
    )
    op.create_table(
        "interest_posting",
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("segments", sa.JSON(), nullable=False),
        _to("interest_posting", "entry_id", "entry"),
        _to("interest_posting", "item_id", "item"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_interest_posting")),
    )
    op.create_index(op.f("ix_interest_posting_item_id_through"), "interest_posting", ["item_id", "through"])


def _debtors() -> None:
    op.create_table(
        "collection_mark",
        *_key("collection_mark"),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("last is null or last >= first", name=op.f("ck_collection_mark_days")),
        _to("collection_mark", "account_id", "account"),
    )
    op.create_index(op.f("ix_collection_mark_account_id_first"), "collection_mark", ["account_id", "first"])
    op.create_table(
        "payment_reminder",
        *_key("payment_reminder"),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _to("payment_reminder", "item_id", "item"),
        _to("payment_reminder", "person_id", "person"),
        sa.UniqueConstraint("item_id", "person_id", "kind", name=op.f("uq_payment_reminder_item_id_person_id_kind")),
    )
    op.create_table(
        "demand",
        *_key("demand"),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee_entry_id", KEY, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("written_by", KEY, nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _to("demand", "account_id", "account"),
        _to("demand", "fee_entry_id", "entry"),
        _to("demand", "written_by", "person"),
    )
    op.create_index(op.f("ix_demand_account_id_day"), "demand", ["account_id", "day"])


def downgrade() -> None:
    with op.batch_alter_table("account_total") as batch_op:
        batch_op.drop_column("last_day")
        batch_op.drop_column("last_entry")
    for table in ("demand", "payment_reminder", "collection_mark", "interest_posting", "entry_wish", "holder_rate", "interest_rate"):
        op.drop_table(table)
