"""Storing a checked package: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles import queries
from portal.articles.models import Article, Edition, Revision
from portal.articles.rules import ArticleFile, Status
from portal.articles.services.checking import Package, Progress
from portal.articles.services.saving import Words, index_edition, save_article, save_edition, set_status
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import touch_site
from portal.reference import services as reference_services
from portal.reference.rules import Audience, Locale
from portal.reference.services import Changes
from portal.search import services as search
from portal.search.models import Vocabulary

BATCH = 100


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    lists: dict[str, Changes] = field(default_factory=dict)
    articles: Changes = field(default_factory=Changes)
    editions: Changes = field(default_factory=Changes)

    @property
    def changed(self) -> bool:
        """Whether anything at all changed."""
        return bool(self.articles or self.editions or any(self.lists.values()))


def apply(session: Session, package: Package, *, by: str, at: datetime, progress: Progress | None = None) -> Report:
    """Store a prepared package inside the caller's write unit, and report what changed."""
    report = Report()
    if package.site is not None:
        report.lists["site"] = reference_services.store_site(session, content=package.site)
    if package.lint is not None:
        report.lists["check"] = reference_services.store_lint(session, content=package.lint)
    for name in ("topics", "hotlines", "situations", "terms"):
        rows = getattr(package, name)
        if rows is not None:
            report.lists[name] = reference_services.store_list(session, name, rows=rows)
    _store_vocabulary(session, package, report)
    words = Words.of(session)
    # What lists say stands in the search documents too (a topic's name, a term's word).
    renamed = any(report.lists.get(name) for name in ("topics", "hotlines", "terms"))
    stored = queries.stored_editions(session)
    seen: set[tuple[str, str, str]] = set()
    for place, line in enumerate(package.lines(), 1):
        _store_article(session, line, stored, seen, words, report, renamed=renamed, by=by, at=at)
        if place % BATCH == 0:
            session.flush()
            session.expunge_all()
            if progress is not None:
                progress(place, len(package.slugs))
    if progress is not None and package.slugs:
        progress(len(package.slugs), len(package.slugs))
    if package.has_articles:
        present = set(package.slugs)
        report.articles.missing = sorted(queries.slugs(session) - present)
        gone = {key for key in stored if key[0] in present} - seen
        report.editions.missing = sorted("/".join(key) for key in gone)
    package.spool.close()
    if report.changed:
        touch_site(session)
        record(session, Tag.PACKAGE_IMPORTED, by=by, at=at, details=_summary(report))
    return report


def _store_vocabulary(session: Session, package: Package, report: Report) -> None:
    if package.words is None and package.synonyms is None:
        return
    before = session.get(Vocabulary, 1)
    words = package.words if package.words is not None else (before.words if before else [])
    synonyms = package.synonyms if package.synonyms is not None else (before.synonyms if before else [])
    changed = search.set_vocabulary(session, words=words, synonyms=synonyms)
    changes = Changes()
    if changed:
        changes.changed.append("vocabulary")
    else:
        changes.unchanged = 1
    report.lists["search words"] = changes


def _store_article(
    session: Session,
    line: dict[str, Any],
    stored: dict[tuple[str, str, str], queries.Stored],
    seen: set[tuple[str, str, str]],
    words: Words,
    report: Report,
    *,
    renamed: bool,
    by: str,
    at: datetime,
) -> None:
    slug = line["slug"]
    article, is_new, changed = save_article(session, slug=slug, said=ArticleFile(**line["article"]), by=by, at=at)
    if is_new:
        report.articles.added.append(slug)
    elif changed:
        report.articles.changed.append(slug)
    else:
        report.articles.unchanged += 1
    for item in line["editions"]:
        key = (slug, item["audience"], item["locale"])
        name = "/".join(key)
        seen.add(key)
        before = stored.get(key)
        status = Status(item["status"])
        if item["text"] is not None:
            save_edition(
                session,
                article=article,
                audience=Audience(item["audience"]),
                locale=Locale(item["locale"]),
                text=item["text"],
                status=status,
                words=words,
                by=by,
                at=at,
                note="content import",
            )
            (report.editions.added if before is None else report.editions.changed).append(name)
        elif before is not None and (before.published_number == before.latest_number) != (status is Status.PUBLISHED):
            _change_status(session, article, before, status, words, at=at)
            report.editions.changed.append(name)
        else:
            if (changed or renamed) and before is not None:
                _change_status(session, article, before, None, words, at=at)
            report.editions.unchanged += 1


def _change_status(
    session: Session, article: Article, before: queries.Stored, status: Status | None, words: Words, *, at: datetime
) -> None:
    edition = session.get_one(Edition, before.edition_id)
    if status is not None:
        set_status(session, edition=edition, status=status, at=at)
        session.flush()
    revision = session.scalars(
        sa.select(Revision).where(Revision.edition_id == edition.id, Revision.number == edition.latest_number)
    ).one()
    index_edition(session, article=article, edition=edition, revision=revision, words=words)


def _summary(report: Report) -> dict[str, Any]:
    counted = {**report.lists, "articles": report.articles, "editions": report.editions}
    return {name: {"added": len(one.added), "changed": len(one.changed)} for name, one in counted.items() if one}
