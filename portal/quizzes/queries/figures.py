"""What was answered, gathered for figures: of one version at a time, in few queries and little memory.

No row of an answer becomes an object. The database puts the answers of each attempt into one line (places, answers,
times), and lines are taken apart in batches: 100,000 attempts at 20 questions are two million answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import Audience
from portal.quizzes.models import Attempt, PaperSheet, QuizVersion, Regrade, Response
from portal.quizzes.rules.cells import Cells, Leaf
from portal.quizzes.rules.figures import columns
from portal.quizzes.rules.items import CHOICES, Item, from_plain
from portal.quizzes.rules.quizzes import Counts, Instrument, instrument_from_plain, quiz_from_plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from portal.quizzes.rules.sheets import Sheet

BATCH = 2_000
"""So many attempts are asked for by name at once."""
LINES = 200
"""So many lines are taken apart at once: what they hold stays in the processor's cache."""


# --- who took it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repeat:
    """One of several attempts of a person."""

    id: int
    ordinal: int
    percent: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Roll:
    """The finished attempts of a version, by the part in which they are counted."""

    ids: Mapping[Leaf, NDArray[Any]]
    repeats: Sequence[Repeat]
    """Those that do not count."""

    def cells(self) -> Cells:
        """Return what may be shown."""
        return Cells({leaf: len(ids) for leaf, ids in self.ids.items()})

    def of(self, leaves: frozenset[Leaf]) -> NDArray[Any]:
        """Return the ids of the attempts in some leaves, ascending."""
        import numpy as np  # noqa: PLC0415  # a server loads numpy only where somebody asks for it

        return np.sort(np.concatenate([np.empty(0, np.int64), *(self.ids[leaf] for leaf in leaves)]))

    def among(self, ids: NDArray[Any], leaves: frozenset[Leaf]) -> NDArray[Any]:
        """Return which of `ids` lie in some leaves."""
        import numpy as np  # noqa: PLC0415  # as above

        return np.isin(ids, self.of(leaves))


def finished(version_id: int, *, quarter: str = "", audience: Audience | None = None) -> sa.ColumnElement[bool]:
    """Return the condition for the finished attempts of a version.

    What is finished has its quarter: so an index answers, and the rows with their long layouts are left alone.
    """
    when = Attempt.quarter == quarter if quarter else Attempt.quarter.is_not(None)
    found = sa.and_(Attempt.version_id == version_id, when)
    return sa.and_(found, Attempt.audience == audience) if audience else found


def roll(session: Session, version: QuizVersion, *, quarter: str = "") -> Roll:
    """Return the finished attempts of a version.

    Of several attempts of one person within a quarter the one counts that the quiz says: so what a quarter came to
    does not change with what happens after it.
    """
    import numpy as np  # noqa: PLC0415  # as above

    condition = finished(version.id, quarter=quarter)
    repeats = _repeats(session, version, quarter)
    again = np.array([one.id for one in repeats], dtype=np.int64)
    parts = (
        sa.select(Attempt.quarter, Attempt.audience, sa.func.aggregate_strings(sa.cast(Attempt.id, sa.Text), ","))
        .where(condition)
        .group_by(Attempt.quarter, Attempt.audience)
    )
    found: dict[Leaf, NDArray[Any]] = {}
    for when, audience, line in session.execute(parts):
        ids = _integers([line])
        is_repeat = np.isin(ids, again)
        found[Leaf(when or "", audience, repeat=False)] = ids[~is_repeat]
        found[Leaf(when or "", audience, repeat=True)] = ids[is_repeat]
    return Roll(found, repeats)


def _repeats(session: Session, version: QuizVersion, quarter: str) -> list[Repeat]:
    """Return the attempts in whose place another one of the same person counts."""
    counts = quiz_from_plain(version.instrument["quiz"]).counts
    condition = finished(version.id, quarter=quarter)
    several = session.scalars(sa.select(Attempt.series).where(condition, Attempt.ordinal > 1)).all()
    best: dict[tuple[str, str], Repeat] = {}
    found = []
    for start in range(0, len(several), BATCH):
        columns = (Attempt.id, Attempt.quarter, Attempt.series, Attempt.ordinal, Attempt.percent, Attempt.passed)
        # By the series alone: asked for the version as well, a database reads all of that instead.
        mine = sa.select(*columns, Attempt.version_id).where(Attempt.series.in_(several[start : start + BATCH]))
        for key, when, series, ordinal, percent, passed, version_id in session.execute(mine):
            if when is None or version_id != version.id or (quarter and when != quarter):
                continue
            one = Repeat(key, ordinal, percent or 0.0, bool(passed))
            former = best.setdefault((when, series), one)
            if one.id != former.id:
                first, second = sorted((former, one), key=lambda attempt: _rank(counts, attempt))
                found.append(first)
                best[when, series] = second
    return found


def _rank(counts: Counts, one: Repeat) -> tuple[float, int]:
    """Return what decides which attempt counts: the largest does."""
    if counts is Counts.BEST:
        return one.percent, -one.ordinal
    return (0.0, one.ordinal) if counts is Counts.LAST else (0.0, -one.ordinal)


# --- what they answered -------------------------------------------------------------------------------------------


def keyed(session: Session, version: QuizVersion, instrument: Instrument) -> Mapping[str, Item]:
    """Return the questions of a version with the keys that they are marked by now."""
    mended = sa.select(Regrade.item, Regrade.after).where(Regrade.version_id == version.id).order_by(Regrade.id)
    return {**instrument.items, **{name: from_plain(after) for name, after in session.execute(mended)}}


def sheet(
    session: Session, version: QuizVersion, ids: NDArray[Any], *, quarter: str = "", audience: Audience | None = None
) -> Sheet:
    """Return the answers of attempts.

    Args:
        ids: ascending, all of this version.
        quarter: these are of one quarter.
        audience: these are of one audience.
    """
    return _Gathering(session, version, ids).run(quarter, audience)


class _Codes(dict[str, int]):
    """A number for each different text."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Places(dict[str, "NDArray[Any]"]):
    """The places that a line names: nearly all attempts answer the same ones."""

    def __missing__(self, line: str) -> NDArray[Any]:
        places = self[line] = _integers([line])
        return places


class _Gathering:
    """The answers of attempts on their way into columns."""

    def __init__(self, session: Session, version: QuizVersion, ids: NDArray[Any]) -> None:
        import numpy as np  # noqa: PLC0415  # as above

        self._session = session
        self._version = version
        self._instrument = instrument_from_plain(version.instrument)
        self._columns = columns(self._instrument)
        self._names = tuple(self._instrument.items)
        self._number = {name: number for number, name in enumerate(self._names)}
        self._ids = ids
        self._codes = _Codes()
        self._places = _Places()
        self._is_fixed = not self._instrument.pools
        self._is_plain = self._is_fixed and not self._instrument.quiz.shuffle
        shape = (len(ids), len(self._columns))
        self._code = np.full(shape, -1, dtype=np.int32)
        self._tenths = np.full(shape, -1, dtype=np.int32)
        self._item = np.full((0, 0) if self._is_plain else shape, -1, dtype=np.int16)

    def run(self, quarter: str, audience: Audience | None) -> Sheet:
        from portal.quizzes.rules.sheets import Sheet  # noqa: PLC0415  # as above

        statement = self._lines(quarter, audience)
        # Past the session: its results would be looked through for objects, row by row.
        result = self._session.connection().execute(statement, execution_options={"yield_per": LINES})
        if len(self._ids):
            for rows in result.partitions():
                self._take(rows)
            self._forget_times_on_paper()
        if not self._is_plain:
            self._arrange()
        return Sheet(
            columns=self._columns,
            items=keyed(self._session, self._version, self._instrument),
            names=self._names,
            said=list(self._codes),
            item=self._item,
            code=self._code,
            tenths=self._tenths,
        )

    def _lines(self, quarter: str, audience: Audience | None) -> sa.Select[Any]:
        """Return a query of one line an attempt: places, answers, times and, where they vary, questions."""
        mine = sa.select(Attempt.id).where(finished(self._version.id, quarter=quarter, audience=audience))
        said: sa.ColumnElement[str] = sa.cast(Response.given, sa.Text)
        typed = [name for name, item in self._instrument.items.items() if item.kind not in CHOICES]
        if typed:
            # There are as many different ones as people: their marks are enough, and nothing typed is kept.
            outcome = sa.cast(Response.outcome, sa.Text) + " " + sa.cast(Response.fraction, sa.Text)
            said = sa.case((Response.item.in_(typed), outcome), else_=said)
        tenths = sa.cast(Response.seconds * 10, sa.BigInteger)
        parts: list[sa.ColumnElement[Any]] = [
            Response.attempt_id.expression,
            sa.func.aggregate_strings(sa.cast(Response.slot, sa.Text), ","),
            sa.func.aggregate_strings(said, "\n"),
            sa.func.aggregate_strings(sa.cast(tenths, sa.Text), ","),
        ]
        if not self._is_plain:
            parts.append(sa.func.aggregate_strings(Response.item, "\n"))
        return sa.select(*parts).where(Response.attempt_id.in_(mine)).group_by(Response.attempt_id)

    def _take(self, rows: Sequence[sa.Row[Any]]) -> None:
        """Take a batch of lines apart."""
        import numpy as np  # noqa: PLC0415  # as above

        found = np.array([row[0] for row in rows], dtype=np.int64)
        at = np.minimum(np.searchsorted(self._ids, found), len(self._ids) - 1)
        wanted = self._ids[at] == found
        if not wanted.all():
            rows = [row for row, is_wanted in zip(rows, wanted.tolist(), strict=True) if is_wanted]
            at = at[wanted]
        if not rows:
            return
        _ids, slots, said, tenths, *items = zip(*rows, strict=True)
        places = [self._places[one] for one in slots]
        row = np.repeat(at, [len(one) for one in places])
        slot = np.concatenate(places)
        self._code[row, slot] = self._numbers(said, self._codes)
        self._tenths[row, slot] = np.minimum(_integers(tenths), np.iinfo(np.int32).max)
        for names in items:
            self._item[row, slot] = self._numbers(names, self._number)

    def _forget_times_on_paper(self) -> None:
        """Note that nobody knows how long an answer on paper took; such an attempt begins and ends at one moment."""
        import numpy as np  # noqa: PLC0415  # as above

        # By the sheets, of which each has made one attempt: rows of attempts with their long layouts are left alone.
        sheets = sa.select(PaperSheet.attempt_id).where(
            PaperSheet.version_id == self._version.id, PaperSheet.attempt_id.is_not(None)
        )
        on_paper = np.array(self._session.scalars(sheets).all(), dtype=np.int64)
        self._tenths[np.isin(self._ids, on_paper)] = -1

    @staticmethod
    def _numbers(lines: Sequence[str], numbers: Mapping[str, int]) -> NDArray[Any]:
        import numpy as np  # noqa: PLC0415  # as above

        texts = "\n".join(lines).split("\n")
        return np.fromiter(map(numbers.__getitem__, texts), dtype=np.int32, count=len(texts))

    # --- where the places of attempts differ

    def _arrange(self) -> None:
        """Move the answers of each attempt from the order in which they were asked to that of the columns."""
        import numpy as np  # noqa: PLC0415  # as above

        keys, order = self._keys()
        key = np.array([*(keys.get(name, 0) for name in self._names), 0], dtype=np.int32)
        where = key[self._item]
        if not self._is_fixed:
            self._fill(where, keys)
        if not self._instrument.quiz.shuffle:
            return
        if self._is_fixed:
            # What was left out keeps no place in the way.
            rows, slots = np.nonzero(self._item >= 0)
            for name in ("_code", "_tenths", "_item"):
                former = getattr(self, name)
                moved = np.full_like(former, -1)
                moved[rows, where[rows, slots]] = former[rows, slots]
                setattr(self, name, moved)
            return
        moves = np.argsort(where, axis=1, kind="stable")
        for name in ("_code", "_tenths", "_item"):
            moved = np.empty_like(getattr(self, name))
            moved[:, order] = np.take_along_axis(getattr(self, name), moves, axis=1)
            setattr(self, name, moved)

    def _keys(self) -> tuple[dict[str, int], list[int]]:
        """Return a key for each question, by which the places of an attempt sort, and the columns in that order.

        The key is the first column that the question may stand in; pools that share questions share one. Only an
        attempt's layout could say which of these a question was drawn from, and nothing but their points may differ.
        """
        keys: dict[str, int] = {}
        own: list[int] = []
        for place, column in enumerate(self._columns):
            names = [column.item] if column.item else list(column.pool)
            met = {keys[name] for name in names if name in keys}
            first = min({place, *met})
            if met - {first}:
                keys = {name: first if key in met else key for name, key in keys.items()}
                own = [first if key in met else key for key in own]
            keys.update(dict.fromkeys(names, first))
            own.append(first)
        return keys, sorted(range(len(own)), key=lambda place: own[place])

    def _fill(self, where: NDArray[Any], keys: Mapping[str, int]) -> None:
        """Note which questions were drawn for places that were left out: the attempt's own layout says so."""
        import numpy as np  # noqa: PLC0415  # as above

        rows = np.flatnonzero((self._item < 0).any(axis=1))
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            row_of = {int(self._ids[row]): int(row) for row in batch}
            layouts = sa.select(Attempt.id, Attempt.layout).where(Attempt.id.in_(row_of))
            for key, layout in self._session.execute(layouts):
                for slot, place in enumerate(layout):
                    self._item[row_of[key], slot] = self._number[place["item"]]
                    where[row_of[key], slot] = keys[place["item"]]


def _integers(lines: Sequence[str]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415  # as above

    return np.fromstring(",".join(lines), sep=",", dtype=np.int64)
