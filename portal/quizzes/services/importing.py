"""Taking questions and quizzes in from files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.rules import Person
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.quizzes.models import Document, Revision
from portal.quizzes.rules import items, quizzes
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import Quiz
from portal.quizzes.services import bank


@dataclass(slots=True)
class Report:
    """What became of each document, by name."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Those that say what was stored before, while the desk has gone on from it: they stay as the desk has them."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return not (self.added or self.changed)


def take_items(session: Session, *, found: Iterable[Item], by: str, author: int = bank.COMMAND, at: datetime) -> Report:
    """Store questions of a file as drafts for review; what is stored already is not touched."""
    report = Report()
    for item in found:
        _take(session, Sort.ITEM, items.to_plain(item), report=report, by=by, author=author, at=at)
    _record(session, report, by=by, at=at)
    return report


def take_bank(session: Session, *, found: Iterable[Item], made: Iterable[Quiz], by: str, at: datetime) -> Report:
    """Store and publish the questions and quizzes of a content package, as its command does with articles.

    Raises:
        KeyError: a quiz names a question that is neither in the package nor public.
    """
    report = Report()
    taken = [
        _take(session, sort, content, report=report, by=by, author=bank.COMMAND, at=at)
        for sort, content in (
            *((Sort.ITEM, items.to_plain(item)) for item in found),
            *((Sort.QUIZ, quizzes.quiz_to_plain(quiz)) for quiz in made),
        )
    ]
    bank.show(session, [document for document in taken if document is not None], by=by, at=at)
    _record(session, report, by=by, at=at)
    return report


def _take(
    session: Session, sort: Sort, content: dict[str, Any], *, report: Report, by: str, author: int, at: datetime
) -> Document | None:
    """Store one document; None: it stays as it is."""
    name = content["name" if sort is Sort.ITEM else "slug"]
    document = bank.find(session, sort=sort, name=name)
    if document is not None:
        latest = bank.revision(session, document)
        digest = bank.checksum(content)
        if latest is not None and latest.checksum == digest:
            report.same.append(name)
            return None
        before = sa.select(Revision.id).where(Revision.document_id == document.id, Revision.checksum == digest)
        if session.scalar(before.limit(1)) is not None:
            report.kept.append(name)
            return None
    (report.changed if document else report.added).append(name)
    base = document.latest_number if document else 0
    return bank.save(session, sort=sort, content=content, base=base, by=by, authors=[author], at=at)


def _record(session: Session, report: Report, *, by: str, at: datetime) -> None:
    if not report.is_empty:
        details = {"added": len(report.added), "changed": len(report.changed)}
        record(session, Tag.BANK_IMPORTED, by=by, at=at, target="bank", details=details)


def from_desk(session: Session, *, found: Iterable[Item], by: Person, at: datetime) -> Report:
    """Store questions of a file that a person brought to the desk, as drafts that they wrote."""
    return take_items(session, found=found, by=by.name, author=by.id, at=at)
