"""Contests: setting one up, changing it before it begins, entering, withdrawing.

Every verb takes the contest's row first. So an entry and the end of its contest cannot pass each other: whoever is in
before the list is fixed is on the list.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.database import touch_site
from portal.core.errors import PortalError
from portal.core.settings import Audience, Locale
from portal.quizzes.models import Attempt, Contest, Document, Entry, QuizVersion
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import draw, taking
from portal.quizzes.rules.bank import Contact
from portal.quizzes.rules.contests import Phase
from portal.quizzes.services import taking as attempts
from portal.quizzes.services.groups import signs

PURPOSE = "contest contact"
CHANGEABLE = frozenset({"title", "prize", "opens_at", "closes_at", "contact", "has_leaderboard"})
"""What nobody's place in the draw depends on."""


class SlugTaken(PortalError):
    """Another contest has this name in its address."""


class HasBegun(PortalError):
    """The contest has begun, so its terms stand."""


class Changed(PortalError):
    """Somebody else has changed the contest meanwhile."""


class Committed(PortalError):
    """The draw depends on what was to be changed, and its commitment is public; `names` are the terms."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class NotOpen(PortalError):
    """The contest has not begun, or is over."""


class YouthStaysAnonymous(PortalError):
    """The youth edition asks nobody for anything, so nobody enters a contest from there."""


class NotEnded(PortalError):
    """The attempt has not ended yet."""


def phase_of(contest: Contest, at: datetime) -> Phase:
    """Return where a contest stands."""
    return rules.phase(opens_at=contest.opens_at, closes_at=contest.closes_at, drawn_at=contest.drawn_at, at=at)


def set_up(session: Session, *, values: Mapping[str, Any], by: str, at: datetime) -> Contest:
    """Set a contest up; the commitment of its draw is public from this moment on.

    Args:
        values: `slug`, `quiz_id`, `title`, `prize`, `opens_at`, `closes_at`, `contact`, `drawn_from`, `winners`,
            `has_leaderboard`, `beacon`.

    Raises:
        SlugTaken: the name is in use.
        LookupError: there is no such quiz.
    """
    quiz = session.get(Document, values["quiz_id"])
    if quiz is None:
        raise LookupError(values["quiz_id"])
    if session.scalar(sa.select(Contest.id).where(Contest.slug == values["slug"])) is not None:
        raise SlugTaken
    seed = secrets.token_hex(32)
    contest = Contest(
        **values,
        seed=seed,
        commitment=draw.commitment(seed),
        created_at=at,
        created_by=by,
        edits=1,
        edited_by=by,
    )
    try:
        with session.begin_nested():
            session.add(contest)
    except sa.exc.IntegrityError:
        raise SlugTaken from None
    terms = {
        "quiz": quiz.name,
        "commitment": contest.commitment,
        "closes": contest.closes_at.isoformat(),
        "prizes": contest.winners,
        "drawn_from": contest.drawn_from.value,
        "contact": contest.contact.value,
        "beacon": contest.beacon,
    }
    # The page of all quizzes lists it from now on.
    touch_site(session)
    record(session, Tag.CONTEST_OPENED, by=by, at=at, target=f"contest:{contest.slug}", details=terms)
    return contest


def change(session: Session, *, slug: str, values: Mapping[str, Any], edits: int, by: str, at: datetime) -> Contest:
    """Change the terms of a contest that has not begun; what is the same already is no change.

    The commitment has been public since it was announced, so what the draw depends on stays as it was then. That is
    also why a contest with a public value closes no later than announced: the value might be known before its end.

    Args:
        values: some of those of `set_up`.
        edits: the state that the person saw.

    Raises:
        LookupError: there is no such contest.
        HasBegun: it is open, or over.
        Changed: somebody else has changed it since.
        Committed: the draw depends on it.
    """
    contest = locked(session, Contest.slug == slug)
    if phase_of(contest, at) is not Phase.COMING:
        raise HasBegun
    changes = {name: (getattr(contest, name), now) for name, now in values.items() if getattr(contest, name) != now}
    if not changes:
        return contest
    if contest.edits != edits:
        raise Changed
    fixed = sorted(set(changes) - CHANGEABLE)
    if contest.beacon and values.get("closes_at", contest.closes_at) > contest.closes_at:
        fixed.append("closes_at")
    if fixed:
        raise Committed(fixed)
    for name, (_before, now) in changes.items():
        setattr(contest, name, now)
    contest.edits, contest.edited_by = contest.edits + 1, by
    session.flush()
    touch_site(session)
    details = {name: [_plain(before), _plain(now)] for name, (before, now) in changes.items()}
    record(session, Tag.CONTEST_CHANGED, by=by, at=at, target=f"contest:{slug}", details=details)
    return contest


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def begin(
    session: Session, *, contest: Contest, version: QuizVersion, audience: Audience, locale: Locale, at: datetime
) -> attempts.Begun:
    """Begin an attempt that can be entered.

    Raises:
        YouthStaysAnonymous: the audience is youth.
        NotOpen: the contest has not begun, or is over.
    """
    if audience is Audience.YOUTH:
        raise YouthStaysAnonymous
    if phase_of(contest, at) is not Phase.OPEN:
        raise NotOpen
    return attempts.begin(session, version=version, audience=audience, locale=locale, contest_id=contest.id, at=at)


def goes_on(session: Session, attempt: Attempt, *, at: datetime) -> int | None:
    """Return the contest that another attempt after this one belongs to; None: none, or it is over."""
    contest = session.get(Contest, attempt.contest_id) if attempt.contest_id is not None else None
    return contest.id if contest is not None and phase_of(contest, at) is Phase.OPEN else None


# --- entering -----------------------------------------------------------------------------------------------------


class Done(StrEnum):
    """What became of an entry."""

    NEW = "new"
    COUNTS = "counts"
    """The person had entered before; this attempt counts now."""
    STANDS = "stands"
    """The person had entered before; the attempt that counted goes on counting."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry, and what became of it."""

    entry: Entry
    done: Done


def entry_of(session: Session, attempt: Attempt) -> Entry | None:
    """Return the entry that an attempt, or another of the same person in a row, was made for."""
    if attempt.contest_id is None:
        return None
    statement = (
        sa.select(Entry)
        .join(Attempt, Attempt.id == Entry.attempt_id)
        .where(Entry.contest_id == attempt.contest_id, Attempt.series == attempt.series)
    )
    return session.scalars(statement.order_by(Entry.id)).first()


def enter(session: Session, *, attempt_id: int, typed: str, at: datetime) -> Entered:
    """Enter an ended attempt; whoever has entered before keeps the one entry, with the attempt that counts.

    The person has agreed to the text of version `rules.CONSENT`; views ask for that.

    Raises:
        LookupError: the attempt belongs to no contest.
        NotEnded: the attempt has not ended.
        NotOpen: the contest is over.
        NoContact: what was typed is no contact of the kind that is asked for.
    """
    contest, attempt = _locked(session, attempt_id)
    if attempt.finished_at is None:
        raise NotEnded
    present = entry_of(session, attempt)
    if present is None:
        if contest.draw is not None or phase_of(contest, at) is not Phase.OPEN:
            raise NotOpen
        contact = rules.normal(contest.contact, typed)
        digests = person_digests(contest, attempt, contact)
        same = sa.select(Entry).where(Entry.contest_id == contest.id, Entry.contact_digest.in_(digests))
        present = session.scalar(same)
        if present is None:
            entry = Entry(
                contest_id=contest.id,
                ticket=signs(),
                attempt_id=attempt.id,
                contact=contact or None,
                contact_digest=digests[0],
                consent=f"{rules.CONSENT}:{contest.contact}",
                entered_at=at,
            )
            session.add(entry)
            session.flush()
            settle(session, contest, entry, also=attempt)
            return Entered(entry, Done.NEW)
    if contest.draw is None:
        settle(session, contest, present, also=attempt)
    return Entered(present, Done.COUNTS if present.attempt_id == attempt.id else Done.STANDS)


def withdraw(session: Session, *, attempt_id: int, ticket: str, at: datetime) -> bool:
    """Take an entry back and erase its contact; return whether there was one.

    Once the list is fixed the ticket stays on it, since its hash is published; nobody can tell any more whose it is.

    Raises:
        LookupError: the attempt belongs to no contest.
    """
    contest, attempt = _locked(session, attempt_id)
    entry = entry_of(session, attempt)
    if entry is None or entry.ticket != taking.heard(ticket):
        return False
    if contest.draw is None:
        session.delete(entry)
    else:
        entry.contact = entry.contact_digest = None
        entry.erased_at = entry.erased_at or at
    session.flush()
    return True


def _locked(session: Session, attempt_id: int) -> tuple[Contest, Attempt]:
    attempt = session.get_one(Attempt, attempt_id)
    if attempt.contest_id is None:
        raise LookupError(attempt_id)
    return locked(session, Contest.id == attempt.contest_id), attempt


def locked(session: Session, which: sa.ColumnElement[bool]) -> Contest:
    """Return a contest, which nobody else changes or enters until the write unit ends.

    Raises:
        LookupError: there is none.
    """
    statement = sa.select(Contest).where(which).with_for_update(key_share=True)
    found = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise LookupError
    return found


def person_digests(contest: Contest, attempt: Attempt, contact: str) -> list[str]:
    """Return what is the same for one person: by contest, so that nobody can be followed from one to another.

    It is stored under the first; the others are what it may lie under while the site's keys are rotated.
    """
    person = f"{contest.contact}:{contact}" if contest.contact is not Contact.NONE else f"series:{attempt.series}"
    return crypto.keyed_digests(f"{contest.id}:{person}", purpose=PURPOSE)


def settle(session: Session, contest: Contest, entry: Entry, *, also: Attempt) -> None:
    """Let the attempt of an entry be the one that counts, of all that the person has made for the contest."""
    counting = session.get_one(Attempt, entry.attempt_id)
    statement = sa.select(Attempt).where(
        Attempt.series.in_({counting.series, also.series}),
        Attempt.contest_id == contest.id,
        Attempt.finished_at.is_not(None),
        Attempt.finished_at < contest.closes_at,
    )
    made = list(session.scalars(statement.order_by(Attempt.finished_at, Attempt.id)))
    if made:
        version = session.get_one(QuizVersion, made[-1].version_id)
        counts = attempts.instrument(version).quiz.counts
        entry.attempt_id = made[taking.which_counts([one.percent or 0.0 for one in made], counts)].id
        session.flush()
