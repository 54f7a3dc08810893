"""Finished pages: what `portal.core.delivery.PageCache` promises."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
from collections.abc import Callable, Iterable
from typing import Any

import brotli
import pytest

from portal.core.delivery import PageCache
from portal.core.delivery.pages import OVERHEAD, accepted, matches

PUBLIC = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "public, max-age=0, must-revalidate")]
TEXT = "钱是你的，先停一停。".encode() * 100


class Site:
    """A WSGI application that counts its calls and says what the test tells it to."""

    def __init__(self, body: bytes = TEXT, status: str = "200 OK", headers: Iterable[tuple[str, str]] = PUBLIC) -> None:
        self.body, self.status, self.headers = body, status, list(headers)
        self.calls = 0
        self.number: int | None = 1
        self.during: Callable[[], None] = lambda: None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.calls += 1
        body = self.body
        self.during()
        start_response(self.status, [*self.headers, ("Content-Length", str(len(body)))])
        return [body]

    def version(self) -> int | None:
        return self.number


class Answer:
    def __init__(
        self, app: Any, path: str = "/", method: str = "GET", query: str = "", body: bytes = b"", **extra: str
    ):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO(body)}
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        given: list[tuple[str, list[tuple[str, str]]]] = []
        result = app({**environ, **extra}, lambda status, headers, problem=None: given.append((status, headers)))
        self.body = b"".join(result)
        if hasattr(result, "close"):
            result.close()
        (self.status, headers), *_ = given
        self.headers = {name.lower(): value for name, value in headers}
        assert len(self.headers) == len(headers), "a header was sent twice"
        self.code = int(self.status[:3])


def cached(site: Site, max_bytes: int = 1_000_000) -> PageCache:
    return PageCache(site, version=site.version, max_bytes=max_bytes)


def test_a_kept_page_is_the_page() -> None:
    site = Site()
    app = cached(site)
    first, second = Answer(app), Answer(app)
    assert site.calls == 1
    assert first.body == second.body == TEXT
    assert first.headers == second.headers
    assert first.headers["content-length"] == str(len(TEXT))
    assert first.headers["vary"] == "Accept-Encoding"
    assert first.headers["etag"] == f'"{hashlib.sha256(TEXT).hexdigest()[:24]}"'


def test_files_pass_untouched() -> None:
    site = Site(headers=[*PUBLIC, ("ETag", '"own"')])
    app = PageCache(site, version=site.version, max_bytes=1_000_000, files=("/media/",))
    for calls in (1, 2):
        assert Answer(app, "/media/a").headers["etag"] == '"own"'
        assert site.calls == calls
    assert "vary" not in Answer(app, "/media/a", HTTP_ACCEPT_ENCODING="gzip").headers


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ("identity",)),
        ("", ("identity",)),
        ("gzip, deflate, br", ("br", "gzip", "identity")),
        ("gzip;q=1.0, br;q=0.5", ("gzip", "br", "identity")),
        ("br;q=0, gzip", ("gzip", "identity")),
        ("*", ("br", "gzip", "identity")),
        ("*;q=0", ()),
        ("identity;q=0", ()),
        ("identity;q=0, gzip", ("gzip",)),
        ("*;q=0, identity", ("identity",)),
        ("GZIP ; Q=0.3", ("gzip", "identity")),
        ("x-gzip", ("gzip", "identity")),
        ("gzip;q=nonsense, br;q=2", ("identity",)),
    ],
)
def test_codings(header: str | None, expected: tuple[str, ...]) -> None:
    assert accepted(header) == expected


@pytest.mark.parametrize("kept", [1_000_000, 0])
def test_each_coding_carries_the_same_text_and_its_own_tag(kept: int) -> None:
    app = cached(Site(), kept)
    plain = Answer(app)
    gz, br = (Answer(app, HTTP_ACCEPT_ENCODING=coding) for coding in ("gzip", "br"))
    assert gzip.decompress(gz.body) == brotli.decompress(br.body) == plain.body == TEXT
    assert (gz.headers["content-encoding"], br.headers["content-encoding"]) == ("gzip", "br")
    mark = plain.headers["etag"].strip('"')
    assert (gz.headers["etag"], br.headers["etag"]) == (f'"{mark}-gz"', f'"{mark}-br"')
    for answer in (plain, gz, br):
        assert answer.headers["content-length"] == str(len(answer.body))


def test_a_refusal_of_the_plain_form_is_respected() -> None:
    app = cached(Site(b"short"))
    assert "content-encoding" not in Answer(app, HTTP_ACCEPT_ENCODING="gzip, br").headers
    forced = Answer(app, HTTP_ACCEPT_ENCODING="identity;q=0, gzip")
    assert gzip.decompress(forced.body) == b"short"
    assert Answer(app, HTTP_ACCEPT_ENCODING="identity;q=0").code == 406


def test_pictures_are_not_compressed() -> None:
    site = Site(b"\x89PNG" * 1000, headers=[("Content-Type", "image/png"), ("Cache-Control", "public, max-age=60")])
    assert "content-encoding" not in Answer(cached(site), HTTP_ACCEPT_ENCODING="gzip, br").headers


@pytest.mark.parametrize("kept", [1_000_000, 0])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_304_for_a_matching_tag(kept: int, method: str) -> None:
    app = cached(Site(), kept)
    etag = Answer(app, HTTP_ACCEPT_ENCODING="br").headers["etag"]
    for asked in (etag, f"W/{etag}", f'"other", W/{etag}', "*"):
        answer = Answer(app, method=method, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=asked)
        assert (answer.code, answer.body) == (304, b"")
        assert answer.headers == {"cache-control": PUBLIC[1][1], "etag": etag, "vary": "Accept-Encoding"}
    for asked in ('"other"', etag.strip('"'), ""):
        assert Answer(app, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=asked).code == 200
    assert Answer(app, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=etag).code == 200


def test_a_hostile_condition_is_read_in_no_time() -> None:
    assert not matches('"' * 200_000 + "," * 200_000, '"x"')


@pytest.mark.parametrize("kept", [1_000_000, 0])
def test_head_has_the_headers_of_get_and_no_body(kept: int) -> None:
    site = Site()
    app = cached(site, kept)
    head, get = Answer(app, method="HEAD"), Answer(app)
    assert head.body == b""
    assert head.headers == get.headers
    assert site.calls == (1 if kept else 2)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", [("Cache-Control", "private, no-store")]),
        ("200 OK", [("Cache-Control", "public"), ("Cache-Control", "no-store")]),
        ("200 OK", [("Cache-Control", "max-age=60")]),
        ("200 OK", []),
        ("200 OK", [("Cache-Control", "public"), ("Set-Cookie", "a=b")]),
        ("200 OK", [("Cache-Control", "public"), ("Content-Encoding", "gzip")]),
        ("404 Not Found", [("Cache-Control", "public, max-age=60")]),
        ("301 Moved Permanently", [("Cache-Control", "public"), ("Location", "/b")]),
        ("500 Internal Server Error", [("Cache-Control", "public")]),
    ],
)
def test_what_is_not_kept_passes_untouched(status: str, headers: list[tuple[str, str]]) -> None:
    site = Site(status=status, headers=[("Content-Type", "text/html"), *headers])
    given: list[tuple[str, list[tuple[str, str]]]] = []
    for _ in range(2):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_ACCEPT_ENCODING": "br"}
        body = b"".join(cached(site)(environ, lambda *said: given.append(said[:2])))
        assert body == TEXT
        assert given.pop() == (status, [*site.headers, ("Content-Length", str(len(TEXT)))])
    assert site.calls == 2


@pytest.mark.parametrize("vary", ["Cookie", "Accept-Encoding, Accept-Language", "*"])
def test_an_answer_that_varies_by_the_reader_is_not_kept(vary: str) -> None:
    site = Site(headers=[*PUBLIC, ("Vary", vary)])
    app = cached(site)
    Answer(app)
    assert vary in Answer(app).headers["vary"]
    assert site.calls == 2


def test_a_404_is_answered_anew_after_publication_without_a_new_version() -> None:
    site = Site(b"none", "404 Not Found")
    app = cached(site)
    assert Answer(app).code == 404
    site.status, site.body = "200 OK", TEXT
    assert Answer(app).body == TEXT


def test_host_is_in_neither_key_nor_page() -> None:
    site = Site()
    app = cached(site)
    first = Answer(app, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")
    second = Answer(app, HTTP_HOST="mingbai.example")
    assert site.calls == 1
    assert first.body == second.body
    assert "evil" not in str(second.headers) + second.body.decode()


def test_path_and_query_are_told_apart() -> None:
    site = Site()
    app = cached(site)
    for path, query in (("/a", ""), ("/a?b", ""), ("/a", "b"), ("/a", "b="), ("/A", "")):
        site.body = f"{path} {query}".encode()
        assert Answer(app, path, query=query).body == site.body
    assert site.calls == 5
    Answer(app, "/" + "a" * 2000)
    Answer(app, "/" + "a" * 2000)
    assert site.calls == 7


def test_a_change_is_visible_at_once() -> None:
    site = Site()
    app = cached(site)
    Answer(app)
    site.body, site.number = b"new", 2
    assert Answer(app).body == b"new"


def version_first(site: Site) -> PageCache:
    return cached(site)


def version_last(site: Site) -> PageCache:
    """The mistake that the next test must be able to see: the page is rendered, then the version is read."""
    rendered: list[bytes] = []

    def version() -> int | None:
        body = site.body
        site.during()
        rendered.append(body)
        return site.number

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [*PUBLIC, ("Content-Length", str(len(rendered[-1])))])
        return [rendered[-1]]

    return PageCache(app, version=version, max_bytes=1_000_000)


@pytest.mark.parametrize(("build", "second"), [(version_first, b"new"), (version_last, b"old")])
def test_a_publication_during_the_rendering_is_not_lost(build: Callable[[Site], PageCache], second: bytes) -> None:
    site = Site(b"old")
    app = build(site)

    def publish() -> None:
        # The rendering has read the old text; now the new one is published.
        site.number, site.body, site.during = 2, b"new", lambda: None

    site.during = publish
    assert Answer(app).body == b"old"
    assert Answer(app).body == second


def test_without_a_version_the_last_known_page_is_answered() -> None:
    site = Site()
    app = cached(site)
    site.number = None
    Answer(app)
    Answer(app)
    assert site.calls == 2, "nothing is kept while the version is unknown"
    site.number = 1
    Answer(app)
    site.number = None
    assert Answer(app).body == TEXT
    assert site.calls == 3


def test_a_withdrawn_page_does_not_come_back_when_the_database_goes() -> None:
    site = Site()
    app = cached(site)
    Answer(app, "/withdrawn")
    site.number = 2
    Answer(app, "/other")
    site.number, site.status = None, "503 Service Unavailable"
    assert Answer(app, "/withdrawn").code == 503
    assert Answer(app, "/other").code == 200


def test_kept_bytes_are_bounded_and_the_least_used_goes_first() -> None:
    site = Site()
    each = OVERHEAD + len(TEXT)
    app = cached(site, 4 * each)
    for path in ("/1", "/2", "/3", "/1", "/4"):
        Answer(app, path)
    assert site.calls == 4
    Answer(app, "/1")
    assert site.calls == 4, "/1 was used after /2"
    Answer(app, "/2")
    assert site.calls == 5, "/2 was thrown out"
    for coding in ("gzip", "br"):
        for path in ("/1", "/2", "/3", "/4"):
            Answer(app, path, HTTP_ACCEPT_ENCODING=coding)
    assert app._plain.size == sum(page.size for page in app._plain._pages.values()) <= 3 * each


def test_searches_push_out_searches_but_no_article() -> None:
    site = Site()
    app = cached(site, 20 * (OVERHEAD + len(TEXT)))
    Answer(app, "/articles/one")
    for word in range(200):
        Answer(app, "/search", query=f"q={word}")
    before = site.calls
    Answer(app, "/articles/one")
    assert site.calls == before
    assert app._queries.size <= 5 * (OVERHEAD + len(TEXT))


def test_many_threads_see_only_whole_and_current_pages() -> None:
    site = Site()
    site.body = b"1 " * 600

    def render(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = b"%d " % site.number * 600  # type: ignore[str-bytes-safe]  # a number throughout this test
        start_response("200 OK", [*PUBLIC, ("Content-Length", str(len(body)))])
        return [body]

    app = PageCache(render, version=site.version, max_bytes=40_000)
    wrong: list[str] = []

    def read(coding: str) -> None:
        for turn in range(1500):
            before = site.number or 0
            answer = Answer(app, f"/{turn % 7}", HTTP_ACCEPT_ENCODING=coding)
            body = gzip.decompress(answer.body) if coding == "gzip" else answer.body
            if int(body.split()[0]) < before or len(set(body.split())) != 1:
                wrong.append(body[:20].decode())

    threads = [threading.Thread(target=read, args=(coding,)) for coding in ("gzip", "identity") * 4]
    for thread in threads:
        thread.start()
    for number in range(2, 300):
        site.number = number
        Answer(app)
    for thread in threads:
        thread.join()
    assert not wrong
    assert app._plain.size == sum(page.size for page in app._plain._pages.values()) <= 30_000


def test_a_stream_is_passed_on_and_closed() -> None:
    closed: list[bool] = []

    class Stream:
        def __iter__(self) -> Any:
            yield from (b"a", b"b")

        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", PUBLIC)
        return Stream()

    kept = PageCache(app, version=lambda: 1, max_bytes=1_000_000)
    assert Answer(kept).body == b"ab"
    assert Answer(kept, method="HEAD").body == b""
    assert closed == [True, True]
