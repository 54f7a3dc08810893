"""Groups and their results, in sums alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.quizzes.models import Attempt, Document, Group, QuizVersion, Response
from portal.quizzes.rules import groups as rules
from portal.quizzes.rules import items
from portal.quizzes.rules.groups import Figure, Summary
from portal.quizzes.rules.marking import Outcome


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in the list of the desk."""

    group: Group
    quiz: str
    finished: int


@dataclass(frozen=True, slots=True)
class Results:
    """What a group is told; without a summary: too few have finished."""

    summary: Summary | None
    figures: tuple[Figure, ...]
    stems: dict[str, str]


def group_of(session: Session, group_id: int) -> Group | None:
    """Return a group."""
    return session.get(Group, group_id)


def all_groups(session: Session) -> list[GroupRow]:
    """Return all groups, the newest first."""
    finished = (
        sa.select(sa.func.count())
        .where(Attempt.group_id == Group.id, Attempt.finished_at.is_not(None))
        .scalar_subquery()
    )
    statement = sa.select(Group, Document.name, finished).join(Document, Document.id == Group.quiz_id)
    rows = session.execute(statement.order_by(Group.id.desc())).all()
    return [GroupRow(group, name, count) for group, name, count in rows]


def group_results(session: Session, group: Group) -> Results:
    """Return how a group did, from the attempts that are counted (`rules.counted`)."""
    done = (Attempt.group_id == group.id, Attempt.finished_at.is_not(None))
    finished = session.scalar(sa.select(sa.func.count()).where(*done)) or 0
    statement = sa.select(Attempt.id, Attempt.version_id, Attempt.percent, Attempt.layout).where(*done)
    ordered = statement.order_by(Attempt.finished_at, Attempt.id).limit(rules.counted(finished))
    rows = session.execute(ordered).all()
    summary = rules.summarise([row.percent or 0.0 for row in rows], finished=finished)
    if summary is None:
        return Results(None, (), {})
    fractions: dict[str, list[float]] = defaultdict(list)
    unknown: dict[str, int] = defaultdict(int)
    given = _given(session, [row.id for row in rows])
    for row in rows:
        for slot, place in enumerate(row.layout):
            fraction, outcome = given.get((row.id, slot), (0.0, Outcome.BLANK))
            fractions[place["item"]].append(fraction)
            unknown[place["item"]] += outcome is Outcome.DONT_KNOW
    stems = _stems(session, {row.version_id for row in rows})
    # In the order of the quiz; an attempt may have shuffled it.
    named = sorted(fractions, key=list(stems).index)
    return Results(summary, tuple(rules.figure(item, fractions[item], unknown[item]) for item in named), stems)


def _given(session: Session, attempts: list[int]) -> dict[tuple[int, int], tuple[float, Outcome]]:
    found: dict[tuple[int, int], tuple[float, Outcome]] = {}
    for start in range(0, len(attempts), 500):
        statement = sa.select(Response.attempt_id, Response.slot, Response.fraction, Response.outcome).where(
            Response.attempt_id.in_(attempts[start : start + 500])
        )
        found |= {
            (attempt, slot): (fraction, outcome) for attempt, slot, fraction, outcome in session.execute(statement)
        }
    return found


def _stems(session: Session, versions: set[int]) -> dict[str, str]:
    """Return the wording of questions by name, the newest where there are several."""
    stems: dict[str, str] = {}
    statement = sa.select(QuizVersion.instrument).where(QuizVersion.id.in_(versions)).order_by(QuizVersion.id)
    for instrument in session.scalars(statement):
        stems |= {item.name: item.stem for item in map(items.from_plain, instrument["items"])}
    return stems
