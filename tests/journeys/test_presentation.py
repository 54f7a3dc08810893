"""Each edition is shown as it must be: sizes, lines, targets, contrast, stillness, as the browser computes them."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from tests.journeys.conftest import Open
from tests.journeys.pages import ARTICLE, CHINESE, DESKTOP, EDITIONS, PAGES, PHONE, UNFOLD, WIDTHS, place

LINES = """() => [...document.querySelectorAll('.prose :is(p, dd, li)')].filter(
  element => !element.querySelector('p, ul, ol, dl')).map(element => {
  const style = getComputedStyle(element);
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const lines = [];
  for (let node; (node = walker.nextNode());) for (let at = 0; at < node.data.length; at += 1) {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const box = range.getClientRects()[0];
    if (!box || !box.width) continue;
    const middle = (box.top + box.bottom) / 2;
    const line = lines.find(one => Math.abs(one.middle - middle) < box.height / 2);
    if (line) line.width += box.width, line.text += node.data[at];
    else lines.push({middle, width: box.width, text: node.data[at]});
  }
  const size = parseFloat(style.fontSize);
  return {size, height: parseFloat(style.lineHeight) / size, align: style.textAlign,
          longest: Math.max(0, ...lines.map(one => one.width / size))};
})"""

TARGETS = """() => {
  const seen = element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== 'hidden';
  };
  const inText = element => /^inline(-block)?$/.test(getComputedStyle(element).display) &&
    [...element.parentElement.childNodes].some(node =>
      node !== element && node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')]
    .filter(element => seen(element) && !element.matches('.skip') && !element.closest('[popover]:not(:popover-open)'))
    .map(element => {
      let box = element.getBoundingClientRect();
      const over = getComputedStyle(element, '::after');
      if (over.position === 'absolute' && over.content !== 'none')
        box = element.closest('li, .door-cell').getBoundingClientRect();
      const inside = inText(element);
      const rects = [...element.getClientRects()];
      const main = Boolean(element.closest('.site-header, .edition, .sizes, .doors, .help-line')) ||
        element.matches('.btn, .call');
      return {main, inside, name: element.textContent.trim().slice(0, 30) || element.name,
              kind: element.className, tag: element.tagName,
              width: inside ? Math.max(...rects.map(r => r.width)) : box.width,
              height: inside ? Math.min(...rects.map(r => r.height)) : box.height};
    });
}"""

MOVING = """() => ({
  running: document.getAnimations().length,
  lasting: [...document.querySelectorAll('*')].filter(e => {
    const s = getComputedStyle(e);
    return s.animationName !== 'none' || s.transitionDuration.split(',').some(d => parseFloat(d) > 0);
  }).map(e => e.tagName + '.' + e.className).slice(0, 5),
  playing: document.querySelectorAll('marquee, video, audio[autoplay], meta[http-equiv=refresh]').length,
})"""

EXPECTED = {
    # edition: (least size, most size, least line height, most, characters a line)
    "elderly": (20, 20, 1.8, 1.8, 26),
    "youth": (16, 18, 1.6, 1.7, 36),
    "new-resident": (16, 18, 1.6, 1.7, 32),
    "general": (16, 18, 1.6, 1.8, 40),
}


def lines(page: Page) -> list[dict[str, Any]]:
    """Return size, line height and longest line (in characters) of each paragraph of the text."""
    found: list[dict[str, Any]] = page.evaluate(LINES)
    assert found, "the page has no text"
    return found


@pytest.mark.parametrize("audience", CHINESE)
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_the_text_is_set_for_its_readers(reader: Open, audience: str, size: tuple[int, int]) -> None:
    low, high, least, most, characters = EXPECTED[audience]
    page = reader(size).open(place(ARTICLE, audience=audience))
    wrong = [
        one
        for one in lines(page)
        if not (low <= one["size"] and least - 0.001 <= one["height"] <= most + 0.001)
        or one["longest"] > characters + 0.01
        or one["align"] == "justify"
    ]
    assert wrong == []
    body = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert low <= body <= high


@pytest.mark.parametrize("step", ["20", "24", "30"])
@pytest.mark.parametrize("size", [(320, 640), PHONE, (768, 1024), DESKTOP])
def test_the_elderly_edition_at_every_step(reader: Open, step: str, size: tuple[int, int]) -> None:
    page = reader(size, java_script_enabled=True).open(place(ARTICLE, audience="elderly", size=step))
    found = lines(page)
    assert {one["size"] for one in found if one["size"] < float(step)} == set()
    assert max(one["longest"] for one in found) <= 26.01
    assert {round(one["height"], 2) for one in found} == {1.8}


@pytest.mark.parametrize("audience", CHINESE)
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_paragraphs_stand_apart(reader: Open, audience: str, size: tuple[int, int]) -> None:
    """From baseline to baseline across a gap: at least 1.5 times the line spacing."""
    page = reader(size).open(place(ARTICLE, audience=audience))
    gaps = page.evaluate(
        """() => [...document.querySelectorAll('.prose > p + p, .prose > p + ul, .prose > ul + p')].map(element => {
          const before = element.previousElementSibling.getBoundingClientRect().bottom;
          const line = parseFloat(getComputedStyle(element).lineHeight);
          return (element.getBoundingClientRect().top - before + line) / line;
        })"""
    )
    assert [gap for gap in gaps if gap < 1.5] == []


@pytest.mark.parametrize("audience", CHINESE)
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_whatever_is_pressed_is_large_enough(reader: Open, audience: str, size: tuple[int, int]) -> None:
    """All controls but words inside a sentence: 44 pixels, elderly 48 with 60 for the main ones."""
    visit = reader(size)
    small: list[str] = []
    for path in PAGES.values():
        page = visit.open(place(path, audience=audience))
        page.evaluate(UNFOLD)
        for one in page.evaluate(TARGETS):
            least = 44.0
            if audience == "elderly":
                least = 60.0 if one["main"] and not one["inside"] else 48.0
            if one["inside"] and audience != "elderly":
                continue
            narrow = one["width"] < least - 0.5 and not one["inside"]
            if one["height"] < least - 0.5 or narrow:
                size_seen = f"{one['width']:.0f}x{one['height']:.0f}"
                small.append(f"{path} {one['tag']} {one['kind']!r} {one['name']!r} {size_seen}")
    visit.complaints.clear()
    assert small == []


def test_nothing_moves_for_the_elderly(reader: Open) -> None:
    visit = reader(PHONE)
    for path in PAGES.values():
        page = visit.open(place(path, audience="elderly"))
        assert page.evaluate(MOVING) == {"running": 0, "lasting": [], "playing": 0}
    visit.complaints.clear()


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
def test_the_elderly_always_see_a_number_to_call(reader: Open, locale: str) -> None:
    visit = reader(PHONE)
    without = []
    for path in PAGES.values():
        if not visit.open(place(path, locale, "elderly")).locator("a[href^='tel:']").count():
            without.append(path)
    visit.complaints.clear()
    assert without == []


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_no_page_scrolls_sideways(reader: Open, locale: str, audience: str) -> None:
    visit = reader()
    wide: list[str] = []
    for path in PAGES.values() if locale != "zh-Hant" else [ARTICLE, "/", "/hotlines"]:
        for step in ("20", "30") if audience == "elderly" else ("20",):
            page = visit.open(place(path, locale, audience, **({"size": step} if step != "20" else {})))
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if extra > 0:
                    wide.append(f"{page.url} at {width}: {extra} px")
    visit.complaints.clear()
    assert wide == []


@pytest.mark.parametrize("step", ["20", "30"])
def test_the_elderly_header_leaves_room(reader: Open, step: str) -> None:
    """At most a fifth of a small phone's screen."""
    page = reader(PHONE).open(place(ARTICLE, audience="elderly", size=step))
    height = page.locator(".site-header").bounding_box()
    assert height is not None
    assert height["height"] <= PHONE[1] / 5


@pytest.mark.parametrize("audience", CHINESE)
def test_dark_follows_the_device_and_paper_is_white(reader: Open, audience: str) -> None:
    back = "getComputedStyle(document.body).backgroundColor"
    visit = reader(color_scheme="dark")
    page = visit.open(place(ARTICLE, audience=audience))
    assert max(map(int, re.findall(r"\d+", page.evaluate(back)))) < 60
    page.emulate_media(color_scheme="light")
    assert min(map(int, re.findall(r"\d+", page.evaluate(back)))) > 200
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(back) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    hidden = "e => [...document.querySelectorAll(e)].filter(x => x.getClientRects().length).length"
    for selector in (".site-header nav", ".skip", ".tools", ".toc", ".aside", ".share", ".themes", "#site-nav"):
        assert (selector, page.evaluate(hidden, selector)) == (selector, 0)
    assert page.locator(".prose p").first.is_visible()


@pytest.mark.parametrize("audience", CHINESE)
def test_a_leaflet_is_a4_in_large_type_with_a_code_to_its_edition(reader: Open, audience: str) -> None:
    visit = reader(DESKTOP)
    page = visit.open(place(f"{ARTICLE}/leaflet", audience=audience))
    page.emulate_media(media="print")
    least = 24 if audience == "elderly" else 21  # 18 and 16 points in CSS pixels, whole ones
    small = page.evaluate(
        """least => [...document.querySelectorAll('.leaflet :is(h1, h2, h3, p, li, dt, dd)')].filter(
             one => one.getClientRects().length && one.closest('.prose, .leaflet__words') && !one.matches('.key__label')
                    && parseFloat(getComputedStyle(one).fontSize) < least).map(one => one.outerHTML)""",
        least,
    )
    assert small == []
    code = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(".leaflet__qr").screenshot())))
    assert [urlsplit(one.text).path for one in code] == [place(ARTICLE, audience=audience)]
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert {(round(float(one.mediabox.width)), round(float(one.mediabox.height))) for one in sheets} == {(595, 842)}
    assert "96110" in "".join(one.extract_text() for one in sheets)
    assert page.locator(".paper-bar").is_hidden()
