"""results of groups by a link; contests: a public value in the draw, entries only of attempts made for the contest"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('quizzes_group', schema=None) as batch_op:
        batch_op.add_column(sa.Column('results_digest', sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_quizzes_group_results_digest'), ['results_digest'])
    op.add_column('quizzes_contest', sa.Column('beacon', sa.String(length=200), nullable=True))
    contest = sa.table('quizzes_contest', sa.column('beacon', sa.String))
    op.execute(contest.update().values(beacon=''))
    with op.batch_alter_table('quizzes_contest', schema=None) as batch_op:
        batch_op.alter_column('beacon', existing_type=sa.String(length=200), nullable=False)
    op.create_index('uq_quizzes_attempt_id_contest_id', 'quizzes_attempt', ['id', 'contest_id'], unique=True)
    with op.batch_alter_table('quizzes_entry', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_quizzes_entry_attempt_id'), type_='foreignkey')
        batch_op.create_foreign_key(
            batch_op.f('fk_quizzes_entry_attempt_id_contest_id'),
            'quizzes_attempt',
            ['attempt_id', 'contest_id'],
            ['id', 'contest_id'],
        )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('quizzes_entry', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_quizzes_entry_attempt_id_contest_id'), type_='foreignkey')
        batch_op.create_foreign_key(
            batch_op.f('fk_quizzes_entry_attempt_id'), 'quizzes_attempt', ['attempt_id'], ['id']
        )
    op.drop_index('uq_quizzes_attempt_id_contest_id', table_name='quizzes_attempt')
    with op.batch_alter_table('quizzes_contest', schema=None) as batch_op:
        batch_op.drop_column('beacon')
    with op.batch_alter_table('quizzes_group', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_quizzes_group_results_digest'), type_='unique')
        batch_op.drop_column('results_digest')
