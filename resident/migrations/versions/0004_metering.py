"""metering"""

import sqlalchemy as sa
from alembic import op

from resident import guards

revision = '0004'
down_revision = '0003'

MEDIUM = "medium in ('cold_water', 'hot_water', 'heating', 'electricity', 'gas')"
OF_TWO = "(message_id is null) <> (event_id is null)"
OF_THREE = " + ".join(
    f"case when {name} is null then 0 else 1 end" for name in ("message_id", "event_id", "reading_id")
) + " = 1"
VIA = "via is null or via in ('page', 'link', 'offline', 'device', 'feed', 'paper')"


def upgrade() -> None:
    op.create_table('export_format',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=4), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind in ('csv','xlsx')", name=op.f('ck_export_format_kind')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_export_format_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export_format')),
    sa.UniqueConstraint('organisation_id', 'name', name=op.f('uq_export_format_organisation_id_name'))
    )
    op.create_table('feed',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_feed_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed')),
    sa.UniqueConstraint('organisation_id', 'slug', name=op.f('uq_feed_organisation_id_slug'))
    )
    op.create_table('medium',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('measure', sa.String(length=10), nullable=False),
    sa.Column('gap', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_medium_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_medium')),
    sa.UniqueConstraint('organisation_id', 'code', name=op.f('uq_medium_organisation_id_code'))
    )
    op.create_table('degree_days',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_degree_days_building_id_building')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_degree_days_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_degree_days')),
    sa.UniqueConstraint('organisation_id', 'building_id', 'month', name=op.f('uq_degree_days_organisation_id_building_id_month'))
    )
    op.create_table('feed_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('feed_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('stored', sa.String(length=80), nullable=True),
    sa.Column('failed', sa.String(length=80), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('why', sa.JSON(), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'running', 'done', 'refused', 'stopped')", name=op.f('ck_feed_run_state')),
    sa.ForeignKeyConstraint(['feed_id'], ['feed.id'], name=op.f('fk_feed_run_feed_id_feed')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_feed_run_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_run'))
    )
    with op.batch_alter_table('feed_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feed_run_feed_id_id'), ['feed_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_feed_run_feed_id_sha256'), ['feed_id', 'sha256'], unique=False)

    op.create_table('medium_price',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('medium', sa.String(length=20), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('price', sa.BigInteger(), nullable=False),
    sa.Column('monthly', sa.BigInteger(), nullable=False),
    sa.Column('about', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_medium_price_building_id_building')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_medium_price_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_medium_price'))
    )
    with op.batch_alter_table('medium_price', schema=None) as batch_op:
        batch_op.create_index('ix_medium_price_which', ['organisation_id', 'medium', 'first'], unique=False)

    op.create_table('device_key',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('party_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_device_key_login_id_login')),
    sa.ForeignKeyConstraint(['party_id'], ['party.id'], name=op.f('fk_device_key_party_id_party')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device_key')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_device_key_token_hash'))
    )
    with op.batch_alter_table('device_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_key_party_id'), ['party_id'], unique=False)

    op.create_table('reading_reminder',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('window_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('channel', sa.String(length=6), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reading_reminder_person_id_person')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_reading_reminder_unit_id_unit')),
    sa.ForeignKeyConstraint(['window_id'], ['reading_window.id'], name=op.f('fk_reading_reminder_window_id_reading_window')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading_reminder')),
    sa.UniqueConstraint('window_id', 'person_id', 'unit_id', 'kind', name=op.f('uq_reading_reminder_window_id_person_id_unit_id_kind'))
    )
    with op.batch_alter_table('reading_reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reading_reminder_unit_id'), ['unit_id'], unique=False)

    op.create_table('slip',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('device_key_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('via', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('why', sa.String(length=20), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('typed', sa.JSON(), nullable=False),
    sa.Column('typed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('receipt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_note', sa.String(length=300), nullable=True),
    sa.CheckConstraint("state in ('booked', 'held', 'settled', 'dismissed')", name=op.f('ck_slip_state')),
    sa.CheckConstraint("via in ('link', 'offline', 'device')", name=op.f('ck_slip_via')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_slip_decided_by_person')),
    sa.ForeignKeyConstraint(['device_key_id'], ['device_key.id'], name=op.f('fk_slip_device_key_id_device_key')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_slip_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['period_id'], ['billing_period.id'], name=op.f('fk_slip_period_id_billing_period')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_slip_person_id_person')),
    sa.ForeignKeyConstraint(['receipt_id'], ['receipt.id'], name=op.f('fk_slip_receipt_id_receipt')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_slip_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slip'))
    )
    with op.batch_alter_table('slip', schema=None) as batch_op:
        batch_op.create_index('ix_slip_held', ['organisation_id', 'id'], unique=False, sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'"))
        batch_op.create_index(batch_op.f('ix_slip_unit_id_id'), ['unit_id', 'id'], unique=False)
        batch_op.create_index('uq_slip_key', ['key'], unique=True)

    op.create_table('leak',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('register_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first_night', sa.Date(), nullable=False),
    sa.Column('last_night', sa.Date(), nullable=False),
    sa.Column('flow', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint('last_night >= first_night', name=op.f('ck_leak_nights')),
    sa.ForeignKeyConstraint(['register_id'], ['register.id'], name=op.f('fk_leak_register_id_register')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leak'))
    )
    with op.batch_alter_table('leak', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leak_register_id_ended_on'), ['register_id', 'ended_on'], unique=False)

    op.create_table('sample',
    sa.Column('register_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['register_id'], ['register.id'], name=op.f('fk_sample_register_id_register')),
    sa.PrimaryKeyConstraint('register_id', 'at', name=op.f('pk_sample')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_attachment_owner'), type_='check')
        batch_op.add_column(sa.Column('reading_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_attachment_reading_id'), ['reading_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_attachment_reading_id_reading'), 'reading', ['reading_id'], ['id'])
        batch_op.create_check_constraint(batch_op.f('ck_attachment_owner'), OF_THREE)

    with op.batch_alter_table('meter', schema=None) as batch_op:
        # An organisation adds media of its own: which there are is no constraint any more.
        batch_op.drop_constraint(batch_op.f('ck_meter_medium'), type_='check')
        batch_op.add_column(sa.Column('main_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('reminded_on', sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f('ix_meter_main_id'), ['main_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_meter_main_id_meter'), 'meter', ['main_id'], ['id'])

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('remind_readings', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('consumption_mail', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.add_column(sa.Column('via', sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column('typed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_reading_via'), VIA)

    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.alter_column('person_id',
               existing_type=sa.INTEGER(),
               nullable=True)

    with op.batch_alter_table('register', schema=None) as batch_op:
        batch_op.add_column(sa.Column('feed_key', sa.String(length=80), nullable=True))
        batch_op.create_index(batch_op.f('ix_register_feed_key'), ['feed_key'], unique=False)

    guards.put(op.get_bind())


def downgrade() -> None:
    guards.drop(op.get_bind())
    with op.batch_alter_table('register', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_register_feed_key'))
        batch_op.drop_column('feed_key')

    # Receipts of links that name nobody have no place there. Meters of an organisation's own media neither: with such a
    # meter the way down is refused by the check below.
    op.execute("UPDATE reading SET receipt_id = NULL WHERE receipt_id IN (SELECT id FROM receipt WHERE person_id IS NULL)")
    op.execute("DELETE FROM receipt WHERE person_id IS NULL")
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.alter_column('person_id',
               existing_type=sa.INTEGER(),
               nullable=False)

    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_reading_via'), type_='check')
        batch_op.drop_column('typed_at')
        batch_op.drop_column('via')

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('consumption_mail')
        batch_op.drop_column('remind_readings')

    with op.batch_alter_table('meter', schema=None) as batch_op:
        batch_op.create_check_constraint(batch_op.f('ck_meter_medium'), MEDIUM)
        batch_op.drop_constraint(batch_op.f('fk_meter_main_id_meter'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_meter_main_id'))
        batch_op.drop_column('reminded_on')
        batch_op.drop_column('main_id')

    op.execute("DELETE FROM attachment WHERE reading_id IS NOT NULL")
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_attachment_owner'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_attachment_reading_id_reading'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_attachment_reading_id'))
        batch_op.drop_column('reading_id')
        batch_op.create_check_constraint(batch_op.f('ck_attachment_owner'), OF_TWO)

    op.drop_table('sample')
    with op.batch_alter_table('leak', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_leak_register_id_ended_on'))

    op.drop_table('leak')
    with op.batch_alter_table('slip', schema=None) as batch_op:
        batch_op.drop_index('uq_slip_key')
        batch_op.drop_index(batch_op.f('ix_slip_unit_id_id'))
        batch_op.drop_index('ix_slip_held', sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'"))

    op.drop_table('slip')
    with op.batch_alter_table('reading_reminder', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reading_reminder_unit_id'))

    op.drop_table('reading_reminder')
    with op.batch_alter_table('device_key', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_device_key_party_id'))

    op.drop_table('device_key')
    with op.batch_alter_table('medium_price', schema=None) as batch_op:
        batch_op.drop_index('ix_medium_price_which')

    op.drop_table('medium_price')
    with op.batch_alter_table('feed_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feed_run_feed_id_sha256'))
        batch_op.drop_index(batch_op.f('ix_feed_run_feed_id_id'))

    op.drop_table('feed_run')
    op.drop_table('degree_days')
    op.drop_table('medium')
    op.drop_table('feed')
    op.drop_table('export_format')
    guards.put(op.get_bind())
