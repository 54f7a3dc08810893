"""What the desk says about answers and files that cannot be taken as they are."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.quizzes.rules.answers import LONGEST_TEXT
from portal.quizzes.rules.items import Kind
from portal.quizzes.rules.paper import Flaw
from portal.quizzes.rules.paper_file import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Fate, FileFlaw, Told, Unreadable

FLAWS = {
    Flaw.LETTER: _l("This question has no such letter. Type the letters that are ticked, or ? for “I don't know”."),
    Flaw.ONE: _l("Only one letter can be chosen here."),
    Flaw.TWICE: _l("A letter stands there twice."),
    Flaw.COUNT: _l("Every line needs a letter: type as many as there are lines."),
    Flaw.NUMBER: _l("This is not a number. Type it as it is written, such as 500 or 50万."),
    Flaw.LONG: _l("This is too long: at most %(most)d characters.", most=LONGEST_TEXT),
    Flaw.SIGNS: _l("Type it on one line."),
}
FATES = {
    Fate.TAKEN: _l("is taken"),
    Fate.SAME: _l("is in already, the same"),
    Fate.DIFFERENT: _l("is in already with other answers; those stay"),
    Fate.REPEATED: _l("stands in this file twice; the first one counts"),
    Fate.HALF: _l("one person has typed it at the desk; a second person types it there"),
    Fate.NOTHING: _l("nothing is answered; it is left out"),
    Fate.SHEET: _l("this is no sheet number; it looks like P1-1-0001"),
    Fate.VERSION: _l("belongs to another version; send it in a file of its own"),
    Fate.AUDIENCE: _l("this is no edition; write general, elderly, youth or new-resident"),
    Fate.GROUP: _l("this quiz has no group with this code"),
    Fate.DAY: _l("this is no date, or one to come; it looks like 2026-11-22"),
    Fate.ANSWER: _l("the answer cannot be taken"),
    Fate.CELLS: _l("the row has more cells than there are columns, or a cell that is too long"),
}
FILE_FLAWS = {
    FileFlaw.TOO_LARGE: _l("The file is too large: at most %(mb)d MB.", mb=MAX_BYTES // 1_000_000),
    FileFlaw.EMPTY: _l("The file holds no rows."),
    FileFlaw.NOT_TEXT: _l("This is not a CSV file. In the spreadsheet, save it as “CSV UTF-8”."),
    FileFlaw.DAMAGED: _l("The table is damaged: a quotation mark has no other half. Save it anew as CSV."),
    FileFlaw.TOO_WIDE: _l("The table has too many columns: at most %(most)d.", most=MAX_COLUMNS),
    FileFlaw.TOO_MANY: _l("The table has too many rows: at most %(most)d. Send it in parts.", most=MAX_ROWS),
}


def flaw_words(flaw: Flaw) -> str:
    """Return why an answer is none."""
    return str(FLAWS[flaw])


def fate_words(row: Told) -> str:
    """Return what becomes of a row, and why, as one line."""
    said = str(FATES[row.fate])
    if row.fate is Fate.ANSWER and row.flaw is not None:
        said = gettext("%(question)s: %(why)s", question=row.column, why=flaw_words(row.flaw))
    elif row.fate is Fate.DIFFERENT:
        said = gettext("%(what)s (first difference: %(column)s)", what=said, column=row.column)
    return gettext("%(what)s (there stands: %(said)s)", what=said, said=row.said) if row.said else said


def file_words(problem: Unreadable) -> str:
    """Return why a file cannot be read."""
    if problem.flaw is FileFlaw.NO_COLUMN:
        said = gettext("The column %(name)s is missing. Begin with the template.", name=problem.name)
    elif problem.flaw is FileFlaw.UNKNOWN_COLUMN:
        said = gettext("Nobody knows the column %(name)s. Take it out.", name=problem.name)
    elif problem.flaw is FileFlaw.COLUMN_TWICE:
        said = gettext("The column %(name)s stands there twice.", name=problem.name)
    else:
        said = FILE_FLAWS[problem.flaw]
    return str(said)


KINDS = {
    Kind.SINGLE_CHOICE: _l("one letter"),
    Kind.TRUE_FALSE: _l("one letter"),
    Kind.JUDGEMENT: _l("one letter"),
    Kind.MULTIPLE_CHOICE: _l("all letters ticked, such as AC"),
    Kind.MATCHING: _l("the letter of each line in turn, - for none, such as BA-C"),
    Kind.ORDERING: _l("all letters in the order given, such as CAB"),
    Kind.SHORT_ANSWER: _l("as it is written"),
    Kind.NUMERIC: _l("the number as it is written"),
    Kind.ESSAY: _l("as it is written"),
}


def kind_words(kind: Kind) -> str:
    """Return how answers to such a question are typed."""
    return str(KINDS.get(kind, ""))
