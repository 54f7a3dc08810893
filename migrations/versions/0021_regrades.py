"""quizzes: how far the marking anew of a version has come"""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'

ATTEMPT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply. What was marked anew before was marked to its end at once."""
    with op.batch_alter_table('quizzes_regrade') as table:
        table.add_column(sa.Column('last_attempt', ATTEMPT, server_default='0', nullable=False))
        table.add_column(sa.Column('through', ATTEMPT, server_default='0', nullable=False))
        table.add_column(sa.Column('done_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE quizzes_regrade SET done_at = at")
    with op.batch_alter_table('quizzes_regrade') as table:
        table.alter_column('last_attempt', server_default=None)
        table.alter_column('through', server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('quizzes_regrade') as table:
        table.drop_column('done_at')
        table.drop_column('through')
        table.drop_column('last_attempt')
