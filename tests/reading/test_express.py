"""The short way to an article: the bytes of Flask's, nothing older than the database, and Flask for all the rest."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.articles import queries
from portal.articles.models import Revision
from portal.core import database
from portal.core.database import db, transaction
from portal.core.database.hot import SqliteFile
from portal.core.settings import AUDIENCES, LOCALES
from portal.reading.rules import keep_size
from portal.reading.views import express
from tests.conftest import POSTGRES, close_apps, make_app
from tests.factories import ARTICLE as ARTICLE_YAML
from tests.factories import TOPICS, edition, package
from tests.reading.helpers import EDITIONS, guarded, place
from tests.reading.test_hostile import raw

sqlite_only = pytest.mark.skipif(bool(POSTGRES), reason="about SQLite's file and locks; this run is PostgreSQL")
ARTICLE = "/articles/fake-police-safe-account"


class Ways:
    """An application without kept pages that counts how often Flask was entered."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.entered = 0
        layer: Any = app.wsgi_app
        while not isinstance(layer, express.Express):
            layer = layer._app
        self.express, self._flask = layer, layer._app
        layer._app = self._count

    def _count(self, environ: Any, start_response: Any) -> Any:
        self.entered += 1
        return self._flask(environ, start_response)

    def ask(self, target: str, **environ: Any) -> tuple[bool, tuple[int, dict[str, str], bytes]]:
        """Return whether Flask was left out, and the answer."""
        before = self.entered
        answer = raw(self.app, target.encode(), **environ)
        return self.entered == before, answer


def take_in(app: Flask, folder: Path, articles: dict[str, dict[str, str]], **files: str) -> None:
    result = app.test_cli_runner().invoke(args=["content", "import", str(package(folder, articles, **files))])
    assert result.exit_code == 0, result.output
    if POSTGRES:
        time.sleep(1.1)  # the version is asked for once a second


@pytest.fixture
def ways(shared: Flask) -> Iterator[Ways]:
    yield Ways(make_app(dataclasses.replace(shared.config["PORTAL"], page_cache_mb=0)))
    close_apps()


@pytest.fixture
def one(app: Flask, tmp_path: Path) -> Ways:
    """Return an installation with one article that was asked for once."""
    cold = make_app(dataclasses.replace(app.config["PORTAL"], page_cache_mb=0))
    take_in(cold, tmp_path / "first", {"one": {"general.zh-Hans.md": edition(title="第一个标题")}})
    ways = Ways(cold)
    ways.ask("/articles/one")
    assert ways.ask("/articles/one")[0]
    return ways


@pytest.mark.parametrize("size", ["", "?size=20", "?size=24", "?size=30"])
@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_both_ways_give_the_same_bytes(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, locale: str, audience: str, size: str
) -> None:
    with ways.app.app_context():
        slugs = sorted(queries.slugs(db.session()))
    assert len(slugs) > 5
    for slug in slugs:
        target = place(f"/articles/{slug}", locale, audience) + size
        first = ways.ask(target)[1]
        was_short, short = ways.ask(target)
        assert was_short, "the second page of its kind needs no Flask"
        with monkeypatch.context() as patch:
            patch.setattr(express.Express, "_page", lambda *_: None)
            was_short, long = ways.ask(target)
        assert not was_short
        assert first == short == long
        assert list(short[1].items()) == list(long[1].items()), "the headers stand in the same order"


@pytest.mark.parametrize("size", ["24", "30"])
def test_every_link_of_an_article_carries_the_text_size_on(ways: Ways, size: str) -> None:
    """A page is put together from pieces that were given the size one by one; none may be left out."""
    inside = 0
    with ways.app.app_context():
        slugs = sorted(queries.slugs(db.session()))
    for slug in slugs:
        page = ways.ask(f"/elderly/articles/{slug}?size={size}")[1][2].decode()
        assert keep_size(page, size) == page
        body = page.partition('<div class="prose">')[2].partition("</article>")[0]
        inside += body.partition('<section class="section')[0].count(f"?size={size}")
    assert inside > 0, "some links stand in the text itself"


@pytest.mark.parametrize("cache_mb", [0, 8])
def test_a_publication_is_seen_by_the_very_next_request(app: Flask, tmp_path: Path, cache_mb: int) -> None:
    ways = Ways(make_app(dataclasses.replace(app.config["PORTAL"], page_cache_mb=cache_mb)))
    for number in range(4):
        title, topic = f"第{number}个标题", f"第{number}个专题"
        articles = {"one": {"general.zh-Hans.md": edition(title=title)}}
        take_in(ways.app, tmp_path / str(number), articles, topics_yaml=TOPICS.replace("电话诈骗", topic))
        for _ in range(3):
            status, _headers, body = ways.ask("/articles/one")[1]
            assert status == 200
            assert f"<h1>{title}</h1>" in body.decode()
            assert topic in body.decode(), "what stands around the text is new as well"


def test_a_piece_that_nobody_made_yet_is_made_by_flask(one: Ways, tmp_path: Path) -> None:
    """It speaks the language of a request, so it cannot be made without one."""
    later = ARTICLE_YAML.replace(
        "evidence: secondary, checked_on: 2026-11-01", "evidence: primary, checked_on: 2026-11-02"
    )
    assert later != ARTICLE_YAML
    text = {"general.zh-Hans.md": edition()}
    take_in(one.app, tmp_path / "second", {"one": text, "two": {**text, "article.yaml": later}})
    one.ask("/articles/one")
    assert one.ask("/articles/one")[0]
    was_short, first = one.ask("/articles/two")
    assert not was_short
    assert "2026年11月2日" in first[2].decode()
    assert "text itself read" not in first[2].decode()
    assert one.ask("/articles/two") == (True, first)


def test_no_text_of_an_article_is_kept(one: Ways) -> None:
    """Not even the version moves: whoever keeps a text, or a page, fails here."""
    for words in ("甲乙丙", "丁戊己"):
        with one.app.app_context(), transaction() as unit:
            unit.execute(sa.update(Revision).values(html=f"<p>{words}</p>", title=f"标题{words}"))
        was_short, (_status, _headers, body) = one.ask("/articles/one")
        assert was_short
        assert f"<p>{words}</p>" in body.decode()
        assert f"<h1>标题{words}</h1>" in body.decode()


def test_what_is_withdrawn_is_gone_for_the_very_next_request(one: Ways, tmp_path: Path) -> None:
    take_in(one.app, tmp_path / "second", {"one": {"general.zh-Hans.md": edition(status="draft")}})
    assert [one.ask("/articles/one")[1][0] for _ in range(3)] == [404] * 3


@pytest.mark.parametrize(
    ("target", "environ", "status"),
    [
        (ARTICLE, {"REQUEST_METHOD": "POST"}, 405),
        (ARTICLE, {"REQUEST_METHOD": "OPTIONS"}, 200),
        (ARTICLE, {"SCRIPT_NAME": "/below"}, 200),
        (ARTICLE + "?size=9", {}, 200),
        (ARTICLE + "?size=24&x=1", {}, 200),
        (ARTICLE + "/", {}, 404),
        ("/" + ARTICLE, {}, 200),
        ("/zh-Hans" + ARTICLE, {}, 301),
        ("/general" + ARTICLE, {}, 301),
        ("/elderly/en" + ARTICLE, {}, 404),
        ("/articles/", {}, 404),
        ("/articles/nowhere", {}, 404),
        ("/articles/Fake-Police-Safe-Account", {}, 404),
        (ARTICLE + "/qr.svg", {}, 200),
    ],
)
def test_whatever_is_out_of_the_ordinary_goes_to_flask(
    ways: Ways, target: str, environ: dict[str, str], status: int
) -> None:
    ways.ask(ARTICLE)
    assert ways.ask(ARTICLE)[0]
    was_short, (answered, headers, _body) = ways.ask(target, **environ)
    assert (was_short, answered) == (False, status)
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "TRACE"])
def test_only_get_goes_the_short_way_even_where_the_version_is_known(ways: Ways, method: str) -> None:
    ways.ask(ARTICLE)
    known = ways.app.extensions["reading"]._kept.version
    was_short, (status, _headers, body) = ways.ask(ARTICLE, REQUEST_METHOD=method, **{"portal.version": known})
    assert not was_short
    assert status == 200 if method == "OPTIONS" else status >= 400
    assert b"<article" not in body


def test_head_goes_the_short_way_as_well(ways: Ways) -> None:
    ways.ask(ARTICLE)
    _, (_status, headers, _body) = ways.ask(ARTICLE)
    was_short, (status, same, body) = ways.ask(ARTICLE, REQUEST_METHOD="HEAD")
    assert (was_short, status, body) == (True, 200, b"")
    assert same == headers


HOSTS = [
    "evil.example",
    "mingbai.example.evil.example",
    "mingbai..example",
    "x" * 64 + ".example",
    "a b",
    "[::1]:99999",
    "",
]


@pytest.mark.parametrize("trusted", [(), ("mingbai.example",)])
def test_a_host_is_answered_as_flask_answers_it(
    shared: Flask, monkeypatch: pytest.MonkeyPatch, trusted: tuple[str, ...]
) -> None:
    own = dataclasses.replace(shared.config["PORTAL"], page_cache_mb=0, trusted_hosts=trusted)
    ways = Ways(make_app(own))
    ways.ask(ARTICLE, HTTP_HOST="mingbai.example")
    was_short, (status, _headers, page) = ways.ask(ARTICLE, HTTP_HOST="mingbai.example:443")
    assert (was_short, status) == (True, 200)
    for host in HOSTS:
        for _ in range(2):
            answer = ways.ask(ARTICLE, HTTP_HOST=host)[1]
            with monkeypatch.context() as patch:
                patch.setattr(express.Express, "_page", lambda *_: None)
                assert ways.ask(ARTICLE, HTTP_HOST=host)[1] == answer
            assert answer[0] == 400 if trusted else answer[2] == page or answer[0] == 400


def test_hosts_do_not_fill_the_memory(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(express, "MOST_HOSTS", 3)
    for number in range(20):
        ways.ask(ARTICLE, HTTP_HOST=f"h{number}.example")
        assert len(ways.express._hosts) <= 3


def test_a_mistake_gets_the_error_page_of_flask(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise KeyError("broken")

    monkeypatch.setattr(express, "compose", fail)
    assert ways.ask(ARTICLE)[1][0] == 200, "the view still can"
    monkeypatch.setattr("portal.reading.views.article.compose", fail)
    for _ in range(2):
        answer = ways.app.test_client().get(ARTICLE)
        assert (answer.status_code, guarded(answer)) == (500, {})


@sqlite_only
def test_a_locked_database_is_a_503_and_over_when_it_is(one: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    with one.app.app_context():
        db.engine.dispose()
    path = one.app.config["PORTAL"].data / "portal.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        _, (status, headers, _body) = one.ask("/articles/one")
        assert (status, headers["Retry-After"]) == (503, "5")
        locker.execute("ROLLBACK")
    was_short, (status, _headers, _body) = one.ask("/articles/one")
    assert (was_short, status) == (True, 200)


@sqlite_only
def test_between_requests_nothing_is_held(one: Ways) -> None:
    path = one.app.config["PORTAL"].data / "portal.sqlite3"
    for _ in range(3):
        assert one.ask("/articles/one")[0]
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as locker:
            locker.execute("BEGIN EXCLUSIVE")
            locker.execute("ROLLBACK")


@sqlite_only
def test_a_restored_database_is_seen_by_every_page(one: Ways, tmp_path: Path) -> None:
    path = one.app.config["PORTAL"].data / "portal.sqlite3"
    shutil.copy(path, tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "backup", isolation_level=None)) as backup:
        backup.execute("UPDATE articles_revision SET title = '还原的标题'")
        backup.execute("UPDATE core_version SET number = number + 1000")
    os.replace(tmp_path / "backup", path)
    time.sleep(1.1)  # the file is looked at once a second
    for _ in range(2):
        assert "<h1>还原的标题</h1>" in one.ask("/articles/one")[1][2].decode()
        assert "还原的标题" in one.ask("/")[1][2].decode()
    assert one.ask("/articles/one")[0]


@sqlite_only
def test_both_reads_give_the_same_values(shared: Flask) -> None:
    file = SqliteFile(shared.config["PORTAL"].data / "portal.sqlite3")
    found = 0
    with shared.app_context():
        for slug in queries.slugs(db.session()):
            for locale in LOCALES:
                for audience in AUDIENCES:
                    one = queries.text(file, slug, audience=audience, locale=locale)
                    assert one == queries.text(db.engine, slug, audience=audience, locale=locale)
                    if one is not None:
                        found += 1
                        assert one.published_at.utcoffset() is not None
    assert found > 20
