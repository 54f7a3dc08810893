"""Saving an article and its editions: an immutable revision for each new text, and the search document with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, FormerSlug, Review, ReviewItem, Revision, Sheet
from portal.articles.rules import LIVE, Act, ReviewState, State, Status, next_state
from portal.articles.services.figures import note_figures
from portal.core import markup
from portal.core.database import touch_site
from portal.prose.rules import reading_minutes
from portal.reference import queries as reference
from portal.reference.rules import Audience, Locale, localised
from portal.search import services as search
from portal.search.rules import document_key

COMMAND = 0
"""The author of what a command has taken in."""
SHARED = ("slug", "topic", "checked_on", "review_by", "expires_at", "related", "facts", "sources")
"""What a sheet says, and the public copy of it on the article."""


@dataclass(frozen=True, slots=True)
class Words:
    """What references are shown as, in one language: numbers and glossary terms by key."""

    numbers: dict[str, str]
    terms: dict[str, dict[str, str]]
    topics: dict[str, dict[str, str]]

    @classmethod
    def of(cls, session: Session) -> Words:
        """Return the words of the stored lists."""
        return cls(
            numbers={entry.key: entry.number for entry in reference.hotlines(session)},
            terms={entry.key: entry.term for entry in reference.terms(session)},
            topics={entry.key: entry.name for entry in reference.topics(session)},
        )

    def plain(self, html: str, *, locale: str) -> str:
        """Return stored HTML with its references filled in as words."""
        return markup.fill(
            html,
            hotline=lambda key: self.numbers.get(key, key),
            term=lambda key, shown: shown or localised(self.terms.get(key, {}), locale)[0],
            article=lambda _slug: "",
        )


# --- what all editions share --------------------------------------------------------------------------------------


def sheet(session: Session, *, article: Article, number: int | None = None) -> Sheet | None:
    """Return one saved state of what the editions share; by default the latest."""
    wanted = article.latest_sheet if number is None else number
    return session.scalar(sa.select(Sheet).where(Sheet.article_id == article.id, Sheet.number == wanted))


def add_sheet(
    session: Session,
    *,
    article: Article,
    values: dict[str, Any],
    by: str,
    authors: list[int],
    at: datetime,
    note: str = "",
) -> Sheet | None:
    """Store a new state of what the editions share; None: nothing is different from the latest.

    A review that is under way becomes void: it was asked about other facts.

    Args:
        values: those of `SHARED` that may differ; the others stay as they are.
    """
    latest = sheet(session, article=article)
    before = {name: getattr(latest or article, name) for name in SHARED}
    after = before | values
    if latest is not None and after == before:
        return None
    article.latest_sheet += 1
    added = Sheet(
        article_id=article.id,
        number=article.latest_sheet,
        authors=authors,
        created_at=at,
        created_by=by,
        note=note,
        **after,
    )
    session.add(added)
    void_reviews(session, article=article)
    if article.published_sheet is None:
        # Nobody reads it yet; the list of the desk shows these columns.
        for name in SHARED:
            setattr(article, name, after[name])
    session.flush()
    return added


def publish_sheet(session: Session, *, article: Article, number: int) -> None:
    """Make a saved state of what the editions share the public one; an old name leads on to the new one."""
    shown = sheet(session, article=article, number=number)
    if shown is None:
        raise LookupError(f"article {article.id} has no sheet {number}")
    if shown.slug != article.slug:
        session.execute(sa.delete(FormerSlug).where(FormerSlug.slug == shown.slug))
        if article.published_sheet is not None:
            session.add(FormerSlug(slug=article.slug, article_id=article.id))
        for edition in session.scalars(sa.select(Edition).where(Edition.article_id == article.id)):
            search.remove(session, document_key(article.slug, edition.audience, edition.locale))
    for name in SHARED:
        setattr(article, name, getattr(shown, name))
    article.published_sheet = number
    session.flush()


# --- texts --------------------------------------------------------------------------------------------------------


def save_edition(
    session: Session,
    *,
    article: Article,
    audience: Audience,
    locale: Locale,
    text: dict[str, Any],
    status: Status,
    words: Words,
    by: str,
    at: datetime,
    note: str = "",
) -> None:
    """Store a text as a command has it: the edition's next revision, published or withdrawn as `status` says."""
    edition = _edition(session, article=article, audience=audience, locale=locale, at=at)
    revision = add_revision(
        session, article=article, edition=edition, text=text, words=words, by=by, authors=[COMMAND], at=at, note=note
    )
    set_status(session, edition=edition, status=status, at=at)
    session.flush()
    index_edition(session, article=article, edition=edition, revision=revision, words=words)


def _edition(session: Session, *, article: Article, audience: Audience, locale: Locale, at: datetime) -> Edition:
    edition = session.scalar(
        sa.select(Edition).where(
            Edition.article_id == article.id, Edition.audience == audience, Edition.locale == locale
        )
    )
    if edition is None:
        edition = Edition(
            article_id=article.id,
            audience=audience,
            locale=locale,
            state=State.DRAFT,
            latest_number=0,
            updated_at=at,
        )
        session.add(edition)
        session.flush()
    return edition


def save_draft(
    session: Session,
    *,
    article: Article,
    audience: Audience,
    locale: Locale,
    text: dict[str, Any],
    words: Words,
    by: str,
    authors: list[int],
    at: datetime,
    note: str = "",
) -> Revision:
    """Store a text as the edition's next revision, for review; the public goes on reading what it reads."""
    edition = _edition(session, article=article, audience=audience, locale=locale, at=at)
    state = edition.state
    revision = add_revision(
        session, article=article, edition=edition, text=text, words=words, by=by, authors=authors, at=at, note=note
    )
    edition.state = next_state(state, Act.EDIT)
    session.flush()
    note_figures(session, article=article, edition=edition)
    return revision


def add_revision(
    session: Session,
    *,
    article: Article,
    edition: Edition,
    text: dict[str, Any],
    words: Words,
    by: str,
    authors: list[int],
    at: datetime,
    note: str,
) -> Revision:
    """Store an edition's next revision; a review that its text is in becomes void.

    Args:
        text: `title`, `summary`, `hook`, `body`, `html`, `toc` and `checksum`.
        authors: everybody who wrote any part of it.
    """
    void_reviews(session, article=article, edition=edition)
    edition.latest_number += 1
    edition.updated_at = at
    filled = words.plain(text["html"], locale=edition.locale)
    revision = Revision(
        edition_id=edition.id,
        number=edition.latest_number,
        key_message=markup.key_message(filled),
        minutes=reading_minutes(markup.plain(filled), audience=edition.audience),
        created_at=at,
        created_by=by,
        authors=sorted(set(authors)),
        note=note,
        **text,
    )
    session.add(revision)
    return revision


def void_reviews(session: Session, *, article: Article, edition: Edition | None = None) -> None:
    """Make the reviews void that an article's facts, or one edition's text, are in: an edit voids approval.

    The other editions of such a set become drafts again.
    """
    wanted = sa.select(Review).where(Review.article_id == article.id, Review.state.in_(LIVE))
    if edition is not None:
        inside = sa.select(ReviewItem.review_id).where(ReviewItem.edition_id == edition.id)
        wanted = wanted.where(Review.id.in_(inside))
    for review in session.scalars(wanted):
        end_review(session, review=review, state=ReviewState.VOID, editions=State.DRAFT)


def end_review(session: Session, *, review: Review, state: ReviewState, editions: State) -> None:
    """Move a review and the editions in it to their next states."""
    review.state = state
    inside = sa.select(ReviewItem.edition_id).where(ReviewItem.review_id == review.id)
    for member in session.scalars(sa.select(Edition).where(Edition.id.in_(inside), Edition.review_id == review.id)):
        # Only the facts were asked about: the text is as the public reads it.
        is_shown = editions is State.DRAFT and member.published_number == member.latest_number
        member.state = State.PUBLISHED if is_shown else editions


def set_status(session: Session, *, edition: Edition, status: Status, at: datetime) -> None:
    """Publish the latest revision of an edition, or take the edition from the public, as a command has it."""
    if status is Status.PUBLISHED:
        show(edition, number=edition.latest_number, at=at)
        edition.state = State.PUBLISHED
    else:
        hide(edition)
        edition.state = State.DRAFT
    touch_site(session)


def show(edition: Edition, *, number: int, at: datetime) -> None:
    """Let the public read a revision; the day of publication is that of the text."""
    if edition.published_number != number:
        edition.published_number = number
        edition.published_at = at
        edition.first_published_at = edition.first_published_at or at
    edition.withdrawn_at = edition.withdrawn_note = edition.withdrawn_to = edition.withdrawn_number = None


def hide(edition: Edition) -> None:
    """Take an edition from the public."""
    edition.published_number = None
    edition.published_at = None


def index_article(session: Session, *, article: Article, words: Words) -> None:
    """Hand every edition of an article to search as the public reads it now, or take it out."""
    for edition in session.scalars(sa.select(Edition).where(Edition.article_id == article.id)):
        number = edition.published_number or edition.latest_number
        revision = session.scalar(
            sa.select(Revision).where(Revision.edition_id == edition.id, Revision.number == number)
        )
        if revision is not None:
            index_edition(session, article=article, edition=edition, revision=revision, words=words)


def index_edition(session: Session, *, article: Article, edition: Edition, revision: Revision, words: Words) -> None:
    """Hand the edition to search and its figures to the public, or take them out, as it is published or not."""
    note_figures(session, article=article, edition=edition)
    if edition.published_number is None or edition.published_at is None:
        search.remove(session, document_key(article.slug, edition.audience, edition.locale))
        return
    filled = words.plain(revision.html, locale=edition.locale)
    search.put(
        session,
        search.DocumentData(
            slug=article.slug,
            audience=edition.audience.value,
            locale=edition.locale.value,
            topic=article.topic,
            topic_name=localised(words.topics.get(article.topic, {}), edition.locale)[0],
            title=revision.title,
            summary=revision.summary,
            key_message=revision.key_message,
            headings="\n".join(entry["text"] for entry in revision.toc),
            body=markup.plain(filled),
            published_at=edition.published_at,
        ),
    )
