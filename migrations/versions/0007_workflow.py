"""workflow: sheets, reviews, waivers, drafts, preview links, answers of readers"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    """Apply."""
    op.create_table('articles_counter',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_articles_counter'))
    )
    op.create_table('articles_helpful',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.String(length=32), nullable=False),
    sa.Column('locale', sa.String(length=32), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('was_helpful', sa.Boolean(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('once', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_helpful_article_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_helpful')),
    sa.UniqueConstraint('once', name=op.f('uq_articles_helpful_once'))
    )
    with op.batch_alter_table('articles_helpful', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_articles_helpful_article_id'), ['article_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_articles_helpful_quarter'), ['quarter'], unique=False)

    op.create_table('articles_preview_link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_preview_link_article_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_preview_link')),
    sa.UniqueConstraint('digest', name=op.f('uq_articles_preview_link_digest'))
    )
    with op.batch_alter_table('articles_preview_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_articles_preview_link_article_id'), ['article_id'], unique=False)

    op.create_table('articles_receipt',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_receipt_article_id')),
    sa.PrimaryKeyConstraint('article_id', 'person_id', name=op.f('pk_articles_receipt'))
    )
    op.create_table('articles_review',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('open', 'changes', 'approved', 'scheduled', 'published', 'void', name='reviewstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sheet_number', sa.Integer(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_by', sa.String(length=120), nullable=False),
    sa.Column('submitted_by_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=120), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('opinion_number', sa.String(length=20), nullable=True),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.String(length=120), nullable=True),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.Column('failure', sa.String(length=40), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('alone_reason', sa.String(length=500), nullable=False),
    sa.Column('confirm_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_review_article_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_review')),
    sa.UniqueConstraint('opinion_number', name=op.f('uq_articles_review_opinion_number'))
    )
    with op.batch_alter_table('articles_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_articles_review_article_id'), ['article_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_articles_review_confirm_by'), ['confirm_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_articles_review_publish_at'), ['publish_at'], unique=False)

    op.create_table('articles_sheet',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('checked_on', sa.String(length=10), nullable=False),
    sa.Column('review_by', sa.String(length=10), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('related', sa.JSON(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('authors', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_sheet_article_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_sheet')),
    sa.UniqueConstraint('article_id', 'number', name=op.f('uq_articles_sheet_article_id_number'))
    )
    op.create_table('articles_slot',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.String(length=32), nullable=False),
    sa.Column('locale', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('base_number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles_article.id'], name=op.f('fk_articles_slot_article_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_slot')),
    sa.UniqueConstraint('article_id', 'audience', 'locale', 'person_id', name=op.f('uq_articles_slot_article_id_audience_locale_person_id'))
    )
    op.create_table('articles_review_item',
    sa.Column('review_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('edition_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('base_number', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['edition_id'], ['articles_edition.id'], name=op.f('fk_articles_review_item_edition_id')),
    sa.ForeignKeyConstraint(['review_id'], ['articles_review.id'], name=op.f('fk_articles_review_item_review_id')),
    sa.PrimaryKeyConstraint('review_id', 'edition_id', name=op.f('pk_articles_review_item'))
    )
    op.create_table('articles_waiver',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('edition_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('finding', sa.String(length=20), nullable=False),
    sa.Column('rule', sa.String(length=80), nullable=False),
    sa.Column('passage', sa.String(length=300), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['articles_edition.id'], name=op.f('fk_articles_waiver_edition_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles_waiver')),
    sa.UniqueConstraint('edition_id', 'finding', name=op.f('uq_articles_waiver_edition_id_finding'))
    )
    with op.batch_alter_table('articles_article', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.Enum('article', 'alert', name='kind', native_enum=False, create_constraint=True, length=32), server_default='article', nullable=False))
        batch_op.add_column(sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('latest_sheet', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('published_sheet', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('owner_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('deputy_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reminded_on', sa.String(length=10), nullable=True))

    with op.batch_alter_table('articles_edition', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.Enum('draft', 'in-review', 'needs-changes', 'approved', 'scheduled', 'published', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=32), server_default='draft', nullable=False))
        batch_op.add_column(sa.Column('review_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_note', sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_to', sa.String(length=80), nullable=True))
        batch_op.create_index(batch_op.f('ix_articles_edition_review_id'), ['review_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_articles_edition_review_id'), 'articles_review', ['review_id'], ['id'])

    with op.batch_alter_table('articles_revision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('authors', sa.JSON(), nullable=True))


    _fill()
    with op.batch_alter_table('articles_revision', schema=None) as batch_op:
        batch_op.alter_column('authors', existing_type=sa.JSON(), nullable=False)


def _fill() -> None:
    """Give every article its first sheet, and every edition the state that it was in."""
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO articles_sheet (article_id, number, slug, topic, checked_on, review_by, related, facts, sources,"
            " authors, created_at, created_by, note)"
            " SELECT id, 1, slug, topic, checked_on, review_by, related, facts, sources, '[0]', created_at, 'command', ''"
            " FROM articles_article"
        )
    )
    connection.execute(sa.text("UPDATE articles_article SET latest_sheet = 1, published_sheet = 1"))
    connection.execute(sa.text("UPDATE articles_revision SET authors = '[0]'"))
    connection.execute(
        sa.text("UPDATE articles_edition SET state = 'published' WHERE published_number = latest_number")
    )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('articles_revision', schema=None) as batch_op:
        batch_op.drop_column('authors')

    with op.batch_alter_table('articles_edition', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_articles_edition_review_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_articles_edition_review_id'))
        batch_op.drop_constraint(op.f('ck_articles_edition_state'), type_='check')
        batch_op.drop_column('withdrawn_to')
        batch_op.drop_column('withdrawn_note')
        batch_op.drop_column('withdrawn_at')
        batch_op.drop_column('review_id')
        batch_op.drop_column('state')

    with op.batch_alter_table('articles_article', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_articles_article_kind'), type_='check')
        batch_op.drop_column('reminded_on')
        batch_op.drop_column('deputy_id')
        batch_op.drop_column('owner_id')
        batch_op.drop_column('published_sheet')
        batch_op.drop_column('latest_sheet')
        batch_op.drop_column('expires_at')
        batch_op.drop_column('kind')

    op.drop_table('articles_waiver')
    op.drop_table('articles_review_item')
    op.drop_table('articles_slot')
    op.drop_table('articles_sheet')
    with op.batch_alter_table('articles_review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_articles_review_publish_at'))
        batch_op.drop_index(batch_op.f('ix_articles_review_confirm_by'))
        batch_op.drop_index(batch_op.f('ix_articles_review_article_id'))

    op.drop_table('articles_review')
    op.drop_table('articles_receipt')
    with op.batch_alter_table('articles_preview_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_articles_preview_link_article_id'))

    op.drop_table('articles_preview_link')
    with op.batch_alter_table('articles_helpful', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_articles_helpful_quarter'))
        batch_op.drop_index(batch_op.f('ix_articles_helpful_article_id'))

    op.drop_table('articles_helpful')
    op.drop_table('articles_counter')
