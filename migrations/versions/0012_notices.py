"""messages: short messages, calendars with mails; events: who is still to be told of a change"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'

ERASED = "state != 'sent' OR (recipient IS NULL AND subject IS NULL AND body IS NULL{} AND sent_at IS NOT NULL)"
CHANNEL = sa.Enum('mail', 'sms', name='channel', native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.add_column('messages_mail', sa.Column('channel', sa.String(length=32), nullable=True))
    op.add_column('messages_mail', sa.Column('calendar', sa.Text(), nullable=True))
    mail = sa.table('messages_mail', sa.column('channel', sa.String))
    op.execute(mail.update().values(channel='mail'))
    with op.batch_alter_table('messages_mail', schema=None) as batch_op:
        batch_op.alter_column('channel', existing_type=sa.String(length=32), type_=CHANNEL, nullable=False)
        batch_op.drop_constraint(batch_op.f('ck_messages_mail_sent_is_erased'), type_='check')
        batch_op.create_check_constraint(
            batch_op.f('ck_messages_mail_sent_is_erased'), ERASED.format(' AND calendar IS NULL')
        )
    op.create_table(
        'events_telling',
        sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('what', sa.String(length=20), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['event_id'], ['events_event.id'], name=op.f('fk_events_telling_event_id')
        ),
        sa.PrimaryKeyConstraint('event_id', name=op.f('pk_events_telling')),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('events_telling')
    # What an older release cannot send is not sent.
    mail = sa.table('messages_mail', sa.column('channel', sa.String))
    op.execute(mail.delete().where(mail.c.channel != 'mail'))
    with op.batch_alter_table('messages_mail', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_messages_mail_channel'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_messages_mail_sent_is_erased'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_messages_mail_sent_is_erased'), ERASED.format(''))
        batch_op.drop_column('channel')
        batch_op.drop_column('calendar')
