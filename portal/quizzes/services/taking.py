"""Taking a quiz: beginning, saving each answer as it is given, ending. Nobody is asked who they are.

Every verb takes the attempt's row first, so that of two requests at once the second sees what the first has done.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.core.errors import PortalError
from portal.core.settings import Audience, Locale
from portal.quizzes.models import Attempt, Group, QuizVersion, Regrade, Response
from portal.quizzes.rules import answers, items, marking, taking
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Source
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.marking import Mark, Outcome
from portal.quizzes.rules.quizzes import Instrument, instrument_from_plain
from portal.reference.rules import quarters

CODE_PURPOSE = "quiz attempt code"


class NoMoreAttempts(PortalError):
    """The quiz may not be taken as often as that."""


class GroupClosed(PortalError):
    """The group's code is not known for this quiz, or not open any more."""


class Ended(PortalError):
    """The attempt has ended; nothing in it changes any more."""


class TimeIsUp(PortalError):
    """The answer came after the time; what was saved before counts."""


class Locked(PortalError):
    """The key of this question has been told; the answer given before stands."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new attempt and its token, which is told once and nowhere else kept in the clear."""

    attempt: Attempt
    token: str


class Instruments:
    """Instruments by version, read from their rows once: they never change."""

    def __init__(self, most: int = 64) -> None:
        self._kept: dict[tuple[int, str], Instrument] = {}
        self._most = most

    def of(self, version: QuizVersion) -> Instrument:
        """Return the instrument of a version."""
        key = (version.id, version.checksum)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= self._most:
                self._kept.clear()
            found = self._kept[key] = instrument_from_plain(version.instrument)
        return found


_instruments = Instruments()


def instrument(version: QuizVersion) -> Instrument:
    """Return what a version asks, as it was frozen."""
    return _instruments.of(version)


def keyed(session: Session, version: QuizVersion) -> Mapping[str, Item]:
    """Return the questions of a version with the keys that they are marked by now: a wrong key may have been mended."""
    frozen = instrument(version).items
    mended = session.execute(
        sa.select(Regrade.item, Regrade.after).where(Regrade.version_id == version.id).order_by(Regrade.id)
    ).all()
    return {**frozen, **{name: items.from_plain(after) for name, after in mended}} if mended else frozen


# --- beginning ----------------------------------------------------------------------------------------------------


def begin(
    session: Session,
    *,
    version: QuizVersion,
    audience: Audience,
    locale: Locale,
    at: datetime,
    after: Attempt | None = None,
    group: str = "",
    contest_id: int | None = None,
    source: Source = Source.WEB,
    chance: Random | None = None,
) -> Begun:
    """Begin an attempt; what is kept of the person is a random token.

    Args:
        after: the attempt that is taken again.
        group: the code of a class or community centre; empty: none.

    Raises:
        NoMoreAttempts: the quiz may not be taken so often.
        GroupClosed: the code is of no open group of this quiz.
    """
    quiz = instrument(version).quiz
    token = crypto.token()
    series, ordinal = crypto.digest(token), 1
    if after is not None:
        series = after.series
        ordinal = 1 + (session.scalar(sa.select(sa.func.max(Attempt.ordinal)).where(Attempt.series == series)) or 0)
        if quiz.attempts and ordinal > quiz.attempts:
            raise NoMoreAttempts
    group_id = open_group(session, quiz_id=version.quiz_id, code=group, at=at).id if group else None
    places = taking.draw(instrument(version), chance or secrets.SystemRandom())
    attempt = Attempt(
        version_id=version.id,
        token_digest=crypto.digest(token),
        token=token,
        code_digest=code_digests(taking.code_of(token))[0],
        series=series,
        ordinal=ordinal,
        audience=audience,
        locale=locale,
        source=source,
        layout=taking.to_plain(places),
        group_id=group_id,
        contest_id=contest_id,
        started_at=at,
        deadline=taking.deadline(quiz, audience, at),
        possible=sum(place.points for place in places),
    )
    session.add(attempt)
    session.flush()
    return Begun(attempt, token)


def code_digests(code: str) -> list[str]:
    """Return what a short code may lie under while the site's keys are rotated; it is stored under the first."""
    return crypto.keyed_digests(code, purpose=CODE_PURPOSE)


def open_group(session: Session, *, quiz_id: int, code: str, at: datetime) -> Group:
    """Return the open group of a code.

    Raises:
        GroupClosed: there is none for this quiz.
    """
    found = session.scalar(sa.select(Group).where(Group.code == taking.heard(code), Group.quiz_id == quiz_id))
    if found is None or (found.closes_at is not None and at >= found.closes_at):
        raise GroupClosed
    return found


def of_token(session: Session, token: str) -> Attempt | None:
    """Return the attempt of a token."""
    return session.scalar(sa.select(Attempt).where(Attempt.token_digest == crypto.digest(token)))


def of_code(session: Session, code: str) -> str | None:
    """Return the token of the attempt that a short code stands for; None: there is none that is not ended."""
    heard = taking.heard(code)
    if len(heard) != taking.CODE_LENGTH:
        return None
    found = session.scalar(sa.select(Attempt).where(Attempt.code_digest.in_(code_digests(heard))))
    return found.token if found is not None else None


# --- answering ----------------------------------------------------------------------------------------------------


def _lock(session: Session, attempt_id: int) -> Attempt:
    statement = sa.select(Attempt).where(Attempt.id == attempt_id).with_for_update()
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def responses(session: Session, attempt: Attempt) -> dict[int, Response]:
    """Return what has been answered, by place."""
    found = session.scalars(sa.select(Response).where(Response.attempt_id == attempt.id))
    return {response.slot: response for response in found}


def save(session: Session, *, attempt_id: int, slot: int, answer: Answer, at: datetime) -> Response:
    """Save the answer to one question and mark it; the same answer twice is one.

    Raises:
        LookupError: the attempt does not ask so many questions.
        Unanswerable: it is no answer to this question.
        Ended: the attempt has ended.
        TimeIsUp: the time ran out before; the attempt is to be ended.
        Locked: the key has been told after the first answer, which was another.
    """
    attempt = _lock(session, attempt_id)
    if attempt.finished_at is not None:
        raise Ended
    if taking.is_late(attempt.deadline, at):
        raise TimeIsUp
    places = taking.from_plain(attempt.layout)
    if not 0 <= slot < len(places):
        raise LookupError(slot)
    version = session.get_one(QuizVersion, attempt.version_id)
    quiz = instrument(version).quiz
    item = keyed(session, version)[places[slot].item]
    given = answers.checked(answer, item)
    plain = answers.to_plain(given)
    present = session.get(Response, (attempt_id, slot))
    if present is not None and present.given == plain:
        return present
    if present is not None and quiz.tells_at_once and present.outcome is not Outcome.BLANK:
        raise Locked
    mark = marking.mark(item, given)
    if present is None:
        last = session.scalar(sa.select(sa.func.max(Response.answered_at)).where(Response.attempt_id == attempt_id))
        present = Response(
            attempt_id=attempt_id,
            slot=slot,
            item=item.name,
            seconds=max(0.0, (at - (last or attempt.started_at)).total_seconds()),
        )
        session.add(present)
    present.given = plain
    present.answered_at = at
    present.fraction, present.outcome = mark.fraction, mark.outcome
    session.flush()
    return present


def finish(session: Session, *, attempt_id: int, at: datetime, zone: tzinfo) -> Attempt:
    """End an attempt and add its marks up; ending twice is ending once.

    The time that counts is that of the deadline, where the attempt went past it.
    """
    attempt = _lock(session, attempt_id)
    if attempt.finished_at is not None:
        return attempt
    ended = min(at, attempt.deadline) if attempt.deadline is not None else at
    attempt.finished_at = ended
    attempt.quarter = quarters.of_moment(ended, zone)
    add_up(session, attempt)
    # The short code has done its work.
    attempt.token = attempt.code_digest = None
    session.flush()
    return attempt


def end_late(session: Session, *, at: datetime, zone: tzinfo, most: int = 200) -> int:
    """End attempts whose time is over; return how many there were."""
    late = sa.select(Attempt.id).where(
        Attempt.finished_at.is_(None), Attempt.deadline.is_not(None), Attempt.deadline < at - taking.GRACE
    )
    found = session.scalars(late.order_by(Attempt.id).limit(most)).all()
    for attempt_id in found:
        finish(session, attempt_id=attempt_id, at=at, zone=zone)
    return len(found)


def add_up(session: Session, attempt: Attempt) -> None:
    """Set the totals of an attempt from its answers; what was not answered is worth nothing."""
    fractions = {slot: response.fraction for slot, response in responses(session, attempt).items()}
    version = session.get_one(QuizVersion, attempt.version_id)
    pass_percent = instrument(version).quiz.pass_percent
    total = taking.total(taking.from_plain(attempt.layout), fractions, pass_percent=pass_percent)
    attempt.points, attempt.percent, attempt.passed = total.points, total.percent, total.passed


def mark_of(response: Response | None) -> Mark:
    """Return the mark of an answer; of none: nothing."""
    return Mark(response.fraction, response.outcome) if response is not None else Mark(0.0, Outcome.BLANK)


def series(session: Session, attempt: Attempt) -> list[Attempt]:
    """Return the finished attempts of the same person in a row, in the order they were made."""
    statement = sa.select(Attempt).where(Attempt.series == attempt.series, Attempt.finished_at.is_not(None))
    return list(session.scalars(statement.order_by(Attempt.ordinal)))
