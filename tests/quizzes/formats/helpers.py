"""Reading a text in one line."""

from __future__ import annotations

from portal.core.errors import Said
from portal.quizzes.rules.formats import Format, Reading, read
from portal.quizzes.rules.items import Item


def gift(text: str, *, nearest: bool = False) -> Reading:
    """Return what a GIFT text holds."""
    return read(text.encode(), format=Format.GIFT, nearest=nearest)


def only(reading: Reading) -> Item:
    """Return the one question of a file that was read without errors."""
    assert reading.errors == []
    (item,) = reading.items
    return item


def texts(item: Item) -> list[str]:
    """Return the texts of a question's options."""
    return [option.text for option in item.options]


def shares(item: Item) -> list[float]:
    """Return the weights of a question's options."""
    return [option.fraction for option in item.options]


def feedback(item: Item) -> list[str]:
    """Return what is said to each option of a question."""
    return [option.feedback for option in item.options]


def reasons(reading: Reading) -> list[tuple[int, str]]:
    """Return the errors with their lines; each can be said in other languages."""
    assert all(isinstance(note.reason, Said) for note in reading.errors)
    return [(note.line, note.reason) for note in reading.errors]


def warned(reading: Reading) -> list[str]:
    """Return the sentences of the warnings; each can be said in other languages."""
    assert all(isinstance(note.reason, Said) for note in reading.warnings)
    return [note.reason for note in reading.warnings]
