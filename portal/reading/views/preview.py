"""Texts before they are public, in the layout that the public will see.

Everything here is made anew for each request and kept by nobody: not as a page, and not as a piece of one.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import flask
from flask import Response
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from portal.articles import queries, services
from portal.articles.models import Article, Edition, PreviewLink
from portal.articles.queries import Card, Text
from portal.articles.rules import Choice, Kind
from portal.core import clock, crypto, i18n, markup, web
from portal.core.access import Permission, public, requires
from portal.core.database import db
from portal.core.i18n import in_words
from portal.core.markup import MarkupError
from portal.core.web import public_page
from portal.reading.views.article import compose
from portal.reading.views.reader import AUDIENCE_NAMES, LOCALE_NAMES, Reader, blueprint, page_context
from portal.reference.rules import AUDIENCES, LOCALES, Audience, Locale, address

_AUDIENCE = f"any({', '.join(repr(name.value) for name in AUDIENCES)})"
_LOCALE = f"any({', '.join(repr(name.value) for name in LOCALES)})"
LONGEST_TITLE, LONGEST_SUMMARY = 120, 300

Places = Mapping[tuple[str, str], str]


class PreviewReader(Reader):
    """The reader whom a text is for. Links to other editions lead to their previews, and no piece is kept."""

    places: Places = MappingProxyType({})

    @classmethod
    def of_edition(cls, audience: Audience, locale: Locale, places: Places) -> PreviewReader:
        """Return the reader of an edition."""
        like = Reader.of_request()
        found = cls(
            like.site, like.settings, like.path, locale=locale, audience=audience, size=flask.request.args.get("size")
        )
        found.places = places
        return found

    def kept(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return a piece, made for this page alone: what is kept is shown to the public."""
        return make()

    def elsewhere(self, *, locale: str | None = None, audience: str | None = None) -> str:
        """Return the preview of another edition, or its home page where there is none."""
        wanted = (audience or self.audience, locale or self.locale)
        return self.places.get(wanted) or address("/", locale=wanted[1], audience=wanted[0])


def _private(body: str | bytes, *, status: int = 200) -> Response:
    """Return an answer that no cache and no search engine keeps."""
    return unkept(Response(body, status=status, mimetype="text/html"))


def unkept(answer: Response) -> Response:
    """Keep an answer out of every cache and every search engine."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _page(text: Text, article: Article | None, reader: PreviewReader, banner: str) -> Response:
    """Return a text in the true layout of its edition."""
    slug = article.slug if article else "preview"
    card = Card(
        slug=slug,
        topic=text.topic,
        audience=reader.audience,
        locale=reader.locale,
        title=text.title,
        summary=text.summary,
        hook="",
        minutes=text.minutes,
        checked_on=text.checked_on,
        published_at=text.published_at,
        kind=article.kind if article else Kind.ARTICLE,
        expires_at=article.expires_at if article else None,
    )
    choice = Choice(reader.audience, reader.locale, converted=False, other_audience=False, other_language=False)
    editions: dict[tuple[str, str], Card] = {(reader.audience, reader.locale): card}
    with force_locale(i18n.CATALOGUES[reader.locale]):
        return _private(compose(slug, text, editions, choice, reader, banner=banner))


def _banner(**about: Any) -> str:
    return flask.render_template("reading/parts/preview.html", **about)


def _edition_name(audience: Audience, locale: Locale) -> str:
    return f"{AUDIENCE_NAMES[audience]()} · {LOCALE_NAMES[locale]}"


# --- staff --------------------------------------------------------------------------------------------------------


@blueprint.get(
    "/desk/preview/<int(max=9007199254740991):edition_id>/<int(max=9007199254740991):number>", endpoint="preview"
)
@requires(Permission.DESK)
def preview(edition_id: int, number: int) -> ResponseReturnValue:
    """Show any revision of an edition as the public would see it."""
    session = db.session()
    edition = session.get(Edition, edition_id) or flask.abort(404)
    text = services.working_text(session, edition_id=edition_id, number=number) or flask.abort(404)
    article = session.get_one(Article, edition.article_id)
    banner = _banner(
        what=gettext("Revision %(number)d", number=number),
        edition=_edition_name(edition.audience, edition.locale),
        back=f"/desk/articles/{article.id}",
        back_text=gettext("Back to the desk"),
        language=flask.g.locale,
    )
    places = {
        (other.audience.value, other.locale.value): f"/desk/preview/{other.id}/{other.latest_number}"
        for other in queries.editions_of(session, article_id=article.id)
        if other.id != edition.id
    }
    places[edition.audience.value, edition.locale.value] = f"/desk/preview/{edition_id}/{number}"
    web.say_instead(web.FRAMEABLE)
    return _page(text, article, PreviewReader.of_edition(edition.audience, edition.locale, places), banner)


@blueprint.post("/desk/preview")
@requires(Permission.WRITE)
def preview_typed() -> ResponseReturnValue:
    """Show what is being typed as the public would see it, or say what keeps it from becoming a page."""
    web.say_instead(web.FRAMEABLE)
    given = flask.request.get_json(silent=True) if flask.request.is_json else flask.request.form
    if not isinstance(given, Mapping) or not all(isinstance(value, str) for value in given.values()):
        flask.abort(400)
    if given.get("audience") not in AUDIENCES or given.get("locale") not in LOCALES:
        flask.abort(400)
    audience, locale = Audience(given["audience"]), Locale(given["locale"])
    number = given.get("article_id", "")
    session = db.session()
    article = session.get(Article, int(number)) if number.isascii() and number.isdigit() and len(number) < 16 else None
    body = given.get("body", "").replace("\r\n", "\n")
    problems = markup.check(body)
    if not problems:
        try:
            text = services.typed_text(
                session,
                renderer=flask.current_app.extensions["renderer"],
                title=given.get("title", "")[:LONGEST_TITLE],
                summary=given.get("summary", "")[:LONGEST_SUMMARY],
                body=body,
                audience=audience,
                locale=locale,
                article_id=article.id if article else None,
                at=clock.now(),
            )
        except MarkupError as problem:
            problems = [(0, problem.sentence)]
    if problems:
        said = [(line, in_words(sentence)) for line, sentence in problems]
        return _private(flask.render_template("reading/preview_problems.html", problems=said), status=422)
    banner = _banner(what="", edition=_edition_name(audience, locale), back="", language=flask.g.locale)
    return _page(text, article, PreviewReader.of_edition(audience, locale, {}), banner)


# --- people without an account ------------------------------------------------------------------------------------


def preview_link(token: str) -> PreviewLink:
    """Return what a token opens; whatever is wrong with it, the answer is the same."""
    web.say_instead(web.NO_REFERRER)
    return queries.preview_link(db.session(), digest=crypto.digest(token), now=clock.now()) or flask.abort(404)


@public_page(blueprint, "/preview/<token:token>")
def shared_preview(token: str) -> ResponseReturnValue:
    """List the working copies of an article for somebody whom staff gave the address."""
    link = preview_link(token)
    reader = Reader.of_request()
    copies = [
        (edition, revision, f"/preview/{token}/{edition.audience}/{edition.locale}")
        for edition, revision in queries.latest_texts(db.session(), article_id=link.article_id)
    ]
    body = flask.render_template("reading/preview.html", **page_context(reader), copies=copies, until=link.expires_at)
    return _private(reader.sized(body))


@blueprint.get(f"/preview/<token:token>/<{_AUDIENCE}:edition>/<{_LOCALE}:language>")
@public
def shared_text(token: str, edition: str, language: str) -> ResponseReturnValue:
    """Show one working copy to somebody whom staff gave the address."""
    link = preview_link(token)
    session = db.session()
    flask.g.locale = language
    editions = queries.editions_of(session, article_id=link.article_id)
    found = next((one for one in editions if (one.audience, one.locale) == (edition, language)), None)
    if found is None:
        flask.abort(404)
    text = services.working_text(session, edition_id=found.id, number=found.latest_number) or flask.abort(404)
    reader = PreviewReader.of_edition(
        found.audience,
        found.locale,
        {(one.audience.value, one.locale.value): f"/preview/{token}/{one.audience}/{one.locale}" for one in editions},
    )
    reader.files_under = f"/preview/{token}"
    banner = _banner(
        what=gettext("It can be opened until %(day)s.", day=reader.day(link.expires_at)),
        edition=_edition_name(found.audience, found.locale),
        back=address(f"/preview/{token}", locale=language),
        back_text=gettext("All editions"),
        language=language,
    )
    return _page(text, session.get_one(Article, link.article_id), reader, banner)


@blueprint.record_once
def _start(state: BlueprintSetupState) -> None:
    # Its child starts with the first text, in the process that serves.
    renderer = state.app.extensions["renderer"] = markup.Renderer()
    atexit.register(renderer.close)
