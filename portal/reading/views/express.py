"""Published articles, answered before Flask is entered.

Half of what an article page costs is Flask: contexts, routing, the request, the session of the ORM. The plain case
needs none of it. `Express` reads the text and puts the page together with the same `compose` as the view; whatever is
out of the ordinary (the first page of its kind after a publication, an unknown slug, a long address, an odd query, a
database that does not answer at once) goes to Flask, whose answer is the same byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.engine import Engine
from werkzeug.exceptions import HTTPException

from portal.articles import queries
from portal.articles.rules import choose
from portal.core.database.hot import SqliteFile
from portal.core.settings import Settings
from portal.core.web import PAGE_CACHING
from portal.reading import rules
from portal.reading.queries import Keeper
from portal.reading.views.article import compose
from portal.reading.views.reader import Reader
from portal.reference.rules import AUDIENCES, LOCALES, address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ARTICLES = "/articles/"
EDITIONS = {
    address(ARTICLES, locale=locale, audience=audience): (locale, audience)
    for locale in LOCALES
    for audience in AUDIENCES
}
"""What the address of an article begins with, its defaults left out."""
SIZES = {"": None, **{f"size={size}": size for size in rules.SIZES}}
"""Text size by query."""
MOST_HOSTS = 100


class NotKept(Exception):
    """A piece of the page was not yet made for this version of the site; making it needs a request of Flask."""


class _Reader(Reader):
    """A reader without a request: it finds pieces but makes none."""

    def kept(self, key: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
        found = self._pieces.get(key)
        if found is None:
            raise NotKept
        return found


class Express:
    """Answers published articles; passes on every other request."""

    def __init__(self, app: WSGIApplication, flask: Flask, source: SqliteFile | Engine) -> None:
        """`app`: what to ask otherwise, which is `flask` or around it; `source`: where to read the texts."""
        self._app = app
        self._flask = flask
        self._source = source
        self._settings: Settings = flask.config["PORTAL"]
        self._keeper: Keeper = flask.extensions["reading"]
        self._hosts: dict[str | None, bool] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer by the short way or the long."""
        body = None
        if environ["REQUEST_METHOD"] == "GET" and not environ.get("SCRIPT_NAME"):
            # Whatever is wrong, Flask meets it as well, and has the error page for it.
            with suppress(Exception):
                body = self._page(environ)
        if body is None:
            return self._app(environ, start_response)
        start_response(
            "200 OK",
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", PAGE_CACHING),
            ],
        )
        return [body]

    def _page(self, environ: WSGIEnvironment) -> bytes | None:
        path = environ["PATH_INFO"]
        start, slash, slug = path.rpartition("/")
        edition = EDITIONS.get(start + slash)
        query = environ.get("QUERY_STRING", "")
        site = self._keeper.current(environ.get("portal.version"))
        if edition is None or site is None or query not in SIZES or not self._is_answered(environ):
            return None
        editions = site.cards_by_slug.get(slug)
        locale, audience = edition
        choice = choose(editions, audience=audience, locale=locale) if editions else None
        if editions is None or choice is None:
            return None
        text = queries.text(self._source, slug, audience=choice.audience, locale=choice.locale)
        if text is None:
            return None
        reader = _Reader(site, self._settings, ARTICLES + slug, locale=locale, audience=audience, size=SIZES[query])
        return compose(slug, text, editions, choice, reader)

    def _is_answered(self, environ: WSGIEnvironment) -> bool:
        """Return whether Flask takes requests for this Host."""
        host = environ.get("HTTP_HOST")
        known = self._hosts.get(host)
        if known is None:
            try:
                self._flask.create_url_adapter(self._flask.request_class(environ))
                known = True
            except HTTPException:
                known = False
            if len(self._hosts) >= MOST_HOSTS:
                self._hosts.clear()
            self._hosts[host] = known
        return known
