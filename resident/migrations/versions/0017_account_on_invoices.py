"""what invoices say of a bank account: its bank's name, and in Russia the bank's correspondent account"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("bank_account", sa.Column("bank", sa.String(80), server_default="", nullable=False))
    op.add_column("bank_account", sa.Column("corresp", sa.String(20), server_default="", nullable=False))
    organisation = sa.table("organisation", sa.column("id"), sa.column("payee", sa.JSON))
    account = sa.table("bank_account", *(sa.column(name) for name in ("organisation_id", "number", "bank", "corresp")))
    # Of the account that invoices tell already, both were said with it.
    for id, payee in op.get_bind().execute(sa.select(*organisation.c)).all():
        number = (payee or {}).get("iban") or (payee or {}).get("account")
        if number:
            told = account.c.number.in_((number, f"PL{number}")), account.c.organisation_id == id
            given = {"bank": payee.get("bank", "")[:80], "corresp": payee.get("corresp", "")[:20]}
            op.execute(account.update().where(*told).values(**given))


def downgrade() -> None:
    op.drop_column("bank_account", "corresp")
    op.drop_column("bank_account", "bank")
