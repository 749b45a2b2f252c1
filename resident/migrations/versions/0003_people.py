"""people"""

import sqlalchemy as sa
from alembic import op

from resident import guards

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    _open_list_of_acts()
    op.create_table('device',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('agent', sa.String(length=120), nullable=True),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_device_login_id_login')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('login_id', 'token_hash', name=op.f('uq_device_login_id_token_hash'))
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_token_hash'), ['token_hash'], unique=False)

    op.create_table('factor',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('secret', sa.String(length=300), nullable=True),
    sa.Column('last_step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('credential', sa.String(length=400), nullable=True),
    sa.Column('public_key', sa.LargeBinary(), nullable=True),
    sa.Column('sign_count', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('totp','passkey')", name=op.f('ck_factor_kind')),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_factor_login_id_login')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_factor')),
    sa.UniqueConstraint('credential', name=op.f('uq_factor_credential'))
    )
    with op.batch_alter_table('factor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_factor_login_id'), ['login_id'], unique=False)

    op.create_table('identity',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('paired_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_identity_login_id_login')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_identity_issuer_subject'))
    )
    with op.batch_alter_table('identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_login_id'), ['login_id'], unique=False)

    op.create_table('recovery_code',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_recovery_code_login_id_login')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
    sa.UniqueConstraint('login_id', 'digest', name=op.f('uq_recovery_code_login_id_digest'))
    )
    op.create_table('agreement_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('stored', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('agreement','attachment')", name=op.f('ck_agreement_file_kind')),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_agreement_file_by_person_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_agreement_file_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_agreement_file_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_file')),
    sa.UniqueConstraint('stored', name=op.f('uq_agreement_file_stored'))
    )
    with op.batch_alter_table('agreement_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_file_tenure_id'), ['tenure_id'], unique=False)

    op.create_table('agreement_term',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('rent', sa.BigInteger(), nullable=True),
    sa.Column('deposit', sa.BigInteger(), nullable=True),
    sa.Column('notice_months', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(length=2000), nullable=True),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_agreement_term_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_term'))
    )
    with op.batch_alter_table('agreement_term', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_term_tenure_id'), ['tenure_id'], unique=False)

    op.create_table('consent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint("kind in ('email', 'sms', 'alert_copies')", name=op.f('ck_consent_kind')),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_consent_by_person_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_consent_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_person_id_kind'), ['person_id', 'kind'], unique=False)

    op.create_table('data_export',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stored', sa.String(length=40), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_data_export_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_data_export_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_export'))
    )
    with op.batch_alter_table('data_export', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_export_asked_at'), ['asked_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_data_export_person_id'), ['person_id'], unique=False)

    op.create_table('erasure',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_erasure_by_person_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_erasure_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_erasure_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure')),
    sa.UniqueConstraint('person_id', name=op.f('uq_erasure_person_id'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasure_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_erasure_until'), ['until'], unique=False)

    op.create_table('identity_check',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("method in ('passport', 'id_card', 'driving_licence', 'residence_permit', 'known', 'delivered', 'strong', 'vouched')", name=op.f('ck_identity_check_method')),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_identity_check_by_person_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_identity_check_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_identity_check_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_check'))
    )
    with op.batch_alter_table('identity_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_check_person_id'), ['person_id'], unique=False)

    op.create_table('link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.CheckConstraint("kind in ('reset', 'activation', 'invitation', 'address')", name=op.f('ck_link_kind')),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_link_login_id_login')),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_link_made_by_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_link_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_link_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_link_token_hash'))
    )
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_link_login_id'), ['login_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_link_person_id'), ['person_id'], unique=False)

    op.create_table('personal_code',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('key_id', sa.String(length=16), nullable=False),
    sa.Column('hmac', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_personal_code_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_personal_code_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_personal_code')),
    sa.UniqueConstraint('organisation_id', 'hmac', 'key_id', name=op.f('uq_personal_code_organisation_id_hmac_key_id'))
    )
    with op.batch_alter_table('personal_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_personal_code_hmac'), ['hmac'], unique=False)
        batch_op.create_index(batch_op.f('ix_personal_code_person_id'), ['person_id'], unique=False)

    op.create_table('representation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('of_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ground', sa.String(length=10), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.CheckConstraint("ground in ('guardian', 'estate', 'company', 'proxy')", name=op.f('ck_representation_ground')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_representation_days')),
    sa.CheckConstraint('person_id <> of_person_id', name=op.f('ck_representation_other')),
    sa.ForeignKeyConstraint(['of_person_id'], ['person.id'], name=op.f('fk_representation_of_person_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_representation_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_representation_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_representation')),
    sa.UniqueConstraint('person_id', 'of_person_id', 'first', name=op.f('uq_representation_person_id_of_person_id_first'))
    )
    with op.batch_alter_table('representation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_representation_of_person_id'), ['of_person_id'], unique=False)

    op.create_table('handover',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('leaving_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('coming_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('keys', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.Column('leaving_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('coming_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('staff_agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state in ('proposed', 'planned', 'done', 'cancelled')", name=op.f('ck_handover_state')),
    sa.ForeignKeyConstraint(['coming_id'], ['tenure.id'], name=op.f('fk_handover_coming_id_tenure')),
    sa.ForeignKeyConstraint(['leaving_id'], ['tenure.id'], name=op.f('fk_handover_leaving_id_tenure')),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_handover_made_by_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_handover_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_handover_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover'))
    )
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handover_coming_id'), ['coming_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_leaving_id'), ['leaving_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_organisation_id_state'), ['organisation_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_unit_id'), ['unit_id'], unique=False)

    op.create_table('invitation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tenure_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('link_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('called', sa.String(length=120), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('rights', sa.JSON(), nullable=True),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('party_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role in ('co_owner','occupant')", name=op.f('ck_invitation_role')),
    sa.CheckConstraint('last is null or last >= first', name=op.f('ck_invitation_days')),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_invitation_by_person_id_person')),
    sa.ForeignKeyConstraint(['link_id'], ['link.id'], name=op.f('fk_invitation_link_id_link')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_invitation_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['party_id'], ['party.id'], name=op.f('fk_invitation_party_id_party')),
    sa.ForeignKeyConstraint(['tenure_id'], ['tenure.id'], name=op.f('fk_invitation_tenure_id_tenure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('link_id', name=op.f('uq_invitation_link_id'))
    )
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitation_tenure_id'), ['tenure_id'], unique=False)

    op.create_table('start_letter',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('batch', sa.String(length=24), nullable=True),
    sa.Column('secret', sa.String(length=300), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('activated_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("method in ('passport', 'id_card', 'driving_licence', 'residence_permit', 'known', 'delivered', 'strong', 'vouched')", name=op.f('ck_start_letter_method')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['person.id'], name=op.f('fk_start_letter_issued_by_id_person')),
    sa.ForeignKeyConstraint(['login_id'], ['login.id'], name=op.f('fk_start_letter_login_id_login')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_start_letter_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_start_letter_person_id_person')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_start_letter_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_start_letter'))
    )
    with op.batch_alter_table('start_letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_start_letter_login_id'), ['login_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_start_letter_organisation_id_batch'), ['organisation_id', 'batch'], unique=False)
        batch_op.create_index(batch_op.f('ix_start_letter_person_id'), ['person_id'], unique=False)

    op.create_table('handover_reading',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('handover_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('register_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reading_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_handover_reading_by_person_id_person')),
    sa.ForeignKeyConstraint(['handover_id'], ['handover.id'], name=op.f('fk_handover_reading_handover_id_handover')),
    sa.ForeignKeyConstraint(['reading_id'], ['reading.id'], name=op.f('fk_handover_reading_reading_id_reading')),
    sa.ForeignKeyConstraint(['register_id'], ['register.id'], name=op.f('fk_handover_reading_register_id_register')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover_reading')),
    sa.UniqueConstraint('handover_id', 'register_id', name=op.f('uq_handover_reading_handover_id_register_id'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index('ix_audit_event_login', ['login_id', 'id'], unique=False)
        batch_op.create_index('ix_audit_event_person', ['person_id', 'id'], unique=False)

    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(length=10), server_default='password', nullable=False))
        batch_op.add_column(sa.Column('second_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('proved_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('device_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('as_party_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('closed', sa.String(length=400), nullable=True))

    with op.batch_alter_table('party', schema=None) as batch_op:
        batch_op.add_column(sa.Column('called', sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column('added_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('notify_sms', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('alert_copies', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('email_confirmed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('email_wanted', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('email_before', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('email_changed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('delivered_only', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))


    guards.put(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('erased_at')
        batch_op.drop_column('delivered_only')
        batch_op.drop_column('email_changed_at')
        batch_op.drop_column('email_before')
        batch_op.drop_column('email_wanted')
        batch_op.drop_column('email_confirmed_at')
        batch_op.drop_column('alert_copies')
        batch_op.drop_column('notify_sms')

    with op.batch_alter_table('party', schema=None) as batch_op:
        batch_op.drop_column('added_by_id')
        batch_op.drop_column('called')

    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_column('closed')
        batch_op.drop_column('as_party_id')
        batch_op.drop_column('device_id')
        batch_op.drop_column('proved_at')
        batch_op.drop_column('second_at')
        batch_op.drop_column('way')

    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_event_person')
        batch_op.drop_index('ix_audit_event_login')

    op.drop_table('handover_reading')
    with op.batch_alter_table('start_letter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_start_letter_person_id'))
        batch_op.drop_index(batch_op.f('ix_start_letter_organisation_id_batch'))
        batch_op.drop_index(batch_op.f('ix_start_letter_login_id'))

    op.drop_table('start_letter')
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_invitation_tenure_id'))

    op.drop_table('invitation')
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handover_unit_id'))
        batch_op.drop_index(batch_op.f('ix_handover_organisation_id_state'))
        batch_op.drop_index(batch_op.f('ix_handover_leaving_id'))
        batch_op.drop_index(batch_op.f('ix_handover_coming_id'))

    op.drop_table('handover')
    with op.batch_alter_table('representation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_representation_of_person_id'))

    op.drop_table('representation')
    with op.batch_alter_table('personal_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_personal_code_person_id'))
        batch_op.drop_index(batch_op.f('ix_personal_code_hmac'))

    op.drop_table('personal_code')
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_link_person_id'))
        batch_op.drop_index(batch_op.f('ix_link_login_id'))

    op.drop_table('link')
    with op.batch_alter_table('identity_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_identity_check_person_id'))

    op.drop_table('identity_check')
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_erasure_until'))
        batch_op.drop_index(batch_op.f('ix_erasure_organisation_id'))

    op.drop_table('erasure')
    with op.batch_alter_table('data_export', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_data_export_person_id'))
        batch_op.drop_index(batch_op.f('ix_data_export_asked_at'))

    op.drop_table('data_export')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_consent_person_id_kind'))

    op.drop_table('consent')
    with op.batch_alter_table('agreement_term', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreement_term_tenure_id'))

    op.drop_table('agreement_term')
    with op.batch_alter_table('agreement_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agreement_file_tenure_id'))

    op.drop_table('agreement_file')
    op.drop_table('recovery_code')
    with op.batch_alter_table('identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_identity_login_id'))

    op.drop_table('identity')
    with op.batch_alter_table('factor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_factor_login_id'))

    op.drop_table('factor')
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_device_token_hash'))

    op.drop_table('device')
    guards.put(op.get_bind())


def _open_list_of_acts() -> None:
    """The list of acts is closed in audit.py; in the database each new act would be a copy of the whole table."""
    found = sa.inspect(op.get_bind()).get_check_constraints("audit_event")
    if any(check["name"] == "ck_audit_event_act" for check in found):
        with op.batch_alter_table("audit_event") as batch_op:
            batch_op.drop_constraint(op.f("ck_audit_event_act"), type_="check")
