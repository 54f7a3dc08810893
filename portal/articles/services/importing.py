"""Storing a checked package: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles import queries
from portal.articles.models import Article, Edition
from portal.articles.rules import BRINGS_TEXT, ArticleFile, Mode, Status, Step, step
from portal.articles.services.checking import Package, Progress
from portal.articles.services.pictures import store_pictures
from portal.articles.services.saving import (
    COMMAND,
    Words,
    index_article,
    save_draft,
    save_edition,
    set_status,
    void_reviews,
)
from portal.articles.services.source import note_seen
from portal.articles.services.standing import Stale
from portal.articles.services.taking import Taken, save_article
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import touch_site
from portal.media import services as media
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
    pictures: Changes = field(default_factory=Changes)
    articles: Changes = field(default_factory=Changes)
    editions: Changes = field(default_factory=Changes)
    kept: list[str] = field(default_factory=list)
    """What the desk has changed since the file was written; it stays."""
    names: list[str] = field(default_factory=list)
    """Articles whose former slugs were not taken from the file."""
    basis: list[str] = field(default_factory=list)
    """Everything that is changed, with the number of what it stands on."""

    @property
    def counted(self) -> dict[str, Changes]:
        """Everything that is counted, by name."""
        return {**self.lists, "pictures": self.pictures, "articles": self.articles, "editions": self.editions}

    @property
    def changed(self) -> bool:
        """Whether anything at all changed."""
        return any(self.counted.values())


def apply(
    session: Session,
    package: Package,
    *,
    by: str,
    at: datetime,
    authors: list[int] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Store a prepared package inside the caller's write unit, and report what changed.

    A package that was prepared as `Mode.DRAFT` is stored for review: the public goes on reading what it reads, and
    lists are left alone.

    Args:
        authors: the people who answer for the texts; by default nobody, as for a command.

    Raises:
        Stale: something was changed after the package had been checked.
    """
    # The rows of all articles first, always in the same order: of two acts at once the second waits here.
    session.execute(sa.select(Article.id).order_by(Article.id).with_for_update())
    report = Report()
    if package.mode is not Mode.DRAFT:
        _store_lists(session, package, report)
    _store_pictures(session, package, report, by=by, at=at)
    # What lists say stands in the search documents too (a topic's name, a term's word).
    renamed = any(report.lists.get(name) for name in ("topics", "hotlines", "terms"))
    work = _Work(session, package.mode, Words.of(session), queries.stored_editions(session), report, by, authors, at)
    for place, line in enumerate(package.lines(), 1):
        work.take(line, renamed=renamed)
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
        gone = {key for key in work.stored if key[0] in present} - work.seen
        report.editions.missing = sorted("/".join(key) for key in gone)
    package.spool.close()
    if report.changed:
        if package.mode is not Mode.DRAFT:
            touch_site(session)
        record(session, Tag.PACKAGE_IMPORTED, by=by, at=at, details=_summary(report, package.mode))
    return report


def _store_lists(session: Session, package: Package, report: Report) -> None:
    if package.site is not None:
        report.lists["site"] = reference_services.store_site(session, content=package.site)
    if package.lint is not None:
        report.lists["check"] = reference_services.store_lint(session, content=package.lint)
    for name in ("topics", "hotlines", "situations", "terms", "campaigns"):
        rows = getattr(package, name)
        if rows is not None:
            report.lists[name] = reference_services.store_list(session, name, rows=rows)
    _store_vocabulary(session, package, report)


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


def _store_pictures(session: Session, package: Package, report: Report, *, by: str, at: datetime) -> None:
    """Store the pictures before the texts that show them."""
    try:
        report.pictures = store_pictures(session, package.pictures, mode=package.mode, by=by, at=at)
    except media.Changed as problem:
        raise Stale(str(problem)) from None
    report.kept += package.pictures.kept
    report.basis += [f"media/{key}" for key in report.pictures.added + report.pictures.changed]


@dataclass(slots=True)
class _Work:
    """Stores one article after another."""

    session: Session
    mode: Mode
    words: Words
    stored: dict[tuple[str, str, str], queries.Stored]
    report: Report
    by: str
    authors: list[int] | None
    at: datetime
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def take(self, line: dict[str, Any], *, renamed: bool) -> None:
        """Store one article with its editions; `renamed`: what search knows of it is out of date."""
        taken = save_article(
            self.session,
            slug=line["slug"],
            said=ArticleFile(**line["article"]),
            by=self.by,
            at=self.at,
            authors=self.authors,
            mode=self.mode,
            shows=any(item["status"] == Status.PUBLISHED for item in line["editions"]),
        )
        self._tell(line["slug"], taken)
        came = {
            (item["audience"], item["locale"]) for item in line["editions"] if self._take_edition(taken.article, item)
        }
        if came:
            # What comes together agrees; what stays behind is looked at by somebody.
            for edition in queries.editions_of(self.session, article_id=taken.article.id):
                if (edition.audience, edition.locale) in came:
                    note_seen(self.session, article=taken.article, edition=edition)
        if self.mode is not Mode.DRAFT and not taken.is_new and (taken.is_changed or renamed):
            self.session.flush()
            index_article(self.session, article=taken.article, words=self.words)

    def _tell(self, slug: str, taken: Taken) -> None:
        articles = self.report.articles
        if taken.is_new:
            articles.added.append(slug)
            if self.authors:
                taken.article.owner_id = self.authors[0]
        elif taken.is_changed:
            articles.changed.append(slug)
        else:
            articles.unchanged += 1
        if taken.is_new or taken.is_changed:
            self.report.basis.append(f"{slug}@{taken.article.latest_sheet}")
        if taken.is_kept:
            self.report.kept.append(slug)
        if taken.drops_names:
            self.report.names.append(slug)

    def _take_edition(self, article: Article, item: dict[str, Any]) -> bool:
        """Store an edition; return whether it brought a text."""
        key = (article.slug, item["audience"], item["locale"])
        name = "/".join(key)
        self.seen.add(key)
        before = self.stored.get(key)
        status = Status(item["status"])
        todo = step(self.mode, status=status, checksum=item["checksum"], before=before.before if before else None)
        if todo is Step.NOTHING or todo is Step.KEEP:
            self.report.editions.unchanged += 1
            if todo is Step.KEEP:
                self.report.kept.append(name)
            return False
        if todo in BRINGS_TEXT:
            self._store(article, item, todo)
        elif before is not None:
            edition = self.session.get_one(Edition, before.edition_id)
            void_reviews(self.session, article=article, edition=edition)
            set_status(self.session, edition=edition, status=status, at=self.at)
            self.session.flush()
            index_article(self.session, article=article, words=self.words)
        (self.report.editions.added if before is None else self.report.editions.changed).append(name)
        self.report.basis.append(f"{name}@{before.latest_number if before else 0}")
        return todo in BRINGS_TEXT

    def _store(self, article: Article, item: dict[str, Any], todo: Step) -> None:
        if item["text"] is None:
            raise Stale(f"`{article.slug}` was changed while the package was being checked. Please try again.")
        what: dict[str, Any] = {
            "article": article,
            "audience": Audience(item["audience"]),
            "locale": Locale(item["locale"]),
            "text": item["text"],
            "words": self.words,
            "by": self.by,
            "at": self.at,
            "note": "content import",
        }
        if todo is Step.STORE:
            save_draft(self.session, authors=self.authors or [COMMAND], **what)
        else:
            status = Status.PUBLISHED if todo is Step.PUBLISH else Status.DRAFT
            save_edition(self.session, status=status, **what)


def _summary(report: Report, mode: Mode) -> dict[str, Any]:
    summary: dict[str, Any] = {
        name: {"added": len(one.added), "changed": len(one.changed)} for name, one in report.counted.items() if one
    }
    return summary | ({"as": "draft"} if mode is Mode.DRAFT else {})
