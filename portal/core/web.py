"""What every answer has in common: addresses, security headers, caching, assets and error pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import flask
import sqlalchemy as sa
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.core import access
from portal.core.access import DeskSection, public
from portal.core.crypto import Unreadable
from portal.core.errors import Busy, outline
from portal.core.settings import AUDIENCES, LOCALES, ROOT, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = ROOT / "static"

PAGE_CACHING = "public, max-age=0, must-revalidate"
"""Pages are asked for again each time and mostly answered with 304: a correction reaches every reader at once."""
ASSET_CACHING = "public, max-age=31536000, immutable"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
_POLICY = SECURITY_HEADERS["Content-Security-Policy"]
DESK_HEADERS = {"Content-Security-Policy": f"{_POLICY}; frame-src 'self'"}
"""What differs under `/desk/`: the editor shows its preview in a frame."""
FRAMEABLE = {
    "Content-Security-Policy": _POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "X-Frame-Options": "SAMEORIGIN",
}
"""For `say_instead`: pages of this site may show the answer in a frame."""
NO_REFERRER = {"Referrer-Policy": "no-referrer"}
"""For `say_instead`: the address is a secret, which no other page is told."""


def public_page(
    blueprint: Blueprint, path: str, *, methods: Iterable[str] = ("GET",), **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a public page under `/{locale}/{audience}` prefixes, both optional, and mark it `@public`."""

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        public(view)
        locale = f"/<any({', '.join(repr(name.value) for name in LOCALES)}):locale>"
        audience = f"/<any({', '.join(repr(name.value) for name in AUDIENCES)}):audience>"
        for prefix in ("", locale, audience, locale + audience):
            blueprint.add_url_rule(prefix + path, endpoint=view.__name__, view_func=view, methods=methods, **options)
        return view

    return register


def take_edition(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Move language and audience from the address into `flask.g`; send the long form of a default to the short one."""
    if flask.request.path.startswith("/desk/"):
        # The desk speaks each person's own language, and its addresses name editions to work on.
        flask.g.locale, flask.g.audience = LOCALES[0], AUDIENCES[0]
        return
    asked_locale = values.pop("locale", None) if values else None
    asked_audience = values.pop("audience", None) if values else None
    flask.g.locale = asked_locale or LOCALES[0]
    flask.g.audience = asked_audience or AUDIENCES[0]
    if asked_locale == LOCALES[0] or asked_audience == AUDIENCES[0]:
        rest = bare_path(flask.request.path)
        prefix = "" if flask.g.locale == LOCALES[0] else f"/{flask.g.locale}"
        prefix += "" if flask.g.audience == AUDIENCES[0] else f"/{flask.g.audience}"
        query = flask.request.query_string.decode("latin-1")
        flask.abort(flask.redirect(prefix + rest + (f"?{query}" if query else ""), 301))


def bare_path(path: str) -> str:
    """Return `path` without its language and audience."""
    for choices in (LOCALES, AUDIENCES):
        first, _, rest = path[1:].partition("/")
        if first in choices:
            path = "/" + rest
    return path


def page(body: str | bytes, *, status: int = 200, mimetype: str = "text/html", caching: str = PAGE_CACHING) -> Response:
    """Return a public answer; only those with status 200 may be kept by caches."""
    answer = Response(body, status=status, mimetype=mimetype)
    answer.headers["Cache-Control"] = caching if status == 200 else "no-store"
    return answer


def reader_page(template: str, *, path: str = "", query: str = "", status: int = 200, **context: Any) -> Response:
    """Return a page of the public site for the language and edition of the request, from a room below that site.

    Args:
        template: extends `layouts/page.html`.
        path: what the switchers of language and edition lead to, without language and audience; empty: this page.
        query: what they keep of the address after its path, with the question mark.
    """
    answer: Response = flask.current_app.extensions["reader_page"](template, path=path, query=query, **context)
    answer.status_code = status
    if status != 200:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def is_from_here() -> bool:
    """Return whether a form was sent from a page of this site, as far as the browser says.

    For forms of people without a session: their pages are the same for everybody, or their addresses are the
    secret, and so hold no token. This keeps other sites from answering in the name of those who visit them. Old
    browsers say neither, and are let through: what is sent carries no authority.
    """
    site = flask.request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = flask.request.headers.get("Origin")
    if origin is None:
        return True
    settings = flask.current_app.config["PORTAL"]
    return urlsplit(origin).netloc in (flask.request.host, urlsplit(settings.base_url).netloc)


# --- the desk -----------------------------------------------------------------------------------------------------


def add_desk_section(app: Flask, section: DeskSection) -> None:
    """Add a word to the desk's menu, after those added before."""
    app.extensions.setdefault("desk", []).append(section)


def desk_sections() -> list[DeskSection]:
    """Return the words of the desk's menu that the person who is asking may use."""
    asking = access.actor()
    sections: list[DeskSection] = flask.current_app.extensions.get("desk", [])
    return [section for section in sections if asking and asking.may(section.permission)]


def add_desk_waiting(app: Flask, tell: Callable[[], tuple[str, str] | None]) -> None:
    """Have the desk's first page say what waits in another room: a sentence and where it leads; None: nothing."""
    app.extensions.setdefault("desk_waiting", []).append(tell)


def desk_waiting() -> list[tuple[str, str]]:
    """Return what the person who is asking is told to wait for them elsewhere."""
    return [line for tell in flask.current_app.extensions.get("desk_waiting", []) if (line := tell())]


# --- mail ---------------------------------------------------------------------------------------------------------


def mail(session: Session, *, to: str, template: str, locale: str, at: datetime, values: dict[str, str]) -> None:
    """Queue a mail, inside the caller's write unit, for whichever room sends mail; do nothing where none does.

    Rooms below that one write to people through this. A template finds `values`, and `site`, the portal's address.
    """
    send = flask.current_app.extensions.get("mail")
    if send is not None:
        site: str = flask.current_app.config["PORTAL"].base_url
        send(session, to=to, template=template, locale=locale, at=at, values={"site": site, **values})


# --- assets -------------------------------------------------------------------------------------------------------


def stylesheet_files() -> list[Path]:
    """Return the parts of the public stylesheet in the order they are joined."""
    css = STATIC / "css"
    return [
        css / "tokens.css",
        css / "base.css",
        *sorted((css / "components").glob("*.css")),
        *sorted((css / "rooms").glob("*.css")),
    ]


def desk_stylesheet_files() -> list[Path]:
    """Return the parts of the staff's stylesheet, which is loaded after the public one."""
    return sorted((STATIC / "css" / "desk").glob("*.css"))


JOINED = {"site.css": stylesheet_files, "desk.css": desk_stylesheet_files}


@cache
def stylesheet(name: str) -> bytes:
    """Return a joined stylesheet: one request instead of thirty."""
    return b"\n".join(path.read_bytes() for path in JOINED[name]())


@cache
def asset(name: str) -> str:
    """Return the address of a static file (or joined stylesheet) with its digest, so that it may be kept for ever."""
    raw = stylesheet(name) if name in JOINED else (STATIC / name).read_bytes()
    digest = hashlib.sha256(raw).hexdigest()[:12]
    folder = "assets" if name in JOINED else "static"
    return f"/{folder}/{name}?v={digest}"


blueprint = Blueprint("web", __name__)


@blueprint.get("/assets/<any('site.css', 'desk.css'):name>")
@public
def joined(name: str) -> ResponseReturnValue:
    """Serve a joined stylesheet."""
    return page(stylesheet(name).decode(), mimetype="text/css", caching=ASSET_CACHING)


# --- errors -------------------------------------------------------------------------------------------------------


def _error(status: int) -> Response:
    """Return the page of an error in the language of the address; never fails, whatever is broken."""
    # Where no route fits, nothing has read the address yet.
    words = flask.request.path[1:].split("/", 2)
    flask.g.locale = words[0] if words[0] in LOCALES else LOCALES[0]
    flask.g.audience = next((word for word in words[:2] if word in AUDIENCES), AUDIENCES[0])
    if flask.request.path.startswith("/api/"):
        answer = flask.jsonify({"error": {"status": status}})
        answer.status_code = status
    else:
        answer = Response(flask.render_template("errors/error.html", status=status), status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _http_error(problem: HTTPException) -> ResponseReturnValue:
    if problem.response is not None or problem.code is None or problem.code < 400:
        return problem.get_response()
    answer = _error(problem.code)
    for name, value in problem.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _busy(_problem: Exception) -> ResponseReturnValue:
    answer = _error(503)
    answer.headers["Retry-After"] = "5"
    return answer


def _unreadable(problem: Exception) -> ResponseReturnValue:
    """Answer where a sealed text cannot be read: it is there, and can be read again when its key is put back."""
    flask.current_app.logger.error("a sealed text cannot be read: was the site's key replaced?\n%s", outline(problem))
    return _error(503)


def _crash(problem: Exception) -> ResponseReturnValue:
    flask.current_app.logger.error("unhandled error\n%s", outline(problem))
    return _error(500)


def _keep_on_the_site(answer: Response) -> Response:
    """Replace Werkzeug's own redirects (a slash too few or too many): it puts the Host header into them."""
    problem = flask.request.routing_exception
    if isinstance(problem, RequestRedirect):
        return cast(Response, flask.redirect("/" + problem.new_url.split("/", 3)[3].lstrip("/\\"), problem.code))
    return answer


class Request(flask.Request):
    """A request whose query may hold any bytes: those outside ASCII are read as if they were percent-encoded."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not self.query_string.isascii():
            self.query_string = _HIGH.sub(lambda byte: b"%%%02X" % ord(byte[0]), self.query_string)


_HIGH = re.compile(rb"[\x80-\xff]")


_INSTEAD = "portal.headers"


def say_instead(headers: Mapping[str, str]) -> None:
    """Have the answer to this request carry these security headers in place of the usual ones of the same names."""
    flask.request.environ.setdefault(_INSTEAD, {}).update(headers)


class _Guarded:
    """Adds the security headers to every answer, in one step: after_request would look each of them up."""

    def __init__(self, app: WSGIApplication, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers
        self._usual = list(headers.items())
        self._desk = list((headers | DESK_HEADERS).items())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], problem: Any = None) -> Any:
            instead = environ.get(_INSTEAD)
            if instead is not None:
                own = list((self._headers | instead).items())
            else:
                own = self._desk if environ["PATH_INFO"].startswith("/desk/") else self._usual
            return start_response(status, headers + own, problem)

        return self._app(environ, start)


def guard(app: Flask, settings: Settings) -> None:
    """Give every answer of `app` the security headers."""
    headers = dict(SECURITY_HEADERS)
    if settings.base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    app.wsgi_app = _Guarded(app.wsgi_app, headers)  # type: ignore[method-assign]  # Flask's own way


def install(app: Flask) -> None:
    """Give `app` its error pages, assets and template helpers."""
    app.request_class = Request
    app.after_request(_keep_on_the_site)
    app.register_blueprint(blueprint)
    app.url_value_preprocessor(take_edition)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(sa.exc.OperationalError, _busy)
    app.register_error_handler(sa.exc.TimeoutError, _busy)
    app.register_error_handler(Unreadable, _unreadable)
    app.register_error_handler(Exception, _crash)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["asking"] = access.actor
    app.jinja_env.globals["desk_sections"] = desk_sections
    app.jinja_env.globals["desk_waiting"] = desk_waiting
    CSRFProtect(app)

    def finish(answer: Response) -> Response:
        if flask.request.endpoint == "static" and answer.status_code == 200:
            versioned = "v" in flask.request.args
            answer.headers["Cache-Control"] = ASSET_CACHING if versioned else "public, max-age=3600"
            answer.headers.pop("Content-Disposition", None)
        return answer

    app.after_request(finish)
