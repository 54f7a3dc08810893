"""Words of questions and quizzes at the desk, made when they are shown."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from portal.core.settings import Audience, Locale
from portal.quizzes.rules.items import Difficulty, Item, Kind, Marking, Medium, Option, markings
from portal.quizzes.rules.marking import share_of_options
from portal.quizzes.rules.quizzes import Counts, Feedback, Layout
from portal.quizzes.views import showing

Say = Callable[[], str]

KINDS: dict[Kind, tuple[Say, Say]] = {
    Kind.SINGLE_CHOICE: (lambda: gettext("Single choice"), lambda: gettext("One option is right.")),
    Kind.MULTIPLE_CHOICE: (lambda: gettext("Multiple choice"), lambda: gettext("Several options are right.")),
    Kind.TRUE_FALSE: (lambda: gettext("True or false"), lambda: gettext("A sentence that is right or wrong.")),
    Kind.JUDGEMENT: (
        lambda: gettext("Is this a scam?"),
        lambda: gettext("A message, a call or a picture to be judged: scam, genuine, or not sure."),
    ),
    Kind.SHORT_ANSWER: (
        lambda: gettext("Short answer"),
        lambda: gettext("A word or two are typed. Width, capitals and punctuation do not count."),
    ),
    Kind.NUMERIC: (lambda: gettext("A number"), lambda: gettext("A number is typed; how far off it may be is said.")),
    Kind.MATCHING: (lambda: gettext("Matching"), lambda: gettext("What belongs together is put together.")),
    Kind.ORDERING: (lambda: gettext("Ordering"), lambda: gettext("Steps are put into the right order.")),
    Kind.ESSAY: (lambda: gettext("Essay"), lambda: gettext("Free text. Cannot be marked, so no public quiz takes it.")),
    Kind.DESCRIPTION: (
        lambda: gettext("Text between questions"),
        lambda: gettext("Nothing is answered. No public quiz takes it."),
    ),
}
"""What each kind is called, and what it is."""

DIFFICULTIES: dict[Difficulty, Say] = {
    Difficulty.EASY: lambda: gettext("Easy"),
    Difficulty.MEDIUM: lambda: gettext("Medium"),
    Difficulty.HARD: lambda: gettext("Hard"),
}

MEDIA: dict[Medium, Say] = showing.MEDIA

MARKINGS: dict[Marking, tuple[Say, Say]] = {
    Marking.SHORT_HALF: (
        lambda: gettext("Too few: half; any wrong: nothing"),
        lambda: gettext("The usual rule of Chinese examinations. Whoever leaves a right option out gets half."),
    ),
    Marking.EXACT: (
        lambda: gettext("All or nothing"),
        lambda: gettext("Only the whole answer counts."),
    ),
    Marking.RIGHT_SHARE: (
        lambda: gettext("Each right one its share"),
        lambda: gettext("Wrong ones cost nothing. With options to tick, ticking all of them gets everything."),
    ),
    Marking.WRONG_HALF: (
        lambda: gettext("Each wrong one costs half"),
        lambda: gettext("Each right one gets its share, each wrong one takes half of the whole away."),
    ),
    Marking.WRONG_ALL: (
        lambda: gettext("One wrong one costs everything"),
        lambda: gettext("Each right one gets its share, but one wrong one takes everything away."),
    ),
    Marking.RIGHT_MINUS_WRONG: (
        lambda: gettext("Right less wrong"),
        lambda: gettext("Each wrong one takes one right one away; never below nothing."),
    ),
    Marking.EVERY_DECISION: (
        lambda: gettext("Every decision counts"),
        lambda: gettext("Each option rightly ticked or rightly left counts the same."),
    ),
    Marking.HALVES: (
        lambda: gettext("One mistake half, two a quarter"),
        lambda: gettext("With more than two mistakes there is nothing."),
    ),
    Marking.WEIGHTS: (
        lambda: gettext("Each option its own weight"),
        lambda: gettext("You write the weight beside each option; weights below 0 take marks away."),
    ),
}
"""What each rule is called, and what it does."""

FEEDBACK: dict[Feedback, Say] = {
    Feedback.AT_ONCE: lambda: gettext("After each answer, which can then not be changed"),
    Feedback.AT_END: lambda: gettext("At the end"),
}
LAYOUTS: dict[Layout, Say] = {
    Layout.ONE: lambda: gettext("One question a page"),
    Layout.ALL: lambda: gettext("All on one page"),
}
COUNTS: dict[Counts, Say] = {
    Counts.BEST: lambda: gettext("The best"),
    Counts.LAST: lambda: gettext("The last"),
    Counts.FIRST: lambda: gettext("The first"),
}

VOICES: dict[str, Say] = {
    Audience.ELDERLY.value: lambda: gettext("Elderly"),
    Audience.YOUTH.value: lambda: gettext("Youth"),
    Audience.NEW_RESIDENT.value: lambda: gettext("New residents"),
    f"{Audience.GENERAL.value}.{Locale.EN.value}": lambda: gettext("English"),
    f"{Audience.ELDERLY.value}.{Locale.EN.value}": lambda: gettext("English, elderly"),
    f"{Audience.YOUTH.value}.{Locale.EN.value}": lambda: gettext("English, youth"),
    f"{Audience.NEW_RESIDENT.value}.{Locale.EN.value}": lambda: gettext("English, new residents"),
}


def voice_word(key: str) -> str:
    """Return a voice in words; the base speaks to everybody."""
    if not key:
        return str(gettext("General"))
    return str(VOICES[key]()) if key in VOICES else key


# --- what each rule comes to --------------------------------------------------------------------------------------

_ANSWERS = ("ABC", "AB", "ABD", "ABCDE", "D")


def example(kind: Kind, marking: Marking) -> list[tuple[str, str]]:
    """Return a small worked example of a rule: what is answered, and the percent that it gets.

    Of the options A to E the first three are right; of three pairs or steps, so many are.
    """
    if kind is not Kind.MULTIPLE_CHOICE:
        rule = [1.0, 2 / 3, 1 / 3] if marking is Marking.RIGHT_SHARE else [1.0, 0.0, 0.0]
        return [(f"{count}/3", f"{share:.0%}") for count, share in zip((3, 2, 1), rule, strict=True)]
    weights = dict(zip("ABCDE", (0.5, 0.3, 0.2, -0.5, -0.5), strict=True))
    options = tuple(Option(name, name, weights[name]) for name in "ABCDE")
    sample = Item(name="sample", kind=kind, stem="", options=options, marking=marking)
    return [(chosen, f"{share_of_options(sample, chosen):.0%}") for chosen in _ANSWERS]


def marking_choices(kind: Kind) -> list[tuple[Marking, str, str, list[tuple[str, str]]]]:
    """Return the rules that a kind can be marked by: name, plain explanation, worked example."""
    return [(rule, MARKINGS[rule][0](), MARKINGS[rule][1](), example(kind, rule)) for rule in markings(kind)]


# --- what makes a document unusable -------------------------------------------------------------------------------

PROBLEMS: dict[str, Say] = {
    "no-stem": lambda: gettext("The question itself is missing."),
    "no-explanation": lambda: gettext("The explanation is missing: it is what people learn from."),
    "no-topic": lambda: gettext("Choose a topic."),
    "not-marked": lambda: gettext("Nothing can mark this kind of question, so no public quiz takes it."),
    "no-right-option": lambda: gettext("No option is right. Say which one is."),
    "no-full-mark": lambda: gettext("No answer gets the whole mark. Give one option 100 percent."),
    "several-full-marks": lambda: gettext("Several options are right, but only one can be chosen. Leave one of them."),
    "full-mark-out-of-reach": lambda: gettext("All good weights together are less than 100 percent."),
    "too-few-options": lambda: gettext("There must be at least two options."),
    "too-few-pairs": lambda: gettext("There must be at least two pairs."),
    "too-few-to-order": lambda: gettext("There must be at least two steps."),
    "too-many-options": lambda: gettext("There are too many options."),
    "empty-option": lambda: gettext("An option has no text."),
    "same-option-twice": lambda: gettext("Two options say the same."),
    "same-id-twice": lambda: gettext("Two options have the same mark of their own. Take one out and write it again."),
    "not-a-number": lambda: gettext("An answer is not a number."),
    "tolerance-below-zero": lambda: gettext("How far off a number may be cannot be below 0."),
    "fraction-out-of-range": lambda: gettext("A weight lies outside -100 to 100 percent."),
    "wrong-marking": lambda: gettext("This kind of question cannot be marked by this rule."),
    "not-true-and-false": lambda: gettext("The two options must be true and false, one of them right."),
    "judgement-options": lambda: gettext("The options must be scam, genuine and not sure."),
    "unsure-is-right": lambda: gettext("Not sure cannot be the right answer."),
    "no-stimulus": lambda: gettext("There is nothing to judge: write the message, or choose a picture."),
    "voice-of-unknown-option": lambda: gettext("A voice speaks of an option that is no longer there."),
    "unknown-voice": lambda: gettext("There is a voice for an audience or language that the site does not have."),
    "too-long": lambda: gettext("A text is too long."),
    "unstorable": lambda: gettext("A text holds a character that cannot be stored."),
    "picture-unknown": lambda: gettext("The library does not have the picture."),
    "picture-decorative": lambda: gettext("The picture has no words for those who cannot see it. Describe it first."),
    "no-title": lambda: gettext("The title is missing."),
    "no-slots": lambda: gettext("The quiz asks nothing. Add a question."),
    "empty-slot": lambda: gettext("A place names neither a question nor a pool."),
    "item-twice": lambda: gettext("The same question is asked twice."),
    "unknown-item": lambda: gettext("A question that the quiz names does not exist."),
    "item-unsound": lambda: gettext("A question that the quiz names cannot be used. Mend it first."),
    "pool-count": lambda: gettext("A pool must draw at least one question."),
    "too-many-slots": lambda: gettext("The quiz has too many places."),
    "points-out-of-range": lambda: gettext("The points of a place are out of range."),
    "attempts-out-of-range": lambda: gettext("The number of attempts is out of range."),
    "minutes-out-of-range": lambda: gettext("The time limit is out of range."),
    "percent-out-of-range": lambda: gettext("The pass mark must lie from 0 to 100 percent."),
    "form-without-pair": lambda: gettext("A form A or B needs the name of its pair, and a pair its form."),
    "unknown-form": lambda: gettext("The form must be A or B."),
}


def problem_word(code: str) -> str:
    """Return what makes a document unusable, as a sentence; a code may name what it is about after a colon."""
    name, _colon, about = code.replace("_", "-").partition(":")
    if name == "item-not-public":
        return str(gettext("The question %(name)s is not public. Submit it together with the quiz.", name=about))
    if name == "pool-too-small":
        return str(gettext("The pool %(topic)s has too few public questions.", topic=about))
    if name in PROBLEMS:
        return str(PROBLEMS[name]())
    return str(gettext("It cannot be used yet: %(code)s.", code=code))
