"""Certificates: a code that proves a passed attempt. No name is asked for, kept or printed."""

from __future__ import annotations

import secrets
from datetime import datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.errors import PortalError
from portal.quizzes.models import Attempt, Certificate, QuizVersion
from portal.quizzes.rules import taking
from portal.quizzes.services.taking import instrument

LENGTH = 12
"""60 bits: nobody finds one by trying."""


class NotEarned(PortalError):
    """The attempt has not ended, is not passed as it is marked now, or its quiz gives no certificate."""


def certify(session: Session, *, attempt_id: int, at: datetime, zone: tzinfo) -> Certificate:
    """Return the certificate of a passed attempt, made now if there is none yet.

    Raises:
        NotEarned: there can be none.
    """
    # The attempt's row first: of two requests at once the second finds what the first has made.
    locked = sa.select(Attempt).where(Attempt.id == attempt_id).with_for_update()
    attempt = session.scalars(locked.execution_options(populate_existing=True)).one()
    version = session.get_one(QuizVersion, attempt.version_id)
    if attempt.finished_at is None or not attempt.passed or instrument(version).quiz.pair:
        raise NotEarned
    made = of_attempt(session, attempt)
    if made is None:
        made = Certificate(
            code="".join(secrets.choice(taking.SIGNS) for _ in range(LENGTH)),
            attempt_id=attempt_id,
            issued_on=at.astimezone(zone).date().isoformat(),
        )
        session.add(made)
        session.flush()
    return made


def of_attempt(session: Session, attempt: Attempt) -> Certificate | None:
    """Return the certificate of an attempt."""
    return session.scalar(sa.select(Certificate).where(Certificate.attempt_id == attempt.id))


def of_code(session: Session, code: str) -> tuple[Certificate, Attempt, QuizVersion] | None:
    """Return the certificate of a code, however it was typed, with what it stands for; None: there is none."""
    heard = taking.heard(code)
    if len(heard) != LENGTH:
        return None
    statement = (
        sa.select(Certificate, Attempt, QuizVersion)
        .join(Attempt, Attempt.id == Certificate.attempt_id)
        .join(QuizVersion, QuizVersion.id == Attempt.version_id)
        .where(Certificate.code == heard)
    )
    row = session.execute(statement).one_or_none()
    return (row[0], row[1], row[2]) if row is not None else None


def spoken(code: str) -> str:
    """Return a code as it is shown, in three groups."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
