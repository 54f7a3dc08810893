"""What every article has to hold; each check says whether it is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from portal.prose.rules.around import Around
from portal.prose.rules.parity import absent
from portal.prose.rules.phrases import Phrase, Sought
from portal.prose.rules.rule import Rule
from portal.prose.rules.text import Text


def _has(phrases: tuple[Phrase, ...], sought: Sought) -> bool:
    return any(True for phrase in phrases for _ in phrase.find(sought))


def _review_date(_rule: Rule, _text: Text, _plain: Sought, around: Around) -> bool:
    """Past, or not set."""
    return bool(around.today) and (around.review_by is None or around.review_by < (around.today or around.review_by))


def _risk_notice(rule: Rule, _text: Text, plain: Sought, _around: Around) -> bool:
    return not _has(rule.phrases, plain)


def _hotline(_rule: Rule, text: Text, _plain: Sought, around: Around) -> bool:
    referred = any(one.kind == "hotline" for sentence in text.sentences for one in sentence.references)
    return not referred and not any(number in sentence.text for sentence in text.sentences for number in around.numbers)


def _stop_ask_act(rule: Rule, text: Text, plain: Sought, _around: Around) -> bool:
    return "saa" not in text.blocks and not _has(rule.phrases, plain)


def _source(_rule: Rule, _text: Text, _plain: Sought, around: Around) -> bool:
    return not around.sources or around.checked_on is None


def _ai_label(rule: Rule, _text: Text, plain: Sought, around: Around) -> bool:
    return around.is_ai_generated and not _has(rule.phrases, plain)


def _editions(_rule: Rule, _text: Text, _plain: Sought, around: Around) -> bool:
    return around.audiences is not None and bool(absent(around.audiences))


MISSING: Mapping[str, Callable[[Rule, Text, Sought, Around], bool]] = {
    "review-date": _review_date,
    "risk-notice": _risk_notice,
    "hotline-present": _hotline,
    "stop-ask-act": _stop_ask_act,
    "source-present": _source,
    "ai-label": _ai_label,
    "editions-present": _editions,
}
