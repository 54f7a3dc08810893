"""What goes out in a file."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.quizzes.queries.public import public_version
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import instrument_from_plain


def items_of(session: Session, slug: str) -> list[Item] | None:
    """Return every question that a public quiz can ask, as its newest version froze them; None: no such quiz."""
    version = public_version(session, slug)
    return list(instrument_from_plain(version.instrument).items.values()) if version is not None else None
