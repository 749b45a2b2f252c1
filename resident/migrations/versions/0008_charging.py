"""charging: what is charged, costs, drafts, corrections, and what lines were made from"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('charge_type',
    sa.Column('id', KEY, nullable=False),
    sa.Column('organisation_id', KEY, nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('name', sa.JSON(), nullable=False),
    sa.Column('basis', sa.String(length=10), nullable=False),
    sa.Column('key', sa.String(length=12), nullable=False),
    sa.Column('media', sa.String(length=80), nullable=True),
    sa.Column('measure', sa.String(length=12), nullable=True),
    sa.Column('account_kind', sa.String(length=10), nullable=False),
    sa.Column('advance', sa.Boolean(), nullable=False),
    sa.Column('settles_id', KEY, nullable=True),
    sa.Column('billed', sa.String(length=10), nullable=False),
    sa.Column('unit_kinds', sa.String(length=40), nullable=False),
    sa.Column('payer', sa.String(length=10), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('note', sa.JSON(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("account_kind in ('running','fund')", name=op.f('ck_charge_type_account_kind')),
    sa.CheckConstraint("basis <> 'cost' or key <> 'fixed'", name=op.f('ck_charge_type_divided')),
    sa.CheckConstraint("basis in ('tariff', 'cost', 'amount')", name=op.f('ck_charge_type_basis')),
    sa.CheckConstraint("billed in ('period', 'settlement', 'separate')", name=op.f('ck_charge_type_billed')),
    sa.CheckConstraint("key in ('equal', 'area', 'heated_area', 'share', 'occupants', 'weights', 'meter', 'fixed')", name=op.f('ck_charge_type_key')),
    sa.CheckConstraint("payer in ('owner', 'tenant')", name=op.f('ck_charge_type_payer')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_charge_type_days')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_charge_type_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['settles_id'], ['charge_type.id'], name=op.f('fk_charge_type_settles_id_charge_type')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charge_type')),
    sa.UniqueConstraint('organisation_id', 'code', name=op.f('uq_charge_type_organisation_id_code'))
    )
    op.create_table('membership',
    sa.Column('id', KEY, nullable=False),
    sa.Column('tenure_id', KEY, nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('member', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_membership_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership')),
    sa.UniqueConstraint('tenure_id', 'first', name=op.f('uq_membership_tenure_id_first'))
    )
    op.create_table('tariff',
    sa.Column('id', KEY, nullable=False),
    sa.Column('charge_type_id', KEY, nullable=False),
    sa.Column('building_id', KEY, nullable=True),
    sa.Column('membership', sa.String(length=10), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("membership in ('all', 'member', 'non_member')", name=op.f('ck_tariff_membership')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_tariff_building_id_building')),
    sa.ForeignKeyConstraint(['charge_type_id'], ['charge_type.id'], name=op.f('fk_tariff_charge_type_id_charge_type')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tariff'))
    )
    op.create_index('ix_tariff_which', 'tariff', ['charge_type_id', 'first'], unique=False)
    op.create_table('tenure_amount',
    sa.Column('id', KEY, nullable=False),
    sa.Column('tenure_id', KEY, nullable=False),
    sa.Column('charge_type_id', KEY, nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('announced', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['charge_type_id'], ['charge_type.id'], name=op.f('fk_tenure_amount_charge_type_id_charge_type')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_tenure_amount_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenure_amount')),
    sa.UniqueConstraint('tenure_id', 'charge_type_id', 'first', name=op.f('uq_tenure_amount_tenure_id_charge_type_id_first'))
    )
    op.create_index(op.f('ix_tenure_amount_charge_type_id'), 'tenure_amount', ['charge_type_id'], unique=False)
    op.create_table('vat_rate',
    sa.Column('id', KEY, nullable=False),
    sa.Column('charge_type_id', KEY, nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=True),
    sa.Column('net', sa.Boolean(), nullable=False),
    sa.CheckConstraint('rate is null or rate between 0 and 10000', name=op.f('ck_vat_rate_rate')),
    sa.ForeignKeyConstraint(['charge_type_id'], ['charge_type.id'], name=op.f('fk_vat_rate_charge_type_id_charge_type')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vat_rate')),
    sa.UniqueConstraint('charge_type_id', 'first', name=op.f('uq_vat_rate_charge_type_id_first'))
    )
    op.create_table('cost',
    sa.Column('id', KEY, nullable=False),
    sa.Column('period_id', KEY, nullable=False),
    sa.Column('charge_type_id', KEY, nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=True),
    sa.Column('document', sa.String(length=60), nullable=True),
    sa.Column('entered_by', KEY, nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['charge_type_id'], ['charge_type.id'], name=op.f('fk_cost_charge_type_id_charge_type')),
    sa.ForeignKeyConstraint(['entered_by'], ['person.id'], name=op.f('fk_cost_entered_by_person')),
    sa.ForeignKeyConstraint(['period_id'], ['billing_period.id'], name=op.f('fk_cost_period_id_billing_period')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cost'))
    )
    op.create_index(op.f('ix_cost_period_id_charge_type_id'), 'cost', ['period_id', 'charge_type_id'], unique=False)
    op.create_table('draft',
    sa.Column('id', KEY, nullable=False),
    sa.Column('period_id', KEY, nullable=False),
    sa.Column('tenure_id', KEY, nullable=True),
    sa.Column('account_kind', sa.String(length=10), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('unit_id', KEY, nullable=True),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('estimated', sa.Boolean(), nullable=False),
    sa.CheckConstraint("account_kind in ('running','fund')", name=op.f('ck_draft_account_kind')),
    sa.ForeignKeyConstraint(['period_id'], ['billing_period.id'], name=op.f('fk_draft_period_id_billing_period')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_draft_tenure_id_tenure')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_draft_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    sa.UniqueConstraint('period_id', 'tenure_id', 'account_kind', name=op.f('uq_draft_period_id_tenure_id_account_kind'))
    )
    op.create_index(op.f('ix_draft_tenure_id'), 'draft', ['tenure_id'], unique=False)
    op.create_table('unit_weight',
    sa.Column('id', KEY, nullable=False),
    sa.Column('charge_type_id', KEY, nullable=False),
    sa.Column('unit_id', KEY, nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('value >= 0', name=op.f('ck_unit_weight_value')),
    sa.ForeignKeyConstraint(['charge_type_id'], ['charge_type.id'], name=op.f('fk_unit_weight_charge_type_id_charge_type')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_unit_weight_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_weight')),
    sa.UniqueConstraint('charge_type_id', 'unit_id', 'first', name=op.f('uq_unit_weight_charge_type_id_unit_id_first'))
    )
    op.create_index(op.f('ix_unit_weight_unit_id'), 'unit_weight', ['unit_id'], unique=False)
    op.create_table('draft_line',
    sa.Column('id', KEY, nullable=False),
    sa.Column('draft_id', KEY, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('measure', sa.String(length=12), nullable=True),
    sa.Column('unit_price', sa.BigInteger(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('vat_rate', sa.Integer(), nullable=True),
    sa.Column('estimated', sa.Boolean(), nullable=False),
    sa.Column('charge_type_id', KEY, nullable=True),
    sa.Column('unit_id', KEY, nullable=True),
    sa.Column('key', sa.String(length=12), nullable=True),
    sa.Column('first', sa.Date(), nullable=True),
    sa.Column('last', sa.Date(), nullable=True),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('weight', sa.BigInteger(), nullable=True),
    sa.Column('whole', sa.BigInteger(), nullable=True),
    sa.Column('cost', sa.BigInteger(), nullable=True),
    sa.Column('readings', sa.JSON(), nullable=True),
    sa.Column('vat_amount', sa.BigInteger(), nullable=True),
    sa.Column('vat_net', sa.Boolean(), nullable=True),
    sa.Column('correction_id', KEY, nullable=True),
    sa.Column('corrects_id', KEY, nullable=True),
    sa.ForeignKeyConstraint(['draft_id'], ['draft.id'], name=op.f('fk_draft_line_draft_id_draft')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_line')),
    sa.UniqueConstraint('draft_id', 'position', name=op.f('uq_draft_line_draft_id_position'))
    )
    op.create_table('invoice_delivery',
    sa.Column('id', KEY, nullable=False),
    sa.Column('invoice_id', KEY, nullable=False),
    sa.Column('person_id', KEY, nullable=True),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('copy', sa.Boolean(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("way in ('paper','email')", name=op.f('ck_invoice_delivery_way')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_invoice_delivery_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_invoice_delivery_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_delivery'))
    )
    op.create_index(op.f('ix_invoice_delivery_invoice_id'), 'invoice_delivery', ['invoice_id'], unique=False)
    op.create_table('correction',
    sa.Column('id', KEY, nullable=False),
    sa.Column('line_id', KEY, nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('vat_amount', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.String(length=160), nullable=False),
    sa.Column('readings', sa.JSON(), nullable=True),
    sa.Column('made_by', KEY, nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_correction_amount')),
    sa.ForeignKeyConstraint(['line_id'], ['invoice_line.id'], name=op.f('fk_correction_line_id_invoice_line')),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_correction_made_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    op.create_index(op.f('ix_correction_line_id'), 'correction', ['line_id'], unique=False)
    op.add_column('invoice', sa.Column('period_id', KEY, nullable=True))
    op.create_index(op.f('ix_invoice_period_id'), 'invoice', ['period_id'], unique=False)
    op.add_column('invoice_line', sa.Column('charge_type_id', KEY, nullable=True))
    op.add_column('invoice_line', sa.Column('unit_id', KEY, nullable=True))
    op.add_column('invoice_line', sa.Column('key', sa.String(length=12), nullable=True))
    op.add_column('invoice_line', sa.Column('first', sa.Date(), nullable=True))
    op.add_column('invoice_line', sa.Column('last', sa.Date(), nullable=True))
    op.add_column('invoice_line', sa.Column('days', sa.Integer(), nullable=True))
    op.add_column('invoice_line', sa.Column('weight', sa.BigInteger(), nullable=True))
    op.add_column('invoice_line', sa.Column('whole', sa.BigInteger(), nullable=True))
    op.add_column('invoice_line', sa.Column('cost', sa.BigInteger(), nullable=True))
    op.add_column('invoice_line', sa.Column('readings', sa.JSON(), nullable=True))
    op.add_column('invoice_line', sa.Column('vat_amount', sa.BigInteger(), nullable=True))
    op.add_column('invoice_line', sa.Column('vat_net', sa.Boolean(), nullable=True))
    op.add_column('invoice_line', sa.Column('correction_id', KEY, nullable=True))
    op.add_column('invoice_line', sa.Column('corrects_id', KEY, nullable=True))
    op.create_index('ix_invoice_line_correction', 'invoice_line', ['correction_id'], unique=False, sqlite_where=sa.text('correction_id is not null'), postgresql_where=sa.text('correction_id is not null'))
    op.add_column('organisation', sa.Column('vat_number', sa.String(length=20), nullable=True))
    op.add_column('person', sa.Column('vat_number', sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column('person', 'vat_number')
    op.drop_column('organisation', 'vat_number')
    op.drop_index('ix_invoice_line_correction', 'invoice_line', sqlite_where=sa.text('correction_id is not null'), postgresql_where=sa.text('correction_id is not null'))
    op.drop_column('invoice_line', 'corrects_id')
    op.drop_column('invoice_line', 'correction_id')
    op.drop_column('invoice_line', 'vat_net')
    op.drop_column('invoice_line', 'vat_amount')
    op.drop_column('invoice_line', 'readings')
    op.drop_column('invoice_line', 'cost')
    op.drop_column('invoice_line', 'whole')
    op.drop_column('invoice_line', 'weight')
    op.drop_column('invoice_line', 'days')
    op.drop_column('invoice_line', 'last')
    op.drop_column('invoice_line', 'first')
    op.drop_column('invoice_line', 'key')
    op.drop_column('invoice_line', 'unit_id')
    op.drop_column('invoice_line', 'charge_type_id')
    op.drop_index(op.f('ix_invoice_period_id'), 'invoice')
    op.drop_column('invoice', 'period_id')
    op.drop_index(op.f('ix_correction_line_id'), 'correction')
    op.drop_table('correction')
    op.drop_index(op.f('ix_invoice_delivery_invoice_id'), 'invoice_delivery')
    op.drop_table('invoice_delivery')
    op.drop_table('draft_line')
    op.drop_index(op.f('ix_unit_weight_unit_id'), 'unit_weight')
    op.drop_table('unit_weight')
    op.drop_index(op.f('ix_draft_tenure_id'), 'draft')
    op.drop_table('draft')
    op.drop_index(op.f('ix_cost_period_id_charge_type_id'), 'cost')
    op.drop_table('cost')
    op.drop_table('vat_rate')
    op.drop_index(op.f('ix_tenure_amount_charge_type_id'), 'tenure_amount')
    op.drop_table('tenure_amount')
    op.drop_index('ix_tariff_which', 'tariff')
    op.drop_table('tariff')
    op.drop_table('membership')
    op.drop_table('charge_type')
