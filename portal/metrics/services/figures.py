"""Figures that a person enters, targets that a site sets, and what staff write for the report."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError, Said
from portal.metrics.models import EntryRow, Narrative, TargetRow
from portal.metrics.queries import stored
from portal.metrics.rules.closing import LONGEST_TEXT, Section, State
from portal.metrics.rules.targets import ENTERED, UNITS, Measure, TargetUnit
from portal.reference.rules import quarters


class Wrong(PortalError):
    """What was given cannot be kept; `said` says why."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


def enter(
    session: Session,
    *,
    quarter: str,
    measure: Measure,
    numerator: float,
    denominator: float,
    source: str,
    signer: str,
    by: str,
    at: datetime,
) -> EntryRow:
    """Enter a figure of a quarter; an earlier one of the same measure stays in the table and no longer counts.

    Raises:
        Wrong: a part is larger than its whole, the source or the signer is missing, or the quarter is closed.
    """
    must_be_open(session, quarter)
    if measure not in ENTERED:
        raise Wrong(Said("The portal counts this figure itself."))
    if not 0 <= numerator <= denominator or not denominator:
        raise Wrong(Said("The part must not be larger than the whole, and the whole must be above 0."))
    if not source.strip() or not signer.strip():
        raise Wrong(Said("Please say where the figure comes from, and who answers for it."))
    row = EntryRow(
        quarter=quarter,
        measure=measure,
        numerator=numerator,
        denominator=denominator,
        source=source.strip()[:300],
        signer=signer.strip()[:120],
        entered_at=at,
        entered_by=by,
    )
    session.add(row)
    details = {"measure": measure.value, "numerator": numerator, "denominator": denominator}
    record(session, Tag.QUARTER_ENTERED, by=by, at=at, target=f"quarter:{quarter}", details=details)
    session.flush()
    return row


def set_target(
    session: Session,
    *,
    measure: Measure,
    value: float,
    unit: TargetUnit,
    least: int | None,
    since: str,
    by: str,
    at: datetime,
) -> TargetRow:
    """Set what is to be reached from a quarter on; reports of closed quarters keep the target that they were judged by.

    Raises:
        Wrong: the unit does not fit the measure, or a share is above 1.
        ValueError: `since` is not the name of a quarter.
    """
    quarters.days(since)
    if unit not in UNITS[measure]:
        raise Wrong(Said("This target cannot be given in this unit."))
    if value < 0 or (unit is not TargetUnit.COUNT and value > 1):
        raise Wrong(Said("A share lies between 0 and 1: nine in ten is 0.9."))
    held = {target.measure: target for target in stored.targets(session, since)}
    row = TargetRow(
        measure=measure,
        value=value,
        unit=unit,
        least=held[measure].least if least is None else least,
        since=since,
        set_at=at,
        set_by=by,
    )
    session.add(row)
    details = {"value": value, "unit": unit.value, "since": since}
    record(session, Tag.QUARTER_AIMED, by=by, at=at, target=f"measure:{measure.value}", details=details)
    session.flush()
    return row


def write(
    session: Session, *, quarter: str, section: Section, text: str, by: str, by_id: int, at: datetime
) -> Narrative:
    """Write a section of the report; it stands in the report once a second person has approved it.

    Raises:
        Wrong: there is no text, too much of it, or the quarter is confirmed.
    """
    row = stored.report(session, quarter)
    if row is not None and row.state is State.CONFIRMED:
        raise Wrong(Said("The quarter is confirmed: its report stands."))
    if not text.strip():
        raise Wrong(Said("Please write something."))
    if len(text) > LONGEST_TEXT:
        raise Wrong(Said("A section may have %(most)s characters.", most=f"{LONGEST_TEXT:,}"))
    made = Narrative(
        quarter=quarter, section=section, text=text.strip(), written_at=at, written_by=by, written_by_id=by_id
    )
    session.add(made)
    details = {"section": section.value}
    record(session, Tag.QUARTER_WRITTEN, by=by, at=at, target=f"quarter:{quarter}", details=details)
    session.flush()
    return made


def approve(session: Session, *, narrative_id: int, by: str, by_id: int, at: datetime) -> Narrative:
    """Approve what somebody else wrote for the report.

    Raises:
        Wrong: there is no such text, it was approved already, a newer one has taken its place, or the same person wrote
            it.
    """
    row = session.get(Narrative, narrative_id)
    if row is None or row.approved_at is not None or _is_old(session, row):
        raise Wrong(Said("This text no longer waits for approval."))
    if row.written_by_id == by_id:
        raise Wrong(Said("Whoever wrote a text cannot approve it: another person has to."))
    row.approved_at, row.approved_by, row.approved_by_id = at, by, by_id
    details = {"section": row.section.value}
    record(session, Tag.QUARTER_APPROVED, by=by, at=at, target=f"quarter:{row.quarter}", details=details)
    return row


def _is_old(session: Session, row: Narrative) -> bool:
    newer = sa.exists().where(Narrative.quarter == row.quarter, Narrative.section == row.section, Narrative.id > row.id)
    return bool(session.scalar(sa.select(newer)))


def narrative(session: Session, quarter: str) -> dict[str, str]:
    """Return the approved text of each section, of several the last one."""
    return {row.section.value: row.text for row in stored.narratives(session, quarter) if row.approved_at is not None}


def must_be_open(session: Session, quarter: str) -> None:
    """Make sure that the figures of a quarter may still change.

    Raises:
        Wrong: they may not.
        ValueError: it is not the name of a quarter.
    """
    quarters.days(quarter)
    row = stored.report(session, quarter)
    if row is not None and row.state is not State.OPEN:
        raise Wrong(Said("The quarter is closed: what came to light since is an amendment."))
