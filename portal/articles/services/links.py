"""Checking links to other sites, where `PORTAL_CHECK_LINKS` is on: one after the other, one site once a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Link
from portal.articles.queries.links import due_link, outside_urls
from portal.articles.rules import DAY, after, next_check, target
from portal.articles.services.fetching import Found, fetch
from portal.core import clock
from portal.core.database import db, transaction

PAUSE = timedelta(minutes=1)
"""How long a site is left alone after it was asked."""
NO_PAUSE = timedelta(0)


def collect_links() -> None:
    """Bring the list of links to what the public reads: new ones are due at once, what is gone is forgotten."""
    wanted = outside_urls(db.session())
    with transaction() as session:
        known = set(session.scalars(sa.select(Link.url)))
        for url in known - wanted.keys():
            session.execute(sa.delete(Link).where(Link.url == url))
        for url in sorted(wanted.keys() - known):
            aim = target(url)
            session.add(Link(url=url, host=aim.host if aim else "", next_at=clock.now()))


def make_links_due() -> None:
    """Let every link be due for its check now."""
    with transaction() as session:
        session.execute(sa.update(Link).values(next_at=clock.now()))


def check_next_link(*, pause: timedelta = PAUSE, ask: Callable[[str], Found] = fetch) -> bool:
    """Check the one link that is due the longest; return whether there was any.

    It is taken first: whoever dies over it tries it again a day later, and no other worker takes it meanwhile.
    """
    at = clock.now()
    link = due_link(db.session(), at=at, pause=pause)
    if link is None:
        return False
    number, url, was_due = link.id, link.url, link.next_at
    with transaction() as session:
        mine = sa.update(Link).where(Link.id == number, Link.next_at == was_due)
        taken = session.execute(mine.values(next_at=at + DAY, checked_at=at))
    db.session.remove()  # No transaction is open while a server takes its time.
    if taken.rowcount:  # type: ignore[attr-defined]  # rowcount: an UPDATE returns a CursorResult
        found = ask(url)
        with transaction() as session:
            _note(session, number, found)
    return True


def _note(session: Session, number: int, found: Found) -> None:
    link = session.get(Link, number)
    if link is None or link.checked_at is None:
        return  # It stands nowhere any more.
    history = after(link.history, found.outcome, at=link.checked_at)
    link.outcome, link.status = found.outcome, found.status
    link.failures, link.failed_at, link.counted_at = history.failures, history.failed_at, history.counted_at
    link.next_at = next_check(found.outcome, at=link.checked_at)
