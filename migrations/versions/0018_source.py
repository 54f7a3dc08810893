"""articles: the state of its source that an edition was last seen to agree with"""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    """Apply. What is there now counts as seen."""
    op.add_column('articles_edition', sa.Column('seen_revision', sa.Integer(), nullable=True))
    op.add_column('articles_edition', sa.Column('seen_sheet', sa.Integer(), nullable=True))
    # An edition is written after the general one of its language, else after the general one in simplified Chinese.
    op.execute("""
        UPDATE articles_edition SET
          seen_sheet = (SELECT latest_sheet FROM articles_article WHERE articles_article.id = articles_edition.article_id),
          seen_revision = COALESCE(
            (SELECT other.latest_number FROM articles_edition AS other
              WHERE other.article_id = articles_edition.article_id AND other.audience = 'general'
                AND other.locale = articles_edition.locale AND other.id <> articles_edition.id),
            (SELECT other.latest_number FROM articles_edition AS other
              WHERE other.article_id = articles_edition.article_id AND other.audience = 'general'
                AND other.locale = 'zh-Hans' AND other.id <> articles_edition.id))
    """)
    op.execute("UPDATE articles_edition SET seen_sheet = NULL WHERE seen_revision IS NULL")


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('articles_edition') as table:
        table.drop_column('seen_sheet')
        table.drop_column('seen_revision')
