"""One edition of an article as a leaflet: A4, large type, a code that leads back to that edition."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from portal.articles import queries
from portal.core.database import db
from portal.core.web import public_page
from portal.reading.views.article import body_html, canonical, edition_note, find
from portal.reading.views.reader import Reader, blueprint, render


@public_page(blueprint, "/articles/<slug:slug>/leaflet")
def leaflet(slug: str) -> ResponseReturnValue:
    """Show an article as it is printed and laid out on a counter."""
    reader = Reader.of_request()
    _editions, choice = find(slug, reader)
    text = queries.text(db.engine, slug, audience=choice.audience, locale=choice.locale) or flask.abort(404)
    terms: list[str] = []
    body = body_html(text, choice, reader, terms, on_paper=True)
    return render(
        "leaflet.html",
        reader,
        text=text,
        choice=choice,
        body=body,
        terms=[reader.site.term_by_key[key] for key in terms],
        note=edition_note(choice, reader.audience),
        shown_lang=reader.lang(choice.locale),
        article=reader.url(f"/articles/{slug}"),
        canonical=canonical(f"/articles/{slug}", choice, reader),
    )
