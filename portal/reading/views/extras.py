"""What machines read: feeds, sitemap, robots, health, the service worker."""

from __future__ import annotations

import flask
import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from portal.core import web
from portal.core.access import public
from portal.core.database import WAL_IS_SAFE, db
from portal.core.web import STATIC, public_page
from portal.events.queries import public as events
from portal.reading.views.reader import Reader, blueprint, render
from portal.reference.rules import AUDIENCES, LOCALES, Audience, Locale, address

FEED_LENGTH = 30


def _feed(reader: Reader, topic_key: str | None) -> ResponseReturnValue:
    topic = (reader.site.topic_by_key.get(topic_key) or flask.abort(404)) if topic_key else None
    keys = reader.site.topic_keys(topic_key) if topic_key else set()
    cards = [card for card in reader.cards() if topic is None or card.topic in keys]
    cards.sort(key=lambda card: card.published_at, reverse=True)
    return render("feed.xml", reader, kind="application/atom+xml", topic=topic, cards=cards[:FEED_LENGTH])


@public_page(blueprint, "/feed.xml")
def feed() -> ResponseReturnValue:
    """Serve the newest articles of the edition as Atom."""
    return _feed(Reader.of_request(), None)


@public_page(blueprint, "/topics/<slug:key>/feed.xml")
def topic_feed(key: str) -> ResponseReturnValue:
    """Serve the newest articles of one topic as Atom."""
    return _feed(Reader.of_request(), key)


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> ResponseReturnValue:
    """List every page with its languages."""
    reader = Reader.of_request()
    groups: list[tuple[str | None, list[tuple[str, str]]]] = []
    fixed = ["/", "/topics/", "/hotlines", "/glossary", "/about"]
    fixed += [f"/topics/{topic.key}" for topic in reader.site.topics if reader.site.topic_counts[topic.key]]
    fixed += ["/quizzes/", *(f"/quizzes/{card.quiz.slug}" for card in reader.site.quizzes)]
    fixed += ["/events/", "/events/calendar", *(f"/events/{name}" for name in events.public_slugs(db.session()))]
    for path in fixed:
        for audience in AUDIENCES:
            groups.append((None, _languages(path, audience, set(LOCALES), reader)))
    for slug, editions in reader.site.cards_by_slug.items():
        for audience in AUDIENCES:
            written = {card.locale for card in editions.values() if card.audience is audience}
            if Locale.HANS in written:
                written.add(Locale.HANT)
            if written:
                newest = max(card.published_at for card in editions.values() if card.audience is audience)
                day = newest.astimezone(reader.settings.timezone).date()
                groups.append((day.isoformat(), _languages(f"/articles/{slug}", audience, written, reader)))
    return render("sitemap.xml", reader, kind="application/xml", groups=groups)


def _languages(path: str, audience: Audience, locales: set[Locale], reader: Reader) -> list[tuple[str, str]]:
    return [
        (locale.value, reader.absolute(address(path, locale=locale, audience=audience)))
        for locale in LOCALES
        if locale in locales
    ]


@blueprint.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Let every machine read the public pages; searches name one canonical page, the API is for apps."""
    reader = Reader.of_request()
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /quizzes/attempts/", "Disallow: /events/registrations/"]
    return web.page("\n".join([*lines, f"Sitemap: {reader.absolute('/sitemap.xml')}", ""]), mimetype="text/plain")


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say whether the database answers, and in which journal mode SQLite runs."""
    db.session.execute(sa.text("SELECT 1"))
    answer = flask.jsonify({"status": "ok", "sqlite_wal": WAL_IS_SAFE})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """Serve the service worker from the root, so that it may look after the whole site."""
    return web.page((STATIC / "js" / "sw.js").read_text("utf-8"), mimetype="text/javascript")


@blueprint.get("/favicon.ico")
@public
def favicon() -> ResponseReturnValue:
    """Send old browsers to the drawn icon."""
    return flask.redirect(web.asset("favicon.svg"), 302)
