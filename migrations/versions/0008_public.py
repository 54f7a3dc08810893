"""what the public read last of a withdrawn edition; answers of readers, limited without keeping who they are"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('articles_edition', schema=None) as batch_op:
        batch_op.add_column(sa.Column('withdrawn_number', sa.Integer(), nullable=True))
    op.create_table('articles_salt',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('salt', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_articles_salt'))
    )
    op.create_table('articles_sender',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_articles_sender'))
    )
    with op.batch_alter_table('articles_sender', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_articles_sender_hour'), ['hour'], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('articles_sender', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_articles_sender_hour'))
    op.drop_table('articles_sender')
    op.drop_table('articles_salt')
    with op.batch_alter_table('articles_edition', schema=None) as batch_op:
        batch_op.drop_column('withdrawn_number')
