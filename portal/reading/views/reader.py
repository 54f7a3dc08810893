"""The reader of a request: which language, edition and text size, and every text and address for them."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import flask
from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext, ngettext
from markupsafe import Markup

from portal.articles.queries import Card
from portal.articles.rules import Kind, choose
from portal.core import i18n, web
from portal.core.database import db, site_version
from portal.core.settings import Settings
from portal.reading import rules
from portal.reading.queries import Keeper, Snapshot
from portal.reference.models import Hotline
from portal.reference.rules import AUDIENCES, LOCALES, Audience, Locale, address, localised

blueprint = Blueprint("reading", __name__)


class Reader:
    """Made anew for each page that is built."""

    files_under = ""
    """Below what address the files of the text stand; those of a shared preview stand below that preview."""

    def __init__(
        self, site: Snapshot, settings: Settings, path: str, *, locale: Locale, audience: Audience, size: str | None
    ) -> None:
        """`path`: without language and audience; `size`: the text size asked for."""
        self.site = site
        self.settings = settings
        self.locale = locale
        self.audience = audience
        self.path = path
        self.query = ""
        """What belongs to this page's address after the question mark, in every language and edition."""
        self.size = rules.text_size(size, audience=audience)
        self._pieces = site.kept.setdefault((locale, audience, self.size), {})

    @classmethod
    def of_request(cls) -> Reader:
        """Return the reader of the request that Flask is answering."""
        settings: Settings = flask.current_app.config["PORTAL"]
        keeper: Keeper = flask.current_app.extensions["reading"]
        # The page cache has asked for the version already; it is only missing where there is none before Flask.
        version = flask.request.environ.get("portal.version")
        site = keeper.snapshot(db.session, site_version(db.session()) if version is None else version)
        return cls(
            site,
            settings,
            web.bare_path(flask.request.path),
            locale=Locale(flask.g.locale),
            audience=Audience(flask.g.audience),
            size=flask.request.args.get("size"),
        )

    def kept(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return a piece of pages of this language, edition and text size, made once for each version of the site."""
        found = self._pieces.get(key)
        if found is None:
            found = self._pieces[key] = make()
        return found

    def sized(self, html: str) -> str:
        """Return finished HTML whose links carry a chosen text size on."""
        return html if self.size in ("", rules.SIZES[0]) else rules.keep_size(html, self.size)

    # --- addresses

    def url(self, path: str) -> str:
        """Return the address of a page in this language and edition."""
        return address(path, locale=self.locale, audience=self.audience)

    def elsewhere(self, *, locale: str | None = None, audience: str | None = None) -> str:
        """Return this page's address in another language or edition."""
        return address(self.path, locale=locale or self.locale, audience=audience or self.audience) + self.query

    def with_size(self, size: str) -> str:
        """Return this page's address with a text size."""
        return f"{self.elsewhere()}{'&' if self.query else '?'}size={size}"

    def absolute(self, url: str) -> str:
        """Return the public form of an address of this site."""
        return self.settings.base_url + url

    # --- texts

    def text(self, texts: Mapping[str, str]) -> str:
        """Return localised text for this reader; zh-Hant is converted where nobody wrote it."""
        own = texts.get(self.locale)
        if own is not None:
            return own
        found, locale = localised(texts, self.locale)
        return i18n.to_hant(found) if self.locale is Locale.HANT and locale is Locale.HANS else found

    def say(self, text: str, locale: str) -> str:
        """Return text that is in `locale`, in traditional characters if that is what this reader reads."""
        return i18n.to_hant(text) if self.locale is Locale.HANT and locale == Locale.HANS else text

    def lang(self, locale: str) -> str:
        """Return the language that text of `locale` is shown in."""
        return Locale.HANT.value if self.locale is Locale.HANT and locale == Locale.HANS else locale

    def foreign(self, card: Card) -> str:
        """Return a `lang` attribute where a card's text is not in the page's language."""
        shown = self.lang(card.locale)
        return Markup(' lang="{}"').format(shown) if shown != self.locale else ""

    def title(self, text: str) -> Markup:
        """Return a title whose phrases stay together."""
        return Markup(rules.headline(text))  # noqa: S704  # nosec B704  # headline escapes

    def say_hans(self, text: str) -> str:
        """Return text that is in zh-Hans, in traditional characters if that is what this reader reads."""
        return self.say(text, Locale.HANS)

    def number(self, value: float) -> str:
        """Return a number with at most one decimal."""
        return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"

    def clock_time(self, value: datetime) -> str:
        """Return the time of day of a moment, in the site's time zone."""
        return f"{value.astimezone(self.settings.timezone):%H:%M}"

    def day(self, value: str | date | datetime) -> str:
        """Return a date in words of this language, in the site's time zone."""
        if isinstance(value, datetime):
            value = value.astimezone(self.settings.timezone).date()
        if isinstance(value, str):
            value = date.fromisoformat(value)
        if self.locale is Locale.EN:
            return f"{value.day} {value:%B} {value.year}"
        return f"{value.year}年{value.month}月{value.day}日"

    # --- pieces

    def strip(self) -> list[Hotline]:
        """Return the telephone numbers that every article of this edition ends with."""
        return [hotline for hotline in self.site.hotlines if self.audience in hotline.strip]

    @property
    def bank(self) -> Hotline | None:
        """The bank's own number."""
        return self.site.hotline_by_key.get(self.site.site["bank_hotline"])

    def cards(self) -> list[Card]:
        """Return what this reader can read, one edition of each article."""
        return self.site.shelf(self.audience, self.locale)

    def alerts(self) -> list[Card]:
        """Return the warnings of new kinds of fraud that stand now, the newest first."""
        found = [card for card in self.cards() if card.kind is Kind.ALERT]
        return sorted(found, key=lambda card: card.published_at, reverse=True)

    def card(self, slug: str) -> Card | None:
        """Return the edition of one article that this reader would get."""
        editions = self.site.cards_by_slug.get(slug, {})
        choice = choose(editions, audience=self.audience, locale=self.locale)
        return editions[choice.audience, choice.locale] if choice else None

    def dial(self, key: str) -> str:
        """Return a telephone number as HTML; one that can be dialled is a link."""
        found: str = self.kept(("dial", key), lambda: self._dial(key))
        return found

    def _dial(self, key: str) -> str:
        hotline = self.site.hotline_by_key.get(key)
        if hotline is None:
            return html.escape(key)
        number = html.escape(hotline.number)
        if not hotline.dial:
            return f'<a class="call-link call-link--info" href="{self.url("/hotlines")}#n-{key}">{number}</a>'
        return f'<a class="call-link" href="tel:{number}">{number}</a>'


def page_context(reader: Reader) -> dict[str, Any]:
    """Return what every page's template needs."""
    return {
        "here": reader,
        "site": reader.site.site,
        "audience_name": AUDIENCE_NAMES[reader.audience](),
        "audiences": AUDIENCES,
        "locales": LOCALES,
        "locale_names": LOCALE_NAMES,
        "audience_names": {audience: AUDIENCE_NAMES[audience]() for audience in AUDIENCES},
    }


def render(template: str, reader: Reader, *, kind: str = "text/html", **context: Any) -> Response:
    """Return a page made from `templates/reading/<template>`, ready to be cached."""
    body = flask.render_template(f"reading/{template}", **page_context(reader), **context)
    return web.page(reader.sized(body), mimetype=kind)


def page_of_a_room(template: str, *, path: str, query: str, **context: Any) -> Response:
    """Return a page of the public site that another room shows (`core.web.reader_page`)."""
    reader = Reader.of_request()
    reader.query = query
    if path:
        reader.path = path
    body = flask.render_template(template, **page_context(reader), **context)
    return web.page(reader.sized(body))


AUDIENCE_NAMES = {
    Audience.GENERAL: lambda: gettext("General"),
    Audience.ELDERLY: lambda: gettext("Elderly"),
    Audience.YOUTH: lambda: gettext("Youth"),
    Audience.NEW_RESIDENT: lambda: gettext("New residents"),
}
LOCALE_NAMES = {Locale.HANS: "简体中文", Locale.HANT: "繁體中文", Locale.EN: "English"}


def minutes(count: int) -> str:
    """Return a reading time in words."""
    return str(ngettext("%(num)d min read", "%(num)d min read", count))


def converted(reader: Reader, marked: Markup, locale: str) -> Markup:
    """Return escaped HTML of search in the reader's script."""
    if reader.locale is Locale.HANT and locale == Locale.HANS:
        return Markup(i18n.html_to_hant(str(marked)))  # noqa: S704  # nosec B704  # search escaped it
    return marked


@blueprint.record_once
def _keep(state: BlueprintSetupState) -> None:
    state.app.extensions["reading"] = Keeper()
    state.app.extensions["reader_page"] = page_of_a_room


for _helper in (minutes, converted):
    blueprint.add_app_template_global(_helper)
