"""Answers that come in on paper: typed twice by two people, or in a file. Each sheet becomes one attempt, once.

Whoever takes sheets in locks the quiz's version first (`_lock`), so that of two people at once the second sees what the
first has done. Nothing else waits for that lock: it lets rows refer to the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.errors import PortalError
from portal.core.settings import Locale
from portal.quizzes.models import Attempt, Group, PaperSheet, QuizVersion, Response
from portal.quizzes.rules import answers, marking, paper, taking
from portal.quizzes.rules.bank import Source
from portal.quizzes.rules.marking import Mark
from portal.quizzes.rules.paper import Sheet, Typed
from portal.quizzes.rules.quizzes import Quiz
from portal.quizzes.services import taking as verbs
from portal.reference.rules import quarters


class SamePerson(PortalError):
    """The second typing must be another person's."""


class AlreadyTaken(PortalError):
    """The sheet has become an attempt already."""


class NoSuchGroup(PortalError):
    """The quiz has no group with this code."""


class NoAnswers(PortalError):
    """Not one question is answered."""


class Stage(StrEnum):
    """Where a sheet stands."""

    HALF = "half"
    """Typed by one person."""
    DIFFERENT = "different"
    """Typed by two people, not alike."""
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Typist:
    """Who types."""

    id: int
    name: str


def stage(sheet: PaperSheet) -> Stage:
    """Return where a sheet stands."""
    if sheet.attempt_id is not None:
        return Stage.TAKEN
    return Stage.HALF if sheet.second is None else Stage.DIFFERENT


def versions_of(session: Session, quiz_id: int) -> dict[int, QuizVersion]:
    """Return every version of a quiz by its number."""
    found = session.scalars(sa.select(QuizVersion).where(QuizVersion.quiz_id == quiz_id).order_by(QuizVersion.number))
    return {version.number: version for version in found}


def lock(session: Session, version_id: int) -> QuizVersion:
    """Return a version for whose sheets nobody else does anything until the end of the write unit."""
    # Not the strictest lock: people who begin the quiz on the site refer to this row and must not wait.
    statement = sa.select(QuizVersion).where(QuizVersion.id == version_id).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def find(session: Session, *, version_id: int, sheet: Sheet) -> PaperSheet | None:
    """Return what is known of a sheet."""
    return session.scalar(
        sa.select(PaperSheet)
        .where(PaperSheet.version_id == version_id, PaperSheet.sheet == sheet.number)
        .execution_options(populate_existing=True)
    )


def group_of(session: Session, *, quiz_id: int, code: str) -> Group | None:
    """Return the group of a code, closed or not: sheets are typed when the lecture is over.

    Raises:
        NoSuchGroup: there is a code, but no group of it.
    """
    if not code:
        return None
    found = session.scalar(sa.select(Group).where(Group.code == taking.heard(code), Group.quiz_id == quiz_id))
    if found is None:
        raise NoSuchGroup
    return found


# --- typing -------------------------------------------------------------------------------------------------------


def type_sheet(
    session: Session, *, version_id: int, sheet: Sheet, typed: Typed, by: Typist, at: datetime, zone: tzinfo
) -> PaperSheet:
    """Note what a person has typed from a sheet; when two people have typed the same, it becomes an attempt.

    Where the two differ, either of them types again and replaces their own; a third person who agrees with one of them
    settles it, and otherwise replaces the second.

    Raises:
        NoAnswers: nothing is answered.
        NoSuchGroup: the group's code is unknown.
        AlreadyTaken: it is an attempt already.
        SamePerson: the same person has typed it, and nobody else yet.
    """
    version = lock(session, version_id)
    if not typed.answers:
        raise NoAnswers
    group = group_of(session, quiz_id=version.quiz_id, code=typed.group)
    plain = paper.typed_to_plain(typed)
    present = find(session, version_id=version_id, sheet=sheet)
    if present is None:
        present = PaperSheet(
            version_id=version_id,
            sheet=sheet.number,
            audience=typed.audience,
            group_id=group.id if group else None,
            first=plain,
            first_at=at,
            first_by=by.name,
            first_by_id=by.id,
        )
        session.add(present)
    elif present.attempt_id is not None:
        raise AlreadyTaken
    elif present.second is None and present.first_by_id == by.id:
        raise SamePerson
    elif present.second is not None and present.first_by_id == by.id:
        present.first, present.first_at = plain, at
    else:
        if present.second is not None and _settles(present, typed, by):
            present.first, present.first_at = present.second, present.second_at or at
            present.first_by, present.first_by_id = present.second_by or "", present.second_by_id or 0
        present.second, present.second_at, present.second_by, present.second_by_id = plain, at, by.name, by.id
    session.flush()
    if present.second is not None and not _typed(present.first).differences(_typed(present.second)):
        _take(session, version, sheet, present, at=at, zone=zone)
    details = {"sheet": sheet.number, "stage": stage(present).value}
    record(session, Tag.PAPER_TYPED, by=by.name, at=at, target=f"version:{version_id}", details=details)
    return present


def _settles(present: PaperSheet, typed: Typed, by: Typist) -> bool:
    """Return whether a third person agrees with the second and not with the first."""
    if present.second is None or present.second_by_id == by.id:
        return False
    return not typed.differences(_typed(present.second)) and bool(typed.differences(_typed(present.first)))


def _typed(plain: Mapping[str, object]) -> Typed:
    return paper.typed_from_plain(plain)


def _take(
    session: Session, version: QuizVersion, sheet: Sheet, present: PaperSheet, *, at: datetime, zone: tzinfo
) -> None:
    """Make an attempt of a sheet, as if its answers had been given on the site."""
    typed = _typed(present.first)
    group = group_of(session, quiz_id=version.quiz_id, code=typed.group)
    moment = when(typed.day or _typed(present.second or present.first).day, at=at, zone=zone)
    begun = verbs.begin(
        session,
        version=version,
        audience=typed.audience,
        locale=Locale.HANS,
        source=Source.PAPER,
        chance=paper.lots(verbs.instrument(version).quiz.slug, version.number, sheet.form),
        at=moment,
    )
    for place, answer in typed.answers.items():
        verbs.save(session, attempt_id=begun.attempt.id, slot=place, answer=answer, at=moment)
    attempt = verbs.finish(session, attempt_id=begun.attempt.id, at=moment, zone=zone)
    attempt.group_id = group.id if group else None
    present.audience, present.group_id, present.attempt_id = typed.audience, attempt.group_id, attempt.id
    session.flush()


def when(day: str, *, at: datetime, zone: tzinfo) -> datetime:
    """Return the moment that an attempt on paper counts for: noon of the day it was filled in, or now."""
    if not day or date.fromisoformat(day) >= at.astimezone(zone).date():
        return at
    return datetime.combine(date.fromisoformat(day), time(12), zone)


# --- many at once -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """A sheet of a file that is to become an attempt."""

    sheet: Sheet
    typed: Typed
    group_id: int | None


def take_many(
    session: Session,
    *,
    version: QuizVersion,
    sheets: list[Taken],
    layouts: Mapping[int, list[taking.Place]],
    by: Typist,
    at: datetime,
    zone: tzinfo,
) -> None:
    """Make attempts of many sheets in a few statements: the same rows as begin, save and finish make.

    A file of 5,000 sheets would otherwise keep everybody else from writing for minutes. `tests/quizzes` holds both ways
    side by side.
    """
    # Whoever mends the key waits for these, or these find it mended.
    version_row = sa.select(QuizVersion.id).where(QuizVersion.id == version.id)
    session.execute(version_row.with_for_update(read=True, key_share=True))
    items = verbs.keyed(session, version)
    quiz = verbs.instrument(version).quiz
    marks: dict[tuple[str, str], tuple[dict[str, Any], Mark]] = {}
    attempts: list[dict[str, Any]] = []
    responses: list[list[dict[str, Any]]] = []
    for one in sheets:
        places = layouts[one.sheet.form]
        moment = when(one.typed.day, at=at, zone=zone)
        mine: list[dict[str, Any]] = []
        for slot, answer in one.typed.answers.items():
            name = places[slot].item
            seen = (name, repr(answer))
            if seen not in marks:
                given = answers.checked(answer, items[name])
                marks[seen] = answers.to_plain(given), marking.mark(items[name], given)
            plain, mark = marks[seen]
            mine.append(
                {
                    "slot": slot,
                    "item": name,
                    "given": plain,
                    "answered_at": moment,
                    "seconds": 0.0,
                    "fraction": mark.fraction,
                    "outcome": mark.outcome,
                }
            )
        responses.append(mine)
        attempts.append(_attempt(version, quiz, one, places, mine, moment=moment, zone=zone))
    made = session.execute(sa.insert(Attempt).returning(Attempt.token_digest, Attempt.id), attempts)
    ids: dict[str, int] = {row.token_digest: row.id for row in made}
    owned = [ids[attempt["token_digest"]] for attempt in attempts]
    session.execute(
        sa.insert(Response),
        [{"attempt_id": key, **row} for key, mine in zip(owned, responses, strict=True) for row in mine],
    )
    session.execute(
        sa.insert(PaperSheet),
        [
            {
                "version_id": version.id,
                "sheet": one.sheet.number,
                "audience": one.typed.audience,
                "group_id": one.group_id,
                "first": paper.typed_to_plain(one.typed),
                "first_at": at,
                "first_by": by.name,
                "first_by_id": by.id,
                "attempt_id": key,
            }
            for key, one in zip(owned, sheets, strict=True)
        ],
    )


def _attempt(
    version: QuizVersion,
    quiz: Quiz,
    one: Taken,
    places: list[taking.Place],
    mine: list[dict[str, Any]],
    *,
    moment: datetime,
    zone: tzinfo,
) -> dict[str, Any]:
    digest = crypto.digest(crypto.token())
    fractions = {row["slot"]: row["fraction"] for row in mine}
    total = taking.total(places, fractions, pass_percent=quiz.pass_percent)
    return {
        "version_id": version.id,
        "token_digest": digest,
        "series": digest,
        "ordinal": 1,
        "audience": one.typed.audience,
        "locale": Locale.HANS,
        "source": Source.PAPER,
        "layout": taking.to_plain(places),
        "group_id": one.group_id,
        "started_at": moment,
        "deadline": taking.deadline(quiz, one.typed.audience, moment),
        "finished_at": moment,
        "quarter": quarters.of_moment(moment, zone),
        "points": total.points,
        "possible": sum(place.points for place in places),
        "percent": total.percent,
        "passed": total.passed,
    }
