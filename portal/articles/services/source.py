"""Keeping editions in step: each remembers the state of its source that somebody last saw it to agree with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition
from portal.articles.queries.source import source_edition
from portal.articles.rules import Act, Person, Why
from portal.articles.services.standing import Refused, Stale, lock
from portal.articles.services.workflow import audit
from portal.audit.rules import Tag
from portal.core.settings import Permission


def note_seen(session: Session, *, article: Article, edition: Edition) -> None:
    """Write down that an edition agrees with its source and the facts as they are now."""
    source = source_edition(session, edition)
    edition.seen_revision = source.latest_number if source is not None else None
    edition.seen_sheet = article.latest_sheet if source is not None else None


def confirm_source(
    session: Session, *, edition_id: int, revision: int, sheet_number: int, by: Person, at: datetime
) -> None:
    """Record that somebody has looked at what changed and the edition still says the same; its text stays.

    Args:
        revision: the number of the source's text that they saw.
        sheet_number: the number of the facts that they saw.

    Raises:
        Refused: the person may not write.
        Stale: the source has changed again.
    """
    if Permission.WRITE not in by.permissions:
        raise Refused(Act.EDIT, Why.NO_PERMISSION)
    edition = session.get(Edition, edition_id)
    if edition is None:
        raise LookupError("edition")
    article = lock(session, edition.article_id)
    session.refresh(edition)
    source = source_edition(session, edition)
    if source is None or (source.latest_number, article.latest_sheet) != (revision, sheet_number):
        raise Stale("the source has changed again")
    note_seen(session, article=article, edition=edition)
    session.flush()
    audit(
        session, Tag.SOURCE_CONFIRMED, article=article, by=by.name, at=at,
        edition=f"{edition.audience}/{edition.locale}", source=revision, sheet=sheet_number,
    )  # fmt: skip
