"""Pages of lectures as tests read them, on a Monday at 10."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient

from portal.core.settings import AUDIENCES, LOCALES
from tests.events.hall import AT

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EDITIONS = [(locale, audience) for locale in LOCALES for audience in AUDIENCES]
PAGES = ("/events/", "/events/calendar", "/events/one")


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    """Let it be Monday, 10 in the morning."""
    with time_machine.travel(AT, tick=False):
        yield


def page(client: FlaskClient, path: str) -> str:
    """Return a page that is there."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status)
    return answer.text


def names(html: str) -> list[str]:
    """Return the lectures of a list, in its order."""
    main = html.partition("<main")[2].partition("</main")[0]
    return re.findall(r'href="(?:/[a-zA-Z-]+)*/events/((?!calendar")[a-z0-9-]+)"', main)


def words(html: str) -> str:
    """Return the words of a page's body as they are read, with single spaces."""
    bare = re.sub(r"<[^>]+>", " ", "<main" + html.partition("<main")[2].partition("</main")[0])
    return " ".join(unescape(bare).split())
