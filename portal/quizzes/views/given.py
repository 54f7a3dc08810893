"""Answers as forms send them."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from portal.quizzes.rules.answers import LONGEST_TEXT, Answer, Unanswerable, checked, number
from portal.quizzes.rules.items import Item, Kind

UNKNOWN = "?"
"""The value of "I don't know" among the options of a single choice; no option has this id."""


class NotYet(Exception):
    """The answer cannot be taken as it stands; `code` says why, in `public.WORDS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_given(form: Mapping[str, str], slot: int) -> bool:
    """Return whether a form brings an answer to a question at all."""
    name = f"q{slot}"
    return any(key == name or key.startswith(f"{name}-") for key in form)


def answer_of(form: MultiDict[str, str], *, slot: int, item: Item, asks_certainty: bool = False) -> Answer:
    """Return the answer to one question; the typed text as it was typed.

    Raises:
        NotYet: nothing was chosen, or what was typed is no number, or places were given twice.
        Unanswerable: no browser sends this.
    """
    name = f"q{slot}"
    sure = form.get(f"{name}-sure", "")
    certainty = int(sure) if asks_certainty and sure in ("1", "2", "3") else 0
    if form.get(f"{name}-unknown") or form.get(name) == UNKNOWN:
        return Answer(dont_know=True)
    answer = _answer(form, name, item, certainty)
    if answer.is_blank:
        raise NotYet("blank")
    if asks_certainty and not certainty:
        raise NotYet("unsure")
    return checked(answer, item)


def _answer(form: MultiDict[str, str], name: str, item: Item, certainty: int) -> Answer:
    if item.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
        text = form.get(name, "").strip()
        if len(text) > LONGEST_TEXT:
            raise NotYet("long")
        if item.kind is Kind.NUMERIC and text and number(text) is None:
            raise NotYet("number")
        if not text.isprintable():
            raise NotYet("signs")
        return Answer(text=text, certainty=certainty)
    if item.kind is Kind.MATCHING:
        pairs = {option.id: form.get(f"{name}-{option.id}", "") for option in item.options if option.text}
        return Answer(pairs={left: right for left, right in pairs.items() if right}, certainty=certainty)
    if item.kind is Kind.ORDERING:
        return Answer(chosen=_order(form, name, item), certainty=certainty)
    return Answer(chosen=tuple(value for value in form.getlist(name) if value), certainty=certainty)


def _order(form: MultiDict[str, str], name: str, item: Item) -> tuple[str, ...]:
    places = {option.id: form.get(f"{name}-{option.id}", "") for option in item.options}
    if not any(places.values()):
        return ()
    wanted = {str(place) for place in range(1, len(places) + 1)}
    if not wanted.issuperset(value for value in places.values() if value):
        raise Unanswerable
    if set(places.values()) != wanted:
        raise NotYet("places")
    return tuple(sorted(places, key=lambda key: int(places[key])))
