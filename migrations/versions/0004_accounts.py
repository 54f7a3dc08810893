"""accounts: people, sessions, second factors, links, attempts"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    """Apply."""
    op.create_table('accounts_attempt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('password', 'code', 'reset', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('account', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_attempt')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('accounts_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accounts_attempt_kind_account_at'), ['kind', 'account', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_accounts_attempt_kind_address_at'), ['kind', 'address', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_accounts_attempt_kind_at'), ['kind', 'at'], unique=False)

    op.create_table('accounts_person',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('email_digest', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('locale', sa.Enum('zh-Hans', 'zh-Hant', 'en', name='locale', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('roles', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('totp_secret', sa.Text(), nullable=True),
    sa.Column('totp_step', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_person')),
    sa.UniqueConstraint('email_digest', name=op.f('uq_accounts_person_email_digest'))
    )
    op.create_table('accounts_spent',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_accounts_spent'))
    )
    op.create_table('accounts_link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.Enum('invitation', 'reset', name='purpose', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_person.id'], name=op.f('fk_accounts_link_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_link')),
    sa.UniqueConstraint('digest', name=op.f('uq_accounts_link_digest'))
    )
    with op.batch_alter_table('accounts_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accounts_link_person_id'), ['person_id'], unique=False)

    op.create_table('accounts_passkey',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('credential', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_person.id'], name=op.f('fk_accounts_passkey_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_passkey')),
    sa.UniqueConstraint('digest', name=op.f('uq_accounts_passkey_digest'))
    )
    with op.batch_alter_table('accounts_passkey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accounts_passkey_person_id'), ['person_id'], unique=False)

    op.create_table('accounts_place',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_person.id'], name=op.f('fk_accounts_place_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_place')),
    sa.UniqueConstraint('person_id', 'address', name=op.f('uq_accounts_place_person_id_address'))
    )
    op.create_table('accounts_recovery_code',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_person.id'], name=op.f('fk_accounts_recovery_code_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_recovery_code')),
    sa.UniqueConstraint('digest', name=op.f('uq_accounts_recovery_code_digest'))
    )
    with op.batch_alter_table('accounts_recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accounts_recovery_code_person_id'), ['person_id'], unique=False)

    op.create_table('accounts_session',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('stage', sa.Enum('password', 'complete', name='stage', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['accounts_person.id'], name=op.f('fk_accounts_session_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts_session')),
    sa.UniqueConstraint('digest', name=op.f('uq_accounts_session_digest')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('accounts_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accounts_session_person_id'), ['person_id'], unique=False)



def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('accounts_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accounts_session_person_id'))

    op.drop_table('accounts_session')
    with op.batch_alter_table('accounts_recovery_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accounts_recovery_code_person_id'))

    op.drop_table('accounts_recovery_code')
    op.drop_table('accounts_place')
    with op.batch_alter_table('accounts_passkey', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accounts_passkey_person_id'))

    op.drop_table('accounts_passkey')
    with op.batch_alter_table('accounts_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accounts_link_person_id'))

    op.drop_table('accounts_link')
    op.drop_table('accounts_spent')
    op.drop_table('accounts_person')
    with op.batch_alter_table('accounts_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accounts_attempt_kind_at'))
        batch_op.drop_index(batch_op.f('ix_accounts_attempt_kind_address_at'))
        batch_op.drop_index(batch_op.f('ix_accounts_attempt_kind_account_at'))

    op.drop_table('accounts_attempt')
