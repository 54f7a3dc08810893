"""articles: how checks of links to other sites went"""

import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    """Apply."""
    op.create_table('articles_link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('there', 'guarded', 'refused', 'gone', 'error', 'no-name', 'unreachable', 'slow', 'untrusted', 'astray', 'garbled', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_link')),
    sa.UniqueConstraint('url', name=op.f('uq_articles_link_url'))
    )
    with op.batch_alter_table('articles_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_articles_link_next_at'), ['next_at'], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table('articles_link')
