"""The read API for a bank's own app."""

from __future__ import annotations

from typing import Any

import flask
from flask.typing import ResponseReturnValue

from portal.articles import queries
from portal.articles.queries import Card
from portal.core import clock, web
from portal.core.access import public
from portal.core.database import db
from portal.events.queries import public as events
from portal.events.queries.public import Card as LectureCard
from portal.events.rules.looking import Wanted
from portal.reading.views.article import body_html, find
from portal.reading.views.openapi import DOCUMENT
from portal.reading.views.pages import suggest
from portal.reading.views.reader import Reader, blueprint
from portal.reference.rules import AUDIENCES, LOCALES, address
from portal.search import queries as search
from portal.search.rules import MAX_CHARS

MAX_LIMIT = 100


class BadParameter(Exception):
    """A query parameter does not make sense."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


@blueprint.errorhandler(BadParameter)
def _bad_parameter(problem: BadParameter) -> ResponseReturnValue:
    answer = flask.jsonify({"error": {"status": 400, "parameter": problem.name, "message": str(problem)}})
    answer.status_code = 400
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _choice(name: str, choices: tuple[str, ...]) -> str:
    value = flask.request.args.get(name, choices[0])
    if value not in choices:
        raise BadParameter(name, f"{name} must be one of: {', '.join(choices)}")
    return value


def _whole(name: str, default: int, low: int, high: int) -> int:
    value = flask.request.args.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high):
        raise BadParameter(name, f"{name} must be a whole number from {low} to {high}")
    return int(value)


def _reader() -> Reader:
    flask.g.audience = _choice("audience", AUDIENCES)
    flask.g.locale = _choice("locale", LOCALES)
    return Reader.of_request()


def _answer(content: dict[str, Any], *, behind: bool = False) -> ResponseReturnValue:
    answer = web.page(flask.json.dumps(content, ensure_ascii=False), mimetype="application/json")
    if behind:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _card(card: Card, reader: Reader) -> dict[str, Any]:
    return {
        "slug": card.slug,
        "topic": card.topic,
        "audience": card.audience.value,
        "locale": reader.lang(card.locale),
        "title": reader.say(card.title, card.locale),
        "summary": reader.say(card.summary, card.locale),
        "minutes": card.minutes,
        "checked_on": card.checked_on,
        "kind": card.kind.value,
        "expires_at": card.expires_at.isoformat() if card.expires_at else None,
        "published_at": card.published_at.isoformat(),
        "url": reader.absolute(_url(card.slug, card.audience, reader.lang(card.locale))),
    }


def _url(slug: str, audience: str, locale: str) -> str:
    return address(f"/articles/{slug}", locale=locale, audience=audience)


@blueprint.get("/api/v1/search")
@public
def api_search() -> ResponseReturnValue:
    """Search articles."""
    reader = _reader()
    text = flask.request.args.get("q", "")
    if len(text) > MAX_CHARS:
        raise BadParameter("q", f"q must have at most {MAX_CHARS} characters")
    behind = search.is_behind(db.session(), folder=reader.settings.index_folder)
    found = search.find(
        db.session(),
        text,
        audience=reader.audience,
        locale=reader.locale,
        limit=_whole("limit", 20, 1, MAX_LIMIT),
        folder=reader.settings.index_folder,
    )
    results = [
        {
            "slug": hit.slug,
            "audience": hit.audience,
            "locale": reader.lang(hit.locale),
            "title": reader.say(hit.title, hit.locale),
            "summary": reader.say(hit.summary, hit.locale),
            "score": round(hit.score, 4),
            "url": _url(hit.slug, hit.audience, reader.lang(hit.locale)),
        }
        for hit in found.hits
    ]
    return _answer({"results": results, "total": found.total, "took_ms": found.took_ms}, behind=behind)


@blueprint.get("/api/v1/suggest")
@public
def api_suggest() -> ResponseReturnValue:
    """Complete what is being typed."""
    reader = _reader()
    text = flask.request.args.get("q", "")[:MAX_CHARS]
    behind = search.is_behind(db.session(), folder=reader.settings.index_folder)
    return _answer({"suggestions": suggest(reader, text)}, behind=behind)


@blueprint.get("/api/v1/articles")
@public
def api_articles() -> ResponseReturnValue:
    """List what an audience can read, oldest first."""
    reader = _reader()
    limit, offset = _whole("limit", 20, 1, MAX_LIMIT), _whole("offset", 0, 0, 1_000_000)
    topic = flask.request.args.get("topic")
    cards = reader.cards()
    if topic is not None:
        keys = reader.site.topic_keys(topic)
        cards = [card for card in cards if card.topic in keys]
    return _answer({"articles": [_card(card, reader) for card in cards[offset : offset + limit]], "total": len(cards)})


@blueprint.get("/api/v1/articles/<slug:slug>")
@public
def api_article(slug: str) -> ResponseReturnValue:
    """Give one article: text, facts and sources."""
    reader = _reader()
    editions, choice = find(slug, reader)
    text = queries.text(db.engine, slug, audience=choice.audience, locale=choice.locale) or flask.abort(404)
    return _answer(
        {
            **_card(editions[choice.audience, choice.locale], reader),
            "key_message": reader.say(text.key_message, choice.locale),
            "html": body_html(text, choice, reader, []),
            "facts": queries.facts(db.session(), slug),
            "sources": text.sources,
            "review_by": text.review_by,
            "editions": [
                {"audience": audience, "locale": locale, "url": reader.absolute(_url(slug, audience, locale))}
                for audience, locale in sorted(editions)
            ],
        }
    )


def _lecture(card: LectureCard, reader: Reader) -> dict[str, Any]:
    path = f"/events/{card.slug}"
    return {
        "slug": card.slug,
        "topic": card.topic,
        "audience": card.audience.value,
        "district": card.district,
        "mode": card.mode.value,
        "phase": card.phase.value,
        "title": reader.text(card.title),
        "starts_at": card.starts_at.isoformat(),
        "ends_at": card.ends_at.isoformat(),
        "previous_starts_at": card.previous_starts_at.isoformat() if card.previous_starts_at else None,
        "opens_at": card.opens_at.isoformat(),
        "closes_at": card.closes_at.isoformat(),
        "venue": reader.text(card.venue),
        "address": reader.text(card.address),
        "step_free": card.step_free,
        "hearing_loop": card.hearing_loop,
        "sign_language": card.sign_language,
        "seats": [{"place": place.value, "availability": left.value} for place, left in card.seats.items()],
        "url": reader.absolute(address(path, locale=reader.locale, audience=reader.audience)),
    }


@blueprint.get("/api/v1/events")
@public
def api_events() -> ResponseReturnValue:
    """List the lectures to come for an audience and for everybody, the next first."""
    reader = _reader()
    asked = {name: flask.request.args.get(name, "") for name in ("topic", "district")}
    wanted = Wanted.read(
        {
            **asked,
            "online": _choice("online", ("0", "1")),
            "audience": "" if reader.audience is AUDIENCES[0] else reader.audience,
        }
    )
    if any(getattr(wanted, name) != text for name, text in asked.items()):
        # No lecture has such a topic or district.
        return _answer({"events": [], "total": 0})
    found = events.find(
        db.session(),
        wanted,
        topics=reader.site.topic_keys(wanted.topic),
        between=None,
        limit=_whole("limit", 20, 1, MAX_LIMIT),
        offset=_whole("offset", 0, 0, 1_000_000),
        at=clock.now(),
    )
    return _answer({"events": [_lecture(card, reader) for card in found.cards], "total": found.total})


@blueprint.get("/api/v1/openapi.json")
@public
def api_openapi() -> ResponseReturnValue:
    """Describe this API."""
    reader = _reader()
    return _answer({**DOCUMENT, "servers": [{"url": reader.settings.base_url}]})
