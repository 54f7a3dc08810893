"""The check of a lecture's texts: the rules and readability that articles and quizzes are checked by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.articles.services import Judge, Judgement
from portal.core.settings import Locale
from portal.events.models import Event
from portal.events.queries import desk
from portal.events.rules import plans as rules
from portal.events.rules.plans import LANGUAGES, Plan
from portal.events.services.planning import plan_of
from portal.prose.rules import Draft, Level

OF_LONG_TEXTS = frozenset({"terms-dense", "average-long", "hard-characters"})
"""Measures of a whole article, which these texts are too short for."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check says of a lecture."""

    problems: tuple[str, ...]
    """Codes of what keeps it from being shown; nobody can let these stand."""
    judgements: tuple[Judgement, ...]
    """One for each language."""
    has_rules: bool
    """There are rules to check by; without any, nothing may pass as checked."""

    def held_back(self) -> dict[str, tuple[str, str, str]]:
        """Return what keeps the texts back unless a reviewer lets it stand: rule, passage and language by key."""
        return {
            key: (rule, passage, judgement.locale)
            for judgement in self.judgements
            for key, rule, passage in judgement.waivable()
        }


def check(session: Session, event: Event, *, number: int | None = None, today: date, at: datetime) -> Checked:
    """Check a lecture with the text of a revision; None: the latest."""
    plan = plan_of(session, event, number=number)
    return check_plan(session, plan, name=event.slug, is_public=event.published_number is not None, today=today, at=at)


def check_plan(
    session: Session, plan: Plan, *, name: str = "", is_public: bool = False, today: date, at: datetime
) -> Checked:
    """Check a lecture as it is planned."""
    judge = Judge(session)
    found = rules.problems(plan, is_public=is_public, at=at)
    found += [f"article-not-public:{slug}" for slug in desk.missing_articles(session, plan.details.articles)]
    quizzes = [slug for slug in (plan.details.pre_quiz, plan.details.post_quiz) if slug]
    found += [f"quiz-not-public:{slug}" for slug in desk.missing_quizzes(session, quizzes)]
    judgements = [
        _judged(judge, plan, locale, name=name, today=today) for locale in LANGUAGES if words(plan.content, locale)
    ]
    return Checked(tuple(found), tuple(judgements), bool(judge.lint.rules))


def words(content: dict[str, Any], locale: Locale) -> dict[str, str]:
    """Return the parts of a text that somebody wrote in a language."""
    return {part: text for part in rules.TEXTS if (text := (content.get(part) or {}).get(locale, ""))}


def _judged(judge: Judge, plan: Plan, locale: Locale, *, name: str, today: date) -> Judgement:
    said = words(plan.content, locale)
    asked = [question["label"].get(locale, "") for question in plan.content.get("questions") or ()]
    around = [plan.details.access_note.get(locale, ""), *asked]
    learn = "\n".join(f"- {line}" for line in said.get("learn", "").splitlines() if line.strip())
    body = [learn, said.get("speaker", ""), said.get("materials", ""), *around]
    draft = Draft(
        audience=plan.details.audience.value,
        locale=locale.value,
        title=said.get("title", ""),
        summary=said.get("summary", ""),
        body="\n\n".join(text for text in body if text),
        topic=plan.details.topic,
    )
    facts: dict[str, Any] = {"facts": (), "sources": (), "checked_on": None, "review_by": None}
    found = judge.judge(draft, slug=name, today=today, said=facts)
    # What an article must hold (a hotline, its sources, a risk notice) a lecture leaves to its articles.
    findings = [finding for finding in found.findings if finding.end]
    notes = tuple(note for note in found.reading.notes if note.message not in OF_LONG_TEXTS)
    return replace(found, findings=findings, reading=replace(found.reading, notes=notes))


def rows(checked: Checked, waived: dict[str, str], *, by: str) -> list[dict[str, Any]]:
    """Return what the check says as it is kept with a decision."""
    found: list[dict[str, Any]] = []
    for judgement in checked.judgements:
        for finding in judgement.findings:
            found.append(
                {
                    "key": finding.key,
                    "edition": f"{judgement.audience}/{judgement.locale}",
                    "rule": finding.rule.id,
                    "level": finding.level.value,
                    "passage": finding.passage,
                    "law": dict(finding.rule.law),
                }
            )
        for note in judgement.reading.notes:
            if note.level is Level.BLOCK:
                found.append(
                    {
                        "key": note.key,
                        "edition": f"{judgement.audience}/{judgement.locale}",
                        "rule": note.message,
                        "level": note.level.value,
                        "passage": note.sentence,
                        "law": {},
                    }
                )
    for row in found:
        reason = waived.get(row["key"], "")
        row["waived_by"], row["reason"] = (by, reason) if reason else ("", "")
    return found
