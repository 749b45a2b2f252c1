"""the first tables"""

import sqlalchemy as sa
from alembic import op

from resident import guards

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('job',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_waiting', ['run_at'], unique=False, sqlite_where=sa.text('done_at is null'), postgresql_where=sa.text('done_at is null'))

    op.create_table('login',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('name_key', sa.String(length=160), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=True),
    sa.Column('operator', sa.Boolean(), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login')),
    sa.UniqueConstraint('name_key', name=op.f('uq_login_name_key'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('legal_form', sa.String(length=20), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('tz', sa.String(length=40), nullable=False),
    sa.Column('languages', sa.String(length=60), nullable=False),
    sa.Column('registry_code', sa.String(length=30), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('emergency_phone', sa.String(length=40), nullable=True),
    sa.Column('email', sa.String(length=120), nullable=True),
    sa.Column('hours', sa.String(length=80), nullable=True),
    sa.Column('address', sa.String(length=200), nullable=True),
    sa.Column('payee', sa.JSON(), nullable=False),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.CheckConstraint("legal_form in ('rental', 'association', 'cooperative', 'manager', 'provider')", name=op.f('ck_organisation_legal_form')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('slug', name=op.f('uq_organisation_slug'))
    )
    op.create_table('sign_in_limit',
    sa.Column('bucket', sa.String(length=80), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('bucket', name=op.f('pk_sign_in_limit'))
    )
    op.create_table('building',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('address', sa.String(length=160), nullable=False),
    sa.Column('postcode', sa.String(length=12), nullable=True),
    sa.Column('city', sa.String(length=80), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_building_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_building')),
    sa.UniqueConstraint('organisation_id', 'code', name=op.f('uq_building_organisation_id_code'))
    )
    op.create_table('counter',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('next', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_counter_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter')),
    sa.UniqueConstraint('organisation_id', 'kind', 'year', name=op.f('uq_counter_organisation_id_kind_year'))
    )
    op.create_table('credential',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('secret', sa.String(length=300), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_credential_login_id_login')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('login_id', 'kind', name=op.f('uq_credential_login_id_kind'))
    )
    op.create_table('form_key',
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('result', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_form_key_login_id_login')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_form_key'))
    )
    op.create_table('organisation_setting',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_setting_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation_setting')),
    sa.UniqueConstraint('organisation_id', 'name', 'first', name=op.f('uq_organisation_setting_organisation_id_name_first'))
    )
    op.create_table('person',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('external_key', sa.String(length=60), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('search_key', sa.String(length=160), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('language', sa.String(length=5), nullable=True),
    sa.Column('invoice_language', sa.String(length=5), nullable=True),
    sa.Column('invoice_paper', sa.Boolean(), nullable=False),
    sa.Column('invoice_email', sa.Boolean(), nullable=False),
    sa.Column('notify_email', sa.Boolean(), nullable=False),
    sa.Column('non_disclosure', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind in ('natural','legal')", name=op.f('ck_person_kind')),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_person_login_id_login')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_person_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('organisation_id', 'external_key', name=op.f('uq_person_organisation_id_external_key')),
    sa.UniqueConstraint('organisation_id', 'login_id', name=op.f('uq_person_organisation_id_login_id'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_login_id'), ['login_id'], unique=False)
        batch_op.create_index('ix_person_search', ['organisation_id', 'search_key'], unique=False)

    op.create_table('series',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('creditor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('prefix', sa.String(length=10), nullable=False),
    sa.Column('next', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['creditor_id'], ['organisation.id'], name=op.f('fk_series_creditor_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series')),
    sa.UniqueConstraint('creditor_id', 'year', 'prefix', name=op.f('uq_series_creditor_id_year_prefix'))
    )
    op.create_table('tenure',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('external_key', sa.String(length=60), nullable=True),
    sa.Column('signed', sa.Date(), nullable=True),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("kind in ('ownership','lease')", name=op.f('ck_tenure_kind')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_tenure_days')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_tenure_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tenure')),
    sa.UniqueConstraint('organisation_id', 'external_key', name=op.f('uq_tenure_organisation_id_external_key'))
    )
    op.create_table('account',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('creditor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=True),
    sa.CheckConstraint("kind in ('running','fund','deposit')", name=op.f('ck_account_kind')),
    sa.CheckConstraint('(tenure_id is null) <> (building_id is null)', name=op.f('ck_account_holder')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_account_building_id_building')),
    sa.ForeignKeyConstraint(['creditor_id'], ['organisation.id'], name=op.f('fk_account_creditor_id_organisation')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_account_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('creditor_id', 'number', name=op.f('uq_account_creditor_id_number')),
    sa.UniqueConstraint('creditor_id', 'tenure_id', 'kind', name=op.f('uq_account_creditor_id_tenure_id_kind'))
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_tenure_id'), ['tenure_id'], unique=False)

    op.create_table('audit_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('act', sa.String(length=24), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('thing', sa.String(length=24), nullable=True),
    sa.Column('thing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.CheckConstraint("act in ('sign_in', 'sign_in_refused', 'sign_out', 'sessions_ended', 'password_changed', 'language_chosen', 'period_planned', 'window_opened', 'window_changed', 'readings_submitted', 'readings_entered', 'reading_accepted', 'reading_rejected', 'thread_opened', 'message_sent', 'thread_seen', 'case_opened', 'case_state', 'case_comment', 'case_assigned', 'case_seen', 'invoice_opened', 'file_opened', 'home_viewed', 'setting_changed', 'person_changed', 'entry_booked', 'entry_reversed', 'organisation_added', 'login_added', 'post_added', 'import_tried', 'import_applied', 'demo_loaded', 'ledger_rebuilt')", name=op.f('ck_audit_event_act')),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_audit_event_login_id_login')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_audit_event_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_audit_event_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index('ix_audit_event_organisation', ['organisation_id', 'id'], unique=False)
        batch_op.create_index('ix_audit_event_thing', ['thing', 'thing_id'], unique=False)

    op.create_table('billing_period',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=10), nullable=False),
    sa.Column('use_first', sa.Date(), nullable=False),
    sa.Column('use_last', sa.Date(), nullable=False),
    sa.Column('bill_first', sa.Date(), nullable=False),
    sa.Column('bill_last', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.CheckConstraint("state in ('planned', 'open', 'allocated', 'confirmed', 'closed')", name=op.f('ck_billing_period_state')),
    sa.CheckConstraint('use_last >= use_first and bill_last >= bill_first', name=op.f('ck_billing_period_days')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_billing_period_building_id_building')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_billing_period')),
    sa.UniqueConstraint('building_id', 'name', name=op.f('uq_billing_period_building_id_name'))
    )
    with op.batch_alter_table('billing_period', schema=None) as batch_op:
        batch_op.create_index('ix_billing_period_state', ['building_id', 'state'], unique=False)

    op.create_table('mandate',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('principal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('medium', sa.String(length=20), nullable=True),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("purpose in ('manage','maintain','supply')", name=op.f('ck_mandate_purpose')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_mandate_days')),
    sa.ForeignKeyConstraint(['agent_id'], ['organisation.id'], name=op.f('fk_mandate_agent_id_organisation')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_mandate_building_id_building')),
    sa.ForeignKeyConstraint(['principal_id'], ['organisation.id'], name=op.f('fk_mandate_principal_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate'))
    )
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mandate_agent_id'), ['agent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mandate_principal_id'), ['principal_id'], unique=False)

    op.create_table('party',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('rights', sa.JSON(), nullable=True),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("role in ('primary','co_owner','occupant')", name=op.f('ck_party_role')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_party_days')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_party_person_id_person')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_party_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_party')),
    sa.UniqueConstraint('tenure_id', 'person_id', 'role', 'first', name=op.f('uq_party_tenure_id_person_id_role_first'))
    )
    with op.batch_alter_table('party', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_party_person_id'), ['person_id'], unique=False)

    op.create_table('person_word',
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('word', sa.String(length=200).with_variant(sa.String(length=200, collation='C'), 'postgresql'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_person_word_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_word_person_id_person')),
    sa.PrimaryKeyConstraint('organisation_id', 'word', 'person_id', name=op.f('pk_person_word'))
    )
    with op.batch_alter_table('person_word', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_word_person_id_word'), ['person_id', 'word'], unique=False)

    op.create_table('post',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("role in ('office', 'manager', 'accountant', 'rent_control', 'caretaker', 'council', 'provider')", name=op.f('ck_post_role')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_post_days')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_post_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_post_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post'))
    )
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_post_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_post_person_id'), ['person_id'], unique=False)

    op.create_table('register_import',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('trial', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('sheets', sa.JSON(), nullable=False),
    sa.Column('stored', sa.String(length=60), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('running', 'tried', 'applied', 'refused', 'stopped')", name=op.f('ck_register_import_state')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_register_import_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_register_import_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_import'))
    )
    with op.batch_alter_table('register_import', schema=None) as batch_op:
        batch_op.create_index('ix_register_import_organisation', ['organisation_id', 'id'], unique=False)

    op.create_table('unit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('staircase', sa.String(length=20), nullable=True),
    sa.Column('floor', sa.Integer(), nullable=True),
    sa.Column('sort_key', sa.String(length=80), nullable=False),
    sa.Column('door', sa.String(length=20), nullable=False),
    sa.Column('first', sa.Date(), nullable=True),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("kind in ('home','business','parking','storage')", name=op.f('ck_unit_kind')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_unit_building_id_building')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit')),
    sa.UniqueConstraint('building_id', 'kind', 'number', name=op.f('uq_unit_building_id_kind_number'))
    )
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.create_index('ix_unit_door', ['building_id', 'door'], unique=False)
        batch_op.create_index('ix_unit_order', ['building_id', 'sort_key', 'id'], unique=False)

    op.create_table('account_total',
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('paid_through', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_total_account_id_account')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_account_total'))
    )
    op.create_table('balance',
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('opening', sa.BigInteger(), nullable=False),
    sa.Column('invoiced', sa.BigInteger(), nullable=False),
    sa.Column('received', sa.BigInteger(), nullable=False),
    sa.Column('interest', sa.BigInteger(), nullable=False),
    sa.Column('other', sa.BigInteger(), nullable=False),
    sa.Column('closing', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('closing = opening + invoiced + received + interest + other', name=op.f('ck_balance_sum')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_balance_account_id_account')),
    sa.PrimaryKeyConstraint('account_id', 'month', name=op.f('pk_balance'))
    )
    op.create_table('case_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('category', sa.String(length=12), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('entry', sa.String(length=4), nullable=False),
    sa.Column('when', sa.String(length=200), nullable=True),
    sa.Column('pets', sa.Boolean(), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('assignee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('waits_until', sa.Date(), nullable=True),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_event', sa.Integer(), nullable=False),
    sa.Column('last_event', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("category in ('water', 'heating', 'electricity', 'doors', 'appliance', 'lift', 'other')", name=op.f('ck_case_file_category')),
    sa.CheckConstraint("entry in ('yes','no','ask')", name=op.f('ck_case_file_entry')),
    sa.CheckConstraint("kind in ('fault')", name=op.f('ck_case_file_kind')),
    sa.CheckConstraint("state in ('new', 'received', 'in_progress', 'waiting', 'done', 'closed', 'rejected')", name=op.f('ck_case_file_state')),
    sa.ForeignKeyConstraint(['assignee_id'], ['person.id'], name=op.f('fk_case_file_assignee_id_person')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_case_file_building_id_building')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_case_file_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_case_file_person_id_person')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_case_file_tenure_id_tenure')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_case_file_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_file')),
    sa.UniqueConstraint('organisation_id', 'number', name=op.f('uq_case_file_organisation_id_number'))
    )
    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.create_index('ix_case_assignee', ['assignee_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_case_building', ['building_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_case_desk', ['organisation_id', 'state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_file_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('ix_case_reporter', ['person_id', 'id'], unique=False)
        batch_op.create_index('ix_case_tenure', ['tenure_id', 'id'], unique=False)

    op.create_table('entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('value_day', sa.Date(), nullable=False),
    sa.Column('booked_day', sa.Date(), nullable=False),
    sa.Column('cause', sa.String(length=120), nullable=False),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.String(length=200), nullable=True),
    sa.Column('booked_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('opening', 'invoice', 'payment', 'interest', 'fee', 'refund', 'write_off', 'transfer', 'correction')", name=op.f('ck_entry_kind')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_entry_account_id_account')),
    sa.ForeignKeyConstraint(['booked_by'], ['person.id'], name=op.f('fk_entry_booked_by_person')),
    sa.ForeignKeyConstraint(['reverses_id'], ['entry.id'], name=op.f('fk_entry_reverses_id_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry')),
    sa.UniqueConstraint('cause', name=op.f('uq_entry_cause')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_entry_reverses_id'))
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_account', ['account_id', 'value_day', 'id'], unique=False)

    op.create_table('holding',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_holding_days')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_holding_tenure_id_tenure')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_holding_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holding')),
    sa.UniqueConstraint('tenure_id', 'unit_id', 'first', name=op.f('uq_holding_tenure_id_unit_id_first'))
    )
    with op.batch_alter_table('holding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_holding_unit_id'), ['unit_id'], unique=False)

    op.create_table('invoice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('creditor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('series_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('foreign_number', sa.String(length=40), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('issued', sa.Date(), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('addressee', sa.JSON(), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=True),
    sa.Column('estimated', sa.Boolean(), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('period', 'separate', 'reading', 'settlement', 'correction')", name=op.f('ck_invoice_kind')),
    sa.CheckConstraint('(series_id is null) = (number is null)', name=op.f('ck_invoice_own_number')),
    sa.CheckConstraint('series_id is not null or foreign_number is not null', name=op.f('ck_invoice_some_number')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_invoice_account_id_account')),
    sa.ForeignKeyConstraint(['creditor_id'], ['organisation.id'], name=op.f('fk_invoice_creditor_id_organisation')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_invoice_series_id_series')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('series_id', 'number', name=op.f('uq_invoice_series_id_number'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_account', ['account_id', 'issued', 'id'], unique=False)
        batch_op.create_index('ix_invoice_creditor', ['creditor_id', 'issued', 'id'], unique=False)
        batch_op.create_index('ix_invoice_month', ['creditor_id', 'month', 'issued', 'id'], unique=False)
        batch_op.create_index('uq_invoice_foreign', ['creditor_id', 'foreign_number'], unique=True, sqlite_where=sa.text('foreign_number is not null'), postgresql_where=sa.text('foreign_number is not null'))

    op.create_table('login_session',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.String(length=45), nullable=True),
    sa.Column('agent', sa.String(length=120), nullable=True),
    sa.Column('party_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_login_session_login_id_login')),
    sa.ForeignKeyConstraint(['party_id'], ['party.id'], name=op.f('fk_login_session_party_id_party')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_login_session_token_hash'))
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_session_login_id'), ['login_id'], unique=False)

    op.create_table('meter',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('medium', sa.String(length=20), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('place', sa.String(length=60), nullable=True),
    sa.Column('measure', sa.String(length=10), nullable=False),
    sa.Column('coefficient', sa.BigInteger(), nullable=False),
    sa.Column('installed', sa.Date(), nullable=False),
    sa.Column('removed', sa.Date(), nullable=True),
    sa.Column('replaces_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('verified_until', sa.Date(), nullable=True),
    sa.Column('remote', sa.Boolean(), nullable=False),
    sa.CheckConstraint("medium in ('cold_water', 'hot_water', 'heating', 'electricity', 'gas')", name=op.f('ck_meter_medium')),
    sa.CheckConstraint('(unit_id is null) <> (building_id is null)', name=op.f('ck_meter_place')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_meter_building_id_building')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_meter_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['replaces_id'], ['meter.id'], name=op.f('fk_meter_replaces_id_meter')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_meter_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meter'))
    )
    with op.batch_alter_table('meter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meter_building_id'), ['building_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_meter_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('uq_meter_live', ['organisation_id', 'medium', 'serial'], unique=True, sqlite_where=sa.text('removed is null'), postgresql_where=sa.text('removed is null'))

    op.create_table('post_building',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_post_building_building_id_building')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_building_post_id_post')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post_building')),
    sa.UniqueConstraint('post_id', 'building_id', name=op.f('uq_post_building_post_id_building_id'))
    )
    op.create_table('reading_window',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('opened_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.CheckConstraint('last >= first', name=op.f('ck_reading_window_days')),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id'], name=op.f('fk_reading_window_opened_by_person')),
    sa.ForeignKeyConstraint(['period_id'], ['billing_period.id'], name=op.f('fk_reading_window_period_id_billing_period')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading_window')),
    sa.UniqueConstraint('period_id', name=op.f('uq_reading_window_period_id'))
    )
    op.create_table('receipt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_receipt_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['period_id'], ['billing_period.id'], name=op.f('fk_receipt_period_id_billing_period')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_receipt_person_id_person')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_receipt_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt'))
    )
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipt_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('uq_receipt_number', ['organisation_id', 'number'], unique=True)

    op.create_table('reference',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('creditor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scheme', sa.String(length=10), nullable=False),
    sa.Column('value', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_reference_account_id_account')),
    sa.ForeignKeyConstraint(['creditor_id'], ['organisation.id'], name=op.f('fk_reference_creditor_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reference')),
    sa.UniqueConstraint('creditor_id', 'scheme', 'value', name=op.f('uq_reference_creditor_id_scheme_value'))
    )
    with op.batch_alter_table('reference', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reference_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reference_creditor_id_value'), ['creditor_id', 'value'], unique=False)

    op.create_table('thread',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('addressee', sa.String(length=20), nullable=False),
    sa.Column('provider_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_id', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_by_staff', sa.Boolean(), nullable=False),
    sa.Column('seen_by_resident', sa.Integer(), nullable=False),
    sa.Column('seen_by_staff', sa.Integer(), nullable=False),
    sa.Column('seen_by_staff_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("addressee in ('customer_service', 'property_manager', 'rent_control', 'council', 'provider')", name=op.f('ck_thread_addressee')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_thread_building_id_building')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_thread_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_thread_person_id_person')),
    sa.ForeignKeyConstraint(['provider_id'], ['organisation.id'], name=op.f('fk_thread_provider_id_organisation')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_thread_tenure_id_tenure')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_thread_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread')),
    sa.UniqueConstraint('organisation_id', 'number', name=op.f('uq_thread_organisation_id_number'))
    )
    with op.batch_alter_table('thread', schema=None) as batch_op:
        batch_op.create_index('ix_thread_building', ['building_id', 'last_id'], unique=False)
        batch_op.create_index('ix_thread_desk', ['organisation_id', 'addressee', 'last_id'], unique=False)
        batch_op.create_index('ix_thread_person', ['person_id', 'last_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_thread_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('ix_thread_waiting', ['organisation_id', 'addressee', 'last_id', 'last_at'], unique=False, sqlite_where=sa.text('last_by_staff = 0'), postgresql_where=sa.text('not last_by_staff'))

    op.create_table('unit_fact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_unit_fact_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_fact')),
    sa.UniqueConstraint('unit_id', 'kind', 'first', name=op.f('uq_unit_fact_unit_id_kind_first'))
    )
    op.create_table('case_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('by_staff', sa.Boolean(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('state','comment','internal','assigned')", name=op.f('ck_case_event_kind')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_case_event_case_id_case_file')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_case_event_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_event'))
    )
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.create_index('ix_case_event_case', ['case_id', 'id'], unique=False)

    op.create_table('invoice_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=160), nullable=False),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('measure', sa.String(length=12), nullable=True),
    sa.Column('unit_price', sa.BigInteger(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('vat_rate', sa.Integer(), nullable=True),
    sa.Column('estimated', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_invoice_line_invoice_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice_line')),
    sa.UniqueConstraint('invoice_id', 'position', name=op.f('uq_invoice_line_invoice_id_position'))
    )
    op.create_table('item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invoice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('effective_due', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_item_account_id_account')),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_item_entry_id_entry')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_item_invoice_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_item_entry_id'))
    )
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index('ix_item_account', ['account_id', 'due'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_invoice_id'), ['invoice_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('thread_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('by_staff', sa.Boolean(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_message_person_id_person')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_message_thread_id_thread')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_thread', ['thread_id', 'id'], unique=False)

    op.create_table('register',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('meter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('digits', sa.Integer(), nullable=False),
    sa.Column('decimals', sa.Integer(), nullable=False),
    sa.Column('initial', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('decimals between 0 and 6', name=op.f('ck_register_decimals')),
    sa.CheckConstraint('digits between 1 and 12', name=op.f('ck_register_digits')),
    sa.ForeignKeyConstraint(['meter_id'], ['meter.id'], name=op.f('fk_register_meter_id_meter')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register')),
    sa.UniqueConstraint('meter_id', 'name', name=op.f('uq_register_meter_id_name'))
    )
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=6), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('stored', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('image','pdf')", name=op.f('ck_attachment_kind')),
    sa.CheckConstraint('(message_id is null) <> (event_id is null)', name=op.f('ck_attachment_owner')),
    sa.ForeignKeyConstraint(['event_id'], ['case_event.id'], name=op.f('fk_attachment_event_id_case_event')),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_attachment_login_id_login')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_attachment_message_id_message')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_attachment_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('stored', name=op.f('uq_attachment_stored'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_event_id'), ['event_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_login_id'), ['login_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_message_id'), ['message_id'], unique=False)

    op.create_table('open_item',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_open_item_account_id_account')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_open_item_item_id_item')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_open_item'))
    )
    with op.batch_alter_table('open_item', schema=None) as batch_op:
        batch_op.create_index('ix_open_item_account', ['account_id', 'due'], unique=False)

    op.create_table('reading',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('register_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('counts', sa.Boolean(), nullable=False),
    sa.Column('rolled_over', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('supersedes_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('receipt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_note', sa.String(length=300), nullable=True),
    sa.CheckConstraint("source in ('resident', 'council', 'office', 'provider', 'import', 'remote', 'estimate')", name=op.f('ck_reading_source')),
    sa.CheckConstraint("state = 'accepted' or not counts", name=op.f('ck_reading_counts')),
    sa.CheckConstraint("state in ('accepted', 'pending', 'rejected')", name=op.f('ck_reading_state')),
    sa.CheckConstraint('value >= 0', name=op.f('ck_reading_value')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_reading_decided_by_person')),
    sa.ForeignKeyConstraint(['period_id'], ['billing_period.id'], name=op.f('fk_reading_period_id_billing_period')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reading_person_id_person')),
    sa.ForeignKeyConstraint(['receipt_id'], ['receipt.id'], name=op.f('fk_reading_receipt_id_receipt')),
    sa.ForeignKeyConstraint(['register_id'], ['register.id'], name=op.f('fk_reading_register_id_register')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['reading.id'], name=op.f('fk_reading_supersedes_id_reading')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading'))
    )
    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.create_index('ix_reading_history', ['register_id', 'day', 'id'], unique=False)
        batch_op.create_index('ix_reading_pending', ['id'], unique=False, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.create_index(batch_op.f('ix_reading_period_id_register_id'), ['period_id', 'register_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reading_receipt_id'), ['receipt_id'], unique=False)
        batch_op.create_index('uq_reading_day', ['register_id', 'day'], unique=True, sqlite_where=sa.text('counts'), postgresql_where=sa.text('counts'))
        batch_op.create_index('uq_reading_period', ['register_id', 'period_id'], unique=True, sqlite_where=sa.text('counts and period_id is not null'), postgresql_where=sa.text('counts and period_id is not null'))

    op.create_table('settlement',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_settlement_entry_id_entry')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_settlement_item_id_item')),
    sa.ForeignKeyConstraint(['reverses_id'], ['settlement.id'], name=op.f('fk_settlement_reverses_id_settlement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_settlement_reverses_id'))
    )
    with op.batch_alter_table('settlement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_settlement_entry_id'), ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_settlement_item_id'), ['item_id'], unique=False)

    guards.put(op.get_bind())


def downgrade() -> None:
    guards.drop(op.get_bind())
    with op.batch_alter_table('settlement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_settlement_item_id'))
        batch_op.drop_index(batch_op.f('ix_settlement_entry_id'))

    op.drop_table('settlement')
    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.drop_index('uq_reading_period', sqlite_where=sa.text('counts and period_id is not null'), postgresql_where=sa.text('counts and period_id is not null'))
        batch_op.drop_index('uq_reading_day', sqlite_where=sa.text('counts'), postgresql_where=sa.text('counts'))
        batch_op.drop_index(batch_op.f('ix_reading_receipt_id'))
        batch_op.drop_index(batch_op.f('ix_reading_period_id_register_id'))
        batch_op.drop_index('ix_reading_pending', sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.drop_index('ix_reading_history')

    op.drop_table('reading')
    with op.batch_alter_table('open_item', schema=None) as batch_op:
        batch_op.drop_index('ix_open_item_account')

    op.drop_table('open_item')
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_message_id'))
        batch_op.drop_index(batch_op.f('ix_attachment_login_id'))
        batch_op.drop_index(batch_op.f('ix_attachment_event_id'))

    op.drop_table('attachment')
    op.drop_table('register')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_thread')

    op.drop_table('message')
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_invoice_id'))
        batch_op.drop_index('ix_item_account')

    op.drop_table('item')
    op.drop_table('invoice_line')
    with op.batch_alter_table('case_event', schema=None) as batch_op:
        batch_op.drop_index('ix_case_event_case')

    op.drop_table('case_event')
    op.drop_table('unit_fact')
    with op.batch_alter_table('thread', schema=None) as batch_op:
        batch_op.drop_index('ix_thread_waiting', sqlite_where=sa.text('last_by_staff = 0'), postgresql_where=sa.text('not last_by_staff'))
        batch_op.drop_index(batch_op.f('ix_thread_unit_id'))
        batch_op.drop_index('ix_thread_person')
        batch_op.drop_index('ix_thread_desk')
        batch_op.drop_index('ix_thread_building')

    op.drop_table('thread')
    with op.batch_alter_table('reference', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reference_creditor_id_value'))
        batch_op.drop_index(batch_op.f('ix_reference_account_id'))

    op.drop_table('reference')
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.drop_index('uq_receipt_number')
        batch_op.drop_index(batch_op.f('ix_receipt_unit_id'))

    op.drop_table('receipt')
    op.drop_table('reading_window')
    op.drop_table('post_building')
    with op.batch_alter_table('meter', schema=None) as batch_op:
        batch_op.drop_index('uq_meter_live', sqlite_where=sa.text('removed is null'), postgresql_where=sa.text('removed is null'))
        batch_op.drop_index(batch_op.f('ix_meter_unit_id'))
        batch_op.drop_index(batch_op.f('ix_meter_building_id'))

    op.drop_table('meter')
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_session_login_id'))

    op.drop_table('login_session')
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index('uq_invoice_foreign', sqlite_where=sa.text('foreign_number is not null'), postgresql_where=sa.text('foreign_number is not null'))
        batch_op.drop_index('ix_invoice_month')
        batch_op.drop_index('ix_invoice_creditor')
        batch_op.drop_index('ix_invoice_account')

    op.drop_table('invoice')
    with op.batch_alter_table('holding', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_holding_unit_id'))

    op.drop_table('holding')
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_account')

    op.drop_table('entry')
    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.drop_index('ix_case_tenure')
        batch_op.drop_index('ix_case_reporter')
        batch_op.drop_index(batch_op.f('ix_case_file_unit_id'))
        batch_op.drop_index('ix_case_desk')
        batch_op.drop_index('ix_case_building')
        batch_op.drop_index('ix_case_assignee')

    op.drop_table('case_file')
    op.drop_table('balance')
    op.drop_table('account_total')
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.drop_index('ix_unit_order')
        batch_op.drop_index('ix_unit_door')

    op.drop_table('unit')
    with op.batch_alter_table('register_import', schema=None) as batch_op:
        batch_op.drop_index('ix_register_import_organisation')

    op.drop_table('register_import')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_post_person_id'))
        batch_op.drop_index(batch_op.f('ix_post_organisation_id'))

    op.drop_table('post')
    with op.batch_alter_table('person_word', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_person_word_person_id_word'))

    op.drop_table('person_word')
    with op.batch_alter_table('party', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_party_person_id'))

    op.drop_table('party')
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mandate_principal_id'))
        batch_op.drop_index(batch_op.f('ix_mandate_agent_id'))

    op.drop_table('mandate')
    with op.batch_alter_table('billing_period', schema=None) as batch_op:
        batch_op.drop_index('ix_billing_period_state')

    op.drop_table('billing_period')
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_event_thing')
        batch_op.drop_index('ix_audit_event_organisation')

    op.drop_table('audit_event')
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_tenure_id'))

    op.drop_table('account')
    op.drop_table('tenure')
    op.drop_table('series')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index('ix_person_search')
        batch_op.drop_index(batch_op.f('ix_person_login_id'))

    op.drop_table('person')
    op.drop_table('organisation_setting')
    op.drop_table('form_key')
    op.drop_table('credential')
    op.drop_table('counter')
    op.drop_table('building')
    op.drop_table('sign_in_limit')
    op.drop_table('organisation')
    op.drop_table('login')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_waiting', sqlite_where=sa.text('done_at is null'), postgresql_where=sa.text('done_at is null'))

    op.drop_table('job')
