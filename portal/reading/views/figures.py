"""Pictures, videos and recordings inside articles."""

from __future__ import annotations

import flask

from portal.core.database import db
from portal.core.settings import Locale
from portal.media import queries
from portal.reading.views.reader import Reader


def figure_html(reader: Reader, key: str, *, locale: str) -> str:
    """Return the figure of `key` for a text that is written in `locale`; empty when there is none."""
    found: str = reader.kept(("figure", key, locale), lambda: _figure(reader, key, locale))
    return found


def _figure(reader: Reader, key: str, locale: str) -> str:
    one = queries.figure(db.session(), key)
    if one is None:
        return ""
    if reader.files_under:
        one = one.below(reader.files_under)
    lang = reader.lang(one.locale)
    return flask.render_template(
        "reading/parts/figure.html",
        one=one,
        say=lambda text: reader.say(text, one.locale),
        lang="" if lang == reader.lang(Locale(locale)) else lang,
    )
