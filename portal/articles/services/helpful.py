"""Taking in what readers answer to "Was this helpful?", without keeping who they are.

An answer is recognised, for the rest of its day, by a digest of where it came from, under a salt of that day: a double
click counts once, and the later of two answers takes the place of the earlier. The salt goes with the day; from then on
nobody can tell whether two answers came from one place, not even with the site's key.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Helpful, Sender
from portal.articles.rules import MOST_FROM_ONE, MOST_OF_ALL, day_of, kept_comment, place_of
from portal.articles.services.senders import day_salt, digest, held_count
from portal.core.errors import PortalError
from portal.reference.rules import Audience, Locale, quarters

EVERYBODY = "all"


class TooMany(PortalError):
    """More answers came from one place, or from everywhere, than readers give."""


def answer(
    session: Session,
    *,
    slug: str,
    audience: Audience,
    locale: Locale,
    was_helpful: bool,
    comment: str,
    address: str,
    zone: tzinfo,
    at: datetime,
) -> Helpful:
    """Count one answer about an edition; the same place and day count once, by the later answer.

    An earlier comment stays when the later answer brings none.

    Args:
        address: where it came from; only a digest that can be made today is kept of it.
        zone: in which days and quarters are counted.

    Raises:
        TooMany: nothing was counted.
        LookupError: there is no such article.
    """
    article_id = session.scalar(sa.select(Article.id).where(Article.slug == slug))
    if article_id is None:
        raise LookupError(slug)
    salt = day_salt(session, day_of(at, zone))
    place = digest(salt, place_of(address))
    once = digest(salt, place, str(article_id), audience, locale)
    hour = at.replace(minute=0, second=0, microsecond=0)
    # Holds this place's row until the end of the unit: of two answers at once the second finds the first.
    count = held_count(session, place, hour)
    present = session.scalar(sa.select(Helpful).where(Helpful.once == once))
    line = kept_comment(comment) or None
    if present is not None and present.was_helpful is was_helpful and line in (None, present.comment):
        return present
    if count >= MOST_FROM_ONE or held_count(session, EVERYBODY, hour) >= MOST_OF_ALL:
        raise TooMany("Too many answers in an hour.")
    counted = sa.update(Sender).where(Sender.key.in_((place, EVERYBODY)))
    session.execute(counted.values(count=Sender.count + 1), execution_options={"synchronize_session": False})
    if present is None:
        present = Helpful(article_id=article_id, audience=audience.value, locale=locale.value, once=once)
        session.add(present)
    present.quarter = quarters.of_moment(at, zone)
    present.was_helpful = was_helpful
    present.comment = line or present.comment
    session.flush()
    return present
