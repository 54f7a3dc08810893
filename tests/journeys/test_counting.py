"""That a page is being read is told by the page, once, without cookies; nothing depends on it."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.conftest import POSTGRES, Templates
from tests.journeys.conftest import Open, Visit, served
from tests.journeys.pages import ARTICLE, PHONE, place

HIDDEN = """hidden => {
  Object.defineProperty(document, 'visibilityState', {value: hidden ? 'hidden' : 'visible', configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def told(visit: Visit) -> list[str]:
    """Return what the pages have told, in order."""
    return [one.url.removeprefix(visit.site) for one in visit.requests if one.method == "POST"]


def begin(visit: Visit, path: str) -> Page:
    """Open a page whose clock stands still, and wait until its script counts."""
    visit.page.clock.install(time=0)
    visit.page.clock.pause_at(1_000)
    page = visit.open(path)
    page.wait_for_load_state("networkidle")
    return page


def is_told(what: str) -> object:
    def fits(request: Request) -> bool:
        return request.method == "POST" and request.url.endswith(what)

    return fits


@pytest.mark.parametrize("audience", ["general", "elderly"])
def test_a_page_is_read_once_and_completed_at_its_end(reader: Open, audience: str) -> None:
    visit = reader(PHONE)
    here = place(ARTICLE, audience=audience)
    page = begin(visit, here)
    minutes = int(page.locator("#article").get_attribute("data-minutes") or 0)
    assert told(visit) == []
    with page.expect_request(is_told("/read")) as found:
        page.clock.run_for(5_000)
    answer = found.value.response()
    assert answer is not None
    assert answer.status == 204
    assert "cookie" not in found.value.all_headers()
    assert found.value.all_headers()["sec-fetch-site"] == "same-origin"
    page.clock.run_for(minutes * 20_000)
    assert told(visit) == [f"{here}/read"], "the end has not been on the screen"
    with page.expect_request(is_told("/completed")):
        page.locator("#phones").scroll_into_view_if_needed()
    page.clock.run_for(600_000)
    assert told(visit) == [f"{here}/read", f"{here}/completed"]
    assert visit.context.cookies() == []
    assert page.evaluate("Object.keys(localStorage)") == []


def test_the_end_alone_is_no_reading(reader: Open) -> None:
    visit = reader(PHONE)
    page = begin(visit, ARTICLE)
    page.locator("#phones").scroll_into_view_if_needed()
    minutes = int(page.locator("#article").get_attribute("data-minutes") or 0)
    with page.expect_request(is_told("/read")):
        page.clock.run_for(minutes * 20_000 - 2_000)
    assert told(visit) == [f"{ARTICLE}/read"], "faster than anybody reads"
    with page.expect_request(is_told("/completed")):
        page.clock.run_for(4_000)


def test_time_in_which_nobody_looks_does_not_count(reader: Open) -> None:
    visit = reader(PHONE)
    page = begin(visit, ARTICLE)
    page.clock.run_for(3_000)
    page.evaluate(HIDDEN, True)
    page.clock.run_for(60_000)
    page.evaluate(HIDDEN, False)
    page.clock.run_for(500)
    assert told(visit) == []
    with page.expect_request(is_told("/read")):
        page.clock.run_for(2_000)


def test_a_search_is_told_without_its_number(reader: Open) -> None:
    visit = reader(PHONE)
    page = begin(visit, place("/search", q="13800138000"))
    with page.expect_request(is_told("/search/asked")) as found:
        page.clock.run_for(1_500)
    answer = found.value.response()
    assert answer is not None
    assert answer.status == 204
    sent = dict(parse_qsl(found.value.post_data or ""))
    assert re.fullmatch("[0-9a-f]{64}", sent.pop("seal"))
    assert sent == {"term": "…", "nothing": "1"}
    assert told(visit) == ["/search/asked"]


def test_without_scripts_nothing_is_told_and_nothing_is_missing(reader: Open) -> None:
    visit = reader(PHONE, java_script_enabled=False)
    page = visit.open(ARTICLE)
    expect(page.locator("#phones")).to_be_visible()
    assert visit.open(place("/search", q="转账")).locator(".hits li").count() > 0
    assert told(visit) == []


def test_a_browser_without_beacons_complains_of_nothing(reader: Open) -> None:
    visit = reader(PHONE)
    visit.context.add_init_script("navigator.sendBeacon = undefined; delete window.IntersectionObserver;")
    page = begin(visit, ARTICLE)
    page.clock.run_for(600_000)
    assert told(visit) == []


@pytest.mark.skipif(bool(POSTGRES), reason="it looks into SQLite's file; this run is PostgreSQL")
def test_what_a_page_tells_arrives_in_the_figures(browser: Browser, template: Templates, tmp_path: Path) -> None:
    """One reader who opens the page twice, and a browser without a head that is none."""
    with served(template, tmp_path) as environ:
        usual = browser.new_context().new_page()
        agent = str(usual.evaluate("navigator.userAgent"))
        assert "Headless" in agent
        for name in (agent, agent.replace("Headless", ""), agent.replace("Headless", "")):
            context = browser.new_context(user_agent=name, service_workers="block")
            page = context.new_page()
            page.clock.install(time=0)
            page.clock.pause_at(1_000)
            page.goto(f"http://127.0.0.1:{environ['PORTAL_PORT']}{ARTICLE}", wait_until="networkidle")
            with page.expect_response(lambda answer: answer.url.endswith("/read")):
                page.clock.run_for(5_000)
            page.locator("#phones").scroll_into_view_if_needed()
            with page.expect_response(lambda answer: answer.url.endswith("/completed")):
                page.clock.run_for(600_000)
            context.close()
        with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database:
            limit, found = time.monotonic() + 30, None
            while found != (1, 1) and time.monotonic() < limit:
                found = database.execute("SELECT reads, completions FROM articles_read").fetchone()
        assert found == (1, 1)
