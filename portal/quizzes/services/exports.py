"""Results as tables to save: a row a question, or a row an attempt. Who answered is not known, and so not in them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.quizzes.models import Attempt, QuizVersion
from portal.quizzes.rules.cells import guarded
from portal.quizzes.rules.figures import Counted, Figures, ItemFigures
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.readings import SENTENCES

if TYPE_CHECKING:
    from portal.quizzes.rules.sheets import Sheet

MOST_IN_XLSX = 20_000
"""Attempts in a spreadsheet file: writing more keeps a server busy for too long. As CSV any number can be had."""
TOO_FEW = "too few"
Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its name and the names of its columns."""

    name: str
    head: tuple[str, ...]
    rows: Iterable[Row]

    def lines(self) -> Iterator[Row]:
        """Return head and rows; what is unknown is empty."""
        yield self.head
        for row in self.rows:
            yield ["" if cell is None else cell for cell in row]


# --- a row a question ---------------------------------------------------------------------------------------------

QUESTION_HEAD = (
    "place", "question", "stem", "kind", "drawn", "control", "attempts", "points", "facility", "sd",
    "discrimination_index", "discriminative_efficiency", "intended_weight", "effective_weight", "standardised_facility",
    "dont_know", "blank", "seconds_lower_quartile", "seconds_median", "seconds_upper_quartile", "reading", "answers",
)  # fmt: skip


def questions(found: Figures, items: Mapping[str, Item]) -> list[Table]:
    """Return the figures by question, the counts of answers, and the figures of the whole."""
    shown = [(str(place), one) for place, one in enumerate(found.items, 1)]
    shown += [(f"drawn for {one.column.slot + 1}", one) for one in found.drawn]
    rows = [_question(place, one, items.get(one.item)) for place, one in shown]
    answers = [
        (place, one.item, key, _option(items[one.item], key), _number(count))
        for place, one in shown
        if one.counted is not None
        for key, count in _counts(one.counted)
    ]
    test = found.test
    whole = [
        (name, getattr(test, name))
        for name in (
            "n", "maximum", "mean", "median", "sd", "skewness", "kurtosis", "internal_consistency", "error_ratio",
            "standard_error",
        )
    ]  # fmt: skip
    if found.detection is not None:
        names = ("hit_rate", "false_alarm_rate", "d_prime", "criterion")
        whole += [(name, getattr(found.detection, name)) for name in names]
    return [
        Table("Questions", QUESTION_HEAD, rows),
        Table("Answers", ("place", "question", "answer", "text", "count"), answers),
        Table("Test", ("figure", "value"), whole),
    ]


def _question(place: str, one: ItemFigures, item: Item | None) -> Row:
    counted, statistics = one.counted, one.statistics
    return (
        place,
        one.item,
        item.stem if item else "",
        item.kind.value if item else "",
        "" if one.item == one.column.item else "drawn",
        "control" if one.column.control else "",
        statistics.n,
        statistics.maximum,
        statistics.facility,
        statistics.sd,
        statistics.discrimination_index,
        statistics.discriminative_efficiency,
        statistics.intended_weight,
        statistics.effective_weight,
        one.standardised,
        _number(counted.dont_know) if counted else None,
        _number(counted.blank) if counted else None,
        one.seconds.lower,
        one.seconds.median,
        one.seconds.upper,
        "; ".join(SENTENCES[reading] for reading in one.readings),
        "; ".join(f"{key}: {_number(count)}" for key, count in _counts(counted)) if counted else "",
    )


def _counts(counted: Counted) -> list[tuple[str, int | None]]:
    return [*counted.options, ("dont_know", counted.dont_know), ("blank", counted.blank)]


def _option(item: Item, key: str) -> str:
    option = item.option(key)
    return option.text if option else ""


def _number(count: int | None) -> object:
    return TOO_FEW if count is None else count


# --- a row an attempt ---------------------------------------------------------------------------------------------


def attempts(session: Session, *, version: QuizVersion, sheet: Sheet, ids: Sequence[int]) -> Table:
    """Return the attempts in a random order, which is another each time.

    Audience, language and source stand beside a quarter only where `SMALL` attempts share them all.

    Args:
        sheet: the answers of the attempts `ids`, in their order.
    """
    from portal.quizzes.rules.sheets import Marked  # noqa: PLC0415  # it loads numpy, which only staff's pages need

    about = _about(session, version)
    parts = Counter(about[key][:4] for key in ids)
    shown: set[tuple[Any, ...]] = set()
    for quarter in {part[0] for part in parts}:
        shown |= guarded({part: count for part, count in parts.items() if part[0] == quarter})
    order = list(range(len(ids)))
    secrets.SystemRandom().shuffle(order)
    places = range(1, len(sheet.columns) + 1)
    head = ["attempt", "quarter", "audience", "language", "source", "minutes"]
    for place, column in zip(places, sheet.columns, strict=True):
        if not column.item:
            head.append(f"{place}_question")
        head += [f"{place}_{column.item or 'drawn'}_share", f"{place}_{column.item or 'drawn'}_outcome"]
    marked = Marked(sheet)

    def rows() -> Iterator[Row]:
        for number, at in enumerate(order, 1):
            *who, minutes = about[ids[at]]
            row: list[object] = [number, who[0], *(who[1:] if tuple(who) in shown else [TOO_FEW] * 3), minutes]
            shares = marked.shares[at].tolist()
            for place, column in enumerate(sheet.columns):
                name = column.item or sheet.names[int(sheet.item[at, place])]
                if not column.item:
                    row.append(name)
                row += [shares[place], marked.of(name, int(sheet.code[at, place])).mark.outcome.value]
            row.append(float(marked.totals[at]))
            yield row

    return Table("Attempts", (*head, "total"), rows())


def _about(session: Session, version: QuizVersion) -> dict[int, tuple[str, str, str, str, int]]:
    statement = sa.select(
        Attempt.id, Attempt.quarter, Attempt.audience, Attempt.locale, Attempt.source,
        Attempt.started_at, Attempt.finished_at,
    ).where(Attempt.version_id == version.id, Attempt.quarter.is_not(None))  # fmt: skip
    return {
        key: (quarter or "", audience.value, locale.value, source.value, _minutes(begun, ended))
        for key, quarter, audience, locale, source, begun, ended in session.execute(statement)
    }


def _minutes(begun: datetime, ended: datetime | None) -> int:
    return round((ended - begun).total_seconds() / 60) if ended else 0


# --- files --------------------------------------------------------------------------------------------------------


def write_xlsx(file: BinaryIO, tables: Iterable[Table]) -> None:
    """Write tables as a spreadsheet file in which text stays text, whatever it begins with."""
    import xlsxwriter  # noqa: PLC0415  # a server loads it only where somebody saves a spreadsheet

    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {**as_text, "constant_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for table in tables:
            page = book.add_worksheet(table.name)
            page.freeze_panes(1, 0)
            for number, line in enumerate(table.lines()):
                page.write_row(number, 0, line, None if number else bold)


def note(
    session: Session, *, version: QuizVersion, kind: str, form: str, selection: Mapping[str, str], n: int, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Record that results were saved: which, and of how many attempts."""
    details = {"kind": kind, "format": form, "taken": n, **selection}
    record(session, Tag.RESULTS_EXPORTED, by=by, at=at, target=f"quiz-version:{version.id}", details=details)
