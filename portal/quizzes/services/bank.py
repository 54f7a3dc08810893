"""Writing questions and quizzes, and freezing quizzes into instruments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.rules import LIVE, Act, Person, ReviewState, State, next_state
from portal.articles.services import Stale
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import touch_site
from portal.core.errors import PortalError
from portal.media import services as media
from portal.quizzes.models import Document, QuizVersion, Review, ReviewMember, Revision
from portal.quizzes.rules import items, quizzes
from portal.quizzes.rules.bank import Sort
from portal.quizzes.services.judging import latest_items, public_items

COMMAND = 0
"""The author of what a command has taken in."""


class Conflict(Stale):
    """Somebody saved the document meanwhile; `latest` is what they saved."""

    def __init__(self, latest: Revision) -> None:
        super().__init__("the document was changed meanwhile")
        self.latest = latest


class NameTaken(PortalError):
    """There is another document of this name."""


def checksum(content: Mapping[str, Any]) -> str:
    """Return a digest of plain values that does not depend on the order of their fields."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find(session: Session, *, sort: Sort, name: str) -> Document | None:
    """Return a document by its name."""
    return session.scalar(sa.select(Document).where(Document.sort == sort, Document.name == name))


def lock(session: Session, document_ids: Iterable[int]) -> list[Document]:
    """Return documents whose rows nobody else changes until the end of the write unit, in the order of their ids.

    Raises:
        LookupError: one of them does not exist, or none is named.
    """
    wanted = sorted(set(document_ids))
    statement = sa.select(Document).where(Document.id.in_(wanted)).order_by(Document.id).with_for_update()
    found = list(session.scalars(statement.execution_options(populate_existing=True)))
    if not found or len(found) != len(wanted):
        raise LookupError("documents")
    return found


def revision(session: Session, document: Document, number: int | None = None) -> Revision | None:
    """Return one revision of a document; by default the latest."""
    wanted = document.latest_number if number is None else number
    return session.scalar(sa.select(Revision).where(Revision.document_id == document.id, Revision.number == wanted))


def save(
    session: Session,
    *,
    sort: Sort,
    content: Mapping[str, Any],
    base: int,
    by: str,
    authors: Collection[int],
    at: datetime,
    note: str = "",
) -> Document:
    """Store a question or quiz as its document's next revision; a review that it is in becomes void.

    Saving what the latest revision says already changes nothing.

    Args:
        content: plain values, already checked.
        base: the revision that was changed; 0: a new document.
        authors: everybody who wrote any part of it.

    Raises:
        NameTaken: a new document has the name of another.
        Conflict: `base` is not the latest revision any more.
    """
    name = content["name" if sort is Sort.ITEM else "slug"]
    document = find(session, sort=sort, name=name)
    if document is None:
        if base:
            raise LookupError(name)
        document = Document(
            sort=sort,
            name=name,
            label="",
            topic="",
            article="",
            state=State.DRAFT,
            latest_number=0,
            updated_at=at,
        )
        try:
            with session.begin_nested():
                session.add(document)
        except sa.exc.IntegrityError:
            # Of two who begin one at the same moment the second finds the name taken.
            raise NameTaken(name) from None
    else:
        [document] = lock(session, [document.id])
        latest = revision(session, document)
        if latest is not None and latest.checksum == checksum(content):
            return document
        if base == 0:
            raise NameTaken(name)
        if latest is not None and base != document.latest_number:
            raise Conflict(latest)
    _add(session, document, content, by=by, authors=authors, at=at, note=note)
    record(
        session,
        Tag.BANK_SAVED,
        by=by,
        at=at,
        target=f"{sort.value}:{document.id}",
        details={"name": name, "number": document.latest_number},
    )
    return document


def restore(session: Session, *, document_id: int, number: int, base: int, by: Person, at: datetime) -> Document:
    """Make an old revision the working copy again; it goes through review like any other text.

    Its writers are authors of the new revision too: they cannot approve it.

    Raises:
        LookupError: there is no such document or revision.
        Conflict: `base` is not the latest revision any more.
    """
    [document] = lock(session, [document_id])
    old = revision(session, document, number)
    if old is None:
        raise LookupError(number)
    return save(
        session,
        sort=document.sort,
        content=old.content,
        base=base,
        by=by.name,
        authors=[by.id, *old.authors],
        at=at,
        note=f"↩ {number}",
    )


def _add(
    session: Session,
    document: Document,
    content: Mapping[str, Any],
    *,
    by: str,
    authors: Collection[int],
    at: datetime,
    note: str,
) -> None:
    void_reviews(session, document)
    document.latest_number += 1
    document.updated_at = at
    document.state = next_state(document.state, Act.EDIT)
    document.label = _label(document.sort, content)
    document.topic = content.get("topic", "")
    document.article = content.get("article", "")
    session.add(
        Revision(
            document_id=document.id,
            number=document.latest_number,
            content=dict(content),
            checksum=checksum(content),
            created_at=at,
            created_by=by,
            note=note,
            authors=sorted(set(authors)),
        )
    )
    session.flush()
    note_picture(session, document)


def _label(sort: Sort, content: Mapping[str, Any]) -> str:
    text: str = items.from_plain(content).label if sort is Sort.ITEM else content["title"]
    return text[:200]


def void_reviews(session: Session, document: Document) -> None:
    """Make the live review of a document void: an edit voids approval. The others in it become drafts again."""
    inside = sa.select(ReviewMember.review_id).where(ReviewMember.document_id == document.id)
    for review in session.scalars(sa.select(Review).where(Review.id.in_(inside), Review.state.in_(LIVE))):
        end_review(session, review, state=ReviewState.VOID)


def end_review(session: Session, review: Review, *, state: ReviewState) -> None:
    """End a review; what was in it is a draft again."""
    review.state = state
    for member in session.scalars(sa.select(Document).where(Document.review_id == review.id)):
        member.state = State.DRAFT
    session.flush()


def note_picture(session: Session, document: Document) -> None:
    """Tell the media shelf which pictures a question shows, to the public and in its working copy."""
    if document.sort is not Sort.ITEM:
        return
    for is_public, number in ((False, document.latest_number), (True, document.published_number)):
        found = revision(session, document, number) if number else None
        picture = (found.content.get("stimulus") or {}).get("picture", "") if found else ""
        media.set_uses(
            session,
            user=f"question:{document.id}",
            keys=[picture] if picture else [],
            public=is_public,
            title=document.label,
            address="",
        )


# --- publishing ---------------------------------------------------------------------------------------------------


def show(session: Session, documents: Collection[Document], *, by: str, at: datetime) -> None:
    """Let the public have the latest revision of documents; every quiz that it changes gets a new version.

    Raises:
        KeyError: a quiz names a question that is not public.
    """
    for document in documents:
        if document.published_number != document.latest_number:
            document.published_number = document.latest_number
            document.published_at = at
        document.state = State.PUBLISHED
    session.flush()
    for document in documents:
        note_picture(session, document)
    freeze_public(session, by=by, at=at)
    touch_site(session)


def freeze_public(session: Session, *, by: str, at: datetime) -> None:
    """Give every public quiz whose instrument has changed a new version."""
    public = sa.select(Document).where(Document.sort == Sort.QUIZ, Document.published_number.is_not(None))
    for quiz in session.scalars(public.order_by(Document.id)):
        freeze(session, quiz, by=by, at=at)


def freeze(session: Session, document: Document, *, by: str, at: datetime) -> QuizVersion:
    """Return the newest version of a public quiz, made anew if anything that it asks has changed."""
    found = revision(session, document, document.published_number)
    assert found is not None  # noqa: S101  # a published quiz has the revision that it points to
    content = quizzes.instrument_to_plain(instrument(session, quizzes.quiz_from_plain(found.content)))
    digest = checksum(content)
    newest = latest_version(session, document.id)
    if newest is not None and newest.checksum == digest:
        return newest
    version = QuizVersion(
        quiz_id=document.id,
        number=newest.number + 1 if newest else 1,
        instrument=content,
        checksum=digest,
        published_at=at,
        published_by=by,
    )
    session.add(version)
    session.flush()
    return version


def latest_version(session: Session, quiz_id: int) -> QuizVersion | None:
    """Return the newest version of a quiz."""
    return session.scalar(
        sa.select(QuizVersion).where(QuizVersion.quiz_id == quiz_id).order_by(QuizVersion.number.desc()).limit(1)
    )


def instrument(session: Session, quiz: quizzes.Quiz) -> quizzes.Instrument:
    """Return the instrument that a quiz is now, of public questions.

    A question that the quiz names is in no pool of it, and neither is one of a pair of forms: whoever has seen it in
    a quiz has no "before" left.
    """
    named = named_by(quiz)
    return _instrument(session, quiz, named=public_items(session, names=named))


def drafted(session: Session, quiz: quizzes.Quiz) -> quizzes.Instrument:
    """Return the instrument that a quiz would be if the questions that it names were public as they were last saved.

    What it names and nobody has written is left out.
    """
    named = latest_items(session, named_by(quiz))
    names = {item.name for item in named}
    slots = tuple(slot for slot in quiz.slots if slot.pool is not None or slot.item in names)
    return _instrument(session, replace(quiz, slots=slots), named=named)


def named_by(quiz: quizzes.Quiz) -> list[str]:
    """Return the questions that a quiz asks of everybody, by name."""
    return [slot.item for slot in quiz.slots if slot.pool is None]


def _instrument(session: Session, quiz: quizzes.Quiz, *, named: Collection[items.Item]) -> quizzes.Instrument:
    kept_apart = {*named_by(quiz), *paired_items(session)}
    there = {item.name: item for item in named}
    used = {name: there[name] for name in named_by(quiz)}
    pools: dict[int, tuple[str, ...]] = {}
    for place, slot in enumerate(quiz.slots):
        if slot.pool is not None:
            drawn = [
                item
                for item in public_items(session, topic=slot.pool.topic)
                if slot.pool.difficulty in (None, item.difficulty) and item.name not in kept_apart
            ]
            pools[place] = tuple(item.name for item in drawn)
            used |= {item.name: item for item in drawn}
    return quizzes.Instrument(quiz=quiz, items=used, pools=pools)


def paired_items(session: Session) -> set[str]:
    """Return the names of questions that the forms of a pair ask."""
    public = (
        sa.select(Revision.content)
        .join(Document, sa.and_(Document.id == Revision.document_id, Document.latest_number == Revision.number))
        .where(Document.sort == Sort.QUIZ)
    )
    return {
        slot["item"]
        for content in session.scalars(public)
        if content.get("pair")
        for slot in content["slots"]
        if "item" in slot
    }
