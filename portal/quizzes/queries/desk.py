"""What the desk lists: questions with where they are used, quizzes, reviews, and what they can refer to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles import queries as articles
from portal.articles.models import Article
from portal.articles.rules import ReviewState, State
from portal.media.models import Asset
from portal.media.rules import Kind as MediaKind
from portal.quizzes.models import Document, QuizVersion, Review, ReviewMember, Revision
from portal.quizzes.queries.public import questions_of
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item, from_plain
from portal.quizzes.rules.quizzes import Quiz, quiz_from_plain

PAGE = 30


@dataclass(frozen=True, slots=True)
class BankFilter:
    """What of the bank is asked for; empty values ask for everything."""

    topic: str = ""
    kind: str = ""
    difficulty: str = ""
    state: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """A quiz that a question can stand in."""

    quiz: str
    label: str
    drawn: bool
    """It may be drawn from a pool; otherwise the quiz names it."""


@dataclass(frozen=True, slots=True)
class BankRow:
    """A question as the desk lists it."""

    document: Document
    item: Item
    revision: Revision
    usage: list[Usage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QuizRow:
    """A quiz as the desk lists it."""

    document: Document
    quiz: Quiz
    version: int | None
    """The newest that was public."""

    @property
    def questions(self) -> int:
        """How many questions it asks."""
        return questions_of(self.quiz)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a quiz, without what it holds."""

    number: int
    published_at: datetime
    published_by: str


@dataclass(frozen=True, slots=True)
class SetMember:
    """A document in a review, as it was submitted and as the public had it."""

    document: Document
    text: Revision
    base: Revision | None


def _latest(sort: Sort) -> sa.Select[Document, Revision]:
    return (
        sa.select(Document, Revision)
        .join(Revision, sa.and_(Revision.document_id == Document.id, Revision.number == Document.latest_number))
        .where(Document.sort == sort)
    )


def bank(session: Session, wanted: BankFilter) -> list[BankRow]:
    """Return the questions that a filter asks for, the last changed first.

    The words are looked for in the question, in every voice of it, in what is to be judged, and in its names.
    """
    statement = _latest(Sort.ITEM).order_by(Document.updated_at.desc(), Document.id.desc())
    if wanted.topic:
        statement = statement.where(Document.topic == wanted.topic)
    if wanted.state:
        statement = statement.where(Document.state == wanted.state)
    rows = [BankRow(document, from_plain(text.content), text) for document, text in session.execute(statement)]
    words = wanted.words.casefold().split()
    return [row for row in rows if _fits(row.item, wanted, words)]


def _fits(item: Item, wanted: BankFilter, words: Sequence[str]) -> bool:
    if (wanted.kind and item.kind != wanted.kind) or (wanted.difficulty and item.difficulty != wanted.difficulty):
        return False
    if not words:
        return True
    said = [item.name, item.title, item.stem, *(voice.stem for voice in item.voices.values())]
    if item.stimulus is not None:
        said.append(item.stimulus.text)
    text = "\n".join(said).casefold()
    return all(word in text for word in words)


def usage(session: Session, items: Iterable[Item]) -> dict[str, list[Usage]]:
    """Return by name of a question the quizzes whose working copy or public text names it, or could draw it."""
    statement = (
        sa.select(Document.name, Document.label, Revision.content)
        .join(
            Revision,
            sa.and_(
                Revision.document_id == Document.id,
                sa.or_(Revision.number == Document.latest_number, Revision.number == Document.published_number),
            ),
        )
        .where(Document.sort == Sort.QUIZ)
        .order_by(Document.name)
    )
    quizzes = [(name, label, quiz_from_plain(content)) for name, label, content in session.execute(statement)]
    found: dict[str, list[Usage]] = {}
    for item in items:
        ways: dict[str, Usage] = {}
        for name, label, quiz in quizzes:
            drawn = _way(quiz, item)
            if drawn is not None and (name not in ways or ways[name].drawn):
                ways[name] = Usage(name, label, drawn)
        found[item.name] = list(ways.values())
    return found


def _way(quiz: Quiz, item: Item) -> bool | None:
    """Return whether a quiz draws a question (True) or names it (False); None: neither."""
    if any(slot.item == item.name for slot in quiz.slots):
        return False
    pools = [slot.pool for slot in quiz.slots if slot.pool is not None]
    fits = any(pool.topic == item.topic and pool.difficulty in (None, item.difficulty) for pool in pools)
    return True if fits else None


def quizzes(session: Session) -> list[QuizRow]:
    """Return all quizzes, the last changed first."""
    numbers = sa.select(QuizVersion.quiz_id, sa.func.max(QuizVersion.number)).group_by(QuizVersion.quiz_id)
    newest: dict[int, int] = {row[0]: row[1] for row in session.execute(numbers)}
    statement = _latest(Sort.QUIZ).order_by(Document.updated_at.desc(), Document.id.desc())
    return [
        QuizRow(document, quiz_from_plain(text.content), newest.get(document.id))
        for document, text in session.execute(statement)
    ]


def versions(session: Session, quiz_id: int) -> list[Version]:
    """Return the versions of a quiz, the newest first."""
    statement = (
        sa.select(QuizVersion.number, QuizVersion.published_at, QuizVersion.published_by)
        .where(QuizVersion.quiz_id == quiz_id)
        .order_by(QuizVersion.number.desc())
    )
    return [Version(*row) for row in session.execute(statement)]


def revisions(session: Session, document_id: int) -> list[Revision]:
    """Return what was saved of a document, the newest first."""
    statement = sa.select(Revision).where(Revision.document_id == document_id).order_by(Revision.number.desc())
    return list(session.scalars(statement))


def labels(session: Session) -> dict[str, tuple[int, str, State, bool]]:
    """Return every question by its name: number, label, state, and whether it is public as it stands."""
    statement = sa.select(
        Document.name, Document.id, Document.label, Document.state, Document.published_number, Document.latest_number
    ).where(Document.sort == Sort.ITEM)
    return {
        row.name: (row.id, row.label, row.state, row.published_number == row.latest_number)
        for row in session.execute(statement.order_by(Document.name))
    }


def names_of(session: Session) -> dict[str, str]:
    """Return what staff call each question, by its name."""
    return {name: label for name, (_id, label, _state, _public) in labels(session).items()}


# --- reviews ------------------------------------------------------------------------------------------------------


def reviews(session: Session) -> list[tuple[Review, list[Document]]]:
    """Return submitted sets with what is in them, those that wait for somebody first, then the newest."""
    waits = sa.case((Review.state.in_((ReviewState.OPEN, ReviewState.APPROVED)), 0), else_=1)
    found = list(session.scalars(sa.select(Review).order_by(waits, Review.id.desc()).limit(200)))
    members = (
        sa.select(ReviewMember.review_id, Document)
        .join(Document, Document.id == ReviewMember.document_id)
        .where(ReviewMember.review_id.in_([review.id for review in found]))
        .order_by(Document.sort.desc(), Document.id)
    )
    inside: dict[int, list[Document]] = {}
    for number, document in session.execute(members):
        inside.setdefault(number, []).append(document)
    return [(review, inside.get(review.id, [])) for review in found]


def waiting(session: Session) -> int:
    """Return how many sets wait for a decision."""
    return session.scalar(sa.select(sa.func.count()).where(Review.state == ReviewState.OPEN)) or 0


def set_members(session: Session, review_id: int) -> list[SetMember]:
    """Return what is in a review: quizzes first, as they were submitted."""
    statement = (
        sa.select(Document, ReviewMember)
        .join(ReviewMember, ReviewMember.document_id == Document.id)
        .where(ReviewMember.review_id == review_id)
        .order_by(Document.sort.desc(), Document.id)
    )
    rows = session.execute(statement).all()
    numbers = [(document.id, number) for document, row in rows for number in (row.number, row.base_number) if number]
    texts = {
        (text.document_id, text.number): text
        for text in session.scalars(
            sa.select(Revision).where(sa.tuple_(Revision.document_id, Revision.number).in_(numbers))
        )
    }
    return [
        SetMember(
            document,
            texts[document.id, row.number],
            texts.get((document.id, row.base_number)) if row.base_number else None,
        )
        for document, row in rows
    ]


def reviews_of(session: Session, document_id: int) -> list[Review]:
    """Return the reviews that a document was in, the newest first."""
    inside = sa.select(ReviewMember.review_id).where(ReviewMember.document_id == document_id)
    return list(session.scalars(sa.select(Review).where(Review.id.in_(inside)).order_by(Review.id.desc())))


def to_submit(session: Session) -> list[Document]:
    """Return what could be submitted: working copies that the public does not have and that nobody is looking at."""
    statement = sa.select(Document).where(
        Document.state.in_((State.DRAFT, State.NEEDS_CHANGES, State.WITHDRAWN, State.PUBLISHED)),
        sa.or_(Document.published_number.is_(None), Document.published_number != Document.latest_number),
    )
    return list(session.scalars(statement.order_by(Document.sort.desc(), Document.updated_at.desc(), Document.id)))


# --- what can be referred to --------------------------------------------------------------------------------------


def article_titles(session: Session) -> list[tuple[str, str]]:
    """Return the articles by their names in the address, with what the desk calls them."""
    titles = articles.titles_of(session)
    rows = session.execute(sa.select(Article.id, Article.slug).order_by(Article.slug))
    return [(slug, titles.get(number, slug)) for number, slug in rows]


def pictures(session: Session, keep: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return pictures that can be judged, by key: those with words for whoever cannot see them.

    Args:
        keep: keys that are shown whatever has become of them.
    """
    usable = sa.and_(Asset.kind == MediaKind.PICTURE, ~Asset.decorative, Asset.retired_at.is_(None))
    statement = sa.select(Asset.key, Asset.title).where(sa.or_(usable, Asset.key.in_(list(keep))))
    return [
        (key, title) for key, title in session.execute(statement.order_by(Asset.created_at.desc(), Asset.id.desc()))
    ]
