"""What is known of links to other sites."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.articles.rules import LONGEST_URL, History, Outcome
from portal.core.database import Base, Key, enum_column


class Link(Base):
    """A web address that something public leads to, and how its last checks went; once it is nowhere, the row goes."""

    __tablename__ = "articles_link"

    id: Mapped[Key]
    url: Mapped[str] = mapped_column(sa.String(LONGEST_URL), unique=True)
    host: Mapped[str] = mapped_column(sa.String(255))
    """Whom the check asks; empty: it may not ask."""
    next_at: Mapped[datetime] = mapped_column(index=True)
    """When it is checked again."""
    checked_at: Mapped[datetime | None]
    """When its last check began."""
    outcome: Mapped[Outcome | None] = enum_column(Outcome)
    status: Mapped[int | None]
    failures: Mapped[int] = mapped_column(default=0)
    """In a row, and on as many days."""
    failed_at: Mapped[datetime | None]
    """The first of them."""
    counted_at: Mapped[datetime | None]
    """The last of them."""

    @property
    def history(self) -> History:
        """Its failures, as the rules see them."""
        return History(self.failures, self.failed_at, self.counted_at)
