"""Giving out everything as a content package; taking it in again changes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles import queries
from portal.articles.models import Article
from portal.articles.rules import Status
from portal.articles.services.pictures import write_pictures
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.reference import queries as reference
from portal.reference.rules import write_yaml
from portal.search.models import Vocabulary


class FolderInUse(PortalError):
    """The folder to export into holds something already."""


def note_export(session: Session, *, articles: int, size: int, by: str, at: datetime) -> None:
    """Record that somebody took a copy of all content: what is not public yet leaves the desk with it."""
    record(session, Tag.PACKAGE_EXPORTED, by=by, at=at, details={"articles": articles, "bytes": size})


def export_package(session: Session, folder: Path, *, data: Path) -> int:
    """Write all content into `folder`, which must be empty or absent; return the number of articles.

    Args:
        data: where the library of pictures lies.

    Raises:
        FolderInUse: there is something in the folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(f"{folder} is not an empty folder. Name one that does not exist yet.")
    folder.mkdir(parents=True, exist_ok=True)
    _write_lists(session, folder)
    write_pictures(session, folder, data=data)
    former = queries.former_slugs(session)
    count = 0
    for article in session.scalars(sa.select(Article).order_by(Article.id)):
        _write_article(session, folder / "articles" / article.slug, article, former.get(article.slug, []))
        count += 1
    return count


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def _columns(entry: Any, *names: str) -> dict[str, Any]:
    """Return the named columns that say something; empty ones are left out of the file."""
    return {name: value for name in names if (value := getattr(entry, name)) not in ({}, [], "", None)}


def _write_lists(session: Session, folder: Path) -> None:
    site = reference.site(session)
    if site is not reference.EMPTY_SITE:
        _write(folder / "site.yaml", write_yaml({name: value for name, value in site.items() if value}))
    if topics := reference.topics(session):
        rows = [_columns(entry, "key", "parent", "name", "note", "icon") for entry in topics]
        _write(folder / "topics.yaml", write_yaml(rows))
    if hotlines := reference.hotlines(session):
        names = (
            "key",
            "number",
            "name",
            "purpose",
            "details",
            "caution",
            "hours",
            "source",
            "url",
            "checked_on",
            "strip",
        )
        numbers = [{**_columns(entry, *names), "dial": "true" if entry.dial else "false"} for entry in hotlines]
        situations = [_columns(entry, "key", "text", "advice", "call") for entry in reference.situations(session)]
        _write(folder / "hotlines.yaml", write_yaml({"hotlines": numbers, "situations": situations}))
    if terms := reference.terms(session):
        rows = [_columns(entry, "key", "term", "plain", "source", "checked_on") for entry in terms]
        _write(folder / "glossary.yaml", write_yaml(rows))
    if campaigns := reference.campaigns(session):
        _write(folder / "calendar.yaml", write_yaml([_campaign(entry) for entry in campaigns]))
    if (lint := reference.lint(session))["rules"]:
        _write(folder / "lint.yaml", write_yaml(lint))
    vocabulary = session.get(Vocabulary, 1)
    if vocabulary is not None and vocabulary.synonyms:
        _write(folder / "synonyms.yaml", write_yaml(vocabulary.synonyms))
    if vocabulary is not None and vocabulary.words:
        _write(folder / "words.txt", "\n".join(vocabulary.words) + "\n")


def _campaign(entry: Any) -> dict[str, Any]:
    """Return a campaign as the file has it: numbers as text, and no end that says nothing."""
    row = _columns(entry, "key", "month", "until", "names", "organiser", "source", "checked_on")
    if row["until"] == row["month"]:
        del row["until"]
    return {name: str(value) if isinstance(value, int) else value for name, value in row.items()}


def _write_article(session: Session, folder: Path, article: Article, former: list[str]) -> None:
    folder.mkdir(parents=True)
    said = _columns(article, "topic", "checked_on", "review_by")
    if former:
        said["former_slugs"] = former
    said |= _columns(article, "related", "facts")
    said["sources"] = [{name: value for name, value in row.items() if value} for row in article.sources]
    _write(folder / "article.yaml", write_yaml(said))
    for edition, revision in queries.latest_texts(session, article_id=article.id):
        front = _columns(revision, "title", "summary", "hook")
        is_public = edition.published_number == edition.latest_number
        front["status"] = (Status.PUBLISHED if is_public else Status.DRAFT).value
        text = f"---\n{write_yaml(front)}---\n{revision.body}"
        _write(folder / f"{edition.audience}.{edition.locale}.md", text)
