"""the bank of questions and quizzes, what people answer, contests and paper sheets"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    """Apply."""
    op.create_table('quizzes_review',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('open', 'changes', 'approved', 'scheduled', 'published', 'void', name='reviewstate', native_enum=False, create_constraint=True, length=32), nullable=False),
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
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_review')),
    sa.UniqueConstraint('opinion_number', name=op.f('uq_quizzes_review_opinion_number'))
    )
    op.create_table('quizzes_document',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sort', sa.Enum('item', 'quiz', name='sort', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('article', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('draft', 'in-review', 'needs-changes', 'approved', 'scheduled', 'published', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('latest_number', sa.Integer(), nullable=False),
    sa.Column('published_number', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('published_number IS NULL OR published_number <= latest_number', name=op.f('ck_quizzes_document_published_exists')),
    sa.ForeignKeyConstraint(['review_id'], ['quizzes_review.id'], name=op.f('fk_quizzes_document_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_document')),
    sa.UniqueConstraint('sort', 'name', name=op.f('uq_quizzes_document_sort_name'))
    )
    with op.batch_alter_table('quizzes_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quizzes_document_review_id'), ['review_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_quizzes_document_topic'), ['topic'], unique=False)

    op.create_table('quizzes_contest',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('quiz_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('prize', sa.String(length=500), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('contact', sa.Enum('none', 'phone', 'staff_number', name='contact', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('drawn_from', sa.Enum('everybody', 'passed', name='drawnfrom', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('winners', sa.Integer(), nullable=False),
    sa.Column('has_leaderboard', sa.Boolean(), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('commitment', sa.String(length=64), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('draw', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['quiz_id'], ['quizzes_document.id'], name=op.f('fk_quizzes_contest_quiz_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_contest')),
    sa.UniqueConstraint('slug', name=op.f('uq_quizzes_contest_slug'))
    )
    with op.batch_alter_table('quizzes_contest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quizzes_contest_quiz_id'), ['quiz_id'], unique=False)

    op.create_table('quizzes_group',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quiz_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('label', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['quiz_id'], ['quizzes_document.id'], name=op.f('fk_quizzes_group_quiz_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_group')),
    sa.UniqueConstraint('code', name=op.f('uq_quizzes_group_code'))
    )
    with op.batch_alter_table('quizzes_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quizzes_group_quiz_id'), ['quiz_id'], unique=False)

    op.create_table('quizzes_review_member',
    sa.Column('review_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('document_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('base_number', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['quizzes_document.id'], name=op.f('fk_quizzes_review_member_document_id')),
    sa.ForeignKeyConstraint(['review_id'], ['quizzes_review.id'], name=op.f('fk_quizzes_review_member_review_id')),
    sa.PrimaryKeyConstraint('review_id', 'document_id', name=op.f('pk_quizzes_review_member'))
    )
    op.create_table('quizzes_revision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('document_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('authors', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['quizzes_document.id'], name=op.f('fk_quizzes_revision_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_revision')),
    sa.UniqueConstraint('document_id', 'number', name=op.f('uq_quizzes_revision_document_id_number'))
    )
    op.create_table('quizzes_version',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quiz_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('instrument', sa.JSON(), nullable=False),
    sa.Column('checksum', sa.String(length=64), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['quiz_id'], ['quizzes_document.id'], name=op.f('fk_quizzes_version_quiz_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_version')),
    sa.UniqueConstraint('quiz_id', 'number', name=op.f('uq_quizzes_version_quiz_id_number'))
    )
    op.create_table('quizzes_waiver',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('document_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('finding', sa.String(length=20), nullable=False),
    sa.Column('rule', sa.String(length=80), nullable=False),
    sa.Column('passage', sa.String(length=300), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['quizzes_document.id'], name=op.f('fk_quizzes_waiver_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_waiver')),
    sa.UniqueConstraint('document_id', 'finding', name=op.f('uq_quizzes_waiver_document_id_finding'))
    )
    op.create_table('quizzes_attempt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('token', sa.Text(), nullable=True),
    sa.Column('code_digest', sa.String(length=64), nullable=True),
    sa.Column('series', sa.String(length=64), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('audience', sa.Enum('general', 'elderly', 'youth', 'new-resident', name='audience', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('locale', sa.Enum('zh-Hans', 'zh-Hant', 'en', name='locale', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.Enum('web', 'paper', name='source', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('layout', sa.JSON(), nullable=False),
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('contest_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('quarter', sa.String(length=6), nullable=True),
    sa.Column('points', sa.Double(), nullable=True),
    sa.Column('possible', sa.Double(), nullable=False),
    sa.Column('percent', sa.Double(), nullable=True),
    sa.Column('passed', sa.Boolean(), nullable=True),
    sa.Column('first_points', sa.Double(), nullable=True),
    sa.Column('first_percent', sa.Double(), nullable=True),
    sa.Column('first_passed', sa.Boolean(), nullable=True),
    sa.CheckConstraint("audience <> 'youth' OR contest_id IS NULL", name=op.f('ck_quizzes_attempt_youth_is_anonymous')),
    sa.ForeignKeyConstraint(['contest_id'], ['quizzes_contest.id'], name=op.f('fk_quizzes_attempt_contest_id')),
    sa.ForeignKeyConstraint(['group_id'], ['quizzes_group.id'], name=op.f('fk_quizzes_attempt_group_id')),
    sa.ForeignKeyConstraint(['version_id'], ['quizzes_version.id'], name=op.f('fk_quizzes_attempt_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_attempt')),
    sa.UniqueConstraint('code_digest', name=op.f('uq_quizzes_attempt_code_digest')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_quizzes_attempt_token_digest'))
    )
    with op.batch_alter_table('quizzes_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quizzes_attempt_contest_id'), ['contest_id'], unique=False)
        batch_op.create_index('ix_quizzes_attempt_figures', ['version_id', 'quarter', 'audience'], unique=False)
        batch_op.create_index(batch_op.f('ix_quizzes_attempt_finished_at'), ['finished_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_quizzes_attempt_group_id'), ['group_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_quizzes_attempt_series'), ['series'], unique=False)

    op.create_table('quizzes_paper_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['quizzes_version.id'], name=op.f('fk_quizzes_paper_file_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_paper_file')),
    sa.UniqueConstraint('version_id', 'digest', name=op.f('uq_quizzes_paper_file_version_id_digest'))
    )
    op.create_table('quizzes_regrade',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('item', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['quizzes_version.id'], name=op.f('fk_quizzes_regrade_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_regrade'))
    )
    with op.batch_alter_table('quizzes_regrade', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quizzes_regrade_version_id'), ['version_id'], unique=False)

    op.create_table('quizzes_certificate',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('issued_on', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['quizzes_attempt.id'], name=op.f('fk_quizzes_certificate_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_certificate')),
    sa.UniqueConstraint('attempt_id', name=op.f('uq_quizzes_certificate_attempt_id')),
    sa.UniqueConstraint('code', name=op.f('uq_quizzes_certificate_code'))
    )
    op.create_table('quizzes_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contest_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket', sa.String(length=16), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact', sa.Text(), nullable=True),
    sa.Column('contact_digest', sa.String(length=64), nullable=True),
    sa.Column('consent', sa.String(length=40), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['quizzes_attempt.id'], name=op.f('fk_quizzes_entry_attempt_id')),
    sa.ForeignKeyConstraint(['contest_id'], ['quizzes_contest.id'], name=op.f('fk_quizzes_entry_contest_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_entry')),
    sa.UniqueConstraint('attempt_id', name=op.f('uq_quizzes_entry_attempt_id')),
    sa.UniqueConstraint('contest_id', 'contact_digest', name=op.f('uq_quizzes_entry_contest_id_contact_digest')),
    sa.UniqueConstraint('ticket', name=op.f('uq_quizzes_entry_ticket'))
    )
    with op.batch_alter_table('quizzes_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_quizzes_entry_contest_id'), ['contest_id'], unique=False)

    op.create_table('quizzes_paper_sheet',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sheet', sa.String(length=40), nullable=False),
    sa.Column('audience', sa.Enum('general', 'elderly', 'youth', 'new-resident', name='audience', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('first', sa.JSON(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_by', sa.String(length=120), nullable=False),
    sa.Column('first_by_id', sa.Integer(), nullable=False),
    sa.Column('second', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('second_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('second_by', sa.String(length=120), nullable=True),
    sa.Column('second_by_id', sa.Integer(), nullable=True),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['quizzes_attempt.id'], name=op.f('fk_quizzes_paper_sheet_attempt_id')),
    sa.ForeignKeyConstraint(['group_id'], ['quizzes_group.id'], name=op.f('fk_quizzes_paper_sheet_group_id')),
    sa.ForeignKeyConstraint(['version_id'], ['quizzes_version.id'], name=op.f('fk_quizzes_paper_sheet_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quizzes_paper_sheet')),
    sa.UniqueConstraint('attempt_id', name=op.f('uq_quizzes_paper_sheet_attempt_id')),
    sa.UniqueConstraint('version_id', 'sheet', name=op.f('uq_quizzes_paper_sheet_version_id_sheet'))
    )
    op.create_table('quizzes_response',
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slot', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('item', sa.String(length=80), nullable=False),
    sa.Column('given', sa.JSON(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('fraction', sa.Double(), nullable=False),
    sa.Column('outcome', sa.Enum('right', 'partly', 'wrong', 'dont_know', 'blank', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('first_fraction', sa.Double(), nullable=True),
    sa.Column('first_outcome', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['quizzes_attempt.id'], name=op.f('fk_quizzes_response_attempt_id')),
    sa.PrimaryKeyConstraint('attempt_id', 'slot', name=op.f('pk_quizzes_response'))
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('quizzes_response')
    op.drop_table('quizzes_paper_sheet')
    with op.batch_alter_table('quizzes_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quizzes_entry_contest_id'))

    op.drop_table('quizzes_entry')
    op.drop_table('quizzes_certificate')
    with op.batch_alter_table('quizzes_regrade', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quizzes_regrade_version_id'))

    op.drop_table('quizzes_regrade')
    op.drop_table('quizzes_paper_file')
    with op.batch_alter_table('quizzes_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quizzes_attempt_series'))
        batch_op.drop_index(batch_op.f('ix_quizzes_attempt_group_id'))
        batch_op.drop_index(batch_op.f('ix_quizzes_attempt_finished_at'))
        batch_op.drop_index('ix_quizzes_attempt_figures')
        batch_op.drop_index(batch_op.f('ix_quizzes_attempt_contest_id'))

    op.drop_table('quizzes_attempt')
    op.drop_table('quizzes_waiver')
    op.drop_table('quizzes_version')
    op.drop_table('quizzes_revision')
    op.drop_table('quizzes_review_member')
    with op.batch_alter_table('quizzes_group', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quizzes_group_quiz_id'))

    op.drop_table('quizzes_group')
    with op.batch_alter_table('quizzes_contest', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quizzes_contest_quiz_id'))

    op.drop_table('quizzes_contest')
    with op.batch_alter_table('quizzes_document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quizzes_document_topic'))
        batch_op.drop_index(batch_op.f('ix_quizzes_document_review_id'))

    op.drop_table('quizzes_document')
    op.drop_table('quizzes_review')
