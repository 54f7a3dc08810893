"""What has been taken: the lists that lead to figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.quizzes.models import Attempt, Document, QuizVersion, Regrade, Response
from portal.quizzes.queries.figures import finished, roll
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.counts import suppress
from portal.quizzes.rules.quizzes import Quiz, quiz_from_plain


@dataclass(frozen=True, slots=True)
class Taken:
    """A version that has been taken, in a quarter."""

    version_id: int
    slug: str
    number: int
    quiz: Quiz
    n: int | None
    """None: too few."""
    percent: float | None
    pass_rate: float | None
    is_newest: bool


def quarters(session: Session) -> list[str]:
    """Return the quarters in which anything was finished, the newest first."""
    found = sa.select(Attempt.quarter).where(Attempt.quarter.is_not(None)).distinct()
    return sorted((quarter for quarter in session.scalars(found) if quarter), reverse=True)


def taken(session: Session, *, quarter: str, every: bool = False) -> list[Taken]:
    """Return what was taken in a quarter, by quiz; the newest version first."""
    numbers = sa.select(QuizVersion.quiz_id, sa.func.max(QuizVersion.number)).group_by(QuizVersion.quiz_id)
    newest = {row[0]: row[1] for row in session.execute(numbers)}
    known = sa.select(Attempt.version_id).where(Attempt.quarter == quarter)
    statement = (
        sa.select(QuizVersion, Document.name)
        .join(Document, Document.id == QuizVersion.quiz_id)
        .where(QuizVersion.id.in_(known))
        .order_by(Document.name, QuizVersion.number.desc())
    )
    return [
        _taken(session, version, slug, quarter, every, is_newest=newest[version.quiz_id] == version.number)
        for version, slug in session.execute(statement)
    ]


def _taken(
    session: Session, version: QuizVersion, slug: str, quarter: str, every: bool, *, is_newest: bool
) -> Taken:  # fmt: skip
    found = roll(session, version, quarter=quarter)
    cells = found.cells()
    leaves = cells.leaves(quarter, every=every)
    n = cells.count(leaves)
    percent, passed = _sums(session, version.id, quarter)
    if not any(leaf.repeat for leaf in leaves):
        percent -= sum(one.percent for one in found.repeats)
        passed -= sum(one.passed for one in found.repeats)
    return Taken(
        version_id=version.id,
        slug=slug,
        number=version.number,
        quiz=quiz_from_plain(version.instrument["quiz"]),
        n=n or None,
        percent=percent / n if n else None,
        pass_rate=passed / n if n else None,
        is_newest=is_newest,
    )


def _sums(session: Session, version_id: int, quarter: str) -> tuple[float, int]:
    """Return the sum of all percents, and how many passed."""
    passed = sa.func.sum(sa.case((Attempt.passed.is_(True), 1), else_=0))
    condition = finished(version_id, quarter=quarter)
    percent, count = session.execute(sa.select(sa.func.sum(Attempt.percent), passed).where(condition)).one()
    return percent or 0.0, count or 0


def quiz_versions(session: Session, slug: str) -> Sequence[QuizVersion]:
    """Return the versions of a quiz, the newest first."""
    statement = (
        sa.select(QuizVersion)
        .join(Document, Document.id == QuizVersion.quiz_id)
        .where(Document.sort == Sort.QUIZ, Document.name == slug)
        .order_by(QuizVersion.number.desc())
    )
    return session.scalars(statement).all()


def taken_versions(session: Session, versions: Sequence[QuizVersion]) -> set[int]:
    """Return which versions have been taken to the end."""
    found = sa.select(Attempt.version_id).where(Attempt.version_id.in_([version.id for version in versions]))
    return set(session.scalars(found.where(Attempt.quarter.is_not(None)).distinct()))


def versions_asking(session: Session, item: str) -> Iterator[tuple[str, QuizVersion]]:
    """Yield every version that can ask a question, with the quiz's slug, the newest first."""
    statement = (
        sa.select(QuizVersion, Document.name)
        .join(Document, Document.id == QuizVersion.quiz_id)
        # Versions are large: only those that have the name anywhere are taken apart.
        .where(sa.cast(QuizVersion.instrument, sa.Text).contains(f'"{item}"', autoescape=True))
        .order_by(Document.name, QuizVersion.number.desc())
    )
    for version, slug in session.execute(statement):
        if any(one["name"] == item for one in version.instrument["items"]):
            yield slug, version


def regrades(session: Session, version_id: int, item: str = "") -> Sequence[Regrade]:
    """Return how the keys of a version were mended, the newest first."""
    statement = sa.select(Regrade).where(Regrade.version_id == version_id).order_by(Regrade.id.desc())
    return session.scalars(statement.where(Regrade.item == item) if item else statement).all()


def under_way(session: Session, version_id: int, item: str) -> Regrade | None:
    """Return the marking anew of a question that has not come to its end."""
    return session.scalar(
        sa.select(Regrade).where(Regrade.version_id == version_id, Regrade.item == item, Regrade.done_at.is_(None))
    )


def being_marked(quiz_id: sa.SQLColumnExpression[int]) -> sa.Exists:
    """Return the condition that answers of a quiz are being marked anew."""
    return sa.exists().where(
        Regrade.done_at.is_(None), Regrade.version_id == QuizVersion.id, QuizVersion.quiz_id == quiz_id
    )


def changed_marks(session: Session, version_id: int, item: str) -> list[tuple[float, float, int | None]]:
    """Return the marks of a question that were changed: the first one, the one that counts, and of how many answers.

    None: too few to be shown.
    """
    statement = (
        sa.select(Response.first_fraction, Response.fraction, sa.func.count())
        .join(Attempt, Attempt.id == Response.attempt_id)
        .where(Attempt.version_id == version_id, Response.item == item, Response.first_fraction.is_not(None))
        .group_by(Response.first_fraction, Response.fraction)
        .order_by(Response.first_fraction, Response.fraction)
    )
    found = {(first, now): count for first, now, count in session.execute(statement)}
    return [(first or 0.0, now, count) for (first, now), count in suppress(found).items()]
