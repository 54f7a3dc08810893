"""Taking a quiz: what is saved, when, and by which version and key it is marked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from portal.quizzes import queries, services
from portal.quizzes.models import Attempt, Group, QuizVersion, Regrade, Response
from portal.quizzes.rules.answers import Answer, Unanswerable
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.marking import Outcome
from portal.quizzes.rules.quizzes import Counts, Feedback, Quiz
from portal.quizzes.rules.taking import code_of, spoken
from portal.quizzes.services import regrading, taking
from tests.articles.desk import ANN, AT, BOB
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.taken import marked_anew

pytestmark = pytest.mark.usefixtures("desk_library")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def begun(session: Session, made: Quiz | None = None, **options: object) -> taking.Begun:
    """Publish a quiz of two questions and begin it."""
    with transaction():
        publish(session, single(), judgement(), made or quiz())
        return begin(session, **options)


def begin(session: Session, **options: object) -> taking.Begun:
    """Begin the quiz as it is now."""
    version = queries.public_version(session, "try")
    assert version is not None
    given = {"audience": Audience.GENERAL, "locale": Locale.HANS, "at": AT, "chance": Random(1), **options}
    return taking.begin(session, version=version, **given)  # type: ignore[arg-type]  # as given


def save(session: Session, attempt: Attempt, slot: int, *chosen: str, seconds: int = 10) -> Response:
    """Save an answer."""
    with transaction():
        return taking.save(
            session,
            attempt_id=attempt.id,
            slot=slot,
            answer=Answer(chosen=chosen) if chosen else Answer(dont_know=True),
            at=AT + timedelta(seconds=seconds),
        )


def finish(session: Session, attempt: Attempt, seconds: int = 60) -> Attempt:
    """End an attempt."""
    with transaction():
        return taking.finish(session, attempt_id=attempt.id, at=AT + timedelta(seconds=seconds), zone=SHANGHAI)


def test_an_attempt_from_the_beginning_to_the_end(session: Session) -> None:
    one = begun(session).attempt
    first = save(session, one, 0, "b", seconds=8)
    second = save(session, one, 1, "genuine", seconds=20)
    assert [(r.item, r.fraction, r.outcome, r.seconds) for r in (first, second)] == [
        ("code", 1.0, Outcome.RIGHT, 8.0),
        ("sms", 0.0, Outcome.WRONG, 12.0),
    ]
    done = finish(session, one)
    assert (done.points, done.possible, done.percent, done.passed, done.quarter) == (1.0, 2.0, 50.0, False, "2026Q4")
    assert finish(session, one, seconds=90).finished_at == AT + timedelta(seconds=60)
    with pytest.raises(taking.Ended):
        save(session, one, 0, "a")


def test_what_is_kept_of_a_person_is_a_random_token(session: Session) -> None:
    one = begun(session, audience=Audience.YOUTH)
    assert taking.of_token(session, one.token) == one.attempt
    assert one.attempt.token_digest == crypto.digest(one.token)
    stored = session.execute(sa.text("SELECT * FROM quizzes_attempt")).one()
    assert one.token not in {str(value) for value in stored}


def test_an_answer_told_at_once_stands(session: Session) -> None:
    one = begun(session).attempt
    save(session, one, 0, "a")
    assert save(session, one, 0, "a", seconds=20).answered_at == AT + timedelta(seconds=10)
    with pytest.raises(taking.Locked):
        save(session, one, 0, "b")
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 1


def test_an_answer_told_at_the_end_may_be_changed_till_then(session: Session) -> None:
    one = begun(session, quiz(feedback=Feedback.AT_END)).attempt
    save(session, one, 0, "a", seconds=5)
    changed = save(session, one, 0, "b", seconds=30)
    assert (changed.outcome, changed.seconds) == (Outcome.RIGHT, 5.0)


def test_what_was_not_answered_is_worth_nothing(session: Session) -> None:
    one = begun(session, quiz(pass_percent=50)).attempt
    save(session, one, 0, "b")
    done = finish(session, one)
    assert (done.points, done.percent, done.passed) == (1.0, 50.0, True)


def test_dont_know_is_counted_apart(session: Session) -> None:
    one = begun(session).attempt
    assert save(session, one, 0).outcome is Outcome.DONT_KNOW
    assert save(session, one, 1, "unsure").outcome is Outcome.DONT_KNOW


def test_certainty_counts_where_the_quiz_asks_for_it(session: Session) -> None:
    one = begun(session, quiz(certainty=True)).attempt
    with transaction():
        saved = taking.save(session, attempt_id=one.id, slot=0, answer=Answer(chosen=("a",), certainty=3), at=AT)
    assert saved.fraction == -6.0
    assert finish(session, one).percent == 0.0


@pytest.mark.parametrize(
    ("slot", "chosen", "problem"), [(2, "b", LookupError), (-1, "b", LookupError), (0, "z", Unanswerable)]
)
def test_what_no_page_sends_is_refused(session: Session, slot: int, chosen: str, problem: type[Exception]) -> None:
    one = begun(session).attempt
    with pytest.raises(problem):
        save(session, one, slot, chosen)


def test_time_runs_out_for_all_but_the_elderly(session: Session) -> None:
    timed = begun(session, quiz(minutes=1)).attempt
    save(session, timed, 0, "b", seconds=74)
    with pytest.raises(taking.TimeIsUp):
        save(session, timed, 1, "scam", seconds=76)
    with transaction():
        assert taking.end_late(session, at=AT + timedelta(seconds=80), zone=SHANGHAI) == 1
        assert taking.end_late(session, at=AT + timedelta(seconds=80), zone=SHANGHAI) == 0
    assert (timed.points, timed.finished_at) == (1.0, AT + timedelta(seconds=60))
    with transaction():
        calm = begin(session, audience=Audience.ELDERLY).attempt
    assert save(session, calm, 1, "scam", seconds=86_400).outcome is Outcome.RIGHT


def test_a_code_leads_back_to_the_attempt_until_it_ends(session: Session) -> None:
    one = begun(session)
    code = spoken(code_of(one.token))
    assert taking.of_code(session, code.lower()) == one.token
    assert taking.of_code(session, "2222-2222") is None
    assert taking.of_code(session, "") is None
    finish(session, one.attempt)
    assert taking.of_code(session, code) is None
    # Nothing that would lead to the attempt is kept but the digest of its token.
    assert (one.attempt.token, one.attempt.code_digest) == (None, None)


def test_a_quiz_may_be_taken_so_often_and_no_more(session: Session) -> None:
    first = begun(session, quiz(attempts=2, counts=Counts.LAST)).attempt
    save(session, first, 0, "b")
    finish(session, first)
    with transaction():
        second = begin(session, after=first).attempt
    finish(session, second)
    assert [one.ordinal for one in taking.series(session, first)] == [1, 2]
    with transaction(), pytest.raises(taking.NoMoreAttempts):
        begin(session, after=first)


def test_a_group_gathers_what_comes_under_its_code(session: Session) -> None:
    begun(session)
    version = session.scalars(sa.select(QuizVersion)).one()
    with transaction():
        session.add(
            Group(
                quiz_id=version.quiz_id,
                code="CLASS7A2",
                label="七年级",
                created_at=AT,
                created_by="林静",
                closes_at=AT + timedelta(hours=1),
            )
        )
    with transaction():
        one = begin(session, group="class-7a2", audience=Audience.YOUTH).attempt
    assert one.group_id == session.scalars(sa.select(Group.id)).one()
    for code, at in (("UNKNOWN9", AT), ("CLASS7A2", AT + timedelta(days=1))):
        with transaction(), pytest.raises(taking.GroupClosed):
            begin(session, group=code, at=at)


# --- versions and keys


def test_an_old_attempt_goes_on_with_what_it_began(session: Session) -> None:
    one = begun(session).attempt
    with transaction():
        publish(session, single(options=tuple(replace(o, fraction=float(o.id == "a")) for o in single().options)))
        new = begin(session).attempt
    assert save(session, one, 0, "b").outcome is Outcome.RIGHT
    assert save(session, new, 0, "b").outcome is Outcome.WRONG
    assert (one.version_id, new.version_id) == (1, 2)


def wrong_key() -> object:
    return single(options=tuple(replace(o, fraction=float(o.id == "a")) for o in single().options))


def test_marking_anew_keeps_both_marks_and_says_who_and_why(session: Session) -> None:
    with transaction():
        publish(session, wrong_key(), judgement(), quiz())  # type: ignore[arg-type]  # an Item
        right, wrong, under_way = (begin(session).attempt for _ in range(3))
    save(session, right, 0, "b")
    save(session, wrong, 0, "a")
    finish(session, right)
    finish(session, wrong)
    with transaction():
        publish(session, single())
        done = marked_anew(session, version_id=right.version_id, item="code", reason="答案写错了", by=BOB, at=AT)
    assert (done.answers, done.changed, done.by, done.reason) == (2, 2, "周明", "答案写错了")
    assert [(a.first_percent, a.percent, a.first_passed) for a in (right, wrong)] == [
        (0.0, 50.0, False),
        (50.0, 0.0, False),
    ]
    rows = session.execute(sa.select(Response.first_fraction, Response.fraction, Response.first_outcome)).all()
    assert {tuple(row) for row in rows} == {(0.0, 1.0, "wrong"), (1.0, 0.0, "right")}
    # Whoever is under way in that version is marked by the mended key too.
    assert save(session, under_way, 0, "b").outcome is Outcome.RIGHT
    with transaction(), pytest.raises(regrading.CannotRegrade):
        marked_anew(session, version_id=right.version_id, item="code", reason="再来", by=BOB, at=AT)
    assert session.scalar(sa.select(sa.func.count()).select_from(Regrade)) == 1


def test_marking_anew_takes_the_key_and_leaves_the_wording(session: Session) -> None:
    with transaction():
        publish(session, wrong_key(), judgement(), quiz())  # type: ignore[arg-type]  # an Item
        one = begin(session).attempt
        publish(session, single(stem="换了说法，怎么办？"))
        marked_anew(session, version_id=one.version_id, item="code", reason="错", by=BOB, at=AT)
    version = session.get_one(QuizVersion, one.version_id)
    assert taking.keyed(session, version)["code"] == single()


@pytest.mark.parametrize("case", ["person", "other options", "not public", "unknown"])
def test_what_cannot_be_marked_anew(session: Session, case: str) -> None:
    one = begun(session).attempt
    by, item, problem = BOB, "code", regrading.CannotRegrade
    with transaction():
        publish(session, wrong_key())  # type: ignore[arg-type]  # an Item
        if case == "person":
            by = ANN
        elif case == "other options":
            publish(session, single(options=single().options[:2]))
        elif case == "not public":
            found = services.find(session, sort=Sort.ITEM, name="code")
            assert found is not None
            found.published_number = None
        else:
            item, problem = "nothing", LookupError  # type: ignore[assignment]  # another error
        with pytest.raises(problem):
            marked_anew(session, version_id=one.version_id, item=item, reason="错", by=by, at=AT)
