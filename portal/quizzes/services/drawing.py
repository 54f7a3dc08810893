"""The end of a contest: fixing the list, drawing once, and erasing contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.quizzes.models import Attempt, Contest, Entry
from portal.quizzes.queries.results import being_marked
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules.bank import DrawnFrom
from portal.quizzes.services.contests import locked, settle

WORKER = "worker"


class NotOver(PortalError):
    """The contest is still open."""


class BeingMarked(PortalError):
    """Answers of the quiz are being marked anew, so who has passed is not certain yet."""


class NoPrizes(PortalError):
    """The contest draws no prizes."""


class BeaconMissing(PortalError):
    """A public value was announced for the draw and is to be given."""


class BeaconUnannounced(PortalError):
    """No public value was announced for the draw, so none can be mixed in now."""


def close_due(session: Session, *, at: datetime) -> int:
    """Fix the lists of contests that are over; return how many there were.

    Where answers are being marked anew the list waits for the last: else some would be on it by either key.
    """
    due = sa.select(Contest.id).where(Contest.closes_at <= at, Contest.draw.is_(None), ~being_marked(Contest.quiz_id))
    found = session.scalars(due.order_by(Contest.id)).all()
    for contest_id in found:
        _fix(session, locked(session, Contest.id == contest_id), at=at)
    return len(found)


def _fix(session: Session, contest: Contest, *, at: datetime) -> dict[str, Any]:
    """Return the list of a contest that is over, after fixing it if it was not.

    Raises:
        BeingMarked: its answers are.
    """
    if contest.draw is not None:
        return contest.draw
    if session.scalar(sa.select(being_marked(sa.literal(contest.quiz_id)))):
        raise BeingMarked
    _settle(session, contest)
    statement = sa.select(Entry.ticket).where(Entry.contest_id == contest.id)
    if contest.drawn_from is DrawnFrom.PASSED:
        statement = statement.join(Attempt, Attempt.id == Entry.attempt_id).where(Attempt.passed.is_(True))
    listed = lots.in_order(session.scalars(statement))
    fixed = {"entries": listed, "list_hash": lots.list_hash(listed), "closed_at": at.isoformat()}
    contest.draw = fixed
    session.flush()
    # In the chained log, so that a list that was changed later would show.
    details = {"entries": len(listed), "list_hash": fixed["list_hash"]}
    record(session, Tag.CONTEST_CLOSED, by=WORKER, at=at, target=f"contest:{contest.slug}", details=details)
    return fixed


def _settle(session: Session, contest: Contest) -> None:
    """Let of several attempts of one person the one count that the quiz's rule says."""
    repeated = (
        sa.select(Attempt.series)
        .where(Attempt.contest_id == contest.id, Attempt.finished_at.is_not(None))
        .group_by(Attempt.series)
        .having(sa.func.count() > 1)
    )
    statement = (
        sa.select(Entry, Attempt)
        .join(Attempt, Attempt.id == Entry.attempt_id)
        .where(Entry.contest_id == contest.id, Attempt.series.in_(repeated))
    )
    for entry, counting in session.execute(statement).all():
        settle(session, contest, entry, also=counting)


def draw(session: Session, *, slug: str, beacon: str = "", by: str, at: datetime) -> dict[str, Any]:
    """Draw the prizes of a contest, once, and return the record; drawn before: the record as it was then.

    Raises:
        LookupError: there is no such contest.
        NotOver: it is still open.
        BeingMarked: its answers are being marked anew.
        NoPrizes: it draws none.
        BeaconMissing: a public value was announced.
        BeaconUnannounced: none was.
    """
    contest = locked(session, Contest.slug == slug)
    if contest.drawn_at is not None and contest.draw is not None:
        return contest.draw
    if not contest.winners:
        raise NoPrizes
    if at < contest.closes_at:
        raise NotOver
    if contest.beacon and not beacon:
        raise BeaconMissing
    if beacon and not contest.beacon:
        raise BeaconUnannounced
    fixed = _fix(session, contest, at=at)
    made = lots.record(
        contest=contest.slug,
        seed=contest.seed,
        tickets=fixed["entries"],
        prizes=contest.winners,
        drawn_from=contest.drawn_from.value,
        announced=contest.beacon,
        beacon=beacon,
        closed_at=fixed["closed_at"],
        drawn_at=at.isoformat(),
    )
    contest.draw, contest.drawn_at = made, at
    session.flush()
    details = {name: made[name] for name in ("commitment", "list_hash", "beacon", "digest")}
    record(session, Tag.CONTEST_DRAWN, by=by, at=at, target=f"contest:{slug}", details=details)
    return made


# --- winners ------------------------------------------------------------------------------------------------------


def winners(session: Session, *, slug: str, by: str, at: datetime) -> list[tuple[str, str | None]]:
    """Return ticket and contact of those who won, in the order drawn, and note who has seen them.

    Raises:
        LookupError: there is no such contest, or it has not been drawn.
    """
    contest = session.scalar(sa.select(Contest).where(Contest.slug == slug))
    if contest is None or contest.drawn_at is None or contest.draw is None:
        raise LookupError(slug)
    won: list[str] = contest.draw["winners"]
    found = session.scalars(sa.select(Entry).where(Entry.contest_id == contest.id, Entry.ticket.in_(won)))
    contacts = {entry.ticket: entry.contact for entry in found}
    record(session, Tag.CONTEST_SEEN, by=by, at=at, target=f"contest:{slug}", details={"winners": len(won)})
    return [(ticket, contacts.get(ticket)) for ticket in won]


# --- erasing ------------------------------------------------------------------------------------------------------


def erase(session: Session, *, slug: str, by: str, at: datetime) -> int:
    """Erase the contacts of a contest that is over; return how many entries had something to erase.

    Raises:
        LookupError: there is no such contest.
        NotOver: it is still open, and contacts are what makes one person enter once.
        BeingMarked: its answers are being marked anew, and its list is not fixed.
    """
    contest = locked(session, Contest.slug == slug)
    if at < contest.closes_at:
        raise NotOver
    _fix(session, contest, at=at)
    # SQLite overwrites what is freed (`secure_delete`), so the file does not hold it any longer either.
    erased = session.execute(
        sa.update(Entry)
        .where(Entry.contest_id == contest.id, _has_something())
        .values(contact=None, contact_digest=None, erased_at=at)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]  # rowcount: an UPDATE returns a CursorResult
    session.expire_all()
    if erased:
        record(session, Tag.CONTEST_ERASED, by=by, at=at, target=f"contest:{slug}", details={"entries": erased})
    return int(erased)


def erase_due(session: Session, *, at: datetime) -> int:
    """Erase the contacts of contests whose draw (or end, without a draw) is long past; return how many contests."""
    statement = sa.select(Contest).where(
        Contest.closes_at <= at - rules.KEPT,
        sa.or_(Contest.drawn_at.is_(None), Contest.drawn_at <= at - rules.KEPT),
        sa.exists().where(Entry.contest_id == Contest.id, _has_something()),
    )
    found = [contest.slug for contest in session.scalars(statement.order_by(Contest.id))]
    for slug in found:
        erase(session, slug=slug, by=WORKER, at=at)
    return len(found)


def _has_something() -> sa.ColumnElement[bool]:
    return sa.or_(Entry.contact.is_not(None), Entry.contact_digest.is_not(None))
