"""What a reader gets when the edition asked for is not there; and that drafts are nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.settings import ROOT
from portal.reading.views.pages import MOST_HOOKS
from tests.factories import edition
from tests.reading.helpers import EDITIONS, attribute, place, take_in, text

NOTE = r'(?s)class="notice notice--info"[^>]*role="note"[^>]*><p>(.*?)</p>'
CANONICAL = r'rel="canonical" href="[^"]*?:\d+([^"]+)"'
LANG = r'<article id="article" lang="([^"]+)"'


@pytest.fixture
def one(app: Flask, tmp_path: Path) -> FlaskClient:
    """Return a client of a site with one article in one edition."""
    return take_in(app, tmp_path / "p", {"one": {"general.zh-Hans.md": edition(title="网络诈骗")}})


@pytest.mark.parametrize(
    ("locale", "audience", "note"),
    [
        ("zh-Hans", "general", None),
        ("zh-Hans", "elderly", None),
        ("zh-Hans", "youth", None),
        ("zh-Hant", "general", None),
        ("en", "general", "This article is not available in English yet. Here is the Chinese text."),
        ("en", "youth", "This article is not available in English yet. Here is the Chinese text."),
    ],
)
def test_notes_say_what_is_shown(one: FlaskClient, locale: str, audience: str, note: str | None) -> None:
    page = text(one.get(place("/articles/one", locale, audience)))
    notes = attribute(page, NOTE)
    stands_in = (locale, audience) != ("zh-Hans", "general")
    assert len(notes) == int(stands_in)
    if locale == "en":
        assert notes == [note]
    canonical = place("/articles/one", "zh-Hant" if locale == "zh-Hant" else "zh-Hans", "general")
    assert attribute(page, CANONICAL) == [canonical]
    assert attribute(page, LANG) == ["zh-Hant" if locale == "zh-Hant" else "zh-Hans"]
    assert attribute(page, r'<html lang="([^"]+)"') == [locale]
    assert attribute(page, r'hreflang="([^"]+)" href="http') == ["zh-Hans", "zh-Hant"]


def test_the_note_is_in_the_readers_language(one: FlaskClient) -> None:
    notes = {where: attribute(text(one.get(place("/articles/one", *where))), NOTE) for where in EDITIONS}
    assert notes[("zh-Hans", "general")] == []
    kinds = {where: found[0] for where, found in notes.items() if found}
    assert len({kinds[("zh-Hans", who)] for who in ("elderly", "youth", "new-resident")}) == 3
    assert not {kinds[("zh-Hans", who)] for who in ("elderly", "youth")} & {kinds[("zh-Hant", "elderly")]}
    assert {kinds[("en", who)] for who in ("general", "youth")} == {
        "This article is not available in English yet. Here is the Chinese text."
    }


def test_a_converted_text_is_converted_whole(one: FlaskClient) -> None:
    page = text(one.get("/zh-Hant/articles/one"))
    assert attribute(page, r"<h1>([^<]+)</h1>") == ["網絡詐騙"]
    assert "没有“安全账户”" not in page
    assert "沒有“安全賬户”" in page or "沒有“安全賬戶”" in page
    assert attribute(page, NOTE)


def test_a_written_traditional_text_is_not_converted(app: Flask, tmp_path: Path) -> None:
    files = {"general.zh-Hans.md": edition(title="简体"), "general.zh-Hant.md": edition(title="網路詐騙")}
    page = text(take_in(app, tmp_path / "p", {"one": files}).get("/zh-Hant/articles/one"))
    assert attribute(page, r"<h1>([^<]+)</h1>") == ["網路詐騙"]
    assert attribute(page, NOTE) == []


def test_english_for_everybody_before_chinese_for_youth(app: Flask, tmp_path: Path) -> None:
    files = {"general.en.md": edition(title="Hang up"), "youth.zh-Hans.md": edition(title="挂断")}
    client = take_in(app, tmp_path / "p", {"one": files})
    page = text(client.get("/en/youth/articles/one"))
    assert attribute(page, r"<h1>([^<]+)</h1>") == ["Hang up"]
    assert attribute(page, CANONICAL) == ["/en/articles/one"]
    assert client.get("/articles/one").status_code == 404  # nothing Chinese for everybody
    assert client.get("/elderly/articles/one").status_code == 404


def test_lists_mark_texts_in_another_language(one: FlaskClient) -> None:
    for path in ("/en/", "/en/topics/fraud", "/en/search?q=安全账户"):
        assert 'lang="zh-Hans"' in text(one.get(path)).split("<main", 1)[1].split("</main>")[0]


def test_youth_home_lists_the_hooks(app: Flask, client: FlaskClient) -> None:
    page = text(client.get("/youth/"))
    shown = attribute(page, r'<a class="line" href="([^"]+)"')
    assert len(shown) == MOST_HOOKS < len(list((ROOT / "content/articles").iterdir()))
    assert len(set(shown)) == MOST_HOOKS
    assert set(shown) == {place("/articles/" + link.rsplit("/", 1)[1], audience="youth") for link in shown}
    assert all(client.get(link).status_code == 200 for link in shown)
    assert attribute(text(client.get("/")), r'class="line"') == []


DRAFT = "尚未发表的秘密"


def test_drafts_are_nowhere(app: Flask, tmp_path: Path) -> None:
    hidden = edition(title=DRAFT, summary=DRAFT, body=f"[一句话]\n{DRAFT}。\n[/]\n", status="draft")
    hooked = hidden.replace("status", f"hook: {DRAFT}\nstatus")
    articles = {
        "open": {"general.zh-Hans.md": edition(title="公开"), "elderly.zh-Hans.md": hidden, "youth.en.md": hidden},
        "secret": {"general.zh-Hans.md": hidden, "youth.zh-Hans.md": hooked},
    }
    client = take_in(app, tmp_path / "p", articles)
    places = ["/sitemap.xml", "/api/v1/articles?limit=100", "/api/v1/articles/open?audience=elderly"]
    for locale, audience in EDITIONS:
        paths = ["/", "/topics/", "/topics/fraud", "/topics/phone", "/feed.xml", "/topics/fraud/feed.xml"]
        paths.append("/articles/open")
        places += [place(path, locale, audience) for path in [*paths, f"/search?q={DRAFT}", "/search?q=秘密"]]
        for api in ("search", "suggest"):
            words = (DRAFT, "尚未", "swfb", "shangwei")
            places += [f"/api/v1/{api}?q={word}&locale={locale}&audience={audience}" for word in words]
        for tail in ("", "/qr.svg", "/leaflet"):
            assert client.get(place("/articles/secret" + tail, locale, audience)).status_code == 404
        assert client.get(f"/api/v1/articles/secret?audience={audience}&locale={locale}").status_code == 404
    for path in places:
        page = text(client.get(path))
        asked = page.replace(f"“{DRAFT}”", "").replace(f'value="{DRAFT}"', "").replace(f"“{DRAFT}", "")
        body = asked.split("<main", 1)[-1] if "<main" in asked else asked
        if "/search?q=" not in path:
            assert (path, DRAFT in body) == (path, False)
        assert (path, "secret" in body) == (path, False)
    listed = client.get("/api/v1/articles/open").get_json()["editions"]
    assert [(one["audience"], one["locale"]) for one in listed] == [("general", "zh-Hans")]
    assert client.get(f"/api/v1/search?q={DRAFT}").get_json()["total"] == 0


def test_what_is_withdrawn_is_gone_at_once(app: Flask, tmp_path: Path) -> None:
    client = take_in(app, tmp_path / "a", {"one": {"general.zh-Hans.md": edition()}})
    assert client.get("/articles/one").status_code == 200
    client = take_in(app, tmp_path / "b", {"one": {"general.zh-Hans.md": edition(status="draft")}})
    assert client.get("/articles/one").status_code == 404
    for path in ("/", "/sitemap.xml", "/feed.xml"):
        assert "/articles/one" not in text(client.get(path))
    client = take_in(app, tmp_path / "c", {"one": {"general.zh-Hans.md": edition(title="回来了")}})
    assert "回来了" in text(client.get("/articles/one"))
