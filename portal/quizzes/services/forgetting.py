"""Forgetting what was begun and left."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.quizzes.models import Attempt, Response

LEFT_FOR = timedelta(days=30)
"""How long an attempt that nobody ends can be gone on with."""


def purge(session: Session, *, at: datetime, most: int = 200) -> int:
    """Delete attempts that were begun and left long ago, with their answers; return how many there were.

    Their tokens and short codes go with them. Those of ended attempts are forgotten as they end; should one have
    stayed, it is cleared here.
    """
    left = sa.select(Attempt.id).where(Attempt.finished_at.is_(None), Attempt.started_at < at - LEFT_FOR)
    found = session.scalars(left.order_by(Attempt.id).limit(most).with_for_update()).all()
    if found:
        session.execute(sa.delete(Response).where(Response.attempt_id.in_(found)))
        session.execute(sa.delete(Attempt).where(Attempt.id.in_(found)))
    stale = sa.or_(Attempt.token.is_not(None), Attempt.code_digest.is_not(None))
    session.execute(
        sa.update(Attempt)
        .where(Attempt.finished_at.is_not(None), stale)
        .values(token=None, code_digest=None)
        .execution_options(synchronize_session=False)
    )
    return len(found)
