"""metrics: surveys on paper"""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    """Apply."""
    op.create_table('metrics_survey',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('signer', sa.String(length=120), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(length=120), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.String(length=120), nullable=True),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_by IS NULL)', name=op.f('ck_metrics_survey_withdrawn_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metrics_survey')),
    sa.UniqueConstraint('quarter', 'digest', name=op.f('uq_metrics_survey_quarter_digest'))
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('metrics_survey')
