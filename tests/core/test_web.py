"""What every answer has in common: headers, caching, and error pages that never fail."""

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.access import public
from portal.core.settings import Settings
from portal.core.web import SECURITY_HEADERS, bare_path
from tests.conftest import make_app

EVERY_KIND = ["/", "/en/elderly/", "/search?q=x", "/assets/site.css", "/static/favicon.svg", "/healthz", "/robots.txt",
              "/api/v1/articles", "/nothing", "/en/articles/nothing", "/zh-Hans/", "/api/v1/nothing"]  # fmt: skip


@pytest.mark.parametrize("path", EVERY_KIND)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
def test_every_answer_carries_every_security_header(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers.getlist("Set-Cookie") == []
    assert answer.status_code < 500


def test_the_policy_allows_nothing_inline_and_nothing_from_outside() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}
    assert (rules["base-uri"], rules["frame-ancestors"], rules["form-action"]) == ("'none'", "'none'", "'self'")


@pytest.mark.parametrize(
    ("url", "header"),
    [("https://example.org", "max-age=31536000; includeSubDomains"), ("http://example.org", None), ("", None)],
)
def test_https_is_asked_for_where_the_site_has_it(settings: Settings, url: str, header: str | None) -> None:
    client = make_app(dataclasses.replace(settings, public_url=url)).test_client()
    found = {client.get(path).headers.get("Strict-Transport-Security") for path in ("/robots.txt", "/nothing")}
    assert found == {header}


@pytest.mark.parametrize(
    ("path", "lang", "edition", "home"),
    [
        ("/nothing", "zh-Hans", "general", 'href="/"'),
        ("/en/nothing", "en", "general", 'href="/en/"'),
        ("/zh-Hant/youth/nothing", "zh-Hant", "youth", 'href="/zh-Hant/youth/"'),
        ("/elderly/nothing", "zh-Hans", "elderly", 'href="/elderly/"'),
        ("/en/new-resident/articles/nothing", "en", "new-resident", 'href="/en/new-resident/"'),
        ("/en/elderly/a/b/c/youth", "en", "elderly", 'href="/en/elderly/"'),
        ("/english/nothing", "zh-Hans", "general", 'href="/"'),
    ],
)
def test_a_missing_page_speaks_the_language_and_edition_of_its_address(
    client: FlaskClient, path: str, lang: str, edition: str, home: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert f'<html lang="{lang}" data-edition="{edition}">' in answer.text
    assert home in answer.text
    assert 'role="search"' in answer.text


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.post("/en/")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_crash_tells_nothing_and_is_logged(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @public
    def view() -> str:
        raise ZeroDivisionError("secret-detail")

    app.testing = False
    app.add_url_rule("/en/crash", view_func=view)
    app.add_url_rule("/api/v1/crash", endpoint="api-crash", view_func=view)
    page, api = app.test_client().get("/en/crash"), app.test_client().get("/api/v1/crash")
    assert (page.status_code, "secret-detail" in page.text, "<h1>Something went wrong here</h1>" in page.text) == (
        500, False, True,
    )  # fmt: skip
    assert (api.status_code, api.json) == (500, {"error": {"status": 500}})
    assert {name: page.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "secret-detail" in caplog.text


@pytest.mark.parametrize(
    ("path", "bare"),
    [
        ("/", "/"),
        ("/en/", "/"),
        ("/en/elderly/articles/a", "/articles/a"),
        ("/youth/topics", "/topics"),
        ("/elderly/en/", "/en/"),
        ("/english/a", "/english/a"),
    ],
)
def test_an_address_loses_its_language_and_edition_in_that_order(path: str, bare: str) -> None:
    assert bare_path(path) == bare
