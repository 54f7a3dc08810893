"""Finished public pages, answered before Flask is entered."""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain

import brotli

from portal.core.delivery.wsgi import App, Environ, Headers, StartResponse, plain

CODINGS = {"br": "-br", "gzip": "-gz", "identity": ""}
"""Content codings in the order we prefer them, with what each adds to the entity tag."""
SMALL = 500
"""Bytes up to which compression gains nothing worth the work."""
LARGE = 4_000_000
"""Bytes above which an answer is passed on as it comes instead of being held in memory."""
LONGEST_ADDRESS = 1_000
"""Characters of path and query above which an answer is not kept."""
OVERHEAD = 1_500
"""Bytes counted for a kept page besides its bodies: key, headers, objects."""

_TEXT = re.compile(r"(?:text/|[^;]*[/+](?:json|xml|javascript)\b)", re.IGNORECASE)
_TAG = re.compile(r'"[^"]*"')
_NOT_MODIFIED = frozenset({"cache-control", "content-location", "expires", "etag", "vary"})
_OURS = frozenset({"content-length", "etag", "vary"})


@lru_cache(maxsize=512)
def accepted(header: str | None) -> tuple[str, ...]:
    """Return the codings that an `Accept-Encoding` header allows, the best first; empty: it refuses all of them."""
    if header is None:
        return ("identity",)
    weights: dict[str, float] = {}
    for part in header[:1000].lower().split(","):
        name, _, parameters = part.partition(";")
        weight = 1.0
        for parameter in parameters.split(";"):
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                weight = _weight(value.strip())
        weights.setdefault({"x-gzip": "gzip"}.get(name.strip(), name.strip()), weight)
    others = weights.get("*")
    wanted = {}
    for place, coding in enumerate(CODINGS):
        # What is not named is not wanted, save identity, which is always allowed unless it is refused.
        unnamed = others if others is not None else (0.0001 if coding == "identity" else 0.0)
        weight = weights.get(coding, unnamed)
        if weight > 0:
            wanted[coding] = (-weight, place)
    return tuple(sorted(wanted, key=wanted.__getitem__))


def _weight(text: str) -> float:
    return float(text) if re.fullmatch(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", text) else 0.0


def matches(header: str, etag: str) -> bool:
    """Return whether an `If-None-Match` header names `etag`, by weak comparison."""
    return header == etag or header.strip() == "*" or etag in _TAG.findall(header)


class _Form:
    """One page in one coding, ready to be sent."""

    __slots__ = ("_unchanged", "body", "etag", "headers")

    def __init__(self, headers: Headers, vary: str, body: bytes, etag: str, coding: str) -> None:
        own = [("Content-Encoding", coding)] if coding != "identity" else []
        self.body = body
        self.etag = etag
        self.headers = [*headers, *own, ("Content-Length", str(len(body))), ("ETag", etag), ("Vary", vary)]
        self._unchanged: Headers | None = None

    def unchanged(self) -> Headers:
        """Return the headers of 304; made when first asked for, because most pages that are not kept never are."""
        if self._unchanged is None:
            self._unchanged = [item for item in self.headers if item[0].lower() in _NOT_MODIFIED]
        return self._unchanged.copy()


class _Page:
    """A finished answer under the version it was made under; its compressed forms are made when first asked for."""

    __slots__ = ("_forms", "_headers", "_mark", "_plain", "_squeezable", "_vary", "number", "size")

    def __init__(self, number: int | None, headers: Headers, said: dict[str, str], body: bytes) -> None:
        self.number = number
        self._headers = [item for item in headers if item[0].lower() not in _OURS]
        self._vary = _vary(said.get("vary", ""))
        self._mark = hashlib.sha256(body).hexdigest()[:24]
        self._plain = _Form(self._headers, self._vary, body, f'"{self._mark}"', "identity")
        self._squeezable = len(body) > SMALL and _TEXT.match(said.get("content-type", "")) is not None
        self._forms = {"identity": self._plain}
        self.size = OVERHEAD + len(body)

    def form(self, codings: tuple[str, ...]) -> _Form | None:
        """Return the form to send to whoever accepts `codings`; None: none of ours is acceptable."""
        if not codings:
            return None
        coding = codings[0] if self._squeezable or "identity" not in codings else "identity"
        return self._forms.get(coding) or self._make(coding)

    def _make(self, coding: str) -> _Form:
        plain = self._plain.body
        # gzip -6 and brotli -5 cost about 0.7 ms for 30 KB; brotli -11 would cost 26 ms for a few per cent.
        body = brotli.compress(plain, quality=5) if coding == "br" else gzip.compress(plain, 6, mtime=0)
        form = _Form(self._headers, self._vary, body, f'"{self._mark}{CODINGS[coding]}"', coding)
        # Two threads may both come here; the second overwrites the first with the same bytes.
        if self._forms.setdefault(coding, form) is form:
            self.size += len(body)
        return form

    def answer(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Send this page as the request's conditions and codings ask."""
        form = self.form(accepted(environ.get("HTTP_ACCEPT_ENCODING")))
        if form is None:
            return plain(start_response, "406 Not Acceptable", "None of the content codings asked for can be sent.")
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and matches(asked, form.etag):
            start_response("304 Not Modified", form.unchanged())
            return []
        # A copy, because servers and middleware may change the list they are given.
        start_response("200 OK", form.headers.copy())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]


class _Shelf:
    """Pages by address, the least recently used thrown out first; bounded by bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._pages: OrderedDict[tuple[str, str], _Page] = OrderedDict()
        self._sizes: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._max = max_bytes
        self.size = 0

    def get(self, key: tuple[str, str]) -> _Page | None:
        """Return the page kept under `key` and mark it as just used."""
        page = self._pages.get(key)
        if page is not None:
            try:
                # No lock: a hit must not wait, and losing a race with `put` costs nothing but the mark.
                self._pages.move_to_end(key)
            except KeyError:
                return page
        return page

    def put(self, key: tuple[str, str], page: _Page, still: Callable[[], bool]) -> None:
        """Keep `page` if `still()` holds, and throw out what no longer fits. Also called when a kept page has grown."""
        with self._lock:
            if not still() or page.size > self._max:
                return
            self.size += page.size - self._sizes.get(key, 0)
            self._pages[key], self._sizes[key] = page, page.size
            self._pages.move_to_end(key)
            while self.size > self._max:
                oldest = next(iter(self._pages))
                del self._pages[oldest]
                self.size -= self._sizes.pop(oldest)

    def clear(self) -> None:
        """Throw out everything."""
        with self._lock:
            self._pages.clear()
            self._sizes.clear()
            self.size = 0


class PageCache:
    """Answer public pages before Flask is entered.

    A page is kept when the application's answer to its address is 200, says `Cache-Control: public`, sets no cookie and
    varies by nothing but the coding. It is valid only under the version that `version()` gave before the application
    was called, so that a publication during the rendering cannot be kept under the new number. Where `version()` gives
    None (the database is locked or unreachable), pages of the last version seen are still answered: nobody has seen a
    newer one. Other public answers get an entity tag and compression all the same; private ones pass untouched.

    The key is path and query. Public pages must not depend on anything else in a request, `Host` included.

    Addresses that begin with one of `files` are not pages: what they answer may be large, and asked for in parts.
    """

    def __init__(
        self, app: App, *, version: Callable[[], int | None], max_bytes: int, files: tuple[str, ...] = ()
    ) -> None:
        """`max_bytes` bounds all kept bytes of this process, every coding counted; 0 keeps nothing."""
        self._files = files
        self._app = app
        self._version = version
        self._keeps = max_bytes > 0
        self._number: int | None = None
        # Addresses with a query have no end (searches): they may push out each other but never the articles.
        self._queries = _Shelf(max_bytes // 4)
        self._plain = _Shelf(max_bytes - max_bytes // 4)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from memory, or by the application."""
        method = environ["REQUEST_METHOD"]
        if (method != "GET" and method != "HEAD") or environ["PATH_INFO"].startswith(self._files):
            return self._app(environ, start_response)
        number = self._version()
        if number is not None:
            # The application keeps pieces of pages by the same number and need not ask the database again.
            environ["portal.version"] = number
        if not self._keeps:
            return self._fresh(environ, start_response, None, None)
        if number is not None and number != self._number:
            self._turn(number)
        query = environ.get("QUERY_STRING", "")
        shelf = self._queries if query else self._plain
        key = (environ["PATH_INFO"], query)
        page = shelf.get(key)
        if page is not None and page.number == (self._number if number is None else number):
            size = page.size
            answer = page.answer(environ, start_response)
            if page.size != size:
                shelf.put(key, page, lambda: page.number == self._number)
            return answer
        short = len(key[0]) + len(query) <= LONGEST_ADDRESS
        return self._fresh(environ, start_response, number, (shelf, key) if short and number is not None else None)

    def _turn(self, number: int) -> None:
        # Nothing of another version is ever answered again: a page that was withdrawn must not come back because
        # the database went away.
        self._number = number
        self._plain.clear()
        self._queries.clear()

    def _fresh(
        self,
        environ: Environ,
        start_response: StartResponse,
        number: int | None,
        place: tuple[_Shelf, tuple[str, str]] | None,
    ) -> Iterable[bytes]:
        # HEAD is answered from the whole page, so that its headers are those of GET.
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        status, headers, said, body = _call(self._app, {**environ, "REQUEST_METHOD": "GET"} if is_head else environ)
        if isinstance(body, bytes) and status.startswith("200 ") and _is_public(said):
            page = _Page(number, headers, said, body)
            answer = page.answer(environ, start_response)
            if place is not None and _listed(said.get("vary", "")) <= {"accept-encoding"}:
                place[0].put(place[1], page, lambda: page.number == self._number)
            return answer
        start_response(status, headers)
        if is_head:
            if isinstance(body, _Stream):
                body.close()
            return []
        return [body] if isinstance(body, bytes) else body


def _joined(headers: Headers) -> dict[str, str]:
    """Return values by small names; those of a header that occurs several times are joined, so that all count."""
    said: dict[str, str] = {}
    for name, value in headers:
        small = name.lower()
        said[small] = f"{said[small]}, {value}" if small in said else value
    return said


@lru_cache(maxsize=128)
def _listed(value: str) -> frozenset[str]:
    """Return the words of a header that is a list, without their parameters."""
    return frozenset(word for part in value.split(",") if (word := part.partition("=")[0].strip().lower()))


def _is_public(said: dict[str, str]) -> bool:
    if "set-cookie" in said or "content-encoding" in said or "content-range" in said:
        return False
    directives = _listed(said.get("cache-control", ""))
    return "public" in directives and not directives & {"private", "no-store"}


def _vary(varies: str) -> str:
    if _listed(varies) & {"accept-encoding", "*"}:
        return varies
    return f"{varies}, Accept-Encoding" if varies else "Accept-Encoding"


class _Stream:
    """An answer that is passed on as it comes; closing it closes the application's own."""

    def __init__(self, chunks: Iterable[bytes], source: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Let the application end its work."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def _call(app: App, environ: Environ) -> tuple[str, Headers, dict[str, str], bytes | _Stream]:
    """Call `app`; return status, headers, the same joined, and the whole body, or a stream where its length is unknown
    or large.
    """
    started: list[tuple[str, Headers]] = []
    written: list[bytes] = []

    def start(status: str, headers: Headers, _problem: object = None) -> Callable[[bytes], None]:
        started[:] = [(status, list(headers))]
        return written.append

    source = app(environ, start)
    chunks = iter(source)
    stream = _Stream(chain(written, chunks), source)
    try:
        if not started:
            # The application may wait with its status until its first chunk is asked for.
            written.append(next(chunks, b""))
        status, headers = started[0]
        said = _joined(headers)
        length = said.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGE:
            return status, headers, said, stream
        body = b"".join(stream)
    except BaseException:
        stream.close()
        raise
    stream.close()
    return status, headers, said, body
