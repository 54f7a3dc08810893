"""What the desk says about rows and lists."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.events.rules import meetings, sheets
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Wave
from portal.events.rules.sheets import RowKind
from portal.quizzes.rules.paper_file import MAX_BYTES, MAX_ROWS, FileFlaw, Unreadable

SHEET_FATES = {
    sheets.Fate.TAKEN: _l("is taken"),
    sheets.Fate.NOBODY: _l("nobody came; it is left out"),
    sheets.Fate.UNKNOWN: _l("no registration of this lecture has this code"),
    sheets.Fate.DUPLICATE: _l("stands there twice; the first one counts"),
    sheets.Fate.MALFORMED: _l("this is no row code; it looks like K7M3 9QXT, or W23 9QX on a blank row"),
    sheets.Fate.NUMBER: _l("this is no number of people; write a whole number"),
    sheets.Fate.ENDED: _l("this registration was cancelled; write who came on a blank row"),
    sheets.Fate.UNDONE: _l("was taken back at the desk; let them in at the door page"),
    sheets.Fate.CELLS: _l("the row has more cells than there are columns, or a cell that is too long"),
}
MEETING_FATES = {
    meetings.Fate.TAKEN: _l("is taken"),
    meetings.Fate.SHORT: _l("was there for too short a time"),
    meetings.Fate.ALREADY: _l("is in already"),
    meetings.Fate.UNKNOWN: _l("nobody who registered has this name, address or code"),
    meetings.Fate.AMBIGUOUS: _l("several who registered have this name or address; add their code to the list"),
    meetings.Fate.ENDED: _l("this registration was cancelled"),
    meetings.Fate.MALFORMED: _l("nobody is named, or no time can be read"),
}
FILE_FLAWS = {
    FileFlaw.TOO_LARGE: _l("The file is too large: at most %(mb)d MB.", mb=MAX_BYTES // 1_000_000),
    FileFlaw.EMPTY: _l("The file holds no rows."),
    FileFlaw.NOT_TEXT: _l("This is not a CSV file. In the spreadsheet, save it as “CSV UTF-8”."),
    FileFlaw.DAMAGED: _l("The table is damaged: a quotation mark has no other half. Save it anew as CSV."),
    FileFlaw.TOO_WIDE: _l("The table has too many columns."),
    FileFlaw.TOO_MANY: _l("The table has too many rows: at most %(most)d. Send it in parts.", most=MAX_ROWS),
}
COLUMNS = {
    "row code": _l("row code"),
    "people": _l("people"),
    "name": _l("name, mail address or code"),
    "minutes": _l("minutes, or times of joining and leaving"),
}


def sheet_fate_words(row: sheets.Told) -> str:
    """Return what becomes of a row of a sheet, and why."""
    return str(_sheet_fate(row))


def _sheet_fate(row: sheets.Told) -> Any:
    if row.fate is sheets.Fate.ALREADY and row.before == row.people:
        return gettext("is in already")
    if row.fate is sheets.Fate.ALREADY:
        return gettext(
            "is in already with %(before)d, not %(people)d; mend it at the door page",
            before=row.before,
            people=row.people,
        )
    if row.fate is sheets.Fate.MORE and row.kind is RowKind.REGISTRATION:
        return gettext("has %(seats)d seats; write those here, and who came beside on a blank row", seats=row.before)
    if row.fate is sheets.Fate.MORE:
        return gettext("at most %(most)d people fit on such a row", most=row.before)
    return SHEET_FATES[row.fate]


def meeting_fate_words(row: meetings.Told) -> str:
    """Return what becomes of somebody in a list of the meeting tool, and why."""
    return str(MEETING_FATES[row.fate])


def file_words(problem: Unreadable) -> str:
    """Return why a file cannot be read."""
    return str(_file_flaw(problem))


def _file_flaw(problem: Unreadable) -> Any:
    name = str(COLUMNS.get(problem.name, problem.name))
    if problem.flaw is FileFlaw.NO_COLUMN:
        return gettext("There is no column with this: %(name)s.", name=name)
    if problem.flaw is FileFlaw.COLUMN_TWICE:
        return gettext("The column %(name)s stands there twice.", name=name)
    return FILE_FLAWS.get(problem.flaw, FILE_FLAWS[FileFlaw.DAMAGED])


ROW_KINDS = {
    RowKind.REGISTRATION: _l("Registered"),
    RowKind.WALK_IN: _l("Without registration"),
    RowKind.TALLY: _l("Counted heads"),
}
KINDS = {
    AdmissionKind.CODE: _l("Registered people, let in by their code"),
    AdmissionKind.GROUP: _l("Groups, heads counted by staff"),
    AdmissionKind.WALK_IN: _l("Without registration"),
    AdmissionKind.TALLY: _l("Counted heads of whom nothing is known"),
    AdmissionKind.ONLINE: _l("Online, long enough"),
}
SOURCES = {
    AdmissionSource.DOOR: _l("at the door"),
    AdmissionSource.OFFLINE: _l("at the door, without network"),
    AdmissionSource.PAPER: _l("from paper"),
    AdmissionSource.FILE: _l("from the meeting tool"),
    AdmissionSource.LINK: _l("by link"),
}
LEVELS = {
    5: _l("Very satisfied"),
    4: _l("Satisfied"),
    3: _l("So-so"),
    2: _l("Dissatisfied"),
    1: _l("Very dissatisfied"),
}
WAVES = {
    Wave.PRE: _l("Before the lecture"),
    Wave.POST: _l("After the lecture"),
    Wave.FOLLOW_UP: _l("Some weeks later"),
}
