"""Marking anew after a wrong key: explicit, logged, and both marks are kept.

From the moment that it is ordered, whatever is answered is marked by the mended key. What was answered before, the
worker marks in batches, each in a write unit of its own that also notes how far it has come: whatever happens to the
worker, it goes on there, and no answer is marked twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.rules import Person
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.core.settings import Permission
from portal.quizzes.models import Attempt, Document, QuizVersion, Regrade, Response
from portal.quizzes.queries import results
from portal.quizzes.rules import answers, items, marking
from portal.quizzes.rules import taking as rules
from portal.quizzes.rules.bank import Sort
from portal.quizzes.services import bank, taking
from portal.quizzes.services.drawing import WORKER

BATCH = 1_000
"""So many attempts are marked in one write unit."""


class CannotRegrade(PortalError):
    """The new key does not fit what was asked, is the old one, or is not published."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What marking a question anew would do."""

    version: QuizVersion
    before: items.Item
    after: items.Item
    answers: int = 0
    changed: int = 0
    """Answers, and as many attempts: none asks a question twice."""

    @property
    def seen(self) -> str:
        """What stands for both keys: who agrees to this plan agrees to no other."""
        both = json.dumps([items.to_plain(self.before), items.to_plain(self.after)], sort_keys=True)
        return hashlib.sha256(both.encode()).hexdigest()


def plan(session: Session, *, version_id: int, item: str) -> Plan:
    """Return what marking a question anew would do, without doing it.

    Raises:
        LookupError: there is no such version, or it does not ask this question.
        CannotRegrade: nothing would differ, or the options are not the same any more.
    """
    found = _planned(session, version_id, item)
    count_all = changed = 0
    said = sa.cast(Response.given, sa.Text)
    rows = session.execute(
        sa.select(said, Response.fraction, Response.outcome, sa.func.count())
        .join(Attempt, Attempt.id == Response.attempt_id)
        .where(Attempt.version_id == version_id, Response.item == item)
        .group_by(said, Response.fraction, Response.outcome)
    )
    for given, fraction, outcome, count in rows:
        mark = marking.mark(found.after, answers.from_plain(json.loads(given)))
        count_all += count
        changed += count if (mark.fraction, mark.outcome) != (fraction, outcome) else 0
    return replace(found, answers=count_all, changed=changed)


def _planned(session: Session, version_id: int, item: str) -> Plan:
    version = session.get(QuizVersion, version_id)
    if version is None:
        raise LookupError(version_id)
    before = taking.keyed(session, version).get(item)
    document = bank.find(session, sort=Sort.ITEM, name=item)
    if before is None or document is None:
        raise LookupError(item)
    if results.under_way(session, version_id, item) is not None:
        raise CannotRegrade("under-way")
    after = _with_key_of(before, _public(session, document))
    if after == before:
        raise CannotRegrade("same")
    return Plan(version, before, after)


def regrade(
    session: Session, *, version_id: int, item: str, reason: str, by: Person, at: datetime, seen: str = ""
) -> Regrade:
    """Order that all answers to a question of a version are marked by the key that the question has now, as published.

    The wording stays as it was asked; only key, weights, tolerance and marking rule are taken over.

    Args:
        seen: the `Plan.seen` that the person agreed to; empty: whatever there is now.

    Raises:
        LookupError: there is no such version, or it does not ask this question.
        CannotRegrade: the person may not, nothing would differ, another plan was agreed to, the options are not the
            same any more, or the answers are being marked anew already.
    """
    if Permission.REVIEW not in by.permissions:
        raise CannotRegrade("permission")
    document = bank.find(session, sort=Sort.ITEM, name=item)
    if document is None:
        raise LookupError(item)
    # Of two at once the second finds nothing to change.
    bank.lock(session, [document.id])
    found = _planned(session, version_id, item)
    if seen and seen != found.seen:
        raise CannotRegrade("other-plan")
    # Who begins an attempt holds this row until it is stored: so none can still come with a mark by the key before.
    session.execute(sa.select(QuizVersion.id).where(QuizVersion.id == version_id).with_for_update())
    last = session.scalar(sa.select(sa.func.max(Attempt.id)).where(Attempt.version_id == version_id))
    ordered = Regrade(
        version_id=version_id,
        item=item,
        reason=reason,
        before=items.to_plain(found.before),
        after=items.to_plain(found.after),
        last_attempt=last or 0,
        at=at,
        by=by.name,
        by_id=by.id,
    )
    session.add(ordered)
    session.flush()
    _audit(session, Tag.QUIZ_REGRADED, ordered, by=by.name, at=at, reason=reason)
    return ordered


def _audit(session: Session, tag: Tag, done: Regrade, *, by: str, at: datetime, **details: object) -> None:
    record(session, tag, by=by, at=at, target=f"quiz-version:{done.version_id}", details={"item": done.item, **details})


# --- in batches ---------------------------------------------------------------------------------------------------


def mark_next(session: Session, *, at: datetime) -> bool:
    """Mark the answers of the next attempts; return whether there may be more to do at once."""
    oldest = sa.select(Regrade).where(Regrade.done_at.is_(None)).order_by(Regrade.id).limit(1)
    regrade = session.scalar(oldest.with_for_update().execution_options(populate_existing=True))
    if regrade is None:
        return False
    waiting = sa.select(Attempt.id).where(
        Attempt.version_id == regrade.version_id,
        Attempt.id > regrade.through,
        Attempt.id <= regrade.last_attempt,
    )
    ids = session.scalars(waiting.order_by(Attempt.id).limit(BATCH)).all()
    mine = _free(session, ids)
    if mine:
        _mark(session, regrade, mine)
        regrade.through = mine[-1]
    if len(mine) == len(ids) < BATCH:
        regrade.done_at = at
        counts = {"answers": regrade.answers, "changed": regrade.changed}
        _audit(session, Tag.QUIZ_REGRADE_DONE, regrade, by=WORKER, at=at, **counts)
    session.flush()
    return bool(mine) or regrade.done_at is not None


def _free(session: Session, ids: Sequence[int]) -> Sequence[int]:
    """Take attempts for this write unit, up to the first in which somebody is answering at this moment.

    Nobody is waited for: those whose answers are committed as one take several attempts, in any order, and each side
    would wait for the other.
    """
    free = set(session.scalars(sa.select(Attempt.id).where(Attempt.id.in_(ids)).with_for_update(skip_locked=True)))
    return list(takewhile(free.__contains__, ids))


def _mark(session: Session, regrade: Regrade, ids: Sequence[int]) -> None:
    """Mark one answer of each attempt anew, and add up the attempts where the mark is another."""
    after = items.from_plain(regrade.after)
    said = sa.cast(Response.given, sa.Text)
    rows = session.execute(
        sa.select(
            Response.attempt_id,
            Response.slot,
            said,
            Response.fraction,
            Response.outcome,
            Response.first_fraction,
            Response.first_outcome,
        ).where(Response.attempt_id.in_(ids), Response.item == regrade.item)
    )
    marks: dict[str, marking.Mark] = {}
    changes: list[dict[str, Any]] = []
    for attempt_id, slot, given, fraction, outcome, first_fraction, first_outcome in rows:
        regrade.answers += 1
        if given not in marks:
            marks[given] = marking.mark(after, answers.from_plain(json.loads(given)))
        mark = marks[given]
        if (mark.fraction, mark.outcome) == (fraction, outcome):
            continue
        never = first_fraction is None
        changes.append(
            {
                "attempt_id": attempt_id,
                "slot": slot,
                "fraction": mark.fraction,
                "outcome": mark.outcome,
                "first_fraction": fraction if never else first_fraction,
                "first_outcome": outcome.value if never else first_outcome,
            }
        )
    if changes:
        regrade.changed += len(changes)
        session.execute(sa.update(Response), changes)
        _add_up_anew(session, regrade.version_id, [change["attempt_id"] for change in changes])


def _add_up_anew(session: Session, version_id: int, ids: Sequence[int]) -> None:
    """Add up those of some attempts that have ended; the others are added up at their end."""
    pass_percent = taking.instrument(session.get_one(QuizVersion, version_id)).quiz.pass_percent
    fractions: dict[int, dict[int, float]] = {}
    given = sa.select(Response.attempt_id, Response.slot, Response.fraction).where(Response.attempt_id.in_(ids))
    for attempt_id, slot, fraction in session.execute(given):
        fractions.setdefault(attempt_id, {})[slot] = fraction
    former = ("points", "percent", "passed")
    columns = [getattr(Attempt, name) for name in (*former, *(f"first_{name}" for name in former))]
    ended = sa.select(Attempt.id, Attempt.layout, *columns).where(Attempt.id.in_(ids), Attempt.finished_at.is_not(None))
    changes = []
    for row in session.execute(ended).mappings():
        total = rules.total(rules.from_plain(row["layout"]), fractions[row["id"]], pass_percent=pass_percent)
        first = "" if row["first_points"] is None else "first_"
        changes.append(
            {
                "id": row["id"],
                **{name: getattr(total, name) for name in former},
                **{f"first_{name}": row[f"{first}{name}"] for name in former},
            }
        )
    if changes:
        session.execute(sa.update(Attempt), changes)


def _public(session: Session, document: Document) -> items.Item:
    found = bank.revision(session, document, document.published_number) if document.published_number else None
    if found is None:
        raise CannotRegrade("not-public")
    return items.from_plain(found.content)


def _with_key_of(asked: items.Item, public: items.Item) -> items.Item:
    """Return a question as it was asked, with the key of another revision of it."""
    keys = {option.id: option for option in public.options}
    if public.kind is not asked.kind or set(keys) != {option.id for option in asked.options}:
        raise CannotRegrade("other-options")
    if asked.kind in (items.Kind.SHORT_ANSWER, items.Kind.NUMERIC, items.Kind.ORDERING):
        # There the options are the key.
        options = public.options
    else:
        options = tuple(
            items.Option(
                id=option.id,
                text=option.text,
                fraction=keys[option.id].fraction,
                feedback=keys[option.id].feedback,
                match=keys[option.id].match if asked.kind is items.Kind.MATCHING else option.match,
                tolerance=option.tolerance,
            )
            for option in asked.options
        )
    return replace(
        asked, options=options, marking=public.marking, explanation=public.explanation, voices=_voices(asked, public)
    )


def _voices(asked: items.Item, public: items.Item) -> dict[str, items.Voice]:
    """Return the voices as they were asked, with what explains the answer as it is now."""
    found = {}
    for key, voice in asked.voices.items():
        now = public.voices.get(key, items.Voice())
        options = {
            name: {
                **{part: said for part, said in texts.items() if part != "feedback"},
                **({"feedback": now.options[name]["feedback"]} if now.options.get(name, {}).get("feedback") else {}),
            }
            for name, texts in voice.options.items()
        }
        found[key] = replace(voice, explanation=now.explanation, options=options)
    return found
