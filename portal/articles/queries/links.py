"""Links to other sites: where they stand, which is checked next, and which are broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, Link, Revision, Sheet
from portal.articles.rules import FAILURES, LONGEST_URL, WEEK, is_broken
from portal.core import markup
from portal.reference import queries as reference


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken link of an article, and the editions that must be mended."""

    link: Link
    editions: list[Edition] = field(default_factory=list)
    in_sources: bool = False
    """It is the address of a source, which all editions share."""


def outside_urls(session: Session) -> dict[str, list[str]]:
    """Return the address of every link that leads from something public to another site, and where it stands.

    Where: names of articles, and `hotline` with a key.
    """
    found: dict[str, set[str]] = {}
    rows = sa.select(Edition, Article.slug, Article.sources.label("sources"), Revision.html).join(
        Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.published_number)
    )
    for row in session.execute(rows.join(Article, Article.id == Edition.article_id)):
        for url in markup.outside_links(row.html) | _of_sources(row.sources):
            found.setdefault(url, set()).add(row.slug)
    for entry in reference.hotlines(session):
        if entry.url:
            found.setdefault(entry.url, set()).add(f"hotline {entry.key}")
    return {url: sorted(places) for url, places in sorted(found.items()) if len(url) <= LONGEST_URL}


def _of_sources(sources: list[dict[str, Any]]) -> set[str]:
    return {source["url"] for source in sources if source.get("url")}


def links(session: Session) -> list[Link]:
    """Return all that is known of links, by address."""
    return list(session.scalars(sa.select(Link).order_by(Link.url)))


def due_link(session: Session, *, at: datetime, pause: timedelta) -> Link | None:
    """Return the link whose check has been due the longest, but none of a site that was asked less than `pause` ago."""
    resting = sa.select(Link.host).where(Link.checked_at > at - pause)
    due = sa.select(Link).where(Link.next_at <= at, Link.host.not_in(resting))
    return session.scalar(due.order_by(Link.next_at, Link.id).limit(1))


def broken(session: Session, *, now: datetime) -> dict[str, Link]:
    """Return the links that count as broken, by address; what nobody has looked at for a week is not told."""
    failing = sa.select(Link).where(Link.outcome.in_(FAILURES), Link.checked_at > now - WEEK).order_by(Link.url)
    return {link.url: link for link in session.scalars(failing) if is_broken(link.outcome, link.failures)}


def broken_links(session: Session, *, now: datetime, article_id: int | None = None) -> dict[int, list[Broken]]:
    """Return the broken links of public articles by article; of all, or of one.

    The working copies are looked at: a link that somebody has taken out waits for nobody but their review.
    """
    known = broken(session, now=now)
    if not known:
        return {}
    found: dict[int, dict[str, Broken]] = {}
    for edition, sources, html in _working_copies(session, article_id):
        of_article = found.setdefault(edition.article_id, {})
        of_sources = _of_sources(sources)
        for url in sorted((markup.outside_links(html) | of_sources) & known.keys()):
            one = of_article.setdefault(url, Broken(known[url], in_sources=url in of_sources))
            one.editions.append(edition)
    return {number: list(ones.values()) for number, ones in found.items() if ones}


def broken_hotlines(session: Session, *, now: datetime) -> list[str]:
    """Return the telephone numbers of which the address of the source is broken."""
    known = broken(session, now=now)
    return [entry.number for entry in reference.hotlines(session) if entry.url in known] if known else []


def _working_copies(session: Session, article_id: int | None) -> Iterator[tuple[Edition, list[dict[str, Any]], str]]:
    """Yield every edition that is public with the sources and the text that its writers see."""
    rows = (
        sa.select(
            Edition, sa.func.coalesce(Sheet.sources, Article.sources, type_=sa.JSON).label("sources"), Revision.html
        )
        .join(Article, Article.id == Edition.article_id)
        .join(Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.latest_number))
        .outerjoin(Sheet, sa.and_(Sheet.article_id == Article.id, Sheet.number == Article.latest_sheet))
        .where(Edition.published_number.is_not(None))
        .order_by(Edition.article_id, Edition.id)
    )
    if article_id is not None:
        rows = rows.where(Edition.article_id == article_id)
    for row in session.execute(rows):
        yield row.Edition, row.sources, row.html
