"""quarter: targets, entered figures, daily sums, reports with their amendments and texts"""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    """Apply."""
    op.create_table('metrics_day',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('subject', sa.String(length=8), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('measure', sa.String(length=24), nullable=False),
    sa.Column('part', sa.String(length=24), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'subject', 'number', 'measure', 'part', name=op.f('pk_metrics_day'))
    )
    op.create_table('metrics_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('measure', sa.Enum('lectures', 'person_times', 'awareness', 'satisfaction', 'tips', 'complaints_24h', 'training', name='measure', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('numerator', sa.Double(), nullable=False),
    sa.Column('denominator', sa.Double(), nullable=True),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('signer', sa.String(length=120), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint('denominator IS NULL OR denominator >= numerator', name=op.f('ck_metrics_entry_a_part_of_the_whole')),
    sa.CheckConstraint('numerator >= 0', name=op.f('ck_metrics_entry_not_below_nothing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metrics_entry'))
    )
    with op.batch_alter_table('metrics_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_metrics_entry_quarter_measure'), ['quarter', 'measure'], unique=False)

    op.create_table('metrics_narrative',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('section', sa.Enum('overall', 'campaigns', 'routine', 'problems', 'plan', name='section', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_by', sa.String(length=120), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.String(length=120), nullable=True),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> written_by_id', name=op.f('ck_metrics_narrative_four_eyes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metrics_narrative'))
    )
    with op.batch_alter_table('metrics_narrative', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_metrics_narrative_quarter_section'), ['quarter', 'section'], unique=False)

    op.create_table('metrics_report',
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('state', sa.Enum('open', 'closed', 'confirmed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('built_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('built_by', sa.String(length=120), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(length=120), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.String(length=120), nullable=True),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name=op.f('ck_metrics_report_confirmed_at')),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f('ck_metrics_report_closed_at')),
    sa.CheckConstraint('confirmed_by_id IS NULL OR confirmed_by_id <> closed_by_id', name=op.f('ck_metrics_report_two_people')),
    sa.PrimaryKeyConstraint('quarter', name=op.f('pk_metrics_report'))
    )
    op.create_table('metrics_target',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('measure', sa.Enum('lectures', 'person_times', 'awareness', 'satisfaction', 'tips', 'complaints_24h', 'training', name='measure', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('unit', sa.Enum('count', 'share', 'relative', 'pp', 'gain', name='targetunit', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('least', sa.Integer(), nullable=True),
    sa.Column('since', sa.String(length=6), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint('value >= 0', name=op.f('ck_metrics_target_not_below_nothing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metrics_target'))
    )
    op.create_table('metrics_amendment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['quarter'], ['metrics_report.quarter'], name=op.f('fk_metrics_amendment_quarter')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metrics_amendment'))
    )
    with op.batch_alter_table('metrics_amendment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_metrics_amendment_quarter'), ['quarter'], unique=False)

    op.create_table('accounts_token',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_person.id'], name=op.f('fk_accounts_token_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_accounts_token_digest'))
    )
    op.create_index(op.f('ix_accounts_token_person_id'), 'accounts_token', ['person_id'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('accounts_token')
    for name in ('amendment', 'target', 'report', 'narrative', 'entry', 'day'):
        op.drop_table(f'metrics_{name}')
