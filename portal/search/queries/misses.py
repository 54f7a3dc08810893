"""What was asked and not found."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.search.models import Miss
from portal.search.queries.results import MissCount


def misses(session: Session, limit: int = 100) -> tuple[MissCount, ...]:
    """Return the questions that found nothing, the most frequent first, then the latest."""
    rows = session.scalars(sa.select(Miss).order_by(Miss.count.desc(), Miss.last_at.desc(), Miss.id).limit(limit))
    return tuple(MissCount(row.text, row.audience, row.locale, row.count, row.last_at.isoformat()) for row in rows)
