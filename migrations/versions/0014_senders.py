"""lectures: how often a network registered, or guessed a code, within this hour"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    """Apply."""
    op.create_table('events_sender',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_events_sender'))
    )
    op.create_index(op.f('ix_events_sender_hour'), 'events_sender', ['hour'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('events_sender')
