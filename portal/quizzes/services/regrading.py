"""Marking anew after a wrong key: explicit, logged, and both marks are kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.rules import Person
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.core.settings import Permission
from portal.quizzes.models import Attempt, Document, QuizVersion, Regrade, Response
from portal.quizzes.rules import answers, items, marking
from portal.quizzes.rules.bank import Sort
from portal.quizzes.services import bank, taking


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
    after = _with_key_of(before, _public(session, document))
    if after == before:
        raise CannotRegrade("same")
    return Plan(version, before, after)


def regrade(
    session: Session, *, version_id: int, item: str, reason: str, by: Person, at: datetime, seen: str = ""
) -> Regrade:
    """Mark every answer to one question of a version by the key that the question has now, as published.

    The wording stays as it was asked; only key, weights, tolerance and marking rule are taken over.

    Args:
        seen: the `Plan.seen` that the person agreed to; empty: whatever there is now.

    Raises:
        LookupError: there is no such version, or it does not ask this question.
        CannotRegrade: the person may not, nothing would differ, another plan was agreed to, or the options are not
            the same any more.
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
    version, present, after = found.version, found.before, found.after
    changed = count = 0
    touched: set[int] = set()
    rows = session.scalars(
        sa.select(Response)
        .join(Attempt, Attempt.id == Response.attempt_id)
        .where(Attempt.version_id == version.id, Response.item == item)
    )
    for response in rows:
        count += 1
        mark = marking.mark(after, answers.from_plain(response.given))
        if (mark.fraction, mark.outcome) == (response.fraction, response.outcome):
            continue
        changed += 1
        touched.add(response.attempt_id)
        if response.first_fraction is None:
            response.first_fraction, response.first_outcome = response.fraction, response.outcome.value
        response.fraction, response.outcome = mark.fraction, mark.outcome
    done = Regrade(
        version_id=version.id,
        item=item,
        reason=reason,
        before=items.to_plain(present),
        after=items.to_plain(after),
        answers=count,
        changed=changed,
        at=at,
        by=by.name,
        by_id=by.id,
    )
    session.add(done)
    session.flush()
    for attempt_id in sorted(touched):
        _add_up_anew(session, session.get_one(Attempt, attempt_id))
    record(
        session,
        Tag.QUIZ_REGRADED,
        by=by.name,
        at=at,
        target=f"quiz-version:{version.id}",
        details={"item": item, "reason": reason, "answers": count, "changed": changed},
    )
    return done


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


def _add_up_anew(session: Session, attempt: Attempt) -> None:
    if attempt.finished_at is None:
        return
    if attempt.first_points is None:
        attempt.first_points, attempt.first_percent = attempt.points, attempt.percent
        attempt.first_passed = attempt.passed
    taking.add_up(session, attempt)
