"""What machines read: feeds, sitemap, robots, structured data, codes to scan."""

from __future__ import annotations

import datetime
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from portal.core.settings import ROOT
from tests.factories import edition
from tests.reading.helpers import EDITIONS, attribute, place, take_in, text

PUBLIC = "https://mingbai.example"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
ARTICLE = "/articles/fake-police-safe-account"


def xml(document: str) -> ElementTree.Element:
    """Return a well-formed document's root."""
    return ElementTree.fromstring(document)  # noqa: S314  # our own answer


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
@pytest.mark.parametrize("path", ["/feed.xml", "/topics/fraud/feed.xml", "/topics/police-impersonation/feed.xml"])
def test_feeds_are_valid_atom(client: FlaskClient, path: str, locale: str, audience: str) -> None:
    answer = client.get(place(path, locale, audience))
    assert answer.mimetype == "application/atom+xml"
    root = xml(text(answer))
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    assert entries
    ids = [root.findtext(f"{ATOM}id"), *(entry.findtext(f"{ATOM}id") for entry in entries)]
    assert len(set(ids)) == len(ids)
    assert all(name and name.startswith(PUBLIC) for name in ids)
    for part in (root, *entries):
        for needed in ("id", "title", "updated"):
            assert part.findtext(f"{ATOM}{needed}"), needed
        moment = datetime.datetime.fromisoformat(part.findtext(f"{ATOM}updated") or "")
        assert moment.utcoffset() is not None
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == PUBLIC + place(path, locale, audience)
    assert client.get((links["alternate"] or "").removeprefix(PUBLIC)).status_code == 200
    for entry in entries:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert client.get((link.get("href") or "").removeprefix(PUBLIC)).status_code == 200
    read = feedparser.parse(text(answer))
    assert (read.bozo, read.version, len(read.entries)) == (False, "atom10", len(entries))
    newest = [entry.updated_parsed for entry in read.entries]
    assert newest == sorted(newest, reverse=True)


def test_an_empty_feed_and_hostile_titles(app: Flask, tmp_path: Path) -> None:
    client = take_in(app, tmp_path / "none", {})
    assert feedparser.parse(text(client.get("/feed.xml"))).bozo is False
    title = '"a <b> & ]]> \u202e \U0001f4b8"'
    client = take_in(app, tmp_path / "one", {"one": {"general.zh-Hans.md": edition(title=title)}})
    read = feedparser.parse(text(client.get("/feed.xml")), sanitize_html=False)
    assert (read.bozo, len(read.entries)) == (False, 1)
    root = xml(text(client.get("/feed.xml")))
    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "a <b> & ]]> \u202e \U0001f4b8"


def test_the_sitemap_is_reciprocal(client: FlaskClient) -> None:
    places = xml(text(client.get("/sitemap.xml"))).findall(f"{MAP}url")
    others = {
        place.findtext(f"{MAP}loc"): {link.get("hreflang"): link.get("href") for link in place.findall(LINK)}
        for place in places
    }
    assert len(others) == len(places)
    for url, languages in others.items():
        assert url in languages.values()
        for there in languages.values():
            assert others[there] == languages
    for url in others:
        assert url is not None
        assert url.startswith(PUBLIC)
        page = client.get(url.removeprefix(PUBLIC))
        assert (url, page.status_code) == (url, 200)
        assert attribute(text(page), r'rel="canonical" href="([^"]+)"') == [url]
    assert not [url for url in others if "/search" in str(url) or "/offline" in str(url)]
    english = [url for url in others if "/en/" in str(url) and "/articles/" in str(url)]
    assert len(english) == len(list((ROOT / "content/articles").glob("*/*.en.md"))) == 40


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_alternates_of_pages_answer_each_other(client: FlaskClient, locale: str, audience: str) -> None:
    for path in ("/", "/topics/fraud", "/hotlines", ARTICLE):
        page = text(client.get(place(path, locale, audience)))
        found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', page))
        assert set(found) == {"zh-Hans", "zh-Hant", "en"}
        for tag, url in found.items():
            assert url == PUBLIC + place(path, tag, audience)


def test_robots_may_read_the_pages(client: FlaskClient) -> None:
    lines = text(client.get("/robots.txt")).splitlines()
    assert lines[0] == "User-agent: *"
    kept_out = ["Disallow: /api/", "Disallow: /quizzes/attempts/", "Disallow: /events/registrations/"]
    assert lines[1:] == [*kept_out, f"Sitemap: {PUBLIC}/sitemap.xml"]


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_articles_describe_themselves(client: FlaskClient, locale: str, audience: str) -> None:
    page = text(client.get(place(ARTICLE, locale, audience)))
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    data = json.loads(blocks[0])
    assert (data["@context"], data["@type"]) == ("https://schema.org", "Article")
    title = html.unescape(re.sub(r"<[^>]+>", "", attribute(page, r"(?s)<h1>(.*?)</h1>")[0]))
    assert data["headline"] == title
    assert data["inLanguage"] == locale
    assert datetime.datetime.fromisoformat(data["datePublished"]).utcoffset() is not None
    assert datetime.date.fromisoformat(data["dateModified"])
    assert data["mainEntityOfPage"] == PUBLIC + place(ARTICLE, locale, audience)
    assert data["publisher"]["name"]
    graph = dict(re.findall(r'<meta property="og:([a-z_]+)" content="([^"]*)"', page))
    assert graph["url"] == data["mainEntityOfPage"]
    assert graph["type"] == "article"
    assert html.unescape(graph["title"]).startswith(title)
    assert graph["image"].startswith(PUBLIC)
    assert client.get(graph["image"].removeprefix(PUBLIC)).mimetype == "image/png"


def test_nothing_escapes_from_the_description(app: Flask, tmp_path: Path) -> None:
    title = "'</script><script>alert(1)</script>'"
    client = take_in(app, tmp_path / "p", {"one": {"general.zh-Hans.md": edition(title=title)}})
    page = text(client.get("/articles/one"))
    assert "<script>alert" not in page
    block = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0]
    assert json.loads(block)["headline"] == title.strip("'")


def drawn(svg: str) -> Image.Image:
    """Draw the path of a code as it was served: lines of one unit height, moved to and gone along."""
    root = xml(svg)
    width = int(float(root.get("width") or 0))
    scale = 6
    image = Image.new("L", (width, width), 255)
    pen = ImageDraw.Draw(image)
    path = next(one for one in root.iter("{http://www.w3.org/2000/svg}path") if one.get("stroke"))
    x = y = 0.0
    for command, numbers in _steps(path.get("d") or ""):
        if command in "Mm":
            x, y = (numbers[0], numbers[1]) if command == "M" else (x + numbers[0], y + numbers[1])
        else:
            end = x + numbers[0]
            pen.rectangle((x * scale, (y - 0.5) * scale, end * scale - 1, (y + 0.5) * scale - 1), fill=0)
            x = end
    return image


def _steps(path: str) -> Iterator[tuple[str, list[float]]]:
    for command, rest in re.findall(r"([Mmh])([^Mmh]*)", path):
        yield command, [float(number) for number in re.findall(r"-?\d*\.?\d+", rest)]


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_the_code_leads_to_the_page(client: FlaskClient, locale: str, audience: str) -> None:
    answer = client.get(place(ARTICLE + "/qr.svg", locale, audience))
    assert answer.mimetype == "image/svg+xml"
    picture = io.BytesIO()
    drawn(text(answer)).save(picture, "PNG")
    found = zxingcpp.read_barcodes(Image.open(picture))
    assert [code.text for code in found] == [PUBLIC + place(ARTICLE, locale, audience)]
    page = text(client.get(place(ARTICLE, locale, audience)))
    assert attribute(page, r'class="share__qr" src="([^"]+)"') == [place(ARTICLE + "/qr.svg", locale, audience)]


def test_health_and_the_service_worker(client: FlaskClient) -> None:
    health = client.get("/healthz")
    assert (health.get_json()["status"], health.headers["Cache-Control"]) == ("ok", "no-store")
    worker = client.get("/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "max-age=0" in worker.headers["Cache-Control"]
    assert client.get("/favicon.ico").headers["Location"].startswith("/static/favicon.svg")
