"""Questions and quizzes from YAML nodes: strictly, with the line of every problem.

Form is always checked (fields, types, lengths). Whether a question is *sound*, so that a quiz can ask it, is asked for
separately: an imported draft may still lack its explanation.
"""

from __future__ import annotations

import math
from typing import Any

from portal.core.errors import Said
from portal.quizzes.rules.bank import RESERVED
from portal.quizzes.rules.items import (
    Difficulty,
    Item,
    Kind,
    Marking,
    Medium,
    Option,
    Stimulus,
    Voice,
    markings,
)
from portal.quizzes.rules.quizzes import Counts, Feedback, Layout, Pool, Quiz, QuizVoice, Slot
from portal.quizzes.rules.soundness import (
    LONGEST_CATEGORY,
    LONGEST_OPTION,
    LONGEST_STEM,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_ATTEMPTS,
    MOST_MINUTES,
    MOST_OPTIONS,
    MOST_POINTS,
    MOST_SLOTS,
    VOICES,
    problems,
    quiz_problems,
)
from portal.reference.rules.files import Node, Problems

FORMS = ("plain", "moodle", "html", "markdown")
MOST_TAGS = 50
_ITEM = (
    *("title", "topic", "difficulty", "article", "category", "source", "checked_on", "marking", "shuffle"),
    *("case_sensitive", "form", "tags", "stimulus", "stem", "options", "explanation", "voices"),
)
_QUIZ = (
    *("intro", "topic", "article", "feedback", "layout", "shuffle", "attempts", "counts", "minutes", "pass_percent"),
    *("certainty", "form", "pair", "voices"),
)


class _Fields:
    """The fields of one mapping; what is missing has its default."""

    def __init__(self, node: Node, *, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self._fields = node.mapping(required=required, optional=optional)

    def node(self, name: str) -> Node | None:
        return self._fields.get(name)

    def nodes(self, name: str) -> list[Node]:
        node = self._fields.get(name)
        return node.items() if node else []

    def text(self, name: str, *, limit: int = LONGEST_TITLE, empty: bool = True) -> str:
        node = self._fields.get(name)
        return node.text(limit=limit, empty=empty) if node else ""

    def key(self, name: str) -> str:
        node = self._fields.get(name)
        return node.key() if node and node.value != "" else ""

    def day(self, name: str) -> str:
        node = self._fields.get(name)
        return node.day() if node and node.value != "" else ""

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        node = self._fields.get(name)
        return node.choice(choices) if node else default

    def truth(self, name: str, *, default: bool) -> bool:
        return self.choice(name, ("true", "false"), "true" if default else "false") == "true"

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        node = self._fields.get(name)
        return _number(node, default, least=least, most=most) if node else default

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        node = self._fields.get(name)
        if node is None:
            return default
        found = _number(node, default, least=least, most=most)
        if found != int(found):
            node.complain(Said("`%(value)s` is not a whole number.", value=_short(node.value)))
        return int(found)


def _short(value: Any) -> str:
    return str(value)[:40]


def _number(node: Node, default: float, *, least: float, most: float) -> float:
    text = node.text(limit=40)
    try:
        value = float(text)
    except ValueError:
        node.complain(Said("`%(text)s` is not a number.", text=_short(text)))
        return default
    if not math.isfinite(value) or not least <= value <= most:
        node.complain(
            Said(
                "`%(text)s` is not between %(least)s and %(most)s.",
                text=_short(text),
                least=f"{least:g}",
                most=f"{most:g}",
            )
        )
        return default
    return value


# --- questions ----------------------------------------------------------------------------------------------------


def read_items(node: Node, *, sound: bool = False) -> list[Item]:
    """Return the questions of a list that can be read; the node's problems say what is wrong with the others.

    Args:
        sound: whether a question that no quiz could ask is a problem too.
    """
    found: list[Item] = []
    seen: set[str] = set()
    for entry in node.items():
        item = read_item(entry, sound=sound)
        if item is None:
            continue
        if item.name in seen:
            entry.complain(Said("The name `%(name)s` stands here twice.", name=item.name))
            continue
        seen.add(item.name)
        found.append(item)
    return found


def read_item(node: Node, *, sound: bool = False) -> Item | None:
    """Return the question of a mapping, or None where its problems were noted."""
    before = len(node.problems.found)
    fields = _Fields(node, required=("name", "type", "stem"), optional=_ITEM)
    kind = Kind(fields.choice("type", tuple(Kind), Kind.DESCRIPTION))
    rules = markings(kind)
    item = Item(
        name=fields.key("name"),
        kind=kind,
        stem=fields.text("stem", limit=LONGEST_STEM),
        options=_options(fields),
        explanation=fields.text("explanation", limit=LONGEST_TEXT),
        marking=Marking(fields.choice("marking", tuple(rules), rules[0])),
        title=fields.text("title"),
        topic=fields.key("topic"),
        difficulty=Difficulty(fields.choice("difficulty", tuple(Difficulty), Difficulty.MEDIUM)),
        article=fields.key("article"),
        category=fields.text("category", limit=LONGEST_CATEGORY),
        shuffle=fields.truth("shuffle", default=True),
        case_sensitive=fields.truth("case_sensitive", default=False),
        form=fields.choice("form", FORMS, "plain"),
        stimulus=_stimulus(fields.node("stimulus")),
        source=fields.text("source", limit=LONGEST_OPTION),
        checked_on=fields.day("checked_on"),
        tags=_tags(fields),
        voices=_voices(fields.node("voices")),
    )
    _check_voices(item, fields)
    if not item.name and fields.node("name"):
        node.complain(Said("The question has no name."))
    if item.name in RESERVED:
        node.complain(Said("A page of the desk has the name `%(name)s` already. Choose another one.", name=item.name))
    if len(node.problems.found) > before:
        return None
    if sound and (found := problems(item)):
        node.complain(Said("The question `%(name)s` cannot be asked: %(said)s.", name=item.name, said=", ".join(found)))
        return None
    return item


def _options(fields: _Fields) -> tuple[Option, ...]:
    nodes = fields.nodes("options")
    if len(nodes) > MOST_OPTIONS:
        nodes[MOST_OPTIONS].complain(Said("A question has at most %(most)s options.", most=MOST_OPTIONS))
        return ()
    seen: set[str] = set()
    found = []
    for node in nodes:
        option = _option(node)
        if option.id in seen:
            node.complain(Said("The option `%(id)s` stands here twice.", id=option.id))
        seen.add(option.id)
        found.append(option)
    return tuple(found)


def _option(node: Node) -> Option:
    fields = _Fields(node, required=("id",), optional=("text", "match", "fraction", "tolerance", "feedback"))
    return Option(
        id=fields.key("id"),
        text=fields.text("text", limit=LONGEST_OPTION),
        fraction=fields.number("fraction", 0.0, least=-1, most=1),
        feedback=fields.text("feedback", limit=LONGEST_TEXT),
        match=fields.text("match", limit=LONGEST_OPTION),
        tolerance=fields.number("tolerance", 0.0, least=0, most=1e30),
    )


def _tags(fields: _Fields) -> tuple[str, ...]:
    nodes = fields.nodes("tags")
    if len(nodes) > MOST_TAGS:
        nodes[MOST_TAGS].complain(Said("A question has at most %(most)s tags.", most=MOST_TAGS))
    return tuple(node.text(limit=LONGEST_TITLE) for node in nodes[:MOST_TAGS])


def _stimulus(node: Node | None) -> Stimulus | None:
    if node is None:
        return None
    fields = _Fields(node, required=("medium",), optional=("sender", "text", "picture"))
    return Stimulus(
        medium=Medium(fields.choice("medium", tuple(Medium), Medium.SMS)),
        text=fields.text("text", limit=LONGEST_TEXT),
        sender=fields.text("sender"),
        picture=fields.key("picture"),
    )


def _voices(node: Node | None) -> dict[str, Voice]:
    if node is None:
        return {}
    return {key: _voice(child) for key, child in node.mapping(optional=tuple(VOICES)).items() if key in VOICES}


def _voice(node: Node) -> Voice:
    fields = _Fields(node, required=(), optional=("stem", "stimulus", "options", "explanation"))
    options = fields.node("options")
    said = options.mapping(optional=None) if options else {}
    return Voice(
        stem=fields.text("stem", limit=LONGEST_STEM),
        explanation=fields.text("explanation", limit=LONGEST_TEXT),
        stimulus=fields.text("stimulus", limit=LONGEST_TEXT),
        options={
            key: {
                name: text.text(limit=LONGEST_TEXT, empty=True)
                for name, text in child.mapping(optional=("text", "feedback", "match")).items()
            }
            for key, child in said.items()
        },
    )


def _check_voices(item: Item, fields: _Fields) -> None:
    node = fields.node("voices")
    known = {option.id for option in item.options}
    for key, voice in item.voices.items():
        unknown = sorted(set(voice.options) - known)
        if unknown and node is not None:
            node.value[key].complain(
                Said(
                    "The voice `%(key)s` speaks of an option that there is not: %(said)s.",
                    key=key,
                    said=", ".join(unknown),
                )
            )


# --- quizzes ------------------------------------------------------------------------------------------------------


def read_quiz(node: Node, *, sound: bool = False) -> Quiz | None:
    """Return the quiz of a mapping, or None where its problems were noted.

    Args:
        sound: whether a quiz that nobody could take is a problem too; its questions are not looked at.
    """
    before = len(node.problems.found)
    fields = _Fields(node, required=("slug", "title", "slots"), optional=_QUIZ)
    slots = fields.nodes("slots")
    if len(slots) > MOST_SLOTS:
        slots[MOST_SLOTS].complain(Said("A quiz has at most %(most)s places.", most=MOST_SLOTS))
    quiz = Quiz(
        slug=fields.key("slug"),
        title=fields.text("title", empty=False),
        slots=tuple(_slot(slot) for slot in slots[:MOST_SLOTS]),
        intro=fields.text("intro", limit=LONGEST_TEXT),
        topic=fields.key("topic"),
        article=fields.key("article"),
        feedback=Feedback(fields.choice("feedback", tuple(Feedback), Feedback.AT_ONCE)),
        layout=Layout(fields.choice("layout", tuple(Layout), Layout.ONE)),
        shuffle=fields.truth("shuffle", default=False),
        attempts=fields.whole("attempts", 0, least=0, most=MOST_ATTEMPTS),
        counts=Counts(fields.choice("counts", tuple(Counts), Counts.BEST)),
        minutes=fields.whole("minutes", 0, least=0, most=MOST_MINUTES),
        pass_percent=fields.whole("pass_percent", 60, least=0, most=100),
        certainty=fields.truth("certainty", default=False),
        form=fields.choice("form", ("A", "B"), ""),
        pair=fields.key("pair"),
        voices=_quiz_voices(fields.node("voices")),
    )
    if not quiz.slug and fields.node("slug"):
        node.complain(Said("The quiz has no slug."))
    if quiz.slug in RESERVED:
        node.complain(Said("A page of the desk has the name `%(name)s` already. Choose another one.", name=quiz.slug))
    if len(node.problems.found) > before:
        return None
    if sound and (found := quiz_problems(quiz)):
        node.complain(Said("The quiz `%(slug)s` cannot be taken: %(said)s.", slug=quiz.slug, said=", ".join(found)))
        return None
    return quiz


def _slot(node: Node) -> Slot:
    fields = _Fields(node, required=(), optional=("item", "pool", "points", "control"))
    pool, item = fields.node("pool"), fields.key("item")
    if bool(item) == (pool is not None):
        node.complain(Said("A place of a quiz names either `item` or `pool`."))
    return Slot(
        item=item,
        pool=_pool(pool) if pool else None,
        points=fields.number("points", 1.0, least=0.001, most=MOST_POINTS),
        control=fields.truth("control", default=False),
    )


def _pool(node: Node) -> Pool:
    fields = _Fields(node, required=("topic", "count"), optional=("difficulty",))
    difficulty = fields.node("difficulty")
    return Pool(
        topic=fields.key("topic"),
        count=fields.whole("count", 1, least=1, most=MOST_SLOTS),
        difficulty=Difficulty(difficulty.choice(tuple(Difficulty))) if difficulty else None,
    )


def _quiz_voices(node: Node | None) -> dict[str, QuizVoice]:
    if node is None:
        return {}
    found = {}
    for key, child in node.mapping(optional=tuple(VOICES)).items():
        fields = _Fields(child, required=(), optional=("title", "intro"))
        found[key] = QuizVoice(fields.text("title"), fields.text("intro", limit=LONGEST_TEXT))
    return found


# --- from plain values --------------------------------------------------------------------------------------------


MAX_DEPTH = 8
MAX_PARTS = 20_000


def node_of(value: Any, *, line: int, problems: Problems) -> Node:
    """Return plain values (of a JSON text, say) as nodes that all stand on one line.

    Raises:
        ValueError: they are nested deeper, or are more, than a question's.
    """
    count = 0

    def node(value: Any, depth: int) -> Node:
        nonlocal count
        count += 1
        if depth > MAX_DEPTH or count > MAX_PARTS:
            raise ValueError
        if isinstance(value, dict):
            inner: Any = {str(key): node(one, depth + 1) for key, one in value.items()}
        elif isinstance(value, list):
            inner = [node(one, depth + 1) for one in value]
        elif isinstance(value, bool):
            inner = "true" if value else "false"
        elif value is None:
            inner = ""
        else:
            inner = value if isinstance(value, str) else repr(value)
        return Node(inner, file="", line=line, problems=problems)

    return node(value, 0)
