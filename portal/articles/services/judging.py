"""The desk's check of editions: compliance and readability, by the stored rules, registry and glossary."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles import queries
from portal.articles.models import Article, Edition, Revision, Sheet
from portal.core.i18n import to_hant
from portal.prose.rules import Around, Draft, Finding, Level, Lint, Names, Reading, measure, read
from portal.reference import queries as reference
from portal.reference.rules import LOCALES, Locale, localised


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the check says of one edition."""

    slug: str
    audience: str
    locale: str
    findings: list[Finding]
    reading: Reading

    @property
    def blocks(self) -> bool:
        """Whether anything keeps the edition from being submitted."""
        return self.reading.blocks or any(finding.level is Level.BLOCK for finding in self.findings)

    def waivable(self) -> Iterator[tuple[str, str, str]]:
        """Yield what keeps the edition back and may be waived: key, rule and passage."""
        for finding in self.findings:
            if finding.level is Level.BLOCK:
                yield finding.key, finding.rule.id, finding.passage
        for note in self.reading.notes:
            if note.level is Level.BLOCK:
                yield note.key, note.message, note.sentence

    def kept_back(self, waived: Collection[str]) -> list[str]:
        """Return the keys of what keeps the edition back and is not `waived`."""
        return [key for key, _rule, _passage in self.waivable() if key not in waived]


def article_facts(article: Article | Sheet) -> dict[str, Any]:
    """Return what an article says for all its editions, as the check takes it."""
    return {
        "facts": article.facts,
        "sources": article.sources,
        "checked_on": date.fromisoformat(article.checked_on),
        "review_by": date.fromisoformat(article.review_by),
    }


class Judge:
    """The rules, numbers and terms of one moment, for any number of texts."""

    def __init__(self, session: Session) -> None:
        self.lint = Lint.of(reference.lint(session))
        self.numbers = {entry.key: entry.number for entry in reference.hotlines(session)}
        terms = reference.terms(session)
        self.terms = {locale: {entry.key: _word(entry.term, locale) for entry in terms} for locale in LOCALES}

    def judge(
        self,
        draft: Draft,
        *,
        slug: str,
        today: date,
        said: dict[str, Any],
        audiences: Collection[str] | None = None,
        is_ai_generated: bool = False,
    ) -> Judgement:
        """Check one edition.

        Args:
            said: what its article says (`article_facts`).
            audiences: those for which the article has an edition in this language; None: do not ask.
        """
        terms = self.terms[Locale(draft.locale)]
        text = read(draft, Names(numbers=self.numbers, terms=terms))
        around = Around(
            numbers=frozenset(self.numbers.values()),
            today=today,
            audiences=frozenset(audiences) if audiences is not None else None,
            is_ai_generated=is_ai_generated,
            **said,
        )
        reading = measure(text, {key: (word,) for key, word in terms.items()})
        return Judgement(slug, draft.audience, draft.locale, self.lint.check(text, around), reading)


def _word(term: dict[str, str], locale: str) -> str:
    word, language = localised(term, locale)
    return to_hant(word) if locale == Locale.HANT and language is Locale.HANS else word


def draft_of(edition: Edition, revision: Revision, *, topic: str) -> Draft:
    """Return a stored text as the check takes it."""
    return Draft(
        audience=edition.audience.value,
        locale=edition.locale.value,
        title=revision.title,
        summary=revision.summary,
        hook=revision.hook,
        body=revision.body,
        topic=topic,
    )


def judge_stored(session: Session, *, today: date, slugs: Collection[str] | None = None) -> Iterator[Judgement]:
    """Check the latest text of every edition, or of the articles `slugs`."""
    judge = Judge(session)
    for article in session.scalars(sa.select(Article).order_by(Article.slug)):
        if slugs is not None and article.slug not in slugs:
            continue
        texts = list(queries.latest_texts(session, article_id=article.id))
        for edition, revision in texts:
            yield judge.judge(
                draft_of(edition, revision, topic=article.topic),
                slug=article.slug,
                today=today,
                said=article_facts(article),
                audiences=[other.audience.value for other, _text in texts if other.locale is edition.locale],
            )
