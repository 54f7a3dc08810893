"""Whatever is sent, nothing breaks: no answer of 500 and above, and nothing of it comes back unescaped."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.settings import Settings
from tests.conftest import make_app
from tests.reading.helpers import attribute, guarded, place, text

PUBLIC = "https://mingbai.example"
TARGETS = [
    b"/\xe9\xa9\x97",
    b"/%",
    b"/%zz",
    b"/%00",
    b"/%ff",
    b"/%ff%fe/articles/x",
    b"/articles/%00",
    b"/articles/brushing-orders%00",
    b"/articles/\xff\xfe",
    b"/articles/BRUSHING-ORDERS",
    b"/articles/brushing--orders",
    b"/articles/-",
    b"/articles/" + b"a" * 10_000,
    b"/" + b"a/" * 5_000,
    b"/articles/brushing-orders;jsessionid=1",
    b"/;/articles/brushing-orders",
    b"/../../etc/passwd",
    b"/articles/../../../etc/passwd",
    b"/static/..%2f..%2fpyproject.toml",
    b"/static/%2e%2e/%2e%2e/pyproject.toml",
    b"/static/%00",
    b"/assets/../site.css",
    b"//evil.example/",
    b"/%2f%2fevil.example/",
    b"/\\evil.example",
    b"/\t/evil.example",
    b"/zh-Hans//evil.example",
    b"/zh-Hans/\\evil.example",
    b"/general//evil.example/%2e%2e",
    b"/zh-Hans/general/zh-Hans/general/",
    b"/en/en/",
    b"/elderly/en/",
    b"/zh-hans/",
    b"/EN/",
    b"/search?q=%ff%fe",
    b"/search?q=%00",
    b"/search?q=%ed%a0%80",
    b"/search?q=" + b"%E5%88%B7" * 5_000,
    b"/search?q=a&q=b&q=c",
    b"/search?q[]=a&q[x]=y",
    b"/search?q=a&page=-1",
    b"/search?q=a&page=0",
    b"/search?q=a&page=999",
    b"/search?q=a&page=99999999999999999999999",
    b"/search?q=a&page=abc",
    b"/search?q=a&page=%EF%BC%92",
    b"/search?q=a&page=%D9%A2",
    b"/search?q=a&page=1e3",
    b"/search?q=a&topic=" + b"x" * 5_000,
    b"/search?q=a&topic=%00",
    b"/search?" + b"&".join(b"k%d=v" % number for number in range(2_000)),
    b"/search?q=a&size=9999",
    b"/elderly/?size=99",
    b"/elderly/?size=30%22%3E%3Cscript%3E",
    b"/elderly/?size=30&size=24",
    b"/search?=&&==",
    b"/search?q=*&topic=*",
    b"/topics/%F0%9F%92%A9",
    b"/feed.xml?%00",
    b"/sitemap.xml/",
    b"/api/v1/search?limit=999999999999",
    b"/api/v1/search?q=%00%ff",
    b"/api/v1/suggest?q=%ed%a0%80",
    b"/api/v1/articles/%00",
    b"/api/v1/",
]
WORDS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE articles; --",
    "%_\\%",
    "{{7*7}}",
    "${7*7}",
    "\u202e\u0627\u0644\u0639\u0631\u0628\u064a\u0629\u202c",
    "👨‍👩‍👧‍👦💸🏦",
    "\ud800",
    "\x00\x01\x1f",
    "*" * 200,
    "(((((" * 100,
    "NOT NOT AND OR",
    "[a TO z]",
    "a" * 5_000,
    "刷" * 5_000,
    " " * 5_000,
    "，。！",
    "１２３",
    "ﬁ",
    "e\u0301" * 100,
]


def raw(app: Flask, target: bytes, **environ: Any) -> tuple[int, dict[str, str], bytes]:
    """Send a request line as it stands, as a server does that decodes the path and nothing else."""
    from urllib.parse import unquote_to_bytes

    path, _, query = target.partition(b"?")
    given: list[Any] = []
    request = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **environ,
    }
    body = b"".join(app(request, lambda status, headers, _info=None: given.append((status, headers))))
    return int(given[0][0][:3]), dict(given[0][1]), body


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: ascii(target[:40]))
def test_no_address_breaks_it(shared: Flask, target: bytes) -> None:
    status, headers, body = raw(shared, target)
    assert status < 500
    assert b"root:" not in body
    assert b"[project]" not in body
    assert "Set-Cookie" not in headers
    location = headers.get("Location", "/")
    assert location.startswith("/")
    assert location[1:2] not in ("/", "\\", "\t")


@pytest.mark.parametrize("words", WORDS, ids=lambda words: ascii(words[:20]))
@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_no_question_breaks_the_search(client: FlaskClient, words: str, locale: str) -> None:
    sent = {"q": words.encode("utf-8", "surrogatepass")}
    page = client.get(place("/search", locale), query_string=sent)
    assert page.status_code == 200
    shown = page.get_data(as_text=True)
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "49" not in attribute(shown, r'id="none">([^<]*)<')
    for path in ("/api/v1/suggest", "/api/v1/search"):
        answer = client.get(path, query_string={**sent, "locale": locale})
        assert answer.status_code in (200, 400)
        assert answer.mimetype == "application/json"


@given(st.text(max_size=150), st.text(max_size=20), st.text(max_size=8))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_may_be_searched_for(client: FlaskClient, words: str, topic: str, page: str) -> None:
    answer = client.get("/search", query_string={"q": words, "topic": topic, "page": page})
    assert answer.status_code == 200
    assert guarded(answer) == {}


@given(st.binary(max_size=60))
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_may_be_an_address(shared: Flask, tail: bytes) -> None:
    for front in (b"/", b"/articles/", b"/en/elderly/", b"/zh-Hans/", b"/search?q=", b"/api/v1/articles/"):
        assert raw(shared, front + tail)[0] < 500


POISON: list[dict[str, str]] = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "evil.example:8000"},
    {"HTTP_HOST": "mingbai.example.evil.example"},
    {"HTTP_HOST": "mingbai.example@evil.example"},
    {"HTTP_HOST": "evil.example/x"},
    {"HTTP_HOST": "evil.example\\x"},
    {"HTTP_HOST": "EVIL.example."},
    {"HTTP_HOST": "[::1]:99999"},
    {"HTTP_HOST": ""},
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_SERVER": "evil.example"},
    {"HTTP_FORWARDED": "host=evil.example;proto=https"},
    {"HTTP_X_HOST": "evil.example", "HTTP_X_ORIGINAL_URL": "/evil.example"},
    {"HTTP_X_FORWARDED_PROTO": "gopher", "HTTP_X_FORWARDED_PREFIX": "/evil.example", "HTTP_X_FORWARDED_PORT": "1"},
    {"HTTP_X_REWRITE_URL": "https://evil.example/", "SERVER_NAME": "evil.example"},
]


@pytest.mark.parametrize("headers", POISON, ids=ascii)
@pytest.mark.parametrize("cache_mb", [0, 8])
def test_no_header_changes_an_address(shared: Flask, headers: dict[str, str], cache_mb: int) -> None:
    own = dataclasses.replace(shared.config["PORTAL"], page_cache_mb=cache_mb)
    app = make_app(own)
    article = b"/articles/brushing-orders"
    clean = {path: raw(app, path) for path in (article, b"/", b"/feed.xml", b"/sitemap.xml", b"/robots.txt")}
    for path, expected in clean.items():
        status, given_headers, body = raw(make_app(own) if not cache_mb else app, path, **headers)
        assert b"evil" not in body
        assert "evil" not in str(given_headers)
        if status == 200:
            assert body == expected[2]
        else:
            assert status == 400  # a host that is none
    page = clean[article][2].decode()
    assert attribute(page, r'rel="canonical" href="([^"]+)"') == [f"{PUBLIC}/articles/brushing-orders"]
    assert attribute(page, r'og:url" content="([^"]+)"') == [f"{PUBLIC}/articles/brushing-orders"]
    assert f"{PUBLIC}/sitemap.xml" in clean[b"/robots.txt"][2].decode()


def test_redirects_stay_on_the_site(shared: Flask) -> None:
    targets = (b"/zh-Hans/", b"/general/hotlines", b"/zh-Hans//evil.example", b"/general/%2fevil.example/x", b"/topics")
    for target in targets:
        status, headers, _body = raw(shared, target, HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")
        assert status in (301, 308, 404)
        assert "evil.example" not in headers.get("Location", "").partition("/")[0]
        assert not headers.get("Location", "/").startswith(("//", "http://evil", "https://evil", "/\\"))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("mingbai.example", 200),
        ("mingbai.example:443", 200),
        ("evil.example", 400),
        ("xmingbai.example", 400),
        ("", 400),
    ],
)
def test_only_trusted_hosts_are_answered(shared: Flask, host: str, status: int) -> None:
    app = make_app(dataclasses.replace(shared.config["PORTAL"], trusted_hosts=("mingbai.example",)))
    answered, headers, body = raw(app, b"/about", HTTP_HOST=host)
    assert (host, answered) == (host, status)
    if status == 400:
        assert headers["Cache-Control"] == "no-store"
        assert b"evil" not in body


def test_forwarded_headers_count_only_behind_a_proxy(shared: Flask) -> None:
    seen: list[tuple[str, str]] = []
    forwarded = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "192.0.2.1"}
    for proxies in (0, 1):
        app = make_app(dataclasses.replace(shared.config["PORTAL"], proxies=proxies, page_cache_mb=0))

        @app.before_request
        def look() -> None:
            import flask

            seen.append((str(flask.request.remote_addr), flask.request.scheme))

        raw(app, b"/about", **forwarded)
    assert seen == [("192.0.2.1", "http"), ("203.0.113.9", "https")]


def test_a_body_on_a_page_is_no_trouble(client: FlaskClient) -> None:
    for kind in ("application/json", "multipart/form-data", "text/xml", "x" * 500):
        assert client.post("/search", data=b"\xff" * 2_000, content_type=kind).status_code == 405
        assert client.get("/search", data=b"\xff" * 2_000, content_type=kind).status_code == 200
    assert text(client.get("/search", headers={"Accept-Language": "xx;q=9" * 500, "Cookie": "a=" + "b" * 5_000}))


def test_settings_are_not_shown(client: FlaskClient, settings: Settings) -> None:
    for path in ("/.env", "/.git/config", "/var/portal.sqlite3", "/wsgi.py", "/console", "/__debug__/"):
        assert client.get(path).status_code == 404
