"""The read API: its shapes, its description, its refusals."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.core.settings import ROOT
from portal.reading.views.openapi import DOCUMENT
from tests.reading.helpers import EDITIONS, place

PUBLIC = "https://mingbai.example"
SLUGS = sorted(path.name for path in (ROOT / "content" / "articles").iterdir())


def test_the_description_is_valid(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    OpenAPIV31SpecValidator(described).validate()
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": PUBLIC}]
    assert set(described["paths"]) >= {"/api/v1/search", "/api/v1/articles", "/api/v1/articles/{slug}"}


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_search_answers_in_the_agreed_shape(client: FlaskClient, locale: str, audience: str) -> None:
    sent = {"q": "安全账户" if locale != "en" else "safe account", "audience": audience, "locale": locale, "limit": "3"}
    found = client.get("/api/v1/search", query_string=sent).get_json()
    assert set(found) == {"results", "total", "took_ms"}
    assert 1 <= len(found["results"]) <= 3
    assert found["total"] >= len(found["results"])
    for hit in found["results"]:
        assert set(hit) == {"slug", "audience", "locale", "title", "summary", "score", "url"}
        assert hit["slug"] in SLUGS
        assert isinstance(hit["score"], float)
        assert client.get(hit["url"].removeprefix(PUBLIC)).status_code == 200
    first = found["results"][0]
    assert (first["slug"], first["audience"], first["locale"]) == ("fake-police-safe-account", audience, locale)


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_the_list_can_be_paged_through(client: FlaskClient, locale: str, audience: str) -> None:
    edition = {"audience": audience, "locale": locale}
    whole = client.get("/api/v1/articles", query_string={**edition, "limit": 100}).get_json()
    assert whole["total"] == len(whole["articles"]) == len(SLUGS)
    assert sorted(card["slug"] for card in whole["articles"]) == SLUGS
    paged: list[Any] = []
    for offset in range(0, len(SLUGS) + 2, 2):
        part = client.get("/api/v1/articles", query_string={**edition, "limit": 2, "offset": offset}).get_json()
        assert part["total"] == len(SLUGS)
        paged += part["articles"]
    assert paged == whole["articles"]
    chosen = client.get("/api/v1/articles", query_string={**edition, "topic": "fraud"}).get_json()
    assert 0 < chosen["total"] < len(SLUGS)
    assert client.get("/api/v1/articles?topic=none").get_json() == {"articles": [], "total": 0}


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_one_article(client: FlaskClient, locale: str, audience: str) -> None:
    for slug in SLUGS:
        one = client.get(f"/api/v1/articles/{slug}", query_string={"audience": audience, "locale": locale}).get_json()
        assert (one["slug"], one["audience"]) == (slug, audience)
        assert one["url"] == PUBLIC + place(f"/articles/{slug}", one["locale"], audience)
        assert one["html"].count("[[") == 0
        assert "<script" not in one["html"]
        assert one["key_message"]
        assert one["sources"]
        assert one["facts"]
        assert {(each["audience"], each["locale"]) for each in one["editions"]} >= {(audience, "zh-Hans")}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("search?audience=all", "audience"),
        ("search?locale=de", "locale"),
        ("search?locale=zh-hans", "locale"),
        ("search?limit=0", "limit"),
        ("search?limit=101", "limit"),
        ("search?limit=-1", "limit"),
        ("search?limit=１２", "limit"),
        ("search?limit=1.0", "limit"),
        ("search?limit=", "limit"),
        ("search?q=" + "a" * 101, "q"),
        ("suggest?audience=", "audience"),
        ("articles?offset=-1", "offset"),
        ("articles?offset=99999999999999", "offset"),
        ("articles/brushing-orders?locale=x", "locale"),
    ],
)
def test_a_bad_parameter_is_named(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get("/api/v1/" + path)
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.get_json()["error"]["parameter"] == name
    assert name in answer.get_json()["error"]["message"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_missing_and_forbidden_are_json(client: FlaskClient) -> None:
    for path, method, status in (("articles/none", "GET", 404), ("none", "GET", 404), ("search", "POST", 405)):
        answer = client.open(f"/api/v1/{path}", method=method)
        assert (answer.status_code, answer.get_json()["error"]["status"]) == (status, status)


def test_nothing_was_asked(client: FlaskClient) -> None:
    assert client.get("/api/v1/search").get_json()["results"] == []
    assert client.get("/api/v1/suggest").get_json() == {"suggestions": []}


schema = schemathesis.openapi.from_dict({**DOCUMENT, "servers": [{"url": "http://localhost"}]})


@schema.parametrize()
@hypothesis.settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None
)
def test_answers_keep_to_the_description(case: schemathesis.Case, shared: Flask) -> None:
    case.call_and_validate(app=shared, headers={"Accept-Encoding": "identity"})
