"""media: what a content package brought last"""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    """Apply."""
    op.add_column('media_asset', sa.Column('brought', sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('media_asset') as table:
        table.drop_column('brought')
