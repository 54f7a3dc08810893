"""What happens to texts on their way to the public, and around them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.articles.rules import ReviewState
from portal.core.database import Base, Key, Sealed, enum_column


class Review(Base):
    """A set of revisions that was submitted together: approved as one, published together or not at all."""

    __tablename__ = "articles_review"

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"), index=True)
    state: Mapped[ReviewState] = enum_column(ReviewState)
    sheet_number: Mapped[int | None]
    """The sheet that goes with the set; NULL: what the editions share stays as it is."""
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(sa.String(120))
    submitted_by_id: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(500))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.String(120))
    decided_by_id: Mapped[int | None]
    opinion: Mapped[str] = mapped_column(sa.Text, default="")
    opinion_number: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    """The number of the review opinion (消保审查意见), such as 2026-0001."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What the check said at the decision, and which findings were waived by whom and why."""
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(sa.String(120))
    published_by_id: Mapped[int | None]
    failure: Mapped[str] = mapped_column(sa.String(40), default="")
    """Why the last try to publish at the time failed: a value of `Why`, or `error`."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    alone_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    """Why one reviewer published the alert alone; empty: they did not."""
    confirm_by: Mapped[datetime | None] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(120))


class ReviewItem(Base):
    """One revision in a review."""

    __tablename__ = "articles_review_item"

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_review.id"), primary_key=True)
    edition_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_edition.id"), primary_key=True)
    number: Mapped[int]
    base_number: Mapped[int | None]
    """What the public read when the set was submitted."""


class Counter(Base):
    """The last number given to a review opinion in a year."""

    __tablename__ = "articles_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Waiver(Base):
    """A finding of the check that a reviewer lets stand, with the reason; it holds while the sentence stays."""

    __tablename__ = "articles_waiver"
    __table_args__ = (sa.UniqueConstraint("edition_id", "finding"),)

    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_edition.id"))
    finding: Mapped[str] = mapped_column(sa.String(20))
    rule: Mapped[str] = mapped_column(sa.String(80))
    passage: Mapped[str] = mapped_column(sa.String(300))
    reason: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    by_id: Mapped[int]


class Slot(Base):
    """What a person has typed into an edition and not saved: kept for them, apart from the history."""

    __tablename__ = "articles_slot"
    __table_args__ = (sa.UniqueConstraint("article_id", "audience", "locale", "person_id"),)

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"))
    audience: Mapped[str] = mapped_column(sa.String(32))
    locale: Mapped[str] = mapped_column(sa.String(32))
    person_id: Mapped[int]
    base_number: Mapped[int]
    """The revision that the text was begun from."""
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class PreviewLink(Base):
    """An address under which somebody without an account sees an article's working copies."""

    __tablename__ = "articles_preview_link"

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    note: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Helpful(Base):
    """One answer to "Was this helpful?". Nothing in it says who answered."""

    __tablename__ = "articles_helpful"

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"), index=True)
    audience: Mapped[str] = mapped_column(sa.String(32))
    locale: Mapped[str] = mapped_column(sa.String(32))
    quarter: Mapped[str] = mapped_column(sa.String(6), index=True)
    """Such as 2026Q4, in the site's time zone. The day and time are not kept."""
    was_helpful: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(Sealed)
    once: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """A digest of sender, edition and day under the day's salt: another answer of that day takes the place of this."""


class Salt(Base):
    """What the digests of one day are made with. It is thrown away with the day; nobody can make them again then."""

    __tablename__ = "articles_salt"

    day: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(64))


class Sender(Base):
    """How many answers came from one place in one hour; the place is a digest under the day's salt."""

    __tablename__ = "articles_sender"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


class Receipt(Base):
    """A member of staff has read an alert (反诈法 art. 30: staff are warned of new methods)."""

    __tablename__ = "articles_receipt"

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime]
