"""Pure checks of text: compliance, readability, equal facts, and what changed."""

from portal.prose.rules.around import Around
from portal.prose.rules.inline import Names
from portal.prose.rules.lint import Lint, blocking
from portal.prose.rules.messages import say
from portal.prose.rules.minutes import HAN_A_MINUTE, WORDS_A_MINUTE, reading_minutes
from portal.prose.rules.phrases import Classes
from portal.prose.rules.phrases import problem as phrase_problem
from portal.prose.rules.readability import Note, Reading, grade, measure
from portal.prose.rules.rule import DETECTORS, Context, Finding, Group, Level, Rule
from portal.prose.rules.text import Draft, Part, Sentence, Text, read

__all__ = [
    "DETECTORS",
    "HAN_A_MINUTE",
    "WORDS_A_MINUTE",
    "Around",
    "Classes",
    "Context",
    "Draft",
    "Finding",
    "Group",
    "Level",
    "Lint",
    "Names",
    "Note",
    "Part",
    "Reading",
    "Rule",
    "Sentence",
    "Text",
    "blocking",
    "grade",
    "measure",
    "phrase_problem",
    "read",
    "reading_minutes",
    "say",
]
