"""Whether a question or a quiz can be used at all."""

from __future__ import annotations

from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import Quiz


def problems(item: Item) -> list[str]:
    """Return what makes an item unusable."""
    return [] if item.stem else ["no-stem"]


def quiz_problems(quiz: Quiz) -> list[str]:
    """Return what makes a quiz unusable."""
    return [] if quiz.slots else ["no-slots"]
