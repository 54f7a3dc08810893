"""What people come for, done as they do it: search in Chinese, read, change edition and language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.pages import ARTICLE, CHINESE, DESKTOP, EDITIONS, PHONE, place

SCREENS = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
OTHER = {"general": "elderly", "elderly": "youth", "youth": "new-resident", "new-resident": "general"}


def path(page: Page) -> str:
    """Return the path of the page that is shown."""
    return unquote(urlsplit(page.url).path)


def switch(page: Page, wanted: str) -> None:
    """Follow the link of the edition switch to `wanted`."""
    page.locator(f".edition a[data-edition-choice='{wanted}']").click()


@SCREENS
@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_search_read_change_edition_and_language(
    reader: Open, locale: str, audience: str, size: tuple[int, int]
) -> None:
    visit = reader(size)
    words = "safe account" if locale == "en" else "安全账户"
    page = visit.open(place("/", locale, audience))
    if audience == "elderly":  # large doors instead of a field; the search is one tap away
        page.locator(".site-footer .help-line a[href$='/search']").click()
    page.get_by_role("search").locator("input[type=search]").fill(words)
    page.get_by_role("search").locator("button[type=submit]").click()
    expect(page).to_have_url(visit.site + place("/search", locale, audience) + "?q=" + quote_plus(words))
    page.locator(".hits h3 a").first.click()
    assert path(page) == place(ARTICLE, locale, audience)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("html")).to_have_attribute("data-edition", audience)
    expect(page.locator(".key__text")).to_be_visible()
    first = page.locator("h1").inner_text()
    switch(page, OTHER[audience])
    assert path(page) == place(ARTICLE, locale, OTHER[audience])
    expect(page.locator("html")).to_have_attribute("data-edition", OTHER[audience])
    assert page.locator("h1").inner_text() != first
    other = {"zh-Hans": "en", "zh-Hant": "zh-Hans", "en": "zh-Hant"}[locale]
    page.locator(f".site-footer a[hreflang='{other}']").click()
    assert path(page) == place(ARTICLE, other, OTHER[audience])
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator("article")).to_have_attribute("lang", other)


@SCREENS
@pytest.mark.parametrize("audience", CHINESE)
def test_three_taps_to_the_right_number(reader: Open, audience: str, size: tuple[int, int]) -> None:
    visit = reader(size, java_script_enabled=False)
    page = visit.open(place(ARTICLE, audience=audience))
    page.locator("a[href$='/hotlines']").last.click()
    page.locator("#s-money-sent summary").click()
    call = page.locator("#s-money-sent a[href='tel:110']")
    expect(call).to_be_visible()
    page.locator(".finder__item summary").last.click()  # another situation closes the first
    expect(call).to_be_hidden()


@pytest.mark.parametrize("audience", CHINESE)
def test_everything_works_without_javascript(reader: Open, audience: str) -> None:
    visit = reader(PHONE, java_script_enabled=False)
    page = visit.open(place("/search", audience=audience))
    page.locator("input[name=q]").fill("pianzi 验证码")
    page.locator("input[name=q]").press("Enter")
    page.locator(".hits h3 a").first.click()
    expect(page.locator(".key__text")).to_be_visible()
    term = page.locator("button.term").first
    meaning = page.locator(f"#{term.get_attribute('popovertarget')}")
    expect(meaning).to_be_hidden()
    term.focus()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    meaning.get_by_role("button").click()
    expect(meaning).to_be_hidden()
    contents = page.locator("details.toc")
    if contents.count():
        contents.locator("summary").click()
        link = contents.locator("a").first
        target = link.get_attribute("href")
        assert target is not None
        link.click()
        assert unquote(urlsplit(page.url).fragment) == unquote(target[1:])
    for hidden in (".listen", ".themes", "[data-share]"):
        assert not any(one.is_visible() for one in page.locator(hidden).all())


def test_the_size_carries_on_without_javascript(reader: Open) -> None:
    visit = reader(PHONE, java_script_enabled=False)
    page = visit.open("/elderly/")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    page.locator(".sizes a[data-size-choice='30']").click()
    assert page.evaluate(size) == 30
    page.locator("a.door").first.click()
    page.locator(".article-card a").first.click()
    assert (page.evaluate(size), page.locator("html").get_attribute("data-size")) == (30, "30")
    page.locator(".sizes a[data-size-choice='24']").click()
    assert page.evaluate(size) == 24
    page.locator(".help-line a[href*='/search']").click()
    page.locator("input[name=q]").fill("验证码")
    page.locator("input[name=q]").press("Enter")
    assert page.evaluate(size) == 24
    page.locator(".hits h3 a").first.click()
    assert page.evaluate(size) == 24
    switch(page, "general")
    assert page.evaluate(size) == 17


@pytest.mark.parametrize("audience", CHINESE)
def test_the_keyboard_alone(reader: Open, audience: str) -> None:
    page = reader(DESKTOP).open(place(ARTICLE, audience=audience))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    places: list[Any] = []
    for _step in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement; if (!e || e === document.body) return null;
              const s = getComputedStyle(e), a = getComputedStyle(e, '::after'), box = e.getBoundingClientRect();
              const outline = [s, a].some(one => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2);
              const seen = box.bottom > 0 && box.top < innerHeight && box.width > 0;
              return {name: e.tagName + '.' + e.className, outline, seen,
                      order: [...document.querySelectorAll('*')].indexOf(e)}; }"""
        )
        if found is None:
            break
        places.append(found)
    assert [one["name"] for one in places if not (one["outline"] and one["seen"])] == []
    assert [one["order"] for one in places] == sorted(one["order"] for one in places)
    assert len(places) > 10


@pytest.mark.parametrize("audience", CHINESE)
def test_an_article_is_light(reader: Open, audience: str) -> None:
    visit = reader(PHONE)
    session = visit.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    visit.open(place(ARTICLE, audience=audience))
    visit.page.wait_for_load_state("networkidle")
    assert len(visit.requests) <= 15
    assert len(sizes) == len(visit.requests)
    assert sum(sizes) <= 60_000


def test_a_page_leaves_no_cookie(reader: Open) -> None:
    visit = reader(PHONE)
    visit.open(ARTICLE)
    visit.open("/search?q=96110")
    assert visit.context.cookies() == []
