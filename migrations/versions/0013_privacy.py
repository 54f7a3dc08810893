"""privacy: recovery codes keep the key of their digest, and what is still to be erased is found at once"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('accounts_recovery_code', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key', sa.Text(), nullable=True))
    with op.batch_alter_table('events_registration', schema=None) as batch_op:
        batch_op.create_index(
            'ix_events_registration_kept',
            ['event_id'],
            unique=False,
            sqlite_where=sa.text('erased_at IS NULL'),
            postgresql_where=sa.text('erased_at IS NULL'),
        )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('events_registration', schema=None) as batch_op:
        batch_op.drop_index('ix_events_registration_kept')
    with op.batch_alter_table('accounts_recovery_code', schema=None) as batch_op:
        batch_op.drop_column('key')
