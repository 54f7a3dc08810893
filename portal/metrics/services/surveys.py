"""Surveys on paper: a table of answers before and after is looked at first, then taken in beside the figures."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import Said
from portal.metrics.models import SurveyRow
from portal.metrics.queries import stored
from portal.metrics.rules.inputs import Survey
from portal.metrics.rules.targets import Measure
from portal.metrics.rules.uplift_json import measured
from portal.metrics.services import pairs
from portal.metrics.services.figures import Wrong, must_be_open
from portal.metrics.services.pairs import Fate, Pairs

MAX_BYTES = 1_000_000
MAX_ROWS = 5_000
"""The page lists the fate of each."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file would come to."""

    table: Pairs
    found: dict[str, Any]
    """As `uplift_json.to_json` has it."""
    digest: str
    before: SurveyRow | None
    """The same file where it counts already."""

    def count(self, fate: Fate) -> int:
        """Return how many rows have a fate."""
        return sum(row.fate is fate for row in self.table.rows)


def look(session: Session, *, quarter: str, raw: bytes) -> Looked:
    """Return what becomes of each row of a file, and what it would come to; nothing is changed.

    Raises:
        pairs.Unreadable: it is no table of answers before and after.
    """
    table = _table(raw)
    target = next((one for one in stored.targets(session, quarter) if one.measure is Measure.AWARENESS), None)
    digest = hashlib.sha256(raw).hexdigest()
    known = _known(session, quarter, digest)
    counts = known is not None and known.withdrawn_at is None
    return Looked(table, measured(table.people, target)[1], digest, known if counts else None)


def take(
    session: Session, *, quarter: str, raw: bytes, name: str, signer: str, by: str, at: datetime
) -> SurveyRow | None:
    """Take a file in, all of it; None: the very same file counts already, and nothing is changed.

    Raises:
        Wrong: the quarter is closed, or a row of the file cannot be taken.
        pairs.Unreadable: it is no table of answers before and after.
    """
    must_be_open(session, quarter)
    table = _table(raw)
    if table.refused:
        raise Wrong(Said("A row cannot be taken, so nothing was. Mend the table and send it again."))
    digest = hashlib.sha256(raw).hexdigest()
    row = _known(session, quarter, digest)
    if row is not None and row.withdrawn_at is None:
        return None
    row = row or SurveyRow(quarter=quarter, digest=digest, rows=len(table.rows))
    row.name, row.signer, row.taken_at, row.taken_by = name, signer, at, by
    row.content = pairs.without_ignored(io.BytesIO(raw))
    row.withdrawn_at = row.withdrawn_by = None
    try:
        with session.begin_nested():
            session.add(row)
    except sa.exc.IntegrityError:
        # The same file was sent twice at the same moment, and the other one was first.
        return None
    details = {"rows": len(table.rows), "digest": digest[:16]}
    record(session, Tag.QUARTER_SURVEYED, by=by, at=at, target=f"quarter:{quarter}", details=details)
    session.flush()
    return row


def withdraw(session: Session, *, quarter: str, number: int, by: str, at: datetime) -> None:
    """Take a survey out of the figures; its table stays.

    Raises:
        Wrong: there is none that counts, or the quarter is closed.
    """
    must_be_open(session, quarter)
    row = session.get(SurveyRow, number)
    if row is None or row.quarter != quarter or row.withdrawn_at is not None:
        raise Wrong(Said("This survey is not among the figures."))
    row.withdrawn_at, row.withdrawn_by = at, by
    details = {"digest": row.digest[:16]}
    record(session, Tag.QUARTER_UNSURVEYED, by=by, at=at, target=f"quarter:{quarter}", details=details)


def gathered(session: Session, quarter: str) -> tuple[Survey, ...]:
    """Return the surveys that count, with the answers of their people."""
    return tuple(
        Survey(
            row.name,
            row.signer,
            row.digest,
            row.rows,
            row.taken_by,
            row.taken_at,
            pairs.read_pairs(io.BytesIO(row.content.encode())).people,
        )
        for row in stored.surveys(session, quarter)
        if row.withdrawn_at is None
    )


def _table(raw: bytes) -> Pairs:
    if len(raw) > MAX_BYTES:
        raise pairs.Unreadable(
            Said("The file is larger than %(most)s MB. Please split it.", most=MAX_BYTES // 1_000_000)
        )
    return pairs.read_pairs(io.BytesIO(raw), most_rows=MAX_ROWS)


def _known(session: Session, quarter: str, digest: str) -> SurveyRow | None:
    return session.scalar(sa.select(SurveyRow).where(SurveyRow.quarter == quarter, SurveyRow.digest == digest))
