"""How often texts are read and what is searched for: sums of days, and what counts one reader once a day."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base


class Read(Base):
    """How many read an edition on one day of the site's zone, and how many of them to its end."""

    __tablename__ = "articles_read"
    __table_args__ = (sa.CheckConstraint("completions <= reads", name="completed_is_read"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"), primary_key=True)
    audience: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    """Of the edition that was shown, which may not be the one that was asked for."""
    locale: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    reads: Mapped[int]
    completions: Mapped[int]


class SearchTerm(Base):
    """How many asked the search for something on one day, and how many of them found nothing."""

    __tablename__ = "articles_search_term"

    day: Mapped[date] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    """As search spells it; `NOT_KEPT` for all that may name or number somebody, and for what few asked long ago."""
    times: Mapped[int]
    found_nothing: Mapped[int]


class Seen(Base):
    """That a reader was counted today: a digest under the day's salt. It is thrown away with the salt."""

    __tablename__ = "articles_seen"

    day: Mapped[date] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
