"""The article page, its code to share, and the search for an article that moved.

Most of the page is the same for all articles of an edition. It is made once for each version of the site, as a `Frame`
with slots; an article costs one row of the database and the filling of the slots.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup

from portal.articles import queries
from portal.articles.queries import Card, Text
from portal.articles.rules import Choice, Kind, choose
from portal.core import i18n, markup, web
from portal.core.database import db
from portal.core.files import qr_svg
from portal.core.web import public_page
from portal.quizzes.queries import QuizCard
from portal.reading import rules
from portal.reading.views.figures import figure_html
from portal.reading.views.gone import missing
from portal.reading.views.reader import Reader, blueprint, minutes, page_context
from portal.reference.rules import LOCALES, Audience, Locale, address

SLOTS = (
    "slug", "title", "title_json", "headline", "summary", "summary_json", "published", "minutes", "checked_on",
    "checked_day", "review_day", "toc", "toc_count", "body", "terms", "sources", "related", "ends", "ends_day",
    "banner", "quizzes", "length",
)  # fmt: skip


def find(slug: str, reader: Reader) -> tuple[dict[tuple[str, str], Card], Choice]:
    """Return the published editions and the one to show; otherwise say where the article is, was, or that it is not."""
    editions = reader.site.cards_by_slug.get(slug)
    choice = choose(editions, audience=reader.audience, locale=reader.locale) if editions else None
    if editions is None or choice is None:
        missing(slug, reader)
    return editions, choice


@public_page(blueprint, "/articles/<slug:slug>")
def article(slug: str) -> ResponseReturnValue:
    """Show an article in the reader's edition, or the nearest one with a note."""
    reader = Reader.of_request()
    editions, choice = find(slug, reader)
    text = queries.text(db.engine, slug, audience=choice.audience, locale=choice.locale) or flask.abort(404)
    return web.page(compose(slug, text, editions, choice, reader))


def compose(
    slug: str,
    text: Text,
    editions: Mapping[tuple[str, str], Card],
    choice: Choice,
    reader: Reader,
    *,
    banner: str = "",
) -> bytes:
    """Return the whole page. What it needs a request of Flask for, it leaves to `reader.kept`.

    Args:
        banner: HTML that says that this is a preview; the page then leaves out what only a public text has.
    """
    terms: list[str] = []
    body = body_html(text, choice, reader, terms)
    related = [card for other in text.related if (card := reader.card(other))]
    toc = text.toc if len(text.toc) >= rules.LONG_PAGE else []
    quizzes = reader.site.quizzes_by_article.get(slug, ())
    card = editions[choice.audience, choice.locale]
    has = {
        "has_toc": bool(toc),
        "has_terms": bool(terms),
        "has_related": bool(related),
        "has_quizzes": bool(quizzes),
        "has_end": card.expires_at is not None,
        "is_alert": card.kind is Kind.ALERT,
        "is_preview": bool(banner),
    }
    frame = _frame(reader, choice, text, _written(editions, choice), **has)
    title = reader.say(text.title, choice.locale)
    summary = reader.say(text.summary, choice.locale)
    return frame.fill(
        {
            "slug": slug,
            "banner": banner,
            "title": escape(title),
            "title_json": _json(title),
            "headline": rules.headline(title),
            "summary": escape(summary),
            "summary_json": _json(summary),
            "published": text.published_at.isoformat(),
            "checked_on": text.checked_on,
            "body": reader.sized(body),
            "minutes": reader.kept(("minutes", text.minutes), lambda: minutes(text.minutes)),
            "length": str(text.minutes),
            "checked_day": reader.day(text.checked_on),
            "review_day": reader.day(text.review_by),
            "toc": _toc(toc, choice, reader) if toc else "",
            "toc_count": reader.kept(
                ("parts", len(toc)), lambda: ngettext("%(num)d part", "%(num)d parts", len(toc) + 2)
            ),
            "terms": "".join([_term(key, reader) for key in terms]),
            "sources": reader.sized(_sources(text.sources, reader)),
            "ends": card.expires_at.isoformat() if card.expires_at else "",
            "ends_day": reader.day(card.expires_at) if card.expires_at else "",
            "related": reader.sized("".join([_related(card, reader) for card in related])),
            "quizzes": reader.sized("".join([_quiz(card, reader) for card in quizzes])),
        }
    )


def _frame(reader: Reader, choice: Choice, text: Text, written: tuple[Locale, ...], **has: bool) -> rules.Frame:
    """Return everything around the article, made once for each version of the site."""

    def make() -> rules.Frame:
        path, reader.path = reader.path, f"/articles/{rules.slot('slug')}"
        context = {
            "slot": {name: Markup(rules.slot(name)) for name in SLOTS},  # noqa: S704  # nosec B704  # fixed marks
            "choice": choice,
            "note": edition_note(choice, reader.audience),
            "shown_lang": reader.lang(choice.locale),
            "topic": reader.site.topic_by_key.get(text.topic),
            "canonical": canonical(reader.path, choice, reader),
            "alternates": [
                (locale, reader.absolute(address(reader.path, locale=locale, audience=choice.audience)))
                for locale in written
            ],
            "json": _json,
            **has,
        }
        page = flask.render_template("reading/article.html", **page_context(reader), **context)
        reader.path = path
        return rules.Frame(reader.sized(page))

    frame: rules.Frame = reader.kept(("frame", choice, text.topic, written, *has.values()), make)
    return frame


def canonical(path: str, choice: Choice, reader: Reader) -> str:
    """Return where the text that is shown stands by itself, of whichever edition it is asked for."""
    locale = choice.locale if choice.other_language else reader.locale
    return reader.absolute(address(path, locale=locale, audience=choice.audience))


def _written(editions: Mapping[tuple[str, str], Card], choice: Choice) -> tuple[Locale, ...]:
    """Return the languages that this edition is written in, or converted into."""
    hans = (choice.audience, Locale.HANS) in editions
    return tuple(
        locale for locale in LOCALES if (choice.audience, locale) in editions or (locale is Locale.HANT and hans)
    )


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _json(text: str) -> str:
    """Return text as JSON that cannot end the script element it stands in (what `tojson` does)."""
    return _ENCODER.encode(text).replace("<", "\\u003c").replace("&", "\\u0026")


def _parts(count: int) -> str:
    return str(ngettext("%(num)d part", "%(num)d parts", count))


def _toc(toc: list[dict[str, str]], choice: Choice, reader: Reader) -> str:
    lang = reader.lang(choice.locale)
    lines = [(escape(entry["id"]), escape(reader.say(entry["text"], choice.locale))) for entry in toc]
    return "".join(f'<li><a href="#{place}" lang="{lang}">{words}</a></li>' for place, words in lines)


def _term(key: str, reader: Reader) -> str:
    def make() -> str:
        term = reader.site.term_by_key[key]
        return reader.sized(flask.render_template("reading/parts/term.html", here=reader, term=term))

    found: str = reader.kept(("term", key), make)
    return found


def _sources(sources: list[dict[str, Any]], reader: Reader) -> str:
    """Return the lines of the list of sources."""
    colon, comma = reader.kept(("marks",), lambda: (gettext(": "), gettext(", ")))
    lines = []
    for source in sources:
        name = escape(reader.text(source["publisher"]) + colon + reader.text(source["title"]))
        if source["url"]:
            name = f'<a href="{escape(source["url"])}" rel="noopener noreferrer">{name}</a>'
        when = f"{comma}{escape(source['published'])}" if source["published"] else ""
        how = _evidence(source["evidence"], source["checked_on"], reader)
        lines.append(
            f'<li id="src-{escape(source["key"])}">{name}{when} <span class="sources__evidence">{how}</span></li>\n'
        )
    return "".join(lines)


def _evidence(evidence: str, checked_on: str, reader: Reader) -> str:
    """Return what a source was found out from, and when."""

    def make() -> str:
        seen = gettext("text itself read") if evidence == "primary" else gettext("from a report of it")
        return str(gettext("checked on %(day)s", day=reader.day(checked_on)) + gettext(", ") + seen)

    found: str = reader.kept(("evidence", evidence, checked_on), make)
    return found


def _related(card: Card, reader: Reader) -> str:
    title = escape(reader.say(card.title, card.locale))
    href = reader.url(f"/articles/{card.slug}")
    return f'<li{reader.foreign(card)}><a href="{href}"><span class="topics__name">{title}</span></a></li>\n'


def _quiz(card: QuizCard, reader: Reader) -> str:
    words, locale = card.quiz.words(audience=reader.audience, locale=reader.locale)
    lang = "" if reader.lang(locale) == reader.locale else f' lang="{locale.value}"'
    href = reader.url(f"/quizzes/{card.quiz.slug}")
    title = escape(reader.say(words.title, locale))
    return f'<li{lang}><a href="{href}"><span class="topics__name">{title}</span></a></li>\n'


def body_html(text: Text, choice: Choice, reader: Reader, terms: list[str], *, on_paper: bool = False) -> str:
    """Return the stored HTML with numbers, glossary buttons and addresses filled in; note the terms used.

    It was sanitised when it was saved, and what is filled in is escaped.
    """
    html = i18n.html_to_hant(text.html) if choice.converted else text.html

    def term(key: str, shown: str) -> str:
        entry = reader.site.term_by_key.get(key)
        if entry is None:
            return shown
        if key not in terms:
            terms.append(key)
        name = entry.term.get(choice.locale) or entry.term["zh-Hans"]
        words = shown or escape(reader.say(name, choice.locale))
        if on_paper:
            return f'<span class="term">{words}</span>'
        return f'<button class="term" type="button" popovertarget="term-{key}">{words}</button>'

    return markup.fill(
        html,
        hotline=reader.dial,
        term=term,
        article=lambda slug: f'href="{reader.url("/articles/" + slug)}"',
        media=lambda key: figure_html(reader, key, locale=choice.locale),
    )


@public_page(blueprint, "/articles/<slug:slug>/qr.svg")
def article_qr(slug: str) -> ResponseReturnValue:
    """Draw a code that leads to this edition of the article."""
    reader = Reader.of_request()
    find(slug, reader)
    url = reader.absolute(address(f"/articles/{slug}", locale=reader.locale, audience=reader.audience))
    return qr_svg(url, caching=web.PAGE_CACHING)


def edition_note(choice: Choice, audience: Audience) -> str:
    """Return what the page has to say when it does not show what was asked for; empty when it does."""
    missing: dict[Audience, Callable[[], str]] = {
        Audience.ELDERLY: lambda: gettext("There is no edition for the elderly yet. Here is the general one."),
        Audience.YOUTH: lambda: gettext("There is no edition for youth yet. Here is the general one."),
        Audience.NEW_RESIDENT: lambda: gettext("There is no edition for new residents yet. Here is the general one."),
        Audience.GENERAL: lambda: gettext("Here is another edition of this article."),
    }
    if choice.other_language:
        return str(gettext("This article is not available in English yet. Here is the Chinese text."))
    if choice.other_audience:
        return str(missing[audience]())
    if choice.converted:
        return str(gettext("This text was converted from Simplified Chinese automatically."))
    return ""
