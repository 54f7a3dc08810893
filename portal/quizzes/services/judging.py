"""The check of questions and quizzes: compliance and readability in every voice, and whether they can be used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.services import Judge, Judgement
from portal.core.settings import Audience, Locale
from portal.media import queries as media
from portal.prose.rules import Draft
from portal.quizzes.models import Document, Revision
from portal.quizzes.rules import items, quizzes, soundness
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item, Kind
from portal.quizzes.rules.quizzes import Quiz

EVERYBODY = Audience.GENERAL.value


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check says of one document, all voices together."""

    problems: tuple[str, ...]
    """Codes of what makes it unusable; nobody can waive these."""
    judgements: tuple[Judgement, ...]

    def kept_back(self, waived: Collection[str]) -> int:
        """Return how many things keep the document back."""
        return len(self.problems) + sum(len(judgement.kept_back(waived)) for judgement in self.judgements)


class BankJudge:
    """The rules, numbers and terms of one moment, for any number of questions and quizzes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._judge = Judge(session)

    @property
    def has_rules(self) -> bool:
        """Whether there are rules to check by."""
        return bool(self._judge.lint.rules)

    def item(self, item: Item, *, today: date) -> Checked:
        """Check a question in each of its voices."""
        found = [str(problem) for problem in soundness.problems(item)]
        if item.stimulus is not None and item.stimulus.picture:
            found += self._picture(item.stimulus.picture)
        judgements = [
            self._text(item.name, audience, locale, words(said), topic=item.topic, today=today)
            for audience, locale, said in voices(item)
        ]
        return Checked(tuple(found), tuple(judgements))

    def quiz(self, quiz: Quiz, *, together: Collection[int], today: date) -> Checked:
        """Check a quiz: its words, and whether every question that it names is public.

        Args:
            together: documents that are to be published with it.
        """
        found = [str(problem) for problem in soundness.quiz_problems(quiz)]
        found += missing(self._session, quiz, together=together)
        judgements = []
        for key in ("", *quiz.voices):
            audience, locale = _voice(key)
            said, _locale = quiz.words(audience=audience, locale=locale)
            text = Words(f"{said.title}\n\n{said.intro}")
            judgements.append(self._text(quiz.slug, audience, locale, text, topic=quiz.topic, today=today))
        return Checked(tuple(found), tuple(judgements))

    def document(self, document: Document, revision: Revision, *, together: Collection[int], today: date) -> Checked:
        """Check a document as one of its revisions has it."""
        if document.sort is Sort.ITEM:
            return self.item(items.from_plain(revision.content), today=today)
        return self.quiz(quizzes.quiz_from_plain(revision.content), together=together, today=today)

    def _text(
        self, name: str, audience: Audience, locale: Locale, words: Words, *, topic: str, today: date
    ) -> Judgement:
        said = {"facts": (), "sources": (), "checked_on": None, "review_by": None}
        whole, own = (
            self._judge.judge(
                Draft(audience=audience.value, locale=locale.value, title="", summary="", body=text, topic=topic),
                slug=name,
                today=today,
                said=said,
            )
            for text in (words.own + words.quoted, words.own)
        )
        # What an article must hold (a hotline, its sources, a risk notice) a question leaves to its article.
        findings = [finding for finding in whole.findings if finding.end]
        notes = tuple(note for note in own.reading.notes if note.message not in OF_LONG_TEXTS)
        return replace(whole, findings=findings, reading=replace(own.reading, notes=notes))

    def _picture(self, key: str) -> list[str]:
        """Return what is wrong with the picture that is to be judged: it must be told to those who cannot see it."""
        asset = media.asset(self._session, key)
        if asset is None:
            return ["picture-unknown"]
        return ["picture-decorative"] if asset.decorative else []


def _voice(key: str) -> tuple[Audience, Locale]:
    audience, _dot, locale = key.partition(".")
    return Audience(audience or EVERYBODY), Locale(locale or Locale.HANS)


def voices(item: Item) -> Iterator[tuple[Audience, Locale, Item]]:
    """Yield the item as each of its voices says it, the base first."""
    for key in ("", *item.voices):
        audience, locale = _voice(key)
        said, _locale = items.wording(item, audience=audience, locale=locale)
        yield audience, locale, said


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a document as the check reads them."""

    own: str
    """What the portal says itself."""
    quoted: str = ""
    """What it shows of others: nobody's style to mend, and free to say what nobody may advise."""


OF_LONG_TEXTS = frozenset({"terms-dense", "average-long", "hard-characters"})
"""Measures of a whole text, which a question is too short for."""


def words(item: Item) -> Words:
    """Return the words of a question.

    A message to be judged and options that are wrong are quoted talk.
    """
    own = [item.stem]
    quoted = [item.stimulus.text] if item.stimulus is not None else []
    if item.kind not in (Kind.JUDGEMENT, Kind.SHORT_ANSWER, Kind.NUMERIC):
        every = item.kind in (Kind.ORDERING, Kind.MATCHING)
        own.append(
            "\n".join(f"- {option.text}" for option in item.options if option.text and (every or option.is_right))
        )
        quoted += [option.text for option in item.options if not (every or option.is_right)]
    own += [option.feedback for option in item.options]
    own.append(item.explanation)
    said = "\n\n".join(text for text in quoted if text)
    return Words("\n\n".join(text for text in own if text), f"\n\n[骗子话术]\n{said}\n[/]\n" if said else "")


def missing(session: Session, quiz: Quiz, *, together: Collection[int]) -> list[str]:
    """Return codes of what a quiz still lacks: questions that are not public, and pools with too few."""
    named = {slot.item for slot in quiz.slots if slot.item}
    public = set(
        session.scalars(
            sa.select(Document.name).where(
                Document.sort == Sort.ITEM,
                Document.name.in_(named),
                sa.or_(Document.published_number.is_not(None), Document.id.in_(together)),
            )
        )
    )
    found = [f"item-not-public:{name}" for name in sorted(named - public)]
    drawn: dict[tuple[str, str | None], int] = {}
    for slot in quiz.slots:
        if slot.pool is not None:
            key = (slot.pool.topic, slot.pool.difficulty)
            drawn[key] = drawn.get(key, 0) + slot.pool.count
    for (topic, difficulty), count in drawn.items():
        there = [one for one in public_items(session, topic=topic) if difficulty in (None, one.difficulty.value)]
        if len([one for one in there if one.name not in named]) < count:
            found.append(f"pool-too-small:{topic}")
    return found


def latest_items(session: Session, names: Collection[str]) -> list[Item]:
    """Return questions as they were last saved, public or not, by their names."""
    statement = (
        sa.select(Revision.content)
        .join(Document, sa.and_(Document.id == Revision.document_id, Document.latest_number == Revision.number))
        .where(Document.sort == Sort.ITEM, Document.name.in_(names))
    )
    return [items.from_plain(content) for content in session.scalars(statement)]


def public_items(session: Session, *, topic: str | None = None, names: Collection[str] | None = None) -> list[Item]:
    """Return published questions as the public has them, by name; by topic or by names."""
    statement = (
        sa.select(Revision.content)
        .join(Document, sa.and_(Document.id == Revision.document_id, Document.published_number == Revision.number))
        .where(Document.sort == Sort.ITEM)
        .order_by(Document.name)
    )
    if topic is not None:
        statement = statement.where(Document.topic == topic)
    if names is not None:
        statement = statement.where(Document.name.in_(names))
    return [items.from_plain(content) for content in session.scalars(statement)]
