"""The article page, its code to share, and the search for an article that moved."""

from __future__ import annotations

import io

import flask
import segno
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from portal.articles import queries
from portal.articles.queries import Heading, Text
from portal.articles.rules import Choice, choose
from portal.core import i18n, markup, web
from portal.core.database import db
from portal.core.web import public_page
from portal.reading import rules
from portal.reading.views.reader import Reader, blueprint, render
from portal.reference.rules import Audience, Locale, address


def _find(slug: str, reader: Reader) -> tuple[Heading, Choice]:
    """Return the article and the edition to show; send an old name to the present one, or answer 404."""
    heading = queries.heading(db.session(), slug)
    if heading is None:
        present = queries.current_slug(db.session(), slug)
        if present is not None:
            flask.abort(flask.redirect(reader.elsewhere().replace(f"/{slug}", f"/{present}"), 301))
        flask.abort(404)
    return heading, choose(heading.editions, audience=reader.audience, locale=reader.locale) or flask.abort(404)


@public_page(blueprint, "/articles/<slug:slug>")
def article(slug: str) -> ResponseReturnValue:
    """Show an article in the reader's edition, or the nearest one with a note."""
    reader = Reader()
    heading, choice = _find(slug, reader)
    text = queries.text(db.session(), article_id=heading.id, audience=choice.audience, locale=choice.locale)
    assert text is not None  # noqa: S101  # `choose` picked it from what is published
    terms: list[str] = []
    body = body_html(text, choice, reader, terms)
    known = reader.site.term_by_key
    return render(
        "article.html",
        reader,
        article=heading,
        choice=choice,
        text=text,
        body=Markup(body),  # noqa: S704  # sanitised when it was saved; what is filled in is escaped
        title=reader.say(text.title, choice.locale),
        summary=reader.say(text.summary, choice.locale),
        toc=_toc(text, choice, reader),
        terms=[known[key] for key in terms if key in known],
        topic=reader.site.topic_by_key.get(heading.topic),
        related=[card for slug in heading.related if (card := reader.card(slug))],
        canonical=address(reader.path, locale=_canonical_locale(choice, reader), audience=choice.audience),
        alternates=_alternates(heading, choice, reader),
    )


def _canonical_locale(choice: Choice, reader: Reader) -> Locale:
    return choice.locale if choice.other_language else reader.locale


def _alternates(heading: Heading, choice: Choice, reader: Reader) -> list[tuple[str, str]]:
    """Return (language, address) of the same edition in every language that it is really written or converted in."""
    written = {locale for audience, locale in heading.editions if audience == choice.audience}
    if Locale.HANS in written:
        written.add(Locale.HANT)
    return [
        (locale, reader.absolute(address(reader.path, locale=locale, audience=choice.audience)))
        for locale in Locale
        if locale in written
    ]


def _toc(text: Text, choice: Choice, reader: Reader) -> list[dict[str, str]]:
    """Return the sections of a long page; short ones need no table of contents."""
    if len(text.toc) < rules.LONG_PAGE:
        return []
    return [{"id": entry["id"], "text": reader.say(entry["text"], choice.locale)} for entry in text.toc]


def body_html(text: Text, choice: Choice, reader: Reader, terms: list[str]) -> str:
    """Return the stored HTML with numbers, glossary buttons and addresses filled in; note the terms used."""
    html = i18n.html_to_hant(text.html) if choice.converted else text.html

    def term(key: str, shown: str) -> str:
        entry = reader.site.term_by_key.get(key)
        if entry is None:
            return shown
        words = shown or str(
            Markup.escape(reader.text(entry.term) if not choice.other_language else entry.term["zh-Hans"])
        )
        if key not in terms:
            terms.append(key)
        return f'<button class="term" type="button" popovertarget="term-{key}">{words}</button>'

    return markup.fill(
        html,
        hotline=reader.dial,
        term=term,
        article=lambda slug: f'href="{reader.url("/articles/" + slug)}"',
    )


@public_page(blueprint, "/articles/<slug:slug>/qr.svg")
def article_qr(slug: str) -> ResponseReturnValue:
    """Draw a code that leads to this edition of the article."""
    reader = Reader()
    _find(slug, reader)
    url = reader.absolute(address(f"/articles/{slug}", locale=reader.locale, audience=reader.audience))
    out = io.BytesIO()
    segno.make_qr(url, error="m").save(out, kind="svg", scale=6, border=4, dark="#000", light="#fff", title=url)
    return web.page(out.getvalue().decode(), mimetype="image/svg+xml")


def edition_note(choice: Choice, audience: Audience) -> str:
    """Return what the page has to say when it does not show what was asked for; empty when it does."""
    if choice.other_language:
        note = gettext("This article is not available in English yet. Here is the Chinese text.")
    elif choice.other_audience:
        note = {
            Audience.ELDERLY: gettext("There is no edition for the elderly yet. Here is the general one."),
            Audience.YOUTH: gettext("There is no edition for youth yet. Here is the general one."),
            Audience.NEW_RESIDENT: gettext("There is no edition for new residents yet. Here is the general one."),
            Audience.GENERAL: gettext("Here is another edition of this article."),
        }[audience]
    elif choice.converted:
        note = gettext("This text was converted from Simplified Chinese automatically.")
    else:
        note = ""
    return str(note)


blueprint.add_app_template_global(edition_note)
