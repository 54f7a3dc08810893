"""quizzes: how often a contest was changed, and by whom last"""

import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('quizzes_contest') as table:
        table.add_column(sa.Column('edits', sa.Integer(), server_default='1', nullable=False))
        table.add_column(sa.Column('edited_by', sa.String(length=120), server_default='', nullable=False))
    with op.batch_alter_table('quizzes_contest') as table:
        table.alter_column('edits', server_default=None)
        table.alter_column('edited_by', server_default=None)
    op.execute("UPDATE quizzes_contest SET edited_by = created_by")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('quizzes_contest') as table:
        table.drop_column('edited_by')
        table.drop_column('edits')
