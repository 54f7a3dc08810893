"""demo: a row that says that the installation holds invented data"""

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'


def upgrade() -> None:
    """Apply."""
    op.create_table('metrics_demo',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('first_day', sa.String(length=10), nullable=False),
    sa.Column('end_day', sa.String(length=10), nullable=False),
    sa.Column('counted_days', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_metrics_demo_single_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metrics_demo'))
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('metrics_demo')
