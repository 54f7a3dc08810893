"""articles: reads by edition, terms of searches, and digests of who was counted today"""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'


def upgrade() -> None:
    """Apply."""
    op.create_table('articles_read',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.String(length=32), nullable=False),
    sa.Column('locale', sa.String(length=32), nullable=False),
    sa.Column('reads', sa.Integer(), nullable=False),
    sa.Column('completions', sa.Integer(), nullable=False),
    sa.CheckConstraint('completions <= reads', name=op.f('ck_articles_read_completed_is_read')),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_read_article_id')),
    sa.PrimaryKeyConstraint('day', 'article_id', 'audience', 'locale', name=op.f('pk_articles_read'))
    )
    op.create_table('articles_search_term',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('term', sa.String(length=40), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('found_nothing', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'term', name=op.f('pk_articles_search_term'))
    )
    op.create_table('articles_seen',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('day', 'digest', name=op.f('pk_articles_seen'))
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('articles_seen')
    op.drop_table('articles_search_term')
    op.drop_table('articles_read')
