"""What the public can take."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.quizzes.models import Attempt, Document, QuizVersion
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.quizzes import Quiz, quiz_from_plain


@dataclass(frozen=True, slots=True)
class QuizCard:
    """A public quiz, as a list shows it."""

    version_id: int
    quiz: Quiz
    questions: int


def newest() -> sa.Select[QuizVersion]:
    """Return a query of the newest version of each public quiz."""
    numbers = (
        sa.select(QuizVersion.quiz_id, sa.func.max(QuizVersion.number).label("number"))
        .group_by(QuizVersion.quiz_id)
        .subquery()
    )
    return (
        sa.select(QuizVersion)
        .join(numbers, sa.and_(numbers.c.quiz_id == QuizVersion.quiz_id, numbers.c.number == QuizVersion.number))
        .join(Document, Document.id == QuizVersion.quiz_id)
        .where(Document.sort == Sort.QUIZ, Document.published_number.is_not(None))
    )


def cards(session: Session) -> list[QuizCard]:
    """Return every public quiz that is no form of a pair, in the order they were made.

    The forms of a pair are given out at a lecture, by their address: whoever has seen one before has no "before" left.
    """
    found = []
    for version in session.scalars(newest().order_by(Document.id)):
        quiz = quiz_from_plain(version.instrument["quiz"])
        if not quiz.pair:
            found.append(QuizCard(version.id, quiz, questions_of(quiz)))
    return found


def all_newest(session: Session) -> list[QuizVersion]:
    """Return the version that is taken now of every public quiz, forms of a pair included."""
    return list(session.scalars(newest().order_by(Document.name)))


def questions_of(quiz: Quiz) -> int:
    """Return how many questions a quiz asks."""
    return sum(slot.pool.count if slot.pool else 1 for slot in quiz.slots)


def public_version(session: Session, slug: str) -> QuizVersion | None:
    """Return the version of a quiz that is taken now; None: there is no such public quiz."""
    return session.scalar(newest().where(Document.name == slug))


def version_of(session: Session, attempt: Attempt) -> QuizVersion:
    """Return the version that an attempt is pinned to."""
    return session.get_one(QuizVersion, attempt.version_id)
