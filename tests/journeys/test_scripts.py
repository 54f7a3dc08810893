"""What scripts add: suggestions, remembered choices, sharing, reading aloud, reading without a network."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.journeys.pages import ARTICLE, DESKTOP, EDITIONS, PHONE, place

KEPT = """async path => { while (!await caches.match(path)) await new Promise(done => requestAnimationFrame(done)); }"""
STORED = "() => Object.fromEntries(Object.entries(localStorage))"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_suggestions_by_keyboard(reader: Open, scheme: str) -> None:
    visit = reader(DESKTOP, color_scheme=scheme)
    page = visit.open("/")
    field = page.get_by_role("combobox")
    field.click()
    field.press_sequentially("fanzha", delay=5)
    field.fill("验证码")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    expect(field).to_be_focused()
    chosen = options.first.inner_text()
    expect(field).to_have_value(chosen)
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("验证码")
    field.press("ArrowDown")
    expect(options.first).to_be_visible()
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page).not_to_have_url(visit.site + "/")
    assert page.locator("h1").is_visible()


def test_what_was_typed_last_comes_back_from_an_older_list(reader: Open) -> None:
    page = reader(DESKTOP).open("/")
    field = page.get_by_role("combobox")
    field.click()
    field.fill("转账")
    expect(page.get_by_role("option").first).to_be_visible()
    # Before the list of the new words is there.
    field.fill("验证码")
    field.press("ArrowDown")
    field.press("Escape")
    expect(field).to_have_value("验证码")


def test_suggestions_stay_away_from_an_unfinished_syllable(reader: Open) -> None:
    visit = reader()
    page = visit.open("/")
    field = page.get_by_role("combobox")
    field.dispatch_event("compositionstart")
    field.fill("yan")
    field.dispatch_event("compositionend")
    expect(page.get_by_role("option").first).to_be_visible()
    assert len([one for one in visit.requests if "/api/v1/suggest" in one.url]) == 1


def test_the_text_size_is_remembered_in_the_browser_only(reader: Open) -> None:
    visit = reader(PHONE)
    page = visit.open("/elderly/")
    for size in (24, 30, 20, 30):
        page.locator(f".sizes a[data-size-choice='{size}']").click()
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == size
        expect(page.locator(".sizes a[aria-current]")).to_have_attribute("data-size-choice", str(size))
    assert page.url == visit.site + "/elderly/"
    page = visit.open(place(ARTICLE, audience="elderly"))
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 30
    assert page.evaluate(STORED) == {"mingbai.size.elderly": "30"}
    assert visit.context.cookies() == []
    assert [one.headers.get("cookie") for one in visit.requests if one.headers.get("cookie")] == []
    page = visit.open("/")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 17


def test_the_edition_is_offered_again_and_never_forced(reader: Open) -> None:
    visit = reader(PHONE)
    page = visit.open("/")
    expect(page.locator(".last:visible")).to_have_count(0)
    page.locator(".door[data-edition-choice='elderly']").click()
    expect(page).to_have_url(visit.site + "/elderly/")
    assert page.evaluate(STORED) == {"mingbai.edition": "elderly"}
    page = visit.open("/")
    assert page.url == visit.site + "/"
    expect(page.locator(".last:visible")).to_have_count(1)
    page.locator(".last--elderly a").click()
    expect(page).to_have_url(visit.site + "/elderly/")


def test_light_and_dark_can_be_chosen(reader: Open) -> None:
    visit = reader(DESKTOP, color_scheme="light")
    page = visit.open("/about")
    page.locator("[data-theme-choice='dark']").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page = visit.open(ARTICLE)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.locator("[data-theme-choice='']").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    assert page.evaluate(STORED) == {}


def test_the_link_is_copied(reader: Open) -> None:
    visit = reader(DESKTOP)
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visit.site)
    page = visit.open(place(ARTICLE, "en", "youth"))
    page.locator(".share summary").click()
    expect(page.locator(".share__qr")).to_be_visible()
    page.locator("[data-share=copy]").click()
    expect(page.locator(".share [role=status]")).to_have_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == visit.site + place(ARTICLE, "en", "youth")


def test_reading_aloud_is_offered_only_where_a_voice_exists(reader: Open) -> None:
    visit = reader(PHONE)
    page = visit.open(ARTICLE)
    expect(page.locator(".listen")).to_be_hidden()
    speaking = reader(PHONE)
    speaking.context.add_init_script(
        """const said = []; window.said = said;
        class Words { constructor(text) { this.text = text; } }
        Object.defineProperty(window, 'SpeechSynthesisUtterance', {value: Words});
        const none = () => {};
        Object.defineProperty(window, 'speechSynthesis', {value: {
          getVoices: () => [{lang: 'zh-CN', localService: true, name: 'x'}],
          speak: words => said.push(words), cancel: none, pause: none, resume: none, addEventListener: none}});"""
    )
    page = speaking.open(place(ARTICLE, audience="elderly"))
    page.locator("[data-listen=play]").click()
    expect(page.locator("[data-listen=stop]")).to_be_visible()
    assert page.evaluate("[said[0].text.length > 0, said[0].lang.slice(0, 2)]") == [True, "zh"]
    page.locator("[data-listen=stop]").click()
    expect(page.locator("[data-listen=play]")).to_be_visible()


@pytest.mark.parametrize(("locale", "audience"), [one for one in EDITIONS if one[0] != "zh-Hant"])
def test_without_a_network(reader: Open, locale: str, audience: str) -> None:
    visit = reader(PHONE, workers=True)
    page = visit.open(place("/about", locale, audience))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page = visit.open(place(ARTICLE, locale, audience))
    for path in (ARTICLE, "/offline"):
        page.evaluate(KEPT, place(path, locale, audience))
    title = page.locator("h1").inner_text()
    visit.context.set_offline(True)
    page = visit.open(place(ARTICLE, locale, audience))  # read before: still there
    assert page.locator("h1").inner_text() == title
    page = visit.open(place("/glossary", locale, audience))  # never opened
    expect(page.locator(".saa")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("html")).to_have_attribute("data-edition", audience)
    assert page.locator("a[href^='tel:']").count() > 0
    assert page.evaluate("getComputedStyle(document.querySelector('.saa')).display") == "grid"
    kept = page.evaluate(
        "caches.keys().then(names => Promise.all(names"
        ".map(name => caches.open(name).then(kept => kept.keys())))).then(all => all.flat()"
        ".map(one => new URL(one.url).pathname))"
    )
    assert [path for path in kept if path.startswith("/api/") or path.endswith("/search")] == []
    visit.context.set_offline(False)
    visit.complaints.clear()  # the browser remarks on what it could not fetch
