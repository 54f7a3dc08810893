"""lectures: events, seats, registrations, admissions, seat cards, feedback"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    """Apply."""
    op.create_table('events_series',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_series'))
    )
    op.create_table('events_template',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('plan', sa.JSON(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_by', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_template')),
    sa.UniqueConstraint('name', name=op.f('uq_events_template_name'))
    )
    op.create_table('events_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'cancelled', name='eventstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('mode', sa.Enum('in-person', 'online', 'hybrid', name='mode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('audience', sa.Enum('general', 'elderly', 'youth', 'new-resident', name='audience', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('district', sa.String(length=80), nullable=False),
    sa.Column('branch', sa.String(length=120), nullable=False),
    sa.Column('campaign', sa.String(length=120), nullable=False),
    sa.Column('series_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('previous_starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('venue', sa.JSON(), nullable=False),
    sa.Column('address', sa.JSON(), nullable=False),
    sa.Column('map_url', sa.String(length=500), nullable=False),
    sa.Column('online_url', sa.String(length=500), nullable=False),
    sa.Column('step_free', sa.Boolean(), nullable=False),
    sa.Column('hearing_loop', sa.Boolean(), nullable=False),
    sa.Column('sign_language', sa.Boolean(), nullable=False),
    sa.Column('access_note', sa.JSON(), nullable=False),
    sa.Column('telephone', sa.String(length=40), nullable=False),
    sa.Column('most_seats', sa.Integer(), nullable=False),
    sa.Column('takes_groups', sa.Boolean(), nullable=False),
    sa.Column('articles', sa.JSON(), nullable=False),
    sa.Column('pre_quiz', sa.String(length=80), nullable=False),
    sa.Column('post_quiz', sa.String(length=80), nullable=False),
    sa.Column('cost_cents', sa.Integer(), nullable=True),
    sa.Column('materials', sa.Integer(), nullable=True),
    sa.Column('uid', sa.String(length=64), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('words', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('latest_number', sa.Integer(), nullable=False),
    sa.Column('published_number', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancel_reason', sa.String(length=300), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f('ck_events_event_cancelled_at')),
    sa.CheckConstraint("state = 'draft' OR published_number IS NOT NULL", name=op.f('ck_events_event_public_is_approved')),
    sa.CheckConstraint('opens_at <= closes_at AND closes_at <= starts_at', name=op.f('ck_events_event_closes_before_it_starts')),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_events_event_ends_after_it_starts')),
    sa.ForeignKeyConstraint(['series_id'], ['events_series.id'], name=op.f('fk_events_event_series_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_event')),
    sa.UniqueConstraint('slug', name=op.f('uq_events_event_slug')),
    sa.UniqueConstraint('uid', name=op.f('uq_events_event_uid'))
    )
    with op.batch_alter_table('events_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_event_ends_at'), ['ends_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_event_series_id'), ['series_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_event_state_starts_at'), ['state', 'starts_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_event_topic'), ['topic'], unique=False)

    op.create_table('events_card',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_card_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_card')),
    sa.UniqueConstraint('code', name=op.f('uq_events_card_code'))
    )
    with op.batch_alter_table('events_card', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_card_event_id'), ['event_id'], unique=False)

    op.create_table('events_co_organiser',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at_the_door', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_co_organiser_event_id')),
    sa.PrimaryKeyConstraint('event_id', 'person_id', name=op.f('pk_events_co_organiser'))
    )
    op.create_table('events_feedback',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('ticket', sa.String(length=64), nullable=False),
    sa.Column('source', sa.Enum('door', 'offline', 'paper', 'file', 'link', name='admissionsource', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_events_feedback_five_levels')),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_feedback_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_feedback')),
    sa.UniqueConstraint('event_id', 'ticket', name=op.f('uq_events_feedback_event_id_ticket'))
    )
    op.create_table('events_paper_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_paper_file_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_paper_file')),
    sa.UniqueConstraint('event_id', 'digest', name=op.f('uq_events_paper_file_event_id_digest'))
    )
    op.create_table('events_pool',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.Enum('in-person', 'online', name='place', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.CheckConstraint('taken >= 0 AND taken <= capacity', name=op.f('ck_events_pool_not_oversold')),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_pool_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_pool')),
    sa.UniqueConstraint('event_id', 'place', name=op.f('uq_events_pool_event_id_place'))
    )
    op.create_table('events_review',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Enum('open', 'approved', 'sent-back', 'taken-back', name='reviewoutcome', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_by', sa.String(length=120), nullable=False),
    sa.Column('submitted_by_id', sa.Integer(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=120), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_review_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_review'))
    )
    with op.batch_alter_table('events_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_review_event_id'), ['event_id'], unique=False)
        batch_op.create_index('uq_events_review_open', ['event_id'], unique=True, sqlite_where=sa.text("outcome = 'open'"), postgresql_where=sa.text("outcome = 'open'"))

    op.create_table('events_revision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=120), nullable=False),
    sa.Column('authors', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_revision_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_revision')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_events_revision_event_id_number'))
    )
    op.create_table('events_registration',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pool_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('person', 'group', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('pending', 'confirmed', 'waiting', 'offered', 'cancelled', 'passed', 'lapsed', name='state', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.Enum('web', 'staff', 'door', 'paper', name='source', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('token', sa.Text(), nullable=True),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('request', sa.String(length=43), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('contact_kind', sa.Enum('phone', 'mail', 'none', name='contactkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('contact', sa.Text(), nullable=True),
    sa.Column('contact_digest', sa.String(length=64), nullable=True),
    sa.Column('person_digest', sa.String(length=64), nullable=True),
    sa.Column('organisation', sa.String(length=120), nullable=False),
    sa.Column('members', sa.Text(), nullable=True),
    sa.Column('answers', sa.Text(), nullable=True),
    sa.Column('access_note', sa.Text(), nullable=True),
    sa.Column('under_14', sa.Boolean(), nullable=False),
    sa.Column('locale', sa.Enum('zh-Hans', 'zh-Hant', 'en', name='locale', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('audience', sa.Enum('general', 'elderly', 'youth', 'new-resident', name='audience', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('hold_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_sequence', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('pending', 'offered')) = (hold_until IS NOT NULL)", name=op.f('ck_events_registration_holds_end')),
    sa.CheckConstraint('erased_at IS NULL OR (name IS NULL AND contact IS NULL AND person_digest IS NULL)', name=op.f('ck_events_registration_erased_is_empty')),
    sa.CheckConstraint('seats > 0', name=op.f('ck_events_registration_takes_a_seat')),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_registration_event_id')),
    sa.ForeignKeyConstraint(['pool_id'], ['events_pool.id'], name=op.f('fk_events_registration_pool_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_registration')),
    sa.UniqueConstraint('code', name=op.f('uq_events_registration_code')),
    sa.UniqueConstraint('event_id', 'request', name=op.f('uq_events_registration_event_id_request')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_events_registration_token_digest'))
    )
    with op.batch_alter_table('events_registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_registration_event_id_contact_digest'), ['event_id', 'contact_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_registration_pool_id_state_id'), ['pool_id', 'state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_registration_state_hold_until'), ['state', 'hold_until'], unique=False)
        batch_op.create_index('uq_events_registration_live', ['event_id', 'person_digest'], unique=True, sqlite_where=sa.text("state IN ('pending', 'confirmed', 'waiting', 'offered')"), postgresql_where=sa.text("state IN ('pending', 'confirmed', 'waiting', 'offered')"))

    op.create_table('events_access_need',
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('need', sa.Enum('step-free', 'hearing', 'sign-language', 'large-print', 'carer', 'other', name='accessneed', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['events_registration.id'], name=op.f('fk_events_access_need_registration_id')),
    sa.PrimaryKeyConstraint('registration_id', 'need', name=op.f('pk_events_access_need'))
    )
    op.create_table('events_admission',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.Enum('code', 'group', 'walk-in', 'tally', 'online', name='admissionkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('source', sa.Enum('door', 'offline', 'paper', 'file', 'link', name='admissionsource', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('nonce', sa.String(length=43), nullable=False),
    sa.Column('device', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('conflict', sa.Boolean(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(length=120), nullable=True),
    sa.CheckConstraint("(kind IN ('code', 'group')) = (registration_id IS NOT NULL) OR kind = 'online'", name=op.f('ck_events_admission_of_whom')),
    sa.CheckConstraint('people > 0', name=op.f('ck_events_admission_lets_somebody_in')),
    sa.ForeignKeyConstraint(['event_id'], ['events_event.id'], name=op.f('fk_events_admission_event_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['events_registration.id'], name=op.f('fk_events_admission_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_admission')),
    sa.UniqueConstraint('event_id', 'nonce', name=op.f('uq_events_admission_event_id_nonce'))
    )
    with op.batch_alter_table('events_admission', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_events_admission_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_admission_event_id_kind'), ['event_id', 'kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_events_admission_registration_id'), ['registration_id'], unique=False)

    op.create_table('events_card_attempt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('card_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('wave', sa.Enum('pre', 'post', 'follow-up', name='wave', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('attempt_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['quizzes_attempt.id'], name=op.f('fk_events_card_attempt_attempt_id')),
    sa.ForeignKeyConstraint(['card_id'], ['events_card.id'], name=op.f('fk_events_card_attempt_card_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_card_attempt')),
    sa.UniqueConstraint('attempt_id', name=op.f('uq_events_card_attempt_attempt_id')),
    sa.UniqueConstraint('card_id', 'wave', name=op.f('uq_events_card_attempt_card_id_wave'))
    )
    op.create_table('events_consent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('purpose', sa.Enum('registration', 'access', 'child', name='purpose', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('text_version', sa.String(length=20), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['registration_id'], ['events_registration.id'], name=op.f('fk_events_consent_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events_consent')),
    sa.UniqueConstraint('registration_id', 'purpose', name=op.f('uq_events_consent_registration_id_purpose'))
    )
    op.create_table('events_guardian',
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('contact', sa.Text(), nullable=False),
    sa.Column('contact_kind', sa.Enum('phone', 'mail', 'none', name='contactkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('relation', sa.Enum('parent', 'grandparent', 'other-guardian', name='relation', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('text_version', sa.String(length=20), nullable=False),
    sa.Column('token', sa.Text(), nullable=True),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['registration_id'], ['events_registration.id'], name=op.f('fk_events_guardian_registration_id')),
    sa.PrimaryKeyConstraint('registration_id', name=op.f('pk_events_guardian')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_events_guardian_token_digest'))
    )
    op.create_table('events_notice',
    sa.Column('registration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['events_registration.id'], name=op.f('fk_events_notice_registration_id')),
    sa.PrimaryKeyConstraint('registration_id', 'kind', name=op.f('pk_events_notice'))
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('events_notice')
    op.drop_table('events_guardian')
    op.drop_table('events_consent')
    op.drop_table('events_card_attempt')
    with op.batch_alter_table('events_admission', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_events_admission_registration_id'))
        batch_op.drop_index(batch_op.f('ix_events_admission_event_id_kind'))
        batch_op.drop_index(batch_op.f('ix_events_admission_at'))

    op.drop_table('events_admission')
    op.drop_table('events_access_need')
    with op.batch_alter_table('events_registration', schema=None) as batch_op:
        batch_op.drop_index('uq_events_registration_live', sqlite_where=sa.text("state IN ('pending', 'confirmed', 'waiting', 'offered')"), postgresql_where=sa.text("state IN ('pending', 'confirmed', 'waiting', 'offered')"))
        batch_op.drop_index(batch_op.f('ix_events_registration_state_hold_until'))
        batch_op.drop_index(batch_op.f('ix_events_registration_pool_id_state_id'))
        batch_op.drop_index(batch_op.f('ix_events_registration_event_id_contact_digest'))

    op.drop_table('events_registration')
    op.drop_table('events_revision')
    with op.batch_alter_table('events_review', schema=None) as batch_op:
        batch_op.drop_index('uq_events_review_open', sqlite_where=sa.text("outcome = 'open'"), postgresql_where=sa.text("outcome = 'open'"))
        batch_op.drop_index(batch_op.f('ix_events_review_event_id'))

    op.drop_table('events_review')
    op.drop_table('events_pool')
    op.drop_table('events_paper_file')
    op.drop_table('events_feedback')
    op.drop_table('events_co_organiser')
    with op.batch_alter_table('events_card', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_events_card_event_id'))

    op.drop_table('events_card')
    with op.batch_alter_table('events_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_events_event_topic'))
        batch_op.drop_index(batch_op.f('ix_events_event_state_starts_at'))
        batch_op.drop_index(batch_op.f('ix_events_event_series_id'))
        batch_op.drop_index(batch_op.f('ix_events_event_ends_at'))

    op.drop_table('events_event')
    op.drop_table('events_template')
    op.drop_table('events_series')
