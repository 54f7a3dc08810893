"""What tests of quizzes start from: a library with one blocking rule, and a few questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from portal.articles.rules import Person
from portal.core.settings import Audience, Locale
from portal.quizzes import services
from portal.quizzes.models import Document
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item, Kind, Medium, Option, Stimulus, Voice, to_plain, voice_key
from portal.quizzes.rules.quizzes import Pool, Quiz, Slot, quiz_to_plain
from tests.articles.desk import ANN, AT


def single(name: str = "code", **changed: Any) -> Item:
    """Return a question with one right option."""
    item = Item(
        name=name,
        kind=Kind.SINGLE_CHOICE,
        stem="有人要验证码，怎么办？",
        options=(
            Option("a", "告诉他", feedback="告诉了他，钱就没了。"),
            Option("b", "不告诉", 1.0, feedback="对。谁要都不给。"),
            Option("c", "先问问他", feedback="问了也不给。"),
        ),
        explanation="验证码谁要都不给。",
        topic="phone",
        voices={voice_key(Audience.ELDERLY, Locale.HANS): Voice(stem="有人要您的验证码，您给吗？")},
    )
    return replace(item, **changed)


def judgement(name: str = "sms", truth: str = "scam", **changed: Any) -> Item:
    """Return a message to be judged."""
    item = Item(
        name=name,
        kind=Kind.JUDGEMENT,
        stem="您收到这条短信。这是骗局吗？",
        stimulus=Stimulus(Medium.SMS, text="您的账户将被冻结，请点 ab-bank.xxx。", sender="1069xxxx0371"),
        options=tuple(
            Option(key, text, float(key == truth), feedback=f"反馈{key}。")
            for key, text in (("scam", "是骗局"), ("genuine", "不是骗局"), ("unsure", "不确定"))
        ),
        explanation="银行不发这样的链接。",
        topic="phone",
    )
    return replace(item, **changed)


def quiz(slug: str = "try", names: tuple[str, ...] = ("code", "sms"), **changed: Any) -> Quiz:
    """Return a quiz of fixed questions."""
    made = Quiz(slug=slug, title="试一试", intro="两道题。", topic="phone", slots=tuple(Slot(item=n) for n in names))
    return replace(made, **changed)


def pool_quiz(slug: str = "pool", count: int = 2) -> Quiz:
    """Return a quiz that draws."""
    return quiz(slug, slots=(Slot(pool=Pool("phone", count)),))


def put(session: Session, thing: Item | Quiz, *, by: Person = ANN, base: int = 0) -> Document:
    """Save a question or quiz as a person types it."""
    is_item = isinstance(thing, Item)
    return services.save(
        session,
        sort=Sort.ITEM if is_item else Sort.QUIZ,
        content=to_plain(thing) if isinstance(thing, Item) else quiz_to_plain(thing),
        base=base,
        by=by.name,
        authors=[by.id],
        at=AT,
    )


def publish(session: Session, *things: Item | Quiz) -> None:
    """Publish questions and quizzes as the command does."""
    services.take_bank(
        session,
        found=[thing for thing in things if isinstance(thing, Item)],
        made=[thing for thing in things if isinstance(thing, Quiz)],
        by="flask",
        at=AT,
    )
