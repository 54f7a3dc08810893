"""What keeps a question or a quiz from being used, as codes; who shows them to people finds the words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.core.settings import Audience, Locale
from portal.quizzes.rules.answers import number
from portal.quizzes.rules.items import (
    CHOICES,
    FALSE,
    GENUINE,
    SCAM,
    TRUE,
    UNMARKED,
    UNSURE,
    Item,
    Kind,
    Marking,
    markings,
    voice_key,
)
from portal.quizzes.rules.quizzes import Quiz, Slot
from portal.reference.rules.files import UNSTORABLE

LONGEST_STEM = 8_000
LONGEST_OPTION = 2_000
LONGEST_TEXT = 8_000
"""Characters of a feedback, an explanation or the message that is to be judged."""
MOST_OPTIONS = 100
LONGEST_TITLE = 200
LONGEST_CATEGORY = 500
MOST_SLOTS = 200
MOST_MINUTES = 24 * 60
MOST_ATTEMPTS = 1_000
MOST_POINTS = 1_000

VOICES = frozenset(voice_key(audience, locale) for audience in Audience for locale in Locale)


class ItemProblem(StrEnum):
    """Why a question cannot be used in a quiz."""

    NO_STEM = "no_stem"
    NO_EXPLANATION = "no_explanation"
    NO_TOPIC = "no_topic"
    NOT_MARKED = "not_marked"
    """An essay or a description: nothing can mark it."""
    NO_RIGHT_OPTION = "no_right_option"
    NO_FULL_MARK = "no_full_mark"
    """No single answer is worth the whole mark."""
    SEVERAL_FULL_MARKS = "several_full_marks"
    """One answer is to be chosen, but several are worth the whole mark."""
    FULL_MARK_OUT_OF_REACH = "full_mark_out_of_reach"
    """All good weights together are less than the whole mark."""
    TOO_FEW_OPTIONS = "too_few_options"
    TOO_FEW_PAIRS = "too_few_pairs"
    TOO_FEW_TO_ORDER = "too_few_to_order"
    TOO_MANY_OPTIONS = "too_many_options"
    EMPTY_OPTION = "empty_option"
    SAME_OPTION_TWICE = "same_option_twice"
    SAME_ID_TWICE = "same_id_twice"
    NOT_A_NUMBER = "not_a_number"
    TOLERANCE_BELOW_ZERO = "tolerance_below_zero"
    FRACTION_OUT_OF_RANGE = "fraction_out_of_range"
    WRONG_MARKING = "wrong_marking"
    """The rule of marking is none for this kind of question."""
    NOT_TRUE_AND_FALSE = "not_true_and_false"
    JUDGEMENT_OPTIONS = "judgement_options"
    """The options of a judgement are scam, genuine and unsure, each once."""
    UNSURE_IS_RIGHT = "unsure_is_right"
    """"Not sure" cannot be the key: it is counted apart from right and wrong."""
    NO_STIMULUS = "no_stimulus"
    """A judgement shows nothing to judge."""
    VOICE_OF_UNKNOWN_OPTION = "voice_of_unknown_option"
    UNKNOWN_VOICE = "unknown_voice"
    TOO_LONG = "too_long"
    UNSTORABLE = "unstorable"
    """A text holds a control character or half a character."""


def problems(item: Item) -> list[ItemProblem]:
    """Return what keeps the question from being used, each once, in the order of the codes; empty: nothing does."""
    found: set[ItemProblem] = set()
    _look_at_texts(item, found)
    _look_at_numbers(item, found)
    _look_at_voices(item, found)
    if not item.stem.strip():
        found.add(ItemProblem.NO_STEM)
    if item.marking not in markings(item.kind):
        found.add(ItemProblem.WRONG_MARKING)
    if item.kind in UNMARKED:
        found.add(ItemProblem.NOT_MARKED)
        return _in_order(found)
    if not item.explanation.strip():
        found.add(ItemProblem.NO_EXPLANATION)
    if not item.topic:
        found.add(ItemProblem.NO_TOPIC)
    _look_at_key(item, found)
    return _in_order(found)


def _in_order(found: set[ItemProblem]) -> list[ItemProblem]:
    return [code for code in ItemProblem if code in found]


def _look_at_texts(item: Item, found: set[ItemProblem]) -> None:
    texts = [(item.stem, LONGEST_STEM), (item.explanation, LONGEST_TEXT), (item.title, LONGEST_TITLE)]
    texts += [(item.category, LONGEST_CATEGORY)]
    if item.stimulus is not None:
        texts += [(item.stimulus.text, LONGEST_TEXT), (item.stimulus.sender, LONGEST_TITLE)]
    for option in item.options:
        texts += [(option.text, LONGEST_OPTION), (option.match, LONGEST_OPTION), (option.feedback, LONGEST_TEXT)]
    for voice in item.voices.values():
        texts += [(voice.stem, LONGEST_STEM), (voice.explanation, LONGEST_TEXT), (voice.stimulus, LONGEST_TEXT)]
        texts += [(text, LONGEST_TEXT) for said in voice.options.values() for text in said.values()]
    if any(len(text) > limit for text, limit in texts):
        found.add(ItemProblem.TOO_LONG)
    if any(UNSTORABLE.search(text) for text, _limit in texts):
        found.add(ItemProblem.UNSTORABLE)


def _look_at_numbers(item: Item, found: set[ItemProblem]) -> None:
    if len(item.options) > MOST_OPTIONS:
        found.add(ItemProblem.TOO_MANY_OPTIONS)
    if len({option.id for option in item.options}) < len(item.options):
        found.add(ItemProblem.SAME_ID_TWICE)
    # Written so that what is no number at all is out of range too.
    if any(not -1 <= option.fraction <= 1 for option in item.options):
        found.add(ItemProblem.FRACTION_OUT_OF_RANGE)
    if any(not option.tolerance >= 0 for option in item.options):
        found.add(ItemProblem.TOLERANCE_BELOW_ZERO)


def _look_at_voices(item: Item, found: set[ItemProblem]) -> None:
    if not VOICES.issuperset(item.voices):
        found.add(ItemProblem.UNKNOWN_VOICE)
    known = {option.id for option in item.options}
    if any(not known.issuperset(voice.options) for voice in item.voices.values()):
        found.add(ItemProblem.VOICE_OF_UNKNOWN_OPTION)


def _look_at_key(item: Item, found: set[ItemProblem]) -> None:
    if item.kind is Kind.MATCHING:
        _look_at_pairs(item, found)
        return
    texts = [option.text.strip() for option in item.options]
    if not all(texts):
        found.add(ItemProblem.EMPTY_OPTION)
    if len(set(texts)) < len(texts):
        found.add(ItemProblem.SAME_OPTION_TWICE)
    if item.kind is Kind.ORDERING:
        if len(item.options) < 2:
            found.add(ItemProblem.TOO_FEW_TO_ORDER)
        return
    if item.kind in CHOICES and len(item.options) < 2:
        found.add(ItemProblem.TOO_FEW_OPTIONS)
    if item.kind is Kind.NUMERIC and any(text != "*" and number(text) is None for text in texts):
        found.add(ItemProblem.NOT_A_NUMBER)
    if item.kind is Kind.TRUE_FALSE and sorted(option.id for option in item.options) != [FALSE, TRUE]:
        found.add(ItemProblem.NOT_TRUE_AND_FALSE)
    if item.kind is Kind.JUDGEMENT:
        _look_at_judgement(item, found)
    _look_at_weights(item, found)


def _look_at_pairs(item: Item, found: set[ItemProblem]) -> None:
    lefts = [option.text.strip() for option in item.options if option.text.strip()]
    if len(lefts) < 2:
        found.add(ItemProblem.TOO_FEW_PAIRS)
    if len(set(lefts)) < len(lefts):
        found.add(ItemProblem.SAME_OPTION_TWICE)
    if not all(option.match.strip() for option in item.options):
        found.add(ItemProblem.EMPTY_OPTION)


def _look_at_judgement(item: Item, found: set[ItemProblem]) -> None:
    if sorted(option.id for option in item.options) != sorted((SCAM, GENUINE, UNSURE)):
        found.add(ItemProblem.JUDGEMENT_OPTIONS)
    if any(option.id == UNSURE and option.is_right for option in item.options):
        found.add(ItemProblem.UNSURE_IS_RIGHT)
    shown = item.stimulus
    if shown is None or not (shown.text.strip() or shown.picture):
        found.add(ItemProblem.NO_STIMULUS)


def _look_at_weights(item: Item, found: set[ItemProblem]) -> None:
    weights = [option.fraction for option in item.options]
    if not any(weight > 0 for weight in weights):
        found.add(ItemProblem.NO_RIGHT_OPTION)
        return
    full = sum(weight == 1 for weight in weights)
    if item.kind is Kind.MULTIPLE_CHOICE:
        # Three times 0.3333333 is everything.
        if item.marking is Marking.WEIGHTS and sum(weight for weight in weights if weight > 0) < 1 - 1e-5:
            found.add(ItemProblem.FULL_MARK_OUT_OF_REACH)
        return
    if not full:
        found.add(ItemProblem.NO_FULL_MARK)
    if full > 1 and item.kind in CHOICES:
        found.add(ItemProblem.SEVERAL_FULL_MARKS)


class QuizProblem(StrEnum):
    """Why a quiz cannot be taken."""

    NO_TITLE = "no_title"
    NO_SLOTS = "no_slots"
    TOO_MANY_SLOTS = "too_many_slots"
    ITEM_TWICE = "item_twice"
    UNKNOWN_ITEM = "unknown_item"
    ITEM_UNSOUND = "item_unsound"
    """One of its questions has a problem that keeps it from being used."""
    EMPTY_SLOT = "empty_slot"
    """A place names neither a question nor a pool, or both."""
    POOL_TOO_SMALL = "pool_too_small"
    """The pool has fewer questions than are to be drawn from it."""
    POOL_COUNT = "pool_count"
    POINTS_OUT_OF_RANGE = "points_out_of_range"
    PERCENT_OUT_OF_RANGE = "percent_out_of_range"
    MINUTES_OUT_OF_RANGE = "minutes_out_of_range"
    ATTEMPTS_OUT_OF_RANGE = "attempts_out_of_range"
    UNKNOWN_FORM = "unknown_form"
    """The form is neither A nor B."""
    FORM_WITHOUT_PAIR = "form_without_pair"
    UNKNOWN_VOICE = "unknown_voice"
    TOO_LONG = "too_long"
    UNSTORABLE = "unstorable"


def quiz_problems(quiz: Quiz, *, items: Mapping[str, Item] | None = None) -> list[QuizProblem]:
    """Return what keeps the quiz from being taken, each once, in the order of the codes.

    Args:
        items: the questions there are, by name; without them, whether a quiz's questions exist is not looked at.
    """
    found: set[QuizProblem] = set()
    if not quiz.title.strip():
        found.add(QuizProblem.NO_TITLE)
    if not quiz.slots:
        found.add(QuizProblem.NO_SLOTS)
    if len(quiz.slots) > MOST_SLOTS:
        found.add(QuizProblem.TOO_MANY_SLOTS)
    for code, sound in (
        (QuizProblem.PERCENT_OUT_OF_RANGE, 0 <= quiz.pass_percent <= 100),
        (QuizProblem.MINUTES_OUT_OF_RANGE, 0 <= quiz.minutes <= MOST_MINUTES),
        (QuizProblem.ATTEMPTS_OUT_OF_RANGE, 0 <= quiz.attempts <= MOST_ATTEMPTS),
        (QuizProblem.UNKNOWN_FORM, quiz.form in ("", "A", "B")),
        (QuizProblem.FORM_WITHOUT_PAIR, bool(quiz.form) == bool(quiz.pair)),
        (QuizProblem.UNKNOWN_VOICE, VOICES.issuperset(quiz.voices)),
    ):
        if not sound:
            found.add(code)
    _look_at_words(quiz, found)
    named = [slot.item for slot in quiz.slots if slot.item]
    if len(set(named)) < len(named):
        found.add(QuizProblem.ITEM_TWICE)
    for slot in quiz.slots:
        _look_at_slot(slot, found)
    if items is not None:
        _look_at_items(quiz, items, found)
    return [code for code in QuizProblem if code in found]


def _look_at_words(quiz: Quiz, found: set[QuizProblem]) -> None:
    texts = [(quiz.title, LONGEST_TITLE), (quiz.intro, LONGEST_TEXT)]
    for voice in quiz.voices.values():
        texts += [(voice.title, LONGEST_TITLE), (voice.intro, LONGEST_TEXT)]
    if any(len(text) > limit for text, limit in texts):
        found.add(QuizProblem.TOO_LONG)
    if any(UNSTORABLE.search(text) for text, _limit in texts):
        found.add(QuizProblem.UNSTORABLE)


def _look_at_slot(slot: Slot, found: set[QuizProblem]) -> None:
    if bool(slot.item) == (slot.pool is not None):
        found.add(QuizProblem.EMPTY_SLOT)
    if slot.pool is not None and not 1 <= slot.pool.count <= MOST_SLOTS:
        found.add(QuizProblem.POOL_COUNT)
    if not 0 < slot.points <= MOST_POINTS:
        found.add(QuizProblem.POINTS_OUT_OF_RANGE)


def _look_at_items(quiz: Quiz, items: Mapping[str, Item], found: set[QuizProblem]) -> None:
    named = {slot.item for slot in quiz.slots if slot.item}
    for name in named:
        if name not in items:
            found.add(QuizProblem.UNKNOWN_ITEM)
        elif problems(items[name]):
            found.add(QuizProblem.ITEM_UNSOUND)
    # No question is asked twice: what is named, and what an earlier pool may need, is not there to be drawn.
    wanted: dict[tuple[str, str], int] = {}
    for slot in quiz.slots:
        if slot.pool is not None:
            level = slot.pool.difficulty.value if slot.pool.difficulty else ""
            wanted[slot.pool.topic, level] = wanted.get((slot.pool.topic, level), 0) + slot.pool.count
    for (topic, level), count in wanted.items():
        there = {
            name
            for name, item in items.items()
            if item.topic == topic and level in ("", item.difficulty.value) and not problems(item)
        } - named
        others = sum(more for (other, its), more in wanted.items() if other == topic and its and not level)
        if len(there) < count + others:
            found.add(QuizProblem.POOL_TOO_SMALL)
