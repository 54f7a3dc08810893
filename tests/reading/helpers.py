"""Answers of the public site, and what to look for in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core.settings import AUDIENCES, LOCALES
from portal.reference.rules import address
from tests.conftest import make_app
from tests.factories import package

EDITIONS = [(locale.value, audience.value) for locale in LOCALES for audience in AUDIENCES]
PAGES = [
    "/",
    "/topics/",
    "/topics/fraud",
    "/articles/fake-police-safe-account",
    "/hotlines",
    "/glossary",
    "/about",
    "/offline",
    "/search",
    "/search?q=刷单",
    "/feed.xml",
    "/topics/fraud/feed.xml",
    "/articles/fake-police-safe-account/qr.svg",
    "/articles/fake-police-safe-account/leaflet",
]
SINGLE = ["/sitemap.xml", "/robots.txt", "/sw.js", "/assets/site.css"]
API = [
    "/api/v1/search",
    "/api/v1/suggest",
    "/api/v1/articles",
    "/api/v1/articles/fake-police-safe-account",
    "/api/v1/openapi.json",
]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def place(path: str, locale: str = "zh-Hans", audience: str = "general") -> str:
    """Return the address of a page in an edition."""
    return address(path, locale=locale, audience=audience)


def take_in(app: Flask, folder: Path, articles: dict[str, dict[str, str]], **files: str) -> FlaskClient:
    """Import a package with these articles and return a client of a process that starts after that.

    A process that runs already may take a second to see it on PostgreSQL.
    """
    result = app.test_cli_runner().invoke(args=["content", "import", str(package(folder, articles, **files))])
    assert result.exit_code == 0, result.output
    return make_app(app.config["PORTAL"]).test_client()


def text(answer: TestResponse) -> str:
    """Return the body as text, after looking that the page was found."""
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def attribute(page: str, pattern: str) -> list[str]:
    """Return what the group of `pattern` holds wherever it occurs."""
    return re.findall(pattern, page)


def guarded(answer: TestResponse) -> dict[str, Any]:
    """Return which security headers are missing or different."""
    wrong: dict[str, Any] = {
        name: answer.headers.get(name) for name, value in HEADERS.items() if answer.headers.get(name) != value
    }
    policy = answer.headers.get("Content-Security-Policy", "")
    directives = {part.split()[0] for part in policy.split(";") if part.strip()}
    if not {"default-src", "script-src", "style-src", "form-action", "base-uri", "frame-ancestors"} <= directives:
        wrong["Content-Security-Policy"] = policy
    if "unsafe" in policy or "*" in policy:
        wrong["Content-Security-Policy"] = policy
    if "Permissions-Policy" not in answer.headers:
        wrong["Permissions-Policy"] = None
    return wrong
