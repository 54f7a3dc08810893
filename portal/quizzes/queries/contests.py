"""Contests as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.quizzes.models import Attempt, Contest, Document, Entry
from portal.quizzes.queries.public import newest
from portal.quizzes.rules.contests import Place, ranking
from portal.quizzes.rules.quizzes import quiz_from_plain


@dataclass(frozen=True, slots=True)
class ContestRow:
    """A contest in the list of the desk."""

    contest: Contest
    quiz: str
    entries: int


def contest_of(session: Session, slug: str) -> Contest | None:
    """Return a contest by the name in its address."""
    return session.scalar(sa.select(Contest).where(Contest.slug == slug))


def contest_of_attempt(session: Session, attempt: Attempt) -> Contest | None:
    """Return the contest that an attempt was made for."""
    return session.get(Contest, attempt.contest_id) if attempt.contest_id is not None else None


def slug_of_quiz(session: Session, quiz_id: int) -> str:
    """Return the name of a quiz in its address."""
    return session.get_one(Document, quiz_id).name


def all_contests(session: Session) -> list[ContestRow]:
    """Return all contests, those that close last first."""
    counts = sa.select(sa.func.count()).where(Entry.contest_id == Contest.id).scalar_subquery()
    statement = sa.select(Contest, Document.name, counts).join(Document, Document.id == Contest.quiz_id)
    rows = session.execute(statement.order_by(Contest.closes_at.desc(), Contest.id.desc())).all()
    return [ContestRow(contest, name, entries) for contest, name, entries in rows]


def announced(session: Session, *, at: datetime) -> Sequence[Contest]:
    """Return the contests of public quizzes that are open or still to come, those that close first."""
    statement = (
        sa.select(Contest)
        .join(Document, Document.id == Contest.quiz_id)
        .where(Contest.closes_at > at, Contest.drawn_at.is_(None), Document.published_number.is_not(None))
    )
    return session.scalars(statement.order_by(Contest.closes_at, Contest.id)).all()


def entries(session: Session, contest: Contest) -> int:
    """Return how many have entered."""
    return session.scalar(sa.select(sa.func.count()).where(Entry.contest_id == contest.id)) or 0


def kept_contacts(session: Session, contest: Contest) -> int:
    """Return how many entries still have something to erase."""
    has_something = sa.or_(Entry.contact.is_not(None), Entry.contact_digest.is_not(None))
    return session.scalar(sa.select(sa.func.count()).where(Entry.contest_id == contest.id, has_something)) or 0


def leaderboard(session: Session, contest: Contest) -> Sequence[Place]:
    """Return how the entries stand; without those that were taken back, and empty once contacts are erased."""
    statement = (
        sa.select(Entry.ticket, Attempt.percent, Attempt.started_at, Attempt.finished_at)
        .join(Attempt, Attempt.id == Entry.attempt_id)
        .where(Entry.contest_id == contest.id, Entry.erased_at.is_(None), Attempt.finished_at.is_not(None))
    )
    rows = session.execute(statement).all()
    return ranking(
        (ticket, percent or 0.0, (end - start).total_seconds())
        for ticket, percent, start, end in rows
        if end is not None
    )


def quizzes_to_choose(session: Session, *, pairs: bool) -> list[tuple[int, str]]:
    """Return number and title of the public quizzes.

    Args:
        pairs: with those forms that are given out before and after a lecture; their results are not told.
    """
    found = []
    for version in session.scalars(newest().order_by(Document.id)):
        quiz = quiz_from_plain(version.instrument["quiz"])
        if pairs or not quiz.pair:
            found.append((version.quiz_id, quiz.title))
    return found
