"""files to print: of invoices beside periods, too; which paper is in which, and when they were posted"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("way = 'paper' and run_id is null")
_WHOSE = "(period_id is null) <> (organisation_id is null)"


def upgrade() -> None:
    with op.batch_alter_table("print_run") as table:
        table.alter_column("period_id", existing_type=_KEY, nullable=True)
        table.add_column(sa.Column("organisation_id", _KEY, nullable=True))
        table.add_column(sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(
            op.f("fk_print_run_organisation_id_organisation"), "organisation", ["organisation_id"], ["id"]
        )
        table.create_check_constraint(op.f("ck_print_run_whose"), _WHOSE)
        table.create_index(op.f("ix_print_run_organisation_id"), ["organisation_id"])
    with op.batch_alter_table("invoice_delivery") as table:
        table.add_column(sa.Column("run_id", _KEY, nullable=True))
        table.create_foreign_key(op.f("fk_invoice_delivery_run_id_print_run"), "print_run", ["run_id"], ["id"])
    _name_runs()
    op.create_index(
        "ix_invoice_delivery_waiting", "invoice_delivery", ["invoice_id"], sqlite_where=_WAITING, postgresql_where=_WAITING
    )


def _name_runs() -> None:
    """Papers that are in a file already say in which. Until now a drawn file counted as posted."""
    moment = sa.DateTime(timezone=True)
    run = sa.table(
        "print_run", sa.column("id", _KEY), sa.column("deliveries", sa.JSON), sa.column("ended_at", moment),
        sa.column("posted_at", moment),
    )  # fmt: skip
    delivery = sa.table("invoice_delivery", sa.column("id", _KEY), sa.column("run_id", _KEY))
    bind = op.get_bind()
    bind.execute(sa.update(run).values(posted_at=run.c.ended_at))
    for id, deliveries in bind.execute(sa.select(run.c.id, run.c.deliveries)).all():
        for begin in range(0, len(deliveries), 500):
            some = delivery.c.id.in_(deliveries[begin : begin + 500])
            bind.execute(sa.update(delivery).where(some).values(run_id=id))


def downgrade() -> None:
    op.drop_index("ix_invoice_delivery_waiting", "invoice_delivery")
    with op.batch_alter_table("invoice_delivery") as table:
        table.drop_constraint(op.f("fk_invoice_delivery_run_id_print_run"), type_="foreignkey")
        table.drop_column("run_id")
    # A file of invoices beside periods has no place before this.
    op.execute("delete from print_run where period_id is null")
    with op.batch_alter_table("print_run") as table:
        table.drop_index(op.f("ix_print_run_organisation_id"))
        table.drop_constraint(op.f("ck_print_run_whose"), type_="check")
        table.drop_constraint(op.f("fk_print_run_organisation_id_organisation"), type_="foreignkey")
        table.drop_column("posted_at")
        table.drop_column("organisation_id")
        table.alter_column("period_id", existing_type=_KEY, nullable=False)
