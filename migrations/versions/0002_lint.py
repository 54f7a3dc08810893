"""lint: the rules of the check"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    """Apply."""
    op.create_table(
        'reference_lint',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('content', sa.JSON(), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_reference_lint_single_row')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reference_lint')),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('reference_lint')
