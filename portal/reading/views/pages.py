"""Home, topics, telephone numbers, glossary, search, offline."""

from __future__ import annotations

from urllib.parse import urlencode

import flask
from flask.typing import ResponseReturnValue

from portal.articles.queries import Card as ArticleCard
from portal.core import clock
from portal.core.database import db
from portal.core.settings import Audience
from portal.core.web import public_page
from portal.events.queries import public as events
from portal.events.queries.public import Card
from portal.reading.views.counting import telling
from portal.reading.views.reader import Reader, blueprint, render
from portal.search import queries as search
from portal.search import services as search_services
from portal.search.rules import MAX_CHARS

PAGE_SIZE = 20
MOST_ALERTS = 3
"""Warnings that the home page begins with."""
MOST_LECTURES = 3
"""Lectures that it names."""
MOST_HOOKS = 8
"""What scammers say, on the home page for youth: more lines than a phone shows at twice are read by nobody."""


@public_page(blueprint, "/")
def home() -> ResponseReturnValue:
    """Show the home page of the edition."""
    reader = Reader.of_request()
    cards = {card.slug: card for card in reader.cards()}
    featured = [cards[slug] for slug in reader.site.site["featured"] if slug in cards]
    alerts = reader.alerts()[:MOST_ALERTS]
    alert = reader.site.site["alert"] if not alerts else None
    return render(
        "home.html",
        reader,
        alerts=alerts,
        featured=featured or list(cards.values())[:3],
        alert=alert if alert and alert["article"] in cards else None,
        hooks=_hooks(reader),
        groups=[topic for topic in reader.site.topics if topic.parent is None],
        topics=[topic for topic in reader.site.topics if topic.parent and reader.site.topic_counts[topic.key]],
        lectures=_next_lectures(reader),
    )


def _hooks(reader: Reader) -> list[ArticleCard]:
    """Return articles by what a scammer says in them: one of each topic, in the order of topics."""
    by_topic: dict[str, ArticleCard] = {}
    for card in reader.cards():
        if card.hook:
            by_topic.setdefault(card.topic, card)
    return [by_topic[topic.key] for topic in reader.site.topics if topic.key in by_topic][:MOST_HOOKS]


def _next_lectures(reader: Reader) -> list[Card]:
    """Return the next lectures; the elderly home page has its four doors and nothing else."""
    if reader.audience is Audience.ELDERLY:
        return []
    return events.next_for(db.session(), reader.audience, limit=MOST_LECTURES, at=clock.now())


@public_page(blueprint, "/topics/")
def topics() -> ResponseReturnValue:
    """Show all topics."""
    reader = Reader.of_request()
    return render("topics.html", reader, groups=[topic for topic in reader.site.topics if topic.parent is None])


@public_page(blueprint, "/topics/<slug:key>")
def topic(key: str) -> ResponseReturnValue:
    """Show one topic's articles."""
    reader = Reader.of_request()
    found = reader.site.topic_by_key.get(key) or flask.abort(404)
    keys = reader.site.topic_keys(key)
    return render(
        "topic.html",
        reader,
        topic=found,
        cards=[card for card in reader.cards() if card.topic in keys],
        siblings=[other for other in reader.site.topics if other.parent == (found.parent or key) and other.key != key],
    )


@public_page(blueprint, "/hotlines")
def hotlines() -> ResponseReturnValue:
    """Show which number to call."""
    return render("hotlines.html", Reader.of_request())


@public_page(blueprint, "/glossary")
def glossary() -> ResponseReturnValue:
    """Show hard words in plain words."""
    return render("glossary.html", Reader.of_request())


@public_page(blueprint, "/about")
def about() -> ResponseReturnValue:
    """Say who checks the content, what is known of readers (nothing), and how to report an error."""
    return render("about.html", Reader.of_request())


@public_page(blueprint, "/offline")
def offline() -> ResponseReturnValue:
    """Show what stays true without a connection; the service worker keeps this page."""
    return render("offline.html", Reader.of_request())


@public_page(blueprint, "/search")
def search_page() -> ResponseReturnValue:
    """Search, and help when nothing is found."""
    reader = Reader.of_request()
    text = flask.request.args.get("q", "")[:MAX_CHARS]
    topic_key = flask.request.args.get("topic", "")[:80] or None
    number = flask.request.args.get("page", "1")
    place = int(number) if number.isascii() and number.isdigit() and 1 <= len(number) <= 3 else 1
    results = suggestions = None
    behind = False
    if text.strip():
        reader.query = "?" + urlencode({"q": text})
        session = db.session()
        behind = search.is_behind(session, folder=reader.settings.index_folder)
        results = search.find(
            session,
            text,
            audience=reader.audience,
            locale=reader.locale,
            topic=topic_key,
            limit=PAGE_SIZE,
            offset=(max(place, 1) - 1) * PAGE_SIZE,
            folder=reader.settings.index_folder,
        )
        suggestions = suggest(reader, text)
    answer = render(
        "search.html",
        reader,
        q=text,
        topic_key=topic_key,
        results=results,
        suggestions=suggestions or (),
        # Further pages and one topic are looks at the same question.
        telling=telling(reader, text, total=results.total) if results and place == 1 and not topic_key else {},
        place=place,
        pages=-(-results.total // PAGE_SIZE) if results else 0,
        topics=[topic for topic in reader.site.topics if topic.parent and reader.site.topic_counts[topic.key]],
    )
    if results is not None and not results.total:
        search_services.record_miss(db.session(), text, audience=reader.audience, locale=reader.locale, at=clock.now())
    if behind:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def suggest(reader: Reader, text: str) -> list[dict[str, str | None]]:
    """Return what the reader may be about to type: `text`, and the address of what is meant, if it has one."""
    places = {"article": "/articles/", "topic": "/topics/"}
    found = search.suggest(
        db.session(), text, audience=reader.audience, locale=reader.locale, folder=reader.settings.index_folder
    )
    return [
        {"text": entry.text, "url": reader.url(places[entry.kind] + entry.key) if entry.kind in places else None}
        for entry in found
    ]
