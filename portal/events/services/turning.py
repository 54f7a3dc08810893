"""Lists of lectures change by the clock alone: registration opens and closes, a lecture begins and ends, a day passes.

Finished pages are kept by the version of the site, so the worker raises it when such a moment has passed. Pages that
are made anew ask the clock themselves and are right while the worker is down; only finished ones then stay as they
were, until it is back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.core.database import local_day, touch_site
from portal.events.queries import public

LAG = timedelta(seconds=2)
"""How long a moment has passed before pages are renewed: by then the clock of no other machine says that it has not,
so that none makes a page of before anew under the new version."""


def turn(session: Session, *, since: datetime | None, at: datetime) -> bool:
    """Renew public pages when a list of lectures has changed by itself; return whether it has.

    Args:
        since: when it was looked last; None: nobody knows, and so everything that has passed may be news.
    """
    until, after = at - LAG, since - LAG if since is not None else None
    # "This week" is another one after midnight.
    next_day = after is not None and local_day(session, at=after) != local_day(session, at=until)
    changed = public.has_public(session) if next_day else public.has_turned(session, after=after, until=until)
    if changed:
        touch_site(session)
    return changed
