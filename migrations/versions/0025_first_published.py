"""articles: when the public could first read an edition"""

import sqlalchemy as sa
from alembic import op


revision = '0025'
down_revision = '0024'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('articles_edition') as table:
        table.add_column(sa.Column('first_published_at', sa.DateTime(timezone=True), nullable=True))
    # An edition that was taken from the public no longer says when it was published: the review that published it does.
    op.execute(
        "UPDATE articles_edition SET first_published_at = (SELECT min(articles_review.published_at) FROM articles_review "
        "JOIN articles_review_item ON articles_review_item.review_id = articles_review.id "
        "WHERE articles_review_item.edition_id = articles_edition.id)"
    )
    op.execute(
        "UPDATE articles_edition SET first_published_at = published_at "
        "WHERE published_at IS NOT NULL AND (first_published_at IS NULL OR first_published_at > published_at)"
    )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('articles_edition') as table:
        table.drop_column('first_published_at')
