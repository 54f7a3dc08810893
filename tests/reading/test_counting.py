"""Reads and searches are told by the page itself, counted once a day for each reader, and cost nobody anything."""

from __future__ import annotations

import dataclasses
import html
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from portal.articles import services
from portal.articles.models import Read, SearchTerm, Seen, Sender
from portal.articles.rules import MOST_NOTES, NOT_KEPT
from portal.core import database
from portal.core.database import db
from portal.core.settings import Audience
from portal.reading.views import counting
from portal.reading.views.counting import MOST_WAITING, Notebook, notebook
from tests.conftest import POSTGRES, make_app
from tests.reading.helpers import attribute, guarded, text
from tests.reading.site import Site
from tests.threads import at_once

HERE = "/articles/hang-up"
PHONE = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
BROWSER = {
    "User-Agent": PHONE,
    "Origin": "http://localhost",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Dest": "empty",
}
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""In Asia/Shanghai."""


def tell(
    reader: FlaskClient,
    at: str = f"{HERE}/read",
    *,
    address: str = "192.0.2.7",
    headers: dict[str, str] | None = None,
    data: dict[str, str] | None = None,
) -> int:
    """Send what the page's script sends, and have it written down now."""
    sent = BROWSER if headers is None else headers
    answer = reader.post(at, headers=sent, data=data, environ_base={"REMOTE_ADDR": address})
    notebook(reader.application).flush()
    return answer.status_code


def sums(site: Site) -> list[tuple[Any, ...]]:
    statement = sa.select(Read.audience, Read.locale, Read.reads, Read.completions).order_by(Read.day)
    return [tuple(row) for row in site.do(lambda session: session.execute(statement).all())]


def days(site: Site) -> list[tuple[str, int]]:
    found = site.do(lambda session: session.execute(sa.select(Read.day, Read.reads).order_by(Read.day)).all())
    return [(day.isoformat(), reads) for day, reads in found]


def rows(site: Site, table: Any) -> int:
    return site.do(lambda session: session.scalar(sa.select(sa.func.count()).select_from(table))) or 0


# --- reads --------------------------------------------------------------------------------------------------------


def test_a_reader_counts_once_a_day_and_another_one_too(site: Site) -> None:
    reader = site.reader()
    assert [tell(reader) for _ in range(3)] == [204] * 3
    assert sums(site) == [("general", "zh-Hans", 1, 0)]
    assert tell(reader, f"{HERE}/completed") == 204
    assert tell(reader, f"{HERE}/completed") == 204
    assert sums(site) == [("general", "zh-Hans", 1, 1)]
    tell(reader, address="192.0.2.8")
    tell(reader, headers={**BROWSER, "User-Agent": PHONE.replace("12", "13")})
    assert sums(site) == [("general", "zh-Hans", 3, 1)]
    # Several of one person's addresses are one.
    tell(reader, address="2001:db8:1:2::1")
    tell(reader, address="2001:db8:1:2::9")
    assert sums(site) == [("general", "zh-Hans", 4, 1)]


def test_the_answer_is_empty_and_sets_nothing(site: Site) -> None:
    answer = site.reader().post(f"{HERE}/read", headers=BROWSER)
    assert (answer.status_code, answer.get_data(), answer.headers.getlist("Set-Cookie")) == (204, b"", [])
    assert (answer.headers["Cache-Control"], guarded(answer)) == ("no-store", {})


def test_whoever_came_to_the_end_has_read_it(site: Site) -> None:
    reader = site.reader()
    tell(reader, f"{HERE}/completed")
    tell(reader)
    assert sums(site) == [("general", "zh-Hans", 1, 1)]


def test_notes_of_one_moment_are_one_reader(site: Site) -> None:
    reader = site.reader()
    for what in ("read", "completed", "read"):
        reader.post(f"{HERE}/{what}", headers=BROWSER)
    notebook(reader.application).flush()
    assert sums(site) == [("general", "zh-Hans", 1, 1)]


def test_the_edition_that_was_shown_is_counted(site: Site) -> None:
    site.publish("two-editions", audiences=(Audience.GENERAL, Audience.ELDERLY))
    reader = site.reader()
    for place in ("/elderly", "/zh-Hant/elderly", "/en/elderly", "/youth", ""):
        tell(reader, f"{place}/articles/two-editions/read")
    # zh-Hant is made of zh-Hans, English falls back, youth has none of its own; one reader counts once for each.
    assert sorted(sums(site)) == [("elderly", "zh-Hans", 1, 0), ("general", "zh-Hans", 1, 0)]
    tell(reader, "/elderly/articles/hang-up/read")
    assert sorted(sums(site)) == [("elderly", "zh-Hans", 1, 0)] + [("general", "zh-Hans", 1, 0)] * 2


def test_a_day_ends_at_midnight_where_the_site_is(site: Site) -> None:
    reader = site.reader()
    for at in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT, MIDNIGHT + timedelta(hours=23)):
        with time_machine.travel(at, tick=False):
            tell(reader)
    assert days(site) == [("2026-11-22", 1), ("2026-11-23", 1)]


def test_no_digest_is_left_when_the_day_is_over(site: Site) -> None:
    reader = site.reader()
    with time_machine.travel(MIDNIGHT - timedelta(minutes=1), tick=False):
        tell(reader, f"{HERE}/completed")
    zone = site.app.config["PORTAL"].timezone
    forget = partial(services.forget_senders, zone=zone)
    site.do(lambda session: forget(session, at=MIDNIGHT - timedelta(seconds=1)))
    assert rows(site, Seen) == 2, "they last for their day"
    site.do(lambda session: forget(session, at=MIDNIGHT))
    left = "SELECT (SELECT count(*) FROM articles_seen) + (SELECT count(*) FROM articles_salt)"
    assert site.do(lambda session: session.scalar(sa.text(left))) == 0
    assert sums(site) == [("general", "zh-Hans", 1, 1)]


def test_the_first_read_of_a_day_throws_away_the_day_before(site: Site) -> None:
    reader = site.reader()
    with time_machine.travel(NOON, tick=False):
        tell(reader)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        tell(reader)
    assert site.do(lambda session: [day.isoformat() for day in session.scalars(sa.select(Seen.day))]) == ["2026-11-23"]


def test_a_note_of_a_day_whose_salt_is_gone_is_not_counted(site: Site) -> None:
    """It would count a reader again who was counted already."""
    reader = site.reader()
    with time_machine.travel(MIDNIGHT - timedelta(seconds=1), tick=False):
        tell(reader)
        reader.post(f"{HERE}/read", headers=BROWSER)
    with time_machine.travel(MIDNIGHT + timedelta(seconds=1), tick=False):
        site.do(lambda session: services.forget_senders(session, zone=site.app.config["PORTAL"].timezone, at=MIDNIGHT))
        notebook(reader.application).flush()
    assert (days(site), rows(site, Seen)) == ([("2026-11-22", 1)], 0)


def test_nothing_stored_tells_who_it_was(site: Site) -> None:
    tell(site.reader(), address="203.0.113.99")
    for table in ("articles_read", "articles_seen", "articles_sender", "articles_salt"):
        found = site.do(lambda session, table=table: session.execute(sa.text(f"SELECT * FROM {table}")).all())
        assert found
        assert "203.0.113.99" not in str(found)
        assert "Android" not in str(found)


BOTS = ["", " ", "Googlebot/2.1", "Mozilla/5.0 (compatible; Baiduspider/2.0)", "curl/8.5", "python-requests/2",
        "Mozilla/5.0 HeadlessChrome/120", "Sogou web spider/4.0", "facebookexternalhit/1.1"]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "counted"),
    [
        (BROWSER, True),
        ({"User-Agent": PHONE, "Origin": "http://localhost"}, True),
        ({"User-Agent": PHONE}, False),
        ({**BROWSER, "Sec-Fetch-Site": "cross-site"}, False),
        ({**BROWSER, "Sec-Fetch-Site": "none"}, False),
        ({**BROWSER, "Sec-Fetch-Mode": "navigate"}, False),
        ({**BROWSER, "Sec-Purpose": "prefetch;prerender"}, False),
        ({**BROWSER, "Purpose": "prefetch"}, False),
        ({"User-Agent": PHONE, "Origin": "https://evil.example"}, False),
        ({name: value for name, value in BROWSER.items() if name != "User-Agent"} | {"User-Agent": ""}, False),
        *[({**BROWSER, "User-Agent": agent}, False) for agent in BOTS],
    ],
)
def test_only_a_readers_browser_is_counted(site: Site, headers: dict[str, str], counted: bool) -> None:
    assert tell(site.reader(), headers=headers) == 204
    assert sums(site) == ([("general", "zh-Hans", 1, 0)] if counted else [])


def test_what_is_not_public_is_not_counted(site: Site) -> None:
    site.withdraw(site.publish("old-story"))
    reader = site.reader()
    assert [tell(reader, f"/articles/{slug}/read") for slug in ("nowhere", "old-story")] == [204, 204]
    assert sums(site) == []
    assert reader.get(f"{HERE}/read").status_code == 405
    assert reader.put(f"{HERE}/completed").status_code == 405
    assert reader.post("/articles/Hang-Up/read").status_code == 404


def test_one_place_is_counted_so_often_in_an_hour(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.reads, "MOST_NOTES", 3)
    reader = site.reader()
    agents = [{**BROWSER, "User-Agent": f"{PHONE} {number}"} for number in range(5)]
    with time_machine.travel(NOON, tick=False):
        assert [tell(reader, headers=agent) for agent in agents] == [204] * 5
        assert sums(site) == [("general", "zh-Hans", 3, 0)]
        tell(reader, address="192.0.2.8")
        assert sums(site) == [("general", "zh-Hans", 4, 0)]
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        tell(reader, headers=agents[4])
    assert sums(site) == [("general", "zh-Hans", 5, 0)]
    assert MOST_NOTES > 500, "a full hall behind one address"


def test_readers_at_once_count_once_each(site: Site) -> None:
    """Two processes, as two servers are."""
    readers = [site.reader() for _ in range(4)]

    def send(reader: FlaskClient, address: str) -> int:
        return tell(reader, f"{HERE}/completed", address=address)

    def all_at_once(addresses: list[str]) -> list[Any]:
        with site.app.app_context():
            return at_once(site.app, *[partial(send, *one) for one in zip(readers, addresses, strict=True)])

    assert all_at_once(["192.0.2.1"] * 4) == [204] * 4
    assert sums(site) == [("general", "zh-Hans", 1, 1)]
    # The control: it is the place that makes them one.
    assert all_at_once([f"192.0.2.{number}" for number in range(2, 6)]) == [204] * 4
    assert sums(site) == [("general", "zh-Hans", 5, 5)]


@pytest.mark.skipif(bool(POSTGRES), reason="about SQLite's lock; this run is PostgreSQL")
def test_a_locked_database_keeps_nobody_waiting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = site.reader()
    reader.get(HERE)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    with reader.application.app_context():
        db.engine.dispose()
    path = site.app.config["PORTAL"].data / "portal.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        assert tell(reader) == 204
        locker.execute("ROLLBACK")
    assert sums(site) == []
    tell(reader)
    assert sums(site) == [("general", "zh-Hans", 1, 0)]


def test_it_is_written_down_without_being_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "GATHER_S", 0)
    reader = site.reader()
    reader.post(f"{HERE}/read", headers=BROWSER)
    thread = notebook(reader.application)._thread
    if thread is not None:
        thread.join(30)
    assert sums(site) == [("general", "zh-Hans", 1, 0)]
    assert notebook(reader.application)._thread is None


def test_notes_do_not_fill_the_memory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Notebook(site.app)
    monkeypatch.setattr(counting, "MOST_WAITING", 3)
    # Nobody writes while this does.
    with book._writing:
        for number in range(5):
            book.note(services.Asked("192.0.2.7", f"{PHONE} {number}", NOON, "转账", False))
        assert len(book._waiting) == 3
    assert MOST_WAITING >= 1_000


# --- the pages ----------------------------------------------------------------------------------------------------


def test_the_page_says_how_long_it_takes(site: Site) -> None:
    page = text(site.reader().get(HERE))
    (minutes,) = attribute(page, r'<article id="article"[^>]* data-behaviour="counted" data-minutes="(\d+)"')
    assert int(minutes) >= 1


def test_reads_do_not_empty_the_page_cache(site: Site) -> None:
    reader = site.reader()
    tag = reader.get(HERE).headers["ETag"]
    tell(reader)
    assert reader.get(HERE).headers["ETag"] == tag
    assert reader.get(HERE, headers={"If-None-Match": tag}).status_code == 304


# --- searches -----------------------------------------------------------------------------------------------------


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Return where the page of a search tells what was asked, and the form that it sends."""
    found = attribute(page, r'<h1 data-behaviour="counted" data-place="([^"]+)" data-form="([^"]+)">')
    ((place, form),) = found  # type: ignore[misc]  # two groups
    return place, dict(parse_qsl(html.unescape(form)))


def ask(reader: FlaskClient, question: str, *, edition: str = "", **sender: Any) -> int:
    place, form = form_of(text(reader.get(f"{edition}/search", query_string={"q": question})))
    assert place == f"{edition}/search/asked"
    return tell(reader, place, data=form, **sender)


def terms(site: Site) -> list[tuple[Any, ...]]:
    columns = (SearchTerm.term, SearchTerm.times, SearchTerm.found_nothing)
    statement = sa.select(*columns).order_by(SearchTerm.term)
    return [tuple(row) for row in site.do(lambda session: session.execute(statement).all())]


def test_a_question_counts_once_a_day_for_each_reader(site: Site) -> None:
    reader = site.reader()
    assert ask(reader, "挂断") == 204
    # Another spelling, in another edition, is the same question.
    assert ask(reader, " 掛斷 ", edition="/zh-Hant/elderly") == 204
    assert terms(site) == [("挂断", 1, 0)]
    ask(reader, "挂断", address="192.0.2.8")
    ask(reader, "QZQZ")
    assert terms(site) == [("qzqz", 1, 1), ("挂断", 2, 0)]


@pytest.mark.parametrize("question", ["13800138000", "138 0013 8000怎么办", "a.b@example.org", "evil.top/x",
                                      "https://evil.example", "工号１２３４５", "一三八零零一三八"])  # fmt: skip
def test_what_may_name_somebody_is_counted_without_its_words(site: Site, question: str) -> None:
    reader = site.reader()
    page = text(reader.get("/search", query_string={"q": question}))
    assert form_of(page)[1]["term"] == NOT_KEPT
    ask(reader, question)
    assert terms(site) == [(NOT_KEPT, 1, 1)]


def test_only_what_the_search_has_answered_is_counted(site: Site) -> None:
    reader = site.reader()
    place, form = form_of(text(reader.get("/search?q=挂断")))
    for changed in ({"term": "别的"}, {"nothing": "1"}, {"seal": ""}, {"seal": "假"}, {"term": ""}):
        assert tell(reader, place, data={**form, **changed}) == 204
    assert tell(reader, place, data={}) == 204
    assert terms(site) == []
    assert tell(reader, place, data=form) == 204
    assert terms(site) == [("挂断", 1, 0)]
    assert reader.get(place).status_code == 405


def test_a_bot_that_searches_is_not_counted(site: Site) -> None:
    ask(site.reader(), "挂断", headers={**BROWSER, "User-Agent": "Googlebot"})
    ask(site.reader(), "挂断", headers={"User-Agent": PHONE})
    assert (terms(site), rows(site, Sender)) == ([], 0)


@pytest.mark.parametrize("query", ["", "?q=", "?q=+", "?q=挂断&page=2", "?q=挂断&topic=fraud"])
def test_only_the_first_page_of_a_question_tells_it(site: Site, query: str) -> None:
    assert 'data-behaviour="counted"' not in text(site.reader().get(f"/search{query}"))


def test_the_page_of_a_search_is_kept_and_the_same_for_everybody(site: Site) -> None:
    one = make_app(dataclasses.replace(site.app.config["PORTAL"], page_cache_mb=0)).test_client()
    first, other = one.get("/search?q=挂断"), site.reader().get("/search?q=挂断")
    assert first.get_data() == other.get_data()
    assert "public" in other.headers["Cache-Control"]
