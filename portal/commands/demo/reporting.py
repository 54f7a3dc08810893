"""What staff do with a quarter: enter figures, write, build, close, confirm, and add what came to light later."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.commands.demo.cast import AMENDMENT, CHECKER, COMMAND, LATE_PEOPLE, SPEECH, WRITER, Shape
from portal.commands.demo.lectures import admission
from portal.commands.demo.spans import Span
from portal.events.models import Admission, Event
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.metrics.rules.targets import Measure
from portal.metrics.services import figures, reports


def tell(session: Session, *, shape: Shape, span: Span) -> None:
    """Enter the figures that the portal cannot count, and what is said of the quarter, approved by a second person."""
    sources = {Measure.COMPLAINTS_24H: "投诉工单系统（演示）", Measure.TRAINING: "培训系统签到表（演示）"}
    given = {Measure.COMPLAINTS_24H: shape.complaints, Measure.TRAINING: shape.trained}
    for measure, figure in given.items():
        if figure is not None:
            figures.enter(
                session,
                quarter=span.quarter,
                measure=measure,
                numerator=figure[0],
                denominator=figure[1],
                source=sources[measure],
                signer=CHECKER[0],
                by=WRITER[0],
                at=span.after_end(4),
            )
    for section, text in SPEECH.items():
        written = figures.write(
            session,
            quarter=span.quarter,
            section=section,
            text=text,
            by=WRITER[0],
            by_id=WRITER[1],
            at=span.after_end(5),
        )
        figures.approve(session, narrative_id=written.id, by=CHECKER[0], by_id=CHECKER[1], at=span.after_end(6))


def close(session: Session, *, span: Span) -> None:
    """Close a quarter by one person and confirm it by the other."""
    reports.close(session, quarter=span.quarter, by=WRITER[0], by_id=WRITER[1], at=span.after_end(8))
    reports.confirm(session, quarter=span.quarter, by=CHECKER[0], by_id=CHECKER[1], at=span.after_end(9))


def build(session: Session, *, span: Span) -> None:
    """Build a quarter that stays open."""
    reports.build(session, quarter=span.quarter, by=COMMAND, at=span.now)


def amend(session: Session, chance: Random, *, span: Span, event: Event) -> None:
    """Find a paper list of a closed quarter, and say what it changes."""
    at = span.after_end(36)
    late = admission(
        chance,
        event,
        registration_id=None,
        kind=AdmissionKind.WALK_IN,
        source=AdmissionSource.PAPER,
        people=LATE_PEOPLE,
        received_at=at - timedelta(hours=1),
    )
    session.execute(sa.insert(Admission), [late])
    reports.amend(session, quarter=span.quarter, text=AMENDMENT, by=WRITER[0], at=at)
