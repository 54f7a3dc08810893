"""media: pictures, videos and recordings"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    """Apply."""
    op.create_table(
        'media_asset',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('key', sa.String(length=40), nullable=False),
        sa.Column('kind', sa.Enum('picture', 'video', 'audio', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column('locale', sa.Enum('zh-Hans', 'zh-Hant', 'en', name='locale', native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column('title', sa.String(length=120), nullable=False),
        sa.Column('alt', sa.String(length=300), nullable=False),
        sa.Column('decorative', sa.Boolean(), nullable=False),
        sa.Column('caption', sa.String(length=500), nullable=False),
        sa.Column('source', sa.String(length=200), nullable=False),
        sa.Column('licence', sa.String(length=120), nullable=False),
        sa.Column('ai_generated', sa.Boolean(), nullable=False),
        sa.Column('transcript', sa.Text(), nullable=False),
        sa.Column('captions', sa.Text(), nullable=False),
        sa.Column('edits', sa.Integer(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('bytes', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.String(length=120), nullable=False),
        sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind <> 'picture' OR (decorative AND alt = '') OR (NOT decorative AND alt <> '')", name=op.f('ck_media_asset_alt')),
        sa.CheckConstraint("title <> '' AND source <> '' AND licence <> ''", name=op.f('ck_media_asset_described')),
        sa.CheckConstraint("kind = 'picture' OR transcript <> ''", name=op.f('ck_media_asset_transcript')),
        sa.CheckConstraint("kind <> 'video' OR captions <> ''", name=op.f('ck_media_asset_captions')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_media_asset')),
        sa.UniqueConstraint('key', name=op.f('uq_media_asset_key')),
    )
    with op.batch_alter_table('media_asset', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_media_asset_created_at'), ['created_at'], unique=False)
        batch_op.create_index(
            'ix_media_asset_living', ['digest', 'locale'], unique=True,
            sqlite_where=sa.text('retired_at IS NULL'), postgresql_where=sa.text('retired_at IS NULL'),
        )

    op.create_table(
        'media_file',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('asset_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('bytes', sa.Integer(), nullable=False),
        sa.Column('content_type', sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(['asset_id'], ['media_asset.id'], name=op.f('fk_media_file_asset_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_media_file')),
        sa.UniqueConstraint('asset_id', 'version', 'name', name=op.f('uq_media_file_asset_id_version_name')),
    )
    op.create_table(
        'media_use',
        sa.Column('asset_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('used_by', sa.String(length=120), nullable=False),
        sa.Column('public', sa.Boolean(), nullable=False),
        sa.Column('title', sa.String(length=200), nullable=False),
        sa.Column('address', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(['asset_id'], ['media_asset.id'], name=op.f('fk_media_use_asset_id')),
        sa.PrimaryKeyConstraint('asset_id', 'used_by', 'public', name=op.f('pk_media_use')),
    )
    with op.batch_alter_table('media_use', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_media_use_used_by'), ['used_by'], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table('media_use')
    op.drop_table('media_file')
    op.drop_table('media_asset')
