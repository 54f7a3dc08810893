"""Five quarters, made up from a seed: the same seed on the same day gives the same figures."""

from __future__ import annotations

from datetime import datetime
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Edition
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.commands.demo import answers, lectures, reading, reporting, tips
from portal.commands.demo.cast import COMMAND, SHAPES
from portal.commands.demo.spans import Span
from portal.core.database import site_zone, touch_site
from portal.core.errors import PortalError
from portal.events.models import Event, Registration
from portal.events.services import examples
from portal.metrics.models import DemoRow, EntryRow, Narrative, ReportRow, SurveyRow
from portal.metrics.rules.closing import State
from portal.quizzes import queries as quizzes
from portal.quizzes.models import Attempt
from portal.reference.rules import quarters

SMALL_STEP = 9
"""With `--small`, readers are made up for every so manieth day."""
CALLED_OFF = (1, 3)
"""Quarters in which a lecture was called off, by their place."""
CLOSED = 3
AMENDED = 1


class NotHere(PortalError):
    """The demo cannot be made on this installation; the sentence says why."""


def refuse(session: Session) -> None:
    """Make sure that nothing invented is put beside what real people did.

    Raises:
        NotHere: they did, or the starter library is missing.
    """
    real = {
        "registrations": sa.select(Registration.id),
        "quiz attempts": sa.select(Attempt.id),
        "lectures": sa.select(Event.id).where(Event.slug.not_in(examples.SLUGS)),
        "entered figures": sa.select(EntryRow.id),
        "surveys on paper": sa.select(SurveyRow.id),
        "texts of a report": sa.select(Narrative.id),
        "closed quarters": sa.select(ReportRow.quarter).where(ReportRow.state != State.OPEN),
    }
    found = [name for name, rows in real.items() if session.execute(rows.limit(1)).first() is not None]
    if found:
        raise NotHere(
            f"This installation holds real data ({', '.join(found)}): invented figures must not stand beside them. "
            "Use an empty data folder: PORTAL_DATA=/a/new/folder."
        )
    has_articles = session.execute(sa.select(Edition.id).where(Edition.published_number.is_not(None)).limit(1)).first()
    if has_articles is None or not all(quizzes.public_version(session, slug) for slug in answers.FORMS):
        raise NotHere("The starter library is not there yet. Run `flask content import content` first.")


def make(session: Session, *, seed: int, is_small: bool, now: datetime) -> None:
    """Make up five quarters, up to the running one, and note that the installation holds invented data.

    Raises:
        NotHere: real people's data are here, or the starter library is not.
    """
    refuse(session)
    zone, chance = site_zone(session), Random(seed)  # noqa: S311  # nosec B311  # invented figures are no secret
    running = quarters.of_moment(now, zone)
    spans = [Span.of(quarters.shift(running, -steps), now=now, zone=zone) for steps in range(len(SHAPES) - 1, -1, -1)]
    first, today = spans[0].first, now.astimezone(zone).date()
    counted = reading.counted_days(session, first=first, end=today)
    row = DemoRow(
        id=1,
        seed=seed,
        first_day=first.isoformat(),
        end_day=today.isoformat(),
        counted_days=counted,
        made_at=now,
    )
    session.add(row)
    session.flush()
    for number, (shape, span) in enumerate(zip(SHAPES, spans, strict=True)):
        held = lectures.hold(
            session,
            chance,
            shape=shape,
            span=span,
            lectures=min(3, shape.lectures) if is_small else shape.lectures,
            codes_share=0.12 if is_small else 0.52,
        )
        tips.publish(session, span=span)
        if number in CALLED_OFF:
            lectures.call_off(session, chance, span=span)
        pairs = shape.few_pairs if is_small else shape.pairs
        answers.with_cards(session, chance, shape=shape, span=span, events=held, pairs=pairs)
        count = shape.quizzes // 8 if is_small else shape.quizzes
        answers.at_home(session, chance, span=span, count=count, knows=0.58 + 0.04 * number)
        step = SMALL_STEP if is_small else 1
        reading.read(session, chance, span=span, step=step, counted=counted, growth=1 + 0.25 * number)
        if number < len(SHAPES) - 1:
            reporting.tell(session, shape=shape, span=span)
        session.flush()
        if number < CLOSED:
            reporting.close(session, span=span)
        else:
            reporting.build(session, span=span)
        if number == AMENDED:
            reporting.amend(session, chance, span=span, event=held[0])
    details = {"seed": seed, "quarters": [span.quarter for span in spans]}
    record(session, Tag.DEMO_MADE, by=COMMAND, at=now, details=details)
    touch_site(session)
