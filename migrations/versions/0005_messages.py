"""messages: the durable outbox of mail"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    """Apply."""
    op.create_table(
        'messages_mail',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('key', sa.String(length=32), nullable=False),
        sa.Column('template', sa.String(length=60), nullable=False),
        sa.Column('locale', sa.String(length=16), nullable=False),
        sa.Column('recipient', sa.Text(), nullable=True),
        sa.Column('subject', sa.Text(), nullable=True),
        sa.Column('body', sa.Text(), nullable=True),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('state', sa.Enum('waiting', 'sending', 'sent', 'failed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('last_error', sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "state != 'sent' OR (recipient IS NULL AND subject IS NULL AND body IS NULL AND sent_at IS NOT NULL)",
            name=op.f('ck_messages_mail_sent_is_erased'),
        ),
        sa.CheckConstraint(
            "state != 'sending' OR claimed_until IS NOT NULL", name=op.f('ck_messages_mail_sending_is_claimed')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_messages_mail')),
        sa.UniqueConstraint('key', name=op.f('uq_messages_mail_key')),
    )
    with op.batch_alter_table('messages_mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_messages_mail_state_due_at'), ['state', 'due_at'], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table('messages_mail')
