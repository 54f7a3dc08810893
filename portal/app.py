"""The composition: the only place that knows every room."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, Rule

from portal.accounts import views as accounts
from portal.articles import views as articles
from portal.articles.views import helpful
from portal.articles.views.transfer import MAX_BODY as MAX_PACKAGE
from portal.audit import views as audit
from portal.core import access, crypto, database, i18n, web
from portal.core.access import Permission
from portal.core.cli import Late
from portal.core.database.hot import SqliteFile
from portal.core.delivery import BodyGate, PageCache, PolledVersion, SqliteVersion
from portal.core.errors import Busy
from portal.core.settings import ROOT, Settings
from portal.events import views as events
from portal.events.views.sheets import MAX_BODY as MAX_SHEET
from portal.events.views.sheets import UPLOADS as SHEETS
from portal.media import views as media
from portal.media.rules import MAX_UPLOAD
from portal.messages import views as messages
from portal.metrics import views as metrics
from portal.quizzes import views as quizzes
from portal.quizzes.views.paper_files import MAX_BODY as MAX_PAPER
from portal.reading import views as reading
from portal.reference.rules import quarters

COMMANDS = {
    "accounts": ("portal.accounts.commands:cli", "People: make, list, send back in."),
    "audit": ("portal.audit.commands:cli", "The audit log."),
    "content": ("portal.articles.commands:cli", "Take in and give out content packages (see content/README.md)."),
    "db": ("portal.commands.migrating:database", "Bring the tables of the database to another state."),
    "demo": (
        "portal.commands.demo:demo",
        "Make up five quarters, so that all pages have something to show. Every page says that it is invented.",
    ),
    "doctor": (
        "portal.commands.health:doctor",
        "Say how this installation is: settings, database, search index, free space.",
    ),
    "events": ("portal.events.commands:cli", "Lectures."),
    "metrics": ("portal.metrics.commands:cli", "Figures of a quarter, and of any survey before and after."),
    "privacy": ("portal.privacy.commands:cli", "Personal data: keys, and a search for what should be gone."),
    "quizzes": ("portal.quizzes.commands:cli", "Questions, quizzes and their statistics."),
    "search": ("portal.search.commands:cli", "Search: the index, questions, and what was not found."),
    "serve": ("portal.commands.serving:serve", "Serve the portal, with one worker beside it."),
    "worker": (
        "portal.commands.working:worker",
        "Do the work that waits in the database: keep the search index up to date, send mail, forget what is old.",
    ),
}
"""What each is called, where it is, and what it does."""


class SlugConverter(BaseConverter):
    """Small letters, digits and single hyphens."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"


class QuarterConverter(BaseConverter):
    """A quarter of a year, as 2026Q3."""

    regex = quarters.NAME.pattern


class TokenConverter(BaseConverter):
    """A random token as `crypto.token` makes them."""

    regex = r"[A-Za-z0-9_-]{43}"


class LazyRule(Rule):
    """A route that makes what builds its addresses when one is asked for the first time.

    Werkzeug writes and compiles two functions for each route at once: nine tenths of what it took to make the portal.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """Return what makes the true builder at its first call."""
        compile_now, made = super()._compile_builder, list[Callable[..., tuple[str, str]]]()

        # Called with what stands in the address, by any name: so none is taken by a parameter.
        def build(*rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](*rule, **values)

        return build


def create_app(settings: Settings | None = None) -> Flask:
    """Return the portal as a WSGI application.

    Args:
        settings: by default read from the environment.

    Raises:
        SettingsError: a `PORTAL_*` variable is unknown or malformed.
    """
    settings = settings or Settings.from_env(os.environ)
    app = Flask(
        "portal",
        root_path=str(ROOT / "portal"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
        template_folder=str(ROOT / "templates"),
    )
    app.config.update(
        PORTAL=settings,
        SESSION_COOKIE_NAME="__Host-mingbai-form" if settings.base_url.startswith("https://") else "mingbai-form",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # Referer is not needed beside a token, and some banks' proxies remove it
        WTF_I18N_ENABLED=False,
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=500_000,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "portal" / "translations"),
        **database.configure(settings),
    )
    crypto.install(app, settings)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    app.url_rule_class = LazyRule
    app.url_map.converters["slug"] = SlugConverter
    app.url_map.converters["token"] = TokenConverter
    app.url_map.converters["quarter"] = QuarterConverter
    database.db.init_app(app)
    i18n.babel.init_app(app, locale_selector=i18n.select_locale)
    web.install(app)
    app.register_blueprint(reading.blueprint)
    articles.install(app)
    quizzes.install(app)
    events.install(app)
    metrics.install(app)
    helpful.install(app)
    media.install(app)
    accounts.install(app)
    messages.install(app)
    audit.install(app)
    for name, (place, told) in COMMANDS.items():
        app.cli.add_command(Late(name, place, help=told))
    _wrap(app, settings)
    return app


def _wrap(app: Flask, settings: Settings) -> None:
    """Put before Flask, from the inside out: the short way to articles, security headers, the gate, finished pages."""
    version: SqliteVersion | PolledVersion
    source: SqliteFile | Engine
    if settings.is_sqlite:
        source = SqliteFile(settings.sqlalchemy_url.removeprefix("sqlite:///"))
        version = SqliteVersion(source)
    else:
        with app.app_context():
            # A single read needs no transaction, and so no BEGIN and ROLLBACK on the way to the server and back.
            source = database.db.engine.execution_options(isolation_level="AUTOCOMMIT")
        version = PolledVersion(lambda: _read_version(app))
    app.wsgi_app = reading.Express(app.wsgi_app, app, source)  # type: ignore[method-assign]  # Flask's own way
    web.guard(app, settings)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]  # Flask's own way
    # The cache stands outermost: a kept page is answered without a look at any body.
    gate = BodyGate(app.wsgi_app, threads=settings.threads, allowance=lambda environ: _allowance(app, environ))
    cached = PageCache(gate, version=version, max_bytes=settings.page_cache_mb * 1_000_000, files=("/media/",))
    app.wsgi_app = cached  # type: ignore[method-assign]  # Flask's own way


LARGE_BODIES = {
    "/desk/media/": (Permission.WRITE, MAX_UPLOAD),
    "/desk/paper/": (Permission.ORGANISE, MAX_PAPER),
    SHEETS: (Permission.ORGANISE, MAX_SHEET),
    "/desk/transfer": (Permission.MOVE_CONTENT, MAX_PACKAGE),
}
"""Where files are brought: who may, and how many bytes."""


def _allowance(app: Flask, environ: dict[str, Any]) -> int | None:
    """Return how many bytes a sender may bring: files come from staff alone. None: the database does not answer."""
    place = next((one for one in LARGE_BODIES if environ["PATH_INFO"].startswith(one)), None)
    if place is None:
        return 0
    permission, limit = LARGE_BODIES[place]
    try:
        with app.request_context(environ):
            asking = access.actor()
            return limit if asking and asking.may(permission) else 0
    except (Busy, sa.exc.SQLAlchemyError):
        return None


def _read_version(app: Flask) -> int:
    with app.app_context():
        try:
            return database.site_version(database.db.session())
        finally:
            database.db.session.remove()
