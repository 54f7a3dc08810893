"""What stands at the address of an article that is not there: the way to its new name, or that it was withdrawn."""

from __future__ import annotations

from typing import NoReturn

import flask

from portal.articles import queries
from portal.articles.queries import Withdrawn
from portal.articles.rules import choose
from portal.core import clock
from portal.core.database import db
from portal.reading.views.reader import Reader, render


def missing(slug: str, reader: Reader) -> NoReturn:
    """Send an old name to the present one, say that the article was withdrawn (410), or answer 404."""
    session, now = db.session(), clock.now()
    found = queries.withdrawn(session, slug, now=now)
    if found:
        _gone(found, reader)
    present = queries.current_slug(session, slug)
    # An old name leads to the page of an article that was withdrawn, but never tells of one that nobody has read.
    if present is not None and (present in reader.site.cards_by_slug or queries.withdrawn(session, present, now=now)):
        there = reader.elsewhere().replace(f"/articles/{slug}", f"/articles/{present}", 1)
        # 308 has a form sent again to the new name.
        flask.abort(flask.redirect(there, 301 if flask.request.method in ("GET", "HEAD") else 308))
    flask.abort(404)


def _gone(found: list[Withdrawn], reader: Reader) -> NoReturn:
    """Say, in the reader's language, what was here, that it was withdrawn, and where to go on."""
    if flask.request.path.startswith("/api/"):
        flask.abort(410)
    editions = {(edition.audience, edition.locale): edition for edition in found}
    choice = choose(editions, audience=reader.audience, locale=reader.locale)
    was = editions[choice.audience, choice.locale] if choice else found[0]
    instead = None
    if was.to:
        instead = reader.card(was.to) or reader.card(queries.current_slug(db.session(), was.to) or "")
    answer = render("withdrawn.html", reader, was=was, instead=instead)
    answer.status_code = 410
    # Nobody keeps it: the article may come back.
    answer.headers["Cache-Control"] = "no-store"
    flask.abort(answer)
