"""Every page in every edition: it works, refuses what it must, and may be cached."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.settings import Settings
from tests.conftest import make_app
from tests.factories import ARTICLE, edition
from tests.reading.helpers import API, EDITIONS, PAGES, SINGLE, attribute, guarded, place, take_in, text


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_pages_in_every_edition(client: FlaskClient, locale: str, audience: str) -> None:
    for path in PAGES:
        at = place(path, locale, audience)
        page = text(client.get(at))
        if path.endswith(".svg"):
            continue
        shown = attribute(page, r'(?:<html lang|xml:lang)="([^"]+)"')[0]
        assert (at, shown) == (at, locale)
        assert client.head(at).status_code == 200
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(at)
            assert (at, answer.status_code) == (at, 405)
            assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", [*SINGLE, *API, "/healthz"])
def test_what_exists_once(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
@pytest.mark.parametrize(
    "path",
    [
        "/articles/none",
        "/articles/none/qr.svg",
        "/articles/none/leaflet",
        "/topics/none",
        "/topics/none/feed.xml",
        "/x",
    ],
)
def test_what_is_missing_offers_a_search(client: FlaskClient, path: str, locale: str, audience: str) -> None:
    answer = client.get(place(path, locale, audience))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert attribute(page, r'<html lang="([^"]+)"') == [locale]
    assert attribute(page, r'role="search" action="([^"]+)"') == [place("/search", locale, audience)]
    assert attribute(page, r"<h1>([^<]+)</h1>") == [
        {"zh-Hans": "没有这个页面", "zh-Hant": "沒有這個頁面", "en": "This page does not exist"}[locale]
    ]


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("/zh-Hans/", "/"),
        ("/general/", "/"),
        ("/zh-Hans/general/", "/"),
        ("/zh-Hans/hotlines", "/hotlines"),
        ("/general/topics/fraud", "/topics/fraud"),
        ("/zh-Hans/general/articles/brushing-orders", "/articles/brushing-orders"),
        ("/zh-Hans/elderly/search?q=%E5%88%B7&page=2", "/elderly/search?q=%E5%88%B7&page=2"),
        ("/en/general/about", "/en/about"),
        ("/zh-Hant/general/feed.xml", "/zh-Hant/feed.xml"),
    ],
)
def test_defaults_are_left_out_of_addresses(client: FlaskClient, long: str, short: str) -> None:
    answer = client.get(long)
    assert (answer.status_code, answer.headers["Location"]) == (301, short)
    assert client.get(short).status_code == 200


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_old_names_lead_on_in_every_edition(app: Flask, tmp_path: Path, locale: str, audience: str) -> None:
    moved = ARTICLE + "former_slugs: [old-name]\n"
    client = take_in(app, tmp_path / "p", {"new-name": {"article.yaml": moved, "general.zh-Hans.md": edition()}})
    for tail in ("", "/qr.svg", "/leaflet"):
        answer = client.get(place("/articles/old-name" + tail, locale, audience))
        there = place("/articles/new-name" + tail, locale, audience)
        assert (answer.status_code, answer.headers["Location"]) == (301, there)
        assert client.get(there).status_code == 200


@pytest.mark.parametrize(("locale", "audience"), [("zh-Hans", "general"), ("en", "elderly"), ("zh-Hant", "youth")])
def test_pages_may_be_cached_and_are_asked_for_again(client: FlaskClient, locale: str, audience: str) -> None:
    for path in [*(place(one, locale, audience) for one in PAGES), *SINGLE, *API]:
        for codings in ("identity", "gzip", "br"):
            answer = client.get(path, headers={"Accept-Encoding": codings})
            tag = answer.headers["ETag"]
            assert (path, re.fullmatch(r'"[0-9a-f]+(-gz|-br)?"', tag) is not None) == (path, True)
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert answer.headers["Cache-Control"].startswith("public, max-age=")
            assert "Set-Cookie" not in answer.headers
            assert "Expires" not in answer.headers
            again = client.get(path, headers={"Accept-Encoding": codings, "If-None-Match": tag})
            if not path.startswith("/api/v1/search"):  # it says how long it took, where nothing keeps it
                assert (path, again.status_code, again.data) == (path, 304, b"")
            assert client.get(path, headers={"Accept-Encoding": codings, "If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nowhere",
        "/articles/none",
        "/static/none.png",
        "/static/favicon.svg",
        "/api/v1/articles/none",
        "/api/v1/search?limit=x",
        "/zh-Hans/",
        "/healthz",
        "/favicon.ico",
        "/robots.txt",
        "/articles/%00",
        "/%ff",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
def test_every_answer_is_guarded(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert guarded(answer) == {}
    assert "Set-Cookie" not in answer.headers
    assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]
    if answer.status_code >= 400:
        assert answer.headers["Cache-Control"] == "no-store"


def test_transport_security_only_where_the_site_is_secure(settings: Settings) -> None:
    import dataclasses

    plain = make_app(settings).test_client().get("/robots.txt")
    secure = make_app(dataclasses.replace(settings, public_url="https://example.org")).test_client().get("/robots.txt")
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_static_files_are_kept_by_their_digest(client: FlaskClient) -> None:
    page = text(client.get("/"))
    for path in set(attribute(page, r'(?:href|src)="(/(?:static|assets)/[^"#]+)')):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/favicon.svg").headers["Cache-Control"] == "public, max-age=3600"
    outside = ("/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static//etc/passwd", "/static/css/")
    for hostile in outside:
        assert client.get(hostile).status_code in (404, 308)


def test_the_pages_agree_with_the_policy(client: FlaskClient) -> None:
    """No inline style or script, no event attribute, no address of another site that the browser would load."""
    for locale, audience in EDITIONS:
        for path in PAGES[:10]:
            page = text(client.get(place(path, locale, audience)))
            assert attribute(page, r"<style|\sstyle=|\son[a-z]+=|javascript:") == []
            assert attribute(page, r'<script(?! src="/| type="module" src="/| type="application/ld\+json")[^>]*>') == []
            assert attribute(page, r'<(?:img|script|iframe|audio|video|source)[^>]+src="(?!/)([^"]+)"') == []
            assert attribute(page, r'<link rel="(?:stylesheet|icon|apple-touch-icon)" href="(?!/)([^"]+)"') == []
