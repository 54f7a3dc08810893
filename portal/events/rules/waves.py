"""When whoever has a seat card answers which quiz."""

from __future__ import annotations

from datetime import datetime, timedelta

from portal.events.rules.attendance import Wave

FOLLOW_UP_AFTER = timedelta(days=14)
"""From then on an answer says what stayed, not what was just heard."""
OPEN_FOR = timedelta(days=120)
"""After the lecture; a month later people are asked once more."""
MOST_CARDS = 2_000
"""Of one lecture."""


def wave_at(*, starts_at: datetime, ends_at: datetime, at: datetime, wanted: Wave | None = None) -> Wave | None:
    """Return which wave it is, or None: the cards' time is over.

    Until half of the lecture has passed it is the time before, since people come late; then the time after.

    Args:
        wanted: what a link on a slide says; it holds as far as it can be true.
    """
    if at >= ends_at + OPEN_FOR:
        return None
    could = {
        Wave.PRE: at < ends_at,
        Wave.POST: at >= starts_at,
        Wave.FOLLOW_UP: at >= ends_at + FOLLOW_UP_AFTER,
    }
    if wanted is not None and could[wanted]:
        return wanted
    if could[Wave.FOLLOW_UP]:
        return Wave.FOLLOW_UP
    return Wave.POST if at >= starts_at + (ends_at - starts_at) / 2 else Wave.PRE
