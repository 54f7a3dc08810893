"""audit chain: where an act came from, rows joined by digests, and triggers that refuse to rewrite them"""

import hashlib
import json
from datetime import timezone

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'

# A later migration that rebuilds this table on SQLite must make its triggers anew: they go with the old table.
SQLITE_UP = (
    "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'the audit log cannot be rewritten'); END",
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'the audit log cannot be rewritten'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON audit_event WHEN EXISTS (SELECT 1 FROM audit_event "
    "WHERE id = NEW.id OR previous = NEW.previous OR digest = NEW.digest) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log cannot be rewritten'); END",
)
SQLITE_DOWN = tuple(f'DROP TRIGGER audit_event_no_{what}' for what in ('update', 'delete', 'replace'))
POSTGRESQL_UP = (
    "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log cannot be rewritten'; END $$",
    "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
)
POSTGRESQL_DOWN = (
    'DROP TRIGGER audit_event_append_only ON audit_event',
    'DROP FUNCTION audit_event_refuse()',
)


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('origin', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('previous', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('digest', sa.String(length=64), nullable=True))
    _chain(op.get_bind())
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        for name in ('origin', 'previous', 'digest'):
            batch_op.alter_column(name, existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_audit_event_previous'), ['previous'])
        batch_op.create_unique_constraint(batch_op.f('uq_audit_event_digest'), ['digest'])
    for statement in SQLITE_UP if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL_UP:
        op.execute(statement)


def _chain(connection) -> None:
    """Join the rows that are there, a thousand at a time."""
    event = sa.table(
        'audit_event',
        sa.column('id', sa.BigInteger),
        sa.column('at', sa.DateTime(timezone=True)),
        *(sa.column(name, sa.String) for name in ('actor', 'tag', 'target', 'origin', 'previous', 'digest')),
        sa.column('details', sa.JSON),
    )
    previous, seen = '0' * 64, 0
    while True:
        rows = connection.execute(sa.select(event).where(event.c.id > seen).order_by(event.c.id).limit(1000)).all()
        if not rows:
            return
        for row in rows:
            at = row.at.replace(tzinfo=timezone.utc) if row.at.tzinfo is None else row.at.astimezone(timezone.utc)
            said = [previous, at.isoformat(timespec='microseconds'), row.actor, row.tag, row.target, row.details,
                    'command']
            text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(',', ':'))
            digest = hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()
            values = {'origin': 'command', 'previous': previous, 'digest': digest}
            connection.execute(sa.update(event).where(event.c.id == row.id).values(values))
            previous, seen = digest, row.id


def downgrade() -> None:
    """Undo."""
    for statement in SQLITE_DOWN if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL_DOWN:
        op.execute(statement)
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_audit_event_digest'), type_='unique')
        batch_op.drop_constraint(batch_op.f('uq_audit_event_previous'), type_='unique')
        for name in ('digest', 'previous', 'origin'):
            batch_op.drop_column(name)
