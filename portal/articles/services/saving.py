"""Saving an article and its editions: an immutable revision for each new text, and the search document with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, FormerSlug, Revision
from portal.articles.rules import ArticleFile, Status
from portal.core import markup
from portal.core.database import touch_site
from portal.prose.rules import reading_minutes
from portal.reference.rules import Audience, Locale, localised
from portal.search import services as search
from portal.search.rules import document_key


@dataclass(frozen=True, slots=True)
class Words:
    """What references are shown as, in one language: numbers and glossary terms by key."""

    numbers: dict[str, str]
    terms: dict[str, dict[str, str]]
    topics: dict[str, dict[str, str]]

    def plain(self, html: str, *, locale: str) -> str:
        """Return stored HTML with its references filled in as words."""
        return markup.fill(
            html,
            hotline=lambda key: self.numbers.get(key, key),
            term=lambda key, shown: shown or localised(self.terms.get(key, {}), locale)[0],
            article=lambda _slug: "",
        )


def save_article(session: Session, *, slug: str, said: ArticleFile, at: datetime) -> tuple[Article, bool, bool]:
    """Store what all editions of `slug` share; return the article, whether it is new, and whether anything changed."""
    article = session.scalar(sa.select(Article).where(Article.slug == slug))
    values: dict[str, Any] = {
        "topic": said.topic,
        "checked_on": said.checked_on,
        "review_by": said.review_by,
        "related": said.related,
        "facts": said.facts,
        "sources": said.sources,
    }
    is_new = changed = article is None
    if article is None:
        article = Article(slug=slug, created_at=at, **values)
        session.add(article)
        session.flush()
    elif any(getattr(article, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(article, name, value)
        changed = True
    present = set(session.scalars(sa.select(FormerSlug.slug).where(FormerSlug.article_id == article.id)))
    if present != set(said.former_slugs):
        # A name may come here from another article of the same package.
        taken = sa.or_(FormerSlug.article_id == article.id, FormerSlug.slug.in_(said.former_slugs))
        session.execute(sa.delete(FormerSlug).where(taken))
        session.add_all(FormerSlug(slug=name, article_id=article.id) for name in said.former_slugs)
        changed = True
    if changed:
        touch_site(session)
    return article, is_new, changed


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
    """Store a text as the edition's next revision, and publish or withdraw the edition as `status` says.

    Args:
        text: `title`, `summary`, `hook`, `body`, `html`, `toc` and `checksum`.
    """
    edition = session.scalar(
        sa.select(Edition).where(
            Edition.article_id == article.id, Edition.audience == audience, Edition.locale == locale
        )
    )
    if edition is None:
        edition = Edition(article_id=article.id, audience=audience, locale=locale, latest_number=0, updated_at=at)
        session.add(edition)
        session.flush()
    edition.latest_number += 1
    edition.updated_at = at
    filled = words.plain(text["html"], locale=locale)
    revision = Revision(
        edition_id=edition.id,
        number=edition.latest_number,
        key_message=markup.key_message(filled),
        minutes=reading_minutes(markup.plain(filled), audience=audience),
        created_at=at,
        created_by=by,
        note=note,
        **text,
    )
    session.add(revision)
    set_status(session, edition=edition, status=status, at=at)
    session.flush()
    index_edition(session, article=article, edition=edition, revision=revision, words=words)


def set_status(session: Session, *, edition: Edition, status: Status, at: datetime) -> None:
    """Publish the latest revision of an edition, or take the edition from the public."""
    if status is Status.PUBLISHED:
        edition.published_number = edition.latest_number
        edition.published_at = at
    else:
        edition.published_number = None
        edition.published_at = None
    touch_site(session)


def index_edition(session: Session, *, article: Article, edition: Edition, revision: Revision, words: Words) -> None:
    """Hand the edition to search, or take it out, according to whether it is published."""
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
