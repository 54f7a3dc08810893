"""Telling the library of pictures which texts show what."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, Revision
from portal.core import markup
from portal.media import services as media
from portal.reference.rules import address


def note_figures(session: Session, *, article: Article, edition: Edition) -> None:
    """Tell the library which figures the edition's newest text shows, and which the public sees in it.

    To be called after every change of an edition's newest or published revision: a figure is public by nothing else.

    Raises:
        UnknownMedia: a text names what is not in the library.
    """
    numbers = [edition.latest_number]
    if edition.published_number is not None:
        numbers.append(edition.published_number)
    rows = sa.select(Revision.number, Revision.title, Revision.body).where(
        Revision.edition_id == edition.id, Revision.number.in_(numbers)
    )
    texts = {row.number: row for row in session.execute(rows)}
    place = address(f"/articles/{article.slug}", locale=edition.locale, audience=edition.audience)
    for public, number in ((False, edition.latest_number), (True, edition.published_number)):
        text = texts.get(number)
        media.set_uses(
            session,
            user=f"article:{article.id}:{edition.audience}:{edition.locale}",
            keys=markup.references(text.body)["media"] if text else (),
            public=public,
            title=f"{text.title} ({edition.audience}, {edition.locale})" if text else "",
            address=place if public else "",
        )
