"""banking"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from resident.db import UTCTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table('bank_account',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=34), nullable=False),
    sa.Column('bic', sa.String(length=11), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.Column('trusts_payers', sa.Boolean(), nullable=False),
    sa.Column('pattern', sa.String(length=200), nullable=False),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_bank_account_days')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_bank_account_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_account')),
    sa.UniqueConstraint('organisation_id', 'number', name=op.f('uq_bank_account_organisation_id_number'))
    )
    op.create_table('bank_csv',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bank_account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['bank_account_id'], ['bank_account.id'], name=op.f('fk_bank_csv_bank_account_id_bank_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_bank_csv_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_csv')),
    sa.UniqueConstraint('organisation_id', 'slug', name=op.f('uq_bank_csv_organisation_id_slug'))
    )
    op.create_table('bank_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('csv_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('format', sa.String(length=10), nullable=False),
    sa.Column('stored', sa.String(length=80), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('why', sa.JSON(), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', UTCTime(timezone=True), nullable=False),
    sa.Column('begun_at', UTCTime(timezone=True), nullable=True),
    sa.Column('ended_at', UTCTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'running', 'done', 'refused', 'stopped')", name=op.f('ck_bank_file_state')),
    sa.ForeignKeyConstraint(['csv_id'], ['bank_csv.id'], name=op.f('fk_bank_file_csv_id_bank_csv')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_bank_file_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_bank_file_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_file'))
    )
    op.create_index(op.f('ix_bank_file_organisation_id_id'), 'bank_file', ['organisation_id', 'id'], unique=False)
    op.create_index(op.f('ix_bank_file_sha256'), 'bank_file', ['sha256'], unique=False)
    op.create_table('payer_account',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', UTCTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_payer_account_account_id_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_payer_account_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payer_account')),
    sa.UniqueConstraint('organisation_id', 'number', 'account_id', name=op.f('uq_payer_account_organisation_id_number_account_id'))
    )
    op.create_index(op.f('ix_payer_account_account_id'), 'payer_account', ['account_id'], unique=False)
    op.create_table('bank_credit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('bank_account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('value_day', sa.Date(), nullable=False),
    sa.Column('booked_day', sa.Date(), nullable=False),
    sa.Column('format', sa.String(length=10), nullable=False),
    sa.Column('own', sa.String(length=40), nullable=True),
    sa.Column('entry', sa.String(length=40), nullable=True),
    sa.Column('end_to_end', sa.String(length=40), nullable=True),
    sa.Column('print', sa.String(length=24), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('payer', sa.String(length=140), nullable=False),
    sa.Column('payer_account', sa.String(length=40), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('why', sa.String(length=10), nullable=True),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('how', sa.String(length=10), nullable=True),
    sa.Column('parts', sa.JSON(), nullable=True),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', UTCTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('credit', 'reversal', 'batch')", name=op.f('ck_bank_credit_kind')),
    sa.CheckConstraint("state in ('matched', 'booked', 'waiting', 'aside', 'told', 'reversed')", name=op.f('ck_bank_credit_state')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_bank_credit_account_id_account')),
    sa.ForeignKeyConstraint(['bank_account_id'], ['bank_account.id'], name=op.f('fk_bank_credit_bank_account_id_bank_account')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_bank_credit_decided_by_person')),
    sa.ForeignKeyConstraint(['file_id'], ['bank_file.id'], name=op.f('fk_bank_credit_file_id_bank_file')),
    sa.ForeignKeyConstraint(['reverses_id'], ['bank_credit.id'], name=op.f('fk_bank_credit_reverses_id_bank_credit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_credit')),
    sa.UniqueConstraint('file_id', 'place', name=op.f('uq_bank_credit_file_id_place'))
    )
    op.create_index('ix_bank_credit_account', 'bank_credit', ['account_id'], unique=False)
    op.create_index('ix_bank_credit_end', 'bank_credit', ['bank_account_id', 'end_to_end'], unique=False)
    op.create_index('ix_bank_credit_entry', 'bank_credit', ['bank_account_id', 'entry'], unique=False)
    op.create_index('ix_bank_credit_file', 'bank_credit', ['file_id', 'state', 'account_id', 'id'], unique=False)
    op.create_index('ix_bank_credit_own', 'bank_credit', ['bank_account_id', 'own'], unique=False)
    op.create_index('ix_bank_credit_print', 'bank_credit', ['bank_account_id', 'print'], unique=False)
    op.create_index('ix_bank_credit_waiting', 'bank_credit', ['bank_account_id', 'booked_day', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
    _accounts()


def _accounts() -> None:
    """What organisations told as the account of their payee is the first of their bank accounts."""
    organisation = sa.table("organisation", sa.column("id"), sa.column("country"), sa.column("currency"), sa.column("payee", sa.JSON))
    rows = []
    for id, country, currency, payee in op.get_bind().execute(sa.select(*organisation.c)).all():
        payee = payee or {}
        number = payee.get("iban") or payee.get("account") or ""
        number = "".join(sign for sign in number.upper() if sign.isalnum())
        number = f"PL{number}" if country == "PL" and len(number) == 26 else number
        if number:
            rows.append({
                "organisation_id": id, "number": number[:34], "bic": payee.get("bic", "")[:11], "name": payee.get("bank", "")[:80],
                "currency": currency, "first": date(2000, 1, 1), "trusts_payers": False, "pattern": "",
            })
    if rows:
        kept = ("organisation_id", "number", "bic", "name", "currency", "pattern")
        table = sa.table("bank_account", *map(sa.column, kept), sa.column("first", sa.Date), sa.column("trusts_payers", sa.Boolean))
        op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_index('ix_bank_credit_waiting', table_name='bank_credit', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index('ix_bank_credit_print', table_name='bank_credit')
    op.drop_index('ix_bank_credit_own', table_name='bank_credit')
    op.drop_index('ix_bank_credit_file', table_name='bank_credit')
    op.drop_index('ix_bank_credit_entry', table_name='bank_credit')
    op.drop_index('ix_bank_credit_end', table_name='bank_credit')
    op.drop_index('ix_bank_credit_account', table_name='bank_credit')
    op.drop_table('bank_credit')
    op.drop_index(op.f('ix_payer_account_account_id'), table_name='payer_account')
    op.drop_table('payer_account')
    op.drop_index(op.f('ix_bank_file_sha256'), table_name='bank_file')
    op.drop_index(op.f('ix_bank_file_organisation_id_id'), table_name='bank_file')
    op.drop_table('bank_file')
    op.drop_table('bank_csv')
    op.drop_table('bank_account')
