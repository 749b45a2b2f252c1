"""what similar homes use; the month whose consumption somebody was told of"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('similar_use',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('building_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('medium', sa.String(length=20), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('size', sa.String(length=4), nullable=False),
    sa.Column('daily', sa.BigInteger(), nullable=False),
    sa.Column('homes', sa.Integer(), nullable=False),
    sa.Column('wide', sa.Boolean(), nullable=False),
    sa.CheckConstraint('homes > 5', name=op.f('ck_similar_use_homes')),
    sa.ForeignKeyConstraint(['building_id'], ['building.id'], name=op.f('fk_similar_use_building_id_building')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_similar_use')),
    sa.UniqueConstraint('building_id', 'medium', 'month', 'size', name=op.f('uq_similar_use_building_id_medium_month_size'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consumption_told', sa.String(length=7), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('consumption_told')

    op.drop_table('similar_use')
