"""Moodle XML: the question types that this portal has; the others are told as errors."""

from __future__ import annotations

from collections.abc import Callable

from portal.core.errors import Said
from portal.quizzes.rules.formats.carrying import brought_back
from portal.quizzes.rules.formats.common import (
    MAX_OPTIONS,
    Reading,
    Refused,
    Unreadable,
    key_of,
    option_id,
    truth_options,
    weight,
)
from portal.quizzes.rules.formats.gift_reader import decimal, default_name
from portal.quizzes.rules.formats.tree import Element, parsed
from portal.quizzes.rules.items import FALSE, TRUE, Item, Kind, Marking, Option, markings

FORMS = {"html": "html", "moodle_auto_format": "moodle", "plain_text": "plain", "markdown": "markdown"}
MAX_TAGS = 50


def read(text: str, reading: Reading, *, nearest: bool) -> None:
    """Read all questions of a Moodle XML text into `reading`."""
    root = parsed(text)
    if root.tag != "quiz":
        raise Refused(
            root.line, Said("This is not Moodle XML: it begins with <%(tag)s>, not with <quiz>.", tag=root.tag)
        )
    category = ""
    for element in root.children:
        if element.tag != "question":
            reading.warn(element.line, Said("<%(tag)s> is not a question; it was passed over.", tag=element.tag))
            continue
        kind = element.attributes.get("type", "")
        if kind == "category":
            category = _text(element.child("category")).strip()
            reading.categorise(element.line, category)
            continue
        try:
            item = _Question(element, kind, category, reading, nearest=nearest).read()
        except Unreadable as problem:
            reading.fail(element.line, problem.reason)
            continue
        name = item.title or default_name(item.stem)
        reading.take(
            element.line,
            brought_back(item, element.kept, element.line, reading) if element.kept else item,
            name=name,
        )


def _text(element: Element | None) -> str:
    """Return what an element says: in its `<text>`, or directly."""
    if element is None:
        return ""
    inner = element.child("text")
    said = inner.text if inner is not None else element.text
    return said.strip(" \t\n\r")


class _Question:
    """One question on its way from its element to an item."""

    def __init__(self, element: Element, kind: str, category: str, reading: Reading, *, nearest: bool) -> None:
        self._element = element
        self._kind = kind
        self._category = category
        self._reading = reading
        self._nearest = nearest
        self._form = "moodle"

    def read(self) -> Item:
        """Return the question."""
        readers: dict[str, Callable[[], tuple[Kind, Marking, tuple[Option, ...]]]] = {
            "multichoice": self._choice,
            "multichoiceset": self._set,
            "truefalse": self._truth,
            "shortanswer": self._short,
            "numerical": self._numeric,
            "matching": self._matching,
            "ordering": self._ordering,
            "essay": lambda: (Kind.ESSAY, Marking.WEIGHTS, ()),
            "description": lambda: (Kind.DESCRIPTION, Marking.WEIGHTS, ()),
        }
        if self._kind not in readers:
            raise Unreadable(Said("Questions of the type `%(kind)s` are not taken.", kind=self._kind[:40]))
        for tag in ("answer", "subquestion"):
            if len(self._element.all(tag)) > MAX_OPTIONS:
                raise Unreadable(
                    Said("The question has too many answers: at most %(most)s are taken.", most=MAX_OPTIONS)
                )
        text = self._element.child("questiontext")
        if text is not None:
            self._form = FORMS.get(text.attributes.get("format", ""), "moodle")
        title = " ".join(_text(self._element.child("name")).split())
        stem = self._formatted(text)
        kind, marking, options = readers[self._kind]()
        return Item(
            name=key_of(title, stem, *(option.text for option in options)),
            kind=kind,
            stem=stem,
            options=options,
            explanation=self._formatted(self._element.child("generalfeedback")),
            marking=marking,
            title=title,
            category=self._category,
            shuffle=_text(self._element.child("shuffleanswers")) not in ("0", "false"),
            case_sensitive=_text(self._element.child("usecase")) in ("1", "true"),
            form=self._form,
            tags=self._tags(),
        )

    def _warn(self, reason: str) -> None:
        self._reading.warn(self._element.line, reason)

    def _formatted(self, element: Element | None) -> str:
        said = _text(element)
        if element is None:
            return said
        form = FORMS.get(element.attributes.get("format", ""), self._form)
        if said and form != self._form:
            self._warn(
                Said(
                    "A text is marked as %(form)s, the question as %(other)s; it was taken as the latter.",
                    form=form,
                    other=self._form,
                )
            )
        if element.child("file") is not None:
            self._warn(Said("Files inside the question were left out."))
        return said

    def _tags(self) -> tuple[str, ...]:
        tags = self._element.child("tags")
        found = [_text(tag) for tag in tags.all("tag")] if tags is not None else []
        return tuple(tag[:200] for tag in found if tag)[:MAX_TAGS]

    def _weight(self, answer: Element) -> float:
        return weight(answer.attributes.get("fraction", "0").strip()[:40], take_nearest=self._nearest)

    def _answers(self, *, typed: bool = False) -> tuple[Option, ...]:
        options: list[Option] = []
        for answer in self._element.all("answer"):
            # What is typed has no format, whatever the file says.
            text = _text(answer) if typed else self._formatted(answer)
            fraction = self._weight(answer)
            if not text:
                self._warn(Said("An answer without text was left out."))
                continue
            feedback = self._formatted(answer.child("feedback"))
            options.append(Option(option_id(len(options)), text, fraction, feedback))
        return tuple(options)

    def _choice(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        options = self._answers()
        if len(options) < 2:
            raise Unreadable(Said("A choice needs at least two answers."))
        several = _text(self._element.child("single")) in ("false", "0")
        return Kind.MULTIPLE_CHOICE if several else Kind.SINGLE_CHOICE, Marking.WEIGHTS, options

    def _set(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        options = self._answers()
        if len(options) < 2:
            raise Unreadable(Said("A choice needs at least two answers."))
        return Kind.MULTIPLE_CHOICE, Marking.EXACT, options

    def _truth(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        right, said = "", {TRUE: "", FALSE: ""}
        for answer in self._element.all("answer"):
            key = _text(answer).lower()
            if key not in said:
                raise Unreadable(Said("The answer `%(key)s` is neither true nor false.", key=key[:40]))
            said[key] = self._formatted(answer.child("feedback"))
            if self._weight(answer) > 0:
                right = key
        if not right:
            raise Unreadable(Said("Neither true nor false is the right answer."))
        wrong = FALSE if right == TRUE else TRUE
        return (
            Kind.TRUE_FALSE,
            Marking.WEIGHTS,
            truth_options(right, wrong_feedback=said[wrong], right_feedback=said[right]),
        )

    def _short(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        options = self._answers(typed=True)
        if not options:
            raise Unreadable(Said("The question has no answer."))
        return Kind.SHORT_ANSWER, Marking.WEIGHTS, options

    def _numeric(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        options: list[Option] = []
        for answer in self._element.all("answer"):
            text = _text(answer)
            allowed = decimal(_text(answer.child("tolerance")) or "0")
            if text != "*" and decimal(text) is None:
                raise Unreadable(Said("`%(text)s` is not a number.", text=text[:40]))
            if allowed is None or allowed < 0:
                raise Unreadable(Said("The tolerance of `%(text)s` is not a number of 0 or more.", text=text[:40]))
            feedback = self._formatted(answer.child("feedback"))
            options.append(
                Option(option_id(len(options)), text, self._weight(answer), feedback, tolerance=float(allowed))
            )
        if not options:
            raise Unreadable(Said("The numeric question has no answer."))
        if self._element.child("units") is not None:
            self._warn(Said("The units of the question were left out."))
        return Kind.NUMERIC, Marking.WEIGHTS, tuple(options)

    def _matching(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        pairs = self._element.all("subquestion")
        if len(pairs) < 2:
            raise Unreadable(Said("A matching question needs at least two pairs."))
        options = tuple(
            Option(option_id(place), self._formatted(pair), match=_text(pair.child("answer")))
            for place, pair in enumerate(pairs)
        )
        return Kind.MATCHING, markings(Kind.MATCHING)[0], options

    def _ordering(self) -> tuple[Kind, Marking, tuple[Option, ...]]:
        steps = []
        for answer in self._element.all("answer"):
            place = decimal(answer.attributes.get("fraction", "").strip())
            steps.append((float(place) if place is not None else 0.0, self._formatted(answer)))
        if len(steps) < 2:
            raise Unreadable(Said("An ordering question needs at least two things to put in order."))
        # Moodle writes the place in the order as the fraction; a file without it has them as they stand.
        steps.sort(key=lambda step: step[0])
        options = tuple(Option(option_id(place), text) for place, (_place, text) in enumerate(steps))
        return Kind.ORDERING, markings(Kind.ORDERING)[0], options
